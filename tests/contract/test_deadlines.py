"""The watch over deadlines on the real store: who is told when, by several processes, across a kill."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from server.feedback.clocks import read
from server.feedback.deadlines import Deadline, Deadlines
from server.feedback.model import Item, Kind, Priority, State
from server.feedback.policy import Aim, Level, Policy
from server.feedback.promise_store import PROMISE_COLLECTIONS, MongoTermStore
from server.feedback.promises import Promises
from server.feedback.steps import moved, prioritised
from server.feedback.terms import Terms
from server.kernel.actor import Actor, Role
from server.kernel.errors import InvalidInput
from server.kernel.worktime import Hours
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.listening import AGENT, House, Process, house_in
from tests.harness.telling import HandClock

_MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Eight o'clock in Jakarta, when it opens."""
_HOUR = timedelta(hours=1)
_ADMIN = Actor("pengurus", Role.ADMIN, "s", "Pengurus")
_TERMS = Terms(
    Policy(wardens=("penjaga",), levels=(Level(2 * _HOUR, ("kepala",)), Level(9 * _HOUR, ("direktur",)))),
    Hours(country=""),
)


@dataclass
class _Alarm:
    """Remembers who was told what; can be cut off in the middle."""

    clock: HandClock
    rung: list[tuple[datetime, str, Deadline]] = field(default_factory=list)
    dies: bool = False

    async def ring(self, account_ids: Sequence[str], deadline: Deadline, item_id: str) -> None:
        if self.dies:
            raise KeyboardInterrupt
        self.rung += [(self.clock.now, account_id, deadline) for account_id in account_ids]


async def _role_of(account_id: str) -> Role | None:
    return Role.AGENT if account_id != "orang" else Role.CUSTOMER


async def _agents() -> Sequence[str]:
    return ["petugas", "petugas-dua"]


@dataclass
class _Watched:
    """A process of feedback with its watch."""

    house: House
    clock: HandClock
    alarm: _Alarm
    promises: Promises
    process: Process

    def watch(self) -> Deadlines:
        """Begin another watch over the same store."""
        process = self.process
        return Deadlines(
            process.store, process.writer, self.promises, self.alarm, _agents, self.house.audit, self.clock
        )

    async def give(self, priority: Priority = Priority.HIGH) -> Item:
        """Give a complaint now."""
        self.process.now = self.clock.now
        item = await self.process.give(kind=Kind.COMPLAINT)
        return await self.change(item, lambda found: prioritised(found, priority, self.clock.now, self.promises))

    async def move(self, item: Item, to: State) -> Item:
        """Take an item to a state now."""
        return await self.change(item, lambda found: moved(found, to, self.clock.now, AGENT.account_id, self.promises))

    async def change(self, item: Item, make: Callable[[Item], Item]) -> Item:
        """Change an item."""
        _, after = await self.process.writer.change(item.id, lambda found, _: make(found), draws=False)
        return after


@pytest.fixture
async def watched(database: Database) -> AsyncIterator[_Watched]:
    """On an empty store, on a Monday morning."""
    await apply(database, PROMISE_COLLECTIONS)
    async with house_in(database) as house:
        clock = HandClock()
        clock.now = _MONDAY
        promises = Promises(MongoTermStore(database), _TERMS, _role_of, house.audit, clock)
        process = house.process(promises)
        await process.board.start()
        yield _Watched(house, clock, _Alarm(clock), promises, process)


async def test_staff_are_warned_told_and_then_their_superiors(watched: _Watched) -> None:
    """An urgent complaint that nobody touches: acknowledge within an hour, answer within four."""
    await watched.give(Priority.URGENT)
    watch = watched.watch()
    for _ in range(4 * 12):
        await watch.round()
        watched.clock.now += timedelta(minutes=15)
    assert watched.alarm.rung[:6] == [
        (_MONDAY + 0.75 * _HOUR, "penjaga", Deadline.NEAR),
        (_MONDAY + _HOUR, "penjaga", Deadline.MISSED),
        (_MONDAY + 3 * _HOUR, "kepala", Deadline.ESCALATED),
        (_MONDAY + 3 * _HOUR, "penjaga", Deadline.NEAR),
        (_MONDAY + 4 * _HOUR, "penjaga", Deadline.MISSED),
        (_MONDAY + 6 * _HOUR, "kepala", Deadline.ESCALATED),
    ]
    assert all(moment < _MONDAY + 9 * _HOUR for moment, *_ in watched.alarm.rung)


async def test_who_has_it_is_told_and_nobody_while_its_sender_is_waited_for(watched: _Watched) -> None:
    """What is met in time is nothing to tell of."""
    item = await watched.give()
    item = await watched.change(item, lambda found: replace(found, assignee_id="petugas"))
    watch = watched.watch()
    watched.clock.now = _MONDAY + 3 * _HOUR
    await watch.round()
    assert watched.alarm.rung == [(watched.clock.now, "petugas", Deadline.NEAR)]
    await watched.move(item, State.WAITING)
    watched.clock.now += timedelta(days=30)
    assert await watch.round() == 0
    item = await watched.move(item, State.IN_PROGRESS)
    assert item.due == watched.clock.now + timedelta(days=1) + 6 * _HOUR
    await watched.move(item, State.RESOLVED)
    watched.clock.now += timedelta(days=300)
    assert await watch.round() == 0
    assert len(watched.alarm.rung) == 1


async def test_several_processes_tell_once(watched: _Watched) -> None:
    """Each item is taken by one of them."""
    for _ in range(5):
        await watched.give(Priority.URGENT)
    watched.clock.now = _MONDAY + _HOUR
    one, other = watched.watch(), watched.watch()
    assert await one.round() + await other.round() == 5
    assert watched.alarm.rung == [(watched.clock.now, "penjaga", Deadline.MISSED)] * 5


async def test_what_a_kill_left_untold_is_told_by_the_next(watched: _Watched) -> None:
    """After the time for which the dead one had taken it, and no earlier."""
    item = await watched.give(Priority.URGENT)
    watched.clock.now = _MONDAY + _HOUR
    watched.alarm.dies = True
    with pytest.raises(KeyboardInterrupt):
        await watched.watch().round()
    watched.alarm.dies = False
    watch = watched.watch()
    assert await watch.round() == 0
    watched.clock.now += timedelta(seconds=61)
    await watch.round()
    assert [deadline for _, _, deadline in watched.alarm.rung] == [Deadline.MISSED]
    found = await watched.process.get(item.id)
    assert found.clock is not None
    assert read(found.clock).hands[Aim.ACKNOWLEDGE].told == 2


async def test_other_hours_hold_for_what_runs_already(watched: _Watched) -> None:
    """And for every process; people who are told must be staff; what can't be used is refused."""
    item = await watched.give()
    watch = watched.watch()
    await watch.round()
    hours = {**_TERMS.hours.document(), "days": {"2026-11-23": ["13:00-17:00"]}}
    await watched.promises.change(_ADMIN, hours=hours)
    await watch.round()
    assert (await watched.process.get(item.id)).due == _MONDAY + 9 * _HOUR
    other = Promises(MongoTermStore(watched.house.database), _TERMS, _role_of, watched.house.audit, watched.clock)
    assert await other.refresh()
    assert not await other.refresh()
    assert other.terms.document() == watched.promises.terms.document()
    for policy in ({"wardens": ["orang"]}, {"warn_at": 0}):
        with pytest.raises(InvalidInput):
            await other.change(_ADMIN, policy=policy)
    for zone in ({"zone": "Asia/Nowhere"}, {"country": "ZZ"}):
        with pytest.raises(InvalidInput):
            await other.change(_ADMIN, hours=zone)
    policy = {**_TERMS.policy.document(), "warn_at": 50}
    assert (await other.change(_ADMIN, policy=policy)).policy.warn_at == 50
    assert await watched.promises.refresh()
    await watch.round()
    clock = (await watched.process.get(item.id)).clock
    assert clock is not None
    assert clock["watch_at"] == _MONDAY + 7 * _HOUR
