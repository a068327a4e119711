"""Bank accounts and payment cards.

Structure:
- Cards: ISO/IEC 7812 issuer ranges of brands seen in Indonesia (Visa, Mastercard, Amex, JCB, UnionPay, Maestro, GPN)
  and the Luhn check digit. When a number is called a card, a typing error may break the check digit: it still hides.
- Accounts have no check digit. Indonesian banks use 10 to 16 digits; they are accepted only beside the name of a bank
  or a word for account.

Must not touch: sums of money, dates, virtual accounts and payment codes, order numbers.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.recognizers.runs import Window

_BRANDS: Final = re.compile(
    r"(?:4[0-9]{12}(?:[0-9]{3})?(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[01]|720)[0-9]{12,13}"
    r"|3[47][0-9]{13}|35(?:2[89]|[3-8][0-9])[0-9]{12}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|62[0-9]{14,17}"
    r"|60[0-9]{14}|(?:50|5[6-9]|6[37-9])[0-9]{11,17})\Z"
)

_PAYMENT_CODE: Final = re.compile(r"\b(?:va|virtual)\b[^0-9\n]{0,24}\Z")


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) << (index & 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def classify(window: Window) -> Iterator[tuple[Label, float]]:
    """Whether a window may be a card or an account, with the strength of the evidence."""
    size = len(window.digits)
    if size >= 13:
        yield from _card(window, size)
    if 8 <= size <= 16 and not (window.is_amount() or window.is_date()):
        yield from _account(window)


def _card(window: Window, size: int) -> Iterator[tuple[Label, float]]:
    distance, nearest = window.nearest()
    announced = any(cue is Cue.CARD for _, cue in window.left)
    if _BRANDS.match(window.digits) and passes_luhn(window.digits):
        if announced or (size in {15, 16} and (nearest is not Cue.OTHER or window.sizes == [4, 4, 4, 4])):
            yield Label.CARD, 0.97 if announced else 0.91
    elif size in {15, 16} and nearest is Cue.CARD and distance < 25 and window.digits[0] in "23456":
        yield Label.CARD, 0.8


def _account(window: Window) -> Iterator[tuple[Label, float]]:
    distance, nearest = window.nearest()
    if _PAYMENT_CODE.search(window.scan.lower[max(0, window.start - 32) : window.start]):
        return
    if nearest is Cue.BANK:
        yield Label.BANK_ACCOUNT, 0.93 if distance <= 14 else 0.88
    elif window.followed(Cue.BANK, 12) and nearest is not Cue.PHONE and nearest is not Cue.OTHER:
        yield Label.BANK_ACCOUNT, 0.92
    elif nearest is Cue.TRANSFER and len(window.digits) >= 10:
        yield Label.BANK_ACCOUNT, 0.7
