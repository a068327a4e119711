"""Restrictions and objections: what people have stopped, durable, and answered from memory.

Each change is a document of its own under the person and the use, so that two at once never undo each other. Another
server on the same store hears of a change within seconds. Must not know what any use does.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import DomainError
from server.kernel.ports import Clock, Limiter
from server.kernel.restraint import Restrained, Use

logger = logging.getLogger(__name__)

_LOOK_AGAIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Restraint:
    """Somebody has stopped a use.

    Attributes:
        person_id: who.
        use: which.
        at: since when, aware, UTC.
    """

    person_id: str
    use: Use
    at: datetime


Changed = Callable[[str], Awaitable[None]]
"""Hears that somebody has stopped a use, or allows it again."""


class RestraintStore(Protocol):
    """What is needed of `rights.store`."""

    async def all(self) -> list[Restraint]: ...
    async def of_person(self, person_id: str) -> list[Restraint]: ...
    async def put(self, restraint: Restraint) -> bool: ...
    async def drop(self, person_id: str, use: Use) -> bool: ...


class StandingRestraints:
    """Fills `kernel.restraint.Restraints`.

    Args:
        store: where they are kept.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
        alone: whether no other server has the same store.
    """

    def __init__(
        self, store: RestraintStore, audit: AuditTrail, limiter: Limiter, clock: Clock, *, alone: bool
    ) -> None:
        self._store = store
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._alone = alone
        self._standing: dict[str, dict[Use, datetime]] = {}
        self._changes = 0
        self._listeners: list[Changed] = []
        self._background = Background()

    def on_changed(self, callback: Changed) -> None:
        """Ask to be told, in this process, of people who stop a use or allow it again."""
        self._listeners.append(callback)

    async def start(self) -> None:
        """Read what stands, before anything is used.

        Raises:
            Unavailable: the store does not answer.
        """
        await self.refresh()
        if not self._alone:
            self._background.start(self._look_again(), name="restraints")

    async def close(self) -> None:
        """Stop."""
        await self._background.stop()

    # --- asked by whoever uses data ---------------------------------------------------------------------------------

    def stands(self, person_id: str, use: Use) -> bool:
        """See `kernel.restraint.Restraints`."""
        found = self._standing.get(person_id)
        return found is not None and (use in found or Use.ALL in found)

    def require(self, person_id: str, use: Use) -> None:
        """See `kernel.restraint.Restraints`."""
        if self.stands(person_id, use):
            raise Restrained

    def of(self, person_id: str) -> Mapping[Use, datetime]:
        """Give what a person has stopped, and since when."""
        return dict(self._standing.get(person_id, {}))

    # --- said by people ---------------------------------------------------------------------------------------------

    async def choose(self, actor: Actor, use: Use, *, stopped: bool) -> None:
        """Stop a use of what is one's own, or allow it again. It holds when this returns.

        Raises:
            RateLimited: too often.
            Unavailable: the store does not answer.
        """
        await self._limiter.spend("rights", actor.account_id)
        await self._set(actor.account_id, actor.account_id, use, stopped=stopped)

    async def impose(self, officer: Actor, person_id: str, use: Use, *, stopped: bool) -> None:
        """Stop a use on somebody's request, or allow it again; for privacy officers, who must be checked before."""
        await self._set(officer.account_id, person_id, use, stopped=stopped)

    async def forget(self, person_id: str) -> int:
        """Drop all that stands for a person who is erased; say how many there were. Safe to repeat."""
        dropped = 0
        for use in Use:
            dropped += await self._store.drop(person_id, use)
        self._changes += 1
        self._standing.pop(person_id, None)
        return dropped

    async def refresh(self) -> None:
        """Read all anew: there are few.

        Raises:
            Unavailable: the store does not answer.
        """
        while True:
            before = self._changes
            found = await self._store.all()
            if before == self._changes:
                break
        self._standing = _by_person(found)

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _set(self, actor_id: str, person_id: str, use: Use, *, stopped: bool) -> None:
        at = self._clock()
        if stopped:
            changed = await self._store.put(Restraint(person_id, use, at))
            self._changes += 1
            self._standing.setdefault(person_id, {}).setdefault(use, at)
        else:
            changed = await self._store.drop(person_id, use)
            self._changes += 1
            left = self._standing.get(person_id, {})
            left.pop(use, None)
            if not left:
                self._standing.pop(person_id, None)
        if changed:
            action = "rights:restraint:set" if stopped else "rights:restraint:lifted"
            await self._audit.append([AuditEntry(action, actor_id, (person_id, use.value), at)])
            for callback in self._listeners:
                await callback(person_id)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_AGAIN_S)
            try:
                await self.refresh()
            except DomainError:
                logger.warning("reading restraints failed; it will be tried again")
            except Exception as error:
                logger.error("reading restraints failed: %s", type(error).__name__)


def _by_person(found: Collection[Restraint]) -> dict[str, dict[Use, datetime]]:
    standing: dict[str, dict[Use, datetime]] = {}
    for one in found:
        standing.setdefault(one.person_id, {})[one.use] = one.at
    return standing
