"""A name must be coverable exactly, whatever it is glued to."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.vocab import Vocab

from nlp.names_tokens import WordTokenizer, split_words
from nlp.project.corpora import token_starts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No.5,Bandung", ["No", ".", "5", ",", "Bandung"]),
        ("budi_santoso", ["budi", "_", "santoso"]),
        ("rina88", ["rina", "88"]),
        ("[Wagiman]ok", ["[", "Wagiman", "]", "ok"]),
        ("a.n.SITI", ["a", ".", "n", ".", "SITI"]),
        ("halo  kak\n\nIwan", ["halo", " ", "kak", "\n\n", "Iwan"]),
        ("wah....!!", ["wah", "....", "!!"]),
        ("", []),
    ],
)
def test_cuts_names_from_what_they_are_glued_to(text: str, words: list[str]) -> None:
    assert split_words(text)[0] == words


@given(st.text(max_size=200))
def test_tokens_join_back_to_the_text(text: str) -> None:
    doc = WordTokenizer(Vocab())(text)
    assert doc.text == text
    words, spaces = split_words(text)
    assert [token.idx for token in doc] == token_starts(words, spaces)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("y u d a . p r a k o", ["y u d a", ".", "p r a k o"]),
        ("R*u*s*t*a*m gak", ["R*u*s*t*a*m", "gak"]),
        ("5iti B4mb4ng R0drig0", ["5iti", "B4mb4ng", "R0drig0"]),
        ("3kg 10kg rina88", ["3", "kg", "10", "kg", "rina", "88"]),
        ("namaAGUSsalim RatnaDewi wAhYu", ["nama", "AGUS", "salim", "Ratna", "Dewi", "wAhYu"]),
        ("a.n.SITI", ["a", ".", "n", ".", "SITI"]),
    ],
)
def test_disguised_and_glued_names_are_single_tokens(text: str, words: list[str]) -> None:
    assert split_words(text)[0] == words


@given(st.text(alphabet="aB\u0301_-. \n'", max_size=60))
def test_no_word_of_several_letters_holds_a_sign(text: str) -> None:
    for word in split_words(text)[0]:
        if any(first.isalpha() and second.isalpha() for first, second in pairwise(word)):
            assert all(char.isalpha() or char == "\u0301" for char in word)


def test_hostile_text_takes_linear_time() -> None:
    def seconds(text: str) -> float:
        start = process_time()
        split_words(text)
        return process_time() - start

    for piece in ("a-", "a1", "aB", "0a", "a b ", "aaB", "AAAa"):
        assert seconds(piece * 20_000) < 50 * max(seconds(piece * 2_000), 0.001)
