"""A signal's classes say what kind of thing a piece is, and nothing that tells it from another of its kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from nlp.release import release
from server.signals.model import (
    LengthClass,
    SaidBy,
    ShapeClass,
    Signal,
    SignalCode,
    SignalKind,
    Surface,
    Traits,
    WordClass,
    traits_of,
)


@pytest.mark.parametrize(
    ("piece", "words", "length", "shape"),
    [
        ("budi", WordClass.ONE, LengthClass.MIDDLE, ShapeClass.LOWER),
        ("Al", WordClass.ONE, LengthClass.SHORT, ShapeClass.CAPITALISED),
        ("B", WordClass.ONE, LengthClass.SHORT, ShapeClass.CAPITALISED),
        ("SITI AMINAH", WordClass.TWO, LengthClass.LONG, ShapeClass.UPPER),
        ("Siti Nur Aminah", WordClass.THREE, LengthClass.LONG, ShapeClass.CAPITALISED),
        ("siti Nur aminah dewi", WordClass.MORE, LengthClass.LONGER, ShapeClass.MIXED),
        ("0812-5550-1234", WordClass.ONE, LengthClass.LONG, ShapeClass.DIGITS),
        ("Jl. Melati 7", WordClass.THREE, LengthClass.LONG, ShapeClass.LETTERS_AND_DIGITS),
        ("王小明", WordClass.ONE, LengthClass.SHORT, ShapeClass.OTHER_SCRIPT),
        ("Ünal", WordClass.ONE, LengthClass.MIDDLE, ShapeClass.CAPITALISED),
        ("...", WordClass.UNKNOWN, LengthClass.UNKNOWN, ShapeClass.UNKNOWN),
    ],
)
def test_pieces_fall_into_their_classes(piece: str, words: WordClass, length: LengthClass, shape: ShapeClass) -> None:
    assert traits_of(piece) == Traits(words, length, shape)


@given(st.text(max_size=60))
def test_every_piece_has_classes(piece: str) -> None:
    """Without an error; and a signal's key is made of them alone."""
    traits = traits_of(piece)
    signal = Signal(
        "2026-03-01",
        SignalKind.HIDDEN_WRONGLY,
        Label.PERSON,
        Surface.CHAT,
        SaidBy.STAFF,
        "m-1",
        traits,
        SignalCode.WORD,
    )
    expected = f"2026-03-01|hidden_wrongly|PERSON|chat|staff|m-1|{traits.words}|{traits.length}|{traits.shape}|word"
    assert signal.key == expected


def test_the_release_names_the_model_that_ships() -> None:
    name, version, digest = release().rsplit("-", 2)
    assert name
    assert version.count(".") == 2
    assert len(bytes.fromhex(digest)) == 4
