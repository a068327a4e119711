"""What a conversation was taught, and cutting more out of a text that is redacted already."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from nlp.placeholders import CLOSE, OPEN, PLACEHOLDER, format_placeholder
from server.kernel.taught import MOST_TAUGHT, MOST_WORDS, NOTHING, Taught, entries_of, form_of, name_words, runs
from server.kernel.text import Cut, Hidden, RedactedText, cut_out, gaps_of

_PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=OPEN + CLOSE), max_size=30)
_PLACEHOLDERS = st.builds(format_placeholder, st.sampled_from(Label), st.integers(1, 300))
_TEXTS = st.lists(_PLAIN | _PLACEHOLDERS, max_size=8).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Budi Santoso", "budi  santoso"),
        ("Budi Santoso", "BUDI-SANTOSO,"),
        ("0812-5550-1234", "0812 5550 1234"),
        ("0812-5550-1234", "08 12 55 50 12 34"),
        ("０８１２５５５０１２３４", "081255501234"),
        ("AB 1234 CD", "ab1234cd"),
        ("Sitī", "SITĪ"),
    ],
)
def test_a_value_has_one_form_however_it_is_written(one: str, other: str) -> None:
    assert form_of(one) == form_of(other) is not None


@pytest.mark.parametrize("value", ["", " - ", "a", "7", "12", "417", " ".join("abcdefghijk")])
def test_what_is_too_little_or_too_much_is_not_looked_for(value: str) -> None:
    assert form_of(value) is None


def test_words_of_a_name_are_no_joined_word() -> None:
    """`di an` is not `dian`, while a number's groups are one number."""
    assert form_of("di an") != form_of("dian")
    assert form_of("di 4n99") == form_of("di4n 99")


def test_words_of_names_only() -> None:
    assert name_words(Label.PERSON, "Ibu Al Kusnandarini 2") == ["ibu", "kusnandarini"]
    assert name_words(Label.ADDRESS, "Kenangawangi") == []


@given(_TEXTS, st.integers(0, 40), st.integers(1, 40))
def test_every_piece_that_is_looked_for_is_among_the_runs(text: str, start: int, size: int) -> None:
    """Whatever words of a text are taught, its runs hold their form, at the place of the words."""
    words = [group[-1] for group in runs(text)]
    if start >= len(words):
        return
    chosen = words[start : start + min(size, MOST_WORDS)]
    form = form_of(text[chosen[0].start : chosen[-1].end])
    places = {(run.form, run.start, run.end) for group in runs(text) for run in group}
    assert form is None or (form, chosen[0].start, chosen[-1].end) in places


def test_lessons_are_bounded_and_nothing_is_learned_twice() -> None:
    known = NOTHING
    hidden = Hidden(Label.PERSON, "00")
    for number in range(MOST_TAUGHT * 2):
        known = known.with_entries(entries_of(f"{number:x}", [], hidden))
    assert len(known.values) == MOST_TAUGHT
    assert known.with_entries({"1": hidden.key}) is known
    assert Taught.of({}) is NOTHING


def test_entries_survive_the_store() -> None:
    hidden = Hidden(Label.PERSON, "ab12")
    known = Taught.of(entries_of("v", ["n1", "n2"], hidden))
    assert dict(known.values) == {"v": hidden}
    assert known.names == {"n1", "n2"}
    # A name of one word is both.
    assert Taught.of(entries_of("v", ["v"], hidden)).values == {"v": hidden}


@given(_TEXTS, st.data())
def test_cuts_hide_their_piece_and_nothing_else(text: str, data: st.DataObject) -> None:
    """Placeholders stay as they are, and what stands outside of the cut too."""
    gaps = gaps_of(text)
    if not gaps:
        return
    first, last = data.draw(st.sampled_from(gaps))
    start = data.draw(st.integers(first, last - 1))
    end = data.draw(st.integers(start + 1, last))
    known = tuple(
        {hit[0]: (Hidden(Label(hit["label"]), hit[0]), int(hit["n"])) for hit in PLACEHOLDER.finditer(text)}.values()
    )
    fresh = Hidden(Label.PERSON, "fresh")
    numbered = cut_out(RedactedText(text), known, [Cut(start, end, fresh, 4_000)])
    assert numbered.text.value == text[:start] + "⟦PERSON:4000⟧" + text[end:]
    assert set(numbered.hidden) == {*known, (fresh, 4_000)}
    shown = [hit[0] for hit in PLACEHOLDER.finditer(numbered.text.value)]
    assert [redaction.placeholder for redaction in numbered.redactions] == list(dict.fromkeys(shown))


@pytest.mark.parametrize(("start", "end"), [(0, 5), (3, 8), (4, 14), (13, 16), (4, 13), (9, 99), (15, 15), (-1, 2)])
def test_no_cut_goes_into_a_placeholder(start: int, end: int) -> None:
    text = RedactedText("Bu  ⟦PERSON:1⟧ Ani")
    cut = Cut(start, end, Hidden(Label.PERSON, "d"), 2)
    with pytest.raises(ValueError, match="does not fit"):
        cut_out(text, [(Hidden(Label.PERSON, "c"), 1)], [cut])
