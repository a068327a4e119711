"""Files on the wire."""

from typing import Annotated

from pydantic import Field

from server.files.showing import Shown
from server.kernel.attached import Attached
from server.kernel.disclosure import Purpose
from server.kernel.wire import Moment, Schema

_MOST_AT_ONCE = 50
_LONGEST_ID = 64


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
    """Which files of the conversation are to be shown. `purpose`: what staff want to see sealed ones for."""

    ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=_LONGEST_ID)]], Field(min_length=1, max_length=_MOST_AT_ONCE)
    ]
    purpose: Purpose | None = None


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
