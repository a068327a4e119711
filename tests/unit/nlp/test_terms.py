"""What a search index keeps of a text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.terms import MOST_TERMS, fold, matches, terms_of, word_terms, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mencetak", "cetakannya"),
        ("pembayaran", "dibayarkan"),
        ("pelanggan", "langganan"),
        ("masalah-masalah", "masalah2"),
        ("bukunyalah", "buku"),
        ("nyetak", "dicetak"),
        ("ngirim", "pengiriman"),
        ("bayarin", "membayar"),
        ("printernya", "printers"),
        ("gak", "tidak"),
        ("nggak", "ga"),
        ("running", "runs"),
        ("e-mail", "email"),
        ("wi-fi", "WiFi"),
        ("Café", "cafe\u0301"),
        ("Ｐｒｉｎｔｅｒ", "printer"),
        ("kantor's", "kantor"),
        ("error", "galat"),
        ("di-update", "diperbarui"),
    ],
)
def test_either_finds_the_other(one: str, other: str) -> None:
    assert terms_of(one) == terms_of(other) != []


@pytest.mark.parametrize(
    "text", ["yang", "yg", "di", "dan", "the", "disini", "error-nya".partition("-")[2], "a", "", "—"]
)
def test_words_that_say_nothing_are_no_terms(text: str) -> None:
    assert terms_of(text) == []


def test_negations_stay() -> None:
    assert terms_of("printer tidak bisa mencetak") == ["printer", "tidak", "cetak"]


def test_a_placeholder_is_no_word() -> None:
    assert terms_of("hubungi ⟦PERSON:1⟧ di ⟦PHONE:12⟧ besok") == ["hubung", "besok"]
    assert not {"person", "phone", "12"} & set(terms_of("⟦PERSON:1⟧⟦PHONE:12⟧"))


def test_an_address_of_a_page_counts_by_its_host() -> None:
    found = terms_of("lihat https://www.contoh.example/rahasia/kunci?sandi=besar ya")
    assert found == ["lihat", *terms_of("contoh.example")]


def test_long_texts_and_words_are_bounded() -> None:
    words = " ".join(f"kata{number}x" for number in range(3 * MOST_TERMS))
    assert len(terms_of(words)) == MOST_TERMS
    assert terms_of("x" * 200) == []
    assert terms_of("12345678901234") == []


def test_matches_are_pieces_of_the_text() -> None:
    text = "Cetakan Ｐｒｉｎｔｅｒ ⟦PERSON:1⟧ tidak\u200b dicetak"
    found = [text[start:end] for start, end in matches(text, terms_of("mencetak printer"))]
    assert found == ["Cetakan", "Ｐｒｉｎｔｅｒ", "dicetak"]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_words_in_order_and_folded_terms(text: str) -> None:
    position = 0
    for word in words_of(text):
        assert position <= word.start < word.end <= len(text)
        position = word.end
    for term in terms_of(text):
        assert term
        assert not set(term) & set(" ⟦⟧#@:")


@settings(deadline=None)
@given(st.from_regex(r"[a-z]{2,12}", fullmatch=True))
def test_terms_do_not_depend_on_case(word: str) -> None:
    assert word_terms(fold(word.upper())) == word_terms(fold(word))
