"""Reads the texts of purposes, every version that was ever shown. Must not know who reads them.

A text is held to its digest: one that was changed without a new version is refused at the start, because receipts
quote it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from server.privacy.model import PURPOSES
from server.statements import digest

SHIPPED: Final = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class PurposeText:
    """What a person is shown of a purpose, in one language.

    Attributes:
        title: its heading.
        text: paragraphs.
    """

    title: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PurposeVersion:
    """One version.

    Attributes:
        number: 1, 2, 3, ...
        digest: SHA-256 of it in all languages, in hexadecimal.
        words: locale -> its text.
    """

    number: int
    digest: str
    words: Mapping[str, PurposeText]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class _Version(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Annotated[int, Field(ge=1)]
    digest: str
    indonesian: Annotated[_Words, Field(alias="id")]
    english: Annotated[_Words, Field(alias="en")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Annotated[list[_Version], Field(min_length=1)]


class PurposeTexts:
    """All texts.

    Args:
        versions: purpose -> its versions, in the order of their numbers.
    """

    def __init__(self, versions: Mapping[str, Sequence[PurposeVersion]]) -> None:
        self._versions = {name: tuple(found) for name, found in versions.items()}

    def present(self, purpose: str) -> PurposeVersion:
        """Give the text that is shown now."""
        return self._versions[purpose][-1]

    def find(self, purpose: str, number: int) -> PurposeVersion | None:
        """Find a version, also of one that is shown no more."""
        found = self._versions.get(purpose, ())
        return found[number - 1] if 0 < number <= len(found) else None


def read_texts(folder: Path = SHIPPED) -> PurposeTexts:
    """Read all texts.

    Raises:
        ValueError: a file is missing or is none, a version does not fit `PURPOSES`, or a text is not the one that its
            digest was made of.
    """
    return PurposeTexts({name: _read(folder / f"{name}.toml", rule.version) for name, rule in PURPOSES.items()})


def digest_of(words: Mapping[str, PurposeText]) -> str:
    """Give the digest of a text in all its languages."""
    return digest({locale: [one.title, *one.text] for locale, one in words.items()})


def _read(file: Path, newest: int) -> list[PurposeVersion]:
    read = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    found: list[PurposeVersion] = []
    for one in read.version:
        words = {"id": _words(one.indonesian), "en": _words(one.english)}
        if one.number != len(found) + 1:
            raise ValueError(f"{file.name}: versions are numbered from 1")
        if digest_of(words) != one.digest:
            raise ValueError(f"{file.name}: version {one.number} was changed; a change is a further version")
        found.append(PurposeVersion(one.number, one.digest, words))
    if len(found) != newest:
        raise ValueError(f"{file.name}: the newest version is not the one that holds")
    return found


def _words(read: _Words) -> PurposeText:
    return PurposeText(read.title, tuple(read.text))
