"""Images that tests draw themselves, with things in them that must not stay."""

import random
import struct
import zlib
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

CANARY: Final = b"Wagiyem-Kusnandarini-9071"
"""Stands in every comment and tag; nobody is called so."""

PLACE: Final = (6.0, 12.0, 34.5)
"""A latitude in degrees, minutes and seconds."""


def drawn(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """A picture in which left and right, above and below differ."""
    image = Image.new(mode, (width, height), "white")
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill="black")
    return image


def tagged() -> Image.Exif:
    """EXIF with a place, a camera, a comment, and the word that the image lies on its side."""
    exif = Image.Exif()
    text = CANARY.decode()
    exif[0x0112] = 6
    exif[0x010E] = exif[0x010F] = exif[0x013B] = text
    exif.get_ifd(0x8825).update({1: "S", 2: PLACE, 3: "E", 4: (106.0, 49.0, 12.0)})
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + CANARY
    return exif


def jpeg(width: int = 120, height: int = 80) -> bytes:
    """With EXIF, a comment, XMP and a colour profile."""
    out = BytesIO()
    drawn(width, height).save(
        out,
        "JPEG",
        exif=tagged(),
        comment=CANARY,
        xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )
    return out.getvalue()


def photograph(width: int, height: int) -> bytes:
    """As a telephone takes it: lying on its side, says its EXIF, and so full of detail that it packs badly."""
    out = BytesIO()
    noise = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height))
    noise.save(out, "JPEG", quality=95, subsampling=0, exif=tagged())
    return out.getvalue()


def png(width: int = 120, height: int = 80) -> bytes:
    """With EXIF and texts, half transparent."""
    out, texts = BytesIO(), PngImagePlugin.PngInfo()
    texts.add_text("Comment", CANARY.decode())
    texts.add_itxt("XML:com.adobe.xmp", CANARY.decode())
    image = drawn(width, height, "RGBA")
    image.putalpha(128)
    image.save(out, "PNG", exif=tagged(), pnginfo=texts)
    return out.getvalue()


def webp() -> bytes:
    """With EXIF and XMP."""
    out = BytesIO()
    drawn().save(out, "WEBP", exif=tagged(), xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>")
    return out.getvalue()


def gif(frames: int = 5, side: int = 64) -> bytes:
    """Moves, and has a comment."""
    out = BytesIO()
    shown = [Image.new("RGB", (side, side), (number * 40 % 256, 0, 0)) for number in range(frames)]
    shown[0].save(out, "GIF", save_all=True, append_images=shown[1:], duration=80, comment=CANARY)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")
