"""Use cases of the search: find posts, complete what somebody types, find topics like the one being written.

What is typed passes the gate before anything is done with it, and nothing of it is logged or stored. What is found is
looked up in the forum before it is shown, so that an index that lags behind shows nothing that it may not. Knows
neither HTTP nor MongoDB.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from nlp.terms import fold, terms_of
from server.forum.model import Category, Post, post_id
from server.forum.shelf import Shown
from server.kernel.actor import Actor
from server.kernel.ports import Limiter
from server.kernel.text import RawText, RedactedText
from server.markup import plain_text
from server.search.beside import Idea, Ideas, NoIdeas
from server.search.finding import PAGE, Place, Walker, Wanted, moved, place_of
from server.search.frequencies import Frequencies
from server.search.model import (
    OPERATOR,
    Entry,
    Excerpt,
    Line,
    Query,
    excerpt_of,
    follows,
    line_of,
    marks_in,
    query_of,
)
from server.search.titles import Titled, Titles, titled_of

MAX_PAGE: Final = 50
MOST_SUGGESTIONS: Final = 8
MOST_SIMILAR: Final = 5
_MOST_BLOCKS: Final = 3
_MOST_IDEAS: Final = 5
_TAGS_SUGGESTED: Final = 3
_TAGS_LOOKED_AT: Final = 6
_SIMILAR_WORDS: Final = 4
_SIMILAR_ENOUGH: Final = 0.3
_TITLE_COUNTS: Final = 3.0
_MOST_CHARACTERS: Final = 1024 * 1024
"""Of lines in memory; with their words they take some twenty times as much."""

_TOO_SHORT: Final = 2
_TYPED_WORD: Final = re.compile(r"[^\W_]+")


class Gate(Protocol):
    """The gate, as far as questions pass it."""

    async def ask(
        self, raw: RawText, *, operators: "re.Pattern[str] | None" = None, sender: str = ""
    ) -> tuple[RedactedText, list[str]]: ...


class Shelf(Protocol):
    """The forum as a reader sees it."""

    async def categories(self, actor: Actor | None) -> Mapping[str, Category]:
        """Give the categories that somebody may read, by id."""
        ...

    async def shown(self, actor: Actor | None, post_ids: Sequence[str]) -> Mapping[str, Shown]:
        """Give those of some posts that are published and may be read, by id."""
        ...

    async def account_of(self, handle: str) -> str | None:
        """Give whose a handle is."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """A post that was found.

    Attributes:
        shown: the post.
        category: where its topic stands.
        excerpt: the piece of its text that fits, with what was looked for.
        title_marks: start and end of the words in the topic's title that were looked for.
    """

    shown: Shown
    category: Category
    excerpt: Excerpt
    title_marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """A page of them.

    Attributes:
        items: titles that fit before posts that do; one post a topic.
        next_cursor: where the next page begins, or None at the end.
        partial: whether nothing holds all the words, and these hold some of them.
        ideas: what stands on the board, on the first page of a question in words alone.
    """

    items: Sequence[Finding]
    next_cursor: str | None = None
    partial: bool = False
    ideas: Sequence[Idea] = ()


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What somebody may mean who is still typing."""

    topics: Sequence[Titled] = ()
    tags: Sequence[str] = ()


class SearchService:
    """The search."""

    def __init__(
        self, walker: Walker, shelf: Shelf, gate: Gate, frequencies: Frequencies, titles: Titles, limiter: Limiter
    ) -> None:
        self._walker = walker
        self._shelf = shelf
        self._gate = gate
        self._frequencies = frequencies
        self._titles = titles
        self._limiter = limiter
        self._lines = _Lines()
        self._ideas: Ideas = NoIdeas()

    def also(self, ideas: Ideas) -> None:
        """Find what is on the board too."""
        self._ideas = ideas

    async def search(
        self, actor: Actor | None, network: str, raw: RawText, *, cursor: str | None = None, limit: int = PAGE
    ) -> Findings:
        """Find posts.

        Args:
            actor: who asks, or None for a reader who is not signed in.
            network: theirs, for limits.
            raw: words, `"words that follow each other"`, `tag:x`, `@handle`, `category:slug`, `status:solved`.
            cursor: where the page before ended.
            limit: findings a page.

        Raises:
            InvalidInput: the cursor is none of ours.
            RateLimited: too many.
            RedactionUnavailable: the gate does not answer; nothing was looked for.
        """
        place = place_of(cursor)
        await self._spend("search", actor, network)
        text, operators = await self._gate.ask(raw, operators=OPERATOR, sender=actor.account_id if actor else "")
        query = query_of(text, operators)
        ideas = await self._ideas.fitting(query.words, _MOST_IDEAS) if query.is_plain and place is None else ()
        categories = await self._shelf.categories(actor)
        wanted = await self._wanted(query, categories)
        if wanted is None:
            return Findings((), ideas=ideas)
        page = _Page(self._shelf, self._lines, actor, query, categories, min(limit, MAX_PAGE))
        begun = place or await self._walker.begin(wanted)
        left = await self._walk(page, wanted, begun)
        if not page.items and left is None and place is None and len(wanted.words) > 1:
            near = await self._walker.nearly(wanted)
            # What came into the index since the walk may hold all the words after all: then it is the answer.
            whole = [entry for entry in near if wanted.titled(entry) or wanted.said(entry)]
            await page.take(whole or near, 0)
            return Findings(page.items, partial=bool(page.items) and not whole, ideas=ideas)
        return Findings(page.items, left.cursor() if left else None, ideas=ideas)

    async def suggest(self, actor: Actor | None, network: str, raw: RawText) -> Suggestions:
        """Complete what somebody types: topics by their titles, and tags.

        Raises:
            RateLimited: too many.
            RedactionUnavailable: the gate does not answer.
        """
        await self._spend("suggestion", actor, network)
        text, _ = await self._gate.ask(raw, sender=actor.account_id if actor else "")
        typed = _TYPED_WORD.findall(fold(text.value))
        if not typed or len("".join(typed)) < _TOO_SHORT:
            return Suggestions()
        categories = await self._shelf.categories(actor)
        found = self._titles.beginning_with(typed, categories.keys(), MOST_SUGGESTIONS)
        words = tuple(terms_of(text.value))
        # A stop word, or half a word, is no term: then the index would answer another question.
        if len(found) < MOST_SUGGESTIONS and len(words) == len(typed):
            wanted = Wanted(words, (), None, frozenset(categories))
            older = await self._walker.read(wanted, await self._walker.begin(wanted))
            known = {topic.topic_id for topic in found}
            found += [topic for entry in older if (topic := titled_of(entry)) and topic.topic_id not in known]
        seen = await self._shelf.shown(actor, [post_id(topic.topic_id, 1) for topic in found[:MOST_SUGGESTIONS]])
        tags = await self._tags(actor, typed[-1], categories) if len(typed) == 1 else ()
        return Suggestions(
            [topic for topic in found[:MOST_SUGGESTIONS] if post_id(topic.topic_id, 1) in seen],
            tags,
        )

    async def similar(self, actor: Actor, network: str, title: RawText, body: RawText | None = None) -> Sequence[Shown]:
        """Find topics like the one that somebody is about to begin: by the words that tell most.

        Raises:
            RateLimited: too many.
            RedactionUnavailable: the gate does not answer.
        """
        await self._spend("suggestion", actor, network)
        asked, _ = await self._gate.ask(title, sender=actor.account_id)
        words = terms_of(asked.value)
        more: list[str] = []
        if body is not None and len(body):
            said, _ = await self._gate.ask(body, sender=actor.account_id)
            more = [term for term in terms_of(plain_text(said)) if term not in words]
        if not words:
            return ()
        categories = await self._shelf.categories(actor)
        weights = {term: _TITLE_COUNTS * weight for term, weight in self._walker.weights(words).items()}
        weights |= self._walker.weights(self._frequencies.rarest(more)[:_SIMILAR_WORDS])
        entries = await self._walker.openings(words, _SIMILAR_WORDS)
        close = sorted(
            ((_closeness(entry, weights), entry) for entry in entries if entry.category_id in categories),
            key=lambda item: (-item[0], -item[1].number),
        )
        ids = [entry.post_id for closeness, entry in close if closeness >= _SIMILAR_ENOUGH][: 2 * MOST_SIMILAR]
        seen = await self._shelf.shown(actor, ids)
        return [seen[post_id] for post_id in ids if post_id in seen][:MOST_SIMILAR]

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _tags(self, actor: Actor | None, typed: str, categories: Mapping[str, Category]) -> Sequence[str]:
        """Complete a tag: of those under which the newest posts hold something that the actor may read."""
        found: list[str] = []
        for tag in self._frequencies.completions(typed, _TAGS_LOOKED_AT):
            wanted = Wanted((), (tag,), None, frozenset(categories))
            entries = await self._walker.read(wanted, await self._walker.begin(wanted))
            if await self._shelf.shown(actor, [entry.post_id for entry in entries[:_TAGS_SUGGESTED]]):
                found.append(tag)
            if len(found) == _TAGS_SUGGESTED:
                break
        return found

    async def _spend(self, limit: str, actor: Actor | None, network: str) -> None:
        if actor is not None:
            await self._limiter.spend(limit, actor.account_id)
        await self._limiter.spend(f"{limit}_network", network)

    async def _wanted(self, query: Query, categories: Mapping[str, Category]) -> Wanted | None:
        """Look the names of a query up; None where nothing can fit it."""
        if query.is_empty or not categories or len(query.handles) > 1 or len(query.categories) > 1:
            return None
        author_id = None
        if query.handles:
            author_id = await self._shelf.account_of(query.handles[0])
            if author_id is None:
                return None
        allowed = frozenset(categories)
        if query.categories:
            allowed = frozenset(item.id for item in categories.values() if item.slug == query.categories[0])
            if not allowed:
                return None
        return Wanted(query.words, query.tags, author_id, allowed, query.solved)

    async def _walk(self, page: "_Page", wanted: Wanted, place: Place) -> Place | None:
        """Fill a page block by block; give where the next one begins, or None at the end."""
        at: Place | None = place
        for _ in range(_MOST_BLOCKS):
            if at is None:
                break
            entries = await self._walker.read(wanted, at)
            looked_at = await page.take(entries, at.offset)
            if looked_at < len(entries):
                return moved(at, looked_at)
            at = self._walker.after(wanted, at)
            if page.is_full:
                break
        return at


class _Lines:
    """The lines of posts that were found before, in memory: what many look for is found again and again.

    Kept under the text itself, so that a post that was changed has another line.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[RedactedText, Line] = OrderedDict()
        self._size = 0

    def of(self, post: Post) -> Line:
        """Give the line of a post that somebody may see."""
        found = self._kept.pop(post.text, None)
        if found is None:
            found = line_of(post.text)
            self._size += len(found.text)
        self._kept[post.text] = found
        while self._size > _MOST_CHARACTERS:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.text)
        return found


class _Page:
    """A page that is being filled."""

    def __init__(
        self,
        shelf: Shelf,
        lines: "_Lines",
        actor: Actor | None,
        query: Query,
        categories: Mapping[str, Category],
        limit: int,
    ) -> None:
        self._shelf = shelf
        self._lines = lines
        self._actor = actor
        self._query = query
        self._categories = categories
        self._limit = limit
        self._topics: set[str] = set()
        self.items: list[Finding] = []

    @property
    def is_full(self) -> bool:
        """Whether nothing more fits in."""
        return len(self.items) >= self._limit

    async def take(self, entries: Sequence[Entry], offset: int) -> int:
        """Take findings in, in order, from an offset on, until the page is full; give the next one's offset."""
        while offset < len(entries) and not self.is_full:
            some, offset = self._choose(entries, offset)
            shown = await self._shelf.shown(self._actor, some)
            for chosen in some:
                if chosen in shown:
                    self._add(shown[chosen])
        return offset

    def _choose(self, entries: Sequence[Entry], offset: int) -> tuple[list[str], int]:
        """Choose as many posts as the page has room for, of topics that it does not show yet; the best of each.

        Where words must follow each other, only the texts tell which post of a topic fits, so none is left out.
        """
        room = self._limit - len(self.items)
        topics: set[str] = set()
        some: list[str] = []
        while offset < len(entries) and len(some) < room:
            entry = entries[offset]
            offset += 1
            if entry.topic_id in self._topics or (entry.topic_id in topics and not self._query.phrases):
                continue
            topics.add(entry.topic_id)
            some.append(entry.post_id)
        return some, offset

    def _add(self, shown: Shown) -> None:
        topic = shown.topic
        if topic.id in self._topics or topic.category_id not in self._categories:
            return
        if not all(_holds(shown, phrase) for phrase in self._query.phrases):
            return
        self._topics.add(topic.id)
        words = self._query.words
        self.items.append(
            Finding(
                shown,
                self._categories[topic.category_id],
                excerpt_of(self._lines.of(shown.post), words),
                marks_in(topic.title.value, words),
            )
        )


def _holds(shown: Shown, phrase: Sequence[str]) -> bool:
    return follows(plain_text(shown.post.text), phrase) or follows(shown.topic.title.value, phrase)


def _closeness(entry: Entry, weights: Mapping[str, float]) -> float:
    """How much of what the words tell an opening has, 0 to 1; what stands only in its text counts half."""
    total = sum(weights.values())
    has = sum(
        weight if f"t:{term}" in entry.keys else weight / 2 for term, weight in weights.items() if term in entry.keys
    )
    return has / total if total else 0.0
