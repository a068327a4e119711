"""Takes the topics of another forum in: every text through the gate, authors under made handles, dates kept.

Idempotent by the source's own ids, so that after a crash the same command goes on where it stopped. Nobody is told of
what is imported. Must not read files, nor know how one source names things.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.consequences import Pending
from server.forum.dumps import Bad, Dump, SourcePost, SourceTopic
from server.forum.keys import client_key
from server.forum.model import Category, Post, PostState, Topic, TopicState
from server.forum.ports import Index
from server.forum.trail import IMPORTED, MENDED, post_entry
from server.forum.words import MOST_TAGS, admit_word, slug_of
from server.forum.writing import Draft, TopicWriter
from server.intake import Intake
from server.kernel.errors import InvalidInput
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.text import Numbering, RedactedTemplate, RedactedText, template_of
from server.markup import MarkupRules, SafeHtml, render
from server.markup.rendering import nobody, nowhere

_GROUP: Final = 16
_MOST_NAMES: Final = 20
_LONGEST_TITLE: Final = 255
_WINDOW: Final = 1_024
_SYSTEM: Final = "system"
_RULES: Final = MarkupRules(links=True, images=False)


class Authors(Protocol):
    """Makes accounts that nobody can enter, for people of elsewhere."""

    async def account_of(self, source_id: str) -> str:
        """Give the account that stands for somebody; the same each time."""
        ...


class ImportTopics(Protocol):
    """What is needed of the topics' store."""

    async def next_number(self) -> int: ...
    async def last_bump(self) -> int: ...
    async def insert_topic(self, topic: Topic, client_key: bytes, numbers: dict[str, int]) -> bool: ...
    async def find_topic(self, topic_id: str) -> Topic | None: ...
    async def find_begun(self, client_key: bytes) -> Topic | None: ...
    async def categories(self) -> list[Category]: ...
    async def insert_category(self, category: Category) -> bool: ...
    async def set_counts(self, category_id: str, topics: int, posts: int) -> None: ...
    async def in_window(self, above: int, up_to: int, category_id: str | None, tag: str | None) -> list[Topic]: ...


class ImportPosts(Protocol):
    """What is needed of the posts' store."""

    async def find_written(self, key: bytes) -> Post | None: ...
    async def find_pending(self, ids: Sequence[str]) -> list[Pending]: ...
    async def drawn(self, done: Sequence[Pending]) -> None: ...


@dataclass(slots=True)
class Report:
    """What became of a dump.

    Attributes:
        topics: how many are new.
        posts: likewise.
        before: posts that an earlier run had taken in.
        bad: what was not taken in.
    """

    topics: int = 0
    posts: int = 0
    before: int = 0
    bad: list[Bad] = field(default_factory=list)


class Importer:
    """Takes dumps in."""

    def __init__(
        self,
        source: str,
        intake: Intake,
        topics: ImportTopics,
        posts: ImportPosts,
        writer: TopicWriter,
        index: Index,
        authors: Authors,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._source = f"import:{source}"
        self._intake = intake
        self._topics = topics
        self._posts = posts
        self._writer = writer
        self._index = index
        self._authors = authors
        self._audit = audit
        self._clock = clock
        self._report = Report()

    async def run(self, dump: Dump, into: str | None, progress: Callable[[int], None]) -> Report:
        """Take a dump in.

        Args:
            dump: what to take in.
            into: slug of the category for all of it; None makes those of the dump where they are missing.
            progress: hears how many posts were looked at.

        Raises:
            InvalidInput: there is no category of that slug.
            RedactionUnavailable, Unavailable: stopped; the same again goes on from there.
        """
        self._report = Report(bad=list(dump.bad))
        places = await self._places(dump, into)
        looked_at = 0
        for source in dump.topics:
            category = places.get(source.category_id) or places.get("")
            if category is None:
                self._report.bad.append(Bad(f"topic {source.id}", "no_category"))
            else:
                await self._take(source, category, self._names(source, dump))
            looked_at += len(source.posts)
            progress(looked_at)
        for category in {item.id: item for item in places.values()}.values():
            await self._topics.set_counts(category.id, *await self._counted(category.id))
        return self._report

    # --- categories ------------------------------------------------------------------------------------------------

    async def _places(self, dump: Dump, into: str | None) -> dict[str, Category]:
        """Where to put what, by the source's id of the category; under an empty id what has none."""
        known = {item.slug: item for item in await self._topics.categories()}
        if into is not None:
            if into not in known:
                raise InvalidInput(fields={"category": "unknown"})
            return dict.fromkeys(["", *dump.categories, *(topic.category_id for topic in dump.topics)], known[into])
        places: dict[str, Category] = {}
        for source in dump.categories.values():
            scope = new_id()
            try:
                template = await self._intake.admit(source.name, scope=scope, field="name", max_length=80)
            except InvalidInput as error:
                self._report.bad.append(Bad(f"category {source.id}", _reason(error)))
                continue
            name = template.fill(Numbering()).text
            slug = slug_of(name)
            if slug not in known:
                category = Category(scope, slug, name, _nothing(), position=len(known))
                await self._topics.insert_category(category)
                known[slug] = category
            places[source.id] = known[slug]
        return places

    async def _counted(self, category_id: str) -> tuple[int, int]:
        topics = posts = 0
        top = await self._topics.last_bump()
        while top > 0:
            for topic in await self._topics.in_window(max(0, top - _WINDOW), top, category_id, None):
                if topic.state is TopicState.PUBLISHED:
                    topics, posts = topics + 1, posts + topic.replies + 1
            top -= _WINDOW
        return topics, posts

    # --- topics ----------------------------------------------------------------------------------------------------

    async def _take(self, source: SourceTopic, category: Category, names: Sequence[str]) -> None:
        key = client_key(self._source, f"t:{source.id}")
        begun = await self._topics.find_begun(key)
        topic = begun or await self._begin(source, category, key, names)
        if topic is None:
            return
        new = 0
        seqs: dict[str, int] = {}
        for start in range(0, len(source.posts), _GROUP):
            new += await self._write(topic, category, source.posts[start : start + _GROUP], seqs, names, begun is None)
        self._report.posts += new
        if new:
            entry = AuditEntry("forum:topic:imported", _SYSTEM, (topic.id,), self._clock(), {"posts": new})
            await self._audit.append([entry])

    async def _begin(self, source: SourceTopic, category: Category, key: bytes, names: Sequence[str]) -> Topic | None:
        topic_id = new_id()
        try:
            template = await self._intake.admit(
                source.title, scope=topic_id, field="title", max_length=_LONGEST_TITLE, known_names=names
            )
        except InvalidInput as error:
            self._report.bad.append(Bad(f"topic {source.id}", _reason(error)))
            return None
        numbering = Numbering()
        title = template.fill(numbering)
        author = await self._authors.account_of(source.author_id or source.posts[0].author_id)
        topic = Topic(
            id=topic_id,
            number=await self._topics.next_number(),
            category_id=category.id,
            slug=slug_of(title.text),
            title=title.text,
            redactions=title.redactions,
            author_id=author,
            created_at=source.at,
            state=TopicState.PUBLISHED,
            bump=0,
            active_at=source.at,
            last_author_id=author,
            tags=await self._tags(source, topic_id),
            locked=source.locked,
        )
        if not await self._topics.insert_topic(topic, key, numbering.fresh()):
            return await self._topics.find_begun(key)
        self._report.topics += 1
        return topic

    async def _tags(self, source: SourceTopic, scope: str) -> tuple[str, ...]:
        """Those that may stand in addresses; the others are left out and named."""
        tags: set[str] = set()
        for raw in source.tags[:MOST_TAGS]:
            try:
                tags.add(await admit_word(self._intake, raw, scope=scope, field="tags"))
            except InvalidInput as error:
                self._report.bad.append(Bad(f"tag of topic {source.id}", _reason(error)))
        return tuple(sorted(tags))

    # --- posts -----------------------------------------------------------------------------------------------------

    async def _write(
        self,
        topic: Topic,
        category: Category,
        group: Sequence[SourcePost],
        seqs: dict[str, int],
        names: Sequence[str],
        fresh: bool,
    ) -> int:
        """Write some posts of a topic, in order; give how many are new.

        What they lead to is done here and now. A crash in between leaves them marked, and the server does it.
        """
        keys = [client_key(self._source, f"p:{post.id}") for post in group]
        before = [None if fresh else await self._posts.find_written(key) for key in keys]
        missing = [post for post, found in zip(group, before, strict=True) if found is None]
        admitted = await asyncio.gather(*(self._admit(post, topic.id, names) for post in missing))
        templates = {post.id: template for post, template in zip(missing, admitted, strict=True)}
        written: list[Post] = []
        new: set[str] = set()
        for source, key, found in zip(group, keys, before, strict=True):
            if found is not None:
                self._report.before += 1
                written.append(found)
            elif (template := templates[source.id]) is not None:
                written.append(await self._append(topic, source, key, template, seqs))
                new.add(written[-1].id)
            else:
                continue
            seqs[source.id] = seqs[f"#{source.order:.0f}"] = written[-1].seq
        now = self._clock()
        entries = [
            post_entry(self._audit, post, IMPORTED if post.id in new else MENDED, _SYSTEM, now) for post in written
        ]
        if entries:
            await self._audit.append(entries)
        await self._draw(topic, category, written)
        return sum(template is not None for template in templates.values())

    async def _draw(self, topic: Topic, category: Category, written: Sequence[Post]) -> None:
        """Make posts findable that still wait for it."""
        left = await self._posts.find_pending([post.id for post in written]) if written else []
        current = await self._topics.find_topic(topic.id) if left else None
        for item in left:
            if item.post.state is PostState.PUBLISHED:
                await self._index.put(category, current or topic, item.post, "")
        await self._posts.drawn([replace(item, told=True) for item in left])

    async def _append(
        self, topic: Topic, source: SourcePost, key: bytes, template: RedactedTemplate, seqs: dict[str, int]
    ) -> Post:
        draft = Draft(
            author_id=await self._authors.account_of(source.author_id),
            key=key,
            template=template,
            render=_shown,
            at=source.at,
            reply_to=seqs.get(source.reply_to) if source.reply_to else None,
            told=True,
        )
        return (await self._writer.append(topic.id, draft, _anything)).post

    async def _admit(self, source: SourcePost, scope: str, names: Sequence[str]) -> RedactedTemplate | None:
        try:
            parts = [await self._intake.admit(piece, scope=scope, known_names=names) for piece in source.pieces]
        except InvalidInput as error:
            self._report.bad.append(Bad(f"post {source.id}", _reason(error)))
            return None
        return template_of([part for template in parts for part in template.parts])

    def _names(self, source: SourceTopic, dump: Dump) -> list[str]:
        """What those who wrote there were called: they call each other so."""
        writers = dict.fromkeys(post.author_id for post in source.posts)
        return [name for writer in writers if (name := dump.names.get(writer))][:_MOST_NAMES]


def _reason(error: InvalidInput) -> str:
    return next(iter(error.fields.values()), error.code)


def _shown(text: RedactedText) -> SafeHtml:
    return render(text, rules=_RULES, mention=nobody, quote=nowhere)


def _anything(_: Topic) -> None:
    """A topic takes what stood in it, locked or not."""


def _nothing() -> RedactedText:
    return template_of(()).fill(Numbering()).text
