"""What is left of an image: its pixels."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from server.attachments.model import PATH, attachment_id
from server.attachments.remaking import FULL, SMALL, NotAnImage, is_bare, remake
from server.attachments.workshop import Workshop
from server.kernel.errors import InvalidInput
from tests.harness.images import CANARY, bomb, drawn, gif, jpeg, png, tagged, webp

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def _opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize(
    "source", [jpeg(), png(), webp(), gif(), gif(1)], ids=["jpeg", "png", "webp", "gif", "still gif"]
)
def test_nothing_but_pixels_is_left(source: bytes) -> None:
    """No place, no camera, no comment, no profile, in either form."""
    assert CANARY in source
    for form in remake(source):
        assert CANARY not in form.data
        assert is_bare(form.data)
        image = _opened(form.data)
        assert image.format == "WEBP"
        assert image.size == (form.width, form.height)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)


def test_images_stand_upright() -> None:
    """What the tags said is done before they go."""
    full, _ = remake(jpeg(120, 80))
    assert (full.width, full.height) == (80, 120)
    image = _opened(full.data).convert("L")
    dark = [image.getpixel(place) < 128 for place in ((20, 30), (60, 30), (20, 90), (60, 90))]
    assert dark == [False, True, False, False]


def test_transparency_stays() -> None:
    """Of PNG."""
    assert _opened(remake(png())[0].data).mode == "RGBA"


def test_large_images_become_smaller() -> None:
    """The whole and the form that texts show, in proportion."""
    full, small = remake(jpeg(3000, 4500))
    assert (full.width, full.height) == (FULL, round(FULL * 3000 / 4500))
    assert (small.width, small.height) == (SMALL, round(SMALL * 3000 / 4500))


def test_small_images_stay_as_large_as_they_are() -> None:
    """Nothing is blown up."""
    full, small = remake(png(4, 10))
    assert (full.width, full.height, small.width, small.height) == (10, 4, 10, 4)


def test_what_moves_goes_on_moving() -> None:
    """But in texts it stands still; and too much of it stands still everywhere."""
    full, small = remake(gif(5))
    assert getattr(_opened(full.data), "n_frames", 1) == 5
    assert getattr(_opened(small.data), "n_frames", 1) == 1
    assert getattr(_opened(remake(gif(200, 4))[0].data), "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "F"])
def test_colours_of_all_kinds(mode: str) -> None:
    """Are made those of screens."""
    out = BytesIO()
    image = Image.new("I;16", (20, 20)) if mode == "I;16" else drawn(20, 20).convert(mode)
    if mode == "F":
        image = image.convert("L")
    image.save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert _opened(remake(out.getvalue())[0].data).mode in {"RGB", "RGBA"}


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff",
        jpeg()[:400],
        png()[:100],
        b"%PDF-1.7",
        _SVG,
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04" + b"\0" * 100,
        b"BM" + b"\0" * 100,
        b"II*\0" + b"\0" * 100,
    ],
)
def test_what_is_no_image_is_refused(source: bytes) -> None:
    """Cut off, empty, or of another kind: what the file is called does not matter."""
    with pytest.raises(NotAnImage, match="not_an_image"):
        remake(source)


@pytest.mark.parametrize("other", [_SVG, b"<SCRIPT>alert(1)</SCRIPT>", b"<!DOCTYPE html>", b"<html>", b"<?php x();"])
@pytest.mark.parametrize("image", [jpeg(), png(), gif(), webp()], ids=["jpeg", "png", "gif", "webp"])
def test_files_that_are_two_things_are_refused(image: bytes, other: bytes) -> None:
    """An image with a page behind it, or within its comment."""
    for both in (image + other, other + image, image.replace(CANARY, other[: len(CANARY)].ljust(len(CANARY)))):
        if other.lower()[: len(CANARY)] in both.lower():
            with pytest.raises(NotAnImage, match="not_an_image"):
                remake(both)


@pytest.mark.parametrize("size", [(60_000, 60_000), (8_000, 8_000), (20_000, 10), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_before_they_are_unpacked(size: tuple[int, int]) -> None:
    """A hundred bytes that claim gigabytes."""
    with pytest.raises(NotAnImage):
        remake(bomb(*size))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([jpeg(), png(), gif(), webp()]), st.data())
def test_broken_files_end_in_a_refusal_or_in_pixels(source: bytes, data: st.DataObject) -> None:
    """Whatever byte is turned: no other error, and nothing but pixels."""
    changed = bytearray(source)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        forms = remake(bytes(changed))
    except NotAnImage:
        return
    assert all(is_bare(form.data) for form in forms)


def test_bareness_is_seen() -> None:
    """The check that all else leans on is not blind."""
    bare = remake(png())[0].data
    assert is_bare(bare)
    assert not is_bare(webp())
    assert not is_bare(bare + b"\0")
    assert not is_bare(bare[:-1])
    out = BytesIO()
    drawn().save(out, "WEBP", exif=tagged())
    assert not is_bare(out.getvalue())


async def test_the_workshop_remakes_in_a_process_of_its_own() -> None:
    """And says what could not be taken."""
    full, small = await Workshop().remake(jpeg())
    assert is_bare(full.data)
    assert is_bare(small.data)
    for source, reason in ((b"x", "not_an_image"), (bomb(60_000, 60_000), "too_large")):
        with pytest.raises(InvalidInput) as refusal:
            await Workshop().remake(source)
        assert refusal.value.fields == {"image": reason}


async def test_what_takes_too_long_is_ended() -> None:
    """No process is left behind."""
    with pytest.raises(InvalidInput) as refusal:
        await Workshop(deadline_s=0).remake(jpeg())
    assert refusal.value.fields == {"image": "too_complex"}


def test_ids_say_nothing() -> None:
    """The same for the same picture of the same person; letters only, so that the gate sees no number in it."""
    key = bytes(32)
    assert attachment_id(key, "a", b"x") == attachment_id(key, "a", b"x")
    others = {attachment_id(key, "b", b"x"), attachment_id(key, "a", b"y"), attachment_id(bytes(31) + b"\1", "a", b"x")}
    assert len(others | {attachment_id(key, "a", b"x")}) == 4
    assert all(PATH.fullmatch(f"{item}.webp") and PATH.fullmatch(f"{item}-k.webp") for item in others)
