"""The newest pieces of the search's index in memory: which words stand in which of their messages. Pure.

What people look for is mostly of late, and a common word stands in nearly every piece: here it is looked for at some
microseconds a piece, where the store would need a command and half a millisecond. Words are kept as 64 bits of their
hash, two arrays a piece; what is found is read anew and compared before it is shown. Must not be asked where another
server may write to the same index.
"""

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from server.desk.pieces import Piece, Share, Spot, is_told, places_of

MOST: Final = 6_000
"""Pieces that are kept, of up to 64 messages each: some 3 KB a piece."""

_BITS: Final = 0xFFFF_FFFF_FFFF_FFFF


@dataclass(slots=True)
class _Kept:
    """A piece: its words in the order of their hashes, and where each stands."""

    id: str
    conversation_id: str
    keys: "array[int]"
    places: "array[int]"
    is_told: bool

    def find(self, key: int) -> int | None:
        """Give where a word stands; None where it does not."""
        index = bisect_left(self.keys, key)
        return self.places[index] if index < len(self.keys) and self.keys[index] == key else None


class Recent:
    """Keeps them.

    Args:
        most: pieces that are kept.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pieces: dict[int, _Kept] = {}
        self._numbers: dict[str, int] = {}
        self._order: list[int] = []
        self._floor: int | None = None

    @property
    def floor(self) -> int | None:
        """The number above which everything is here; None while nothing is known to be."""
        return self._floor

    @property
    def is_full(self) -> bool:
        """Whether no older ones are to be taken in."""
        return len(self._order) >= self._most

    def begin(self, last: int) -> None:
        """Begin, where `last` is the newest piece of all. What comes after it will be told."""
        self._floor = last

    def clear(self) -> None:
        """Forget everything: it is not known any more whether this is as the index is."""
        self._pieces.clear()
        self._numbers.clear()
        self._order.clear()
        self._floor = None

    def take_in(self, pieces: Iterable[Piece], above: int) -> None:
        """Take in older pieces: all there are between `above` and what is here already."""
        for piece in pieces:
            places = places_of(piece.said) if piece.is_told else None
            self._put(piece.number, _kept(piece.id, piece.conversation_id, piece.keys, places))
        if self._floor is not None:
            self._floor = min(self._floor, above)

    def written(self, shares: Iterable[Share], numbers: Mapping[str, int]) -> None:
        """Hear of what was written.

        Args:
            shares: what was.
            numbers: piece -> its number, of those that were not there before.
        """
        for share in shares:
            number = self._numbers.get(share.id, numbers.get(share.id))
            if number is None:
                continue
            before = self._pieces.get(number)
            places = places_of(share.said)
            if share.whole or before is None:
                told = places if is_told(share.id, share.upto, share.said) else None
                self._put(number, _kept(share.id, share.conversation_id, share.keys, told))
            else:
                self._add(before, share.keys, places)
        while len(self._order) > self._most:
            self._drop_oldest()

    def forget(self, conversation_id: str) -> None:
        """Let everything of a conversation go."""
        for number in [number for number, kept in self._pieces.items() if kept.conversation_id == conversation_id]:
            del self._numbers[self._pieces.pop(number).id]
            self._order.remove(number)

    def newest(self, words: Sequence[str], others: Sequence[str], top: int, most: int) -> list[Spot]:
        """Give the newest pieces that have all of some keys, newest first.

        Args:
            words: whose places are told; the rarest first is quickest.
            others: keys that must be there too.
            top: the highest number to begin with.
            most: how many.
        """
        keys = [_hash(word) for word in words]
        further = [_hash(other) for other in others]
        found: list[Spot] = []
        for index in range(bisect_left(self._order, top + 1) - 1, -1, -1):
            number = self._order[index]
            kept = self._pieces[number]
            if not all(kept.find(key) is not None for key in further):
                continue
            places = [kept.find(key) for key in keys]
            known = tuple(place for place in places if place is not None)
            if len(known) == len(places):
                found.append(Spot(kept.id, number, kept.conversation_id, known if kept.is_told else None))
            if len(found) >= most:
                break
        return found

    def _put(self, number: int, kept: _Kept) -> None:
        if number not in self._pieces:
            insort(self._order, number)
        self._pieces[number] = kept
        self._numbers[kept.id] = number

    @staticmethod
    def _add(kept: _Kept, keys: Iterable[str], places: Mapping[str, int]) -> None:
        known = dict(zip(kept.keys, kept.places, strict=True))
        for key in keys:
            hashed = _hash(key)
            known[hashed] = known.get(hashed, 0) | places.get(key, 0)
        ordered = sorted(known)
        kept.keys, kept.places = array("Q", ordered), array("Q", map(known.__getitem__, ordered))

    def _drop_oldest(self) -> None:
        number = self._order.pop(0)
        del self._numbers[self._pieces.pop(number).id]
        self._floor = number if self._floor is None else max(self._floor, number)


def _kept(piece_id: str, conversation_id: str, keys: Iterable[str], places: Mapping[str, int] | None) -> _Kept:
    where = {_hash(key): (places or {}).get(key, 0) for key in keys}
    ordered = sorted(where)
    return _Kept(
        piece_id,
        conversation_id,
        array("Q", ordered),
        array("Q", map(where.__getitem__, ordered)),
        is_told=places is not None,
    )


def _hash(key: str) -> int:
    return hash(key) & _BITS
