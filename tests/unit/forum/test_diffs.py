"""Comparisons of two texts."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from server.forum.diffs import Change, Piece, compare

_LAW = settings(deadline=None, max_examples=200)
_PUNCTUATION = [chr(0x2190 + place) for place in range(100)]


def test_words_are_compared_one_by_one() -> None:
    """What is the same stays, and placeholders are whole."""
    assert list(compare("Telepon ⟦PHONE:1⟧ mati.", "Telepon ⟦PHONE:2⟧ mati.")) == [
        Piece(Change.SAME, "Telepon "),
        Piece(Change.REMOVED, "⟦PHONE:1⟧"),
        Piece(Change.ADDED, "⟦PHONE:2⟧"),
        Piece(Change.SAME, " mati."),
    ]


def test_texts_made_to_take_long_are_compared_by_their_ends() -> None:
    """Piece by piece, a hundred signs forty times each in another order take a good part of a second."""
    before = "awal " + "".join(_PUNCTUATION * 40) + " akhir"
    after = "awal " + "".join(reversed(_PUNCTUATION * 40)) + " akhir"
    pieces = compare(before, after)
    assert [piece.change for piece in pieces] == [Change.SAME, Change.REMOVED, Change.ADDED, Change.SAME]
    assert "".join(piece.text for piece in pieces if piece.change is not Change.REMOVED) == after
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == before


def test_long_texts_of_words_are_compared_by_words() -> None:
    """An ordinary text of the greatest length is no such text."""
    words = [f"kata{place}" for place in range(500)]
    changed = [*words[:100], "lain", *words[101:]]
    pieces = compare(" ".join(words), " ".join(changed))
    assert [piece.text for piece in pieces if piece.change is not Change.SAME] == ["kata100", "lain"]


_PLACEHOLDER = re.compile(r"⟦[A-Z]+:[0-9]+⟧")
_TEXTS = st.lists(
    st.sampled_from(["kopi", "gula", " ", "  ", "\n", ".", "**", "⟦PHONE:1⟧", "⟦PHONE:12⟧", "⟦PERSON:1⟧", "é", "⟦"])
    | st.text(max_size=4),
    max_size=60,
).map("".join)


@_LAW
@given(_TEXTS, _TEXTS)
def test_both_texts_can_be_read_from_a_comparison(before: str, after: str) -> None:
    """Nothing is lost or made up, whatever stands in them; each piece says something."""
    pieces = compare(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.REMOVED) == after
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == before
    assert all(piece.text for piece in pieces)
    if before == after:
        assert all(piece.change is Change.SAME for piece in pieces)


@_LAW
@given(st.lists(st.sampled_from(["kopi ", "⟦PHONE:1⟧", "⟦PHONE:12⟧", "⟦PERSON:1⟧", "."]), max_size=40), st.data())
def test_placeholders_are_never_cut(words: list[str], data: st.DataObject) -> None:
    """Those of a piece are whole ones of its text."""
    before, after = "".join(words), "".join(data.draw(st.permutations(words)))
    for piece in compare(before, after):
        assert "⟦" not in _PLACEHOLDER.sub("", piece.text)
        assert "⟧" not in _PLACEHOLDER.sub("", piece.text)
