"""Number plates: region letters, 1 to 4 digits, 0 to 3 letters (Perkap 7/2021 on registration; codes of its annex).

Must not touch: block and flat numbers ("Blok B 12 A"), sizes and weights ("L 40 cm"), flight numbers, order codes.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.scan import Scan
from nlp.spans import Span

_REGIONS: Final = (
    "aa|ab|ad|ae|ag|ba|bb|bd|be|bg|bh|bk|bl|bm|bn|bp|da|db|dc|dd|de|dg|dh|dk|dl|dm|dn|dp|dr|ds|dt|dw|ea|eb|ed|kb|kh|ks|kt|ku"
    "|pa|pb|pg|ps|pt|py|a|b|d|e|f|g|h|k|l|m|n|p|r|s|t|w|z"
)
_SPACED_OUT: Final = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(' '.join(code) for code in _REGIONS.split('|'))})"
    r"[ .\-]{1,3}[0-9](?: [0-9]){1,3}[ .\-]{1,3}[a-z](?: [a-z]){0,2}(?![a-z0-9])"
)
_GAP: Final = "[ ._\\-\U0001f300-\U0001faff]{0,3}"
_PLATE: Final = re.compile(
    rf"(?<![a-z0-9])(?:{_REGIONS}){_GAP}[0-9](?:[ .]?[0-9]){{0,3}}{_GAP}[a-z](?:[ .-]?[a-z]){{0,2}}(?![a-z0-9])"
)
_LOOSE: Final = re.compile(rf"(?<![a-z0-9])(?:{_REGIONS}){_GAP}[0-9]{{1,4}}{_GAP}[a-z]{{1,3}}(?![a-z0-9])")
_TIGHT: Final = re.compile(rf"(?<![a-z0-9\-#/_])({_REGIONS})[ \-.]?([0-9]{{1,4}})[ \-.]?([a-z]{{1,3}})(?![a-z0-9\-_])")
_UNIT: Final = re.compile(
    r"(?:kg|km|cm|mm|ml|gb|mb|tb|rb|jt|k|gr|g|m|l|x|am|pm|wib|wita|wit|jam|pcs|hz|ghz|mhz|inc|kw|va|ply|cc|mt|cvt|gsm|dan|di|ke)\Z"
)
_NO_PLATE: Final = re.compile(
    r"(?:blok|block|blk|kav|kavling|lantai|lt|unit|kamar|no|nomor|gate|gang|gg|jl|jalan|kelas|seri|tipe|type|kode|size"
    r"|ukuran|flight|kursi|seat|loket|meja|antrian|antrean|pasal|ayat|rute|km|versi|tower|rt|rw|order|invoice|resi"
    r"|promo|voucher|lot|room|ruang|zona|peron|gerbong|model|ref|tiket|ticket)[ .:]{0,2}\Z"
)


def find(scan: Scan) -> Iterator[Span]:
    """Plates in capitals anywhere, in any writing where a vehicle is spoken of."""
    if not scan.has_digits:
        return
    view = scan.digits
    announced = Cue.PLATE in scan.families
    if announced:
        for found in _SPACED_OUT.finditer(scan.lower):
            yield Span(found.start(), found.end(), Label.PLATE, 0.85, "plate")
    vehicle = announced or Cue.VEHICLE in scan.families
    for found in (_PLATE if announced else _LOOSE if vehicle else _TIGHT).finditer(view.text):
        start, end = view.original(found.start(), found.end())
        written = scan.text[start:end]
        letters = [char for char in written if char.isalpha()]
        digits = sum(char in "0123456789" for char in view.text[found.start() : found.end()])
        capital = all(char.isupper() for char in letters)
        near = _is_near(scan, start, end)
        if digits < 3 and not capital and any(char.isupper() for char in letters):
            continue
        if near or (capital and (digits >= 3 or (vehicle and digits >= 2))):
            if _NO_PLATE.search(scan.lower[max(0, start - 12) : start]) and not near:
                continue
            if (
                not announced
                and (not capital or found[0].endswith(("cc", "mt", "cvt")))
                and _UNIT.match(re.split("[^a-z]", found[0])[-1])
            ):
                continue
            yield Span(start, end, Label.PLATE, 0.9 if near else 0.8, "plate")


def _is_near(scan: Scan, start: int, end: int) -> bool:
    before = any(cue is Cue.PLATE or (cue is Cue.VEHICLE and distance < 24) for distance, cue in scan.before(start, 40))
    return before or any(cue is Cue.PLATE for _, cue in scan.after(end, 16))
