"""Who is told of a post, on the real store: each once, for the most personal reason, and never its author."""

from collections.abc import AsyncIterator

import pytest

from server.forum.follows import Follow, Interest
from server.forum.ports import Told
from server.storage.mongo import Database
from tests.harness.foruming import CATEGORY, House, Process, house_in


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A forum with one category."""
    async with house_in(database) as found:
        yield found


async def _post(process: Process, topic_id: str, author_id: str, **fields: object) -> str:
    written = await process.write(topic_id, author_id, **fields)
    process.consequences.draw(written.post)
    await process.consequences.settle()
    return written.post.id


async def test_who_is_told(house: House) -> None:
    """Followers of category and tag of a topic; then those who wrote in it, are answered, quoted or mentioned."""
    async with house.process().running() as process:
        for account_id, target in (("kategori", f"category:{CATEGORY.id}"), ("kata", "tag:struk"), ("a", "tag:struk")):
            await process.marks.set_follow(Follow(account_id, target, Interest.FOLLOW))
        topic_id = await process.topic("a", tags=("struk",))
        first = await _post(process, topic_id, "a")
        assert sorted(house.neighbours.told) == [
            ("kata", Told.FOLLOWED, first),
            ("kategori", Told.FOLLOWED, first),
        ]
        house.neighbours.told.clear()
        second = await _post(process, topic_id, "b", reply_to=1)
        assert house.neighbours.told == [("a", Told.ANSWERED, second)]
        house.neighbours.told.clear()
        third = await _post(process, topic_id, "c", quotes=(2,), mentions=("d", "b"))
        assert sorted(house.neighbours.told) == [
            ("a", Told.REPLIED, third),
            ("b", Told.MENTIONED, third),
            ("d", Told.MENTIONED, third),
        ]


async def test_who_muted_a_topic_is_left_alone(house: House) -> None:
    """Also after writing there again; what is told once is not told again by another change."""
    async with house.process().running() as process:
        topic_id = await process.topic("a")
        await _post(process, topic_id, "a")
        await process.marks.set_follow(Follow("a", f"topic:{topic_id}", Interest.NONE))
        await _post(process, topic_id, "a")
        second = await _post(process, topic_id, "b")
        assert house.neighbours.told == []
        await process.marks.set_follow(Follow("a", f"topic:{topic_id}", Interest.FOLLOW))
        await process.posts.touch(second)
        (post,) = [item for item in await process.all_posts(topic_id) if item.id == second]
        process.consequences.draw(post)
        await process.consequences.settle()
        assert house.neighbours.told == []


async def test_what_a_crash_left_untold_is_told_at_the_next_start(house: House) -> None:
    """The queue is in the posts themselves."""
    first = house.process()
    topic_id = await first.topic("a")
    await first.marks.set_follow(Follow("kategori", f"category:{CATEGORY.id}", Interest.FOLLOW))
    await first.write(topic_id, "a")
    async with house.process().running() as process:
        await process.consequences.settle()
        assert house.neighbours.told == [("kategori", Told.FOLLOWED, f"{topic_id}.1")]
        assert await process.posts.pending() == []
    async with house.process().running() as process:
        await process.consequences.settle()
    assert len(house.neighbours.told) == 1
