"""One normal form of a text, with offsets back to the original.

Undoes what hides an identifier from a pattern without hiding it from a reader: full-width and mathematical letters,
other scripts' digits, look-alike letters, zero-width and bidirectional controls, control and replacement characters,
combining marks, keycap emoji, percent and HTML escapes; ends every line with LF. Must not change plain text: ordinary
messages come back as the very same string, at the price of one scan. Pure and stdlib-only.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Letters that look like a Latin one. A subset of Unicode's confusables.txt (UTS #39): those that occur in words.
_LOOKALIKES: Final = (
    "АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ԚQ ԜW Үy аa сc еe оo рp уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl кk мm "
    "тt ѵv гr ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa ιi κk νv οo ρp τt υu χx γy ɡg ıi ƖI ǀl ∣l ❘l օo սu ոn "
    "ʏy ɴn"
)
_CONFUSABLE: Final = {pair[0]: pair[1] for pair in _LOOKALIKES.split()}
_PUNCTUATION: Final = {
    **dict.fromkeys("‐‑‒–—―−﹘﹣－⁃➖ー", "-"),
    **dict.fromkeys("‘’‚‛′ʼʹ`´", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("\u00a0\u1680\u2007\u202f\u205f\u3000\u2800\u3164\uffa0\u180e\u115f\u1160", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\u2028\u2029\u0085\r\v\f", "\n"),
    **dict.fromkeys("·•∙・･。｡․‧⋅●▪", "."),
    "⁄": "/",
    "∕": "/",
    "：": ":",
}
# Escaped placeholder brackets must survive: NFKC leaves them alone, and so does this table.
_DROPPED: Final = "\ue000"
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Mn", "Me"})
_IGNORABLE: Final = frozenset({0x2065, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)})
"""Not given out yet, and shown as nothing by every program: Default_Ignorable_Code_Point (Unicode, 5.21)."""

_RANGES: Final = (
    *(range(0x7F, 0x3100), range(0xA600, 0xAC00), range(0xE000, 0x10000), range(0x10100, 0x13460)),
    *(range(0x16A00, 0x17000), range(0x1BC00, 0x1BD00), range(0x1CF00, 0x1D800), range(0x1DA00, 0x1DB00)),
    *(range(0x1E000, 0x1EA00), range(0x1F100, 0x1F1E6), range(0x1FBF0, 0x1FBFA), range(0xE0000, 0xE1000)),
)
"""Where all digits, marks, invisible and styled characters are; what is between are ideographs and syllables."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _fold_table() -> dict[int, str]:
    """One code point to one: NFKC where that is a single character, digits of any script, look-alikes, separators."""
    table: dict[int, str] = {}
    for code in (code for part in _RANGES for code in part):
        char = chr(code)
        category = unicodedata.category(char)
        if category in _DROPPED_CATEGORIES or (category == "Cn" and code in _IGNORABLE):
            table[code] = _DROPPED
            continue
        digit = unicodedata.digit(char, None) if category in {"Nd", "No"} else None
        folded = str(digit) if digit is not None else unicodedata.normalize("NFKC", char)
        if len(folded) == 1 and folded != char:
            table[code] = _CONFUSABLE.get(folded, folded)
    for offset in range(26):  # regional indicators, and white letters on black shapes: no compatibility mapping
        for first in (0x1F1E6, 0x1F150, 0x1F170):
            table[first + offset] = chr(ord("A") + offset)
    table |= {ord(char): latin for char, latin in _CONFUSABLE.items()}
    table |= {ord(char): plain for char, plain in _PUNCTUATION.items()}
    table[ord("İ")] = "I"  # the only character whose lower case is longer than itself
    table |= dict.fromkeys((0x200B, 0x200C, 0x200D, 0xFEFF, 0x00AD, 0x20E3, 0xFFFD, 0x1D159), _DROPPED)
    table |= {code: _DROPPED for code in range(0x20) if chr(code) not in "\t\n\v\f\r"}
    return table


_TABLE: Final = _fold_table()
_ESCAPE: Final = re.compile(r"%[2-7][0-9A-Fa-f]|&(?:#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5}|[A-Za-z]{2,8});")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in normal form.

    Attributes:
        text: The normal form.
        starts: Where each of its code points began in the original; None when nothing was moved.
        ends: Where each of them ended in the original; None likewise.
    """

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of a non-empty piece of the normal form."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Normal:
    """The normal form of ``text``. Costs next to nothing for plain text; never fails, whatever the code points."""
    escaped = ("%" in text or "&" in text) and any(_decode(found[0]) for found in _ESCAPE.finditer(text))
    if "\r" in text:  # a space for the CR of a line end keeps the length
        text = text.replace("\r\n", " \n")
    plain = text.isascii() and (text.isprintable() or _CONTROL.search(text) is None)
    folded = text if plain else text.translate(_TABLE)
    if not escaped and _DROPPED not in folded:
        return Normal(folded)
    return _rebuild(folded)


def _rebuild(folded: str) -> Normal:
    """Leaves out what is dropped and decodes escapes, remembering where everything came from."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position, size = 0, len(folded)
    while position < size:
        char, end = folded[position], position + 1
        if char in "%&" and (found := _ESCAPE.match(folded, position)) and (decoded := _decode(found[0])):
            char, end = decoded, found.end()
        if char != _DROPPED:
            chars.append(char)
            starts.append(position)
            ends.append(end)
        position = end
    return Normal("".join(chars), starts, ends)


def _decode(escape: str) -> str:
    """The one character an escape stands for, folded, or nothing if it stands for none."""
    char = chr(int(escape[1:], 16)) if escape[0] == "%" else html.unescape(escape)
    return char.translate(_TABLE) if len(char) == 1 else ""
