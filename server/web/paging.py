"""Pages of lists whose order is that of their ids: the query and the opaque cursor."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.kernel.cursors import cursor_of, malformed, read_cursor
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
    return cursor_of(_MARK + ids[limit - 1])


def place_of(cursor: str | None) -> str | None:
    """Give the id that the page before ended with, or None for the first page.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    if cursor is None:
        return None
    text = read_cursor(cursor)
    place = text.removeprefix(_MARK)
    try:
        moment_of(place)
    except ValueError:
        raise malformed() from None
    if not text.startswith(_MARK):
        raise malformed()
    return place
