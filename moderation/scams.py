"""Scam patterns in Indonesian and English: who asks for secrets or money, lures away, promises prizes, plays staff.

Pure. Works on `folding.sentence_view`, clause by clause, because the same words stand in warnings ("never give your
OTP to anybody"), questions ("is it true that support asks for a PIN?") and reports ("somebody asked me for my OTP");
those are what an honest forum is full of. A clause counts only where it addresses the reader.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from moderation.folding import sentence_view

_KEPT: Final = (
    r"(?:otp|pin|pasw[o0]r?d|pass?word|kata sandi|sandi|cvv|cvc|kode (?:verifikasi|rahasia|aktivasi|akses|masuk|sms|"
    r"keamanan|login)|(?:verification|security|access|login|one[- ]time|sms|2fa) (?:code|pass(?:word|code))|"
    r"passcode|seed phrase|recovery (?:code|phrase)|3 (?:angka|digit) (?:di )?belakang kartu)"
)
_YOURS: Final = r"(?:anda|kamu|kalian|bapak|ibu|kakak|kak|kakaknya|akunmu|your|yours|ur|\w+(?:mu|nya))"
_GIVE: Final = (
    r"(?:kirim(?:kan|in)?|sebut(?:kan|in)?|berikan|kasih(?:kan)?(?: tahu| tau)?|beritahu(?:kan)?|infokan|info|"
    r"informasikan|masuk(?:kan|in)|share(?:kan)?|bagikan|ketik|balas|reply|konfirmasi(?:kan)?|setor(?:kan)?|teruskan|"
    r"forward|send|give|tell|share|provide|enter|submit|confirm|text|dm|isi(?:kan)?|lampirkan|bacakan)"
)
_MONEY: Final = (
    r"(?:dana|uang|biaya|deposit|dp|saldo|pulsa|token|bayar(?:an)?|pembayaran|admin(?:istrasi)?|jaminan|pajak|"
    r"money|fee|payment|funds?|deposit|crypto|bitcoin|usdt|gift ?cards?|rp\.? ?\d[\d.]*|idr ?\d[\d.]*|\d+ ?(?:rb|ribu|"
    r"jt|juta|k))"
)
_ACCOUNT: Final = (
    r"(?:hiddenbankaccount|hiddenphone|hiddencard|rek(?:ening)?|norek|no\.? ?rek|e-?wallet|dompet|gopay|ovo|dana|"
    r"shopeepay|virtual account|va|bank account|account below|wallet)"
)
_APP: Final = (
    r"(?:wa|whats?app|whatsap|telegram|tele|signal|line|wechat|imo|dm|inbox|japri|chat pribadi|pm|hiddenphone)"
)

_CAUTION: Final = re.compile(
    r"\b(?:jangan|jgn|tidak (?:boleh|pernah|akan|perlu|usah|mau)|tdk (?:boleh|pernah|akan)|nggak (?:boleh|pernah|akan|"
    r"usah|mau)|ga(?:k)? (?:boleh|pernah|akan|usah|mau)|tak (?:pernah|akan|boleh)|hati[- ]?hati|awas|waspada\w*|"
    r"never|do not|don'?t|won'?t|will not|does not|doesn'?t|should not|shouldn'?t|must not|beware|"
    r"be careful|watch out)\b"
)
_REPORT: Final = re.compile(
    r"\b(?:ada (?:(?:yang|yg)(?! (?:bisa|ingin|mau|perlu))|orang|akun|nomor)|"
    r"diminta(?:i)?|disuruh|dimintain|mengaku|ngaku\w*|katanya|modus\w*|"
    r"penipu\w*|ditipu|tertipu|kena tipu|phishing|scam\w*|fraud\w*|(?:dia|mereka|orang itu|pelaku|oknum) "
    r"(?:minta|meminta|suruh|menyuruh|bilang|menawarkan)|somebody|someone|they asked|asked me|asking me|"
    r"(?:he|she|they) (?:told|wanted|asked|said)|was asked|got a (?:call|message|text)|pretend\w*|"
    r"claim(?:s|ed|ing) to be|laporkan|lapor|melapor\w*)\b"
)
_QUESTION: Final = re.compile(
    r"\b(?:apa(?:kah)?|kenapa|mengapa|bagaimana|gimana|gmn|kapan|di ?mana|berapa|benarkah|bolehkah|kok|emang(?:nya)?|"
    r"why|how|what|when|where|is it|are they|does|did|can i|could i|should i|is this)\b"
)
_MINE: Final = re.compile(
    r"\b(?:saya|sy|aku|gue|gw|kami|i|i've|my|we)\b(?: (?:sudah|udah|udh|telah|baru|lupa|belum|tidak|ga|gak|mau|ingin|"
    r"have|just|already|forgot|can'?t|cannot|want|tried|did|had|still))"
)

_ASKS_KEPT: Final = (
    rf"\b{_GIVE}\b(?:\W+\w+){{0,5}}?\W+{_KEPT}\b",
    rf"\b(?:minta|mohon|butuh|perlu|memerlukan|membutuhkan|need|require|want)\b(?:\W+\w+){{0,4}}?\W+{_KEPT}\b"
    rf"(?:\W+\w+){{0,3}}?\W+{_YOURS}\b",
    rf"\b{_KEPT}\b(?:\W+\w+){{0,4}}?\W+(?:di ?kirim(?:kan)?|kirim(?:kan|in)?|share|sebutkan|berikan|"
    rf"ke (?:kami|saya|sini|wa|nomor)|to (?:me|us|this))\b",
)
_ASKS_STRAIGHT: Final = (
    rf"\bwhat(?:'?s| is) your (?:\w+ )?{_KEPT}\b",
    rf"\b(?:berapa|apa) (?:\w+ )?{_KEPT}\w* (?:anda|kamu|kak|bapak|ibu)\b",
    rf"\b(?:boleh|bisa|can|could|may|will) (?:\w+ ){{0,3}}?(?:minta|kirim(?:kan)?|sebutkan|send|give|tell|share|have)\b"
    rf"(?:\W+\w+){{0,4}}?\W+{_KEPT}\b(?:\W+{_YOURS}\b|.{{0,20}}\?)",
)
_ASKS_TRANSFER: Final = (
    rf"\b(?:(?:silah?kan|silakan|tolong|mohon|segera|harap|langsung|cukup|wajib|harus|please|kindly|just)\b"
    rf"(?:\W+\w+){{0,3}}?\W+)(?:transfer|tf|trf|setor|kirim|bayar|top ?up|isi|send|pay|wire)(?:kan|in)?\b"
    rf"(?:\W+[\w.]+){{0,6}}?\W+(?:{_MONEY}|{_ACCOUNT})\b",
    rf"\b(?:transfer|tf|trf|setor|kirim|wire|send)(?:kan|in)?\b(?:\W+[\w.]+){{0,5}}?"
    rf"\W+(?:ke|to|via|lewat|into)\W+(?:\w+\W+){{0,3}}?{_ACCOUNT}\b",
    rf"\b(?:transfer|tf|trf|kirim|setor|bayar)(?:kan|in)?\b(?:\W+\w+){{0,2}}?\W+{_MONEY}(?:\W+[\w.]+){{0,4}}?\W+"
    rf"(?:dulu|terlebih dahulu|di ?muka|agar|supaya|untuk (?:aktivasi|verifikasi|pencairan|klaim|proses|mencairkan)|"
    rf"first|to (?:unlock|release|activate|claim|verify))\b",
    r"\b(?:pay|send|buy)\b(?:\W+\w+){0,4}?\W+(?:gift ?cards?|bitcoin|usdt|crypto|fee)\b",
)
_MOVES: Final = (
    rf"\b(?:hubungi|kontak|chat|japri|wa|add|tambahkan|lanjut(?:kan)?|pindah|gabung|join|contact|message|text|reach|call|"
    rf"telepon|telpon|invite|klik|dm|sms|write|talk|continue|move)\b(?:\W+\w+){{0,5}}?\W+(?:{_APP})\b",
    rf"\b(?:di|ke|via|lewat|melalui|on|through|over)\W+{_APP}\b(?:\W+\w+)?\W+"
    rf"(?:hiddenphone|hiddenusername|saya|kami|pribadi|admin|ini|me|us|aja|saja)\b",
    r"\b(?:t\.me|wa\.me|api\.whatsapp\.com|chat\.whatsapp\.com|line\.me|bit\.ly/wa)\b",
)
_PRIZE: Final = (
    r"\b(?:selamat|congratulations|congrats)\b.{0,60}\b(?:terpilih|pemenang|menang|memenangkan|mendapat(?:kan)?|"
    r"hadiah|undian|winner|won|selected|prize|lottery)\b",
    r"\b(?:anda|kamu|nomor anda|akun anda|you|your (?:number|account|email))\b.{0,30}\b(?:terpilih|pemenang|"
    r"memenangkan|menang (?:undian|hadiah)|won|winner|been selected)\b",
    r"\b(?:klaim|claim|ambil|cairkan|redeem|collect)\b(?:\W+\w+){0,3}?\W+(?:hadiah|bonus|prize|reward|winnings?|"
    r"giveaway|saldo gratis|lottery)\w*\b",
    r"\b(?:bonus|hadiah|reward|giveaway|cashback)\b(?:\W+\w+){0,3}?\W+(?:rp\.? ?\d|\d+ ?(?:jt|juta|rb|ribu)|"
    r"gratis|langsung cair|tanpa syarat|100 ?%|free money)",
    r"\b(?:slot|judi|togel|casino|kasino)\b(?:\W+\w+){0,4}?\W+"
    r"(?:gacor|maxwin|daftar|terpercaya|online|resmi|jackpot|deposit)\b",
    r"\b(?:penghasilan|cuan|profit|untung|earn|income)\b(?:\W+[\w.]+){0,4}?\W+"
    r"(?:per hari|sehari|tiap hari|a day|per day|daily|dijamin|guaranteed|tanpa modal|from home)\b",
    r"\b(?:pinjaman|pinjol|kredit|loan)\b(?:\W+\w+){0,4}?\W+(?:cepat cair|tanpa jaminan|langsung cair|"
    r"bunga 0|tanpa bi checking|no credit check|instant approval)\b",
)
_STAFF: Final = (
    r"(?:cs|customer (?:service|care|support)|admin(?:istrator)?|moderator|petugas|staf{1,2}|pegawai|karyawan|operator|"
    r"tim (?:support|cs|resmi|keamanan|verifikasi|it)|support (?:team|agent|staff|desk)|helpdesk|help desk|"
    r"layanan pelanggan|security team|bagian (?:keamanan|verifikasi)|account manager)"
)
_IMPERSONATES: Final = (
    rf"\b(?:saya|sy|kami|aku|perkenalkan,? saya|ini)(?: adalah| dari| selaku| sebagai| bagian dari)*"
    rf"\W+(?:tim )?{_STAFF}(?: resmi|nya)?\b",
    rf"\b(?:i am|i'm|we are|we're|this is|here is)(?: from| with| part of)?(?: the| an?| your)?(?: official)?(?: \w+)?"
    rf"\W+{_STAFF}\b",
    rf"\b(?:official|resmi)\W+{_STAFF}\W+(?:here|disini|di sini|membantu|siap)\b",
    rf"\b{_STAFF}\W+(?:resmi|official)\W+(?:here|disini|di sini|siap)\b",
    rf"\b(?:atas nama|on behalf of)\W+(?:the )?(?:tim |official )?{_STAFF}\b",
)
_PLAYED_DOWN: Final = re.compile(
    r"\b(?:kami|saya|i|we) (?:bukan|hubungi|kontak|menghubungi|chat|call(?:ed)?|contacted|asked|told|am not|tanya)\b|"
    r"\b(?:bukan|not)\b(?:\W+\w+){0,3}?\W+(?:staf|staff|admin|cs|pegawai|karyawan|petugas|moderator)"
)

_FAMILIES: Final[Mapping[str, tuple["re.Pattern[str]", ...]]] = MappingProxyType(
    {
        name: tuple(re.compile(pattern) for pattern in patterns)
        for name, patterns in (
            ("asks_secret", _ASKS_KEPT),
            ("asks_transfer", _ASKS_TRANSFER),
            ("moves_private", _MOVES),
            ("prize", _PRIZE),
            ("impersonates_staff", _IMPERSONATES),
        )
    }
)
_STRAIGHT: Final = tuple(re.compile(pattern) for pattern in _ASKS_STRAIGHT)
"""Questions that ask the reader for a secret."""

SCAMS: Final = tuple(_FAMILIES)
"""The names of the patterns."""

_SENTENCE: Final = re.compile(r"(?<=[.!?;\n])(?=\s|$)|\n")
_CLAUSE: Final = re.compile(r"\s*(?:,|\bdan jangan\b|\btapi\b|\bbut\b|\blalu\b|\bkemudian\b)\s+")
_MOST: Final = 12_000


def scams(text: str) -> frozenset[str]:
    """Give which scam patterns a redacted text shows."""
    found: set[str] = set()
    for sentence in _sentences(sentence_view(text[:_MOST])):
        if _REPORT.search(sentence):
            continue
        if any(pattern.search(sentence) for pattern in _STRAIGHT) and not _CAUTION.search(sentence):
            found.add("asks_secret")
        if sentence.endswith("?") and _QUESTION.search(sentence):
            continue
        for name, patterns in _FAMILIES.items():
            if name not in found and _shows(name, patterns, sentence):
                found.add(name)
    return frozenset(found)


def _sentences(view: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(view):
        if sentence and sentence.strip():
            yield " ".join(sentence.split())


def _shows(name: str, patterns: tuple["re.Pattern[str]", ...], sentence: str) -> bool:
    for pattern in patterns:
        for hit in pattern.finditer(sentence):
            if not _is_harmless(name, sentence, hit):
                return True
    return False


def _is_harmless(name: str, sentence: str, hit: "re.Match[str]") -> bool:
    """Whether the words just before and inside of a hit take it back."""
    clause_start = max((found.end() for found in _CLAUSE.finditer(sentence, 0, hit.start())), default=0)
    around = sentence[clause_start : hit.end()]
    if name == "impersonates_staff":
        return bool(_PLAYED_DOWN.search(around)) or sentence.endswith("?")
    if _CAUTION.search(around):
        return True
    return name in {"asks_secret", "asks_transfer"} and bool(_MINE.search(around))
