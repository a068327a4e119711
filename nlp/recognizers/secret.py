"""Secrets stated in the text: passwords, PINs, one-time codes, card verification codes, keys and tokens.

Keys of known services by their published prefixes (GitHub, Stripe, AWS, Slack, Google, Telegram, JWT); everything else
by the word before it. Must not touch: talk about passwords, how many digits a code has, lengths, dates, prices.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.scan import Scan
from nlp.spans import Span

_KEY: Final = re.compile(
    r"(?<![A-Za-z0-9_])(?:(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,64}|gh[pousr]_[A-Za-z0-9]{12,64}|github_pat_\w{20,90}"
    r"|AKIA[A-Z0-9]{12,20}|ASIA[A-Z0-9]{12,20}|xox[abprs]-[A-Za-z0-9\-]{10,80}|AIza[A-Za-z0-9_\-]{30,40}|whsec_[A-Za-z0-9]{8,64}"
    r"|glpat-[A-Za-z0-9_\-]{16,40}|sk-(?:proj-|ant-)?[A-Za-z0-9_\-]{16,120}|[0-9]{8,10}:[A-Za-z0-9_\-]{30,40}"
    r"|eyJ[A-Za-z0-9_\-]{10,400}\.[A-Za-z0-9_\-]{5,800}(?:\.[A-Za-z0-9_\-]{5,200})?|SG\.[A-Za-z0-9_\-]{16,30}\.[A-Za-z0-9_\-]{30,50}"
    r"|npm_[A-Za-z0-9]{20,40}|ya29\.[A-Za-z0-9_\-]{20,200})"
)
_FIELD: Final = re.compile(
    r"(?:[a-z]{0,24}[_\-]?(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_\-]?key|app[_\-]?key|access[_\-]?key|private[_\-]?key|otp|pin|cvv|key))"
    r"[\"']?(?:=|: ?(?=[\"'])|=>)[\"']?(?P<value>[^\s\"'&;,]{3,120})"
)
_BEARER: Final = re.compile(r"bearer (?P<value>[a-z0-9_\-.=+/]{8,400})|://[^\s:/@]{1,40}:(?P<basic>[^\s/@]{3,60})@")
_QUOTES: Final = "\"'`*_"


def find(scan: Scan) -> Iterator[Span]:
    """Secrets by their own form, by a field's name, and by the word before them."""
    text, lower = scan.text, scan.lower
    if scan.has_digits and ("_" in text or "-" in text or ":" in text or "AKIA" in text or "AIza" in text):
        for found in _KEY.finditer(text):
            yield _span(found.start(), found.end(), 0.97)
    if "=" in lower or ":" in lower:
        for found in _FIELD.finditer(lower):
            if _is_value(text[found.start("value") : found.end("value")]):
                yield _span(found.start("value"), found.end("value"), 0.9)
    if Cue.TOKEN in scan.families or "://" in lower:
        for found in _BEARER.finditer(lower):
            group = "value" if found["value"] else "basic"
            yield _span(found.start(group), found.end(group), 0.95)
    if scan.families & _CUED:
        yield from _announced(scan)


_CUED: Final = frozenset({Cue.PASSWORD, Cue.PIN, Cue.CVV, Cue.TOKEN})
_CODE: Final = re.compile(
    r"(?<![a-z0-9.,/])[0-9](?:[ .\-]{0,3}[0-9]){2,7}(?![0-9]|[.,][0-9]| ?(?:digit|angka|kali|x|menit|jam|rb|ribu|jt|%|karakter|huruf|th|tahun|hari|bulan)\b|[a-z])"
)
_MIXED_CODE: Final = re.compile(
    r"(?<![a-z0-9])(?=[a-z0-9\-]{0,8}[0-9])[a-z0-9]{1,5}-[a-z0-9]{3,8}(?:-[a-z0-9]{3,8}){0,3}(?![a-z0-9])|(?<![a-z0-9])[0-9]{3,8}[#*]"
)
_CODE_STOP: Final = re.compile(
    r"\b(?:jam|tgl|tanggal|rp|harga|saldo|order|resi|tiket|ticket|total|antrian|nomor hp|versi|port|rp\.)\b[^0-9]{0,12}\Z"
)
_WORD: Final = re.compile(r"[^\s]+")
# Words that stand between "password" and the password, or instead of one.
_FILLERS: Final = frozenset(
    (
        "nya ny ku mu e ne saya sy aku gue gw gua ane kami kita my mine the your our their kamu anda user akun wifi wi-fi email kos kost toko"
        " kantor rumah admin login aplikasi app atm dana ovo gopay mbanking zip file pdf ssh db server root default"
        " baru lama yg yang lawas anyar ini itu tu iku ieu adalah ialah yaitu is was are be = : - -> => ganti diganti jadi jd"
        " menjadi to into kayak kaya seperti like eg contoh misal contohnya pakai pake pakek use using pinjam tolong please"
        " temporary sementara old new current saat sekarang skrg now tadi td kan lho loh ya yah kak min mas mbak bang bro dong"
        " gampang aja saja masih still tetap tetep udah sudah sdh dah sy' masuk masukin isi diisi ketik tulis coba dicoba try tried i"
        " teh mah teu nu sing karo wae for of on in di ke utk untuk buat dari punya milik sendiri sama dgn dengan and dan"
        " terakhir last first pertama kedua awal first-login it its it's must should harusnya seharusnya bener benar benernya"
        " vault master shared bersama wifinya internet banking portal pasien sekolah kasir kamar vip tamu guest bilang"
        " dikasih kasih given gave give me you us sorry maaf eh oh jangan lupa reset resetin attempt percobaan"
    ).split()
)
_NOT_A_PASSWORD: Final = re.compile(
    r"(?:[0-9]+x|[0-9]{1,2}|[0-9]+(?:jam|menit|hari|rb|k|digit)|[a-z]+2(?:nya|an|in)?|m-banking|e-wallet|wi-fi|e-?ktp|2fa|[0-9]/[0-9]"
    r"|[0-9]{1,2}[:.][0-9]{2}|rp[0-9.,]+|[0-9]{1,3}(?:\.[0-9]{3})+|https?:.*|www\..*|[a-z\-]+/[a-z\-]+|min\.?[0-9]*|h-[0-9])\Z"
)


def _span(start: int, end: int, score: float) -> Span:
    return Span(start, end, Label.SECRET, score, "secret")


def _announced(scan: Scan) -> Iterator[Span]:
    for hit in scan.cues:
        if hit.cue is Cue.PASSWORD:
            yield from _password(scan, hit.end)
        elif hit.cue is Cue.PIN:
            yield from _code(scan, hit.end, 60)
        elif hit.cue is Cue.CVV:
            yield from _code(scan, hit.end, 30)


def _code(scan: Scan, start: int, reach: int) -> Iterator[Span]:
    """Digits after PIN, OTP or CVV: three to eight of them, however they are spaced or spoken."""
    view = scan.digits
    limit = start + reach + 20
    for pattern in (_CODE, _MIXED_CODE):
        for found in pattern.finditer(view.text):
            left, right = view.original(found.start(), found.end())
            if left < start or left > limit or left - start > reach:
                continue
            if _CODE_STOP.search(scan.lower[start:left]):
                continue
            yield _span(left, right, 0.72)


def _password(scan: Scan, start: int) -> Iterator[Span]:
    """The first token after the word, past fillers, that looks chosen rather than written: or any after a colon."""
    text, lower = scan.text, scan.lower
    stated = False
    for index, found in enumerate(_WORD.finditer(text, start, min(len(text), start + 100))):
        if index > 9:
            return
        left, right = _strip(text, found.start(), found.end())
        token = lower[left:right]
        looks = _is_value(text[left:right]) and not _NOT_A_PASSWORD.match(token)
        if looks and (left > start or found.start() == start):
            yield _span(left, right, 0.85)
            return
        if stated and len(token) >= 6 and token.isalpha() and token not in _FILLERS and token not in _STATES:
            yield _span(left, right, 0.7)
            return
        bare = token.strip(":=-")
        stated = found[0].endswith((":", "=")) or token in _COPULAS
        if bare and bare not in _FILLERS and not stated and index > 6:
            return
        if found[0][-1] in ".?!" and index:
            return


_COPULAS: Final = frozenset({"adalah", "ialah", "yaitu", "is", "was", "jadi", "jd", "menjadi", "=", ":", "kan"})
_STATES: Final = frozenset(
    (
        "salah wrong expired kadaluarsa incorrect invalid ditolak rejected bocor leaked hilang berubah sulit susah panjang"
        " pendek lemah kuat mudah strong simple secure required wajib minimal maksimal terlalu sering tidak ngga nggak belum not"
        " never always correct kosong rahasia penting otomatis terkirim diterima terkunci dikunci blocked disable enabled"
        " disimpan stored changed updated semua sendiri masalah problem saved masuk keluar tanggal nomor kombinasi mereka orang"
    ).split()
)


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """A token without quotes and without the punctuation of the sentence."""
    while start < end and text[start] in _QUOTES + "([{<:=":
        start += 1
    while end > start and (text[end - 1] in _QUOTES + ")]}>,;:" or (text[end - 1] in ".?" and end - start > 1)):
        end -= 1
    return start, end


def _is_value(token: str) -> bool:
    """Mixed enough that nobody would write it as a word: digits among letters, inner capitals, or signs."""
    if len(token) < 4 or len(token) > 120:
        return False
    letters = sum(char.isalpha() for char in token)
    digits = sum(char.isdigit() for char in token)
    if letters and digits:
        return True
    inner = token[1:]
    if any(char in "!@#$%^&*_+=~" for char in token) and letters >= 3:
        return True
    if letters and any(char.isupper() for char in inner) and not token.isupper():
        return any(char.islower() for char in token) and token[0].islower()
    return digits >= 4 and digits == len(token)
