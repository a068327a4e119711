"""Subscriber numbers: Indonesian mobile and fixed lines, and international numbers.

Structure: the Indonesian numbering plan (Permenkominfo 14/2018, Fundamental Technical Plan): mobile numbers 08 and 8 to
11 more digits, fixed lines an area code of 2 to 4 digits and 5 to 8 more; ITU-T E.164 for others. Fixed and foreign
numbers are checked by ``phonenumbers``.

Must not touch: short codes and call centres (112, 1500-046, 0800 1 ...), sums, dates, order and account numbers.
"""

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.recognizers.runs import Window

_MOBILE: Final = re.compile(r"(?:(?:0062|62)0?|0)(8[1-35-9][0-9]{7,11})\Z")
_BARE_MOBILE: Final = re.compile(r"8[1-35-9][0-9]{7,10}\Z")
_CALL_CENTRE: Final = re.compile(r"(?:1?500|14|15|0800|0804|1|0[2-9][0-9]{1,2}1500)[0-9]{0,7}\Z")
_GENERIC: Final = re.compile(r"\b(?:no|nmr|nomor|nomer|nomornya|number|num|nope|tlp|wa)\b[^0-9\n]{0,12}\Z")


def classify(window: Window) -> Iterator[tuple[Label, float]]:
    """Whether a window may be a subscriber number, with the strength of the evidence."""
    digits, size = window.digits, len(window.digits)
    if size < 7 or size > 16:
        return
    distance, nearest = window.nearest()
    cued = nearest in {Cue.PHONE, Cue.WALLET} and distance <= 40
    if _MOBILE.match(digits):  # a plus sign before it makes no difference
        local = size - (2 if digits.startswith("62") else 4 if digits.startswith("00") else 1)
        penalty = (
            (0.08 if window.is_ragged() else 0.0)
            + (0.06 if local > 12 else 0.0)
            + (0.1 if nearest is Cue.OTHER and local > 12 else 0)
        )
        yield Label.PHONE, (0.97 if cued or window.plus else 0.9) - penalty
    elif window.plus and size >= 8 and _is_phone("+" + digits):
        yield Label.PHONE, 0.95 - (0.08 if window.is_ragged() else 0.0)
    elif _CALL_CENTRE.match(digits) and size <= 11:
        return
    elif digits[0] == "0" and 8 < size < 13 and _fixed_line(window, cued=cued):
        yield Label.PHONE, 0.92 if cued else 0.84
    elif cued and not window.is_amount() and not window.is_date():
        if _BARE_MOBILE.match(digits):
            yield Label.PHONE, 0.9
        elif distance <= 20 and size <= 14:
            yield Label.PHONE, 0.75 - (0.08 if window.is_ragged() else 0.0)
    elif _BARE_MOBILE.match(digits) and (window.imitated or (nearest is None and size >= 10 and _is_generic(window))):
        yield Label.PHONE, 0.6


def _fixed_line(window: Window, *, cued: bool) -> bool:
    if window.digits[1] in "018" or window.is_date():
        return False
    if not cued and (window.left or len(window.sizes) < 2 or not 3 <= window.sizes[0] <= 4):
        return window.bracket and window.nearest()[1] is not Cue.OTHER
    return _is_phone(window.digits)


def _is_phone(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number, "ID")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(parsed)


def _is_generic(window: Window) -> bool:
    return _GENERIC.search(window.scan.lower[max(0, window.start - 24) : window.start]) is not None
