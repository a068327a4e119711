"""Coordinates, and the token of a link that opens a map at one place.

Decimal degrees and degrees-minutes-seconds as in ISO 6709 annexes; latitude within 90, longitude within 180.
Must not touch: prices side by side, scores, versions; the host of a link.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.scan import Scan
from nlp.spans import Span

_DEGREE: Final = r"(?: ?(?:°|º|derajat) ?[nsewutbl]{0,2}(?![a-z])| ?(?:ls|lu|bt|bb|[nsew])(?![a-z]))?"
_DECIMAL: Final = re.compile(
    rf"(?<![0-9.,])(?P<lat>[-+]? ?[0-9]{{1,2}}[.][0-9]{{1,15}}){_DEGREE}"
    r"(?: {0,2}[^\w\s.+\-]{1,3} {0,2}| |&lon=|&lng=|,? ?(?:lon|long|lng|bujur)[:= ]{1,2})"
    rf"(?P<lon>[-+]? ?[0-9]{{1,3}}[.][0-9]{{1,15}})(?![0-9]){_DEGREE}"
)
_LOOSE_NUMBER: Final = r"(?:minus |-)? ?[0-9](?: ?[0-9]){0,2} ?(?:\.|,|koma|titik|point) ?[0-9](?: ?[0-9]){2,12}"
_LOOSE: Final = re.compile(rf"(?<![0-9.,a-z]){_LOOSE_NUMBER} ?[,;/] ?{_LOOSE_NUMBER}(?! ?[0-9])")
_DMS_ONE: Final = (
    r"(?:(?<![a-z])[nsewutbl]{1,2} ?)?[0-9]{1,3} ?[°º] ?(?:[0-9]{1,2}(?:[.,][0-9]{1,4})? ?['’′] ?)?"
    r"(?:[0-9]{1,2}(?:[.,][0-9]{1,4})? ?(?:\"|''|″) ?)?(?:[nsew]|ls|lu|bt|bb)?"
)
_DMS: Final = re.compile(rf"(?<![0-9]){_DMS_ONE}[ ,;/]{{0,3}}{_DMS_ONE}(?![a-z0-9])")
_SHORT_LINK: Final = re.compile(
    r"(?:maps\.app\.goo\.gl|goo\.gl/maps|maps\.goo\.gl|goo\.gl/app/maps|g\.page/r|waze\.com/ul|share\.google)/"
    r"(?P<token>[a-z0-9_\-]{4,64}(?:\?[a-z0-9_\-=&%.]{1,64})?)"
)
_PLUS_CODE: Final = re.compile(r"(?<![a-z0-9])[23456789cfghjmpqrvwx]{6,8}\+[23456789cfghjmpqrvwx]{2,3}(?![a-z0-9])")


def find(scan: Scan) -> Iterator[Span]:
    """Places on the map."""
    if not scan.has_digits:
        return
    lower = scan.lower
    placed = Cue.PLACE in scan.families
    if "." in lower:
        for found in _DECIMAL.finditer(lower):
            linked = lower[max(0, found.start() - 3) : found.start()].endswith(("@", "q=", "ll=")) and "map" in lower
            if _is_pair(found["lat"], found["lon"], placed=placed) or linked:
                yield Span(found.start(), found.end(), Label.GEO, 0.95, "geo")
    if placed:
        for found in _LOOSE.finditer(lower):
            yield Span(found.start(), found.end(), Label.GEO, 0.8, "geo")
        for found in _PLUS_CODE.finditer(lower):
            yield Span(found.start(), found.end(), Label.GEO, 0.85, "geo")
    if "°" in lower or "º" in lower:
        for found in _DMS.finditer(lower):
            yield Span(found.start(), found.end(), Label.GEO, 0.9, "geo")
    if "/" in lower:
        for found in _SHORT_LINK.finditer(lower):
            yield Span(found.start("token"), found.end("token"), Label.GEO, 0.95, "geo")


def _is_pair(latitude: str, longitude: str, *, placed: bool) -> bool:
    """Degrees in range, and precise enough that nobody would write a price or a score so."""
    north, east = latitude.replace(" ", ""), longitude.replace(" ", "")
    if abs(float(north)) > 90 or abs(float(east)) > 180:
        return False
    decimals = min(len(north.partition(".")[2]), len(east.partition(".")[2]))
    return (
        decimals >= 4
        or (placed and decimals >= 3 and not (north.endswith("0") and east.endswith("0")))
        or (decimals >= 3 and north[0] == "-")
    )
