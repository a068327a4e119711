"""Feedback on the real store: votes count once, merges survive a crash at every step, boards of processes agree."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.feedback.changes import Change
from server.feedback.model import UNDO_MERGE, Kind, Sight, State, Visibility
from server.feedback.ports import Told, TriageAway
from server.feedback.proposals import Guess, Proposal
from server.feedback.reading import BoardQuery, Inbox, InboxQuery, Order
from server.kernel.errors import Conflict, NotFound, NotPermitted
from server.kernel.text import RawText, RedactedText
from server.storage.mongo import Database
from tests.harness.listening import AGENT, House, Killed, Process, house_in, person


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A database with nothing in it."""
    async with house_in(database) as found:
        yield found


async def test_the_same_request_again_gives_the_first(house: House) -> None:
    """Under the sender's own id; another sender's is another."""
    process = house.process()
    sender = person()
    first = await process.give(sender, client_id="satu")
    assert (await process.give(sender, client_id="satu")).id == first.id
    assert (await process.give(person(), client_id="satu")).id != first.id
    unknown = [await process.give(anonymous=True, client_id="satu") for _ in range(2)]
    assert unknown[0].id != unknown[1].id
    long = [await process.give(anonymous=True, client_id="satu-dua-tiga-empat") for _ in range(2)]
    assert long[0].id == long[1].id
    assert [item.number for item in await process.store.numbered_window(0, 9)].count(first.number) == 1


class Answering:
    """Triage that is away for some questions."""

    def __init__(self, *, away: int) -> None:
        self.away = away

    async def propose(self, item_id: str, title: RedactedText, text: RedactedText) -> Proposal | None:
        """Answer, once it is there."""
        self.away -= 1
        if self.away >= 0:
            raise TriageAway
        return Proposal({"kind": Guess("suggestion", 0.9)})


async def test_triage_is_asked_again_until_it_answers(house: House) -> None:
    """Also by another process, after this one was away too; people are told once meanwhile."""
    async with house.process(triage=Answering(away=9)).running() as process:
        item = await process.give()
        await process.handling.change(AGENT, item.id, Change(assignee_id=AGENT.account_id))
        await process.consequences.settle()
        told = [why for _, why, item_id in house.neighbours.told if item_id == item.id]
        process.consequences.ask_again()
        await process.consequences.settle()
        assert (await process.get(item.id)).proposal is None
        assert [why for _, why, item_id in house.neighbours.told if item_id == item.id] == told
    async with house.process(triage=Answering(away=1)).running() as later:
        await later.consequences.settle()
        later.consequences.ask_again()
        await later.consequences.settle()
        proposal = (await later.get(item.id)).proposal
        assert proposal is not None
        assert proposal.guesses["kind"].value == "suggestion"
        assert item.id not in {one.item.id for one in await later.store.pending()}


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("steps", range(4))
async def test_a_vote_counts_once_wherever_the_process_ends(house: House, steps: int, given: bool) -> None:
    """Given or taken back: what is counted fits what is stored once another process has looked."""
    process, voters = house.process(), [person() for _ in range(3)]
    item = await process.give()
    for voter in voters:
        await process.vote(voter, item.id)
    dying = house.process()
    dying.steps.left = steps
    who = person() if given else voters[0]
    died = False
    try:
        await dying.vote(who, item.id, given=given)
    except Killed:
        died = True
    assert died is (steps < 3)
    mending = house.process()
    await mending.start()
    counted = await mending.get(item.id)
    stored = await mending.voters(item.id)
    assert counted.votes == counted.weight == len(stored)
    assert set(stored) - {who.account_id} == {voter.account_id for voter in voters} - {who.account_id}
    assert mending.board.find(item.id) is not None
    await mending.vote(who, item.id, given=given)
    assert (await mending.get(item.id)).votes == (4 if given else 2)


async def _two(process: Process) -> tuple[str, str, dict[str, str]]:
    """Two suggestions with votes and followers, one person in common."""
    names = {name: person().account_id for name in ("both", "first", "second", "follows")}
    first, second = await process.give(), await process.give()
    await process.vote(person(names["both"]), first.id)
    await process.vote(person(names["first"]), first.id)
    await process.vote(person(names["both"]), second.id)
    await process.vote(person(names["second"]), second.id)
    await process.votes.follow(person(names["follows"]), second.id, following=True)
    return first.id, second.id, names


@pytest.mark.parametrize("undo", [False, True])
@pytest.mark.parametrize("steps", range(0, 13, 2))
async def test_a_merge_comes_to_its_end_wherever_the_process_ends(house: House, steps: int, undo: bool) -> None:
    """Nobody counts twice, nobody is lost; undone, both are as they were."""
    process = house.process()
    first, second, names = await _two(process)
    before = [await process.get(first), await process.get(second)]
    if undo:
        await process.merging.merge(AGENT, second, first)
    dying = house.process()
    dying.steps.left = steps
    begun = True
    try:
        if undo:
            await dying.merging.unmerge(AGENT, second)
        else:
            await dying.merging.merge(AGENT, second, first)
    except Killed:
        begun = steps > 0
    mending = house.process()
    await mending.start()
    target, source = await mending.get(first), await mending.get(second)
    merged = begun is not undo
    both = {names["both"], names["first"], names["second"]}
    assert set(await mending.voters(first)) == (both if merged else {names["both"], names["first"]})
    assert (source.state is State.MERGED) is merged
    assert target.votes == target.weight == (3 if merged else 2)
    assert names["follows"] in await mending.votes.concerned(target if merged else source)
    assert await mending.store.find_item(second) is not None
    if merged:
        await mending.merging.unmerge(AGENT, second)
    for was in before:
        now = await mending.get(was.id)
        assert (now.state, now.votes, now.weight, now.followers) == (was.state, was.votes, was.weight, was.followers)
        assert now.heat == pytest.approx(was.heat)


async def test_a_merge_is_undone_for_thirty_days(house: House) -> None:
    """And no longer; nor is anything merged whose readers may not read the other."""
    process = house.process()
    first, second, _ = await _two(process)
    await process.merging.merge(AGENT, second, first)
    process.now += UNDO_MERGE + timedelta(seconds=1)
    with pytest.raises(Conflict):
        await process.merging.unmerge(AGENT, second)
    private = await process.give(kind=Kind.COMPLAINT)
    with pytest.raises(Conflict):
        await process.merging.merge(AGENT, private.id, first)
    with pytest.raises(NotPermitted):
        await process.merging.merge(person(), second, first)


async def test_boards_of_two_processes_agree(house: House) -> None:
    """What one writes the other shows once it looks, in every order; what is hidden is on neither."""
    one, two = house.process(), house.process()
    moment = [0.0]
    two.board._clock = lambda: moment[0]
    await two.board.start()
    items = [await one.give() for _ in range(4)]
    for count, item in enumerate(items):
        for _ in range(count):
            await one.vote(person(), item.id)
    await one.handling.change_sight("review", items[3].id, Sight.HIDDEN)
    moment[0] += 5
    await two.board.look()
    for order in Order:
        query = BoardQuery(order=order, limit=10)
        mine, theirs = one.board.page(query), two.board.page(query)
        assert [row.id for row in mine[0]] == [row.id for row in theirs[0]]
        assert [row.votes for row in theirs[0]] == [2, 1, 0]
    assert two.board.find(items[3].id) is None
    await one.handling.change_sight("review", items[3].id, Sight.SHOWN)
    moment[0] += 5
    await two.board.look()
    assert two.board.find(items[3].id) is not None


async def test_accounts_that_act_as_one_do_not_count(house: House) -> None:
    """Weighed out as they come, told to moderators with the reason, and counted again where a moderator says so."""
    process = house.process()
    # By the store's own clock: it forgets what tells voters apart after a week.
    process.now = datetime.now(UTC)
    item = await process.give()
    honest = [person() for _ in range(3)]
    for voter in honest:
        await process.vote(voter, item.id)
    ring = [person() for _ in range(6)]
    for voter in ring:
        await process.vote(voter, item.id, network="198.51.100.9")
    found = await process.get(item.id)
    assert found.votes == 9
    assert found.weight == 4
    rings = await process.votes.rings()
    assert {reason for finding in rings for reason in finding.reasons} == {"same_network"}
    for finding in rings:
        await process.votes.rule(person("penjaga"), finding.id, counted=True)
    assert (await process.get(item.id)).weight == 9
    with pytest.raises(NotFound):
        await process.votes.rule(person("penjaga"), "0" * 24, counted=True)


async def test_those_concerned_are_told_once_and_not_who_did_it(house: House) -> None:
    """Of an answer: who sent it, voted, follows; of a new assignment: the assignee."""
    async with house.process().running() as process:
        sender, voter = person(), person()
        item = await process.give(sender)
        await process.vote(voter, item.id)
        await process.consequences.settle()
        await process.handling.change(AGENT, item.id, Change(response=RawText("Akan kami buat.")))
        await process.consequences.settle()
        told = [(who, why) for who, why, of in house.neighbours.told if of == item.id]
        assert sorted(told) == sorted([(sender.account_id, Told.ANSWER), (voter.account_id, Told.ANSWER)])
        house.neighbours.told.clear()
        await process.comments.write(voter, item.id, RawText("Terima kasih."))
        await process.consequences.settle()
        assert house.neighbours.told == [(sender.account_id, Told.COMMENT, item.id)]
        assert await process.store.pending() == []


async def test_what_a_crash_left_is_told_at_the_next_start(house: House) -> None:
    """An answer is stored, and the process ends before anybody hears of it."""
    process, sender = house.process(), person()
    item = await process.give(sender)
    await process.handling.change(AGENT, item.id, Change(response=RawText("Akan kami buat.")))
    assert house.neighbours.told == []
    async with house.process().running() as other:
        await other.consequences.settle()
    assert [(who, why) for who, why, _ in house.neighbours.told] == [(sender.account_id, Told.ANSWER)]


@pytest.mark.parametrize("steps", range(3))
async def test_a_comment_is_there_once_wherever_the_process_ends(house: House, steps: int) -> None:
    """The same id again gives it, and the item counts what is there."""
    process, writer = house.process(), person()
    item = await process.give()
    dying = house.process()
    dying.steps.left = steps
    with pytest.raises(Killed):
        await dying.comments.write(writer, item.id, RawText("Setuju."), client_id="satu")
    async with house.process().running() as mending:
        view, _ = await mending.comments.write(writer, item.id, RawText("Setuju."), client_id="satu")
        page = await mending.comments.page(None, item.id)
        assert [found.comment.id for found in page.views] == [view.comment.id]
        assert (await mending.get(item.id)).comment_count == 1


async def test_lists_of_staff(house: House) -> None:
    """What is new, mine, overdue or waits; nothing that is finished but where all is asked for."""
    process = house.process()
    items = [await process.give(kind=Kind.COMPLAINT) for _ in range(3)]
    await process.handling.change(AGENT, items[1].id, Change(state=State.ACKNOWLEDGED, assignee_id=AGENT.account_id))
    await process.handling.change(AGENT, items[2].id, Change(state=State.ANSWERED))
    await process.handling.change(AGENT, items[2].id, Change(state=State.CLOSED))

    async def numbers(inbox: Inbox, **more: int) -> list[int]:
        page = await process.handling.inbox(AGENT, replace(InboxQuery(inbox=inbox), **more))
        return [view.item.number for view in page.items]

    first, second, third = (item.number for item in items)
    assert await numbers(Inbox.NEW) == [first]
    assert await numbers(Inbox.MINE) == [second]
    assert await numbers(Inbox.OPEN) == [second, first]
    assert await numbers(Inbox.ALL) == [third, second, first]
    assert await numbers(Inbox.ALL, limit=2) == [third, second]
    assert await numbers(Inbox.ALL, before=second) == [first]
    with pytest.raises(NotPermitted):
        await process.handling.inbox(person(), InboxQuery())


async def test_who_wrote_in_confidence_is_not_made_public(house: House) -> None:
    """Staff may take from the board what was on it, never the other way round."""
    process = house.process()
    private, public = await process.give(kind=Kind.COMPLAINT), await process.give()
    with pytest.raises(NotPermitted):
        await process.handling.change(AGENT, private.id, Change(visibility=Visibility.PUBLIC))
    await process.handling.change(AGENT, public.id, Change(visibility=Visibility.PRIVATE))
    assert process.board.find(public.id) is None
    with pytest.raises(NotFound):
        await process.items.get(None, public.id)


async def test_no_event_for_programs_is_lost(house: House) -> None:
    """Each is stored with what it tells of, and told at the next start when the process ended before."""
    process, sender = house.process(), person()
    item = await process.give(sender)
    await process.handling.change(AGENT, item.id, Change(response=RawText("Akan kami buat.")))
    await process.sending.rate(sender, item.id, 5)
    await process.comments.write(sender, item.id, RawText("Terima kasih."))
    assert house.neighbours.announced == []
    async with house.process().running() as other:
        await other.consequences.settle()
        told = [(what, detail) for of, what, detail in house.neighbours.announced if of == item.id]
        assert sorted(told) == [
            ("answered", ""),
            ("changed", "received"),
            ("commented", "1"),
            ("given", ""),
            ("rated", ""),
        ]
        assert await other.store.pending() == []
        house.neighbours.announced.clear()
        target = await other.give(sender)
        await other.merging.merge(AGENT, item.id, target.id)
        await other.merging.unmerge(AGENT, item.id)
        await other.consequences.settle()
        told = [(what, detail) for of, what, detail in house.neighbours.announced if of == item.id]
        assert told == [("merged", target.id), ("merged", f"{target.id}:undone")]
