"""What templates of the forum need to show things: hidden values in words, colours, page numbers. Pure.

Makes no markup of a text that people wrote: bodies come finished from `markup`, titles are escaped.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from nlp.labels import Label
from nlp.placeholders import PLACEHOLDER
from server.forum.contacts import ShownContact
from server.forum.model import Category
from server.kernel.text import RedactedText
from server.markup.html import SafeHtml

HUES = 8
_NEAR = 1
_IN_SPAN = re.compile(f">{PLACEHOLDER.pattern}</span>")
_SPAN = re.compile(
    f'(?P<sign>[+(])?<span class="hidden-value" data-label="[A-Z_]+">(?P<placeholder>{PLACEHOLDER.pattern})</span>'
)

_UNDESCRIBED = re.compile(r'(?<=-k\.webp" )alt=""')
_IMAGE = "image"

Naming = Callable[[str], str]
"""Gives the name of a kind of identifier, or of an image: `PHONE` -> `nomor telepon`."""


class Showing:
    """How things are shown in one language.

    Args:
        naming: names of kinds of identifiers.
    """

    def __init__(self, naming: Naming) -> None:
        self._names = {label.value: naming(label.value) for label in Label}
        self._undescribed = f'alt="{escape(naming(_IMAGE))}"'

    def body(self, html: SafeHtml, contacts: Sequence[ShownContact] = ()) -> Markup:
        """Give a post's HTML with the hidden values in words, and a name for images that nobody described.

        They are links to the whole image, which have to be called something.

        Args:
            html: as stored.
            contacts: what its writer permits to be shown in the place of hidden values.
        """
        described = _UNDESCRIBED.sub(self._undescribed, html.value)
        if contacts:
            shown = {one.placeholder: one.value for one in contacts}
            described = _SPAN.sub(lambda found: self._contact(found, shown), described)
        return Markup(_IN_SPAN.sub(self._in_span, described))  # noqa: S704 (markup's own, made from a closed list)

    def line(self, text: RedactedText) -> Markup:
        """Give a title with the hidden values as they are shown in bodies."""
        pieces: list[Markup] = []
        position = 0
        for found in PLACEHOLDER.finditer(text.value):
            pieces.append(escape(text.value[position : found.start()]))
            pieces.append(Markup('<span class="hidden-value">{}</span>').format(self._named(found)))
            position = found.end()
        pieces.append(escape(text.value[position:]))
        return Markup("").join(pieces)

    def plain(self, text: RedactedText) -> str:
        """Give a title as mere words: `[nomor telepon 1]`."""
        return PLACEHOLDER.sub(lambda found: f"[{self._named(found)}]", text.value)

    def words(self, text: str) -> str:
        """Give a redacted excerpt as mere words."""
        return PLACEHOLDER.sub(lambda found: f"[{self._named(found)}]", text)

    def _contact(self, found: "re.Match[str]", shown: Mapping[str, str]) -> str:
        """Put a contact in the place of its span; a sign before it is its own, where it begins with that one."""
        value, sign = shown.get(found["placeholder"]), found["sign"] or ""
        if value is None:
            return found[0]
        before = "" if sign == "+" or value.startswith(sign) else sign
        return f'{before}<span class="contact" data-hidden="{escape(self._named(found))}">{escape(value)}</span>'

    def _in_span(self, found: "re.Match[str]") -> str:
        return f">{escape(self._named(found))}</span>"

    def _named(self, found: "re.Match[str]") -> str:
        return f"{self._names[found['label']]} {found['n']}"


def hue(category: Category) -> int:
    """Give the colour of a category, by its place: 0 to 7."""
    return category.position % HUES


def page_numbers(page: int, pages: int) -> list[int | None]:
    """Give the pages to offer: the ends, this one and its neighbours; None for a gap."""
    wanted = sorted({1, pages, *range(max(1, page - _NEAR), min(pages, page + _NEAR) + 1)})
    found: list[int | None] = []
    for number in wanted:
        before = found[-1] if found else None
        if before is not None and number - before == 2:
            found.append(number - 1)
        elif before is not None and number - before > 2:
            found.append(None)
        found.append(number)
    return found
