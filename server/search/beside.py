"""What the search finds beside the forum: suggestions on the board. Pure; whoever keeps the board fills `Ideas`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.kernel.text import RedactedText


@dataclass(frozen=True, slots=True)
class Idea:
    """A public item of the board.

    Attributes:
        id: opaque.
        number: of it.
        path: its address.
        title: what it is about.
        status: what everybody is told of its state.
        votes: those that count.
    """

    id: str
    number: int
    path: str
    title: RedactedText
    status: str
    votes: int


class Ideas(Protocol):
    """The board, as everybody sees it."""

    async def fitting(self, terms: Sequence[str], most: int) -> Sequence[Idea]:
        """Give the items in which all terms stand, those that most want first, or else what is much like them."""
        ...


class NoIdeas:
    """There is no board."""

    async def fitting(self, terms: Sequence[str], most: int) -> Sequence[Idea]:
        """Find nothing."""
        return ()
