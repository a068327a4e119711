"""What the desk shows: what waits, the record of processing, and the assessment of its impact. Pure; knows no source.

Sources: UU No. 27/2022, article 31 (record of processing) and article 34 (impact assessment).
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from server.kernel.retention import RetentionRule

SHIPPED: Final = Path(__file__).parent / "risks.toml"


@dataclass(frozen=True, slots=True)
class Tile:
    """One line of the overview.

    Attributes:
        name: its words are in the catalogues under `officer.tile.<name>`.
        value: a number, a moment, a day, or None where it is not known.
        href: where it is dealt with.
        is_urgent: whether somebody has to act.
    """

    name: str
    value: int | datetime | date | None
    href: str
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """One use of data: what for, on which basis, and where it happens.

    Attributes:
        use: its words are in the catalogues under `use.<use>`.
        basis: `basis.<basis>`.
        choice: purpose that people choose about; empty where nothing is to be chosen.
        places: modules of the program.
    """

    use: str
    basis: str
    choice: str
    places: Sequence[str]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Something outside that is given data.

    Attributes:
        kind: `recipient.<kind>`.
        host: where it is; nothing else of its address.
        count: how many of them.
    """

    kind: str
    host: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Processing:
    """The record of processing.

    Attributes:
        company: who is responsible.
        at: of when it is.
        activities: uses of data.
        rules: how long what stays where.
        recipients: who is given anything; empty where nobody is.
        settings: name and value of those that decide about protection.
        keys: where the master key is kept, in a word of the catalogue (`officer.key.<keys>`).
    """

    company: str
    at: datetime
    activities: Sequence[Activity]
    rules: Sequence[RetentionRule]
    recipients: Sequence[Recipient]
    settings: Sequence[tuple[str, str]]
    keys: str

    @property
    def by_purpose(self) -> Mapping[str, Sequence[RetentionRule]]:
        """The rules by what things are kept for."""
        purposes = sorted({rule.purpose for rule in self.rules})
        return {purpose: [rule for rule in self.rules if rule.purpose == purpose] for purpose in purposes}

    @property
    def collections(self) -> Collection[str]:
        """Every place where something is kept."""
        return sorted({name for rule in self.rules for name in rule.collections})


def host_of(address: str) -> str:
    """Give the host of an address, without user, password, path and query."""
    return urlsplit(address).hostname or ""


def days_of(keep: timedelta | None) -> int | None:
    """Give whole days, begun ones counted; None where something stays until its person goes."""
    return None if keep is None else -(-int(keep.total_seconds()) // 86_400)


class RiskWords(BaseModel):
    """A risk in one language: what could happen to people, what stands in the way, and what is left of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    risk: Annotated[str, Field(min_length=1)]
    measure: Annotated[str, Field(min_length=1)]
    left: Annotated[str, Field(min_length=1)]


class Risk(BaseModel):
    """One risk to people; `kind` is its class in LINDDUN."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    indonesian: Annotated[RiskWords, Field(alias="id")]
    english: Annotated[RiskWords, Field(alias="en")]

    def words(self, locale: str) -> RiskWords:
        """Give its words in a language."""
        return self.indonesian if locale == "id" else self.english


class _Risks(BaseModel):
    model_config = ConfigDict(extra="forbid")

    risk: list[Risk]


@cache
def read_risks(file: Path = SHIPPED) -> Sequence[Risk]:
    """Read the risks that the assessment begins with.

    Raises:
        ValueError: the file is none.
    """
    return tuple(_Risks.model_validate(tomllib.loads(file.read_text("utf-8"))).risk)
