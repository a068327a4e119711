"""Versions of the privacy policy, and what is different between two of them. Pure; knows no files and no pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Section:
    """One section in one language.

    Attributes:
        key: the same in all versions and languages, for as long as the section is about the same thing.
        title: its heading.
        text: paragraphs; those that begin with `- ` are points of a list.
    """

    key: str
    title: str
    text: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """All that it says, word by word; a paragraph's end is a word of its own."""
        return [word for part in (self.title, *self.text) for word in (*part.split(), "\n")]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version.

    Attributes:
        number: 1, 2, 3, ...
        effective: from which day on it holds.
        review_by: by when the company looks at it again (promise S4).
        purposes: purpose of use -> version of the text that explains it. Where it is another one than before, those
            who agreed are asked again; a new version of the policy alone asks nobody.
        sections: locale -> its text.
    """

    number: int
    effective: date
    review_by: date
    purposes: Mapping[str, int]
    sections: Mapping[str, tuple[Section, ...]]

    def asked_again(self, before: "Policy") -> tuple[str, ...]:
        """Name the purposes about which people are asked again, coming from another version."""
        return tuple(sorted(name for name, version in self.purposes.items() if before.purposes.get(name) != version))


class Piece(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a section.

    Attributes:
        key: of the section.
        title: its heading now, or the one that it had.
        pieces: its text from beginning to end, cut where it was changed; line ends are `\\n`.
    """

    key: str
    title: str
    pieces: tuple[tuple[Piece, str], ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing was changed."""
        return all(piece is Piece.SAME for piece, _ in self.pieces)


def differences(before: Sequence[Section], after: Sequence[Section]) -> list[Change]:
    """Say what became of each section, in the order of the later text; those that are gone come last."""
    old, new = ({section.key: section for section in sections} for sections in (before, after))
    changes = [Change(key, section.title, _pieces(old.get(key), section)) for key, section in new.items()]
    gone = [Change(key, section.title, _pieces(section, None)) for key, section in old.items() if key not in new]
    return changes + gone


def _pieces(before: Section | None, after: Section | None) -> tuple[tuple[Piece, str], ...]:
    old, new = before.words if before else [], after.words if after else []
    pieces: list[tuple[Piece, str]] = []
    for _, old_from, old_to, new_from, new_to in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if old[old_from:old_to] == new[new_from:new_to]:
            pieces.append((Piece.SAME, _text(old[old_from:old_to])))
            continue
        if old_to > old_from:
            pieces.append((Piece.GONE, _text(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append((Piece.NEW, _text(new[new_from:new_to])))
    return tuple(pieces)


def _text(words: Sequence[str]) -> str:
    return " ".join(words).replace(" \n ", "\n").replace(" \n", "\n").replace("\n ", "\n")
