"""What a text says once its disguises are off: look-alike letters, digits for letters, spaces between letters.

Pure. Folded text is for comparing only. Placeholders (`⟦PHONE:1⟧`) become a word of their own, ` hiddenphone `, so that
patterns can speak of them. Must not decide what a text deserves.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_PLACEHOLDER: Final = re.compile("\u27e6([A-Z_]+):[0-9]+\u27e7")

CONFUSABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Cyrillic and Greek letters that look like Latin ones, lower case (Unicode TR39, confusables.txt; the common
        # part of it), and letters that NFKD leaves alone.
        **dict(zip("авеёкмнорстухіїјѕԁԛԝһӏ", "abeekmhopctyxiijsdqwhl", strict=True)),
        **dict(zip("αβγδεικνορτυχωηϲϳ", "abydeiknoptuxwncj", strict=True)),
        **dict(zip("ıłøđħŧŋæœßðþɑɡɩʊʏⅼᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡᴢ", "ilodhtnaosdpagiuylabcdeghijklmnoprtuvwz", strict=True)),
        "‚": ",",
        "׀": "l",
        "ا": "l",
    }
)
"""letter -> the Latin letter that it is taken for."""

LEET: Final[Mapping[str, str]] = MappingProxyType(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s"}
    | {"!": "i", "|": "i", "+": "t", "€": "e"}
)
"""digit or sign -> the letter that it stands for inside a word."""

_JOINING: Final = frozenset("-_.*'`~·•/")
_INVISIBLE: Final = frozenset({"\u00ad", "\u034f", "\u180e", "\ufe0f", "\ufe0e"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text.

    Attributes:
        start: code point where it begins in the text.
        end: code point after its last.
        forms: ways to read it, folded.
    """

    start: int
    end: int
    forms: frozenset[str]


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """One character without accents, in lower case, in Latin where it looks Latin; empty where it leaves no ink."""
    if character in _INVISIBLE or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return ""
    lower = CONFUSABLE.get(character.casefold(), character.casefold())
    base = "".join(part for part in unicodedata.normalize("NFKD", lower) if unicodedata.category(part)[0] != "M")
    return "".join(CONFUSABLE.get(part, part) for part in base.casefold())


def plain(text: str) -> str:
    """A text in lower-case Latin letters without accents or invisible characters; placeholders as words."""
    shown = _PLACEHOLDER.sub(lambda found: f" hidden{found[1].lower().replace('_', '')} ", text)
    return "".join(_plain(character) for character in shown)


def skeleton(name: str) -> str:
    """What a name looks like at a glance: equal for names that are taken for each other (after Unicode TR39)."""
    letters = (LEET.get(character, character) for character in plain(name))
    seen = "".join(character for character in letters if character.isalnum())
    return seen.replace("rn", "m").replace("vv", "w").replace("cl", "d").replace("l", "i").replace("j", "i")


def sentence_view(text: str) -> str:
    """`plain`, with digits inside of words read as letters and spaced-out words joined; sentences stay apart."""
    return "".join(_reading(piece) for piece in re.split(r"(\s+)", _unspaced(plain(text))))


def _reading(piece: str) -> str:
    if not any(character.isalpha() for character in piece) or "://" in piece or piece.startswith("hidden"):
        return piece
    core = piece.rstrip(".,;:!?)\"'")
    letters = sum(character.isalpha() for character in core)
    if not core or letters * 2 < len(core):
        return piece
    return "".join(LEET.get(character, character) for character in core) + piece[len(core) :]


_SPACED: Final = re.compile(r"(?<![^\s(])(?:\w[ .\-_*]){2,}\w(?![^\s.,;:!?)])")


def _unspaced(text: str) -> str:
    """Joins `o t p` and `o.t.p`: three or more single letters in a row."""
    return _SPACED.sub(lambda found: re.sub(r"[ .\-_*]", "", found[0]), text)


def tokens(text: str) -> Iterator[Token]:
    """Give the words of a text with where they stand, each with its readings; words apart from placeholders.

    Single letters in a row (`j u d i`) come as the word that they spell too, and so do pieces joined by a hyphen, a dot
    or a star (`ju-di`).
    """
    blocked = [found.span() for found in _PLACEHOLDER.finditer(text)]
    words = list(_words(text, blocked))
    for start, end in words:
        yield Token(start, end, _forms(text[start:end]))
    yield from _joined(text, words)


def _words(text: str, blocked: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    position, start = 0, -1
    holes = dict(blocked)
    while position <= len(text):
        if position in holes:
            if start >= 0:
                yield start, position
            start, position = -1, holes[position]
            continue
        inside = position < len(text) and _is_inner(text, position)
        if inside and start < 0:
            start = position
        if not inside and start >= 0:
            yield start, position
            start = -1
        position += 1


def _is_inner(text: str, position: int) -> bool:
    """Whether a character belongs to a word: a letter, a digit, what leaves no ink, or a sign that stands for one."""
    character = text[position]
    if character.isalnum() or (not _plain(character) and not character.isspace()):
        return True
    if character not in LEET:
        return False
    # At the end of a word `!` and `+` are what they are.
    after = text[position + 1] if position + 1 < len(text) else " "
    before = text[position - 1] if position else " "
    if character == "$" and (before.isalpha() or before == "$"):
        return True
    return (before.isalnum() or character in "@$") and (after.isalnum() or after == "$")


def _joined(text: str, words: list[tuple[int, int]]) -> Iterator[Token]:
    """What neighbouring words spell together, where only one sign stands between them."""
    run: list[tuple[int, int]] = []
    for word in [*words, (len(text) + 2, len(text) + 2)]:
        between = text[run[-1][1] : word[0]] if run else ""
        if run and len(between) == 1 and (between in _JOINING or (_is_single(run[-1]) and between == " ")):
            run.append(word)
            continue
        yield from _spelled(text, run)
        run = [word]


def _spelled(text: str, run: list[tuple[int, int]]) -> Iterator[Token]:
    if len(run) < 2:
        return
    singles: list[tuple[int, int]] = []
    for word in run:
        if _is_single(word):
            singles.append(word)
            continue
        yield from _run_token(text, singles)
        singles = []
    yield from _run_token(text, singles)
    if not all(map(_is_single, run)) and all(text[end : end + 1] != " " for _, end in run[:-1]):
        yield _token(text, run)


def _run_token(text: str, singles: list[tuple[int, int]]) -> Iterator[Token]:
    if len(singles) >= 3:
        yield _token(text, singles)


def _token(text: str, run: list[tuple[int, int]]) -> Token:
    letters = "".join(text[start:end] for start, end in run)
    return Token(run[0][0], run[-1][1], _forms(letters))


def _is_single(word: tuple[int, int]) -> bool:
    return word[1] - word[0] == 1


def _forms(word: str) -> frozenset[str]:
    """The readings of a word: as written, with signs as letters, with drawn-out letters shortened."""
    written = "".join(_plain(character) for character in word)
    read = "".join(LEET.get(character, character) for character in written)
    folded = {written} | ({read} if any(character.isalpha() for character in written) else set())
    short = {_shorten(form, keep) for form in folded for keep in (1, 2)}
    return frozenset(form.replace("l", "i") if keep else form for form in folded | short for keep in (0, 1)) - {""}


def _shorten(word: str, keep: int) -> str:
    """Letters that stand three times or more in a row, once or twice."""
    return re.sub(r"(.)\1{2,}", lambda found: found[1] * keep, word)
