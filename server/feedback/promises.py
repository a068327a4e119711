"""What is promised at the moment, and in which hours: kept in the store, changed by administrators.

Fills `ports.ClockKeeper` for everybody who changes items. Clocks of items that run already keep the time they were
promised; hours and the people who are told change for them too (`deadlines`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

import orjson

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.clocks import Clocks
from server.feedback.model import Kind, Priority, State
from server.feedback.policy import Policy
from server.feedback.terms import Terms
from server.kernel.actor import STAFF_ROLES, Actor, Role
from server.kernel.errors import InvalidInput
from server.kernel.feast_days import FeastDays, is_known
from server.kernel.ports import Clock
from server.kernel.worktime import Calendar, Hours

T = TypeVar("T")


class TermStore(Protocol):
    """Where terms are kept; `promise_store` says what each does."""

    async def load(self) -> tuple[str, int] | None: ...
    async def save(self, terms: str, version: int) -> bool: ...


RoleOf = Callable[[str], Awaitable[Role | None]]
"""Gives the role of an account that may come in."""


class Promises:
    """Fills `ports.ClockKeeper`, with the terms that hold at the moment.

    Args:
        store: where terms are kept once somebody changed them.
        usual: what holds until then.
        role_of: knows staff.
        audit: the trail.
        clock: the time.
    """

    def __init__(self, store: TermStore, usual: Terms, role_of: RoleOf, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._role_of = role_of
        self._audit = audit
        self._now = clock
        self._turn = asyncio.Lock()
        self.version = 0
        self._take(usual, 0)

    def _take(self, terms: Terms, version: int) -> None:
        self._feasts = FeastDays(terms.hours.country)
        self.terms = terms
        self.version = version
        self.calendar = Calendar(terms.hours, self._feasts)
        self.clocks = Clocks(terms.policy, self.calendar)

    async def refresh(self) -> bool:
        """Take up what was changed, here or by another process; say whether anything was.

        Raises:
            Unavailable: the store does not answer.
        """
        found = await self._store.load()
        changed = found is not None and found[1] != self.version
        if found is not None and changed:
            self._take(Terms.parse(orjson.loads(found[0])), found[1])
        return changed

    async def prepare(self) -> None:
        """Work out feasts ahead, in a thread: the first time costs some tenths of a second."""
        year = self._now().year
        await asyncio.to_thread(self._feasts.prepare, (year, year + 1))

    async def change(
        self, actor: Actor, *, policy: Mapping[str, Any] | None = None, hours: Mapping[str, Any] | None = None
    ) -> Terms:
        """Change what is promised, or the hours; what is None stays.

        Raises:
            InvalidInput: something can't be used; `fields` says which of the two.
            Unavailable: the store does not answer.
        """
        async with self._turn:
            await self.refresh()
            wanted = Terms(
                self.terms.policy if policy is None else _read("policy", lambda: Policy.parse(policy)),
                self.terms.hours if hours is None else _read("hours", lambda: Hours.parse(hours)),
            )
            if not await asyncio.to_thread(is_known, wanted.hours.country):
                raise InvalidInput(fields={"hours": "malformed"})
            await self._require_staff(wanted.policy)
            text = orjson.dumps(wanted.document(), option=orjson.OPT_SORT_KEYS).decode()
            if not await self._store.save(text, self.version + 1):
                raise InvalidInput(fields={"policy": "changed_meanwhile"})
            await self._audit.append(
                [
                    AuditEntry(
                        "feedback:promises:changed", actor.account_id, (), self._now(), {"version": self.version + 1}
                    )
                ]
            )
            await self.refresh()
            await self.prepare()
            return self.terms

    async def _require_staff(self, policy: Policy) -> None:
        people: Iterable[str] = {*policy.wardens, *(one for level in policy.levels for one in level.people)}
        for account_id in people:
            if await self._role_of(account_id) not in STAFF_ROLES:
                raise InvalidInput(fields={"policy": "not_staff"})

    # --- ports.ClockKeeper -----------------------------------------------------------------------------------------

    def start(self, kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any] | None:
        """See `ports.ClockKeeper`."""
        return self.clocks.start(kind, priority, at)

    def follow(self, clock: Mapping[str, Any], kind: Kind, before: State, to: State, at: datetime) -> Mapping[str, Any]:
        """See `ports.ClockKeeper`."""
        return self.clocks.follow(clock, kind, before, to, at)

    def reprioritise(self, clock: Mapping[str, Any], kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any]:
        """See `ports.ClockKeeper`."""
        return self.clocks.reprioritise(clock, kind, priority, at)

    def due(self, clock: Mapping[str, Any]) -> datetime | None:
        """See `ports.ClockKeeper`."""
        return self.clocks.due(clock)

    def standing(self, clock: Mapping[str, Any], at: datetime) -> str:
        """See `ports.ClockKeeper`."""
        return self.clocks.standing(clock, at)


def _read(field: str, reading: Callable[[], T]) -> T:
    try:
        return reading()
    except (ValueError, TypeError):
        raise InvalidInput(fields={field: "malformed"}) from None
