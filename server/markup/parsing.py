"""Markdown as tokens: CommonMark without HTML, entities and references; with tables, strikethrough and bare addresses.

Readers must see what the gate saw. So nothing is decoded: an entity stays the characters that were typed, or else a
number could be written past the gate as `&#48;&#56;...`. Work and output are bounded (`DEEPEST`, `MOST_CELLS`,
`MOST_PIECES`, `MOST_BRACKETS`).
"""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from server.markup.addresses import BARE, LONGEST, goes_on, is_allowed, normal_form, without_trailing

DEEPEST: Final = 20
"""Blocks, and marks within a line, that may stand within each other."""

MOST_CELLS: Final = 1_000
"""Of a table. Short rows are filled up with empty cells, so that wide tables would grow with their square."""

MOST_PIECES: Final = 8_000
"""Blocks, words and marks that are looked at one by one; each costs some 0.05 ms."""

MOST_BRACKETS: Final = 200
"""`[` in a paragraph, heading or cell in which links and images are looked for. Each may begin one, whose end is looked
for up to the end of the paragraph. With more of them they are words; in blocks of code they are that anyway."""

MOST_BRACKETS_IN_ALL: Final = 400
"""The same for a text; beyond it no more are looked for."""

_AMPERSAND: Final = "\ufdd0"
"""Stands for `&` while parsing; a code point that no text has (Unicode: a noncharacter)."""

_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
"""Controls, and those that reverse the direction of what follows: an address could be made to look like another."""

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_BEFORE: Final = re.compile(r"(?<![A-Za-z0-9.+-])https?$", re.IGNORECASE)


class _Markdown(MarkdownIt):
    """The parser with our idea of an address."""

    def normalizeLink(self, url: str) -> str:
        """Write an address in ASCII, or give nothing."""
        return normal_form(literal(url))

    def normalizeLinkText(self, link: str) -> str:
        """Show an address as it was typed."""
        return link

    def validateLink(self, url: str) -> bool:
        """Whether a text may lead there."""
        return is_allowed(url)


def literal(text: str) -> str:
    """Give a piece of a token's content as it was typed."""
    return text.replace(_AMPERSAND, "&")


def without_unwanted(text: str) -> str:
    """Take out the code points that no page may hold, or that deceive the eye."""
    return _SURROGATES.sub("\ufffd", _UNWANTED.sub("", text))


def parse(text: str) -> list[Token]:
    """Parse a text. What stands in `content` of the tokens goes through `literal`."""
    return _PARSER.parse(without_unwanted(text).replace("&", _AMPERSAND), {})


def is_too_much(tokens: list[Token]) -> bool:
    """Whether blocks were nested so deeply that the parser left some out, or there are too many pieces to write."""
    pieces = len(tokens) + sum(len(token.children or ()) for token in tokens)
    return pieces > MOST_PIECES or any(token.level >= DEEPEST - 1 for token in tokens)


def _bare_address(state: StateInline, silent: bool) -> bool:
    """`https://...` without any brackets, from its colon on."""
    if state.src[state.pos] != ":" or state.linkLevel > 0:
        return False
    before = _BEFORE.search(state.src[max(0, state.pos - 6) : state.pos])
    found = BARE.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST))
    if before is None or found is None or goes_on(state.src, found.end()):
        return False
    rest = without_trailing(found[0].replace(_AMPERSAND, "&"))
    address = before[0] + rest
    href = state.md.normalizeLink(address)
    if not state.md.validateLink(href):
        return False
    if not silent:
        if not state.pending.endswith(before[0]):
            return False
        state.pending = state.pending[: -len(before[0])]
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": href}
        opening.markup = "linkify"
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1).markup = "linkify"
    state.pos += len(rest)
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table; rows beyond `MOST_CELLS` are no part of it."""
    heading = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    columns = heading.count("|") + 1
    return 1 < columns <= MOST_CELLS // 3 and table(state, start, min(end, start + MOST_CELLS // columns), silent)


def _inline(state: StateCore) -> None:
    """Look for marks in the lines of each block; for links only where that comes to an end."""
    left = MOST_BRACKETS_IN_ALL
    for token in state.tokens:
        if token.type == "inline":
            token.children = token.children or []
            brackets = token.content.count("[")
            parser = state.md if brackets <= min(left, MOST_BRACKETS) else _LINKLESS
            left -= brackets if parser is state.md else 0
            parser.inline.parse(token.content, parser, state.env, token.children)


def _parser(*without: str) -> MarkdownIt:
    parser = _Markdown("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
    parser.enable(["table", "strikethrough"])
    parser.disable(["html_block", "html_inline", "entity", "reference", *without])
    parser.inline.ruler.before("newline", "bare_address", _bare_address)
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.core.ruler.at("inline", _inline)
    return parser


_PARSER: Final = _parser()
_LINKLESS: Final = _parser("link", "image")
