"""What a text says without its marks, and whom it points to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.text import RedactedText
from server.markup import attachments_of, excerpt, mentions_of, plain_text, quotes_of, read

_IMAGE = "/lampiran/0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a\n\n**b** [c](https://x.example) `d`", "a\nb c d"),
        ("- a\n- b\n\n|c|d|\n|-|-|\n|e|f|", "a\nb\nc\nd\ne\nf"),
        ("```\na & b\n```", "a & b"),
        (f"![foto \u27e6PERSON:1\u27e7]({_IMAGE}.webp)", "foto \u27e6PERSON:1\u27e7"),
        ("&lt;b&gt; <b>", "&lt;b&gt; <b>"),
        (">" * 50 + "a", ">" * 50 + "a"),
        ("", ""),
    ],
)
def test_plain_text(text: str, expected: str) -> None:
    """What readers see, in lines."""
    assert plain_text(RedactedText(text)) == expected


_PIECES = st.sampled_from(
    [*"aZé1 .,!?()%;:'\"-_*`#>[]|~=+/\\<&", "kata", " ", "\n", "\n\n", "---", "1. ", "\u27e6PERSON:1\u27e7"]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_words_alone_are_read_as_the_parser_reads_them(text: str) -> None:
    """What is taken for mere words is not parsed: that must make no difference."""
    # A paragraph before it that must be parsed takes the other way, and ends before it.
    parsed = plain_text(RedactedText(f"*a*\n\n{text}"))
    assert parsed == "\n".join(part for part in ("a", plain_text(RedactedText(text))) if part.strip())


def test_excerpts_end_with_a_word() -> None:
    """And tell that they end."""
    text = RedactedText("satu **dua** tiga empat lima")
    assert excerpt(text, 100) == "satu dua tiga empat lima"
    assert excerpt(text, 15) == "satu dua tiga\u2026"


@pytest.mark.parametrize("longest", range(1, 60))
def test_excerpts_cut_no_placeholder(longest: int) -> None:
    """A piece of one would be a riddle, and could not be shown as hidden."""
    cut = excerpt(
        RedactedText("kata \u27e6MEDICAL_RECORD:12\u27e7\u27e6PERSON:1\u27e7 panjangsekalitanpaspasi"), longest
    )
    assert len(cut) <= longest
    assert cut.count("\u27e6") == cut.count("\u27e7")


def test_mentions() -> None:
    """Each once; not what others said, nor code."""
    text = RedactedText("@b @A-a @b x@c `@d` [@e](/forum)\n\n> @f\n\n**@g_g**, @h.")
    assert mentions_of(text) == ("b", "a-a", "g_g", "h")


def test_quotes() -> None:
    """Whom, and which of their posts."""
    assert quotes_of(RedactedText("> @A #3\n> x\n\ny\n\n> @b #4:\n>\n> z\n\n> @A #3")) == (("a", 3), ("b", 4))
    assert quotes_of(RedactedText("@a #3\n\n> a @a #3\n\n> @a #0")) == ()


def test_attachments() -> None:
    """What would be gone with its last text."""
    text = RedactedText(f"![a]({_IMAGE}.webp#2x2) [![b]({_IMAGE}.webp)](/forum) ![c](https://x.example/a.png)")
    assert attachments_of(text) == ("0123456789abcdef0123456789abcdef",)


def test_a_text_is_read_in_one_go() -> None:
    """It says what is found one by one."""
    text = RedactedText(f"> @rani #3\n> ya\n\n@budi [x](/forum) ![foto]({_IMAGE}.webp) `@bukan`")
    found = read(text)
    assert found.plain == plain_text(text)
    assert found.mentions == mentions_of(text) == ("budi",)
    assert found.quotes == quotes_of(text) == (("rani", 3),)
    assert found.attachments == attachments_of(text) == (_IMAGE.rpartition("/")[2],)
