"""Dates of birth: a date that is stated as one, in figures or with the month in words.

Calendar only: day 1 to 31, month 1 to 12, year 1900 to now; no locale decides which of two figures is the day.
Must not touch: dates of orders, visits, expiry, holidays, history.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.scan import Scan
from nlp.spans import Span

_MONTH: Final = (
    r"(?:jan(?:uari|uary)?|[fp]eb(?:ruari|ruary)?|mar(?:et|ch)?|apr(?:il)?|mei|may|jun[ie]?|jul[iy]?"
    r"|ag(?:u|us|ust|t)?s?(?:tus)?|agst|aug(?:ust)?|sep(?:t(?:ember)?)?|o[kc]t(?:ober)?|no[vp](?:ember)?|des(?:ember)?|dec(?:ember)?)"
)
_YEAR: Final = r"(?:19|20)[0-9]{2}"
_SPACED_YEAR: Final = r"(?:1 ?9|2 ?0) ?[0-9] ?[0-9]"
_FULL: Final = re.compile(
    rf"(?<![0-9])(?:{_YEAR}(?P<a>[-/.])[01]?[0-9](?P=a)[0-3]?[0-9](?![0-9])"
    rf"|[0-3]?[0-9] ?[-/.] ?[01]?[0-9] ?[-/.] ?{_SPACED_YEAR}(?![0-9])"
    rf"|[0-3]?[0-9](?: ?- ?| ?/ ?|\. ?| {{0,2}}){_MONTH}\.?(?: ?- ?| ?/ ?|, ?|\. ?| {{0,2}})'?{_YEAR}(?![0-9])"
    rf"|{_MONTH} ?[0-3]?[0-9](?:st|nd|rd|th)?,? {_YEAR}(?![0-9])"
    rf"|[0-3]?[0-9](?:st|nd|rd|th) (?:of )?{_MONTH},? {_YEAR}(?![0-9]))"
)
_SHORT: Final = re.compile(
    rf"(?<![0-9])(?:[0-3]?[0-9] ?[-/.] ?[01]?[0-9] ?[-/.] ?'?[0-9]{{2}}(?![0-9])"
    rf"|[0-3]?[0-9][ -]?{_MONTH}(?![a-z])(?:[ -]'?[0-9]{{2}}(?![0-9]))?|{_MONTH} [0-3]?[0-9](?:st|nd|rd|th)?(?![0-9])"
    r"|[0-3][0-9][01][0-9](?:19|20)?[0-9]{2}(?![0-9])|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9](?![0-9])"
    r"|[0-3]?[0-9] (?:bln|bulan) [01]?[0-9] (?:thn|th|tahun) (?:19|20)?[0-9]{2}(?![0-9])"
    rf"|{_YEAR},? (?:the )?[0-3]?[0-9](?:st|nd|rd|th)? (?:of )?{_MONTH})"
)
_NUMBER_WORD: Final = (
    r"(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|belas|puluh|nol|kosong|ribu|seribu|ratus"
    r"|[a-z](?: [a-z]){1,9})"
)
_ORDINAL_WORD: Final = (
    r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)
_SPOKEN_ENGLISH: Final = re.compile(
    rf"\b(?:the )?(?:{_ORDINAL_WORD})(?: day)?(?: of)? {_MONTH},? (?:in )?(?:{_YEAR}|nineteen|two thousand)"
    r"(?:[ -](?:and|hundred|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]{3,5}teen"
    r"|[a-z]{3,6}ty)){0,3}"
)
_SPOKEN: Final = re.compile(
    rf"(?<![a-z])(?:{_NUMBER_WORD} ){{1,4}}{_MONTH}(?: (?:{_NUMBER_WORD}|[0-9]{{1,4}})(?![a-z0-9])){{1,6}}"
)
_OTHER_DATE: Final = re.compile(
    r"(?:exp(?:ired)?|berlaku|kontrol|jadwal|sejak|since|transaksi|order|pesan|kirim|tiba|daftar|beli|bayar|kejadian|dibuat"
    r"|terbit|kunjungan|periksa|berobat|booking|check.?in|check.?out|invoice|nota|sampai|hingga|until|kadaluarsa|deadline"
    r"|wisuda|nikah|menikah|meninggal|wafat|acara|rapat|lapor|masuk|cuti|update|rilis)"
    r"[a-z]{0,3}(?: \w{1,12}){0,2}[ :,.]{0,3}\Z"
)
_DAY_OF_SOMETHING: Final = re.compile(
    r"(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad|hari|tanggal|tgl|pagi|siang"
    r"|sore|malam|semalam|kemarin|day)[ ,:]{0,4}\Z"
)
_ANNIVERSARY: Final = re.compile(r"ulang ?(?:tahun|taun|taon|taong|thn|th)\b")
_OLD_YEAR: Final = re.compile(r"19[2-9][0-9]|20[01][0-9]")
_LISTED: Final = re.compile(r"(?:\A\s*|[,;|/#(\n] ?|\t)\Z")
_LISTED_AFTER: Final = re.compile(r"\s*(?:\Z|[,;|/#)\n]|\.\s)")


def find(scan: Scan) -> Iterator[Span]:
    """Dates after a word for birth, dates in a text about births, and old dates in a list of personal data."""
    lower = scan.digits.text if scan.digits.starts is None else scan.lower
    anniversary = "ulang" in lower and _ANNIVERSARY.search(lower) is not None
    if Cue.BIRTH not in scan.families and "d.o.b" not in lower and not anniversary:
        if scan.has_digits and _OLD_YEAR.search(lower):
            yield from _unannounced(lower)
        return
    for found in _FULL.finditer(lower):
        if not _OTHER_DATE.search(lower[max(0, found.start() - 40) : found.start()]) and _plausible(found[0]):
            yield Span(found.start(), found.end(), Label.DOB, 0.93, "birth")
    for pattern in (_SHORT, _SPOKEN, _SPOKEN_ENGLISH):
        for found in pattern.finditer(lower):
            if _is_announced(scan, found.start()):
                yield Span(found.start(), found.end(), Label.DOB, 0.8, "birth")


def _is_announced(scan: Scan, start: int) -> bool:
    return _ANNIVERSARY.search(scan.lower, max(0, start - 40), start) is not None or any(
        cue is Cue.BIRTH for _, cue in scan.before(start, 32)
    )


def _plausible(date: str) -> bool:
    """A person who writes today was not born before 1900 nor in the future."""
    year = re.search(_SPACED_YEAR, date)
    return year is not None and 1900 <= int(year[0].replace(" ", "")) <= 2035


def _unannounced(lower: str) -> Iterator[Span]:
    """Two facts make it likely without a word: the date stands alone in a list, and lies a generation back."""
    for found in _FULL.finditer(lower):
        year = re.search(_YEAR, found[0])
        if year is None or not 1925 <= int(year[0]) <= 2014:
            continue
        if _DAY_OF_SOMETHING.search(lower[max(0, found.start() - 18) : found.start()]):
            continue
        if _LISTED.search(lower[max(0, found.start() - 3) : found.start()]) and _LISTED_AFTER.match(lower, found.end()):
            yield Span(found.start(), found.end(), Label.DOB, 0.6, "birth")
