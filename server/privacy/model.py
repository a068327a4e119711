"""Purposes of use and choices about them (promise A3). Pure.

Choices are only ever added, each with the digest of the one before it: what a person chose can't be changed or taken
out without its receipt, the next choice and the audit trail saying otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.statements import digest

ORIGIN: Final = "0" * 64
"""What the first choice of a person follows on."""

CHOICE_RULE: Final = Rule("choice", own=frozenset(Role))
"""A choice, and its receipt, is its person's alone."""


class Basis(StrEnum):
    """Why a use is lawful (UU No. 27/2022, article 20 paragraph 2)."""

    REQUEST = "request"
    """Letter b: to fulfil what the person asked for. Recorded as informed; it needs no consent."""
    CONSENT = "consent"
    """Letter a: explicit consent for this purpose, default off."""
    DUTY = "duty"
    """Letter c: a duty by law."""
    LEGITIMATE = "legitimate"
    """Letter f: another legitimate interest, weighed against the person's. They may object."""


ARTICLE: Final[Mapping[Basis, str]] = MappingProxyType(
    {Basis.CONSENT: "a", Basis.REQUEST: "b", Basis.DUTY: "c", Basis.LEGITIMATE: "f"}
)
"""Letter of article 20 paragraph 2. Letters d (vital interests) and e (public tasks) are used for nothing here."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One use of data about which people choose.

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
"""All purposes that people choose about, by name. The texts are in `texts/`, every version."""


class Chooser(StrEnum):
    """Who chose."""

    PERSON = "person"
    GUARDIAN = "guardian"
    """Parent or guardian, for somebody who can't agree alone (UU No. 27/2022, articles 25 and 26)."""
    SYSTEM = "system"
    """Nobody: a guardianship ended, and what was agreed to under it ends with it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose, once. Choices are only ever added.

    Attributes:
        account_id: whose data it is about.
        number: 1, 2, 3, ... for this person.
        purpose: one of `PURPOSES`.
        granted: yes or no.
        version: of the text that was shown.
        at: aware, UTC.
        text: digest of the text that was shown; empty in choices of earlier versions of the software.
        locale: language in which it was shown; likewise.
        by: who chose.
        prev: digest of the choice before; empty in choices of earlier versions of the software.
    """

    account_id: str
    number: int
    purpose: str
    granted: bool
    version: int
    at: datetime
    text: str = ""
    locale: str = ""
    by: Chooser = Chooser.PERSON
    prev: str = ""

    @property
    def digest(self) -> str:
        """Of all of it, with the one before."""
        return digest(
            [
                self.account_id,
                self.number,
                self.purpose,
                self.granted,
                self.version,
                int(self.at.timestamp() * 1000),
                self.text,
                self.locale,
                self.by.value,
                self.prev,
            ]
        )


def standing(choices: Iterable[Choice]) -> dict[str, Choice]:
    """Give the person's own last choice for each purpose; what ended with a guardianship counts as theirs."""
    return _last(choice for choice in choices if choice.by is not Chooser.GUARDIAN)


def guardians(choices: Iterable[Choice], since: datetime) -> dict[str, Choice]:
    """Give the guardian's last choice for each purpose.

    Args:
        choices: of a person.
        since: when this guardian was named; what one before chose is nothing any more.
    """
    return _last(choice for choice in choices if choice.by is Chooser.GUARDIAN and choice.at >= since)


def _last(choices: Iterable[Choice]) -> dict[str, Choice]:
    return {choice.purpose: choice for choice in sorted(choices, key=lambda choice: choice.number)}


def may_use(purpose: str, choices: Sequence[Choice], guarded: datetime | None = None) -> bool:
    """Whether data may be used for a purpose: a standing yes to the present text, or a basis that needs none.

    Args:
        purpose: one of `PURPOSES`.
        choices: all of a person's, in any order.
        guarded: since when a guardian has to agree too; None for somebody who agrees alone.

    Raises:
        KeyError: there is no such purpose, so that a use which names none does not pass.
    """
    rule = PURPOSES[purpose]
    last = standing(choices).get(purpose)
    if rule.basis is not Basis.CONSENT:
        return last is None or last.granted
    if not _is_yes(last, rule):
        return False
    return guarded is None or _is_yes(guardians(choices, guarded).get(purpose), rule)


def is_asked_again(purpose: str, choices: Iterable[Choice]) -> bool:
    """Whether somebody agreed to a former text, and has not been asked about the present one."""
    rule, last = PURPOSES[purpose], standing(choices).get(purpose)
    return rule.basis is Basis.CONSENT and last is not None and last.granted and last.version != rule.version


def broken(choices: Iterable[Choice]) -> int | None:
    """Give the number of the first choice that does not follow on the one before it; None where all do.

    Args:
        choices: all of one person's.
    """
    before: Choice | None = None
    for number, choice in enumerate(sorted(choices, key=lambda choice: choice.number), start=1):
        follows = ORIGIN if before is None else before.digest
        if choice.number != number or (choice.prev or follows) != follows:
            return choice.number
        before = choice
    return None


def _is_yes(choice: Choice | None, rule: Purpose) -> bool:
    return choice is not None and choice.granted and choice.version == rule.version
