"""Notes that staff write for each other beside a conversation: through the gate, with the conversation's own numbers.

Only who may read the conversation now reads its notes; only who takes part writes them. The customer never sees one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.model import Conversation
from server.chat.numbers import Numbers
from server.desk.cases import Cases
from server.desk.door import Door
from server.desk.model import Note, NoteWritten
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict
from server.kernel.ports import Clock, Directory, EventSink, Limiter
from server.kernel.text import RawText

_TRIES: Final = 20
_MOST: Final = 1_000
"""Notes of one case that are given at once: the last ones."""


class NoteStore(Protocol):
    """Where notes are kept; `case_store` says what each does."""

    async def add_note(self, note: Note) -> bool: ...
    async def notes(self, conversation_id: str, numbers: Sequence[int]) -> list[Note]: ...


class Notes:
    """Writes and reads them."""

    def __init__(
        self,
        door: Door,
        cases: Cases,
        store: NoteStore,
        numbers: Numbers,
        intake: Intake,
        directory: Directory,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._door = door
        self._cases = cases
        self._store = store
        self._numbers = numbers
        self._intake = intake
        self._directory = directory
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock
        self._listeners: list[Callable[[Note], None]] = []

    def on_written(self, listener: Callable[[Note], None]) -> None:
        """Ask to be told of every note."""
        self._listeners.append(listener)

    async def write(self, actor: Actor, case_id: str, text: RawText) -> Note:
        """Write a note.

        Raises:
            NotFound, NotPermitted: the actor takes no part in it.
            InvalidInput, RateLimited, RedactionUnavailable: see the gate; nothing is stored.
        """
        conversation = await self._door.written(actor, case_id)
        await self._limiter.spend("message", actor.account_id)
        people = await self._door.people([conversation])
        people[actor.account_id] = actor
        names = [person.display_name for person in people.values() if person.role is not Role.VISITOR]
        template = await self._intake.admit(
            text,
            scope=conversation.id,
            known_names=names,
            sender=actor.account_id,
            taught=await self._numbers.taught(conversation.id),
        )
        numbered = await self._numbers.fill(conversation.id, template)
        conversation = await self._door.written(actor, case_id)
        number = (await self._cases.row(conversation)).case.notes + 1
        for attempt in range(_TRIES):
            note = Note(
                conversation.id,
                number + attempt,
                conversation.last_seq,
                actor.account_id,
                numbered.text,
                numbered.redactions,
                self._clock(),
            )
            if await self._store.add_note(note):
                break
        else:
            raise Conflict
        counted = note.number
        row = await self._cases.change(conversation, lambda case: replace(case, notes=max(case.notes, counted)))
        counts = {"number": note.number, "hidden": len(note.redactions)}
        await self._audit.append(
            [AuditEntry("desk:note:written", actor.account_id, (conversation.id, note.id), note.created_at, counts)]
        )
        for listener in self._listeners:
            listener(note)
        await self._sink.publish([NoteWritten(note, row)])
        return note

    async def read(self, actor: Actor, case_id: str) -> list[Note]:
        """Give the notes of a case, oldest first.

        Raises:
            NotFound: the actor may not read the conversation.
        """
        conversation = await self._door.read(actor, case_id)
        await self._limiter.spend("reading", actor.account_id)
        return await self.of(conversation)

    async def of(self, conversation: Conversation) -> list[Note]:
        """Give the notes of a conversation, whoever asks; also one that a crash left uncounted."""
        last = (await self._cases.row(conversation)).case.notes + 1
        return await self._store.notes(conversation.id, range(max(1, last - _MOST), last + 1))

    async def authors(self, notes: Collection[Note]) -> Mapping[str, Actor]:
        """Give who wrote some notes, for display."""
        return await self._directory.actors(sorted({note.author_id for note in notes}))
