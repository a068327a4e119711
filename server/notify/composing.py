"""From a letter's name to its words. What is in a letter comes from the catalogues and from this server's own values.

Nothing that a person typed gets in, not even a name: a letter may be read on its way, and whoever registers somebody
else's address could have us send them a text of their own. But for one letter, `transcript`: a person's own
conversation, redacted, which they themselves asked to have at an address that is known to be theirs.
"""

from html import escape
from typing import Protocol

from server.notify.model import QueuedLetter, Written

_PARAGRAPH = "\n\n"
_NAMED = ("browser", "system")
"""Values that are codes with a name in the catalogues."""

_LINKS = ("link", "unsubscribe")


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
        unsubscribe = values.get("unsubscribe", "")
        parts = [
            self._texts.text(locale, "mail.greeting"),
            *self._texts.text(locale, f"mail.{queued.letter}.text", **values).split(_PARAGRAPH),
            self._texts.text(locale, "mail.closing", **values),
            *([self._texts.text(locale, "mail.unsubscribe", **values)] if unsubscribe else []),
        ]
        links = [values[name] for name in _LINKS if values.get(name)]
        return Written(
            id=queued.id,
            to=queued.to,
            locale=locale,
            subject=" ".join(subject.split()),
            text=_PARAGRAPH.join(parts) + "\n",
            html=_html(locale, subject, parts, links),
            unsubscribe=unsubscribe,
        )


def _html(locale: str, subject: str, parts: list[str], links: list[str]) -> str:
    """Plain paragraphs; links stand as themselves, so that everybody sees where they lead."""
    paragraphs = "".join(f"<p>{_linked(part, links)}</p>\n" for part in parts)
    return (
        f'<!doctype html>\n<html lang="{escape(locale)}">\n<head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n<body>\n{paragraphs}</body>\n</html>\n"
    )


def _linked(part: str, links: list[str]) -> str:
    written = escape(part).replace("\n", "<br>\n")
    for safe in map(escape, links):
        written = written.replace(safe, f'<a href="{safe}">{safe}</a>')
    return written
