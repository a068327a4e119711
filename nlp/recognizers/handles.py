"""User names, handles and profile slugs: @name, a profile link, a name after "username", "akun", "IG".

A token counts after a cue only if it has the shape of a handle (an underscore, a digit or a dot among letters);
ordinary words never do. Must not touch: e-mail addresses, prices after "@", file names, variables in code, brands.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.scan import Scan
from nlp.spans import Span

_AT: Final = re.compile(r"(?<![a-z0-9._%+\-@*])@ ?(?P<handle>[a-z0-9_](?:[a-z0-9_.\-]{0,38}[a-z0-9_])?)")
_PRICE: Final = re.compile(r"[0-9.,]+(?:rb|k|ribu|jt|juta|pcs|kg|gr|pax|org|orang|hari|x|ml|pc|lbr|box|dus)?\Z")
_HOST: Final = re.compile(r".*\.(?:com|co\.id|net|org|id|example|ac\.id|go\.id|sch\.id|io|me)\Z")
_PROFILE: Final = re.compile(
    r"(?:(?:instagram|twitter|tiktok|facebook|fb|threads|github|gitlab|youtube|steamcommunity|kaskus|medium|pinterest)"
    r"\.(?:com|co\.id|net)/(?:@|id/|u/|in/|c/|user/|profile/)?|\bx\.com/@?|linkedin\.com/in/|\bt(?:elegram)?\.me/|line\.me/ti/p/"
    r"|/(?:u|user|users|profile|profil|member|members|author|seller|toko|@)/@?)(?P<handle>[a-z0-9_][a-z0-9_.\-]{1,38}[a-z0-9_])"
)
_FIELD: Final = re.compile(
    r"(?:[?&\"' ,{]|\A)(?:user(?:_?name|_?id)?|login|uname|nick(?:name)?|account)[\"']?(?:=|: ?[\"'])[\"']?"
    r"(?P<handle>[a-z0-9_][a-z0-9_.\-]{1,38}[a-z0-9_])"
)
_HOME: Final = re.compile(r"(?:/home/|/users/|c:\\users\\|~)(?P<handle>[a-z][a-z0-9_.\-]{1,30})(?=[/\\:])")
_TOKEN: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.\-#]{0,38}[a-z0-9_])?")
_SPEAKER: Final = re.compile(
    r"(?:\A|\n|\] |> ?|- )(?P<handle>[a-z0-9.]{2,30}_[a-z0-9_.]{1,30})(?=: )|(?:quote|kutip|dari|from|reply to|to|oleh|by):? "
    r"\"?(?P<quoted>[a-z0-9.]{1,30}_[a-z0-9_.]{1,30})"
)
_FILE: Final = re.compile(
    r".*\.(?:pdf|jpe?g|png|docx?|xlsx?|csv|zip|py|js|php|html?|txt|mp4|apk|sql|json|xml|env|log|exe)\Z"
)
_WORDLIKE: Final = re.compile(
    r"(?:[a-z]+2(?:nya|an|ku|mu|in)?|[0-9]+[a-z]{1,6}|[a-z]{1,3}[0-9]{1,2}|[0-9.,\-]+|v?[0-9]+(?:\.[0-9a-z]+)+)\Z"
)
_LINK: Final = re.compile(r"https?|www\.|\.com|\.co\.id|\.id\Z|\.net\Z|\.org\Z")
_USER_REACH: Final = 48


def find(scan: Scan) -> Iterator[Span]:
    """Handles in any of these forms."""
    lower = scan.lower
    if "@" in lower:
        yield from _at_handles(scan)
    if "/" in lower or "=" in lower or '"' in lower or "\\" in lower:
        for pattern in (_PROFILE, _FIELD, _HOME):
            for found in pattern.finditer(lower):
                if not _PRICE.match(found["handle"]) and not _FILE.match(found["handle"]):
                    yield _span(found.start("handle"), found.end("handle"), 0.85)
    if "_" in lower:
        for found in _SPEAKER.finditer(lower):
            group = "handle" if found["handle"] else "quoted"
            yield _span(found.start(group), found.end(group), 0.8)
    if Cue.USER in scan.families or Cue.SOCIAL in scan.families:
        yield from _announced(scan)


def _span(start: int, end: int, score: float) -> Span:
    return Span(start, end, Label.USERNAME, score, "handles")


def _at_handles(scan: Scan) -> Iterator[Span]:
    for found in _AT.finditer(scan.lower):
        handle = found["handle"]
        spaced = found.start("handle") - found.start() > 1
        if _PRICE.match(handle) or _HOST.match(handle) or (spaced and not _is_shaped(handle)) or len(handle) < 2:
            continue
        yield _span(found.start("handle"), found.end("handle"), 0.9)


def _announced(scan: Scan) -> Iterator[Span]:
    """The tokens of the same clause after a cue that have the shape of a handle."""
    lower = scan.lower
    for hit in scan.cues:
        if hit.cue is not Cue.USER and hit.cue is not Cue.SOCIAL:
            continue
        clause = re.split(r"[.!?] |\n\n", lower[hit.end : hit.end + _USER_REACH + 30], maxsplit=1)[0]
        for found in _TOKEN.finditer(lower, hit.end, hit.end + len(clause)):
            if found.start() - hit.end > _USER_REACH:
                break
            before = lower[found.start() - 1] if found.start() else " "
            if before not in " \n:=\"'(/,>-" or lower[found.end() : found.end() + 1] == "@":
                continue
            if _is_shaped(found[0]) and not _is_cue(scan, found.start(), found.end()):
                yield _span(found.start(), found.end(), 0.75)


def _is_cue(scan: Scan, start: int, end: int) -> bool:
    return any(start <= hit.start and hit.end <= end and hit.cue is Cue.USER for hit in scan.cues)


def _is_shaped(token: str) -> bool:
    """Letters with an underscore, a digit or an inner dot, and nothing that reads as a word, a unit, a file or a link."""
    if len(token) < 4 or _WORDLIKE.match(token) or _FILE.match(token) or _LINK.search(token):
        return False
    letters = sum(char.isalpha() for char in token)
    if letters < 3:
        return False
    if "_" in token or "#" in token:
        return True
    if "." in token:
        return all(len(part) > 0 for part in token.split(".")) and token.count(".") <= 3 and len(token) >= 6
    return any(char.isdigit() for char in token) and len(token) >= 5
