"""Written permissions, and the pure checks of a text that is to be public."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nlp.placeholders import PLACEHOLDER
from server.kernel.publishing import PublicUse
from server.kernel.text import RedactedText
from server.statements import digest

LIFETIMES: Final = (30, 180, 365)
"""Days for which a permission may be asked for. None is for ever."""

MAX_NAME: Final = 80
_BETWEEN_NAMES: Final = frozenset(" .,'’-")
FORM_VERSION: Final = 1
"""Of the words under which people sign (`permission.form` in the catalogues)."""

SELF_ASKED: Final = frozenset({PublicUse.FORUM_CONTACT})
"""Uses that people ask for themselves, of which staff see nothing and which take a second factor to sign: what they
publish is an identifier, and whoever got hold of a password alone shall not publish somebody's number."""
MAX_CONTACT: Final = 80
MOST_CONTACTS: Final = 3
"""Contacts that somebody may have signed, or be about to sign, for one place."""

_QUOTED: Final = 8
"""Words in a row, as somebody wrote them, that are a quotation."""
_WORD: Final = re.compile(r"\w+")
_STRUCTURED: Final = (
    re.compile(r"(?:\d[ .()/-]?){9,}"),
    # Seven digits and more after a plus or a zero is how phone numbers begin.
    re.compile(r"(?:\+|\b0)\d(?:[ .()-]?\d){6,}"),
    re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
    re.compile(r"\b(?:wa\.me|t\.me|line\.me)/", re.IGNORECASE),
)


class State(StrEnum):
    """How far a permission has come."""

    ASKED = "asked"
    SIGNED = "signed"
    DECLINED = "declined"
    REVOKED = "revoked"


class Method(StrEnum):
    """How somebody proved who they are when they signed."""

    SECOND_FACTOR = "second_factor"
    PASSWORD = "password"  # noqa: S105 (the name of a way, not a secret)
    """No second factor is set up: the password, typed anew."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A document: what is published, where, for what, until when, and who signed it how.

    Attributes:
        id: opaque.
        person_id: whose permission.
        use: for what; for nothing else.
        object_id: of what; of nothing else.
        text: what is published, to the letter.
        asked_by: account of staff.
        asked_at: aware, UTC.
        until: when it ends by itself.
        state: how far it has come.
        locale: in which language it was signed.
        named: whether the typed name may be shown beside the text.
        method: how the person proved who they are; None while it is not signed.
        signed_at: when; likewise.
        ended_at: when it was declined or revoked.
        bound: keyed digest of the contact that the text hides; empty where it hides none.
    """

    id: str
    person_id: str
    use: PublicUse
    object_id: str
    text: RedactedText = field(repr=False)
    asked_by: str
    asked_at: datetime
    until: datetime
    state: State = State.ASKED
    locale: str = ""
    named: bool = False
    method: Method | None = None
    signed_at: datetime | None = None
    ended_at: datetime | None = None
    bound: str = ""

    def stands(self, now: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.state is State.SIGNED and now < self.until

    def covers(self, text: RedactedText) -> bool:
        """Whether it is for this very text."""
        return self.text == text

    @property
    def digest(self) -> str:
        """Of what was signed, without the name."""
        bound = [self.bound] if self.bound else []
        return digest([self.id, self.person_id, self.use.value, self.object_id, self.text.value, FORM_VERSION, *bound])

    def signed(self, at: datetime, locale: str, method: Method, *, named: bool) -> "Permission":
        """Give it signed."""
        return replace(self, state=State.SIGNED, signed_at=at, locale=locale, method=method, named=named)

    def ended(self, at: datetime) -> "Permission":
        """Give it declined, or revoked where it was signed."""
        state = State.REVOKED if self.state is State.SIGNED else State.DECLINED
        return replace(self, state=state, ended_at=at)


def until(now: datetime, days: int) -> datetime:
    """Give when a permission that is asked for now ends."""
    return now + timedelta(days=days)


def without_placeholders(text: str) -> str:
    """Give a text in which what is hidden is a gap."""
    return PLACEHOLDER.sub(" ", text)


def has_placeholders(text: RedactedText) -> bool:
    """Whether something is hidden in it."""
    return PLACEHOLDER.search(text.value) is not None


def is_telling(text: RedactedText) -> bool:
    """Whether a text has the form of something that identifies, whatever a redactor says of it."""
    plain = without_placeholders(text.value)
    return any(form.search(plain) for form in _STRUCTURED)


def is_name(typed: str) -> bool:
    """Whether what somebody signs with has the form of a name: letters, and what stands between those of a name.

    A name may be shown beside the text that it permits, and no gate is behind it: it would take a name out.
    """
    letters = [mark for mark in typed if unicodedata.category(mark)[0] in "LM"]
    return bool(letters) and all(mark in _BETWEEN_NAMES for mark in typed if unicodedata.category(mark)[0] not in "LM")


def quotes(text: RedactedText, sources: Sequence[RedactedText]) -> bool:
    """Whether a text has a long piece of what somebody wrote in it."""
    told = _runs(text)
    return any(not told.isdisjoint(_runs(source)) for source in sources)


def _runs(text: RedactedText) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(without_placeholders(text.value))]
    return {tuple(words[start : start + _QUOTED]) for start in range(len(words) - _QUOTED + 1)}
