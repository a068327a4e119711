"""Walks through the index, block by block, so that no query reads a common word's whole list.

First the topics whose title holds every word, then the posts that do; in each of the two passes the entries of the
rarest key are read in windows of their numbers, the newest first, and a window is as wide as some hundred of them are
expected in it. Must not know who asks, nor show anything.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from server.kernel.cursors import cursor_of, malformed, read_cursor
from server.search.frequencies import Frequencies
from server.search.model import OPENING, SOLVED, Entry, ranked

BLOCK: Final = 100
"""Entries that a window is expected to hold at most: 0.1 ms each in the embedded engine."""

PAGE: Final = 20
"""Findings of a page, where nobody asks for another number."""

_PAGES: Final = 1.5
_FEWEST: Final = 40
_NARROWEST: Final = 64
_DRIFT: Final = 4
_NEARLY: Final = 2
_TRIED: Final = 6
_PLACE: Final = re.compile(r"s:([tp])\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(\d{1,6})")


class Keyed(Protocol):
    """Entries by key and number."""

    async def last_number(self) -> int: ...
    async def with_key(self, key: str, above: int, up_to: int) -> list[Entry]: ...


class Pass(StrEnum):
    """Which of the two passes."""

    TITLES = "t"
    POSTS = "p"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a search has come.

    Attributes:
        stage: the pass.
        start: the highest number when it began; what came later is not in it.
        top: the block's upper end, included.
        bottom: its lower end, not included.
        offset: how many of its findings were looked at.
    """

    stage: Pass
    start: int
    top: int
    bottom: int
    offset: int = 0

    def cursor(self) -> str:
        """Give the opaque form."""
        return cursor_of(f"s:{self.stage.value}.{self.start}.{self.top}.{self.bottom}.{self.offset}")


def place_of(cursor: str | None) -> Place | None:
    """Read a cursor.

    Raises:
        InvalidInput: it is none of ours.
    """
    if cursor is None:
        return None
    found = _PLACE.fullmatch(read_cursor(cursor))
    if found is None:
        raise malformed()
    start, top, bottom, offset = (int(found[part]) for part in range(2, 6))
    if not start >= top >= bottom:
        raise malformed()
    return Place(Pass(found[1]), start, top, bottom, offset)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query asks of an entry, with every name looked up.

    Attributes:
        words: terms; all must be there.
        tags: of the topic.
        author_id: who wrote it, or None.
        category_ids: where it may stand.
        solved: whether the topic must be solved.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    author_id: str | None
    category_ids: frozenset[str]
    solved: bool = False

    def passes(self, entry: Entry) -> bool:
        """Whether an entry has all that is asked but the words."""
        if entry.category_id not in self.category_ids or self.author_id not in {None, entry.author_id}:
            return False
        return all(f"#{tag}" in entry.head for tag in self.tags) and (not self.solved or SOLVED in entry.head)

    def titled(self, entry: Entry) -> bool:
        """Whether an entry opens a topic whose title holds every word."""
        return self.passes(entry) and all(f"t:{word}" in entry.keys for word in self.words)

    def said(self, entry: Entry) -> bool:
        """Whether an entry's post holds every word, its title included; not those that the other pass finds."""
        if not self.passes(entry):
            return False
        if not self.words:
            return True
        if all(word in entry.head for word in self.words):
            return False
        return all(word in entry.keys or word in entry.head for word in self.words)


class Walker:
    """Reads blocks."""

    def __init__(self, entries: Keyed, frequencies: Frequencies) -> None:
        self._entries = entries
        self._frequencies = frequencies

    async def begin(self, wanted: Wanted) -> Place:
        """Give the place at which a search begins."""
        start = await self._entries.last_number()
        return self._block(wanted, Pass.TITLES if wanted.words else Pass.POSTS, start, start)

    async def read(self, wanted: Wanted, place: Place) -> list[Entry]:
        """Read the findings of a place's block, the best first."""
        key = self._driver(wanted, place.stage)
        # A cursor comes from outside: it may not make a window wider than ours are.
        bottom = max(place.bottom, place.top - _DRIFT * self._width(key))
        entries = await self._entries.with_key(key, bottom, place.top) if place.top > bottom else []
        fits: Callable[[Entry], bool] = wanted.titled if place.stage is Pass.TITLES else wanted.said
        return ranked([entry for entry in entries if fits(entry)], self.weights(wanted.words))

    def after(self, wanted: Wanted, place: Place) -> Place | None:
        """Give the place of the next block, or None at the end."""
        if place.bottom > 0:
            return self._block(wanted, place.stage, place.start, place.bottom)
        if place.stage is Pass.TITLES:
            return self._block(wanted, Pass.POSTS, place.start, place.start)
        return None

    async def nearly(self, wanted: Wanted) -> list[Entry]:
        """Read posts that hold some of the words: of the rarest that occur at all, one block each."""
        start = await self._entries.last_number()
        found: dict[str, Entry] = {}
        occurring = 0
        for word in self._frequencies.rarest(wanted.words)[:_TRIED]:
            entries = await self._entries.with_key(word, max(0, start - self._width(word)), start)
            found |= {entry.post_id: entry for entry in entries if wanted.passes(entry)}
            occurring += bool(entries)
            if occurring == _NEARLY:
                break
        return ranked(list(found.values()), self.weights(wanted.words))

    async def openings(self, words: Sequence[str], most_keys: int) -> list[Entry]:
        """Read what opens topics and holds one of the rarest of some words; of titles and of texts, one block each."""
        start = await self._entries.last_number()
        found: dict[str, Entry] = {}
        for word in self._frequencies.rarest(words)[:most_keys]:
            for key in (f"t:{word}", word):
                for entry in await self._entries.with_key(key, max(0, start - self._width(key)), start):
                    if entry.seq == 1:
                        found[entry.post_id] = entry
        return list(found.values())

    def weights(self, words: Sequence[str]) -> Mapping[str, float]:
        """Give how much each word tells."""
        return {word: self._frequencies.weight(word) for word in words}

    def _driver(self, wanted: Wanted, stage: Pass) -> str:
        """The rarest of the keys that everything must have which is to be found."""
        if stage is Pass.TITLES:
            keys = [f"t:{word}" for word in wanted.words] + [f"#{tag}" for tag in wanted.tags]
        else:
            keys = list(wanted.words)
            if wanted.author_id is not None:
                keys.append(f"@{wanted.author_id}")
            if not keys:
                keys = [f"#{tag}" for tag in wanted.tags] + [SOLVED] * wanted.solved
            if not keys:
                keys = [f"k:{category_id}" for category_id in wanted.category_ids]
        return self._frequencies.rarest(keys)[0]

    def _width(self, key: str, entries: int = BLOCK) -> int:
        return max(_NARROWEST, int(entries / self._frequencies.density(key)))

    def _block(self, wanted: Wanted, stage: Pass, start: int, top: int) -> Place:
        driver = self._driver(wanted, stage)
        width = self._width(driver, self._enough(wanted, stage, driver))
        return Place(stage, start, top, max(0, top - width))

    def _enough(self, wanted: Wanted, stage: Pass, driver: str) -> int:
        """How many entries with a key fill a page: many where the other words are rare among them, few otherwise."""
        titles = stage is Pass.TITLES
        keys = [f"t:{word}" for word in wanted.words] if titles else wanted.words
        among = self._frequencies.density(OPENING) if titles else 1.0
        share = 1.0
        for key in keys:
            if key != driver:
                share *= min(1.0, self._frequencies.density(key) / among)
        return min(BLOCK, max(_FEWEST, int(_PAGES * PAGE / share)))


def moved(place: Place, offset: int) -> Place:
    """Give the same block's place after some of its findings."""
    return replace(place, offset=offset)
