"""Posts on their way to another topic, on the real store: wherever the process ends, each arrives once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from server.forum.contacts import PostContacts
from server.forum.model import PostState, TopicState
from server.forum.moving import Move, Moving, template_with
from server.forum.ports import NothingSigned
from server.forum.schedule import Schedule
from server.kernel.ids import new_id
from server.storage.mongo import Database
from tests.harness.foruming import AT, Crash, House, Process, house_in


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A forum with one category."""
    async with house_in(database) as found:
        yield found


def _moving(process: Process) -> Moving:
    """What carries posts over. Who may ask for it is not this suite's affair."""
    nobody: Any = None
    return Moving(
        process.posts,
        process.topics,
        nobody,
        process.writer,
        nobody,
        PostContacts(nobody, NothingSigned()),
        process.consequences,
        process.audit,
        process.neighbours,
        lambda: AT,
    )


async def _two_topics(process: Process) -> tuple[str, str]:
    source, target = await process.topic(), await process.topic()
    await process.write(target, phone="t")
    await process.write(source, phone="a")
    await process.write(source, "b", phone="b")
    await process.write(source, "c", phone="a", reply_to=2)
    await process.posts.react(f"{source}.2", "leser", "like", given=True)
    await process.topics.count(source, likes=1)
    return source, target


@pytest.mark.parametrize("steps", range(0, 28, 2))
@pytest.mark.parametrize("seqs", [(), (2, 3)])
async def test_each_post_arrives_once(house: House, seqs: tuple[int, ...], steps: int) -> None:
    """With its reactions, its numbers made anew without a clash, and its answer's place; counts fit afterwards."""
    dying = house.process()
    source, target = await _two_topics(dying)
    async with dying.running():
        await dying.consequences.settle()
    await dying.posts.begin_move(Move(new_id(), "penjaga", source, target, seqs))
    dying.steps.left = steps
    try:
        await _moving(dying).start()
    except Crash:
        dying.steps.left = None
    mending = house.process()
    await _moving(mending).start()
    async with mending.running():
        await mending.consequences.settle()
    async with house.process().running() as process:
        await process.consequences.settle()
        moved = await process.all_posts(target)
        assert [post.author_id for post in moved] == (["penjawab", "b", "c"] if seqs else ["penjawab"] * 2 + ["b", "c"])
        assert moved[-1].reply_to == moved[-2].seq
        assert moved[-2].reactions == {"like": 1}
        numbers = {hidden.digest: number for post in moved for hidden, number in post.hidden}
        assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
        left = await process.all_posts(source)
        assert [post.state for post in left[1:]] == [PostState.MOVED] * 2
        assert left[2].moved_to == moved[-1].id
        old, new = await process.get(source), await process.get(target)
        assert (new.replies, new.likes) == (len(moved) - 1, 1)
        assert old.state is (TopicState.PUBLISHED if seqs else TopicState.MOVED)
        category = await process.category()
        assert (category.topics, category.posts) == ((2, 4) if seqs else (1, 4))
        assert await process.posts.moves() == []
    assert not [told for told in house.neighbours.told if told[2].startswith(target) and not told[2].endswith(".1")]


async def test_a_stored_text_gets_its_holes_back(house: House) -> None:
    """So that it can be numbered anew; what looks like a placeholder and is none stays."""
    process = house.process()
    topic_id = await process.topic()
    post = (await process.write(topic_id, phone="a")).post
    template = template_with(post)
    assert template.parts == ("Halo ", post.hidden[0][0])


async def test_a_scheduled_topic_appears_once_at_its_time(house: House) -> None:
    """Two processes look at the same moment; not while its author may not write."""
    async with house.process().running() as one, house.process().running() as two:
        topic_id = await one.topic()
        await house.database["forum_topics"].update_one(
            {"_id": topic_id}, {"$set": {"state": "scheduled", "due": AT, "publish_at": AT}}
        )
        await one.write(topic_id)
        waiting = await one.get(topic_id)
        assert (waiting.state, waiting.bump) == (TopicState.SCHEDULED, 0)
        looks = [
            Schedule(
                process.topics,
                process.posts,
                process.writer,
                house.neighbours,
                process.consequences,
                house.audit,
                house.neighbours,
                lambda: AT,
            )
            for process in (one, two)
        ]
        house.neighbours.silent = {waiting.author_id}
        assert [await look.publish_due() for look in looks] == [0, 0]
        assert (await one.get(topic_id)).state is TopicState.SCHEDULED
        house.neighbours.silent.clear()
        appeared = [await look.publish_due() for look in looks]
        await one.consequences.settle()
        assert appeared == [1, 0]
        shown = await one.get(topic_id)
        assert shown.state is TopicState.PUBLISHED
        assert shown.bump > 0
        assert (await one.category()).topics == 1
    assert house.neighbours.found == {(topic_id, 1)}
