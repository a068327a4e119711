"""Reads the modules that ship with the software. Must not know who takes them."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.kernel.actor import Role
from server.training.model import Lesson, Module, Question

SHIPPED: Final = Path(__file__).parent / "texts"


class _Lesson(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    text: Annotated[list[str], Field(min_length=1)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    options: Annotated[list[str], Field(min_length=2)]
    why: str


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(pattern="^[a-z_]{1,30}$")]
    right: Annotated[int, Field(ge=0)]
    indonesian: Annotated[_Asked, Field(alias="id")]
    english: Annotated[_Asked, Field(alias="en")]

    @model_validator(mode="after")
    def _complete(self) -> "_Question":
        if len(self.indonesian.options) != len(self.english.options) or self.right >= len(self.english.options):
            raise ValueError("options")
        return self


class _Module(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order: int
    version: Annotated[int, Field(ge=1)]
    minutes: Annotated[int, Field(ge=1)]
    roles: list[Role]
    indonesian: Annotated[_Lesson, Field(alias="id")]
    english: Annotated[_Lesson, Field(alias="en")]
    question: Annotated[list[_Question], Field(min_length=1)]


def read_modules(folder: Path = SHIPPED) -> Sequence[Module]:
    """Read all modules, in their order.

    Raises:
        ValueError: a file is none.
    """
    found = [_read(file) for file in folder.glob("*.toml")]
    return sorted(found, key=lambda module: module.order)


def _read(file: Path) -> Module:
    read = _Module.model_validate(tomllib.loads(file.read_text("utf-8")))
    lessons = {
        "id": _lesson(read.indonesian, [(one.key, one.right, one.indonesian) for one in read.question]),
        "en": _lesson(read.english, [(one.key, one.right, one.english) for one in read.question]),
    }
    return Module(file.stem, read.order, read.version, read.minutes, frozenset(read.roles), lessons)


def _lesson(lesson: _Lesson, questions: Sequence[tuple[str, int, _Asked]]) -> Lesson:
    asked = tuple(Question(key, one.text, tuple(one.options), right, one.why) for key, right, one in questions)
    return Lesson(lesson.title, tuple(lesson.text), asked)
