"""Fills a store with a forum: what the stores would have written of posts that were published one after the other.

Topics, posts and index entries are made by the models, the markup and the stores' own makers of documents, and go in
in groups, past the services: no redaction (the texts hold nothing to hide), no trail, nobody is told. Some dozens of
topics are written in at a time, so that numbers of places and of entries lie as they would.
"""

import asyncio
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bench.pouring import Pouring
from bench.sayings import Sayings
from nlp.placeholders import PLACEHOLDER
from server.forum import post_store, store
from server.forum.admission import show
from server.forum.marks import REACTIONS
from server.forum.model import Category, Post, PostState, Topic, TopicState
from server.forum.topics import path_of
from server.forum.words import slug_of
from server.kernel.ids import new_id
from server.kernel.text import Numbering, RedactedText, template_of
from server.markup import SafeHtml, render
from server.search.model import Entry, entry_of
from server.search.store import document_of as entry_document
from server.storage.mongo import Database, Document

_AT_ONCE: Final = 50
"""Topics in which something is written at the same time."""

_GROUP: Final = 1_000
_MEAN_POSTS: Final = 20
_LONGEST: Final = 200
_QUOTED: Final = 0.2
_LIKED: Final = 0.3
_SOLVED: Final = 0.25
_APART: Final = timedelta(seconds=47)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: an account with a handle."""

    account_id: str
    handle: str


@dataclass(slots=True)
class _Growing:
    """A topic in which posts are written."""

    topic: Topic
    until: int
    posts: list[Post] = field(default_factory=list)
    likes: int = 0


class ForumFilling:
    """Fills.

    Args:
        database: of a server that does not run, or that is started again before it is asked for anything.
        authors: who writes, at least two.
        categories: where, with their weights in falling order.
        seed: the same writes the same texts.
        ends: when the last post of all was written; the others before it.
    """

    def __init__(
        self,
        database: Database,
        authors: Sequence[Author],
        categories: Sequence[Category],
        *,
        seed: int = 1,
        ends: datetime | None = None,
    ) -> None:
        self._database = database
        self._authors = authors
        self._categories = categories
        self._sayings = Sayings(seed)
        self._chance = random.Random(seed)
        self._ends = ends or datetime.now(UTC).replace(microsecond=0)
        self._pouring = Pouring(database)
        self._handles = {author.account_id: author.handle for author in authors}
        self._rendered: dict[str, str] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        self._number = self._bump = self._entry = 0
        self.topics: list[Topic] = []
        """What was written, as it stands at the end."""

    async def fill(self, posts: int, told: Callable[[int], None] = lambda _: None) -> None:
        """Write so many posts more; then set the counters.

        Args:
            posts: how many; the last topics end short.
            told: is called with how many are written.
        """
        await self._read_counters()
        self._at = self._ends - posts * _APART
        growing: list[_Growing] = []
        written = 0
        while written < posts:
            if len(growing) < _AT_ONCE:
                growing.append(self._begun())
                place = len(growing) - 1
            else:
                place = self._chance.randrange(len(growing))
            self._write(growing[place])
            written += 1
            if growing[place].topic.last_seq == growing[place].until:
                self._finish(growing.pop(place))
                # What is being written goes on meanwhile.
                await asyncio.sleep(0)
                if self._pouring.waits >= _GROUP:
                    await self._pouring.pour()
                    told(written)
        for grown in growing:
            self._finish(grown)
        await self._pouring.finish()
        await self._count()
        told(written)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _begun(self) -> _Growing:
        self._number += 1
        title = _words(self._sayings.title())
        author = self._chance.choice(self._authors)
        weights = [1 / (rank + 1) for rank in range(len(self._categories))]
        topic = Topic(
            id=new_id(),
            number=self._number,
            category_id=self._chance.choices(self._categories, weights)[0].id,
            slug=slug_of(title),
            title=title,
            redactions=(),
            author_id=author.account_id,
            created_at=self._at,
            state=TopicState.PUBLISHED,
            bump=0,
            active_at=self._at,
            last_author_id=author.account_id,
            tags=self._sayings.tags(),
        )
        return _Growing(topic, min(_LONGEST, 1 + int(self._chance.expovariate(1 / (_MEAN_POSTS - 1)))))

    def _write(self, growing: _Growing) -> None:
        """Put a post at the end of a topic, as `TopicWriter` and `advance` do."""
        topic, seq = growing.topic, growing.topic.last_seq + 1
        author = self._chance.choice(self._authors)
        author_id = topic.author_id if seq == 1 else author.account_id
        self._at += _APART
        self._bump += 1
        answered = self._chance.choice(growing.posts) if growing.posts and self._chance.random() < _QUOTED else None
        text, html = self._said(topic, answered)
        post = Post(
            topic_id=topic.id,
            seq=seq,
            author_id=author_id,
            text=text,
            hidden=(),
            redactions=(),
            html=html,
            created_at=self._at,
            state=PostState.PUBLISHED,
            reply_to=answered.seq if answered else None,
            reactions=self._liked(),
            mentions=(answered.author_id,) if answered and answered.author_id != author_id else (),
            quotes=(answered.seq,) if answered else (),
        )
        growing.posts.append(post)
        likes = sum(post.reactions.values())
        growing.topic = replace(
            topic,
            last_seq=seq,
            bump=self._bump,
            active_at=self._at,
            last_author_id=author_id,
            replies=seq - 1,
            likes=topic.likes + likes,
            revision=topic.revision + 1 + likes,
        )
        topics, posts = self._counts.get(topic.category_id, (0, 0))
        self._counts[topic.category_id] = (topics + (seq == 1), posts + 1)

    def _said(self, topic: Topic, answered: Post | None) -> tuple[RedactedText, SafeHtml]:
        """What a post says, and as it is shown. Each sentence is rendered once: paragraphs hold nothing else."""
        paragraphs = self._sayings.paragraphs()
        said = "\n\n".join(" ".join(sentences) for sentences in paragraphs)
        if answered is not None:
            handle = self._handles[answered.author_id]
            text = _words(f"> @{handle} #{answered.seq}\n> {self._sayings.again()}\n\n{said}")
            return text, show(path_of(topic), text)
        shown = ("<p>" + " ".join(map(self._inline, sentences)) + "</p>\n" for sentences in paragraphs)
        return _words(said), SafeHtml("".join(shown))

    def _inline(self, sentence: str) -> str:
        found = self._rendered.get(sentence)
        if found is None:
            found = render(_words(sentence)).value.removeprefix("<p>").removesuffix("</p>\n")
            self._rendered[sentence] = found
        return found

    def _liked(self) -> dict[str, int]:
        if self._chance.random() >= _LIKED:
            return {}
        most = min(3, len(self._authors) - 1)
        kinds = self._chance.choices(REACTIONS, (6, 3, 2, 1, 1), k=self._chance.randint(1, most))
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

    def _finish(self, growing: _Growing) -> None:
        topic = growing.topic
        if topic.last_seq > 1 and self._chance.random() < _SOLVED:
            topic = replace(topic, accepted_seq=self._chance.randint(2, topic.last_seq), revision=topic.revision + 1)
        category = next(item for item in self._categories if item.id == topic.category_id)
        document = store.document_of(topic, os.urandom(16), {})
        if topic.accepted_seq is not None:
            document["accepted_seq"] = topic.accepted_seq
        self._pouring.put("forum_topics", [document])
        self._pouring.put("forum_posts", [self._stored(post) for post in growing.posts])
        self._pouring.put(
            "search_documents", [entry_document(self._numbered(entry_of(category, topic, p))) for p in growing.posts]
        )
        self.topics.append(topic)

    def _stored(self, post: Post) -> Document:
        """A post whose consequences are drawn, with who reacted to it."""
        document: Document = {**post_store.document_of(post, os.urandom(16)), "told": True}
        if post.reactions:
            others = [author.account_id for author in self._authors if author.account_id != post.author_id]
            reacted: dict[str, list[str]] = {}
            for kind, count in post.reactions.items():
                for who in self._chance.sample(others, count):
                    reacted.setdefault(who, []).append(kind)
            document |= {"reactions": dict(post.reactions), "reacted": reacted}
        return document

    def _numbered(self, entry: Entry) -> Entry:
        self._entry += 1
        return replace(entry, number=self._entry)

    async def _read_counters(self) -> None:
        """Go on behind what is there already."""
        ids = ["forum_topics", "forum_bump", "search"]
        found = {item["_id"]: int(item["value"]) async for item in self._database.counters.find({"_id": {"$in": ids}})}
        self._number, self._bump, self._entry = (
            max(found.get(name, 0), own) for name, own in zip(ids, (self._number, self._bump, self._entry), strict=True)
        )

    async def _count(self) -> None:
        for name, value in (("forum_topics", self._number), ("forum_bump", self._bump), ("search", self._entry)):
            await self._database.counters.update_one({"_id": name}, {"$max": {"value": value}}, upsert=True)
        for category_id, (topics, posts) in self._counts.items():
            counted = {"$inc": {"topics": topics, "posts": posts}}
            await self._database.forum_categories.update_one({"_id": category_id}, counted)
        self._counts.clear()


def _words(text: str) -> RedactedText:
    """A text in which there is nothing to hide."""
    if PLACEHOLDER.search(text):
        raise ValueError("a placeholder in an invented text")
    return template_of((text,)).fill(Numbering()).text
