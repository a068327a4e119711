"""The public items in memory: sorted, filtered, searched and compared without asking the store for each list.

Kept in step by `change`, a dense number over all items: what another process has written is read by it, at most once a
second. A number may be allotted before what carries it is written, so a stretch of numbers is read again for some time.
Holds what lists show and the terms of texts, never the texts. Must not know who reads.
"""

import asyncio
import math
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any, Final, Protocol

from nlp.terms import terms_of
from server.feedback.model import Item, Status
from server.feedback.reading import BoardQuery, Order, Row

_WINDOW: Final = 256
_OFTEN_S: Final = 1.0
_AGAIN_S: Final = 30.0
"""How long a number may have been allotted before what carries it is written."""
MOST_TERMS: Final = 80
_COMMON: Final = 0.3
"""Share of all items beyond which a term says nothing about likeness, once there are many."""
_MANY: Final = 50
_IN_TITLE: Final = 1
_LEAST_LIKE: Final = 0.34
MERGED: Final = Status.MERGED
_ALL: Final = frozenset(Status) - {MERGED}


class BoardStore(Protocol):
    """What is needed of the store."""

    async def last_number(self) -> int: ...
    async def last_change(self) -> int: ...
    async def numbered_window(self, above: int, up_to: int) -> list[Item]: ...
    async def changed_since(self, above: int) -> list[Item]: ...


@dataclass(slots=True)
class _Kept:
    """A row with what orders and outdates it."""

    row: Row
    revision: int
    edits: int
    slot: int
    by_votes: tuple[int, int]
    by_heat: tuple[float, int]


class Board:
    """The public items.

    Args:
        store: where items are kept.
        clock: seconds that only go forward.
    """

    def __init__(self, store: BoardStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._slots: list[str | None] = []
        self._postings: dict[str, array[int]] = {}
        self._orders: dict[Order, list[_Kept]] = {}
        self._unsorted: set[Order] = set()
        self._counts = dict.fromkeys(Status, 0)
        self._gone: dict[str, int] = {}
        self._seen: deque[tuple[float, int]] = deque()
        self._looked_at = -math.inf
        self._turn = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    async def start(self) -> None:
        """Read all items, window by window.

        Raises:
            Unavailable: the store does not answer.
        """
        change, top = await self._store.last_change(), await self._store.last_number()
        for above in range(0, top, _WINDOW):
            for item in await self._store.numbered_window(above, min(above + _WINDOW, top)):
                self.take(item)
                # Stems of words that were not met before are worked out one by one.
                await asyncio.sleep(0)
        self._seen.append((self._clock(), change))
        self._looked_at = self._clock() - _OFTEN_S

    async def look(self) -> None:
        """Read what others have written since.

        Raises:
            Unavailable: the store does not answer.
        """
        if self._clock() - self._looked_at < _OFTEN_S:
            return
        async with self._turn:
            now = self._clock()
            if now - self._looked_at < _OFTEN_S:
                return
            last = await self._store.last_change()
            while len(self._seen) > 1 and now - self._seen[1][0] >= _AGAIN_S:
                self._seen.popleft()
            floor = self._seen[0][1] if self._seen else 0
            if last > floor:
                for item in await self._store.changed_since(floor):
                    self.take(item)
            if not self._seen or self._seen[-1][1] != last:
                self._seen.append((now, last))
            self._looked_at = now

    def take(self, item: Item) -> None:
        """Take in an item as it stands, unless something later of it is known."""
        kept = self._kept.get(item.id)
        known = kept.revision if kept else self._gone.get(item.id, -1)
        if item.revision <= known:
            return
        if kept is not None:
            self._counts[kept.row.status] -= 1
        if not item.is_public:
            if kept is not None:
                self._slots[kept.slot] = None
                del self._kept[item.id]
                self._orders.clear()
            if item.id in self._gone or kept is not None:
                self._gone[item.id] = item.revision
            return
        self._gone.pop(item.id, None)
        self._counts[item.status] += 1
        if kept is not None and kept.edits == item.edits and kept.row.tags == item.tags:
            kept.row, kept.revision = _row(item), item.revision
            kept.by_votes, kept.by_heat = (item.weight, item.number), (item.heat, item.number)
            self._unsorted |= {Order.VOTES, Order.TREND}
            return
        if kept is not None:
            self._slots[kept.slot] = None
        slot = len(self._slots)
        self._slots.append(item.id)
        votes, heat = (item.weight, item.number), (item.heat, item.number)
        self._kept[item.id] = _Kept(_row(item), item.revision, item.edits, slot, votes, heat)
        self._orders.clear()
        self._post(item, slot)

    def find(self, item_id: str) -> Row | None:
        """Give a public item's row."""
        kept = self._kept.get(item_id)
        return kept.row if kept else None

    def page(self, query: BoardQuery) -> tuple[Sequence[Row], int]:
        """Give a page's rows, and how many there are in all."""
        wanted = query.statuses or _ALL
        if not (query.terms or query.kind or query.area or query.tag):
            # How many there are is known, so nobody needs to look at all of them.
            found = (kept.row for kept in self._ordered(query.order) if kept.row.status in wanted)
            total = sum(self._counts[status] for status in wanted)
            return list(islice(found, query.after, query.after + query.limit)), total
        chosen = self._with_terms(query.terms) if query.terms else None
        rows = [
            kept.row
            for kept in self._ordered(query.order)
            if (chosen is None or kept.row.id in chosen) and _fits(kept.row, query)
        ]
        return rows[query.after : query.after + query.limit], len(rows)

    def counts(self) -> dict[Status, int]:
        """Give how many public items have each status."""
        return dict(self._counts)

    def told(self) -> Sequence[Row]:
        """Give the items because of which something was changed, what was told last first."""
        rows = [(kept.row.told_at, kept.row.number, kept.row) for kept in self._kept.values() if kept.row.told_at]
        return [row for _, _, row in sorted(rows, key=lambda told: told[:2], reverse=True)]

    def tags(self) -> dict[str, int]:
        """Give the tags of public items with how many have each."""
        found: dict[str, int] = {}
        for kept in self._kept.values():
            for tag in kept.row.tags:
                found[tag] = found.get(tag, 0) + 1
        return found

    def similar(self, terms: Sequence[str], most: int, *, but: str = "") -> list[tuple[Row, float]]:
        """Give the items that are most like some terms, the likeliest first.

        A rare term says more than a common one (inverse document frequency), and a term of a title more than one that
        stands somewhere in a text.

        Args:
            terms: of a redacted text.
            most: how many at most.
            but: id of an item that is left out.
        """
        total = len(self._kept)
        scores: dict[int, float] = {}
        whole = 0.0
        for term in dict.fromkeys(terms):
            posting = self._postings.get(term)
            rarity = math.log((total + 1) / ((len(posting) if posting else 0) + 0.5))
            whole += max(rarity, 0.0)
            if posting is None or rarity <= 0 or (total > _MANY and len(posting) > _COMMON * total):
                continue
            for place in posting:
                share = 1.0 if place & _IN_TITLE else 0.6
                scores[place >> 1] = scores.get(place >> 1, 0.0) + rarity * share
        if whole <= 0:
            return []
        found: list[tuple[Row, float]] = []
        for slot in sorted(scores, key=lambda slot: -scores[slot]):
            likeness = scores[slot] / whole
            if likeness < _LEAST_LIKE or len(found) == most:
                break
            item_id = self._slots[slot]
            if item_id is not None and item_id != but and self._kept[item_id].row.status is not MERGED:
                found.append((self._kept[item_id].row, min(1.0, likeness)))
        return found

    # --- inside ----------------------------------------------------------------------------------------------------

    def _post(self, item: Item, slot: int) -> None:
        heading = dict.fromkeys(terms_of(item.title.value, most=MOST_TERMS))
        body = [term for term in terms_of(item.text.value, most=MOST_TERMS) if term not in heading]
        tags = [tag for tag in item.tags if tag not in heading]
        for term in heading:
            self._postings.setdefault(term, array("I")).append(slot << 1 | _IN_TITLE)
        for term in dict.fromkeys([*tags, *body]):
            self._postings.setdefault(term, array("I")).append(slot << 1)

    def _with_terms(self, terms: Sequence[str]) -> set[str]:
        """The ids of the items in which all terms stand."""
        found: set[int] | None = None
        for posting in sorted((self._postings.get(term, array("I")) for term in terms), key=len):
            places = {place >> 1 for place in posting}
            found = places if found is None else found & places
            if not found:
                return set()
        return {item_id for slot in found or () if (item_id := self._slots[slot]) is not None}

    def _ordered(self, order: Order) -> list[_Kept]:
        kept = self._orders.get(order)
        if kept is None:
            kept = self._orders[order] = list(self._kept.values())
            self._unsorted.add(order)
        if order in self._unsorted:
            # What is nearly in order is brought into order in one pass.
            kept.sort(key=_KEYS[order], reverse=True)
            self._unsorted.discard(order)
        return kept


_KEYS: Final[dict[Order, Any]] = {
    Order.VOTES: attrgetter("by_votes"),
    Order.TREND: attrgetter("by_heat"),
    Order.NEWEST: attrgetter("row.number"),
}


def _fits(row: Row, query: BoardQuery) -> bool:
    if query.statuses:
        if row.status not in query.statuses:
            return False
    elif row.status is MERGED:
        return False
    return (
        (query.kind is None or row.kind is query.kind)
        and (query.area is None or row.area == query.area)
        and (query.tag is None or query.tag in row.tags)
    )


def _row(item: Item) -> Row:
    return Row(
        id=item.id,
        number=item.number,
        kind=item.kind,
        title=item.title,
        status=item.status,
        area=item.area,
        tags=item.tags,
        votes=item.weight,
        comments=item.comment_count,
        created_at=item.created_at,
        changed_at=item.changed_at,
        answered=item.response is not None,
        told_at=item.changelog.at if item.changelog is not None else None,
    )
