"""Medical-record numbers (nomor rekam medis, No. RM, MRN).

There is no national structure (Permenkes 24/2022 leaves the numbering to the hospital; usually 6 to 8 digits, often in
pairs), so a number counts only when it is announced. Must not touch sums in ringgit ("RM 50"), queue numbers, ages.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.recognizers.runs import Window
from nlp.scan import Scan
from nlp.spans import Span

_PREFIXED: Final = re.compile(
    r"\brm[-.]?[0-9]{4,10}\b|\bmrn?[-.][0-9]{4,10}\b|\b[a-z]{1,2}-?[0-9]{5,8}\b|\b[a-z]-[0-9]{2,4}(?:-[0-9]{2,4}){1,2}\b|\b[0-9]{2,6}(?:[-.][0-9]{2,6}){1,2}-[a-z]\b"
)

_PATIENT: Final = re.compile(
    r"\b(?:(?:no|nomor|nomer|nmr|id|kartu)[. ]{0,2}(?:pasien|berobat|registrasi rs|pendaftaran rs)(?:nya)?(?: no)?"
    r"|(?:patient|hospital|clinic) (?:id|no|number|file))[ :.#=]{1,3}"
    r"(?:is )?(?P<number>[0-9][0-9.\-/]{3,14}[0-9])(?![0-9a-z])"
)

_PATIENT_WORDS: Final = frozenset({"pasien", "pasiennya", "berobat", "rs", "patient", "hospital", "clinic"})


def classify(window: Window) -> Iterator[tuple[Label, float]]:
    """Whether a window may be a medical-record number."""
    if not 5 <= len(window.digits) <= 12 or not window.announced(Cue.RECORD, 48 if len(window.digits) >= 6 else 30):
        return
    if len(window.sizes) > 1 and "," in "".join(window.gaps):
        return
    yield Label.MEDICAL_RECORD, 0.93 if window.nearest()[0] <= 16 else 0.85


def find(scan: Scan) -> Iterator[Span]:
    """Numbers with the abbreviation as their own prefix."""
    if scan.has_digits and not scan.words.isdisjoint(_PATIENT_WORDS):
        for found in _PATIENT.finditer(scan.lower):
            yield Span(found.start("number"), found.end("number"), Label.MEDICAL_RECORD, 0.85, "record")
    if Cue.RECORD in scan.families:
        for found in _PREFIXED.finditer(scan.lower):
            own = found[0].startswith(("rm", "mr"))
            if own or any(cue is Cue.RECORD for _, cue in scan.before(found.start(), 30)):
                yield Span(found.start(), found.end(), Label.MEDICAL_RECORD, 0.9, "record")
