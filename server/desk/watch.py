"""Watches over what the desk promises, and hands out what nobody has. In the background, without content.

One process at a time tells, whoever holds the lease; after a kill the next one does. Whoever was told just before the
kill may be told again. Only open cases have anything to tell, and they are in memory.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.desk import clocks
from server.desk.agents import Agents
from server.desk.cases import Cases
from server.desk.clocks import LATE, WARNING, Aim, Clock, Terms
from server.desk.model import Case, Row
from server.desk.settings import DeskSettings
from server.kernel.background import Background
from server.kernel.ids import new_id
from server.kernel.ports import Clock as Time

logger = logging.getLogger("amanah.desk")

_LOOK_S: Final = 2.0
_SETTINGS_EVERY: Final = 15
"""Rounds after which it is looked whether another process changed the settings."""

_LEASE: Final = timedelta(seconds=20)
_LEASE_NAME: Final = "watching"


class Alarm(Protocol):
    """Tells staff, without content."""

    async def due(self, account_ids: Sequence[str], case_id: str, *, late: bool) -> None: ...


class Leases(Protocol):
    """Lets one process at a time do something; `office_store` does."""

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> str | None: ...


People = Callable[[], Awaitable[Sequence[str]]]
"""Gives accounts of staff who may come in."""


class Watch:
    """The watch.

    Args:
        agents: hands out; is told where nobody has a case.
        admins: are told of what is late for long.
    """

    def __init__(
        self,
        cases: Cases,
        settings: DeskSettings,
        agents: Agents,
        leases: Leases,
        alarm: Alarm,
        everybody: People,
        admins: People,
        audit: AuditTrail,
        clock: Time,
    ) -> None:
        self._cases = cases
        self._settings = settings
        self._agents = agents
        self._leases = leases
        self._alarm = alarm
        self._everybody = everybody
        self._admins = admins
        self._audit = audit
        self._clock = clock
        self._holder = new_id()
        self._known: dict[str, tuple[Clock, Terms, datetime | None]] = {}
        self._background = Background()

    def start(self) -> None:
        """Begin."""
        self._background.start(self._go_on(), name="desk-watch")

    async def close(self) -> None:
        """End."""
        await self._background.stop()

    async def _go_on(self) -> None:
        rounds = 0
        while True:
            try:
                if rounds % _SETTINGS_EVERY == 0:
                    await self._settings.refresh()
                await self.round()
                await self._agents.hand_out()
            except Exception as error:
                logger.warning("the desk can't be watched: %s", type(error).__name__)
            rounds += 1
            await asyncio.sleep(_LOOK_S)

    async def round(self) -> int:
        """Tell what is to be told by now; give how often somebody was told.

        Raises:
            Unavailable: the store does not answer.
        """
        now = self._clock()
        due = [row for row in self._cases.board if self._is_due(row, now)]
        self._known = {case_id: known for case_id, known in self._known.items() if self._cases.board.get(case_id)}
        if not due or await self._leases.take_lease(_LEASE_NAME, self._holder, now, now + _LEASE) is None:
            return 0
        return sum([await self._tell(row, now) for row in due])

    def _is_due(self, row: Row, now: datetime) -> bool:
        """Whether there is something to tell; worked out once for each state of a clock."""
        case, rules = row.case, self._settings.rules()
        terms = rules.terms[case.priority]
        known = self._known.get(case.id)
        if known is None or known[0] is not case.clock or known[1] is not terms:
            known = (case.clock, terms, clocks.watch_at(case.clock, terms, rules.time))
            self._known[case.id] = known
        return known[2] is not None and known[2] <= now

    async def _tell(self, row: Row, now: datetime) -> int:
        rules = self._settings.rules()
        # Another process may have told of it.
        row = await self._cases.fresh(row.conversation)
        what = clocks.tellings(row.case.clock, rules.terms[row.case.priority], rules.time, now)
        if not what or row.is_snoozed:
            return 0
        for _, step in what:
            await self._alarm.due(await self._whom(row, step), row.case.id, late=step != WARNING)
        await self._cases.change(row.conversation, lambda case: _told(case, what))
        counts = {f"{aim.value}_step": step for aim, step in what}
        await self._audit.append([AuditEntry("desk:promise:told", "system", (row.case.id,), now, counts)])
        return len(what)

    async def _whom(self, row: Row, step: int) -> Sequence[str]:
        if step > LATE:
            return await self._admins()
        assignee = row.conversation.assignee_id
        return (assignee,) if assignee is not None else await self._everybody()


def _told(case: Case, what: Sequence[tuple[Aim, int]]) -> Case:
    return replace(case, clock=clocks.told(case.clock, what))
