"""Reads the versions of the policy from files and says which one holds. Must not know who reads them.

One file a version, `N.toml`:

    effective = 2026-11-23
    review_by = 2027-05-23

    [purposes]
    research = 1

    [[section]]
    key = "hidden"
    [section.id]
    title = "..."
    text = ["a paragraph", "- a point"]
    [section.en]
    ...
"""

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.policy.model import Policy, Section

SHIPPED: Final = Path(__file__).parent / "texts"
"""Ours, which says what the software does. A company that writes its own sets `AMANAH_POLICY`."""

LOCALES: Final = ("id", "en")
_LONGEST_REVIEW: Final = timedelta(days=366)


class PolicyRefused(Exception):
    """A version can't be used. The text names the file and what is wrong, never what it says."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class _SectionFile(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    key: Annotated[str, Field(pattern="^[a-z_]{1,40}$")]
    indonesian: Annotated[_Words, Field(alias="id")]
    english: Annotated[_Words, Field(alias="en")]


class _PolicyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    effective: date
    review_by: date
    purposes: dict[str, int]
    section: Annotated[list[_SectionFile], Field(min_length=1)]


class Policies:
    """All versions.

    Args:
        versions: in the order of their numbers, without gaps.
    """

    def __init__(self, versions: Sequence[Policy]) -> None:
        self.all = tuple(versions)

    def on(self, day: date) -> Policy:
        """Give the version that holds on a day; before the first one, the first one."""
        return max((one for one in self.all if one.effective <= day), key=_number, default=self.all[0])

    def announced(self, day: date) -> Policy | None:
        """Give the next version that is to hold, if there is one."""
        return min((one for one in self.all if one.effective > day), key=_number, default=None)

    def find(self, number: int) -> Policy | None:
        """Find a version."""
        return self.all[number - 1] if 0 < number <= len(self.all) else None


def read(folder: Path, company: str, purposes: Sequence[str]) -> Policies:
    """Read all versions of a folder.

    Args:
        folder: with `1.toml`, `2.toml`, ...
        company: stands for `{company}` in the texts.
        purposes: those that the newest version has to explain, no more and no fewer.

    Raises:
        PolicyRefused: a file is missing or is none.
    """
    versions: list[Policy] = []
    while (file := folder / f"{len(versions) + 1}.toml").exists():
        policy = _policy(file, len(versions) + 1, company)
        if versions and policy.effective <= versions[-1].effective:
            raise PolicyRefused(f"{file}: must hold from a later day than the version before")
        versions.append(policy)
    if not versions:
        raise PolicyRefused(f"{folder}: there is no 1.toml")
    if set(versions[-1].purposes) != set(purposes):
        raise PolicyRefused(f"{folder}: the newest version has to list all purposes of use under [purposes]")
    return Policies(versions)


def _policy(file: Path, number: int, company: str) -> Policy:
    try:
        found = _PolicyFile.model_validate(tomllib.loads(file.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise PolicyRefused(f"{file}: is no TOML") from error
    except ValidationError as error:
        wrong = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors(include_input=False)}))
        raise PolicyRefused(f"{file}: {wrong}") from None
    if not found.effective < found.review_by <= found.effective + _LONGEST_REVIEW:
        raise PolicyRefused(f"{file}: review_by has to be within a year after effective")
    if len({one.key for one in found.section}) < len(found.section):
        raise PolicyRefused(f"{file}: two sections have one key")
    sections = {
        locale: tuple(_section(one.key, words, company) for one, words in zip(found.section, said, strict=True))
        for locale, said in (
            ("id", [one.indonesian for one in found.section]),
            ("en", [one.english for one in found.section]),
        )
    }
    return Policy(number, found.effective, found.review_by, dict(found.purposes), sections)


def _section(key: str, words: _Words, company: str) -> Section:
    return Section(key, words.title, tuple(part.replace("{company}", company) for part in words.text))


def _number(policy: Policy) -> int:
    return policy.number
