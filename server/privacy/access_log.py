"""The access log of a person: who of staff looked at what of theirs, when, for which purpose (promises K3 and S5).

Whatever shows staff something of a person's asks `AccessLog.record` first; what can't be recorded is not shown. The
first look of a session at a thing is written down at once, what follows within the hour is counted in memory and the
count is saved in the background: the hot path of a chat waits for nothing here. Must not hold or see content.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor, Role
from server.kernel.background import Background
from server.kernel.disclosure import Purpose
from server.kernel.errors import DomainError
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter

logger = logging.getLogger(__name__)

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "conversation:read": "Messages of a conversation were shown.",
        "break_glass:opened": "A conversation was opened by way of exception.",
        "file:opened": "A sealed file was opened.",
        "field:revealed": "A sealed field was shown.",
        "data:exported": "Data were exported.",
    }
)
"""What may stand in the log -> what it means."""

_SAME_LOOK = timedelta(hours=1)
_SAVE_EVERY_S = 30.0
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at something of a person's, once or several times within an hour.

    Attributes:
        id: opaque; sorts by time.
        person_id: whose it is.
        actor_id: who looked.
        role: what they were then.
        action: one of `ACTIONS`.
        object_id: of what was shown.
        purpose: what for.
        at: first time, aware, UTC.
        last_at: last time.
        count: how often, at least: what a crash interrupts is not counted on.
    """

    id: str
    person_id: str
    actor_id: str
    role: Role
    action: str
    object_id: str
    purpose: Purpose
    at: datetime
    last_at: datetime
    count: int = 1


class LookStore(Protocol):
    """What the log needs from its store."""

    async def insert(self, looks: Sequence[Look]) -> None: ...
    async def save_counts(self, looks: Sequence[Look]) -> None: ...
    async def newest(self, person_id: str, before_id: str | None, limit: int) -> list[Look]: ...
    async def hand_over(self, person_id: str, to_person_id: str) -> None: ...


_Key = tuple[str, str, str, Purpose]

Watcher = Callable[[str, Purpose], None]
"""Is told of each look that was written down: what was done and what for, not by whom nor with whose data."""


class AccessLog:
    """The access logs of all persons. Fills `kernel.disclosure.AccessLog`."""

    def __init__(self, store: LookStore, audit: AuditTrail, limiter: Limiter, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._recent: OrderedDict[_Key, Look] = OrderedDict()
        self._writing: dict[_Key, asyncio.Task[Look]] = {}
        self._together: list[Look] = []
        self._group: asyncio.Task[None] | None = None
        """Writes what is together, as soon as everything else had its turn and what was before is written."""
        self._turn = asyncio.Lock()
        self._uncounted: dict[str, Look] = {}
        self._background = Background()
        self._watcher: Watcher | None = None

    def watch(self, watcher: "Watcher") -> None:
        """Say who counts looks."""
        self._watcher = watcher

    def start(self) -> None:
        """Begin to save counts."""
        self._background.start(self._save_now_and_then(), name="access-log")

    async def close(self) -> None:
        """Save all counts."""
        await self._background.stop()
        with suppress(DomainError):
            await self._save()

    async def record(self, actor: Actor, *, person_id: str, action: str, object_id: str, purpose: Purpose) -> None:
        """Record a look. See `kernel.disclosure.AccessLog`.

        Raises:
            ValueError: the action is not one of `ACTIONS`.
            Unavailable: it could not be recorded.
        """
        if action not in ACTIONS:
            raise ValueError("not an action of the access log")
        key = (actor.session_id or actor.account_id, action, object_id, purpose)
        now = self._clock()
        known = self._recent.get(key)
        if known is not None and now - known.at < _SAME_LOOK:
            counted = replace(known, count=known.count + 1, last_at=now)
            self._recent[key] = self._uncounted[counted.id] = counted
            return
        writing = self._writing.get(key)
        if writing is None:
            look = Look(new_id(), person_id, actor.account_id, actor.role, action, object_id, purpose, now, now)
            writing = self._writing[key] = asyncio.create_task(self._write(key, look))
            writing.add_done_callback(lambda done: self._written(key, done))
        await asyncio.shield(writing)

    async def hand_over(self, _conversation_id: str, from_account_id: str, to_account_id: str) -> None:
        """Show who looked at what was a visitor's to the account that the visitor has now. Safe to repeat.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._store.hand_over(from_account_id, to_account_id)

    async def of_person(self, actor: Actor, *, before_id: str | None, limit: int) -> Sequence[Look]:
        """Give who looked at what is the actor's, newest first.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        found = await self._store.newest(actor.account_id, before_id, limit)
        return [self._uncounted.get(look.id, look) for look in found]

    async def _write(self, key: _Key, look: Look) -> Look:
        self._together.append(look)
        if self._group is None:
            self._group = asyncio.create_task(self._write_together())
        await asyncio.shield(self._group)
        self._recent[key] = look
        self._recent.move_to_end(key)
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        return look

    async def _write_together(self) -> None:
        """Write what was asked for at the same moment, or while others were written, with one command."""
        async with self._turn:
            looks, self._together, self._group = self._together, [], None
            await self._store.insert(looks)
        entries = []
        for look in looks:
            if self._watcher is not None:
                self._watcher(look.action, look.purpose)
            objects = (look.object_id, look.id)
            entries.append(AuditEntry("privacy:access:recorded", look.actor_id, objects, look.at))
        await self._audit.append(entries)

    def _written(self, key: _Key, task: "asyncio.Task[Look]") -> None:
        """Whoever asked may be gone: the outcome is looked at here, so that no error is left unseen."""
        del self._writing[key]
        if not task.cancelled():
            task.exception()

    async def _save_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_EVERY_S)
            try:
                await self._save()
            except DomainError:
                logger.warning("saving counts of the access log failed; it will be tried again")
            except Exception as error:
                logger.error("saving counts of the access log failed: %s", type(error).__name__)

    async def _save(self) -> None:
        looks, self._uncounted = list(self._uncounted.values()), {}
        if not looks:
            return
        try:
            await self._store.save_counts(looks)
        except BaseException:
            self._uncounted = {**{look.id: look for look in looks}, **self._uncounted}
            raise
