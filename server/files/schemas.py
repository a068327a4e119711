"""Files on the wire."""

from typing import Annotated, Any

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from server.files.showing import Look, Shown
from server.kernel.attached import Attached
from server.kernel.disclosure import Purpose
from server.kernel.errors import InvalidInput
from server.kernel.text import RawText
from server.kernel.wire import Moment, Schema
from server.sealed.model import MAX_REASON

_MOST_AT_ONCE = 50
_LONGEST_ID = 64


def _typed(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=MAX_REASON))


TypedLook = Annotated[RawText, GetPydanticSchema(_typed)]
"""Why somebody looks: 0 to 200 code points."""


class FileOut(Schema):
    """A file as messages show it. `sealed`: staff open it only who take part, for a stated purpose."""

    id: str
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    thumbnail: bool
    sealed: bool


class FileReply(Schema):
    """A file."""

    attachment: FileOut


class LinkQuery(Schema):
    """Which files are to be shown. `purpose`, `reason`: what staff open sealed ones for and why; both or none."""

    ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=_LONGEST_ID)]], Field(min_length=1, max_length=_MOST_AT_ONCE)
    ]
    purpose: Purpose | None = None
    reason: TypedLook | None = None


def look_of(purpose: Purpose | None, reason: RawText | None) -> Look | None:
    """Give what sealed files are to be opened for; None where nothing was said.

    Raises:
        InvalidInput: only one of the two was.
    """
    if purpose is None and reason is None:
        return None
    if purpose is None or reason is None:
        raise InvalidInput(fields={"purpose" if purpose is None else "reason": "required"})
    return Look(purpose, reason)


class LinkOut(Schema):
    """Addresses of a file that work without a token, for this account, until then."""

    id: str
    url: str
    thumbnail_url: str | None
    expires_at: Moment


class LinkPage(Schema):
    """Addresses of those files that may be opened."""

    items: list[LinkOut]


def file_out(attached: Attached) -> FileOut:
    """Give the wire form of a file."""
    return FileOut(
        id=attached.id,
        name=attached.name.value,
        media_type=attached.media_type,
        size=attached.size,
        width=attached.width,
        height=attached.height,
        thumbnail=attached.thumbnail,
        sealed=attached.sealed,
    )


def link_out(shown: Shown) -> LinkOut:
    """Give the wire form of the addresses of a file."""
    return LinkOut(id=shown.file_id, url=shown.address, thumbnail_url=shown.small_address, expires_at=shown.until)
