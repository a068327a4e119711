"""What the benches fill stores with reads like what the services write, on the real store."""

from collections.abc import AsyncIterator

import pytest

from bench.filling_chat import ChatFilling
from bench.filling_forum import Author, ForumFilling
from server.chat.model import Status
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.forum.admission import show
from server.forum.model import Post, Topic
from server.forum.topics import path_of
from server.search.finding import Walker, Wanted
from server.search.frequencies import Frequencies
from server.search.model import entry_of
from server.search.store import SEARCH_COLLECTIONS, MongoSearchStore
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.foruming import CATEGORY, House, house_in

POSTS = 90
AUTHORS = [Author(f"penulis{number}", f"rusa-biru-{1000 + number}") for number in range(6)]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A forum with one category."""
    await apply(database, SEARCH_COLLECTIONS)
    async with house_in(database) as found:
        yield found


async def _filled(house: House) -> list[tuple[Topic, list[Post]]]:
    filling = ForumFilling(house.database, AUTHORS, [CATEGORY])
    await filling.fill(POSTS)
    process = house.process()
    topics = await process.topics.find_topics([topic.id for topic in filling.topics])
    assert len(topics) == len(filling.topics) > 1
    return [(topic, await process.all_posts(topic.id)) for topic in topics.values()]


async def test_posts_are_as_if_they_had_been_written_one_after_the_other(house: House) -> None:
    """Counted in their topics and their category, shown as they are rendered, with nothing left to draw."""
    filled = await _filled(house)
    assert sum(len(posts) for _, posts in filled) == POSTS
    for topic, posts in filled:
        assert [post.seq for post in posts] == list(range(1, topic.last_seq + 1))
        assert topic.replies == len(posts) - 1
        assert topic.likes == sum(sum(post.reactions.values()) for post in posts)
        assert (topic.last_author_id, topic.active_at) == (posts[-1].author_id, posts[-1].created_at)
        assert all(post.html == show(path_of(topic), post.text) for post in posts)
    process = house.process()
    assert await process.posts.pending() == []
    category = await process.category()
    assert (category.topics, category.posts) == (len(filled), POSTS)
    top = await process.topics.last_bump()
    listed = await process.topics.in_window(0, top, CATEGORY.id, None)
    assert {topic.id for topic in listed} == {topic.id for topic, _ in filled}
    assert top == max(topic.bump for topic, _ in filled)


async def test_what_is_stored_has_the_fields_that_writing_leaves(house: House) -> None:
    """And writing goes on behind it."""
    filled = await _filled(house)
    process = house.process()
    async with process.running():
        written = await process.write(await process.topic())
        process.consequences.draw(written.post)
        await process.consequences.settle()
    for name, written_id in (("forum_topics", written.topic.id), ("forum_posts", written.post.id)):
        collection = house.database[name]
        fresh = await collection.find_one({"_id": written_id})
        assert fresh is not None
        topic, posts = filled[0]
        old = await collection.find_one({"_id": topic.id if name == "forum_topics" else posts[0].id})
        assert old is not None
        assert {"reactions", "reacted", "accepted_seq", *fresh} == {"reactions", "reacted", "accepted_seq", *old}
    assert written.topic.bump > max(topic.bump for topic, _ in filled)
    assert written.topic.number > max(topic.number for topic, _ in filled)
    again = await process.write(filled[0][0].id)
    assert again.post.seq == filled[0][0].last_seq + 1


async def test_who_reacted_is_known(house: House) -> None:
    """Nobody to their own post, and as many as are counted."""
    process = house.process()
    filled = await _filled(house)
    liked = [post for _, posts in filled for post in posts if post.reactions]
    assert liked
    for post in liked:
        given = [await process.posts.reactions_of(author.account_id, [post.id]) for author in AUTHORS]
        kinds = [kind for found in given for kind in found.get(post.id, ())]
        assert {kind: kinds.count(kind) for kind in set(kinds)} == post.reactions
        assert await process.posts.reactions_of(post.author_id, [post.id]) == {}


async def test_every_post_is_found_by_its_words(house: House) -> None:
    """Its entry is what the indexer would write."""
    store = MongoSearchStore(house.database)
    filled = await _filled(house)
    assert await store.last_number() == POSTS
    for topic, posts in filled:
        entries = await store.find([post.id for post in posts])
        for post in posts:
            made = entry_of(CATEGORY, topic, post)
            assert entries[post.id].keys == made.keys
            assert entries[post.id].head == made.head
    frequencies = Frequencies(store)
    await frequencies.load()
    walker = Walker(store, frequencies)
    topic, posts = filled[-1]
    words = sorted(entry_of(CATEGORY, topic, posts[0]).keys & entry_of(CATEGORY, topic, posts[0]).head)
    title = tuple(word for word in words if word.isalpha())
    wanted = Wanted(title, (), None, frozenset({CATEGORY.id}))
    assert posts[0].id in {entry.post_id for entry in await walker.read(wanted, await walker.begin(wanted))}


async def test_conversations_are_as_the_chat_leaves_them(database: Database) -> None:
    """Whole, listed, and nothing of them unsaved."""
    await apply(database, CHAT_COLLECTIONS)
    filling = ChatFilling(database, ["pelanggan1", "pelanggan2"], ["petugas1"])
    await filling.fill(200)
    store = MongoChatStore(database)
    last = await store.last_number()
    assert last == len(filling.conversations)
    assert sum(item.last_seq for item in filling.conversations) >= 200
    for made in filling.conversations:
        found = await store.load(made.id)
        assert found is not None
        assert (found.conversation, found.newer) == (made, ())
        messages = await store.messages(made.id, 0, made.last_seq)
        assert [message.seq for message in messages] == list(range(1, made.last_seq + 1))
        assert messages[-1].created_at == made.last_message_at
        assert {message.author_id for message in messages} <= {made.customer_id, made.assignee_id}
    closed = await store.in_window(0, last, Status.CLOSED)
    assert {item.id for item in closed} == {item.id for item in filling.conversations if item.status is Status.CLOSED}
    again = ChatFilling(database, ["pelanggan1"], ["petugas1"], seed=2)
    await again.fill(1)
    assert [item.number for item in again.conversations] == [last + 1]
