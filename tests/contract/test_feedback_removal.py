"""Feedback that has outlived its rule, on the real store: it goes whole, wherever a process ends, or it stays whole."""

from collections.abc import AsyncIterator, Collection
from datetime import timedelta
from typing import Any

import pytest

from server.composition.listening import LISTENING_COLLECTIONS
from server.feedback.changes import Change
from server.feedback.model import Kind, Sight, State, Visibility
from server.feedback.retention import OldItems, retention
from server.kernel.errors import Conflict, NotFound
from server.kernel.retention import Times, Ways
from server.kernel.text import RawText
from server.storage.mongo import Database
from server.storage.stock import MongoStock
from tests.harness.listening import AGENT, House, Killed, Process, house_in, person

_YEARS = timedelta(days=3 * 366)


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A database with nothing in it."""
    async with house_in(database) as found:
        yield found


def _spared(*ids: str) -> Any:
    return lambda named: frozenset(named) & frozenset(ids)


def _ways(process: Process, house: House, times: Times | None = None) -> Ways:
    old = OldItems(process.removals, times or Times())
    return retention(MongoStock(house.database), old, process.removal)


async def _swept(process: Process, house: House, *held: str) -> dict[str, int]:
    """Carry all rules out to their end; give how many things each ended."""
    ways, found = _ways(process, house), dict[str, int]()
    # What the store removes by itself has tests of its own.
    rules = [rule for rule in ways.rules if not rule.by_store]
    for rule in rules:
        while gone := await ways.sweep(rule, process.now, _spared(*held)):
            found[rule.name] = found.get(rule.name, 0) + gone
    for rule in rules:
        assert (await ways.due(rule, process.now, _spared(*held)))[0] == 0
    return found


async def _closed(process: Process, item_id: str) -> None:
    for state in (State.ACKNOWLEDGED, State.ANSWERED, State.CLOSED):
        await process.handling.change(AGENT, item_id, Change(state=state))


async def _left(house: House, item_id: str) -> dict[str, int]:
    """Give where an item's id still stands, whatever it stands in."""
    found: dict[str, int] = {}
    for spec in LISTENING_COLLECTIONS:
        count = sum([item_id in str(one) async for one in house.database[spec.name].find({})])
        if count:
            found[spec.name] = count
    return found


async def _complaint(process: Process) -> str:
    """One that was handled to its end, with everything that can hang on it."""
    sender = person()
    item = await process.give(sender, kind=Kind.COMPLAINT)
    await process.comments.write(sender, item.id, RawText("Kapan ada kabar?"))
    await process.comments.write(AGENT, item.id, RawText("Kami periksa gudang."), note=True)
    await process.handling.change(AGENT, item.id, Change(assignee_id=AGENT.account_id))
    await process.votes.follow(sender, item.id, following=True)
    await _closed(process, item.id)
    return item.id


async def test_a_complaint_goes_whole_when_its_time_is_over(house: House) -> None:
    async with house.process().running() as process:
        item_id = await _complaint(process)
        await process.consequences.settle()
        assert any(of == item_id for _, _, of in house.neighbours.told)
        assert set(await _left(house, item_id)) == {"feedback_items", "feedback_comments", "feedback_follows"}
        process.now += timedelta(days=1_090)
        assert await _swept(process, house) == {}
        process.now += timedelta(days=10)
        ways = _ways(process, house)
        rule = next(rule for rule in ways.rules if rule.name == "feedback:complaint")
        assert await ways.due(rule, process.now, _spared()) == (1, 0)
        assert await _swept(process, house) == {"feedback:complaint": 1}
        assert await _left(house, item_id) == {}
        assert not any(of == item_id for _, _, of in house.neighbours.told)
        with pytest.raises(NotFound):
            await process.items.get(AGENT, item_id)


@pytest.mark.parametrize("steps", range(6))
async def test_nothing_is_left_of_it_wherever_the_process_ends(house: House, steps: int) -> None:
    """Nobody ever sees a half: from the first change on it is withdrawn, and the next process brings it to its end."""
    process = house.process()
    item_id = await _complaint(process)
    dying = house.process()
    dying.now = process.now + _YEARS
    dying.steps.left = steps
    died = False
    try:
        await _swept(dying, house)
    except Killed:
        died = True
    # Written down, emptied, cleared, deleted, forgotten: five writes.
    assert died is (steps < 5)
    half = await process.store.find_item(item_id)
    if half is not None and steps > 1:
        assert half.sight is Sight.WITHDRAWN
        assert "Antrean" not in half.title.value
    later = house.process()
    later.now = dying.now
    if steps == 1:
        # Written down and not begun: a hold that was set meanwhile keeps it, whole.
        await later.start()
        assert await _swept(later, house, item_id) == {}
        assert "Antrean" in (await later.get(item_id)).title.value
    if steps > 1:
        # It has begun: nothing but its end is left, whatever the rules say by now.
        await later.start()
    else:
        await _swept(later, house)
    assert await _left(house, item_id) == {}


async def test_what_is_held_open_or_young_stays(house: House) -> None:
    process = house.process()
    held, by_sender = await _complaint(process), person()
    of_held = (await process.give(by_sender, kind=Kind.CRITICISM)).id
    await _closed(process, of_held)
    still_open = (await process.give(kind=Kind.COMPLAINT)).id
    process.now += _YEARS
    young = await _complaint(process)
    ways = _ways(process, house)
    holds = (held, by_sender.account_id)
    counts = {rule.name: await ways.due(rule, process.now, _spared(*holds)) for rule in ways.rules}
    assert counts["feedback:complaint"] == (0, 1)
    assert counts["feedback:private"] == (0, 1)
    assert await _swept(process, house, *holds) == {}
    for item_id in (held, of_held, still_open, young):
        assert "Antrean" in (await process.get(item_id)).title.value
    assert await _swept(process, house) == {"feedback:complaint": 1, "feedback:private": 1}
    assert await process.store.find_item(still_open) is not None
    assert await process.store.find_item(young) is not None


async def test_who_takes_it_up_again_in_that_moment_keeps_it(house: House) -> None:
    process, sender = house.process(), person()
    item = await process.give(sender, kind=Kind.COMPLAINT)
    await _closed(process, item.id)
    process.now += _YEARS
    old = OldItems(process.removals, Times())
    over = old.is_over("feedback:complaint", process.now)
    assert [one.id async for window in old.of_rule("feedback:complaint", process.now) for one in window] == [item.id]
    await process.sending.reopen(sender, item.id)
    assert not await process.removal.remove(item.id, over)
    assert (await process.get(item.id)).sight is Sight.SHOWN
    assert await process.removals.begun() == []
    # And who comes too late finds nothing to take up.
    other = await process.give(sender, kind=Kind.COMPLAINT)
    await _closed(process, other.id)
    process.now += _YEARS
    assert await process.removal.remove(other.id, old.is_over("feedback:complaint", process.now))
    with pytest.raises((NotFound, Conflict)):
        await process.sending.reopen(sender, other.id)


async def test_what_was_taken_back_goes_soon(house: House) -> None:
    process, sender = house.process(), person()
    item, public = await process.give(sender, kind=Kind.IMPRESSION), await process.give(sender)
    for one in (item, public):
        await process.sending.withdraw(sender, one.id)
    process.now += timedelta(days=89)
    assert await _swept(process, house) == {}
    process.now += timedelta(days=2)
    assert await _swept(process, house) == {"feedback:withdrawn": 2}
    assert await _left(house, item.id) == await _left(house, public.id) == {}


async def test_a_public_suggestion_stays_and_forgets_who_sent_it(house: House) -> None:
    async with house.process().running() as process:
        sender, voter = person(), person()
        item = await process.give(sender, visibility=Visibility.PUBLIC)
        unknown = await process.give(anonymous=True, visibility=Visibility.PUBLIC)
        await process.handling.release(AGENT, unknown.id, shown=True)
        await process.comments.write(sender, item.id, RawText("Terima kasih."))
        await process.comments.write(voter, item.id, RawText("Setuju sekali."))
        await process.vote(voter, item.id)
        for one in (item, unknown):
            await _closed(process, one.id)
        await process.consequences.settle()
        process.now += timedelta(days=729)
        assert await _swept(process, house) == {}
        process.now += timedelta(days=2)
        assert await _swept(process, house, sender.account_id) == {"feedback:sender": 1}
        assert (await process.get(item.id)).author_id == sender.account_id
        assert await _swept(process, house) == {"feedback:sender": 1}

        now = await process.get(item.id)
        assert (now.is_public, now.author_id, now.votes) == (True, None, 1)
        assert "Antrean" in now.title.value
        assert not [one async for one in house.database["feedback_items"].find({"code": {"$exists": True}})]
        written = {one["seq"]: one["author_id"] async for one in house.database["feedback_comments"].find({})}
        assert written == {1: None, 2: voter.account_id}
        left = [name for name in _names() if await _names_in(house, name, sender.account_id)]
        assert left == []
        assert process.board.find(item.id) is not None
        assert (await process.items.own(sender)) == []


def _names() -> Collection[str]:
    return [spec.name for spec in LISTENING_COLLECTIONS]


async def _names_in(house: House, collection: str, account_id: str) -> bool:
    return any([account_id in str(one) async for one in house.database[collection].find({})])


async def test_the_operator_says_how_long(house: House) -> None:
    process = house.process()
    item_id = await _complaint(process)
    process.now += timedelta(days=31)
    ways = _ways(process, house, Times({"feedback:complaint": 30}))
    rule = next(rule for rule in ways.rules if rule.name == "feedback:complaint")
    assert rule.setting == "AMANAH_RETENTION"
    assert await ways.sweep(rule, process.now, _spared()) == 1
    assert await process.store.find_item(item_id) is None
