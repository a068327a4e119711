"""User names, handles and profile slugs: @name, a profile link, a name after "username", "akun", "IG".

A token counts after a cue only if it has the shape of a handle (an underscore, a digit, a dot or capitals among
letters); ordinary words never do. Must not touch: e-mail addresses, prices after "@", file names, variables in code,
error and order codes, brands.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.recognizers.ordinary import is_ordinary
from nlp.scan import Scan
from nlp.spans import Span

_AT: Final = re.compile(r"(?<![a-z0-9._%+\-@*])@ ?(?P<handle>[a-z0-9_](?:[a-z0-9_.\-]{0,38}[a-z0-9_])?)")
_PRICE: Final = re.compile(r"[0-9.,]+(?:rb|k|ribu|jt|juta|pcs|kg|gr|pax|org|orang|hari|x|ml|pc|lbr|box|dus)?\Z")
_HOST: Final = re.compile(
    r".*\.(?:com|co|id|net|org|example|io|me|ly|gl|top|link|xyz|info|biz|site|online|store|web|app|dev|example|test)\Z"
)
_NATIONAL: Final = re.compile(r"[a-z0-9_]{3,30}\.id\Z")
"""A handle that ends as hosts of Indonesia do: usual for shops and players."""
_PROFILE: Final = re.compile(
    r"(?:(?:instagram|twitter|tiktok|facebook|fb|threads|github|gitlab|youtube|steamcommunity|kaskus|medium|pinterest)"
    r"\.(?:com|co\.id|net)/(?:@|id/|u/|in/|c/|user/|profile/)?|\bx\.com/@?|linkedin\.com/in/|\bt(?:elegram)?\.me/"
    r"|line\.me/ti/p/|/(?:u|user|users|profile|profil|member|members|author|seller|toko|@)/@?)"
    r"(?P<handle>[a-z0-9_][a-z0-9_.\-]{1,38}[a-z0-9_])"
)
_FIELD: Final = re.compile(
    r"(?:[?&\"' ,{]|\A)(?:user(?:_?name|_?id)?|login|uname|nick(?:name)?|account)[\"']?(?:=|: ?[\"'])[\"']?"
    r"(?P<handle>[a-z0-9_][a-z0-9_.\-]{1,38}[a-z0-9_])"
)
_STATED: Final = re.compile(
    r"\b(?:user ?name|user ?id|nick ?name|login id)(?:nya|ku)? ?[:=] ?(?P<handle>[a-z][a-z0-9_.\-]{3,30})\b"
)
_SPREAD: Final = re.compile(
    r"\b(?:user(?:name)?|akun|account|nick(?:name)?|ig|insta|instagram|telegram|tele|tiktok|twitter|discord|line)(?:nya|ku)?"
    r"(?: is| saya| aku| gw)?[ :=]{1,3}(?P<handle>[a-z0-9_](?: [a-z0-9_@.]){3,30})(?![a-z0-9])"
)
_HOME: Final = re.compile(r"(?:/home/|/users/|c:\\users\\|~)(?P<handle>[a-z][a-z0-9_.\-]{1,30})(?=[/\\:])")
_BASIC: Final = re.compile(r"://(?P<handle>[^\s:/@]{2,40}):[^\s/@]{1,60}@")
_PLAIN: Final = re.compile(
    r"\b(?:user ?name|user ?id|user|usn|uname|nick ?name|nick|handle|ign|seller)(?:nya|ku|mu)?"
    r"(?: (?:saya|sy|aku|gue|gw|is|adalah|my|nya|ku|ig|fb|tiktok|twitter|discord"
    r"|shopee|tokopedia|game|ff|ml|akun|lama|baru)){0,2}[ :=\"']{1,3}"
    r"(?P<handle>(?=[a-z0-9.\-]{6})[a-z][a-z0-9]{0,24}(?:[.\-][a-z0-9]{1,24}){0,3})(?![a-z0-9@_/]|[.\-][a-z0-9])"
)
_TOKEN: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.\-#]{0,38}[a-z0-9_])?")
_SPEAKER: Final = re.compile(
    r"(?:\A|\n|\] |> ?|- )(?P<handle>[a-z0-9.]{2,30}_[a-z0-9_.]{1,30})(?=: )"
    r"|\b(?:quote|kutip|dikutip dari|reply to|oleh|by|dm aja ke):? \"?(?P<quoted>[a-z0-9.]{1,30}_[a-z0-9_.]{1,30})"
)
_POSTED: Final = re.compile(r"\b(?:originally )?posted by:? \"?(?P<handle>[a-z0-9][a-z0-9_.\-]{3,29})(?![a-z0-9@])")
_BARE: Final = re.compile(r"(?<![^\s(,\"'>])[a-z][a-z0-9.]{1,24}_[a-z0-9_.]{0,24}[a-z0-9](?=[\s),\"'?!:;]|\.\s|\.?\Z)")
_DATA_WORD: Final = re.compile(
    r"(?:\A|_)(?:id|nama|harga|no|tgl|alamat|kode|format|customer|user|data|jml|total|secret|key|token|pass|api|client|scan|img|foto|file|kota|varian)(?:_|\Z)|_[0-9]+\Z"
)
_NEXT: Final = re.compile(r"(?:,|/| dan| and| sama| &| vs) ?(?P<handle>[a-z0-9_](?:[a-z0-9_.]{0,38}[a-z0-9_]))")
_ERROR: Final = re.compile(r"\b(?:error|err|code|kode|promo|voucher|seri|versi)[ :]{1,2}\Z")
_CODE_LIKE: Final = re.compile(r"[={}\\$|]|</|\(\)|\(\"|;\n|```|\.(?:py|js|php|csv|sql)\b|,[a-z]+_[a-z]+,")
_UNDERSCORE_WORD: Final = re.compile(r"(?P<a>[a-z0-9]{3,20}) underscore (?P<b>[a-z0-9]{2,20})")
_FILE: Final = re.compile(
    r".*\.(?:pdf|jpe?g|png|docx?|xlsx?|csv|zip|py|js|php|html?|txt|mp4|apk|sql|json|xml|env|log|exe)\Z"
)
_WORDLIKE: Final = re.compile(
    r"(?:[a-z]{2,10}2(?:nya|an|ku|mu|in)?|[0-9]+[a-z]{1,6}|[a-z]{1,3}[0-9]{1,2}|[0-9.,\-]+|v?[0-9]+(?:\.[0-9a-z]+)+"
    r"|[0-9a-f]{8}-[0-9a-f\-]{9,27}|(?:www|https?)[.:]?.*)\Z"
)
_NEXT_SENTENCE: Final = re.compile(r"[a-z][.][A-Z]")
_CAMEL: Final = re.compile(r"[A-Za-z]*[a-z][A-Z][A-Za-z]*")
_DOTTED: Final = re.compile(r"[a-z0-9_]{3,24}(?:\.[a-z0-9_]{2,24}){1,3}")
_BRANDS: Final = frozenset(
    [
        "whatsapp",
        "tiktok",
        "shopeepay",
        "gopay",
        "linkaja",
        "youtube",
        "iphone",
        "mytelkomsel",
        "paypal",
        "linkedin",
        "facebook",
    ]
)
_SLUG_SITES: Final = re.compile(r"\b(?:linkedin|github|gitlab|git|gitlab username|bot account|bot akun)[^\n]{0,14}\Z")
_SLUG: Final = re.compile(r"[a-z]{2,20}(?:-[a-z0-9]{2,20}){1,3}\Z")
_ANNOUNCERS: Final = frozenset({Cue.USER, Cue.SOCIAL})
_REACH: Final = 48


def find(scan: Scan) -> Iterator[Span]:
    """Handles in any of these forms."""
    lower = scan.lower
    if "@" in lower:
        yield from _at_handles(scan)
    if "/" in lower or "=" in lower or ":" in lower or "\\" in lower:
        for pattern in (_PROFILE, _FIELD, _HOME, _BASIC, _STATED):
            for found in pattern.finditer(lower):
                if not _PRICE.match(found["handle"]) and not _FILE.match(found["handle"]):
                    yield _span(found.start("handle"), found.end("handle"), 0.85)
    if "_" in lower:
        yield from _underscored(scan)
    if not scan.families.isdisjoint(_ANNOUNCERS) or "account" in scan.words:
        yield from _announced(scan)
    if not scan.families.isdisjoint(_ANNOUNCERS) or "posted by" in lower:
        yield from _plain(lower)


def _span(start: int, end: int, score: float) -> Span:
    return Span(start, end, Label.USERNAME, score, "handles")


def _plain(lower: str) -> Iterator[Span]:
    """After the plainest of cues a handle needs no shape: it is enough that it is in no dictionary."""
    for found in _SPREAD.finditer(lower):
        yield _span(found.start("handle"), found.end("handle"), 0.7)
    for pattern in (_PLAIN, _POSTED):
        for found in pattern.finditer(lower):
            if not all(map(is_ordinary, re.split(r"[.\-]", found["handle"]))):
                yield _span(found.start("handle"), found.end("handle"), 0.6)


def _underscored(scan: Scan) -> Iterator[Span]:
    """Who speaks in a pasted chat, who is quoted, and names with an underscore in text that is no code."""
    lower = scan.lower
    for found in _SPEAKER.finditer(lower):
        group = "handle" if found["handle"] else "quoted"
        yield _span(found.start(group), found.end(group), 0.8)
    if not _CODE_LIKE.search(lower):
        for found in _BARE.finditer(lower):
            name = found[0]
            capitals = scan.text[found.start() : found.end()].isupper()
            if (
                name.count("_") <= 2
                and not capitals
                and len(name) >= 6
                and not (_DATA_WORD.search(name) or _FILE.match(name))
            ):
                yield _span(found.start(), found.end(), 0.6)
                yield from _listed(scan, found.end())


def _at_handles(scan: Scan) -> Iterator[Span]:
    for found in _AT.finditer(scan.lower):
        handle = found["handle"]
        spaced = found.start("handle") - found.start() > 1
        if (
            _PRICE.match(handle)
            or (_HOST.match(handle) and not _NATIONAL.match(handle))
            or (spaced and not _is_shaped(handle))
            or len(handle) < 2
        ):
            continue
        end = found.end("handle")
        while scan.lower[end : end + 1] == "_":
            end += 1
        yield _span(found.start("handle"), end, 0.9)


def _announced(scan: Scan) -> Iterator[Span]:
    """The tokens of the same clause after a cue that have the shape of a handle."""
    lower = scan.lower
    for hit in scan.cues:
        if hit.cue not in _ANNOUNCERS and lower[hit.start : hit.end] != "account":
            continue
        clause = re.split(r"[.!?] |\n\n", lower[hit.end : hit.end + _REACH + 40], maxsplit=1)[0]
        for found in _TOKEN.finditer(lower, hit.end, hit.end + len(clause)):
            if found.start() - hit.end > _REACH:
                break
            if lower[found.start() - 1] not in " \n:=\"'(/,>-" or lower[found.end() : found.end() + 1] in {
                "@",
                "=",
                "/",
            }:
                continue
            written = scan.text[found.start() : found.end()]
            near = found.start() - hit.end <= 14
            dotted = near and hit.cue is Cue.SOCIAL and _is_dotted(found[0])
            shaped = dotted or _is_shaped(written) or (near and _is_camel(written)) or (near and _is_slug(scan, found))
            if shaped and not _is_cue(scan, found.start(), found.end()):
                if written.isupper() and _ERROR.search(lower[max(0, found.start() - 12) : found.start()]):
                    continue
                yield _span(found.start(), found.end(), 0.75)
                yield from _listed(scan, found.end())
    if Cue.SOCIAL in scan.families:
        for found in _UNDERSCORE_WORD.finditer(lower):
            yield _span(found.start(), found.end(), 0.7)


def _listed(scan: Scan, end: int) -> Iterator[Span]:
    """Further handles in the same list."""
    while (found := _NEXT.match(scan.lower, end)) is not None:
        if not _is_shaped(scan.text[found.start("handle") : found.end("handle")]):
            return
        end = found.end()
        yield _span(found.start("handle"), end, 0.7)


def _is_dotted(token: str) -> bool:
    """On a social site even what reads as a host is a handle."""
    letters = sum(char.isalpha() for char in token)
    return (
        letters >= 5 and _DOTTED.fullmatch(token) is not None and not _WORDLIKE.match(token) and not _FILE.match(token)
    )


def _is_camel(written: str) -> bool:
    """Capitals inside a word, as players write their names; not a brand."""
    return len(written) >= 8 and _CAMEL.fullmatch(written) is not None and written.lower() not in _BRANDS


def _is_slug(scan: Scan, found: re.Match[str]) -> bool:
    """Words joined by hyphens are names on the sites that make them so."""
    return _SLUG.match(found[0]) is not None and bool(
        _SLUG_SITES.search(scan.lower[max(0, found.start() - 30) : found.start()])
    )


def _is_cue(scan: Scan, start: int, end: int) -> bool:
    return any(
        (start <= hit.start and hit.end <= end and hit.cue is Cue.USER) or (hit.start, hit.end) == (start, end)
        for hit in scan.cues
    )


def _is_shaped(written: str) -> bool:
    """Letters with an underscore, a digit or an inner dot, and nothing that reads as a word, a unit or a link."""
    token = written.lower()
    if len(token) < 4 or _WORDLIKE.match(token) or _FILE.match(token):
        return False
    letters = [char for char in written if char.isalpha()]
    if len(letters) < 3 or ("-" in token and all(char.isupper() for char in letters)):
        return False
    if "_" in token or "#" in token:
        return True
    if "." in token:
        return (
            len(token) >= 6
            and token.count(".") <= 3
            and ".." not in token
            and not (_HOST.match(token) or _NEXT_SENTENCE.search(written))
        )
    return any(char.isdigit() for char in token) and len(token) >= 5
