"""What is searched: queries, the keys under which a post is found, and how findings are ordered. Pure.

Keys stand beside each other in one list a post: a plain term is a word of it; `t:` a word of the title it opens with;
`#` a tag, `@` its author, `k:` the category, `s:` the topic's state, `o:` that it opens a topic at all. Terms hold
letters and digits only, so no two kinds can be mistaken for each other.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from nlp.terms import MOST_WORDS as MOST_LOOKED_AT
from nlp.terms import Word, matches, terms_of, words_of
from server.forum.model import Category, Post, Topic, post_id
from server.kernel.text import RedactedText
from server.markup import plain_text

MOST_WORDS: Final = 12
"""Terms of a query that count: the rarest of them would do."""

MOST_PHRASES: Final = 3
OPENING: Final = "o:"
SOLVED: Final = "s:solved"
_MOST_TITLE: Final = 40
_SPACES: Final = re.compile(r"\s+")
_QUOTED: Final = re.compile(r"[\"“”„]([^\"“”„]{1,120})[\"“”„]")

OPERATOR: Final = re.compile(
    r"(?<!\S)(?:(?P<name>tag|kategori|category|status):(?P<value>[a-z0-9][a-z0-9_-]{0,59})"
    r"|@(?P<handle>[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?))(?!\S)",
    re.IGNORECASE,
)
"""A word of a query that chooses: `tag:x`, `category:slug`, `status:solved`, `@handle`."""

_SOLVED_WORDS: Final = frozenset({"selesai", "solved"})


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for. Everything in it must hold of what is found.

    Attributes:
        words: terms.
        phrases: terms that must follow each other.
        tags: of the topic.
        handles: of the author; more than one finds nothing.
        categories: slugs.
        solved: whether only solved topics are meant.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    tags: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    solved: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it chooses nothing at all."""
        return not (self.words or self.tags or self.handles or self.categories or self.solved)

    @property
    def is_plain(self) -> bool:
        """Whether it asks for words alone."""
        return bool(self.words) and not (self.tags or self.handles or self.categories or self.solved)


def query_of(text: RedactedText, operators: Sequence[str]) -> Query:
    """Read a query.

    Args:
        text: what is left of it without its operators, redacted.
        operators: words of the form of `OPERATOR`.
    """
    chosen: dict[str, list[str]] = {"tag": [], "category": [], "handle": []}
    solved = False
    for operator in operators:
        found = OPERATOR.fullmatch(operator)
        if found is None:
            continue
        name, value = (found["name"] or "handle").lower(), (found["value"] or found["handle"]).lower()
        if name == "status":
            solved = solved or value in _SOLVED_WORDS
        else:
            chosen["category" if name == "kategori" else name].append(value)
    phrases = [tuple(terms_of(hit[1])) for hit in _QUOTED.finditer(text.value)]
    return Query(
        words=tuple(terms_of(text.value, most=MOST_WORDS)),
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1)[:MOST_PHRASES],
        tags=tuple(dict.fromkeys(chosen["tag"])),
        handles=tuple(dict.fromkeys(chosen["handle"])),
        categories=tuple(dict.fromkeys(chosen["category"])),
        solved=solved,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a post.

    Attributes:
        topic_id: where it stands.
        seq: its place there.
        category_id: of its topic.
        author_id: who wrote it.
        at: when.
        keys: under which it is found.
        head: what it has of its topic: words of the title, tags, state. Not looked up, only compared.
        number: its place in the index, dense from 1; 0 before it has one.
        title: of the topic, for what opens one.
        topic_number: of the topic, likewise.
        slug: of the topic, likewise.
    """

    topic_id: str
    seq: int
    category_id: str
    author_id: str
    at: datetime
    keys: frozenset[str]
    head: frozenset[str]
    number: int = 0
    title: RedactedText | None = None
    topic_number: int = 0
    slug: str = ""

    @property
    def post_id(self) -> str:
        """The id of the post."""
        return post_id(self.topic_id, self.seq)


def entry_of(category: Category, topic: Topic, post: Post) -> Entry:
    """Say under what a post is found."""
    title = terms_of(topic.title.value, most=_MOST_TITLE)
    body = terms_of(plain_text(post.text))
    head = {*title, *(f"#{tag}" for tag in topic.tags)}
    if topic.accepted_seq is not None:
        head.add(SOLVED)
    keys = {*body, f"@{post.author_id}"}
    if post.seq != 1:
        return Entry(topic.id, post.seq, category.id, post.author_id, post.created_at, frozenset(keys), frozenset(head))
    keys |= {*head, *(f"t:{term}" for term in title), f"k:{category.id}", OPENING}
    return Entry(
        topic.id,
        post.seq,
        category.id,
        post.author_id,
        post.created_at,
        frozenset(keys),
        frozenset(head),
        title=topic.title,
        topic_number=topic.number,
        slug=topic.slug,
    )


_IN_TITLE: Final = 3.0
_IN_BODY: Final = 1.0
_IN_HEAD: Final = 0.5
_OPENS: Final = 1.1
_SOLVES: Final = 1.15
_HALF_LIFE_DAYS: Final = 180.0


def score(entry: Entry, weights: Mapping[str, float], newest: datetime) -> float:
    """Say how well a post fits.

    Args:
        entry: the post.
        weights: term -> how much it tells: the rarer, the more.
        newest: when the newest of those it is compared with was written.
    """
    total = 0.0
    for term, weight in weights.items():
        if f"t:{term}" in entry.keys:
            total += _IN_TITLE * weight
        elif term in entry.keys:
            total += _IN_BODY * weight
        elif term in entry.head:
            total += _IN_HEAD * weight
    if entry.seq == 1:
        total *= _OPENS
    if SOLVED in entry.head:
        total *= _SOLVES
    age_days = max(0.0, (newest - entry.at).total_seconds() / 86_400)
    return total / math.sqrt(1 + age_days / _HALF_LIFE_DAYS)


def ranked(entries: Sequence[Entry], weights: Mapping[str, float]) -> list[Entry]:
    """Order findings, the best first; those without any words to weigh by their age."""
    if not entries:
        return []
    newest = max(entry.at for entry in entries)
    return sorted(entries, key=lambda entry: (-score(entry, weights, newest), -entry.number))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a text with what was found in it.

    Attributes:
        text: the piece, in one line; placeholders stay.
        ranges: start and end of each found word in it, in code points, ascending.
        before: whether something stands before it.
        after: whether something comes after it.
    """

    text: str
    ranges: tuple[tuple[int, int], ...]
    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What a post says in one line, with its words; the same whoever asks, and for what.

    Attributes:
        text: the line; placeholders stay.
        words: of it, those that count for the search, ascending.
    """

    text: str
    words: tuple[Word, ...]


def line_of(text: RedactedText) -> Line:
    """Give the line of a post.

    Args:
        text: Markdown, redacted.
    """
    line = _SPACES.sub(" ", plain_text(text)).strip()
    return Line(line, tuple(word for word in islice(words_of(line), MOST_LOOKED_AT) if word.terms))


def excerpt_of(line: Line, terms: Sequence[str], longest: int = 240) -> Excerpt:
    """Give the piece of a post in which most different terms stand, whole words only.

    Args:
        line: of the post.
        terms: what was looked for.
        longest: code points, about.
    """
    wanted = frozenset(terms)
    found = [word for word in line.words if not wanted.isdisjoint(word.terms)]
    size = len(line.text)
    if size <= longest:
        return Excerpt(line.text, tuple((word.start, word.end) for word in found))
    start = _best_start(line.text, found, wanted, longest)
    end = min(size, start + longest)
    if end < size:
        space = line.text.rfind(" ", start + longest // 2, end)
        end = space if space > 0 else end
    shown = tuple((word.start - start, word.end - start) for word in found if word.start >= start and word.end <= end)
    return Excerpt(line.text[start:end], shown, before=start > 0, after=end < size)


def _best_start(line: str, found: Sequence[Word], wanted: frozenset[str], longest: int) -> int:
    """Where the window with the most different terms begins, a little before the first of them."""
    best, most = 0, 0
    which = [wanted.intersection(word.terms) for word in found]
    for place, first in enumerate(found):
        seen: set[str] = set()
        for word, terms in zip(found[place:], which[place:], strict=True):
            if word.end > first.start + longest * 3 // 4:
                break
            seen |= terms
        if len(seen) > most:
            best, most = first.start, len(seen)
    if best <= longest // 4:
        return 0
    space = line.find(" ", best - longest // 4, best)
    return space + 1 if space > 0 else best


def marks_in(text: str, terms: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Give where terms stand in a title: start and end in code points."""
    return tuple(matches(text, terms)) if terms else ()


def follows(text: str, phrase: Sequence[str]) -> bool:
    """Whether terms stand one after the other in a text; words that say nothing may stand between them."""
    said = [word.terms for word in words_of(text) if word.terms]
    width = len(phrase)
    return any(
        all(phrase[step] in said[start + step] for step in range(width)) for start in range(len(said) - width + 1)
    )
