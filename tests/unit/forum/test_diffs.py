"""Comparisons of two texts."""

from server.forum.diffs import Change, Piece, compare

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
