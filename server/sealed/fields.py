"""What kinds of values can be sealed, and the one form in which each is kept. Pure; never quotes a value.

The structures of numbers come from where the redactor has them (`nlp.recognizers`), so that what may be typed into a
form is what is hidden in a message.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import phonenumbers

from nlp.recognizers.identity import is_civil_number
from server.kernel.contacts import email_of
from server.kernel.private import PrivateValue

_HOME: Final = "ID"
_NAME_LENGTH: Final = 120
_LINE_LENGTH: Final = 200
_NOTE_LENGTH: Final = 500
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2100
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_LOCAL: Final = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})")
# Fundamental Technical Plan (Permenkominfo 14/2018): mobile numbers are 8 and 8 to 11 more digits. `phonenumbers` does
# not know the newest ranges.
_MOBILE: Final = re.compile(r"\+628[1-35-9][0-9]{7,11}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,4})?")
_POSTCODE: Final = re.compile(r"[1-9][0-9]{4}")
_BETWEEN: Final = re.compile(r"[\s.\-/]")


class FieldType(StrEnum):
    """What a field holds."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"
    """Street, house number, RT and RW."""
    PLACE = "place"
    """A village, district, city or province."""
    POSTCODE = "postcode"
    NIK = "nik"
    NPWP = "npwp"
    BIRTH_DATE = "birth_date"
    DATE = "date"
    BANK_ACCOUNT = "bank_account"
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


class Unfit(ValueError):
    """A value does not fit its field.

    Attributes:
        reason: a code, never anything of the value.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_value(
    kind: FieldType, typed: PrivateValue, *, today: date, choices: Collection[str] = ()
) -> PrivateValue | None:
    """Give what was typed in the form in which it is sealed; None where nothing was typed. See `normal_value`.

    Raises:
        Unfit: it can't be one.
    """
    text = typed.disclose()
    return PrivateValue(normal_value(kind, text, today=today, choices=choices)) if text.strip() else None


def normal_value(kind: FieldType, typed: str, *, today: date, choices: Collection[str] = ()) -> str:
    """Give the form in which a value is kept. Giving it again changes nothing.

    Args:
        kind: of the field.
        typed: what was typed; not empty once blanks are taken off.
        today: in the time zone of whoever types.
        choices: what may be chosen, for a `CHOICE`.

    Raises:
        Unfit: it can't be one.
    """
    text = _visible(typed, lines=kind is FieldType.TEXT)
    if not text:
        raise Unfit("required")
    if kind is FieldType.CHOICE:
        if text not in choices:
            raise Unfit("not_allowed")
        return text
    if kind is FieldType.BIRTH_DATE:
        day = _day(text)
        if day > today:
            raise Unfit("invalid_date")
        return day.isoformat()
    return _FORMS[kind](text)


def _visible(typed: str, *, lines: bool) -> str:
    """One form of equal texts: composed letters, nothing invisible, single blanks; line ends only where they may be."""
    composed = unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in composed)
    pieces = [" ".join(piece.split()) for piece in kept.split("\n")]
    if lines:
        return "\n".join(pieces).strip()
    return " ".join(piece for piece in pieces if piece)


def _name(text: str) -> str:
    _require_length(text, _NAME_LENGTH)
    if not any(character.isalpha() for character in text):
        raise Unfit("malformed")
    return text


def _line(text: str) -> str:
    _require_length(text, _LINE_LENGTH)
    if not any(character.isalnum() for character in text):
        raise Unfit("malformed")
    return text


def _note(text: str) -> str:
    _require_length(text, _NOTE_LENGTH)
    return text


def _phone(text: str) -> str:
    """E.164; numbers without a country are Indonesian."""
    try:
        parsed = phonenumbers.parse(text, _HOME)
    except phonenumbers.NumberParseException:
        raise Unfit("invalid_phone") from None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if parsed.extension or not (phonenumbers.is_valid_number(parsed) or _MOBILE.fullmatch(number)):
        raise Unfit("invalid_phone")
    return str(number)


def _email(text: str) -> str:
    email = email_of(text)
    if email is None:
        raise Unfit("invalid_email")
    return email


def _postcode(text: str) -> str:
    digits = _BETWEEN.sub("", text)
    if not _POSTCODE.fullmatch(digits):
        raise Unfit("invalid_postcode")
    return digits


def _nik(text: str) -> str:
    digits = _digits(text, "invalid_nik")
    if not is_civil_number(digits):
        raise Unfit("invalid_nik")
    return digits


def _npwp(text: str) -> str:
    """15 digits, or since PMK 112/PMK.03/2022 16: a NIK, or 0 and the 15."""
    digits = _digits(text, "invalid_npwp")
    whole = len(digits) == 15 or (len(digits) == 16 and (digits[0] == "0" or is_civil_number(digits)))
    if not whole or not digits.strip("0"):
        raise Unfit("invalid_npwp")
    return digits


def _date(text: str) -> str:
    return _day(text).isoformat()


def _account(text: str) -> str:
    digits = _digits(text, "invalid_account")
    if not 6 <= len(digits) <= 20 or not digits.strip("0"):
        raise Unfit("invalid_account")
    return digits


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise Unfit("not_a_number")
    return text.replace(",", ".")


_FORMS: Final[Mapping[FieldType, Callable[[str], str]]] = MappingProxyType(
    {
        FieldType.NAME: _name,
        FieldType.PHONE: _phone,
        FieldType.EMAIL: _email,
        FieldType.STREET: _line,
        FieldType.PLACE: _name,
        FieldType.POSTCODE: _postcode,
        FieldType.NIK: _nik,
        FieldType.NPWP: _npwp,
        FieldType.DATE: _date,
        FieldType.BANK_ACCOUNT: _account,
        FieldType.TEXT: _note,
        FieldType.NUMBER: _number,
    }
)


def _day(text: str) -> date:
    """Read a date: year first, or day first as Indonesians write it."""
    found = _ISO.fullmatch(text)
    if found:
        year, month, day = (int(part) for part in found.groups())
    else:
        found = _LOCAL.fullmatch(text)
        if not found:
            raise Unfit("invalid_date")
        day, month, year = (int(part) for part in found.groups())
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Unfit("invalid_date")
    try:
        return date(year, month, day)
    except ValueError:
        raise Unfit("invalid_date") from None


def _digits(text: str, reason: str) -> str:
    digits = _BETWEEN.sub("", text)
    if not (digits.isascii() and digits.isdecimal()):
        raise Unfit(reason)
    return digits


def _require_length(text: str, most: int) -> None:
    if len(text) > most:
        raise Unfit("too_long")
