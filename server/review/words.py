"""The list of watched words, and looking for them. Kept in memory, read anew when it changes."""

from typing import Protocol

from moderation.watched import Watch, WatchedWord, WatchList, fold_word
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ports import Clock
from server.kernel.text import Hidden, RawText

MOST_WORDS = 2_000
MAX_TYPED = 80


class WordStore(Protocol):
    """What the service needs from its store."""

    async def words(self) -> list[WatchedWord]: ...
    async def set_word(self, entry: WatchedWord) -> None: ...
    async def remove_word(self, word: str) -> bool: ...


class WatchedWords:
    """The list."""

    def __init__(self, store: WordStore, intake: Intake, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._intake = intake
        self._audit = audit
        self._clock = clock
        self._entries: list[WatchedWord] = []
        self.list = WatchList(())

    async def start(self) -> None:
        """Read the list.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._read()

    @property
    def entries(self) -> tuple[WatchedWord, ...]:
        """All, in the order of the alphabet."""
        return tuple(self._entries)

    async def set(self, actor: Actor, typed: RawText, action: Watch) -> WatchedWord:
        """Put a word on the list, or set another action for it.

        Raises:
            InvalidInput: nothing of it could be found, it identifies somebody, or the list is full.
            RedactionUnavailable, Unavailable: nothing was changed.
        """
        entry = WatchedWord(await self._word(actor, typed), action)
        if len(self._entries) >= MOST_WORDS:
            raise InvalidInput(fields={"word": "too_many"})
        await self._store.set_word(entry)
        await self._read()
        await self._append("review:word:set", actor)
        return entry

    async def remove(self, actor: Actor, typed: RawText) -> None:
        """Take a word off the list.

        Raises:
            NotFound: it is not on the list.
            InvalidInput, RedactionUnavailable, Unavailable: nothing was changed.
        """
        if not await self._store.remove_word(await self._word(actor, typed)):
            raise NotFound
        await self._read()
        await self._append("review:word:removed", actor)

    async def _word(self, actor: Actor, typed: RawText) -> str:
        """Through the gate like any text: nobody's name becomes a watched word."""
        template = await self._intake.admit(
            typed, scope="watched-words", field="word", max_length=MAX_TYPED, sender=actor.account_id
        )
        pieces: list[str] = []
        for part in template.parts:
            if isinstance(part, Hidden):
                raise InvalidInput(fields={"word": "identifies"})
            pieces.append(part)
        word = fold_word("".join(pieces))
        if word is None:
            raise InvalidInput(fields={"word": "malformed"})
        return word

    async def _read(self) -> None:
        self._entries = await self._store.words()
        self.list = WatchList(self._entries)

    async def _append(self, action: str, actor: Actor) -> None:
        await self._audit.append(
            [AuditEntry(action, actor.account_id, (), self._clock(), {"words": len(self._entries)})]
        )
