"""Redacted Markdown as HTML that is safe to show.

Writes tags from a fixed list and escapes everything else; then `cleaning` looks at it once more. Knows no forum: who is
mentioned and where a quoted post stands is asked from the caller. No I/O; takes some milliseconds, so keep the result.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from markdown_it.token import Token

from nlp.placeholders import PLACEHOLDER
from server.kernel.text import RedactedText
from server.markup.addresses import host_beside, is_allowed, is_external, own_image
from server.markup.cleaning import ELSEWHERE, LANGUAGE, clean
from server.markup.html import SafeHtml
from server.markup.parsing import DEEPEST, is_too_much, literal, parse, without_unwanted
from server.markup.reading import MENTION, QUOTE, content_of, first_words

_SPECIAL: Final = re.compile(f"(?P<hidden>{PLACEHOLDER.pattern})|{MENTION.pattern}", re.IGNORECASE)
_HEADING_BELOW: Final = 2
_BARE: Final = frozenset({"linkify", "autolink"})
"""Links that are addresses as they were typed."""

_FLAT: Final = frozenset({"em", "strong", "s"})
_ON_LINES: Final = frozenset({"blockquote", "ul", "thead", "tbody", "tr"})


@dataclass(frozen=True, slots=True)
class MarkupRules:
    """What a writer may use.

    Attributes:
        links: addresses elsewhere become links; otherwise they stay words.
        images: images of ours are shown; otherwise only their description.
    """

    links: bool = True
    images: bool = True


Mention = Callable[[str], str | None]
"""Handle in lower case -> path of the profile, or None if there is nobody of that name."""

Quote = Callable[[str, int], str | None]
"""Handle in lower case and `seq` of the quoted post -> its address, or None if there is none."""


def nobody(_handle: str) -> None:
    """Know nobody."""


def nowhere(_handle: str, _seq: int) -> None:
    """Know no post."""


def render(
    text: RedactedText, *, rules: MarkupRules | None = None, mention: Mention = nobody, quote: Quote = nowhere
) -> SafeHtml:
    """Render a text.

    Args:
        text: Markdown, redacted.
        rules: what its writer may use; everything by default.
        mention: who is meant by `@handle`.
        quote: where the post stands that a quote's first line names: `> @handle #12`.
    """
    tokens = parse(text.value)
    writer = _Writer(rules or MarkupRules(), mention, quote)
    if is_too_much(tokens):
        return SafeHtml(clean(writer.as_typed(without_unwanted(text.value))))
    return SafeHtml(clean(writer.blocks(tokens)))


class _Writer:
    """Writes the tokens of one text.

    Args:
        rules: what its writer may use.
        mention: who is meant.
        quote: where a quoted post stands.
    """

    def __init__(self, rules: MarkupRules, mention: Mention, quote: Quote) -> None:
        self._rules = rules
        self._mention = mention
        self._quote = quote
        self._link: list[str] = []
        self._flat: list[str] = []

    def as_typed(self, text: str) -> str:
        """Write a text as one block, without looking for Markdown in it."""
        return f'<pre tabindex="0"><code>{self._hidden(text)}</code></pre>\n'

    def blocks(self, tokens: list[Token]) -> str:
        """Write blocks and what is in them."""
        out: list[str] = []
        for index, token in enumerate(tokens):
            if token.type == "inline":
                in_quote = index > 1 and tokens[index - 2].type == "blockquote_open"
                out.append(self._inline(token.children or [], in_quote=in_quote))
            elif not token.hidden:
                out.append(self._block(token))
            elif token.nesting == -1 and tokens[index + 1].type != "list_item_close":
                out.append("\n")
        return "".join(out)

    def _block(self, token: Token) -> str:
        tag = token.tag
        match token.type:
            case "fence" | "code_block":
                return self._code(token)
            case "hr":
                return "<hr>\n"
            case "table_open":
                return '<div class="table-scroll" tabindex="0"><table>\n'
            case "table_close":
                return "</table></div>\n"
            case "heading_open" | "heading_close":
                tag = f"h{min(int(tag[1:]) + _HEADING_BELOW, 6)}"
        if token.nesting == -1:
            return f"</{tag}>\n"
        if tag in {"th", "td"}:
            aligned = str(token.attrGet("style") or "").removeprefix("text-align:")
            return f'<{tag} class="align-{aligned}">' if aligned else f"<{tag}>"
        if tag == "ol":
            start = token.attrGet("start")
            return "<ol>\n" if start is None else f'<ol start="{int(start)}">\n'
        return f"<{tag}>" if tag not in _ON_LINES else f"<{tag}>\n"

    def _code(self, token: Token) -> str:
        words = literal(token.info).lower().split(maxsplit=1)
        known = words and LANGUAGE.fullmatch(words[0])
        opening = f'<code class="language-{words[0]}">' if known else "<code>"
        return f'<pre tabindex="0">{opening}{self._hidden(literal(token.content))}</code></pre>\n'

    def _inline(self, tokens: list[Token], *, in_quote: bool) -> str:
        out: list[str] = []
        source = QUOTE.fullmatch(first_words(tokens)) if in_quote else None
        if source and (address := self._quote(source["handle"].lower(), int(source["seq"]))):
            out.append(f'<a class="quote-source" href="{html.escape(address)}">{html.escape(source[0])}</a>')
            tokens = tokens[1:]
        depth = 0
        for index, token in enumerate(tokens):
            if token.tag in _FLAT:
                depth += token.nesting == 1
                out.append(("<" if token.nesting == 1 else "</") + f"{token.tag}>" if depth <= DEEPEST else "")
                depth -= token.nesting == -1
            elif token.type == "link_open":
                out.append(self._open_link(token, _said_in_link(tokens[index + 1 :])))
            else:
                out.append(self._piece(token))
        return "".join(out)

    def _piece(self, token: Token) -> str:
        match token.type:
            case "link_close":
                return self._link.pop()
            case "image":
                return self._image(token)
            case "softbreak" | "hardbreak":
                return "<br>\n"
            case "code_inline":
                return f"<code>{self._hidden(literal(token.content))}</code>"
        return self._text(literal(token.content))

    def _open_link(self, token: Token, said: str) -> str:
        address = str(token.attrGet("href"))
        if not is_allowed(address):
            self._link.append("")
            return ""
        if is_external(address) and not self._rules.links:
            self._link.append("" if token.markup in _BARE else f" ({html.escape(address)})")
            return ""
        elsewhere = host_beside(said, address) if token.markup not in _BARE else ""
        self._link.append(f"</a> ({html.escape(elsewhere)})" if elsewhere else "</a>")
        return _anchor(address)

    def _image(self, token: Token) -> str:
        address = str(token.attrGet("src"))
        described = content_of(token.children or [])
        image = own_image(address)
        if image is not None and self._rules.images:
            alt = html.escape(PLACEHOLDER.sub("\u2026", described))
            size = f' width="{image.size[0]}" height="{image.size[1]}"' if image.size else ""
            shown = f'<img src="{image.small}" alt="{alt}"{size} loading="lazy" decoding="async">'
            return shown if self._link else f'<a class="attachment" href="{image.full}">{shown}</a>'
        if self._link or image is not None or not self._rules.links:
            return self._hidden(described)
        return f"{_anchor(address)}{self._hidden(described or address)}</a>"

    def _text(self, text: str) -> str:
        return _SPECIAL.sub(self._marked, html.escape(text, quote=False))

    def _hidden(self, text: str) -> str:
        return PLACEHOLDER.sub(_hidden_value, html.escape(text, quote=False))

    def _marked(self, found: re.Match[str]) -> str:
        if found["hidden"]:
            return _hidden_value(found)
        path = None if self._link else self._mention(found["handle"].lower())
        return found[0] if path is None else f'<a class="mention" href="{html.escape(path)}">{found[0]}</a>'


def _said_in_link(tokens: list[Token]) -> str:
    """Give the words of a link, of which these are the tokens and those after it."""
    end = next((index for index, token in enumerate(tokens) if token.type == "link_close"), len(tokens))
    return content_of(tokens[:end])


def _hidden_value(found: re.Match[str]) -> str:
    return f'<span class="hidden-value" data-label="{found["label"]}">{found[0]}</span>'


def _anchor(address: str) -> str:
    rel = f' rel="{ELSEWHERE}"' if is_external(address) else ""
    return f'<a href="{html.escape(address)}"{rel}>'
