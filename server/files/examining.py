"""What becomes of a file's content before it is kept: told by its first bytes, scanned, cleaned, read by the gate.

Keeps nothing and knows nobody's permissions. Must not log a name.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from server.files.kinds import marked_family_of, may_be_text, text_of
from server.files.model import Cleaned, Family, Refused, Sealing, Sizes
from server.files.ports import Cleaner, Scanner
from server.intake import Intake
from server.kernel.errors import InvalidInput
from server.kernel.text import Hidden, Numbering, RawText, RedactedTemplate

_READ_AT_ONCE: Final = 2
_MOST_NAME: Final = 1_000


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be kept.

    Attributes:
        name: what the gate left of its name.
        kept: what is left of it.
        sealing: why it is to be sealed, or None.
    """

    name: RedactedTemplate
    kept: Cleaned
    sealing: Sealing | None


class Examination:
    """Examines files.

    Args:
        cleaner: leaves behind what nobody needs.
        scanner: looks for what does harm; None where the operator runs none.
        intake: the gate.
        sizes: the largest that are taken.
    """

    def __init__(self, cleaner: Cleaner, scanner: Scanner | None, intake: Intake, sizes: Sizes) -> None:
        self._cleaner = cleaner
        self._scanner = scanner
        self._intake = intake
        self._sizes = sizes
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)

    def family_of(self, data: bytes) -> Family:
        """Say what a file is, without reading to its end what is too long to be taken.

        Raises:
            InvalidInput: it is none that is taken, or too large.
        """
        family = marked_family_of(data)
        if family is None and not may_be_text(data):
            raise refused("file_not_allowed")
        if len(data) > self._sizes.most(family or Family.TEXT):
            raise refused("file_too_large")
        if family is None and text_of(data) is None:
            raise refused("file_not_allowed")
        return family or Family.TEXT

    async def examine(
        self,
        data: bytes,
        family: Family,
        *,
        file_id: str,
        sender: str,
        words: RawText,
        of_a_paper: bool,
        sealed: bool,
    ) -> Examined:
        """Give what is kept of a file.

        Args:
            data: the file.
            family: what it is (`family_of`).
            file_id: its id, the scope in which what is hidden in it is numbered.
            sender: whose it is, as the gate knows them; empty where nobody does.
            words: the words of its name.
            of_a_paper: whether they say that it is a paper about somebody.
            sealed: whether the sender says that it shows what identifies somebody.

        Raises:
            InvalidInput: it can't be taken; `file` says why.
            RedactionUnavailable, Unavailable: nobody looked at it.
        """
        try:
            if self._scanner is not None:
                await self._scanner.require_clean(data)
            cleaned = await self._cleaner.clean(data)
        except Refused as refusal:
            raise refused(refusal.reason) from None
        name = RedactedTemplate(())
        if len(words):
            name = await self._intake.admit(words, scope=file_id, field="file", max_length=_MOST_NAME)
        told = of_a_paper or any(isinstance(part, Hidden) for part in name.parts)
        async with self._reading:
            kept, sealing = await self._read(cleaned, family, file_id, sender, by_sender=sealed, by_name=told)
        return Examined(name, kept, sealing)

    async def _read(
        self, cleaned: Cleaned, family: Family, file_id: str, sender: str, *, by_sender: bool, by_name: bool
    ) -> tuple[Cleaned, Sealing | None]:
        """Have the gate look at what can be read: a text is redacted, of other files it is asked whether to seal."""
        if family is Family.TEXT:
            template = await self._intake.redact_document(RawText(cleaned.text), scope=file_id, sender=sender)
            shown = template.fill(Numbering()).text
            kept = replace(cleaned, data=shown.value.encode(), text="")
            return kept, Sealing.SENDER if by_sender else None
        sealing = Sealing.SENDER if by_sender else Sealing.NAME if by_name else None
        if sealing is None and cleaned.unread:
            sealing = Sealing.UNREAD
        if sealing is None and cleaned.text.strip():
            found = await self._intake.identifies(RawText(cleaned.text), sender=sender)
            sealing = Sealing.FOUND if found else None
        return replace(cleaned, text=""), sealing


def refused(reason: str) -> InvalidInput:
    """Give the refusal of a file."""
    return InvalidInput(fields={"file": reason})
