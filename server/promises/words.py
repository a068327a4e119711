"""Reads what each promise says, in our words, from the files that ship with the software. Must not know evidence."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

SHIPPED: Final = Path(__file__).parent / "texts"


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1)]
    says: Annotated[str, Field(min_length=1)]
    control: Annotated[str, Field(min_length=1)]
    check: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class _Clause(BaseModel):
    model_config = ConfigDict(extra="forbid")

    indonesian: Annotated[_Words, Field(alias="id")]
    english: Annotated[_Words, Field(alias="en")]


@dataclass(frozen=True, slots=True)
class Words:
    """A promise in one language.

    Attributes:
        title: its heading.
        says: what is promised.
        control: what keeps it.
        check: how anybody can see for themselves, step by step.
    """

    title: str
    says: str
    control: str
    check: tuple[str, ...]


def read_words(folder: Path = SHIPPED) -> Mapping[str, Mapping[str, Words]]:
    """Read all: locale -> id of a clause -> its words.

    Raises:
        ValueError: a file is none, or two of them have words for the same clause.
    """
    found: dict[str, dict[str, Words]] = {"id": {}, "en": {}}
    for file in sorted(folder.glob("*.toml")):
        for name, content in tomllib.loads(file.read_text("utf-8")).items():
            if name in found["id"]:
                raise ValueError("two files have words for the same clause")
            clause = _Clause.model_validate(content)
            for locale, words in (("id", clause.indonesian), ("en", clause.english)):
                found[locale][name] = Words(words.title, words.says, words.control, tuple(words.check))
    return found
