"""Validation of sealed fields. All numbers and names are invented."""

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.private import PrivateValue
from server.sealed.fields import FieldType, Unfit, normal_value, read_value

_TODAY = date(2026, 11, 23)
_CHOICES = ("1", "2")


def _normal(kind: FieldType, typed: str) -> str:
    return normal_value(kind, typed, today=_TODAY, choices=_CHOICES)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (FieldType.NAME, "  Wagiyem   Contohsari ", "Wagiyem Contohsari"),
        (FieldType.PHONE, "0812 3456 7890", "+6281234567890"),
        (FieldType.PHONE, "+62 812-3456-7890", "+6281234567890"),
        (FieldType.PHONE, "(022) 4567890", "+62224567890"),
        (FieldType.EMAIL, " Gudang@Contoh.Example ", "gudang@contoh.example"),
        (FieldType.STREET, "Jl. Contoh No. 4\nRT 03 RW 05", "Jl. Contoh No. 4 RT 03 RW 05"),
        (FieldType.PLACE, "Kab. Contoh", "Kab. Contoh"),
        (FieldType.POSTCODE, "55 281", "55281"),
        (FieldType.NIK, "3404 0757 0883 0002", "3404075708830002"),
        (FieldType.NPWP, "74.318.529.6-541.000", "743185296541000"),
        (FieldType.NPWP, "0743185296541000", "0743185296541000"),
        (FieldType.BIRTH_DATE, "17-8-1983", "1983-08-17"),
        (FieldType.DATE, "2027-1-5", "2027-01-05"),
        (FieldType.BANK_ACCOUNT, "728-194-0563", "7281940563"),
        (FieldType.TEXT, "pagar hijau\r\n\r\nketuk dua kali", "pagar hijau\n\nketuk dua kali"),
        (FieldType.NUMBER, "2,5", "2.5"),
        (FieldType.CHOICE, "2", "2"),
    ],
)
def test_each_kind_has_one_form(kind: FieldType, typed: str, kept: str) -> None:
    """And reading that again changes nothing."""
    assert _normal(kind, typed) == kept
    assert _normal(kind, kept) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        (FieldType.NAME, "12345", "malformed"),
        (FieldType.NAME, "a" * 121, "too_long"),
        (FieldType.PHONE, "12", "invalid_phone"),
        (FieldType.PHONE, "0812 3456 7890 ext. 5", "invalid_phone"),
        (FieldType.EMAIL, "gudang@contoh", "invalid_email"),
        (FieldType.POSTCODE, "05281", "invalid_postcode"),
        (FieldType.NIK, "3404075708830000", "invalid_nik"),
        (FieldType.NIK, "9904075708830002", "invalid_nik"),
        (FieldType.NPWP, "12345", "invalid_npwp"),
        (FieldType.NPWP, "0" * 15, "invalid_npwp"),
        (FieldType.BIRTH_DATE, "30-02-1983", "invalid_date"),
        (FieldType.BIRTH_DATE, "2026-11-24", "invalid_date"),
        (FieldType.DATE, "besok", "invalid_date"),
        (FieldType.DATE, "01-01-1700", "invalid_date"),
        (FieldType.BANK_ACCOUNT, "123", "invalid_account"),
        (FieldType.TEXT, "a" * 501, "too_long"),
        (FieldType.NUMBER, "dua", "not_a_number"),
        (FieldType.CHOICE, "3", "not_allowed"),
        (FieldType.NAME, "\u200b \u0000", "required"),
    ],
)
def test_what_does_not_fit_is_said_in_a_code(kind: FieldType, typed: str, reason: str) -> None:
    """The error says what is wrong and nothing of the value."""
    with pytest.raises(Unfit) as refused:
        _normal(kind, typed)
    assert refused.value.reason == reason
    assert refused.value.args == (reason,)


@given(st.sampled_from(FieldType), st.text(max_size=600))
def test_whatever_is_typed_is_refused_or_settles(kind: FieldType, typed: str) -> None:
    """No other error, and what is taken stays what it is when it is read again."""
    try:
        kept = _normal(kind, typed)
    except Unfit:
        return
    assert _normal(kind, kept) == kept
    assert "\x00" not in kept


@given(st.dates(date(1900, 1, 1), date(2026, 11, 23)))
def test_every_day_of_a_life_is_a_birth_date(day: date) -> None:
    """Written year first or day first."""
    for typed in (day.isoformat(), f"{day.day}-{day.month}-{day.year:04}"):
        assert _normal(FieldType.BIRTH_DATE, typed) == day.isoformat()


@given(st.integers(min_value=10_000_000, max_value=9_999_999_999))
def test_mobile_numbers_lose_their_first_nought(number: int) -> None:
    """However they are grouped, all forms of a number are one."""
    local = f"0812{number}"[:12]
    grouped = f"{local[:4]}-{local[4:8]}-{local[8:]}"
    assert _normal(FieldType.PHONE, local) == _normal(FieldType.PHONE, grouped) == f"+62{local[1:]}"


def test_nothing_typed_is_nothing() -> None:
    """Blanks are no value; whether one is needed, the form says."""
    assert read_value(FieldType.NAME, PrivateValue("  \n"), today=_TODAY) is None


def test_a_private_value_shows_itself_nowhere() -> None:
    """Not printed, formatted or copied."""
    value = PrivateValue("Wagiyem Contohsari")
    assert repr(value) == "<PrivateValue>"
    for leak in (lambda: str(value), lambda: f"{value}", lambda: pickle.dumps(value)):
        with pytest.raises(TypeError):
            leak()
