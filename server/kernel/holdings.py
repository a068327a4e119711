"""What a capability keeps of people, in the words of their rights: to know it, to take it along, to have it erased.

Each capability that keeps something of a person says so in a module of its own, `holdings.py`; the composition root
gives all of them to `server.rights`. Nothing here knows what is kept, nor where.

Sources: UU No. 27/2022, articles 5 to 13; GDPR, articles 15 to 20 alike.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Why(StrEnum):
    """Why something stays when a person is erased. People read these (`stays.<value>` in the catalogues)."""

    LEGAL_HOLD = "legal_hold"
    """Somebody who may decides that it must stay: a dispute, a duty by law."""
    OTHERS = "others"
    """It belongs to what others wrote or did; what is left of it is a neutral placeholder."""
    TRAIL = "trail"
    """The audit trail can't be cut out; it knows opaque ids only, which lead to nobody any more."""
    COUNTED = "counted"
    """Figures that people are counted in, and nobody can be taken out of."""
    SAFETY = "safety"
    """It keeps others from being deceived: a digest of a name that nobody else may take."""
    PROOF = "proof"
    """Proof that the erasure was asked for and done."""


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of thing that is kept of a person.

    Attributes:
        kind: its name (`held.<kind>` in the catalogues).
        count: how many there are.
        purpose: what it is kept for (`held_for.<purpose>` in the catalogues).
        rule: name of the retention rule that ends it; empty where it stays until the person goes.
    """

    kind: str
    count: int
    purpose: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a person's export.

    Attributes:
        path: in the archive, `chat/conversations.json`.
        content: what JSON can say, or bytes as they come.
        about: key of the catalogue that says what is in it.
    """

    path: str
    content: Mapping[str, object] | Sequence[object] | AsyncIterator[bytes] = field(repr=False)
    about: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What an erasure does, or did, with one kind of thing.

    Attributes:
        kind: as `Held.kind`.
        gone: how many go altogether.
        stays: how many stay, without anything that leads to the person.
        why: why they stay; None where nothing stays.
    """

    kind: str
    gone: int
    stays: int = 0
    why: Why | None = None


class Holdings(Protocol):
    """What one capability keeps of people."""

    @property
    def name(self) -> str:
        """Of the capability; each has its own."""
        ...

    async def held(self, person_id: str) -> Sequence[Held]:
        """Say what is kept of a person; kinds of which there is nothing may be left out."""
        ...

    def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """Give what a person may take along, a little at a time: what they gave and did, nothing of others."""
        ...

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """Say what `erase` would do now."""
        ...

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """Remove all that leads to a person. Safe to repeat, from the beginning too: what was done is not done again.

        When this returns, it is done on the disk, in memory and on what is queued (letters, notices, hooks).

        Raises:
            Unavailable: the store does not answer; do it again.
        """
        ...


async def no_pieces() -> AsyncIterator[Piece]:
    """Give the pieces of whoever has nothing that a person could take along."""
    nothing: tuple[Piece, ...] = ()
    for piece in nothing:
        yield piece
