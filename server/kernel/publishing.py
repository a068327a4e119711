"""What becomes public passes here: what callers and `publication` share (promise T1). Pure.

Nothing that identifies anybody is sold, published or passed on without that person's written permission for that very
use. Whoever makes something public asks a `PublicationGate` first, and again whenever it is shown.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from nlp.labels import Label
from server.kernel.errors import NotPermitted
from server.kernel.text import RedactedText


class PublicUse(StrEnum):
    """What something is made public as."""

    TESTIMONIAL = "testimonial"
    HELP_ARTICLE = "help_article"
    FORUM_CONTACT = "forum_contact"
    REPORT = "report"
    WEBHOOK = "webhook"
    REGISTER = "register"
    """The register of complaints, as auditors get it."""


ALWAYS: frozenset[PublicUse] = frozenset({PublicUse.TESTIMONIAL, PublicUse.FORUM_CONTACT})
"""Uses that need a permission even where nothing in the text identifies: they are somebody's own words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says.

    Attributes:
        reasons: codes, `reason.<code>` in the catalogues; none where it may be public.
        lacking: those of the people concerned whose permission does not stand.
    """

    reasons: tuple[str, ...] = ()
    lacking: frozenset[str] = frozenset()

    @property
    def allowed(self) -> bool:
        """Whether it may be public."""
        return not self.reasons


class PublicationRefused(NotPermitted):
    """Something may not be public. `fields` says why, in codes."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(fields={"text": verdict.reasons[0]} if verdict.reasons else {})
        self.verdict = verdict


class PublicationGate(Protocol):
    """The one way from what is kept to what is public."""

    async def examine(
        self,
        use: PublicUse,
        text: RedactedText,
        people: Collection[str],
        *,
        object_id: str = "",
        quotable: Sequence[RedactedText] = (),
    ) -> Verdict:
        """Say whether a text may be public.

        Args:
            use: as what.
            text: what is to be public, whole.
            people: accounts that it is about or from.
            object_id: what it is of, as permissions name it.
            quotable: what those people wrote; a long piece of it in the text is a quotation, and theirs.

        Raises:
            RedactionUnavailable: nobody can say at the moment; so it may not.
            Unavailable: the store does not answer; likewise.
        """
        ...

    async def require(
        self,
        use: PublicUse,
        text: RedactedText,
        people: Collection[str],
        *,
        object_id: str = "",
        quotable: Sequence[RedactedText] = (),
    ) -> None:
        """Insist that a text may be public.

        Raises:
            PublicationRefused: it may not.
            RedactionUnavailable, Unavailable: see `examine`.
        """
        ...


CONTACT_LABELS: frozenset[Label] = frozenset({Label.PHONE, Label.EMAIL})
"""What a contact of one's own may be. An address says where somebody is, and is never one."""


@dataclass(frozen=True, slots=True)
class SignedContact:
    """A contact of somebody's own which they signed to be shown in posts of theirs. In memory, for one rendering.

    Attributes:
        label: what it is, one of `CONTACT_LABELS`.
        value: to the letter, as they signed it.
    """

    label: Label
    value: str = field(repr=False)


class SignedContacts(Protocol):
    """The gate for `PublicUse.FORUM_CONTACT`: what may be shown of whom, and where. Asked anew at each rendering."""

    async def standing(self, people: Collection[str], place_id: str) -> Mapping[str, Sequence[SignedContact]]:
        """Give the contacts of some people whose permission for a place stands now, by whose they are.

        Args:
            people: accounts.
            place_id: category of the forum; a permission for one is none for another.

        Raises:
            Unavailable: the store does not answer; then none is shown.
        """
        ...
