"""The gate: what it lets through has every found identifier replaced, and it fails closed."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.verdicts import MAX_LINKS
from nlp.labels import Label
from nlp.placeholders import OPAQUE, PLACEHOLDER
from nlp.spans import Span
from server.intake import Intake
from server.kernel.errors import InvalidInput, RedactionUnavailable
from server.kernel.taught import NOTHING, Taught
from server.kernel.text import Hidden, Numbering, RawText

_KEY = bytes(32)


class Marked:
    """Finds what stands between `<` and `>`: a finder whose answer a test can write down beside the text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        """Each `<...>` is a telephone number."""
        self.asked.append(text)
        spans, start = [], -1
        for position, character in enumerate(text):
            if character == "<":
                start = position
            elif character == ">" and start >= 0:
                spans.append(Span(start, position + 1, Label.PHONE))
                start = -1
        return spans


class Down:
    """A redactor that does not answer."""

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        """Never."""
        raise RedactionUnavailable


async def _kept(text: str, scope: str = "c") -> str:
    template = await Intake(Marked(), _KEY).admit(RawText(text), scope=scope)
    return template.fill(Numbering()).text.value


async def test_what_is_found_is_replaced_and_the_rest_kept() -> None:
    """Also side by side, at both ends, and outside the basic plane."""
    assert await _kept("<1> halo 😀 <2><1>") == "⟦PHONE:1⟧ halo 😀 ⟦PHONE:2⟧⟦PHONE:1⟧"
    assert await _kept("halo") == "halo"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
async def test_nothing_of_a_found_value_survives(text: str) -> None:
    """Whatever stands around it."""
    typed = f"{text}<s3cr3t>{text}."
    try:
        kept = await _kept(typed)
    except InvalidInput:
        return
    assert "s3cr3t" not in kept
    assert PLACEHOLDER.search(kept)


@given(st.text(st.sampled_from("⟦⟧⟪⟫PHONE:12 x"), max_size=40))
async def test_no_placeholder_can_be_typed(text: str) -> None:
    """What a person typed is never read as one of ours."""
    try:
        kept = await _kept(text + "x")
    except InvalidInput:
        return
    assert not PLACEHOLDER.search(kept)
    assert "⟦" not in kept
    assert "⟧" not in kept


async def test_a_typed_placeholder_stays_readable() -> None:
    """Escaped, with its label, so that the reader sees what was typed."""
    kept = await _kept("lihat ⟦PHONE:1⟧ ya")
    assert kept == "lihat ⟪PHONE:1⟫ ya"
    assert OPAQUE.search(kept)


async def test_a_redactor_that_is_down_lets_nothing_through() -> None:
    """Neither in nor to a preview."""
    gate = Intake(Down(), _KEY)
    with pytest.raises(RedactionUnavailable):
        await gate.admit(RawText("halo"), scope="c")
    with pytest.raises(RedactionUnavailable):
        await gate.preview(RawText("halo"))


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "\u2060\u00ad\u200f", "\u3000"])
async def test_a_text_without_ink_is_refused(text: str) -> None:
    """Empty, blank, or made of invisible characters."""
    with pytest.raises(InvalidInput) as refused:
        await Intake(Marked(), _KEY).admit(RawText(text), scope="c", field="subject")
    assert dict(refused.value.fields) == {"subject": "required"}


async def test_a_text_of_nothing_but_an_identifier_is_taken() -> None:
    """Somebody was asked for it."""
    assert await _kept("<1>") == "⟦PHONE:1⟧"


async def test_length_is_checked_before_anything_else() -> None:
    """In code points, and the redactor is not asked."""
    finder = Marked()
    gate = Intake(finder, _KEY)
    for text, longest in (("x" * 4_001, 4_000), ("x" * 121, 120), ("😀" * 4_001, 4_000)):
        with pytest.raises(InvalidInput) as refused:
            await gate.admit(RawText(text), scope="c", max_length=longest)
        assert dict(refused.value.fields) == {"text": "too_long"}
    with pytest.raises(InvalidInput):
        await gate.preview(RawText("x" * 4_001))
    assert finder.asked == []
    await gate.admit(RawText("😀" * 4_000), scope="c")
    assert len(finder.asked) == 1


async def test_links_beyond_measure_are_refused() -> None:
    """Link spam."""
    links = " ".join(["https://contoh.example"] * MAX_LINKS)
    assert await _kept(links) == links
    with pytest.raises(InvalidInput) as refused:
        await _kept(links + " http://contoh.example")
    assert dict(refused.value.fields) == {"text": "too_many_links"}


async def test_line_ends_and_unstorable_characters() -> None:
    """CRLF and CR become LF before redaction; NUL and lone surrogates become U+FFFD, one for one."""
    assert await _kept("a\r\nb\rc\n<1>") == "a\nb\nc\n⟦PHONE:1⟧"
    assert await _kept("a\0b") == "a\ufffdb"
    assert (await _kept("a\ud800b")).encode()
    numbered, spans = await Intake(Marked(), _KEY).preview(RawText("a\r\n\0<1>"))
    assert [(span.start, span.end) for span in spans] == [(4, 7)]
    assert numbered.text.value == "a\r\n\ufffd⟦PHONE:1⟧"


async def test_digests_are_keyed_and_belong_to_one_scope() -> None:
    """The same value has the same digest in one conversation and another one elsewhere."""

    async def digest(text: str, scope: str, key: bytes = _KEY) -> str:
        template = await Intake(Marked(), key).admit(RawText(text), scope=scope)
        (hidden,) = [part for part in template.parts if isinstance(part, Hidden)]
        return hidden.digest

    first = await digest("<0812 555>", "c1")
    assert first == await digest("tolong <0812-555>", "c1")
    assert first != await digest("<0812 555>", "c2")
    assert first != await digest("<0812 556>", "c1")
    assert first != await digest("<0812 555>", "c1", bytes(31) + b"\1")
    assert first not in (sha256(b"812555").hexdigest(), hmac.new(_KEY, b"812555", sha256).hexdigest()[: len(first)])


async def test_previews_can_t_be_compared() -> None:
    """A preview is numbered from 1 under a scope of its own and keeps nothing."""
    gate = Intake(Marked(), _KEY)
    one, _ = await gate.preview(RawText("<1>"))
    other, _ = await gate.preview(RawText("<1>"))
    assert one.text == other.text
    assert one.hidden[0][0].digest != other.hidden[0][0].digest
    empty, spans = await gate.preview(RawText("  "))
    assert (empty.text.value, list(spans)) == ("  ", [])


def _taught(gate: Intake, value: str, label: Label = Label.PERSON, scope: str = "c") -> tuple[Hidden, Taught]:
    hidden = gate.stand_in(label, value, scope)
    return hidden, NOTHING.with_entries(gate.lesson(hidden, value, scope))


@pytest.mark.parametrize(
    "text",
    [
        "salam untuk wagiyem kusnandarini ya",
        "(Wagiyem  KUSNANDARINI)",
        "ＷＡＧＩＹＥＭ kusnandarini",
        "Wagiyem-Kusnandarini.",
    ],
)
async def test_what_was_taught_is_hidden_when_it_comes_again(text: str) -> None:
    """Under the digest that it was taught with; in no other scope, and nothing else."""
    gate = Intake(Marked(), _KEY)
    hidden, taught = _taught(gate, "Wagiyem Kusnandarini")
    template = await gate.admit(RawText(f"{text} <1>"), scope="c", taught=taught)
    assert [part for part in template.parts if part == hidden] == [hidden]
    shown = "".join(part for part in template.parts if isinstance(part, str)).casefold()
    assert "wagiyem" not in shown
    other = await gate.admit(RawText(text), scope="d", taught=taught)
    assert [part for part in other.parts if isinstance(part, Hidden)] == []


async def test_only_whole_words_are_taken_for_what_was_taught() -> None:
    """A name is not found inside of another word."""
    gate = Intake(Marked(), _KEY)
    _, taught = _taught(gate, "Sari")
    template = await gate.admit(RawText("sarinya dasar sari-sari"), scope="c", taught=taught)
    assert [part for part in template.parts if isinstance(part, str)] == ["sarinya dasar ", "-"]


async def test_a_number_is_recognised_however_it_is_grouped() -> None:
    gate = Intake(Marked(), _KEY)
    hidden, taught = _taught(gate, "4718 93-62", Label.MEDICAL_RECORD)
    template = await gate.admit(RawText("no 47 18 93 62 atau 47189362!"), scope="c", taught=taught)
    assert template.parts == ("no ", hidden, " atau ", hidden, "!")


async def test_words_of_a_taught_name_are_known_names() -> None:
    """As they are written in the text; the redactor decides about them."""
    names: list[Sequence[str]] = []

    class Listening(Marked):
        async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
            names.append(known_names)
            return await super().find(text)

    gate = Intake(Listening(), _KEY)
    _, taught = _taught(gate, "Wagiyem Kusnandarini")
    await gate.admit(RawText("bu WAGIYEM sudah datang"), scope="c", known_names=("Rani",), taught=taught)
    assert names == [["Rani", "WAGIYEM"]]


async def test_a_lesson_holds_digests_only() -> None:
    """Nothing of the value; other digests in another scope."""
    gate = Intake(Marked(), _KEY)
    kept = [_taught(gate, "Wagiyem Kusnandarini", scope=scope) for scope in ("c", "d")]
    for _, taught in kept:
        assert len(taught.values) == 1
        assert len(taught.names) == 2
        assert "wagiyem" not in repr(taught).lower()
    digests = [{*taught.values, *taught.names, hidden.digest} for hidden, taught in kept]
    assert not digests[0] & digests[1]


async def _restored(text: str, meant: Mapping[str, Hidden]) -> str:
    async def known(typed: Collection[str]) -> Mapping[str, Hidden]:
        assert set(typed) <= {found[0] for found in PLACEHOLDER.finditer(text)}
        return meant

    template = await Intake(Marked(), _KEY).admit(RawText(text), scope="c", known=known)
    return template.fill(Numbering({hidden.key: 7 + place for place, hidden in enumerate(meant.values())})).text.value


async def test_a_known_placeholder_means_what_it_meant() -> None:
    """With the number that its value has where it is written; all others are escaped."""
    meant = {"⟦EMAIL:2⟧": Hidden(Label.EMAIL, "ab"), "⟦PHONE:1⟧": Hidden(Label.PHONE, "cd")}
    assert await _restored("a ⟦EMAIL:2⟧ ⟦EMAIL:1⟧ ⟦PHONE:1⟧\r\nb <1>", meant) == (
        "a ⟦EMAIL:7⟧ ⟪EMAIL:1⟫ ⟦PHONE:8⟧\nb ⟦PHONE:9⟧"
    )
    assert await _restored("⟦PHONE:1⟧", meant) == "⟦PHONE:8⟧"


async def test_what_is_found_around_a_known_placeholder_is_hidden() -> None:
    """A span that goes over one, or ends in one, hides the rest of itself."""
    meant = {"⟦EMAIL:2⟧": Hidden(Label.EMAIL, "ab")}
    assert await _restored("x <1 ⟦EMAIL:2⟧ 23> y", meant) == "x ⟦PHONE:1⟧ ⟦EMAIL:7⟧ ⟦PHONE:2⟧ y"
    assert await _restored("<⟦EMAIL:2⟧>", meant) == "<⟦EMAIL:7⟧>"
    assert await _restored("<12⟦EMAIL:2⟧⟦EMAIL:2⟧34>", meant) == "⟦PHONE:1⟧⟦EMAIL:7⟧⟦EMAIL:7⟧⟦PHONE:2⟧"


@given(st.text(st.sampled_from("⟦⟧⟪⟫PHONE:12 <x>"), max_size=40))
async def test_nothing_but_known_placeholders_is_taken_over(text: str) -> None:
    """Whatever stands around one."""
    meant = {"⟦PHONE:1⟧": Hidden(Label.PHONE, "cd")}
    try:
        kept = await _restored(f"{text}⟦PHONE:1⟧{text}", meant)
    except InvalidInput:
        return
    typed = f"{text}⟦PHONE:1⟧{text}".count("⟦PHONE:1⟧")
    assert kept.count("⟦PHONE:7⟧") == typed
    assert kept.count("⟦") == len(PLACEHOLDER.findall(kept))


@pytest.mark.parametrize("text", ["\u200b\u200b", "\u3164 \u2800", "\u00ad\ufeff", "\U000e0020", "\u2065 \u034f"])
async def test_what_nobody_sees_is_nothing(text: str) -> None:
    """A message, a subject or a reason of such characters would be an empty one."""
    with pytest.raises(InvalidInput) as refused:
        await Intake(Marked(), _KEY).admit(RawText(text), scope="c", field="subject")
    assert dict(refused.value.fields) == {"subject": "required"}


@pytest.mark.parametrize("text", ["....", "1234 5678", "<0812>", "<a> <b> -", "ya", "\u200b a \u200b"])
async def test_a_reason_says_something(text: str) -> None:
    """Whoever was looked at reads it: signs, numbers and what is hidden tell them nothing."""
    gate = Intake(Marked(), _KEY)
    with pytest.raises(InvalidInput) as refused:
        await gate.admit(RawText(text), scope="c", field="reason", in_words=True)
    assert dict(refused.value.fields) == {"reason": "too_short"}
    assert (await gate.admit(RawText("cek <0812>"), scope="c", field="reason", in_words=False)).parts
    assert (await gate.admit(RawText("cocokkan <0812>"), scope="c", field="reason", in_words=True)).parts
