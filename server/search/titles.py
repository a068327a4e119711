"""The titles of the topics that began last, in memory, for suggestions while somebody types a word.

An index of stems can't complete half a word. What is older than these is found once its words are typed out.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from nlp.terms import fold
from server.kernel.text import RedactedText
from server.search.model import OPENING, Entry

MOST_TITLES: Final = 5_000
_WINDOW: Final = 4_096


class Openings(Protocol):
    """Entries by key and number."""

    async def last_number(self) -> int: ...
    async def with_key(self, key: str, above: int, up_to: int) -> list[Entry]: ...


@dataclass(frozen=True, slots=True)
class Titled:
    """A topic by its title.

    Attributes:
        topic_id: opaque id.
        number: of the topic, for its address.
        slug: likewise.
        title: redacted.
        category_id: where it stands.
        place: of its entry in the index.
        folded: the title's words, each after a space.
    """

    topic_id: str
    number: int
    slug: str
    title: RedactedText
    category_id: str
    place: int
    folded: str


class Titles:
    """Keeps them."""

    def __init__(self, most: int = MOST_TITLES) -> None:
        self._most = most
        self._titles: OrderedDict[str, Titled] = OrderedDict()

    def __len__(self) -> int:
        return len(self._titles)

    async def load(self, openings: Openings) -> None:
        """Read the newest, window by window.

        Raises:
            Unavailable: the store does not answer.
        """
        top = await openings.last_number()
        found: list[Entry] = []
        while top > 0 and len(found) < self._most:
            found += await openings.with_key(OPENING, max(0, top - _WINDOW), top)
            top -= _WINDOW
        for entry in sorted(found, key=lambda entry: entry.number)[-self._most :]:
            if entry.topic_id not in self._titles:
                self.put(entry)

    def put(self, entry: Entry) -> None:
        """Take in an entry that opens a topic, in place of what was known of it."""
        known = titled_of(entry)
        if known is None:
            return
        self._titles[entry.topic_id] = known
        while len(self._titles) > self._most:
            self._titles.popitem(last=False)

    def drop(self, topic_id: str) -> None:
        """Forget a topic."""
        self._titles.pop(topic_id, None)

    def beginning_with(self, prefixes: Sequence[str], category_ids: Collection[str], most: int) -> list[Titled]:
        """Give topics in whose title each prefix begins a word, the newest first.

        Args:
            prefixes: folded.
            category_ids: where they may stand.
            most: how many at most.
        """
        wanted = [f" {prefix}" for prefix in prefixes]
        found: list[Titled] = []
        for titled in reversed(self._titles.values()):
            if titled.category_id in category_ids and all(prefix in titled.folded for prefix in wanted):
                found.append(titled)
                if len(found) == most:
                    break
        return found


def titled_of(entry: Entry) -> Titled | None:
    """Give the topic that an entry opens, or None where it opens none."""
    if entry.title is None:
        return None
    words = "".join(char if char.isalnum() else " " for char in fold(entry.title.value))
    return Titled(
        entry.topic_id,
        entry.topic_number,
        entry.slug,
        entry.title,
        entry.category_id,
        entry.number,
        " " + " ".join(words.split()),
    )
