"""Marks in messages: which texts have any, and their safe HTML, made once and kept in memory for a while.

A text without marks costs one look with a regular expression when it is written, and nothing when it is read. Knows no
store; what is kept here is redacted.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from server.chat.model import Message
from server.kernel.text import RedactedTemplate, RedactedText
from server.markup import MarkupRules, plain_text, render

_MARKS: Final = re.compile(
    r"""[*_~`]            # emphasis, code
      | \]\(              # a link
      | https?://         # an address
      | ^[ ]{0,3}(?:[-+>]|\#{1,6}|\d{1,9}[.)])[ ]  # lists, quotes, headings
      | ^[ ]{0,3}(?:-{3,}|={3,})[ ]*$
      | ^\|               # tables
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_SIGNS: Final = re.compile(r"[*_~`\]>#|+=:\-0-9]")
"""One of these is in every mark; most messages have none, and looking for them takes a microsecond instead of eight."""

_RULES: Final = MarkupRules(links=True, images=False)
_ONLY_WORDS: Final = re.compile(r'</?p>|<br>|<span class="hidden-value" data-label="[A-Z_]+">|</span>')
_KEPT = 2_000
_SHORT = 500
"""Code points. Longer texts are rendered in a thread: one made to be laborious takes some 50 ms."""


def is_marked(text: str) -> bool:
    """Whether a text may hold Markdown; without any of its signs it holds none."""
    return _SIGNS.search(text) is not None and _MARKS.search(text) is not None


def has_marks(template: RedactedTemplate) -> bool:
    """Whether what a template shows may hold Markdown."""
    return any(isinstance(part, str) and is_marked(part) for part in template.parts)


def readable(text: RedactedText) -> str:
    """Give what readers see of a text, as the gate asks for it: without marks."""
    return plain_text(text) if is_marked(text.value) else text.value


def html_of(text: RedactedText) -> str | None:
    """Render a text; None where nothing would be seen that its plain words do not show."""
    shown = render(text, rules=_RULES).value
    return shown if "<" in _ONLY_WORDS.sub("", shown) else None


class Rendered:
    """The HTML of messages, by their texts."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, str | None] = OrderedDict()
        self._others: list[Callable[[], None]] = []

    def on_forget(self, other: Callable[[], None]) -> None:
        """Have something else forgotten too."""
        self._others.append(other)

    async def of(self, message: Message) -> str | None:
        """Give the HTML of a message, or None where its words are all."""
        return await self._shown(message.text) if message.marked else None

    async def of_all(self, messages: Sequence[Message]) -> list[str | None]:
        """Give the HTML of each message."""
        return [await self.of(message) for message in messages]

    def forget(self) -> None:
        """Keep nothing of what was rendered: something of it was erased."""
        self._known.clear()
        for other in self._others:
            other()

    async def _shown(self, text: RedactedText) -> str | None:
        if text.value in self._known:
            self._known.move_to_end(text.value)
            return self._known[text.value]
        if len(text) > _SHORT:
            shown = await asyncio.to_thread(html_of, text)
        else:
            shown = html_of(text)
            # Each takes about a millisecond; a page of them lets others have their turn.
            await asyncio.sleep(0)
        self._known[text.value] = shown
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return shown
