"""Handles and pictures: made by chance, never alike, never somebody's name or number."""

from xml.etree import ElementTree

import pytest

from server.kernel.errors import InvalidInput
from server.people.avatar import avatar_svg
from server.people.handles import (
    LONGEST,
    MANNERS,
    SHORTEST,
    THINGS,
    is_reserved,
    new_handle,
    normal_handle,
    skeleton,
)


def test_every_handle_that_can_be_made_is_a_good_one() -> None:
    """All words with each other; and they are so many that the next is not guessed."""
    for thing in THINGS:
        for manner in MANNERS:
            handle = f"{thing}-{manner}-4821"
            assert normal_handle(handle) == handle
            assert len(handle) <= LONGEST
            assert not is_reserved(handle, "Toko Sumber Rejeki")
    assert len(set(THINGS)) * len(set(MANNERS)) * 9_000 > 10_000_000


def test_made_handles_differ() -> None:
    """By chance alone, whoever they are for."""
    assert len({new_handle() for _ in range(200)}) > 190


@pytest.mark.parametrize("other", ["kopi-1i0s", "k0pi-ilos", "KOPI-IL05", "kopl-llos", "kopiil0s"])
def test_what_looks_alike_is_the_same(other: str) -> None:
    """Zero and o, one, l and i, five and s, with a hyphen and without."""
    assert skeleton(other) == skeleton("kopi-il0s")


def test_letters_that_look_like_another_together() -> None:
    """rn like m, vv like w, cl like d."""
    assert skeleton("arnanah") == skeleton("amanah")
    assert skeleton("vvarung") == skeleton("warung")
    assert skeleton("clari") == skeleton("dari")
    assert skeleton("kopi-4821") != skeleton("kopi-4822")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("ab", "too_short"),
        ("a" * (LONGEST + 1), "too_long"),
        ("4kopi", "invalid_handle"),
        ("kopi susu", "invalid_handle"),
        ("kopi--susu", "invalid_handle"),
        ("kopi-", "invalid_handle"),
        ("k\u043epi", "invalid_handle"),
        ("k\u1ecdpi", "invalid_handle"),
        ("\u2174opi", "invalid_handle"),
        ("kopi\u200bsusu", "invalid_handle"),
        ("kopi\u27e6x\u27e7", "invalid_handle"),
        ("a08125550123", "identifier_in_handle"),
        ("kopi-081-255-50", "identifier_in_handle"),
    ],
)
def test_what_is_no_handle(typed: str, reason: str) -> None:
    """Only what looks like nothing else can be typed in, and no number of anybody's."""
    with pytest.raises(InvalidInput) as refused:
        normal_handle(typed)
    assert refused.value.fields == {"handle": reason}


def test_case_and_blanks_do_not_count() -> None:
    """What people type on a phone."""
    assert normal_handle("  Kopi-Senja ") == "kopi-senja"
    assert len("kop") == SHORTEST


@pytest.mark.parametrize(
    "handle",
    ["admin", "adm1n", "admin-toko", "amanah-2", "arnanah", "offlcial", "resmi-kopi", "mod", "sumberrejeki",
     "sumber-rejeki", "surnber-rejeki2", "cs-kopi", "staff4", "sistem", "me"],
)  # fmt: skip  # names, read across
def test_nobody_passes_for_those_who_run_this_place(handle: str) -> None:
    """Nor for the company, nor by look-alikes."""
    assert is_reserved(handle, "Sumber Rejeki")


@pytest.mark.parametrize("handle", ["timun", "petani", "modal-kecil", "agenda", "kamis-pagi", "mekar", "csaba"])
def test_words_that_only_begin_like_them_are_free(handle: str) -> None:
    """Short reserved words count as whole words."""
    assert not is_reserved(handle, "Sumber Rejeki")


def test_a_picture_is_always_the_same_and_safe() -> None:
    """Two colours and squares; nothing of the handle in it, no script, no address but SVG's own name."""
    first, second = new_handle(), new_handle()
    picture = avatar_svg(first)
    assert picture == avatar_svg(first)
    assert len({avatar_svg(new_handle()) for _ in range(50)}) > 40
    assert first not in picture
    assert second not in picture
    root = ElementTree.fromstring(picture)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "rect", "path"}
    assert {name for element in root.iter() for name in element.attrib} <= {
        "viewBox", "width", "height", "shape-rendering", "rx", "fill", "d"
    }  # fmt: skip  # names, read across


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_pictures_have_contrast() -> None:
    """7:1 between both colours, by WCAG's formula."""
    for _ in range(200):
        fills = [element.get("fill") for element in ElementTree.fromstring(avatar_svg(new_handle()))]
        light, dark = (_luminance(str(fill)) for fill in fills)
        assert (light + 0.05) / (dark + 0.05) >= 7
