"""The grammar of placeholders, the escape, and when two ways of writing are one value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import LABELS, Label
from nlp.placeholders import (
    CLOSE,
    OPAQUE,
    OPEN,
    PLACEHOLDER,
    escape,
    format_placeholder,
    value_key,
)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("n", [1, 9, 10, 99_999])
def test_a_placeholder_reads_back(label: Label, n: int) -> None:
    found = PLACEHOLDER.fullmatch(format_placeholder(label, n))
    assert found is not None
    assert (found["label"], int(found["n"])) == (label.value, n)


@pytest.mark.parametrize("n", [0, -1, 100_000])
def test_numbers_that_would_not_read_back_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        format_placeholder(Label.PERSON, n)


@pytest.mark.parametrize(
    "text", ["⟦PERSON:01⟧", "⟦PERSON:⟧", "⟦person:1⟧", "⟦NAME:1⟧", "⟦PHONE:081355500192⟧", "⟪PERSON:1⟫"]
)
def test_imitations_are_no_placeholders(text: str) -> None:
    assert PLACEHOLDER.search(text) is None


@given(st.text())
def test_an_escaped_text_holds_no_placeholder_and_keeps_its_length(text: str) -> None:
    escaped = escape(text)
    assert len(escaped) == len(text)
    assert OPEN not in escaped
    assert CLOSE not in escaped
    assert escape(escaped) == escaped


def test_a_typed_placeholder_becomes_visible_text() -> None:
    typed = format_placeholder(Label.PERSON, 1)
    assert PLACEHOLDER.search(escape(typed)) is None
    assert OPAQUE.fullmatch(escape(typed)) is not None


@pytest.mark.parametrize(
    ("label", "one", "other"),
    [
        (Label.PHONE, "0813-5550-0192", "+62 813 5550 0192"),
        (Label.PHONE, "081355500192", "0062 813-5550-0192"),
        (Label.PHONE, "nol delapan satu tiga lima lima lima nol nol satu sembilan dua", "0813 5550 0192"),
        (Label.PHONE, "o8l3-555O-O192", "081355500192"),
        (Label.NIK, "3204\u200b256803640003", "3204256803640003"),
        (Label.PERSON, "B\u0443di", "Bydi"),
        (Label.PERSON, "Budi  Santoso", "budi santoso"),
        (Label.EMAIL, "Tini@Contoh.example", "tini [at] contoh dot example"),
        (Label.EMAIL, "tini@contoh.example", "tini%40contoh.example"),
        (Label.NIK, "3204 2568 0364 0003", "3204256803640003"),
        (Label.NPWP, "09.254.831.2-407.000", "0092548312407000"),
        (Label.PLATE, "B 6619 TZK", "b6619tzk"),
        (Label.ADDRESS, "Jl. Kenanga No. 4", "jalan kenanga no 4"),
        (Label.USERNAME, "@Tini_88", "tini_88"),
        (Label.IP, "2001:db8:0:0::1", "2001:db8::1"),
        (Label.CARD, "４５３９ 7702 1186 3428", "4539770211863428"),
    ],
)
def test_two_ways_of_writing_are_one_value(label: Label, one: str, other: str) -> None:
    assert value_key(label, one) == value_key(label, other)


@pytest.mark.parametrize(
    ("label", "one", "other"),
    [
        (Label.SECRET, "Rahasia1", "rahasia1"),
        (Label.PHONE, "081355500192", "081355500193"),
        (Label.PERSON, "Budi", "Budi Santoso"),
        (Label.BANK_ACCOUNT, "7144320981", "7144320918"),
    ],
)
def test_different_values_stay_different(label: Label, one: str, other: str) -> None:
    assert value_key(label, one) != value_key(label, other)


@given(st.sampled_from(Label), st.text())
def test_every_text_has_a_key(label: Label, value: str) -> None:
    assert value_key(label, value) == value_key(label, value)
