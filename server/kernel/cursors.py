"""Opaque cursors of paged lists: where the next page begins, in a form that no client takes apart."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Final

from server.kernel.errors import InvalidInput

_LONGEST_NUMBER: Final = 18


def cursor_of(place: str) -> str:
    """Give the opaque form of a place, which is of ASCII and begins with what kind of place it is."""
    return urlsafe_b64encode(place.encode("ascii")).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """Give the place that a cursor stands for.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (Base64Error, ValueError):
        raise malformed() from None


def number_cursor(number: int | None, mark: str = "n:") -> str | None:
    """Give where the next page of a list begins that is read by falling numbers, or None at the end.

    Args:
        number: the number before which it begins.
        mark: tells cursors of one kind of list from those of another.
    """
    return None if number is None else cursor_of(f"{mark}{number}")


def number_place(cursor: str | None, mark: str = "n:") -> int | None:
    """Give the number before which a page begins, or None for the first page.

    Raises:
        InvalidInput: the cursor is none of ours, or of another kind of list.
    """
    if cursor is None:
        return None
    place = read_cursor(cursor)
    number = place.removeprefix(mark)
    if not place.startswith(mark) or not number.isdecimal() or len(number) > _LONGEST_NUMBER:
        raise malformed()
    return int(number)


def malformed() -> InvalidInput:
    """What a cursor is answered with that is none of ours."""
    return InvalidInput(fields={"cursor": "malformed"})
