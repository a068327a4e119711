"""HTML that may be put into a page as it is. Only this package makes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """Clean HTML, made from redacted text.

    Attributes:
        value: the markup.
    """

    value: str

    def __html__(self) -> str:
        """The protocol by which templates know that it need not be escaped."""
        return self.value
