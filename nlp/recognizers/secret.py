"""Secrets stated in the text: passwords, PINs, one-time codes, card verification codes, keys and tokens.

Keys of known services by their published prefixes (GitHub, Stripe, AWS, Slack, Google, Telegram, JWT); everything else
by the word before it. Must not touch: talk about passwords, how many digits a code has, lengths, dates, prices.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.recognizers.secret_words import COPULAS, FILLERS, STATES
from nlp.scan import Scan
from nlp.spans import Span

_KEY: Final = re.compile(
    r"(?<![A-Za-z0-9_])(?:(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,64}|gh[pousr]_[A-Za-z0-9]{12,64}"
    r"|github_pat_[A-Za-z0-9_]{20,90}|A[KS]IA[A-Z0-9]{12,20}|xox[abprs]-[A-Za-z0-9\-]{10,80}|AIza[A-Za-z0-9_\-]{30,40}"
    r"|whsec_[A-Za-z0-9]{8,64}|glpat-[A-Za-z0-9_\-]{16,40}|sk-(?:proj-|ant-)?[A-Za-z0-9_\-]{16,120}|npm_[A-Za-z0-9]{20,40}"
    r"|[0-9]{8,10}:[A-Za-z0-9_\-]{30,40}|SG\.[A-Za-z0-9_\-]{16,30}\.[A-Za-z0-9_\-]{30,50}|ya29\.[A-Za-z0-9_\-]{20,200}"
    r"|eyJ[A-Za-z0-9_\-]{10,400}\.[A-Za-z0-9_\-]{5,800}(?:\.[A-Za-z0-9_\-]{5,200})?)"
)
_KEY_HINT: Final = re.compile(r"[_\-:.][A-Za-z0-9]|A[KS]IA|AIza")
_FIELD: Final = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_\-]?key|app[_\-]?key|access[_\-]?key|private[_\-]?key|otp|pin|cvv"
    r"|[_\-]key)[\"']?(?:=|: ?(?=[\"'])|=>)[\"']?(?P<value>[^\s\"'&;,]{3,120})"
)
_BEARER: Final = re.compile(r"bearer (?P<value>[a-z0-9_\-.=+/]{8,400})|://[^\s:/@]{1,40}:(?P<basic>[^\s/@]{3,60})@")
_PAIR: Final = re.compile(r"(?<![^\s(\"'])[a-z0-9_][a-z0-9_.\-@]{2,40} ?/ ?(?P<value>[^\s\"',]{5,60})")
_CODE: Final = re.compile(r"(?<![a-z0-9.,/:])[0-9](?:[ .\-]{0,3}[0-9]){2,7}(?![0-9a-z]|[.,:/][0-9])")
_MIXED_CODE: Final = re.compile(
    r"(?<![a-z0-9\-])(?:g-[0-9]{6}|(?=[a-z\-]{0,12}[0-9])[a-z0-9]{2,5}-[a-z0-9]{3,8}(?:-[a-z0-9]{3,8}){0,3}|[0-9]{3,8}[#*])"
    r"(?![a-z0-9\-])"
)
_NOT_A_CODE: Final = re.compile(
    r"[0-9]{1,2}[.][0-9]{2}|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{4}-[0-9]{2}-[0-9]{2}|1?500-?[0-9]{3,4}"
)
_UNIT_AFTER: Final = re.compile(
    r" ?(?:digit|angka|kali|x|menit|jam|detik|rb|ribu|jt|juta|%|karakter|huruf|th|tahun|hari|bulan"
    r"|wib|wita|wit|perak)\b"
)
_CARD_CODE: Final = re.compile(r"\bcode\b")
_CODE_STOP: Final = re.compile(
    r"\b(?:jam|pukul|tgl|tanggal|rp|harga|saldo|order|resi|tiket|ticket|total|antrian|nomor hp|no hp|versi|port"
    r"|hubungi|telp|telpon|call|wa|lapor|ke nomor|nomor|nomornya|nomer)\b[^0-9]{0,14}\Z|\bno[. :]{0,2}\Z"
)
_PHRASE: Final = re.compile(
    r"(?:backup|recovery|cadangan|pemulihan|akses|brankas|alarm|pintu|lobi|lobby|gembok|rahasia|2fa|loker|kunci)[ -]?"
    r"(?:code|kode)s?|(?:kode|code)[ -](?:backup|cadangan|pemulihan|akses|brankas|alarm|pintu|lobi|lobby|gembok"
    r"|loker|kunci)"
    r"|(?:gate|door|access|entry|lock|lockbox|alarm|safe|security|card) code"
    r"|code (?:lockbox|lock box|gate|door|alarm|safe)"
    r"|(?:sandi|kombinasi) brankas|(?:3|tiga) (?:angka|digit)(?: di)? belakang(?:nya)?|mothers? maiden"
)
_LOCKS: Final = frozenset({"brankas", "lockbox", "gembok", "alarm", "loker"})
_LOCK_CODE: Final = re.compile(r"\b(?:alarm|gembok|kode(?:nya)?|code|kombinasi(?:nya)?)\b")
_TOLD_CODE: Final = re.compile(
    r"\b(?:kode|code)(?:nya)?\b[a-z, ]{0,30}?(?P<code>g-[0-9]{6}|(?<![0-9])[0-9]{3} ?[0-9]{3})(?![0-9]|[.,][0-9])"
)
_TOLD: Final = re.compile(
    r"\b(?:di)?(?:kasih|kirim|masuk|dapat|dapet|terima|sms|ini|isi|input|minta|ketik|sent|got|received|gave)"
)
_KEY_VALUE: Final = re.compile(r"(?=[a-z_\-:.]{0,40}[0-9])(?=[0-9_\-:.]{0,40}[a-z])[a-z0-9_\-:.+=]{10,120}")
_MAILBOX: Final = re.compile(r"[^@]@[^@]{1,60}\.[a-z]")
_SPACED_DIGITS: Final = re.compile(r"(?: [0-9]){2,6}(?![0-9a-zA-Z]| [a-z0-9])")
_HANDLE_WORD: Final = re.compile(r"\b(?:akun|username|user|login|id|nick|handle|account)[ :]{1,2}\Z")
_RANDOM: Final = re.compile(r"(?<![A-Za-z0-9_\-/.])[A-Za-z0-9_\-]{14,80}(?![A-Za-z0-9_\-@/])")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
_SPELLED: Final = re.compile(r"(?:\S ){5,40}\S(?!\S)")
_WORD: Final = re.compile(r"\S+")
_HYPHENED: Final = re.compile(r"([a-z]{4,20})-([a-z]{4,20})\Z")
_NOT_A_PASSWORD: Final = re.compile(
    r"(?:[0-9]+x|[0-9]{1,2}|[0-9]+(?:jam|menit|hari|rb|k|digit)|[a-z]{2,10}2(?:nya|an|in)?|m-banking|e-wallet|wi-fi|e-?ktp|2fa"
    r"|[0-9]/[0-9]|1password|[0-9]{1,2}[:.][0-9]{2}|rp[0-9.,]+|[0-9]{1,3}(?:\.[0-9]{3})+|https?:.*|www\..*|[a-z\-]+/[a-z\-]+|min\.?[0-9]*"
    r"|h-[0-9])\Z"
)
_CUED: Final = frozenset({Cue.PASSWORD, Cue.PIN, Cue.CVV, Cue.TOKEN})
_QUOTES: Final = "\"'`"
_PASSWORD_WORDS: Final = 13


def find(scan: Scan) -> Iterator[Span]:
    """Secrets by their own form, by a field's name, and by the word before them."""
    text, lower = scan.text, scan.lower
    if scan.has_digits and _KEY_HINT.search(text):
        for found in _KEY.finditer(text):
            yield _span(found.start(), found.end(), 0.97)
    if "=" in lower or ":" in lower:
        for found in _FIELD.finditer(lower):
            if _is_value(text[found.start("value") : found.end("value")]):
                yield _span(found.start("value"), found.end("value"), 0.9)
        for found in _BEARER.finditer(lower):
            group = "value" if found["value"] else "basic"
            yield _span(found.start(group), found.end(group), 0.95)
    if not scan.families.isdisjoint(_CUED):
        yield from _announced(scan)
    spoken_of = "kod" in lower or "cod" in lower or "belakang" in lower or not _LOCKS.isdisjoint(scan.words)
    if scan.has_digits and spoken_of:
        yield from _phrases(scan)
    if "/" in lower and (Cue.PASSWORD in scan.families or Cue.USER in scan.families):
        yield from _pairs(scan)


def _span(start: int, end: int, score: float) -> Span:
    return Span(start, end, Label.SECRET, score, "secret")


def _announced(scan: Scan) -> Iterator[Span]:
    if Cue.TOKEN in scan.families and scan.has_digits:
        for found in _RANDOM.finditer(scan.text):
            if _is_random(found[0]):
                yield _span(found.start(), found.end(), 0.75)
    cues = frozenset((hit.start, hit.end) for hit in scan.cues)
    for hit in scan.cues:
        if hit.cue is Cue.PASSWORD:
            yield from _password(scan, hit.end, cues)
        elif hit.cue is Cue.PIN:
            yield from _code(scan, hit.end, 60, 4)
        elif hit.cue is Cue.CVV:
            yield from _code(scan, hit.end, 50, 3)
        elif hit.cue is Cue.TOKEN:
            for found in _KEY_VALUE.finditer(scan.lower, hit.end, min(len(scan.lower), hit.end + 160)):
                left, right = _strip(scan.text, found.start(), found.end())
                if found.start() - hit.end <= 40 and right - left >= 10 and not _UUID.match(found[0]):
                    yield _span(left, right, 0.8)


def _phrases(scan: Scan) -> Iterator[Span]:
    """Codes that are announced by more than one word, and codes that somebody was sent or told."""
    for found in _PHRASE.finditer(scan.lower):
        yield from _code(scan, found.end(), 40, 3)
    if not _LOCKS.isdisjoint(scan.words):
        for found in _LOCK_CODE.finditer(scan.lower):
            yield from _code(scan, found.end(), 3, 4)
    if Cue.CARD in scan.families:
        for found in _CARD_CODE.finditer(scan.lower):
            yield from _code(scan, found.end(), 12, 3)
    for found in _TOLD_CODE.finditer(scan.lower):
        if _TOLD.search(scan.lower, max(0, found.start() - 24), found.start("code")):
            yield _span(found.start("code"), found.end("code"), 0.7)


def _pairs(scan: Scan) -> Iterator[Span]:
    """ "name / password": the right side must look chosen, with a sign or a capital beside its digits."""
    for found in _PAIR.finditer(scan.lower):
        left, right = _strip(scan.text, found.start("value"), found.end("value"))
        value = scan.text[left:right]
        signs = sum(not char.isalnum() for char in value) - value.count("/")
        if (
            _is_value(value)
            and signs
            and any(char.isdigit() for char in value)
            and not any(sign in value for sign in ("://", "?", "&"))
        ):
            yield _span(left, right, 0.8)


def _code(scan: Scan, start: int, reach: int, least: int) -> Iterator[Span]:
    """Digits after PIN, OTP or CVV: up to eight of them, however they are spaced or spoken."""
    view = scan.digits
    for pattern in (_CODE, _MIXED_CODE):
        for found in pattern.finditer(view.text):
            left, right = view.original(found.start(), found.end())
            if left < start:
                continue
            if left - start > reach:
                break
            digits = sum(char.isdigit() for char in found[0])
            if digits < least or _NOT_A_CODE.fullmatch(found[0]) or _UNIT_AFTER.match(view.text, found.end()):
                continue
            if not _CODE_STOP.search(scan.lower[start:left]):
                yield _span(left, right, 0.72)


def _password(scan: Scan, start: int, cues: frozenset[tuple[int, int]]) -> Iterator[Span]:
    """The first token after the word, past fillers, that looks chosen rather than written: or any after a colon."""
    text, lower = scan.text, scan.lower
    stated = False
    for index, found in enumerate(_WORD.finditer(text, start, min(len(text), start + 120))):
        if index > _PASSWORD_WORDS:
            return
        left, right = _strip(text, found.start(), found.end())
        token = lower[left:right]
        if (
            (found.start() > start and (left, right) in cues)
            or _MAILBOX.search(token)
            or _HANDLE_WORD.search(lower, max(0, left - 12), left)
        ):
            continue
        spelled = _SPELLED.match(text, found.start()) if right - left <= 1 else None
        if spelled is not None:
            yield _span(spelled.start(), spelled.end(), 0.75)
            return
        if (spread := _with_digits(text, left, right)) > left and token not in FILLERS:
            yield _span(left, spread, 0.75)
            return
        if _is_password(text[left:right], token) or (stated and _is_plain(token, index)):
            yield _span(left, right, 0.85)
            return
        bare = token.strip(":=-")
        stated = found[0].endswith((":", "=")) or token in COPULAS
        if bare and bare not in FILLERS and not stated and index > 9:
            return
        if found[0][-1] in "?!" and index > 3:
            return


def _with_digits(text: str, start: int, end: int) -> int:
    """A word and spaced digits ("Rahasia 1 2 3"): where it ends, or `start` when no digits follow."""
    digits = _SPACED_DIGITS.match(text, end)
    return digits.end() if digits is not None and text[start:end].isalpha() and end - start >= 4 else start


def _is_random(token: str) -> bool:
    """Capitals, small letters and digits well mixed: no word, no identifier of a program."""
    kinds = (sum(map(str.isupper, token)), sum(map(str.islower, token)), sum(map(str.isdigit, token)))
    return min(kinds) >= 2


def _is_password(written: str, token: str) -> bool:
    hyphened = _HYPHENED.match(token)
    if hyphened is not None:
        return hyphened[1] != hyphened[2] and not token.startswith("mobile")
    return _is_value(written) and _NOT_A_PASSWORD.match(token) is None


def _is_plain(token: str, index: int) -> bool:
    return index <= 5 and len(token) >= 6 and token.isalpha() and token not in STATES


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """A token without quotes and without the punctuation of the sentence."""
    while start < end and text[start] in _QUOTES + "([{<:=":
        start += 1
    while end > start and (text[end - 1] in _QUOTES + ")]}>,;:" or (text[end - 1] in ".?" and end - start > 1)):
        end -= 1
    return start, end


def _is_value(token: str) -> bool:
    """Mixed enough that nobody would write it as a word: digits among letters, inner capitals, or signs."""
    if len(token) < 4 or len(token) > 120 or token[0] == "#":
        return False
    letters = sum(char.isalpha() for char in token)
    digits = sum(char.isdigit() for char in token)
    if letters and digits:
        return True
    if letters >= 3 and any(char in "!@#$%^&*_+=~" for char in token[:-1]):
        return True
    if letters and token[0].islower() and any(char.isupper() for char in token[1:]):
        return True
    return digits >= 4 and digits == len(token)
