"""Writing into topics on the real store: two processes at once, and one that ends at any step."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.forum.model import PostState, TopicState
from server.storage.mongo import Database
from tests.harness.foruming import Crash, House, house_in


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A forum with one category."""
    async with house_in(database) as found:
        yield found


async def test_two_processes_in_one_topic(house: House) -> None:
    """No place is lost or given twice, every reply is counted once, and equal values have equal numbers."""
    one, two = house.process(), house.process()
    topic_id = await one.topic()
    await one.write(topic_id)
    written = await asyncio.gather(
        *(
            process.write(topic_id, f"a{number}", phone=f"{number % 5}")
            for number in range(12)
            for process in (one, two)
        )
    )
    posts = await one.all_posts(topic_id)
    assert [post.seq for post in posts] == list(range(1, 26))
    assert sorted(item.post.seq for item in written) == list(range(2, 26))
    topic = await one.get(topic_id)
    assert (topic.last_seq, topic.replies) == (25, 24)
    numbers = {hidden.digest: number for post in posts for hidden, number in post.hidden}
    assert sorted(numbers.values()) == [1, 2, 3, 4, 5]
    assert all(numbers[hidden.digest] == number for post in posts for hidden, number in post.hidden)


async def test_the_same_id_at_once_in_two_processes(house: House) -> None:
    """One post; everybody gets it, and one of them made it."""
    one, two = house.process(), house.process()
    topic_id = await one.topic()
    written = await asyncio.gather(*(process.write(topic_id, "a", "sama") for process in (one, two, one, two)))
    assert {item.post.id for item in written} == {f"{topic_id}.1"}
    assert [item.is_new for item in written].count(True) == 1
    assert len(await one.all_posts(topic_id)) == 1


@pytest.mark.parametrize("steps", range(4))
async def test_a_process_that_ends_while_it_writes(house: House, steps: int) -> None:
    """The next writer, or the author's retry, finds everything as if nothing had happened."""
    dying = house.process()
    topic_id = await dying.topic()
    await dying.write(topic_id, phone="a")
    dying.steps.left = steps
    if steps < 3:
        with pytest.raises(Crash):
            await dying.write(topic_id, "b", "nomor-satu", phone="b")
    else:
        await dying.write(topic_id, "b", "nomor-satu", phone="b")
    next_process = house.process()
    await next_process.write(topic_id, "c", phone="a")
    again = await next_process.write(topic_id, "b", "nomor-satu", phone="b")
    posts = await next_process.all_posts(topic_id)
    assert [post.seq for post in posts] == [1, 2, 3]
    assert [post.author_id for post in posts].count("b") == 1
    assert again.post.author_id == "b"
    topic = await next_process.get(topic_id)
    assert (topic.last_seq, topic.replies) == (3, 2)
    assert {hidden.digest: number for post in posts for hidden, number in post.hidden} == {"a": 1, "b": 2}


async def test_the_next_start_counts_what_a_crash_left(house: House) -> None:
    """Without any writer: topic and category say how many there are, and the search knows the post."""
    dying = house.process()
    topic_id = await dying.topic()
    await dying.write(topic_id)
    dying.steps.left = 1
    with pytest.raises(Crash):
        await dying.write(topic_id, "b")
    assert (await dying.get(topic_id)).last_seq == 1
    async with house.process().running() as process:
        await process.consequences.settle()
        topic = await process.get(topic_id)
        assert (topic.last_seq, topic.replies) == (2, 1)
        category = await process.category()
        assert (category.topics, category.posts) == (1, 2)
    assert house.neighbours.found == {(topic_id, 1), (topic_id, 2)}


@pytest.mark.parametrize("seq", [1, 2])
@pytest.mark.parametrize("steps", range(4))
async def test_hiding_is_brought_to_its_end(house: House, seq: int, steps: int) -> None:
    """Wherever the process ends: after the next start post, topic and counts fit each other."""
    dying = house.process()
    topic_id = await dying.topic()
    for _ in range(3):
        await dying.write(topic_id)
    async with dying.running():
        await dying.consequences.settle()
    dying.steps.left = steps
    try:
        await dying.hide(topic_id, seq)
    except Crash:
        dying.steps.left = None
    async with house.process().running() as process:
        await process.consequences.settle()
        posts, topic, category = (
            await process.all_posts(topic_id),
            await process.get(topic_id),
            await process.category(),
        )
    public = [post for post in posts if post.state is PostState.PUBLISHED]
    assert len(public) in {2, 3}
    assert topic.replies == sum(post.seq > 1 for post in public)
    hidden = posts[0].state is PostState.HIDDEN
    assert topic.state is (TopicState.HIDDEN if hidden else TopicState.PUBLISHED)
    assert (category.topics, category.posts) == ((0, 0) if hidden else (1, len(public)))


async def test_a_held_topic_appears_when_it_is_published(house: House) -> None:
    """Until then it is in no list and nobody is told; its moderators are."""
    async with house.process().running() as process:
        topic_id = await process.topic()
        await process.write(topic_id, state=PostState.HELD, reasons=("links",))
        held = await process.get(topic_id)
        assert (held.state, held.bump) == (TopicState.HELD, 0)
        process.consequences.draw((await process.all_posts(topic_id))[0])
        await process.consequences.settle()
        assert house.neighbours.queued == [f"{topic_id}.1"]
        await process.states.change(
            "penjaga",
            f"{topic_id}.1",
            PostState.PUBLISHED,
            before=frozenset({PostState.HELD}),
            action="forum:post:decided",
        )
        await process.consequences.settle()
        shown = await process.get(topic_id)
        assert shown.state is TopicState.PUBLISHED
        assert shown.bump > 0
        assert (await process.category()).topics == 1
    assert house.neighbours.found == {(topic_id, 1)}
    assert house.neighbours.queued == [f"{topic_id}.1"]
