"""What was rendered, in memory, by everything that it depends on. Must not know what it is."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Rendered(Generic[T]):
    """What was rendered, by everything that it depends on; the longest unused goes first.

    Args:
        most: how much is kept, in the measure of `keep`.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._size = 0

    def find(self, key: Hashable) -> T | None:
        """Give what is kept, or None."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: Hashable, rendered: T, size: int) -> None:
        """Keep something of a size."""
        _, before = self._kept.pop(key, (None, 0))
        self._size += size - before
        self._kept[key] = (rendered, size)
        while self._size > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= gone
