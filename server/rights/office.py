"""Use cases of privacy officers: the work list of requests, and the watch over their clocks.

Every change says which revision its officer saw. Of two at once the second is told what happened meanwhile, and nothing
of theirs is written over what the first did. The clock lies in the store, so it goes on while no server runs.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.background import Background
from server.kernel.disclosure import Passes
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ports import Clock
from server.kernel.text import Numbering, RawText, RedactedText
from server.rights.model import (
    MAX_ANSWER,
    MAX_NOTE,
    MOST_NOTES,
    MOVES,
    WARN_BEFORE,
    Note,
    Reason,
    Request,
    State,
    Step,
    Warned,
    warning_due,
)
from server.rights.service import Bell, Requests, RequestStore, ended

logger = logging.getLogger("amanah.rights")

_LOOK_S: Final = 15.0
_PATIENCE: Final = timedelta(minutes=1)
"""Whoever takes a request in tells of it at once; after this time they are taken for gone."""
_FOR_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_SYSTEM: Final = "system"
_TELLS: Final = {Warned.NEAR: "near", Warned.LATE: "late"}


class WorkStore(RequestStore, Protocol):
    """What the office needs of `rights.store` besides."""

    async def warn(self, request: Request, reached: Warned) -> bool: ...
    async def unannounced(self, before: datetime) -> list[Request]: ...


class Office:
    """Requests, as privacy officers see them.

    Args:
        store: where they are kept.
        requests: tells people how far theirs are.
        intake: the gate.
        bell: tells officers.
        passes: insists on training.
        belongs: says of an address whether it is that of an account; asked for officers alone.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: WorkStore,
        requests: Requests,
        intake: Intake,
        bell: Bell,
        passes: Passes,
        belongs: Callable[[str], Awaitable[bool]],
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._requests = requests
        self._intake = intake
        self._bell = bell
        self._passes = passes
        self._belongs = belongs
        self._audit = audit
        self._clock = clock
        self._watch = Background()

    # --- reading ----------------------------------------------------------------------------------------------------

    async def waiting(self, officer: Actor) -> list[Request]:
        """Give what waits for an answer, what is due first at the top.

        Raises:
            NotPermitted: not an officer, or without current training.
        """
        await self._require(officer)
        found = await self._store.waiting(_FOR_EVER)
        return [one for one in found if one.person_id != officer.account_id]

    async def ended(self, officer: Actor, month: str) -> list[Request]:
        """Give what began in a month and is ended, the newest first.

        Raises:
            NotPermitted: see `waiting`.
        """
        await self._require(officer)
        found = await self._store.of_month(month)
        theirs = [one for one in found if not one.is_waiting and one.person_id != officer.account_id]
        return sorted(theirs, key=lambda request: request.id, reverse=True)

    async def get(self, officer: Actor, request_id: str) -> Request:
        """Give one.

        Raises:
            NotPermitted: see `waiting`; or it is their own, which another officer answers.
            NotFound: there is none, or nobody has confirmed it.
        """
        await self._require(officer)
        request = await self._found(request_id)
        if request.person_id == officer.account_id:
            raise NotPermitted
        return request

    async def has_account(self, officer: Actor, request: Request) -> bool:
        """Whether the confirmed address of somebody who wrote without an account is that of one.

        Raises:
            NotPermitted: see `waiting`.
        """
        await self._require(officer)
        return bool(request.address) and await self._belongs(request.address)

    # --- working ----------------------------------------------------------------------------------------------------

    async def take(self, officer: Actor, request_id: str, revision: int) -> Request:
        """Take a request; also from another officer, who sees it.

        Raises:
            NotPermitted, NotFound: see `get`.
            Conflict: it is ended, or was changed since the officer saw it; `fields` says which.
        """
        request = await self._seen(officer, request_id, revision)
        _require_move(request, State.TAKEN)
        now = self._clock()
        steps = request.steps if request.state is State.TAKEN else (*request.steps, Step(State.TAKEN, now))
        taken = replace(request, state=State.TAKEN, holder=officer.account_id, steps=steps)
        after = await self._written("rights:request:taken", officer, taken)
        if request.state is not State.TAKEN:
            await self._requests.tell_of(after)
        return after

    async def release(self, officer: Actor, request_id: str, revision: int) -> Request:
        """Give a request that one has taken back to the others.

        Raises:
            NotPermitted, NotFound, Conflict: see `take`.
        """
        request = await self._seen(officer, request_id, revision)
        _require_move(request, State.RECEIVED)
        released = replace(request, state=State.RECEIVED, holder="")
        return await self._written("rights:request:released", officer, released)

    async def note(self, officer: Actor, request_id: str, revision: int, text: RawText) -> Request:
        """Write something down for officers.

        Raises:
            NotPermitted, NotFound, Conflict: see `take`.
            InvalidInput: the text is refused, or there are too many notes.
            RedactionUnavailable: nothing was taken in.
        """
        request = await self._seen(officer, request_id, revision)
        if len(request.notes) >= MOST_NOTES:
            raise InvalidInput(fields={"note": "too_many"})
        words = await self._words(officer, request_id, text, "note", MAX_NOTE)
        note = Note(officer.account_id, self._clock(), words)
        return await self._written("rights:request:noted", officer, replace(request, notes=(*request.notes, note)))

    async def answer(self, officer: Actor, request_id: str, revision: int, text: RawText) -> Request:
        """Answer a request: it is done.

        Raises:
            NotPermitted, NotFound, Conflict: see `take`.
            InvalidInput: the text is missing or refused.
            RedactionUnavailable: nothing was taken in.
        """
        return await self._finish(officer, request_id, revision, text, None)

    async def refuse(self, officer: Actor, request_id: str, revision: int, reason: Reason, text: RawText) -> Request:
        """Refuse a request, with a reason and in words.

        Raises:
            NotPermitted, NotFound, Conflict, InvalidInput, RedactionUnavailable: see `answer`.
        """
        return await self._finish(officer, request_id, revision, text, reason)

    async def _finish(
        self, officer: Actor, request_id: str, revision: int, text: RawText, reason: Reason | None
    ) -> Request:
        request = await self._seen(officer, request_id, revision)
        state = State.DONE if reason is None else State.REFUSED
        _require_move(request, state)
        words = await self._words(officer, request_id, text, "answer", MAX_ANSWER)
        if not request.person_id:
            # First the letter: with the end the address is gone. One that turns out needless says nothing wrong.
            await self._requests.tell_of(request)
        held = replace(request, holder=officer.account_id)
        action = "rights:request:answered" if reason is None else "rights:request:refused"
        after = await self._written(action, officer, ended(held, state, self._clock(), answer=words, reason=reason))
        if request.person_id:
            await self._requests.tell_of(after)
        return after

    # --- the watch --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to watch over clocks, with what fell due while nobody did."""
        self._watch.start(self._go_on(), name="rights-clocks")

    async def close(self) -> None:
        """End; what is under way is done by the next who watches."""
        await self._watch.stop()

    async def round(self) -> int:
        """Tell officers of what nobody told them of, and of each clock that is about to run out, or has; how often.

        Who was told just before a kill may be told again.

        Raises:
            Unavailable: the store does not answer.
        """
        now, told = self._clock(), 0
        for request in await self._store.unannounced(now - _PATIENCE):
            await self._requests.announce(request)
            told += 1
        for request in await self._store.waiting(now + WARN_BEFORE):
            reached = warning_due(request, now)
            if reached is Warned.NOT:
                continue
            await self._bell.tell_officers(_TELLS[reached], request.id)
            if await self._store.warn(request, reached):
                entry = AuditEntry("rights:request:warned", _SYSTEM, (request.id,), now, {"step": int(reached)})
                await self._audit.append([entry])
                told += 1
        return told

    async def _go_on(self) -> None:
        while True:
            try:
                await self.round()
            except Exception as error:
                logger.warning("clocks of requests can't be watched: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_S)

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _require(self, officer: Actor) -> None:
        if officer.role is not Role.PRIVACY_OFFICER:
            raise NotPermitted
        await self._passes.require(officer)

    async def _found(self, request_id: str) -> Request:
        request = await self._store.find(request_id)
        if request is None or request.state is State.UNCONFIRMED:
            raise NotFound
        return request

    async def _seen(self, officer: Actor, request_id: str, revision: int) -> Request:
        """Give a request if it is as the officer saw it."""
        request = await self.get(officer, request_id)
        if request.revision != revision:
            raise _what_happened(request)
        return request

    async def _written(self, action: str, officer: Actor, after: Request) -> Request:
        """Write the next revision and its entry in the trail. An officer works on it, so nobody has to be told of it.

        Raises:
            Conflict: somebody was quicker.
        """
        after = replace(after, revision=after.revision + 1, unannounced=False)
        entry = AuditEntry(action, officer.account_id, (after.id,), self._clock())
        async with self._audit.promises.around([entry]):
            if not await self._store.replace(after):
                raise _what_happened(await self._found(after.id))
        return after

    async def _words(self, officer: Actor, scope: str, text: RawText, field: str, longest: int) -> RedactedText:
        admitted = await self._intake.admit(
            text, scope=scope, field=field, max_length=longest, sender=officer.account_id
        )
        return admitted.fill(Numbering()).text


def _require_move(request: Request, state: State) -> None:
    if state not in MOVES[request.state]:
        raise _what_happened(request)


def _what_happened(request: Request) -> Conflict:
    """Say why a change was not made, by what the request is now."""
    if request.state is State.WITHDRAWN:
        return Conflict(fields={"request": "request_withdrawn"})
    if not request.is_waiting:
        return Conflict(fields={"request": "request_ended"})
    if request.state is State.TAKEN:
        return Conflict(fields={"request": "request_taken"})
    return Conflict(fields={"request": "request_changed"})
