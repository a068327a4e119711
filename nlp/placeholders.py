"""The grammar of ``⟦LABEL:N⟧`` and the canonical form of a value, by which the same value gets the same number.

Pure and stdlib-only: importing it loads no model. It must never store a value or a canonical form; both identify.
"""

import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from nlp.digits import digit_view
from nlp.labels import LABELS, Label
from nlp.normalise import normalise

OPEN: Final = "\u27e6"
CLOSE: Final = "\u27e7"
ESCAPED_OPEN: Final = "\u27ea"
ESCAPED_CLOSE: Final = "\u27eb"

_NAMES = "|".join(LABELS)
PLACEHOLDER: Final = re.compile(f"{OPEN}(?P<label>{_NAMES}):(?P<n>[1-9][0-9]{{0,4}}){CLOSE}")
"""One placeholder; groups ``label`` and ``n``. A longer number is no placeholder, so that nothing can hide in one."""

OPAQUE: Final = re.compile(f"[{OPEN}{ESCAPED_OPEN}](?:{_NAMES}):[1-9][0-9]{{0,2}}[{CLOSE}{ESCAPED_CLOSE}]")
"""A placeholder, or a typed imitation of one after the escape, as people quote them: up to 999, since a larger number
is more likely to be a piece of something. Recognizers look at neither, unless `imitations` says otherwise."""

_BRACKETED: Final = (
    f"[{OPEN}{ESCAPED_OPEN}][^{OPEN}{CLOSE}{ESCAPED_OPEN}{ESCAPED_CLOSE}0-9\\n]{{1,20}}"
    f"(?P<n>[0-9]{{1,19}})[{CLOSE}{ESCAPED_CLOSE}]"
)
_NUMBERED: Final = re.compile(f"{_BRACKETED}|[0-9]+")
_APART: Final = re.compile(r"[^\W_]|.{5}|[,;]", re.DOTALL)
_HIDING: Final = 7

_ESCAPES = str.maketrans(OPEN + CLOSE, ESCAPED_OPEN + ESCAPED_CLOSE)
_DIGITS_ONLY = frozenset({Label.NIK, Label.KK, Label.BPJS, Label.BANK_ACCOUNT, Label.CARD})
_LEADING_ZEROS_00 = re.compile(r"^00(?=[1-9])")
_AT = re.compile(r"\s*[\[({<]?\s*(?:\bat\b|@)\s*[\])}>]?\s*")
_DOT = re.compile(r"\s*(?:[\[({<]\s*(?:dot|titik|\.)\s*[\])}>]|\b(?:dot|titik)\b|\.)\s*")
_STREET = re.compile(r"\b(?:jalan|jln|jl)\b\.?")


def format_placeholder(label: Label, n: int) -> str:
    """The text that stands for the n-th different value of a label.

    Raises:
        ValueError: ``n`` is not in 1..99,999, the range the grammar can read back.
    """
    if not 1 <= n <= 99_999:
        raise ValueError("placeholder number out of range")
    return f"{OPEN}{label.value}:{n}{CLOSE}"


def escape(text: str) -> str:
    """Replaces the placeholder brackets a person typed, one code point by one, so that no placeholder can be forged."""
    return text.translate(_ESCAPES) if OPEN in text or CLOSE in text else text


def imitations(text: str) -> tuple[list[tuple[int, int]], list[re.Match[str]]]:
    """Tells quoted placeholders from imitations that spell a number.

    Neighbours without a word or comma between them are read as one: seven digits or more could be an identifier. Quoted
    ones that simply count up (8, 9, 10, 11) could not.

    Returns:
        The extents of those that nobody has to look at, and the others, with their digits as group ``n``.
    """
    opaque: list[tuple[int, int]] = []
    spelling: list[re.Match[str]] = []
    if OPEN not in text and ESCAPED_OPEN not in text:
        return opaque, spelling
    for run in _runs(text):
        quoted = [hit for hit in run if hit["n"]]
        numbers = [int(hit["n"]) for hit in quoted]
        counting = len(run) == len(quoted) and all(b - a in {0, 1} for a, b in pairwise(numbers))
        hiding = not counting and sum(len(hit["n"] or hit[0]) for hit in run) >= _HIDING
        if hiding:
            spelling += quoted
        else:
            opaque += [hit.span() for hit in quoted if OPAQUE.fullmatch(hit[0])]
    return opaque, spelling


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Numbers and imitations with next to nothing between them."""
    run: list[re.Match[str]] = []
    for hit in _NUMBERED.finditer(text):
        if run and _APART.search(text, run[-1].end(), hit.start()):
            yield run
            run = []
        run.append(hit)
    if run:
        yield run


def value_key(label: Label, raw_value: str) -> str:
    """The canonical form of a value: equal for two ways of writing the same thing, within one label.

    Never store it and never use it unkeyed: it is the identifier itself, or nearly so.

    Args:
        label: What kind of value it is; the rules differ.
        raw_value: The value as it stood in the text.
    """
    value = normalise(raw_value).text.strip()
    if label is Label.SECRET:
        return value
    value = value.casefold()
    if label in _DIGITS_ONLY:
        return _digits(value) or _alphanumeric(value)
    match label:
        case Label.PHONE:
            return _phone(value)
        case Label.NPWP:
            return _npwp(value)
        case Label.EMAIL:
            return re.sub(r"\s+", "", _DOT.sub(".", _AT.sub("@", value.replace("%40", "@"))))
        case Label.IP:
            return _ip(value)
        case Label.ADDRESS:
            return _alphanumeric(_STREET.sub("jl", value))
        case Label.PERSON | Label.DOB:
            return " ".join(re.findall(r"\w+", value))
        case Label.USERNAME | Label.GEO:
            return value.removeprefix("@")
        case _:
            return _alphanumeric(value)


def _digits(value: str) -> str:
    return "".join(c for c in digit_view(value).text if c.isdecimal())


def _alphanumeric(value: str) -> str:
    return "".join(c for c in value if c.isalnum())


def _phone(value: str) -> str:
    """National significant number for Indonesia (+62, 62, 0 and bare 8 are the same), else the international digits."""
    digits = _LEADING_ZEROS_00.sub("", _digits(value))
    if not digits:
        return _alphanumeric(value)
    if digits.startswith("62") and len(digits) >= 9:
        digits = digits[2:]
    return digits.removeprefix("0")


def _npwp(value: str) -> str:
    """The 16-digit form of a 15-digit number is the same number after a zero (PMK 112/PMK.03/2022)."""
    digits = _digits(value)
    return digits[1:] if len(digits) == 16 and digits[0] == "0" else digits or _alphanumeric(value)


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        return value
