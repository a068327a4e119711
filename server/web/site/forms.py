"""Forms as browsers without JavaScript send them. A typed text leaves here as `RawText`, or escaped, to its own writer.

Must not keep, log or compare what was typed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from aiohttp import web
from markupsafe import escape
from multidict import MultiDict

from server.kernel.errors import InvalidInput, NotPermitted
from server.kernel.text import RawText
from server.web.requests import Origins, patiently

_UTF8 = "utf-8"
"""What browsers send forms in from pages of ours, which say so; most say nothing."""

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~?=&#%+-]{0,300}")
_MOST_WORDS = 100


class Typed:
    """What a person typed into one field. It goes to the gate, and back into the form of the very same person."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def raw(self) -> RawText:
        """For the gate."""
        return RawText(self._text)

    def __html__(self) -> str:
        """For the page that answers this request: a form that was refused shows what was typed into it."""
        return str(escape(self._text))

    def __bool__(self) -> bool:
        return bool(self._text.strip())

    def __len__(self) -> int:
        return len(self._text)

    def __repr__(self) -> str:
        return f"<Typed, {len(self._text)} characters>"

    def __str__(self) -> NoReturn:
        raise TypeError("a typed text does not become a str")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a typed text does not become a str")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a typed text is never copied or serialised")


NOTHING_TYPED = Typed("")


class Form:
    """The fields of one form.

    Args:
        fields: as they came.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields

    def __repr__(self) -> str:
        return f"<Form of {len(self._fields)} fields>"

    def _first(self, name: str) -> str:
        return next(iter(self._fields.get(name, ())), "")

    def typed(self, name: str) -> Typed:
        """Give what was typed into a field."""
        return Typed(self._first(name))

    def text(self, name: str) -> RawText:
        """Give what was typed, for the gate."""
        return self.typed(name).raw

    def pieces(self, name: str, between: str) -> list[RawText]:
        """Give what was typed into a field, cut at a character; each piece that is not empty for itself."""
        return [RawText(piece.strip()) for piece in self._first(name).split(between) if piece.strip()][:_MOST_WORDS]

    def secret(self, name: str) -> str:
        """Give an address, password or code, for the accounts' services and nobody else."""
        return self._first(name)

    def word(self, name: str) -> str:
        """Give a value that a page of ours offered: an id, a slug, a choice. Anything else is none."""
        value = self._first(name)
        return value if _WORD.fullmatch(value) else ""

    def words(self, name: str) -> list[str]:
        """Give all of a field's offered values that were chosen."""
        return [value for value in self._fields.get(name, ())[:_MOST_WORDS] if _WORD.fullmatch(value)]

    def number(self, name: str) -> int | None:
        """Give a whole number, or None."""
        value = self._first(name)
        return int(value) if _NUMBER.fullmatch(value) else None

    def numbers(self, name: str) -> list[int]:
        """Give all of a field's numbers."""
        return [int(value) for value in self._fields.get(name, ())[:_MOST_WORDS] if _NUMBER.fullmatch(value)]

    def is_on(self, name: str) -> bool:
        """Whether a box was ticked or a button pressed."""
        return bool(self._first(name))


def local_path(text: str, otherwise: str) -> str:
    """Give an address of ours to go on to; anything else, which may lead anywhere, becomes `otherwise`."""
    return text if _PATH.fullmatch(text) else otherwise


def require_own_origin(request: web.Request, origins: Origins) -> None:
    """Insist that a form comes from a page of ours, also where nobody is signed in: nobody shall sign others in.

    Raises:
        NotPermitted: it comes from elsewhere, or does not say.
    """
    if request.headers.get("Origin") != origins.own(request):
        raise NotPermitted


async def read_form(request: web.Request) -> Form:
    """Read a form's fields.

    Raises:
        InvalidInput: it is no such form. Uploads would be written to temporary files, and Python knows encodings that
            take a second for 64 KiB (`punycode`).
    """
    if request.content_type != "application/x-www-form-urlencoded" or (request.charset or _UTF8).lower() != _UTF8:
        raise InvalidInput(fields={"body": "malformed"})
    try:
        sent = await patiently(request.post())
    except ValueError:
        raise InvalidInput(fields={"body": "malformed"}) from None
    fields: dict[str, list[str]] = {}
    for name, value in MultiDict(sent).items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return Form(fields)
