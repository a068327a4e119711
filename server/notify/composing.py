"""From a letter's name to its words. What is in a letter comes from the catalogues and from this server's own values.

Nothing that a person typed gets in, not even a name: a letter may be read on its way, and whoever registers somebody
else's address could have us send them a text of their own.
"""

from html import escape
from typing import Protocol

from server.notify.model import QueuedLetter, Written

_PARAGRAPH = "\n\n"
_NAMED = ("browser", "system")
"""Values that are codes with a name in the catalogues."""


class Texts(Protocol):
    """The catalogues."""

    def text(self, locale: str, key: str, **values: str | int) -> str:
        """Give a text by key and language, with values filled in."""
        ...


class Composer:
    """Writes letters.

    Args:
        texts: the catalogues.
        company: name of the company that runs this server.
    """

    def __init__(self, texts: Texts, company: str) -> None:
        self._texts = texts
        self._company = company

    def write(self, queued: QueuedLetter) -> Written:
        """Give a letter in words.

        Raises:
            KeyError: there is no such letter, or a value is missing.
        """
        locale = queued.locale
        values = {"company": self._company, **queued.values}
        for name in _NAMED:
            if name in values:
                values[name] = self._texts.text(locale, f"{name}.{values[name]}")
        subject = self._texts.text(locale, f"mail.{queued.letter}.subject", **values)
        parts = [
            self._texts.text(locale, "mail.greeting"),
            *self._texts.text(locale, f"mail.{queued.letter}.text", **values).split(_PARAGRAPH),
            self._texts.text(locale, "mail.closing", **values),
        ]
        link = values.get("link")
        return Written(
            id=queued.id,
            to=queued.to,
            locale=locale,
            subject=" ".join(subject.split()),
            text=_PARAGRAPH.join(parts) + "\n",
            html=_html(locale, subject, parts, link),
        )


def _html(locale: str, subject: str, parts: list[str], link: str | None) -> str:
    """Plain paragraphs; a link stands as itself, so that everybody sees where it leads."""
    paragraphs = "".join(f"<p>{_linked(part, link)}</p>\n" for part in parts)
    return (
        f'<!doctype html>\n<html lang="{escape(locale)}">\n<head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n<body>\n{paragraphs}</body>\n</html>\n"
    )


def _linked(part: str, link: str | None) -> str:
    written = escape(part).replace("\n", "<br>\n")
    if link is None or link not in part:
        return written
    safe = escape(link)
    return written.replace(safe, f'<a href="{safe}">{safe}</a>')
