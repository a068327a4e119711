"""Forms as browsers without JavaScript send them. A typed text leaves here as `RawText`, or escaped, to its own writer.

Must not keep, log or compare what was typed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NoReturn

from aiohttp import web
from markupsafe import escape
from multidict import MultiDict

from server.kernel.errors import InvalidInput, NotPermitted
from server.kernel.text import RawText
from server.web.requests import Origins, patiently
from server.web.site.multipart import Part, read_parts

_UTF8 = "utf-8"
"""What browsers send forms in from pages of ours, which say so; most say nothing."""

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_ZONE = re.compile(r"(?P<way>[ew])(?P<minutes>[0-9]{1,3})")
_BRACKETS = re.compile(r"[\[\]\\\s]+")
_MOST_TYPED = 64 * 1024
_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~?=&#%+-]{0,300}")
_MOST_WORDS = 100
_IMAGE = "image"


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
        files: field name -> the file that was chosen there.
        called: field name -> what that file is called where it comes from.
        attached: address of an image that was just taken in, or empty.
    """

    __slots__ = ("_called", "_fields", "_files", "attached")

    def __init__(
        self,
        fields: Mapping[str, Sequence[str]],
        files: Mapping[str, bytes] = MappingProxyType({}),
        attached: str = "",
        called: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._fields = fields
        self._files = files
        self._called = called
        self.attached = attached

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

    def moment(self, name: str, zone: str) -> datetime | None:
        """Give a moment that was chosen on a calendar and a clock, or None where nothing was.

        Args:
            name: field with `2026-11-22T19:30`.
            zone: field with how far that clock is from UTC, in minutes: `e420` for Western Indonesia, `w300` behind.

        Raises:
            InvalidInput: there is no such moment.
        """
        value = self._first(name)
        if not value:
            return None
        ahead = _ZONE.fullmatch(self._first(zone))
        try:
            if not _MOMENT.fullmatch(value) or ahead is None:
                raise ValueError
            minutes = int(ahead["minutes"]) * (1 if ahead["way"] == "e" else -1)
            return datetime.fromisoformat(value).replace(tzinfo=UTC) - timedelta(minutes=minutes)
        except (ValueError, OverflowError):
            raise InvalidInput(fields={name: "malformed"}) from None

    def file(self, name: str) -> bytes:
        """Give the file that was chosen in a field; empty where there is none."""
        return self._files.get(name, b"")

    def file_name(self, name: str) -> str:
        """Give what the file in a field is called where it comes from: typed text, for the gate and nobody else."""
        return self._called.get(name, "")

    def with_image(self, name: str, alt: str, path: str, shown: str) -> "Form":
        """Give the form with an image at the end of what was typed into a field, and without the file.

        Args:
            name: the field, with Markdown in it.
            alt: the field with what is to be seen in the image.
            path: what a text names the image by.
            shown: address of its small form.
        """
        before = self._first(name).rstrip()
        said = _BRACKETS.sub(" ", self._first(alt)).strip()
        text = f"{before}\n\n![{said}]({path})\n" if before else f"![{said}]({path})\n"
        fields = {key: value for key, value in self._fields.items() if key != alt}
        files = {key: content for key, content in self._files.items() if key != _IMAGE}
        return Form({**fields, name: (text,)}, files, shown, self._called)

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


async def read_form(request: web.Request, *, most_file: int = 0, keeps_file: bool = True) -> Form:
    """Read a form's fields.

    Args:
        request: the form.
        most_file: bytes of a file that may come with it; 0 for forms without.
        keeps_file: whether that file is looked at: for whoever is signed in.

    Raises:
        InvalidInput: it is no such form. aiohttp would write uploads to temporary files, and Python knows encodings
            that take a second for 64 KiB (`punycode`).
        HTTPRequestEntityTooLarge: it is longer.
    """
    if most_file and request.content_type == "multipart/form-data":
        most = _MOST_TYPED + most_file
        return _with_files(await read_parts(request, kept=most if keeps_file else _MOST_TYPED, most=most))
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


def _with_files(parts: Sequence[Part]) -> Form:
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    called: dict[str, str] = {}
    for part in parts:
        if part.is_file:
            files.setdefault(part.name, part.content)
            called.setdefault(part.name, part.called)
            continue
        try:
            fields.setdefault(part.name, []).append(part.content.decode(_UTF8))
        except UnicodeDecodeError:
            raise InvalidInput(fields={"body": "malformed"}) from None
    return Form(fields, files, called=called)
