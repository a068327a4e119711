"""How files stand in the records of what they were sent with. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.kernel.attached import Attached
from server.kernel.text import RedactedText


def attached_out(files: Sequence[Attached]) -> list[dict[str, Any]]:
    """Write files down."""
    return [
        {
            "id": item.id,
            "name": item.name.value,
            "media_type": item.media_type,
            "size": item.size,
            "width": item.width,
            "height": item.height,
            "thumbnail": item.thumbnail,
            "sealed": item.sealed,
        }
        for item in files
    ]


def attached_in(documents: Sequence[Mapping[str, Any]]) -> tuple[Attached, ...]:
    """Read them again."""
    return tuple(
        Attached(
            id=document["id"],
            name=RedactedText(document["name"]),
            media_type=document["media_type"],
            size=int(document["size"]),
            width=document["width"],
            height=document["height"],
            thumbnail=document["thumbnail"],
            sealed=document["sealed"],
        )
        for document in documents
    )
