"""Postal addresses: where somebody lives, works or receives, from the street or building down to the village.

An address is read left to right as parts ("Jl. ...", "Gg. ...", "No. 5", "RT 02/RW 05", "Blok C-3", "Kel. ..."), each
of which adds evidence; a word that announces an address adds some too. City, district and postcode may follow unhidden.
Parts are those that identity cards and courier forms print.

Must not touch: a street in general talk ("macet di Jl. Sudirman"), a village alone, blocks of spare parts or numbers.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from nlp.labels import Label
from nlp.lexicon import CUES, Cue
from nlp.recognizers.address_words import ABBREVIATIONS, NEVER_FIRST, PARTS, STARTERS, STOP_WORDS, Part
from nlp.scan import Scan
from nlp.spans import Span

_TOKEN: Final = re.compile(r"[a-z0-9][a-z0-9'&\-]*(?:/(?:rw|[0-9])[a-z0-9]{0,4})*|[.,;:()|\n\"#+=]|[^\sa-z0-9]")
_NUMBER: Final = re.compile(
    r"(?:[a-z]{1,3}[\-/]?)?[0-9]{1,4}(?:[\-/.]?[a-z])?(?:[\-/][0-9a-z]{1,4}){0,2}|[ivxlc]{1,6}(?:[\-/][0-9a-z]{1,4})?|[a-z]"
)
_NEIGHBOURHOOD: Final = re.compile(r"(?:rt|rw)(?:/rw)?[0-9]{0,3}(?:/(?:rw)?[0-9]{1,3})?")
_WEIGHT: Final = {
    Part.STREET: 1.0,
    Part.ALLEY: 0.9,
    Part.NUMBER: 1.0,
    Part.KILOMETRE: 0.5,
    Part.NEIGHBOURHOOD: 1.6,
    Part.BLOCK: 1.1,
    Part.UNIT: 0.7,
    Part.COMPLEX: 0.9,
    Part.BUILDING: 0.7,
    Part.VILLAGE: 1.0,
    Part.SUBDISTRICT: 1.0,
}
_NAME_WORDS: Final = {
    Part.STREET: 5,
    Part.ALLEY: 4,
    Part.COMPLEX: 5,
    Part.BUILDING: 4,
    Part.VILLAGE: 3,
    Part.SUBDISTRICT: 3,
    Part.BLOCK: 1,
    Part.UNIT: 1,
    Part.NUMBER: 0,
    Part.KILOMETRE: 0,
    Part.NEIGHBOURHOOD: 0,
}
_THRESHOLD: Final = 2.0
_ANNOUNCED: Final = 0.9
_FREE: Final = 0.3
_UNMARKED: Final = 0.2
_LOCATED: Final = 1.6
_MAX_TOKENS: Final = 48
_AT_MOST_TWICE: Final = frozenset(
    {Part.STREET, Part.ALLEY, Part.COMPLEX, Part.BUILDING, Part.NEIGHBOURHOOD, Part.BLOCK}
)
_ROMAN: Final = re.compile(r"[ivxlc]{1,6}")
_SOFT: Final = frozenset({Part.BUILDING, Part.COMPLEX, Part.VILLAGE, Part.ALLEY})
_BEFORE_VILLAGE: Final = frozenset({Part.NUMBER, Part.BLOCK, Part.NEIGHBOURHOOD})
_AFTER_STOP: Final = frozenset(
    {Part.NUMBER, Part.NEIGHBOURHOOD, Part.BLOCK, Part.VILLAGE, Part.SUBDISTRICT, Part.ALLEY, Part.KILOMETRE}
)
_UNITS: Final = frozenset(
    [
        "menit",
        "jam",
        "m",
        "meter",
        "orang",
        "hari",
        "kali",
        "rb",
        "ribu",
        "jt",
        "juta",
        "tahun",
        "bulan",
        "minggu",
        "%",
        "x",
    ]
)
_FIELD: Final = re.compile(
    r"(?:alamat|almt|alamt|address|lokasi)[a-z ]{0,16}"
    r"(?:\s?[:=]\s?(?P<lead>[a-z0-9][a-z0-9 ,.\-]{2,45})| di (?P<name>[a-z]{2,16} ))\Z"
)
_FORM: Final = re.compile(
    r"\b(?:alamat|almt|address)"
    r"(?: (?:lengkap|rumah|kirim|pengiriman|kantor|tujuan|penerima|baru|domisili))? ?[:=] ?"
    r"(?P<value>[a-z][^\n;|\"@:=]{8,90})(?=[\n;|\"]|\Z)"
)
_NO_ADDRESS: Final = re.compile(r"https?|www|\.com|\bip\b|email|[0-9]{7}")
_INSIDE: Final = re.compile(
    r"(?:(?:\b(?:unit|suite|room|apt|kamar|lantai|lt)\.? ?[0-9]{1,3}[a-z]{0,2}|\b[0-9]{1,3}(?:st|nd|rd|th) floor)"
    r", ?){1,2}\Z"
)
"""Which door of a building, said before the building."""
_POSTPOSED: Final = re.compile(r"(?:[A-Z][A-Za-z\-]{1,15} ){1,3}\Z")


class _Token(NamedTuple):
    text: str
    start: int
    end: int


class _Reading:
    """The parts read so far, and how far the address certainly reaches."""

    __slots__ = ("budget", "counted", "end", "free_segments", "last", "score", "title_case", "weights")

    def __init__(self, *, title_case: bool) -> None:
        self.score = 0.0
        self.end = 0
        self.last: Part | None = None
        self.budget = 0
        self.counted = True
        self.free_segments = 2 if title_case else 1
        self.title_case = title_case
        self.weights: dict[Part, int] = {}

    def open(self, part: Part) -> None:
        """A part begins; it counts once something belongs to it."""
        self.last, self.budget, self.counted = part, _NAME_WORDS[part], False

    def take(self, token: _Token) -> None:
        """A token belongs to the open part."""
        self.end = token.end
        if not self.counted and self.last is not None:
            self.counted = True
            seen = self.weights.get(self.last, 0)
            self.weights[self.last] = seen + 1
            if not seen:
                self.score += _WEIGHT[self.last]
            elif self.last is Part.VILLAGE and seen == 1:
                self.score += _WEIGHT[self.last] / 2


def find(scan: Scan) -> Iterator[Span]:
    """Addresses with enough parts to point at one place."""
    spans = list(_addresses(scan))
    yield from spans
    if Cue.DELIVERY in scan.families and scan.has_digits:
        yield from _fields(scan, spans)


def _fields(scan: Scan, found: list[Span]) -> Iterator[Span]:
    """The value of a form's field for the address, in whatever country, when it holds a number."""
    for field in _FORM.finditer(scan.lower):
        start, end = field.span("value")
        value = field["value"].rstrip(" ,.")
        if any(span.start < end and start < span.end for span in found) or _NO_ADDRESS.search(value):
            continue
        if any(char.isdigit() for char in value) and sum(char.isalpha() for char in value) >= 8:
            yield Span(start, start + len(value), Label.ADDRESS, 0.6, "address")


def _addresses(scan: Scan) -> Iterator[Span]:
    if STARTERS.isdisjoint(scan.words):
        return
    tokens = [_Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(scan.lower)]
    index = 0
    while index < len(tokens):
        part = _part(tokens, index)
        if part is None or part in NEVER_FIRST or not _may_begin(scan, tokens, index):
            index += 1
            continue
        reading = _read(scan, tokens, index)
        start = _begin(scan, tokens[index].start)
        announced = any(cue is Cue.DELIVERY for _, cue in scan.before(start, 40))
        if reading.score + (_ANNOUNCED if announced else 0.0) >= _THRESHOLD and len(reading.weights) > 1:
            yield Span(start, reading.end, Label.ADDRESS, min(0.95, 0.4 + reading.score / 6), "address")
            while index < len(tokens) and tokens[index].start < reading.end:
                index += 1
        else:
            index += 1


def _part(tokens: list[_Token], index: int) -> Part | None:
    """The part that a token opens, if it does."""
    text = tokens[index].text
    part = PARTS.get(text)
    if part is not None:
        return part
    if _NEIGHBOURHOOD.fullmatch(text):
        return Part.NEIGHBOURHOOD
    head = text.split("/")[0].split("-")[0]
    return PARTS.get(head) if head != text and head in {"rt", "rw", "blok", "jl", "no"} else None


def _may_begin(scan: Scan, tokens: list[_Token], index: int) -> bool:
    """Not inside a domain or a path, and not the "jalan" of a delivery note ("surat jalan")."""
    token = tokens[index]
    if token.start and scan.text[token.start - 1] in "@.-":
        return False
    if index + 1 < len(tokens) and tokens[index + 1].text == token.text:
        return False
    if token.text == "br" and index and CUES.get(tokens[index - 1].text) is not Cue.DELIVERY:
        return not tokens[index - 1].text[0].isalpha()  # "br" before a Batak name is boru, not banjar
    return not (token.text == "jalan" and index and tokens[index - 1].text in {"surat", "berjalan", "uang"})


def _begin(scan: Scan, start: int) -> int:
    """The name of a building may stand before its kind, and the field's name may announce more than the first part."""
    lead = _FIELD.search(scan.lower[max(0, start - 80) : start])
    if lead is not None:
        return start - len(lead["lead"] or lead["name"])
    inside = _INSIDE.search(scan.lower[max(0, start - 40) : start])
    if inside is not None:
        return start - len(inside[0])
    if scan.lower.startswith(("mall", "plaza", "tower", "residence"), start):
        before = _POSTPOSED.search(scan.text[max(0, start - 50) : start])
        return start - len(before[0]) if before else start
    return start


def _is_number(tokens: list[_Token], index: int) -> bool:
    if index < len(tokens) and tokens[index].text in ".:":
        index += 1
    return index < len(tokens) and _NUMBER.fullmatch(tokens[index].text) is not None


def _read(scan: Scan, tokens: list[_Token], first: int) -> _Reading:
    """Reads parts from ``first`` on, until something does not belong to an address."""
    following = tokens[first + 1 : first + 4]
    title_case = any(
        scan.text[token.start].isupper()
        for token in following
        if len(token.text) > 2 and not _ROMAN.fullmatch(token.text)
    )
    reading = _Reading(title_case=title_case)
    index = first
    limit = min(len(tokens), first + _MAX_TOKENS)
    while index < limit:
        token = tokens[index]
        part = _part(tokens, index)
        if part is not None and _opens(tokens, index, part, reading):
            if reading.weights.get(part, 0) > 1 and part in _AT_MOST_TWICE:
                break
            reading.open(part)
            if part is Part.NEIGHBOURHOOD and any(char.isdigit() for char in token.text):
                reading.take(token)
        elif token.text[0].isalnum():
            if not _word(scan, tokens, index, reading):
                break
        elif not _continues(scan, tokens, index, reading):
            break
        index += 1
    return reading


def _opens(tokens: list[_Token], index: int, part: Part, reading: _Reading) -> bool:
    """Some words open a part only before a number; before a name they are words like any other."""
    if reading.last is not None and not reading.counted and part in _SOFT:
        return False
    if part is Part.NEIGHBOURHOOD:
        return any(char.isdigit() for char in tokens[index].text) or _is_number(tokens, index + 1)
    if part in {Part.NUMBER, Part.KILOMETRE, Part.UNIT, Part.BLOCK}:
        lettered = part in {Part.UNIT, Part.BLOCK} and index + 1 < len(tokens) and _is_letters(tokens[index + 1].text)
        return lettered or _is_number(tokens, index + 1) or (tokens[index].text == "blok" and reading.last is None)
    return index + 1 < len(tokens)


def _word(scan: Scan, tokens: list[_Token], index: int, reading: _Reading) -> bool:
    """Whether a word or a number belongs to the open part."""
    token = tokens[index]
    last = reading.last
    if last is None:
        return False
    if _NUMBER.fullmatch(token.text) and (
        len(token.text) > 1 or not token.text.isalpha() or _single(scan, tokens, index)
    ):
        return _take_number(tokens, index, reading)
    capital = scan.text[token.start].isupper()
    if last in {Part.BLOCK, Part.UNIT} and not reading.counted and _is_letters(token.text):
        reading.take(token)
        return True
    if not token.text[0].isalpha() or (token.text in STOP_WORDS and not _is_name_anyway(scan, tokens, index, reading)):
        return False
    if reading.budget > 0 and (capital or not reading.title_case or not reading.counted or token.text == "di"):
        reading.budget -= 1
        reading.take(token)
        return True
    follows = (
        last in _BEFORE_VILLAGE and reading.score >= _LOCATED and reading.free_segments > 0 and len(token.text) > 2
    )
    if follows and not reading.title_case and _ends_soon(tokens, index):
        reading.free_segments -= 1
        reading.budget = 2
        reading.take(token)
        return True
    if capital and reading.title_case and reading.free_segments and last in _BEFORE_VILLAGE and len(token.text) > 2:
        reading.free_segments -= 1
        reading.budget = 2
        reading.take(token)
        return True
    return False


def _is_name_anyway(scan: Scan, tokens: list[_Token], index: int, reading: _Reading) -> bool:
    """Words that otherwise end an address: "Chik di Tiro", "Kost Bu Tini", "Kelurahan Bener"."""
    token = tokens[index]
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.text == "di":
        named = reading.last in {Part.STREET, Part.ALLEY} and reading.counted and reading.title_case
        return named and after is not None and scan.text[after.start].isupper()
    if reading.last is Part.COMPLEX and not reading.counted:
        return token.text in {"bu", "pak", "ibu", "bapak"}
    if token.text == "dr":  # "jl. dr. wahidin"; without its full stop it is short for "dari"
        return reading.last is Part.STREET and not reading.counted and after is not None and after.text == "."
    return token.text == "mas" and reading.title_case and reading.budget > 0


def _ends_soon(tokens: list[_Token], index: int) -> bool:
    """In lower case only the next comma or the end shows that a piece is a name: at most three words away."""
    for token in tokens[index : index + 4]:
        if not token.text[0].isalnum() or token.text in {"kec", "kab", "kota", "kecamatan"}:
            return token.text in ",.\n;)(" or token.text[0].isalpha()
        if token.text in STOP_WORDS:
            return False
    return index + 4 > len(tokens)


def _is_letters(text: str) -> bool:
    """A block or a unit may be called by one or two letters."""
    return (len(text) <= 2 and text.isalpha() and text not in STOP_WORDS) or text in {"dasar", "ground", "mezzanine"}


def _single(scan: Scan, tokens: list[_Token], index: int) -> bool:
    """A letter alone counts as a number in capitals, or right after a number: "21 a"."""
    return scan.text[tokens[index].start].isupper() or tokens[index - 1].text[-1].isdigit()


def _take_number(tokens: list[_Token], index: int, reading: _Reading) -> bool:
    """Numbers belong to every part; after the name of a street they are the house's."""
    token = tokens[index]
    if index + 1 < len(tokens) and tokens[index + 1].text in _UNITS:
        return False
    digits = sum(char.isdigit() for char in token.text)
    if digits > 4 and "/" not in token.text:
        return False
    named = reading.counted and reading.last in {Part.STREET, Part.ALLEY, Part.COMPLEX, Part.BUILDING}
    reading.take(token)
    if named and digits:
        reading.open(Part.NUMBER)
        reading.take(token)
        reading.score -= _UNMARKED if Part.STREET in reading.weights else 0.0
    return True


def _continues(scan: Scan, tokens: list[_Token], index: int, reading: _Reading) -> bool:
    """Whether the address goes on after a sign."""
    sign = tokens[index].text
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if after is None or not after.text[0].isalnum():
        return sign in ".,:\n-" and after is not None and after.text in "-\n>." and index + 2 < len(tokens)
    part = _part(tokens, index + 1)
    opens = part is not None and not (part is Part.BUILDING and sign == "\n")
    if sign == "." and after.start == tokens[index].end and after.text[0].isdigit():
        return True  # "RT.003/RW.007"
    if (
        sign == "."
        and after.start == tokens[index].end
        and reading.budget > 0
        and tokens[index - 1].end == tokens[index].start
    ):
        return True  # words held together by full stops: a broken space bar
    if sign == ".":
        before = tokens[index - 1].text
        glued = after.start - tokens[index].end <= 1
        return (
            (part in _AFTER_STOP)
            or (before in ABBREVIATIONS and not reading.counted)
            or (glued and (before in ABBREVIATIONS or len(before) == 1))
        )
    if sign == ":":
        return not reading.counted
    if sign == "\n" or sign == "|":
        return opens and sign == "\n"
    if sign in "(":
        return False
    if sign == "," and after.start == tokens[index].end and after.text.isdigit() and tokens[index - 1].text.isdigit():
        return True  # "km 5,6"
    if sign == ",":
        return opens or _free_segment(scan, tokens, index + 1, reading)
    if sign == "/" and not opens and reading.last is Part.NEIGHBOURHOOD and reading.score >= _LOCATED:
        return _free_segment(scan, tokens, index + 1, reading)  # "rt2/rw8/klender"
    return sign == "-" or (sign == "/" and opens)


def _free_segment(scan: Scan, tokens: list[_Token], index: int, reading: _Reading) -> bool:
    """After a comma the village may stand without its title: "Jl. Kenanga No. 4, Sukaresmi"."""
    after = tokens[index]
    if not reading.free_segments or Part.SUBDISTRICT in reading.weights or after.text in STOP_WORDS:
        return False
    if not after.text[0].isalpha():
        return False
    if reading.title_case and not scan.text[after.start].isupper():
        return False
    if not reading.title_case and not _ends_soon(tokens, index):
        return False
    reading.free_segments -= 1
    reading.score += _FREE
    reading.budget = 3
    reading.last = Part.VILLAGE
    reading.counted = True
    return True
