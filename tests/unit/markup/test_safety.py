"""Whatever is typed: only listed tags, attributes and addresses come out, and cleaning changes nothing more."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from bleach._vendor import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st

from server.kernel.text import RedactedText
from server.markup import MarkupRules, render
from server.markup.addresses import is_external
from server.markup.cleaning import TAGS, clean
from server.markup.parsing import MOST_BRACKETS
from tests.security.xss_payloads import ALL, PAYLOADS

_ATTRIBUTES = {
    "a": {"href", "rel", "class"},
    "code": {"class"},
    "div": {"class", "tabindex"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "span": {"class", "data-label"},
    "td": {"class"},
    "th": {"class"},
}


def _faults(markup: str) -> list[str]:
    """Read the markup as browsers do, in both ways in which `noscript` may be read; say what must not be there."""
    faults: list[str] = []
    for scripting in (True, False):
        tree = html5lib.parseFragment(markup, container="div", namespaceHTMLElements=False, scripting=scripting)
        for element in tree.iter():
            if element is tree:
                continue
            if not isinstance(element.tag, str) or element.tag not in TAGS:
                faults.append("tag")
                continue
            faults += [f"{element.tag} {name}" for name in set(element.attrib) - _ATTRIBUTES.get(element.tag, set())]
            href, src = element.attrib.get("href", "/forum"), element.attrib.get("src", "/lampiran/")
            if is_external(href):
                faults += [] if "nofollow" in element.attrib["rel"] else ["rel"]
            elif not href.startswith(("/forum", "/lampiran/", "#p")) or href.startswith("//"):
                faults.append("href")
            faults += [] if src.startswith("/lampiran/") else ["src"]
            faults += ["placeholder"] if any("\u27e6" in value for value in element.attrib.values()) else []
    return faults


def _render(text: str, rules: MarkupRules | None = None) -> str:
    return render(RedactedText(text), rules=rules, mention="/forum/u/{}".format, quote="/forum/{}#p{}".format).value


def test_there_are_enough_payloads() -> None:
    """Each different."""
    assert len(ALL) == len(set(ALL)) >= 300


def test_the_eye_sees_faults() -> None:
    """What follows would hold of a blind one too."""
    assert _faults("<script>alert(1)</script>") == ["tag", "tag"]
    assert set(_faults('<p onclick="x"><a href="javascript:x">a</a><img src="//x"></p>')) == {
        "p onclick",
        "href",
        "src",
    }
    assert set(_faults('<a href="https://x.example" rel="">\u27e6</a><code class="\u27e6"></code>')) == {
        "rel",
        "placeholder",
    }


@pytest.mark.parametrize("way", PAYLOADS)
@pytest.mark.parametrize("rules", [MarkupRules(), MarkupRules(links=False, images=False)])
def test_payloads_come_to_nothing(way: str, rules: MarkupRules) -> None:
    """Alone, and within each kind of block and mark."""
    for payload in PAYLOADS[way]:
        for around in (
            "{}",
            "> {}",
            "- {}",
            "**{}**",
            "# {}",
            "[{}](https://x.example)",
            "![{}](/forum)",
            "|{}|\n|-|\n|{}|",
        ):
            shown = _render(around.replace("{}", payload), rules)
            assert _faults(shown) == []
            assert clean(shown) == shown


@pytest.mark.parametrize("way", PAYLOADS)
def test_the_second_wall_stands_alone(way: str) -> None:
    """HTML that did not come from the renderer is cleaned as thoroughly."""
    for payload in PAYLOADS[way]:
        assert [fault for fault in _faults(clean(payload)) if fault not in {"rel", "placeholder"}] == []


_PIECES = st.sampled_from(
    [
        *"\n\n  *_~`[]()<>!#|-:\"'&;@\\/=",
        *("\n\n", "    ", "```", "> ", "- ", "1. ", "https://x.example/", "|-|-|\n", "&amp;", "javascript:", "kata"),
        *("\u27e6PERSON:1\u27e7", "\u27e6BANK_ACCOUNT:2\u27e7", "/lampiran/0123456789abcdef0123456789abcdef.webp"),
        *("<script>", "</p>", "<svg>", "<!--", "onclick=", "@a #1", "\x00", "\u202e", "\ud800", "\xa0", "\u2028"),
    ]
)
_TEXTS = st.lists(_PIECES | st.text(max_size=5), max_size=40).map("".join) | st.lists(
    st.sampled_from(ALL), min_size=1, max_size=3
).map("".join)


@settings(max_examples=300, deadline=None)
@given(_TEXTS, st.booleans(), st.booleans())
def test_whatever_is_typed(text: str, links: bool, images: bool) -> None:
    """Only what is listed comes out; cleaning it again changes nothing; it can be sent."""
    shown = _render(text, MarkupRules(links=links, images=images))
    assert _faults(shown) == []
    assert clean(shown) == shown
    assert shown.encode().decode() == shown


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_whatever_html_is_cleaned(text: str) -> None:
    """Also what the renderer would never write is safe after cleaning, and stays so."""
    once = clean(text.encode("utf-8", "replace").decode())
    for cleaned in (once, clean(once)):
        assert [fault for fault in _faults(cleaned) if fault not in {"rel", "placeholder"}] == []


def _steps(work: Callable[[], object]) -> int:
    """Count what the interpreter does: lines, calls and returns. The same on every machine."""
    steps = 0

    def count(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal steps
        steps += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


_BOMBS = (
    *(">", "> ", ">a\n", "[", "[]", "![", "[a](b", "[a](<b", "[a](", "*a ", "a*", "*a_ ", "**a *b ", "_", "~~a", "`a"),
    *("`", "<http:", "<", "http://", "http://a.bc", "http://a.bc/ ", "://a.bc/", ":", "- ", "1. ", "- a\n\n", "# a\n"),
    *("a|b\n-|-\n", "|\n", "```\n", "@a", "@a-", "\u27e6PERSON:1\u27e7", "\u27e6", "\\", "&", "<a ", "*_[`<![", "a|"),
    *("> @a #1\n> x\n\n", '[a](/forum "', "a\n=\n", "a\n", "    a\n", "\t", "a  \n"),
    "[![a](/lampiran/0123456789abcdef.webp)](http://a.bc) ",
)


@pytest.mark.parametrize("bomb", _BOMBS)
def test_work_grows_with_the_text_and_no_faster(bomb: str) -> None:
    """Twice the text, at most a little more than twice the steps; where a limit sets in, less."""
    small = bomb * (400 // len(bomb))
    steps = [_steps(lambda text=text: _render(text)) for text in (small, small * 2, small * 4)]  # type: ignore[misc]  # bound at once
    assert steps[1] <= steps[0] * 2.3 + 2_000
    assert steps[2] <= steps[1] * 2.3 + 2_000


@pytest.mark.parametrize("opening", [">", "> ", "- ", "1. ", "*", "_", "a~~", "**"])
def test_nothing_stands_deeply_within_itself(opening: str) -> None:
    """Neither we nor browsers are to fall into it; and no word is lost."""
    tree = html5lib.parseFragment(_render(opening * 500 + "kata" + opening.strip() * 500), namespaceHTMLElements=False)
    deepest, level = 0, [tree]
    while level:
        level = [child for element in level for child in element]
        deepest += 1
    assert deepest <= 25
    assert "kata" in "".join(tree.itertext())


@pytest.mark.parametrize("columns", [2, 18, 300, 2_000])
def test_tables_do_not_grow_beyond_what_was_typed(columns: int) -> None:
    """Short rows are filled up with empty cells: a thousand at most."""
    shown = _render("|a" * columns + "\n" + "|-" * columns + "\n" + "|\n" * 2_000)
    assert shown.count("<td") <= 1_000


def test_very_many_pieces_are_not_looked_at() -> None:
    """The text is shown as it was typed."""
    text = "\n*a* " * 5_000
    shown = _render(text)
    assert shown == f'<pre tabindex="0"><code>{text}</code></pre>\n'
    assert clean(shown) == shown


@pytest.mark.parametrize("bomb", ["![", "[", "[](", "![](/lampiran/", "[a](", "[a]: "])
@pytest.mark.parametrize("gap", ["", "\n\n"])
def test_openings_of_links_that_never_end_are_words(bomb: str, gap: str) -> None:
    """Each would be looked after up to the end of the text; twice the text, at most twice the steps."""
    line = bomb * (MOST_BRACKETS // bomb.count("[") + (0 if gap else 1))
    texts = [gap.join([line] * count) for count in (4, 8)]
    steps = [_steps(lambda text=text: _render(text)) for text in texts]  # type: ignore[misc]  # bound at once
    assert steps[1] <= steps[0] * 2.3 + 2_000
    assert clean(_render(texts[1])) == _render(texts[1])


def test_brackets_in_code_leave_links_alone() -> None:
    """As many as programs write; and in the next paragraph too."""
    code = "[[1, 2], [3, 4]],\n" * 200
    for text in (f"```\n{code}```\n\n[a](/forum)", f"{'[x] ' * (MOST_BRACKETS + 1)}\n\n[a](/forum)"):
        assert '<a href="/forum">a</a>' in _render(text)
