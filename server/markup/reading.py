"""What a text says without its marks: for feeds, search, previews; and whom and what it points to. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from markdown_it.token import Token

from nlp.placeholders import PLACEHOLDER
from server.kernel.text import RedactedText
from server.markup.addresses import own_image
from server.markup.parsing import is_too_much, literal, parse

HANDLE: Final = r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?"
MENTION: Final = re.compile(rf"(?<![\w@./+-])@(?P<handle>{HANDLE})(?![\w@])", re.IGNORECASE)
QUOTE: Final = re.compile(rf"@(?P<handle>{HANDLE}) #(?P<seq>[1-9][0-9]{{0,8}}):?\s*", re.IGNORECASE)
"""A quote's first line: who wrote it, and its place in the topic."""

_LINE: Final = r"[^\W\d_](?:[^\W_]|[ ,.?!%();:'\"\u27e6\u27e7\u2026\u2013\u2014-])*(?<! )"
_WORDS_ONLY: Final = re.compile(f"{_LINE}(?:\n{_LINE})*")
"""One paragraph without anything that could be a mark: parsing it would take a hundred times as long."""

_BREAKS: Final = frozenset({"softbreak", "hardbreak"})
_SPACES: Final = re.compile(r"\s+")
_ELLIPSIS: Final = "\u2026"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that was parsed once: what it says, and whom and what it points to.

    Attributes:
        plain: what readers see of it, without marks; placeholders stay. One line for each paragraph.
        mentions: handles in lower case, each once: not in code, links and quotes of others.
        quotes: whom it quotes: handle in lower case and the post's `seq`, each once.
        attachments: ids of our images that it shows, each once.
    """

    plain: str
    mentions: tuple[str, ...]
    quotes: tuple[tuple[str, int], ...]
    attachments: tuple[str, ...]


def read(text: RedactedText) -> Reading:
    """Read a text, in one go."""
    tokens = parse(text.value)
    return Reading(_plain(text, tokens), _mentions(tokens), _quotes(tokens), _attachments(tokens))


def content_of(tokens: list[Token]) -> str:
    """Give what pieces of a line say."""
    out: list[str] = []
    for token in tokens:
        if token.type in _BREAKS:
            out.append("\n")
        elif token.type == "image":
            out.append(content_of(token.children or []))
        else:
            out.append(literal(token.content))
    return "".join(out)


def first_words(tokens: list[Token]) -> str:
    """Give the first line of pieces, if it is nothing but words."""
    alone = len(tokens) == 1 or (len(tokens) > 1 and tokens[1].type in _BREAKS)
    return literal(tokens[0].content) if alone and tokens[0].type == "text" else ""


def plain_text(text: RedactedText) -> str:
    """Give what readers see of a text, without marks; placeholders stay. One line for each paragraph."""
    return text.value if _WORDS_ONLY.fullmatch(text.value) else _plain(text, parse(text.value))


def _plain(text: RedactedText, tokens: list[Token]) -> str:
    if is_too_much(tokens):
        return text.value
    out: list[str] = []
    for token in tokens:
        if token.type == "inline":
            out.append(content_of(token.children or []))
        elif token.type in {"fence", "code_block"}:
            out.append(literal(token.content).rstrip("\n"))
    return "\n".join(part for part in out if part.strip())


def excerpt(text: RedactedText, longest: int) -> str:
    """Give the beginning of what a text says, in one line; whole words, never a piece of a placeholder.

    Args:
        text: Markdown, redacted.
        longest: code points, with the ellipsis; at least 1.
    """
    line = _SPACES.sub(" ", plain_text(text)).strip()
    if len(line) <= longest:
        return line
    end = longest - len(_ELLIPSIS)
    for found in PLACEHOLDER.finditer(line):
        if found.start() < end < found.end():
            end = found.start()
            break
    space = line.rfind(" ", end // 2, end + 1)
    return line[: end if space < 0 else space].rstrip() + _ELLIPSIS


def mentions_of(text: RedactedText) -> tuple[str, ...]:
    """Give the handles that a text mentions, lower case, each once: not in code, links and quotes of others."""
    return _mentions(parse(text.value))


def _mentions(tokens: list[Token]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    quoted = 0
    for token in tokens:
        quoted += token.nesting if token.type.startswith("blockquote") else 0
        if token.type == "inline" and not quoted:
            linked = 0
            for child in token.children or []:
                linked += child.nesting if child.type.startswith("link") else 0
                if child.type == "text" and not linked:
                    found |= dict.fromkeys(hit["handle"].lower() for hit in MENTION.finditer(child.content))
    return tuple(found)


def quotes_of(text: RedactedText) -> tuple[tuple[str, int], ...]:
    """Give whom a text quotes: handle in lower case and the post's `seq`, each once."""
    return _quotes(parse(text.value))


def _quotes(tokens: list[Token]) -> tuple[tuple[str, int], ...]:
    found: dict[tuple[str, int], None] = {}
    for index, token in enumerate(tokens):
        if token.type == "inline" and index > 1 and tokens[index - 2].type == "blockquote_open":
            source = QUOTE.fullmatch(first_words(token.children or []))
            if source:
                found[source["handle"].lower(), int(source["seq"])] = None
    return tuple(found)


def attachments_of(text: RedactedText) -> tuple[str, ...]:
    """Give the ids of our images that a text shows, each once."""
    return _attachments(parse(text.value)) if "/lampiran/" in text.value else ()


def _attachments(tokens: list[Token]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for token in tokens:
        for child in token.children or []:
            image = own_image(str(child.attrGet("src"))) if child.type == "image" else None
            if image is not None:
                found[image.id] = None
    return tuple(found)
