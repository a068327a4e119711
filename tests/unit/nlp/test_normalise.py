"""The normal form and its offsets."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("０８１３", "0813"),
        ("٠٨١٣", "0813"),
        ("0️⃣8️⃣1️⃣3️⃣", "0813"),
        ("𝟬𝟴𝟭𝟯 𝘽𝙪𝙙𝙞", "0813 Budi"),
        ("nоmоr rеkеning", "nomor rekening"),
        ("0\u200b8\u200b1\u200b3", "0813"),
        ("\u202e0813\u202c", "0813"),
        ("B\u0336u\u0336d\u0336i\u0336", "Budi"),
        ("tini%40contoh.example", "tini@contoh.example"),
        ("tini&#64;contoh.example", "tini@contoh.example"),
        ("0813–5550—0192", "0813-5550-0192"),
        ("0813\u00a05550", "0813 5550"),
        ("🅱🇦①②", "BA12"),
        ("İstanbul", "Istanbul"),
        ("08\ufffd13\ufffd5550", "08135550"),
        ("08\x0013\x07\x7f5550", "08135550"),
        ("08\x8113\ue0015550", "08135550"),
        ("0813\r\n5550\r0192\x0b7", "0813 \n5550\n0192\n7"),
        ("0813&#13;5550&#0;0192", "0813\n55500192"),
    ],
)
def test_disguises_are_undone(text: str, normal: str) -> None:
    assert normalise(text).text == normal


@pytest.mark.parametrize(
    "text", ["diskon 100%, yuk & mari", "café Siobhán 😀", "a &foo; b %zz", "⟪PERSON:1⟫", "satu\n\tdua"]
)
def test_ordinary_text_stays_the_same(text: str) -> None:
    normal = normalise(text)
    assert normal.text == text
    assert normal.starts is None


def test_offsets_lead_back_to_the_original() -> None:
    text = "hp 0\u200b8&#49;3 ya"
    normal = normalise(text)
    start = normal.text.index("0813")
    assert text[slice(*normal.original(start, start + 4))] == "0\u200b8&#49;3"


@given(st.text())
def test_every_offset_lies_in_the_text(text: str) -> None:
    normal = normalise(text)
    for index in range(len(normal.text)):
        start, end = normal.original(index, index + 1)
        assert 0 <= start < end <= len(text)


@given(st.text())
def test_lower_case_keeps_the_length(text: str) -> None:
    normal = normalise(text).text
    assert len(normal.lower()) == len(normal)


def test_digits_of_every_script_are_digits() -> None:
    """Whatever Unicode gives the value of a digit: a reader sees a number."""
    for code in range(sys.maxunicode + 1):
        digit = unicodedata.digit(chr(code), None)
        if digit is not None and unicodedata.category(chr(code)) in {"Nd", "No"}:
            assert normalise(f"{chr(code)}8").text == f"{digit}8", hex(code)


def test_what_nobody_sees_parts_nothing() -> None:
    """Marks, formatting characters, and code points that every program shows as nothing."""
    unseen = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in {"Cf", "Mn", "Me"}]
    for code in [*unseen, 0x2065, 0xFFF0, 0xE0000, 0xE0FFF, 0x1D159]:
        assert normalise(f"0{chr(code)}8").text.replace(" ", "") == "08", hex(code)
