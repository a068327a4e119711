"""Pages of lists whose order is that of their ids: the query and the opaque cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.kernel.errors import InvalidInput
from server.kernel.ids import moment_of
from server.kernel.wire import Schema

_MARK = "i:"


class PageQuery(Schema):
    """Which page of a list, newest first."""

    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


def next_cursor(ids: Sequence[str], limit: int) -> str | None:
    """Give where the next page begins, or None at the end.

    Args:
        ids: of what was found, one more than the page holds where there is more.
        limit: how many the page holds.
    """
    if len(ids) <= limit:
        return None
    return urlsafe_b64encode((_MARK + ids[limit - 1]).encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> str | None:
    """Give the id that the page before ended with, or None for the first page.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        place = text.removeprefix(_MARK)
        moment_of(place)
    except (Base64Error, ValueError):
        text = place = ""
    if not text.startswith(_MARK):
        raise InvalidInput(fields={"cursor": "malformed"})
    return place


_NUMBER = "n:"


def number_cursor(number: int | None) -> str | None:
    """Give where the next page of a list begins that is read by falling numbers, or None at the end."""
    return None if number is None else urlsafe_b64encode(f"{_NUMBER}{number}".encode()).decode().rstrip("=")


def number_place(cursor: str | None) -> int | None:
    """Give the number before which a page begins, or None for the first page.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (Base64Error, ValueError):
        text = ""
    number = text.removeprefix(_NUMBER)
    if not text.startswith(_NUMBER) or not number.isdecimal() or len(number) > 18:
        raise InvalidInput(fields={"cursor": "malformed"})
    return int(number)
