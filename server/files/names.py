"""Names of files: what is left of a typed one before it goes to the gate, and what is written of it after. Pure."""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from server.files.model import ENDINGS
from server.kernel.text import Hidden, Numbering, RedactedTemplate, RedactedText, template_of

MOST: Final = 80
"""Code points that are kept of a name, without its ending."""

MOST_TYPED: Final = 1_000
_FILLERS: Final = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and patterns that show nothing."""

_ENDING: Final = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,5}\Z")
_BETWEEN: Final = re.compile(r"(?<=[^\W\d_])[-.](?=[^\W\d_])")
_HUMPS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_]{4})(?=\d)|(?<=\d)(?=[^\W\d_]{4})")
"""Where words are written together; `X1234567` and `AB1234CD` are one."""

_SPACES: Final = re.compile(r"[\s_]+|(?<=[^\W\d_])\++(?=[^\W\d_])")
_UNFIT: Final = re.compile(r'[<>:"/\\|?*]+')
_PAPERS: Final = re.compile(
    r"\b(?:e?-?ktp|nik|kk|kartu keluarga|paspor|passport|sim|npwp|bpjs|akta|ijazah|rekam medis|rekening|identitas"
    r"|identity|id card|driving licen[cs]e|bank statement|mutasi|slip gaji|payslip|selfie)\b",
    re.IGNORECASE,
)


_NUMBER: Final = re.compile(r"(?<!\w)[^\W_]*\d(?:[ .-]?[^\W_]*\d)*[^\W_]*")
"""Digits with little between them, and the letters that are written together with them."""

_DATE: Final = re.compile(
    r"(?:19|20)[0-9]{2}[ .-]?(?:0[1-9]|1[0-2])[ .-]?(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:[ .-]?(?:[01][0-9]|2[0-3])[ .-]?[0-5][0-9](?:[ .-]?[0-5][0-9])?)?"
)
"""A day as cameras and programs write it, with the time behind it."""

_ROW: Final = 6
_SPREAD: Final = 9


def words_of(typed: str) -> str:
    """Give the words of a file's name as the gate reads them best: without folders, ending and joints.

    `C:\\scan\\KTP_Budi-Santoso.jpg` is `KTP Budi Santoso`.
    """
    # Some clients write `%40` where others write `@`.
    name = re.split(r"[/\\]", unquote(unquote(typed[:MOST_TYPED])))[-1]
    # Among the format characters are those that turn the direction of a name around: `gpj.exe` read backwards.
    name = "".join(" " if _is_blank(character) else character for character in name)
    name = unicodedata.normalize("NFC", name).strip(" .")
    name = _ENDING.sub("", name)
    name = _SPACES.sub(" ", name)
    if "@" not in name:
        name = _HUMPS.sub(" ", _BETWEEN.sub(" ", name))
    name = _SPACES.sub(" ", name).strip(" .-")
    # A mark above nothing is no name.
    return name if any(unicodedata.category(character)[0] != "M" for character in name) else ""


def _is_blank(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ" or character in _FILLERS


def is_of_a_paper(words: str) -> bool:
    """Whether a name says that this is a paper about somebody: an identity card, a bank statement."""
    return _PAPERS.search(words) is not None


def _harmless(part: str) -> str:
    """Give a part of a name without what a file system reads otherwise, and without numbers that may be somebody's."""
    return _UNFIT.sub(" ", _NUMBER.sub(_without_number, part))


def _without_number(found: re.Match[str]) -> str:
    """Leave out a number of six digits in a row, or of nine with something between them; a day and a time stay."""
    number = found[0]
    rest = _DATE.sub(" ", number)
    rows = [len(row) for row in re.findall(r"\d+", rest)]
    if max(rows, default=0) < _ROW and sum(rows) < _SPREAD:
        return number
    return " "


def file_name(template: RedactedTemplate, media_type: str) -> RedactedText:
    """Write a name: what was hidden by its kind in words, nothing that a file system reads otherwise, a true ending.

    No placeholders with numbers: a number means one value within a conversation, and a name has no say in that.

    A bare number may be anybody's: of an account, a card, a patient. What it is can't be told from a name, so a long
    one is left out; a name of nothing else is `file`, which its type and its place beside the others tell apart.
    """
    parts = [part.label.value if isinstance(part, Hidden) else _harmless(part) for part in template.parts]
    name = _SPACES.sub(" ", "".join(parts))[:MOST].strip(" .-")
    return template_of((f"{name or 'file'}.{ENDINGS[media_type]}",)).fill(Numbering()).text
