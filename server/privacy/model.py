"""Purposes of use and choices about them (promise A3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Basis(StrEnum):
    """Why a use is lawful (UU No. 27/2022, article 20 paragraph 2)."""

    REQUEST = "request"
    """Letter b: to fulfil what the person asked for. Recorded as informed; it needs no consent."""
    CONSENT = "consent"
    """Letter a: explicit consent for this purpose, default off."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One use of data.

    Attributes:
        basis: why it is lawful.
        version: of the text that explains it; rises with each change of meaning.
    """

    basis: Basis
    version: int


PURPOSES: Mapping[str, Purpose] = {
    "support_chat": Purpose(Basis.REQUEST, 1),
    "research": Purpose(Basis.CONSENT, 1),
    "marketing": Purpose(Basis.CONSENT, 1),
}
"""All purposes by name. The texts are in the catalogues under `purpose.<name>`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose, once. Choices are only ever added.

    Attributes:
        account_id: who chose.
        number: 1, 2, 3, ... for this person.
        purpose: one of `PURPOSES`.
        granted: yes or no.
        version: of the text that was shown.
        at: aware, UTC.
    """

    account_id: str
    number: int
    purpose: str
    granted: bool
    version: int
    at: datetime


def standing(choices: list[Choice]) -> dict[str, Choice]:
    """Give the last choice for each purpose."""
    return {choice.purpose: choice for choice in sorted(choices, key=lambda choice: choice.number)}


def may_use(purpose: str, choices: list[Choice]) -> bool:
    """Whether data may be used for a purpose: a standing yes to the present text, or a basis that needs none."""
    rule = PURPOSES[purpose]
    last = standing(choices).get(purpose)
    if rule.basis is Basis.REQUEST:
        return last is None or last.granted
    return last is not None and last.granted and last.version == rule.version
