"""A signal's classes say what kind of thing a piece is, and nothing that tells it from another of its kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from nlp.release import release
from server.signals.model import Code, Kind, Length, Shape, Signal, Surface, Traits, Who, Words, traits_of


@pytest.mark.parametrize(
    ("piece", "words", "length", "shape"),
    [
        ("budi", Words.ONE, Length.MIDDLE, Shape.LOWER),
        ("Al", Words.ONE, Length.SHORT, Shape.CAPITALISED),
        ("B", Words.ONE, Length.SHORT, Shape.CAPITALISED),
        ("SITI AMINAH", Words.TWO, Length.LONG, Shape.UPPER),
        ("Siti Nur Aminah", Words.THREE, Length.LONG, Shape.CAPITALISED),
        ("siti Nur aminah dewi", Words.MORE, Length.LONGER, Shape.MIXED),
        ("0812-5550-1234", Words.ONE, Length.LONG, Shape.DIGITS),
        ("Jl. Melati 7", Words.THREE, Length.LONG, Shape.LETTERS_AND_DIGITS),
        ("王小明", Words.ONE, Length.SHORT, Shape.OTHER_SCRIPT),
        ("Ünal", Words.ONE, Length.MIDDLE, Shape.CAPITALISED),
        ("...", Words.UNKNOWN, Length.UNKNOWN, Shape.UNKNOWN),
    ],
)
def test_pieces_fall_into_their_classes(piece: str, words: Words, length: Length, shape: Shape) -> None:
    assert traits_of(piece) == Traits(words, length, shape)


@given(st.text(max_size=60))
def test_every_piece_has_classes(piece: str) -> None:
    """Without an error; and a signal's key is made of them alone."""
    traits = traits_of(piece)
    signal = Signal("2026-03-01", Kind.HIDDEN_WRONGLY, Label.PERSON, Surface.CHAT, Who.STAFF, "m-1", traits, Code.WORD)
    expected = f"2026-03-01|hidden_wrongly|PERSON|chat|staff|m-1|{traits.words}|{traits.length}|{traits.shape}|word"
    assert signal.key == expected


def test_the_release_names_the_model_that_ships() -> None:
    name, version, digest = release().rsplit("-", 2)
    assert name
    assert version.count(".") == 2
    assert len(bytes.fromhex(digest)) == 4
