"""Use cases of support's hours: show them, change them, learn from answers. Knows neither HTTP nor MongoDB."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.hours.model import Standing, expected_minutes, standing, waited
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput
from server.kernel.feast_days import FeastDays, is_known
from server.kernel.ports import Clock
from server.kernel.worktime import Calendar, Hours


class HoursStore(Protocol):
    """Where hours and answers are kept; `hours.store` says what each does."""

    async def load(self) -> tuple[str, int] | None: ...
    async def save(self, hours: str, version: int) -> bool: ...
    async def answers(self) -> Sequence[int]: ...
    async def add_answer(self, conversation_id: str, seconds: int) -> Sequence[int]: ...


class SupportHours:
    """When support answers.

    Args:
        store: where it is kept once somebody changed it.
        usual: what holds until then.
        audit: the trail.
        clock: the time.
    """

    def __init__(self, store: HoursStore, usual: Hours, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._turn = asyncio.Lock()
        self._version = 0
        self._answers: Sequence[int] = ()
        self._take(usual, 0)

    def _take(self, hours: Hours, version: int) -> None:
        self._feasts = FeastDays(hours.country)
        self._version = version
        self.calendar = Calendar(hours, self._feasts)

    async def start(self) -> None:
        """Take up what was set and learnt.

        Raises:
            Unavailable: the store does not answer.
        """
        found = await self._store.load()
        if found is not None:
            self._take(Hours.parse(orjson.loads(found[0])), found[1])
        self._answers = await self._store.answers()
        await self._prepare()

    @property
    def hours(self) -> Hours:
        """The hours that are set."""
        return self.calendar.hours

    def standing(self) -> Standing:
        """Say whether somebody answers now, and else from when on."""
        return standing(self.calendar, self._clock())

    def expected_minutes(self) -> int | None:
        """Give how long a first answer takes in working time, as far as history tells."""
        return expected_minutes(self._answers)

    async def answered(self, conversation_id: str, asked_at: datetime, answered_at: datetime) -> None:
        """Learn from a first answer. Told again, it counts once.

        Raises:
            Unavailable: the store does not answer.
        """
        seconds = int(waited(self.calendar, asked_at, answered_at).total_seconds())
        self._answers = await self._store.add_answer(conversation_id, seconds)

    async def change(self, actor: Actor, hours: Mapping[str, Any]) -> Hours:
        """Set other hours.

        Raises:
            InvalidInput: they can't be used.
            Conflict: somebody else set them at the same moment.
            Unavailable: the store does not answer.
        """
        try:
            wanted = Hours.parse(hours)
        except ValueError:
            raise InvalidInput(fields={"hours": "malformed"}) from None
        if not await asyncio.to_thread(is_known, wanted.country):
            raise InvalidInput(fields={"hours": "malformed"})
        async with self._turn:
            text = orjson.dumps(wanted.document(), option=orjson.OPT_SORT_KEYS).decode()
            version = self._version + 1
            entry = AuditEntry("chat:hours:changed", actor.account_id, (), self._clock(), {"version": version})
            async with self._audit.promises.around([entry]):
                if not await self._store.save(text, version):
                    found = await self._store.load()
                    if found is not None:
                        self._take(Hours.parse(orjson.loads(found[0])), found[1])
                    raise Conflict
            self._take(wanted, version)
            await self._prepare()
        return wanted

    async def _prepare(self) -> None:
        """Work out feasts ahead, in a thread: the first time costs some tenths of a second."""
        year = self._clock().year
        await asyncio.to_thread(self._feasts.prepare, (year, year + 1))
