"""The gate that everything passes before it is public, and again whenever it is shown. Fills `kernel.publishing`.

A second redaction run, the form of what is left, quotations, and the written permission of the people concerned. What a
run said of a text is remembered by the text's digest; whether a permission stands is asked anew each time.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Final, Protocol

from server.intake import Intake
from server.kernel.publishing import ALWAYS, PublicationRefused, PublicUse, Verdict
from server.kernel.text import RawText, RedactedText
from server.publication.model import has_placeholders, is_telling, quotes, without_placeholders
from server.statements import digest

_REMEMBERED: Final = 2_000
_OPEN: Final = frozenset({PublicUse.HELP_ARTICLE})
"""Uses in which nothing hidden may be left either: an article is written for everybody, not about somebody."""


class Standing(Protocol):
    """Knows permissions."""

    async def covers(self, person_id: str, use: PublicUse, object_id: str, text: RedactedText) -> bool:
        """Say whether somebody's permission for this very use, object and text stands now."""
        ...


class Gate:
    """The gate.

    Args:
        intake: the redactor's gate.
        permissions: what people permitted.
    """

    def __init__(self, intake: Intake, permissions: Standing) -> None:
        self._intake = intake
        self._permissions = permissions
        self._known: OrderedDict[str, bool] = OrderedDict()

    async def examine(
        self,
        use: PublicUse,
        text: RedactedText,
        people: Collection[str],
        *,
        object_id: str = "",
        quotable: Sequence[RedactedText] = (),
    ) -> Verdict:
        """See `kernel.publishing.PublicationGate`."""
        identifies = await self.identifies(text)
        reasons: list[str] = []
        if identifies:
            reasons.append("publication_identifies")
        if quotable and quotes(text, quotable):
            reasons.append("publication_quotes")
        if use in _OPEN and has_placeholders(text):
            return Verdict((*reasons, "publication_hidden"))
        if use in ALWAYS and not reasons:
            reasons.append("publication_permission")
        if not reasons:
            return Verdict()
        standing = [await self._permissions.covers(one, use, object_id, text) for one in people]
        lacking = frozenset(one for one, stands in zip(people, standing, strict=True) if not stands)
        # Nobody can permit for others: where it is not known whom it is about, nothing that identifies gets out.
        if people and not lacking:
            return Verdict()
        return Verdict(tuple(reasons), lacking)

    async def require(
        self,
        use: PublicUse,
        text: RedactedText,
        people: Collection[str],
        *,
        object_id: str = "",
        quotable: Sequence[RedactedText] = (),
    ) -> None:
        """See `kernel.publishing.PublicationGate`."""
        verdict = await self.examine(use, text, people, object_id=object_id, quotable=quotable)
        if not verdict.allowed:
            raise PublicationRefused(verdict)

    async def identifies(self, text: RedactedText) -> bool:
        """Run the redactor once more over a text, and look at the form of what is left.

        Raises:
            RedactionUnavailable: it did not answer in time.
        """
        if is_telling(text):
            return True
        key = digest(text.value)
        found = self._known.get(key)
        if found is None:
            plain = without_placeholders(text.value)
            found = bool(plain.strip()) and await self._intake.identifies(RawText(plain))
            self._known[key] = found
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found
