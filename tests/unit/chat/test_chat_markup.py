"""Marks in messages: plain words cost nothing, what is shown is safe, addresses lead nowhere bad."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.chat.emoji import is_emoji
from server.chat.markup import Rendered, html_of, is_marked
from server.chat.model import Message
from server.kernel.text import RedactedText

_TAG = re.compile(
    r"</?(?:p|br|hr|strong|em|s|code|pre|ul|ol|li|blockquote|h[3-6]|a|span|div|table|thead|tbody|tr|th|td)"
    r"(?: [^<>]*)?>"
)
_PLAIN = ("halo kak, stok 3 dus sudah sampai?", "baik (terima kasih) 👍", "harga 50.000 / dus", "tidak - belum")


@pytest.mark.parametrize("text", _PLAIN)
def test_plain_words_have_no_marks(text: str) -> None:
    """So nothing is rendered for them."""
    assert not is_marked(text)


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("**penting** ya", "<strong>penting</strong>"),
        ("pakai `amanah serve`", "<code>amanah serve</code>"),
        ("- satu\n- dua", "<li>satu</li>"),
        ("> kata dia\n\nbegitu", "<blockquote>"),
        ("lihat https://contoh.example/a ya", 'href="https://contoh.example/a"'),
        ("[di sini](https://contoh.example/a)", 'href="https://contoh.example/a"'),
    ],
)
def test_marks_are_shown(text: str, piece: str) -> None:
    """The subset, and links that open apart and tell nobody where one came from."""
    assert is_marked(text)
    shown = html_of(RedactedText(text))
    assert shown is not None
    assert piece in shown
    if "href" in shown:
        assert "noopener" in shown
        assert "nofollow" in shown


@pytest.mark.parametrize("text", ["3 * 4", "a_b", "sekitar ~ 5", "baris\nbaris"])
def test_signs_that_mark_nothing_make_no_html(text: str) -> None:
    assert html_of(RedactedText(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "[klik](javascript:alert(1))",
        "<script>alert(1)</script> **x**",
        "![gambar](https://jahat.example/a.png)",
        '[x](https://a.example/"onmouseover="alert(1))',
        "[x](data:text/html;base64,AAAA)",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text: str) -> None:
    shown = html_of(RedactedText(text)) or ""
    for bad in ("<script", "javascript:", "<img", 'onmouseover="', "data:text"):
        assert bad not in shown or f"&lt;{bad[1:]}" in shown or f"({bad}" in shown


@given(st.text(alphabet="ab *_`[]()<>#-\n⟦⟧:/htps.\"'=&", max_size=60))
def test_only_known_tags_come_out(text: str) -> None:
    """Whatever is typed: every tag is one of ours, and nothing else has a bracket of its own."""
    shown = html_of(RedactedText(text)) or ""
    rest = _TAG.sub("", shown)
    assert "<" not in rest
    assert not re.search(r"\son\w+=", "".join(_TAG.findall(shown)))


async def test_it_is_made_once() -> None:
    """And not at all for a message that is not marked."""
    rendered = Rendered()
    message = Message("c", 1, "k", "a", RedactedText("**ya**"), (), (), datetime(2026, 1, 1, tzinfo=UTC), marked=True)
    shown = await rendered.of(message)
    assert shown == "<p><strong>ya</strong></p>\n"
    assert await rendered.of(message) is shown
    plain = Message("c", 1, "k", "a", RedactedText("**ya**"), (), (), datetime(2026, 1, 1, tzinfo=UTC))
    assert await rendered.of(plain) is None


@given(st.text(max_size=12))
def test_no_word_is_an_emoji(text: str) -> None:
    """Whatever has a letter in it, or nothing but digits, says something."""
    if any(character.isalnum() and character.isascii() and not character.isdigit() for character in text):
        assert not is_emoji(text)
    if text.isdecimal():
        assert not is_emoji(text)


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "❤️", "❤", "🇮🇩", "👨‍👩‍👧", "1️⃣", "☕", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🙏"])
def test_emoji(emoji: str) -> None:
    assert is_emoji(emoji)
