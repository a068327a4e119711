"""Makes images anew from their pixels: what else is in a file (places, cameras, comments, other files) is left behind.

Runs in a process of its own (`worker`), because what reads images can be made to crash or to work for ever. No I/O.
"""

import re
import warnings
from contextlib import suppress
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, ImageOps, ImageSequence

from server.attachments.model import Picture

MOST_PIXELS: Final = 40_000_000
"""Of a still image: what telephones take. A file of some hundred bytes can claim more."""

MOST_MOVING_PIXELS: Final = 60_000_000
"""Of all frames together; an image that moves more is kept as its first frame."""

LONGEST_SIDE: Final = 12_000
FULL: Final = 2_000
"""Longest side of the whole image as it is kept, in pixels."""

MOVING: Final = 800
SMALL: Final = 640
_MOST_FRAMES: Final = 150
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_MOVING: Final = frozenset({"GIF", "WEBP", "PNG"})
_MOST_PROFILE: Final = 1 << 20
_SHORTEST_MS, _LONGEST_MS, _USUAL_MS = 20, 10_000, 100

_OTHERS: Final = re.compile(rb"<(?:script|html|svg|iframe|!doctype|\?php)", re.IGNORECASE)
"""What pages and programs begin with; a file that is an image and a page in one was made to be both."""

_CHUNKS: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
"""All parts of a WebP file (RFC 9649) that hold pixels and how they move."""


class NotAnImage(Exception):
    """It can't be taken; `reason` is a code for people: `not_an_image`, `too_large`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def remake(data: bytes) -> tuple[Picture, Picture]:
    """Make the whole and the small form of an image.

    Args:
        data: a PNG, JPEG, WebP or GIF file; what it is called does not matter.

    Raises:
        NotAnImage: it is none of these, broken, too large, or something else at the same time.
    """
    if _OTHERS.search(data):
        raise NotAnImage("not_an_image")
    try:
        # Warnings are about tags that are broken, which are left out, and quote them.
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(data), formats=_FORMATS) as image:
            return _remake(image)
    except (NotAnImage, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise NotAnImage("too_large") from None
    except Exception:
        # Pillow's readers fall over broken files in every way there is; none of them is to be told apart.
        raise NotAnImage("not_an_image") from None


def _remake(image: Image.Image) -> tuple[Picture, Picture]:
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise NotAnImage("too_large")
    frames = getattr(image, "n_frames", 1) if image.format in _MOVING else 1
    if 1 < frames <= _MOST_FRAMES and frames * width * height <= MOST_MOVING_PIXELS:
        return _moving(image)
    image.draft("RGB", (FULL, FULL))
    image.load()
    whole = _fitted(_bare(ImageOps.exif_transpose(image)), FULL)
    return _picture([whole], []), _picture([_fitted(whole, SMALL)], [])


def _moving(image: Image.Image) -> tuple[Picture, Picture]:
    frames: list[Image.Image] = []
    durations: list[int] = []
    for frame in ImageSequence.Iterator(image):
        shown = _fitted(_bare(frame.convert("RGBA")), MOVING)
        if frames and shown.size != frames[0].size:
            break
        shown_ms = int(frame.info.get("duration") or _USUAL_MS)
        durations.append(min(max(shown_ms, _SHORTEST_MS), _LONGEST_MS))
        frames.append(shown)
    return _picture(frames, durations), _picture([_fitted(frames[0], SMALL)], [])


def _bare(image: Image.Image) -> Image.Image:
    """Give the pixels alone, in sRGB."""
    transparent = "A" in image.getbands() or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if not transparent and isinstance(profile, bytes) and len(profile) <= _MOST_PROFILE:
        # A profile that does not fit is left out: colours are a little off then, and nothing else.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            image = converted or image
    plain = image.convert("RGBA" if transparent else "RGB")
    return Image.frombytes(plain.mode, plain.size, plain.tobytes())


def _fitted(image: Image.Image, longest: int) -> Image.Image:
    if max(image.size) <= longest:
        return image
    scale = longest / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _picture(frames: list[Image.Image], durations: list[int]) -> Picture:
    out = BytesIO()
    first, *others = frames
    if others:
        first.save(out, "WEBP", save_all=True, append_images=others, duration=durations, loop=0, quality=70, method=2)
    else:
        first.save(out, "WEBP", quality=80, method=4)
    data = out.getvalue()
    if not is_bare(data):
        raise NotAnImage("not_an_image")
    return Picture(data, first.width, first.height)


def is_bare(data: bytes) -> bool:
    """Whether a WebP file holds pixels and nothing else: no EXIF, no XMP, no profile, nothing behind its end."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or int.from_bytes(data[4:8], "little") + 8 != len(data):
        return False
    position = 12
    while position < len(data):
        if data[position : position + 4] not in _CHUNKS:
            return False
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + length + length % 2
    return position == len(data)
