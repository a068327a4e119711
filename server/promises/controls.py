"""The catalogue of controls: ISO/IEC 27001:2022 Annex A and Law No. 27 of 2022, each with what proves it.

    python -m server.promises.controls > docs/controls.md

A control is proven by tests and settings, or it is said plainly that it is the organisation's own duty or not covered.
Titles are our own words; whoever needs the standard's text has to buy it.
"""

import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.promises.model import Fact, number

SHIPPED: Final = Path(__file__).parent / "controls.toml"
ANNEX: Final = (*(f"5.{n}" for n in range(1, 38)), *(f"6.{n}" for n in range(1, 9)), *(f"7.{n}" for n in range(1, 15)))
"""Controls of chapters 5 to 7 by number; `ALL` has those of chapter 8 too: 93."""

ALL: Final = (*ANNEX, *(f"8.{n}" for n in range(1, 35)))


class Control(BaseModel):
    """One line of the catalogue.

    Attributes:
        id: number in Annex A, or of the article.
        title: what it is about.
        how: what we do.
        proof: tests under `tests/` as `file::test`, and names of settings.
        own: what the organisation has to see to itself.
        open: what is not covered.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
    title: Annotated[str, Field(min_length=1)]
    how: str = ""
    proof: tuple[str, ...] = ()
    own: str = ""
    open: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> "Control":
        if bool(self.how) != bool(self.proof) and not self.own:
            raise ValueError("what is done needs a proof")
        if not (self.proof or self.own or self.open):
            raise ValueError("neither proven, nor a duty, nor said to be open")
        return self

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that prove it."""
        return tuple(one for one in self.proof if "::" in one)

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that decide about it."""
        return tuple(one for one in self.proof if "::" not in one)


@dataclass(frozen=True, slots=True)
class Controls:
    """The whole catalogue."""

    annex: Sequence[Control]
    law: Sequence[Control]

    def facts(self) -> Sequence[Fact]:
        """Say how many controls of Annex A are proven, the organisation's own duty, and not covered."""
        proven = sum(bool(one.proof) for one in self.annex)
        still_open = sum(bool(one.open) and not one.proof for one in (*self.annex, *self.law))
        own = sum(not one.proof and not one.open for one in self.annex)
        return (number("controls_kept", proven), number("controls_own", own), number("controls_open", still_open))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    annex: list[Control]
    law: list[Control]


@cache
def read_controls(file: Path = SHIPPED) -> Controls:
    """Read the catalogue.

    Raises:
        ValueError: a line says nothing, or a number comes twice.
    """
    read = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    for part in (read.annex, read.law):
        if len({one.id for one in part}) < len(part):
            raise ValueError("a number comes twice")
    return Controls(tuple(read.annex), tuple(read.law))


def page(controls: Controls) -> str:
    """Write the catalogue as `docs/controls.md`."""
    return "\n".join(_lines(controls)) + "\n"


def _lines(controls: Controls) -> Iterator[str]:
    proven, own, still_open = (fact.value for fact in controls.facts())
    yield "# Controls, and what proves them"
    yield ""
    yield "Made by `python -m server.promises.controls > docs/controls.md`; a test keeps it in step and insists that"
    yield "each test and setting that is named exists. Titles are our own words, not the standard's."
    yield ""
    yield f"Of {len(controls.annex)} controls of ISO/IEC 27001:2022 Annex A, {proven} are proven by a test or a setting"
    yield f"here, and {own} are the organisation's own duty. Not covered, with the articles of the law: {still_open}."
    for title, head, part in (
        ("ISO/IEC 27001:2022, Annex A", "number", controls.annex),
        ("Law No. 27 of 2022 on personal data protection (UU PDP)", "article", controls.law),
    ):
        yield ""
        yield f"## {title}"
        yield f"| {head} | about | what is done | proof |"
        yield "|---|---|---|---|"
        for one in part:
            yield f"| {one.id} | {one.title} | {_done(one)} | {_proof(one)} |"


def _done(one: Control) -> str:
    own = f"**organisation's own duty**: {one.own}" if one.own else ""
    still_open = f"**not covered**: {one.open}" if one.open else ""
    return "; ".join(part for part in (one.how, own, still_open) if part)


def _proof(one: Control) -> str:
    return ", ".join([f"`tests/{test}`" for test in one.tests] + [f"`{name}`" for name in one.settings]) or "–"


if __name__ == "__main__":
    sys.stdout.write(page(read_controls()))
