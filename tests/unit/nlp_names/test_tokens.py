"""A name must be coverable exactly, whatever it is glued to."""

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


@given(st.text(alphabet="aB\u0301_-. \n7'", max_size=60))
def test_no_token_mixes_letters_with_digits_or_signs(text: str) -> None:
    for word in split_words(text)[0]:
        kinds = {"letter" if c.isalpha() or c == "\u0301" else "digit" if c.isdigit() else "sign" for c in word}
        assert len(kinds) == 1 or word[0] == "\u0301"
