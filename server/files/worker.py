"""One file, in a process of its own: on standard input, what is left of it on standard output.

Started by `workshop` for each file and ended by it when it takes too long. It has no secrets: its environment is empty,
it opens no file and writes none, and what it may use is limited.
"""

import json
import resource
import sys
from typing import Final

from PIL import Image

from server.attachments.remaking import NotAnImage, remake
from server.files.kinds import family_of
from server.files.model import Cleaned, Family, Refused
from server.files.office import clean_office
from server.files.pdfs import clean_pdf
from server.files.texts import clean_text

_MEMORY: Final = 1536 * 1024 * 1024
_SECONDS: Final = 30
_IMAGE_REASONS: Final = {"too_large": "file_too_large", "not_an_image": "file_damaged"}


def main() -> None:
    """Read, clean, write: a line of JSON, then what is kept, its small form and what can be read in it."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # `remaking` has a limit of its own, which refuses where this one warns.
    Image.MAX_IMAGE_PIXELS = None
    try:
        cleaned = clean(sys.stdin.buffer.read())
    except Refused as refusal:
        _write({"reason": refusal.reason})
        return
    except (MemoryError, RecursionError):
        _write({"reason": "file_too_complex"})
        return
    text = cleaned.text.encode("utf-8", "replace")
    _write(
        {
            "media_type": cleaned.media_type,
            "picture": cleaned.picture,
            "unread": cleaned.unread,
            "lengths": [len(cleaned.data), len(cleaned.small), len(text)],
        }
    )
    for piece in (cleaned.data, cleaned.small, text):
        sys.stdout.buffer.write(piece)


def clean(data: bytes) -> Cleaned:
    """Clean a file of any kind that is taken.

    Raises:
        Refused: it is none.
    """
    match family_of(data):
        case Family.IMAGE:
            return _image(data)
        case Family.PDF:
            return clean_pdf(data)
        case Family.OFFICE:
            return clean_office(data)
        case Family.TEXT:
            return clean_text(data)
        case None:
            raise Refused("file_not_allowed")


def _image(data: bytes) -> Cleaned:
    try:
        full, small = remake(data)
    except NotAnImage as refusal:
        raise Refused(_IMAGE_REASONS[refusal.reason]) from None
    return Cleaned("image/webp", full.data, picture=(full.width, full.height), small=small.data)


def _write(line: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    main()
