"""What becomes of feedback when its sender objects to machines, restricts its use, or is erased; on the real store."""

from collections.abc import AsyncIterator

import pytest

from server.composition.triaging import RestrainedTriage, TakingBack
from server.feedback.comment_store import MongoCommentStore
from server.feedback.desk_store import MongoDeskStore
from server.feedback.holdings import FeedbackHoldings
from server.feedback.mark_store import MongoMarkStore
from server.feedback.model import Kind, Sight
from server.feedback.proposals import Guess, Proposal
from server.feedback.reading import BoardQuery
from server.insight.reading import FeedbackFacts
from server.kernel.restraint import Use
from server.kernel.text import RawText, RedactedText
from server.limits import Unlimited
from server.rights.restraint_store import RESTRAINT_COLLECTIONS, MongoRestraintStore
from server.rights.restraints import StandingRestraints
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.listening import House, Process, house_in, person
from tests.harness.telling import HandClock


class _Proposing:
    """Triage with the same answer to everything."""

    async def propose(self, _item_id: str, _title: RedactedText, _text: RedactedText) -> Proposal | None:
        return Proposal({"kind": Guess("suggestion", 0.9)})


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A database with nothing in it."""
    await apply(database, RESTRAINT_COLLECTIONS)
    async with house_in(database) as found:
        yield found


@pytest.fixture
async def restraints(house: House) -> StandingRestraints:
    """What people have stopped."""
    standing = StandingRestraints(
        MongoRestraintStore(house.database), house.audit, Unlimited(), HandClock(), alone=True
    )
    await standing.start()
    return standing


def _process(house: House, restraints: StandingRestraints) -> Process:
    process = house.process()
    triage = RestrainedTriage(_Proposing(), process.store, restraints)
    return house.process(triage=triage)


async def test_who_objects_gets_no_proposal_and_what_was_proposed_goes(
    house: House, restraints: StandingRestraints
) -> None:
    objecting, other = person(), person()
    async with _process(house, restraints).running() as process:
        restraints.on_changed(TakingBack(process.store, process.writer, restraints))
        before, theirs = await process.give(objecting), await process.give(other)
        await process.consequences.settle()
        assert (await process.get(before.id)).proposal is not None
        await restraints.choose(objecting, Use.TRIAGE, stopped=True)
        after = await process.give(objecting, kind=Kind.COMPLAINT)
        await process.consequences.settle()
        assert (await process.get(before.id)).proposal is None
        assert (await process.get(after.id)).proposal is None
        assert (await process.get(theirs.id)).proposal is not None


@pytest.mark.parametrize("use", [Use.INSIGHT, Use.ALL])
async def test_who_restricts_is_not_counted(house: House, restraints: StandingRestraints, use: Use) -> None:
    restricting, other = person(), person()
    async with _process(house, restraints).running() as process:
        first, second = await process.give(restricting), await process.give(other)
        facts = FeedbackFacts(process.store, MongoDeskStore(house.database), HandClock(), restraints)
        assert {one.number for one in await facts.facts(1, 9)} == {first.number, second.number}
        await restraints.choose(restricting, use, stopped=True)
        assert {one.number for one in await facts.facts(1, 9)} == {second.number}
        await restraints.choose(restricting, use, stopped=False)
        assert {one.number for one in await facts.facts(1, 9)} == {first.number, second.number}


async def test_erasing_leaves_others_their_place_and_nothing_of_the_person(
    house: House, restraints: StandingRestraints
) -> None:
    leaving, other = person(), person()
    async with _process(house, restraints).running() as process:
        holdings = FeedbackHoldings(
            house.database,
            process.store,
            MongoCommentStore(house.database),
            MongoMarkStore(house.database),
            process.writer,
            process.votes,
            process.consequences,
        )
        liked, alone, theirs = await process.give(leaving), await process.give(leaving), await process.give(other)
        secret = await process.give(leaving, kind=Kind.COMPLAINT)
        await process.vote(other, liked.id)
        await process.vote(leaving, theirs.id)
        await process.comments.write(leaving, theirs.id, RawText("kenari kuning pagi"))
        await process.consequences.settle()
        planned = {fate.kind: (fate.gone, fate.stays) for fate in await holdings.preview(leaving.account_id)}
        done = {fate.kind: (fate.gone, fate.stays) for fate in await holdings.erase(leaving.account_id)}
        assert planned == done
        assert (planned["feedback"], planned["votes"], planned["feedback_comments"]) == ((2, 1), (1, 0), (1, 0))
        for item in (liked, alone, secret):
            left = await process.get(item.id)
            assert (left.title.value, left.text.value, left.author_id) == ("—", "", None)
        assert (await process.get(liked.id)).sight is Sight.SHOWN
        assert (await process.get(alone.id)).sight is Sight.WITHDRAWN
        assert (await process.get(theirs.id)).votes == 0
        assert [row.id for row in process.board.page(BoardQuery())[0]].count(alone.id) == 0
        for name in await house.database.list_collection_names():
            if name.startswith("feedback_"):
                stored = repr([document async for document in house.database[name].find({})])
                assert leaving.account_id not in stored, name
                assert "kenari" not in stored, name
        assert sum(fate.gone + fate.stays for fate in await holdings.erase(leaving.account_id)) == 0
