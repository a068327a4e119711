"""What is kept of topics, posts and marks in memory, on the real store: never older than what was acknowledged."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import pytest

from server.forum.follows import Follow, Interest, Subject, target_of
from server.forum.mark_memory import MarkMemory
from server.forum.marks import Bookmark
from server.forum.marks_store import MongoMarkStore
from server.forum.model import Post, PostState, Topic
from server.forum.page_memory import PageMemory
from server.forum.post_store import MongoPostStore
from server.forum.topic_memory import TopicMemory
from server.kernel.ids import new_id
from server.storage.mongo import Database
from tests.harness.foruming import AT, House, Process, house_in

LASTS_S = 5.0


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A forum with one category."""
    async with house_in(database) as found:
        yield found


class _Clock:
    """Seconds that go forward when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _Counted(MongoPostStore):
    """Counts how often posts are read."""

    reads = 0

    async def posts(self, topic_id: str, seqs: Iterable[int]) -> list[Post]:
        self.reads += 1
        return await super().posts(topic_id, seqs)


class Reader:
    """A process that shows topics.

    Args:
        database: the store.
        lasts_s: how long its topics are believed.
    """

    def __init__(self, database: Database, lasts_s: float) -> None:
        self.clock = _Clock()
        self.topics = TopicMemory(database, lasts_s, self.clock)
        self.posts = _Counted(database, self.topics.forget)
        self.pages = PageMemory(self.posts, self.clock)

    async def topic(self, number: int) -> Topic:
        """Give a topic as a page gets it."""
        found = await self.topics.find_numbered(number)
        assert found is not None
        return found

    async def states(self, number: int) -> list[PostState]:
        """Give what a page would be made of."""
        return [post.state for post in (await self.pages.posts(await self.topic(number), 1, 20)).posts]


async def _discussion(process: Process) -> Topic:
    topic_id = await process.topic()
    for author in ("penanya", "penjawab"):
        await process.write(topic_id, author)
    return await process.get(topic_id)


SHOWN, HIDDEN = PostState.PUBLISHED, PostState.HIDDEN


async def test_another_process_hides_a_post(house: House) -> None:
    """Where there are several, every page reads its topic, and by its revision that the posts have changed."""
    process = house.process()
    topic = await _discussion(process)
    reader = Reader(house.database, 0.0)
    for _ in range(3):
        assert await reader.states(topic.number) == [SHOWN, SHOWN]
    assert reader.posts.reads == 1
    await process.hide(topic.id, 2)
    assert await reader.states(topic.number) == [SHOWN, HIDDEN]
    await process.write(topic.id)
    assert await reader.states(topic.number) == [SHOWN, HIDDEN, SHOWN]


async def test_this_process_changes_a_post(house: House) -> None:
    """It is seen at once, though topics are kept: whatever is written is forgotten."""
    topic = await _discussion(house.process())
    reader = Reader(house.database, LASTS_S)
    assert await reader.states(topic.number) == [SHOWN, SHOWN]
    (_, second) = await reader.posts.posts(topic.id, [1, 2])
    assert await reader.posts.change_post(second, {"state": HIDDEN.value}) is not None
    assert await reader.states(topic.number) == [SHOWN, HIDDEN]
    locked = await reader.topics.change(await reader.topic(topic.number), {"locked": True})
    assert locked is not None
    assert (await reader.topic(topic.number)).locked
    await reader.topics.count(topic.id, likes=3)
    assert (await reader.topic(topic.number)).likes == 3
    await reader.topics.set_topic_counts(topic.id, 7, 0)
    assert ((await reader.topic(topic.number)).replies, (await reader.topic(topic.number)).likes) == (7, 0)


async def test_what_a_command_writes_beside_the_server_is_seen_soon(house: House) -> None:
    """After the moment for which memory is believed, and not before."""
    process = house.process()
    topic = await _discussion(process)
    reader = Reader(house.database, LASTS_S)
    assert await reader.states(topic.number) == [SHOWN, SHOWN]
    await process.hide(topic.id, 2)
    reader.clock.now += LASTS_S / 2
    assert await reader.states(topic.number) == [SHOWN, SHOWN]
    reader.clock.now += LASTS_S
    assert await reader.states(topic.number) == [SHOWN, HIDDEN]


async def test_what_was_not_said_is_seen_after_a_minute(house: House) -> None:
    """A process that ended between changing a post and its topic's revision."""
    topic = await _discussion(house.process())
    reader = Reader(house.database, 0.0)
    assert await reader.states(topic.number) == [SHOWN, SHOWN]
    await house.database["forum_posts"].update_one({"_id": f"{topic.id}.2"}, {"$set": {"state": HIDDEN.value}})
    reader.clock.now += 61
    assert await reader.states(topic.number) == [SHOWN, HIDDEN]


async def test_a_readers_marks_are_their_own_and_as_they_last_left_them(house: House) -> None:
    """Bookmarks, follows, reactions; of another topic and another reader nothing."""
    process = house.process()
    topic, other = await _discussion(process), await _discussion(process)
    marks = MarkMemory(MongoMarkStore(house.database), process.posts, _Clock())

    async def own(who: str = "pembaca", of: Topic = topic) -> tuple[dict[int, frozenset[str]], frozenset[int], bool]:
        now = await process.get(of.id)
        found = await marks.own(who, now, await process.all_posts(of.id))
        return dict(found.reactions), found.bookmarked, found.following

    nothing: tuple[dict[int, frozenset[str]], frozenset[int], bool] = ({}, frozenset(), False)
    assert await own() == nothing
    bookmark = Bookmark(new_id(), "pembaca", f"{topic.id}.2", AT)
    assert await marks.insert_bookmark(bookmark)
    assert not await marks.insert_bookmark(replace(bookmark, id=new_id()))
    assert await own() == ({}, frozenset({2}), False)
    follow = Follow("pembaca", target_of(Subject.TOPIC, topic.id), Interest.FOLLOW)
    await marks.set_follow(follow)
    assert await own() == ({}, frozenset({2}), True)
    await process.posts.react(f"{topic.id}.2", "pembaca", "like", given=True)
    await process.topics.count(topic.id, likes=1)
    assert await own() == ({2: frozenset({"like"})}, frozenset({2}), True)
    assert await own("tetangga") == nothing
    assert await own(of=other) == nothing
    assert await marks.remove_bookmark("pembaca", f"{topic.id}.2")
    await marks.set_follow(replace(follow, interest=Interest.NONE))
    await marks.add_follow(follow)
    await process.posts.react(f"{topic.id}.2", "pembaca", "like", given=False)
    await process.topics.count(topic.id, likes=-1)
    assert await own() == nothing


async def test_lists_are_remembered_until_this_process_writes(house: House) -> None:
    """Or until the moment is over for which memory is believed; where there are other servers, never."""
    process = house.process()
    first = await _discussion(process)
    reader, doubter = Reader(house.database, LASTS_S), Reader(house.database, 0.0)

    async def listed(who: Reader) -> list[str]:
        top = await who.topics.last_bump()
        found = await who.topics.in_window(max(0, top - 64), top, None, None)
        return [topic.id for topic in sorted(found, key=lambda topic: -topic.bump)]

    assert await listed(reader) == await listed(doubter) == [first.id]
    second = await _discussion(process)
    assert await listed(reader) == [first.id]
    assert await listed(doubter) == [second.id, first.id]
    reader.clock.now += LASTS_S
    assert await listed(reader) == [second.id, first.id]
    await process.write(first.id)
    assert await listed(reader) == [second.id, first.id]
    assert await reader.topics.change(await reader.topic(second.number), {"locked": True}) is not None
    assert await listed(reader) == [first.id, second.id]


async def test_lists_know_how_far_somebody_has_read(house: House) -> None:
    """At once where this process saved it, of another process after a minute, and of nobody else."""
    process = house.process()
    topic, other = await _discussion(process), await _discussion(process)
    store, clock = MongoMarkStore(house.database), _Clock()
    marks = MarkMemory(store, process.posts, clock)
    mine, theirs, elsewhere = ("pembaca", topic.id), ("tetangga", topic.id), ("pembaca", other.id)
    assert await marks.remembered_marks([mine, theirs, elsewhere]) == {}
    await marks.save_reads({mine: 1})
    assert await marks.remembered_marks([mine, theirs, elsewhere]) == {mine: 1}
    await store.save_reads({mine: 2, theirs: 1})
    assert await marks.remembered_marks([mine, theirs]) == {mine: 1}
    assert await marks.read_marks([mine, theirs]) == {mine: 2, theirs: 1}
    clock.now += 60
    assert await marks.remembered_marks([mine, theirs, elsewhere]) == {mine: 2, theirs: 1}
