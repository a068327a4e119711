"""What is too easy to guess: by length, by lists, by pattern, by what is known of the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.matching import RANKED_DICTIONARIES

from server.accounts.strength import _FILE, weakness

_OWN = ("ratna.wulandari@contoh.example", "Ratna Wulandari", "Toko Sumber Rejeki")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "too_short"),
        ("123456789", "too_short"),
        ("x" * 257, "too_long"),
        ("aaaaaaaaaaaa", "too_easy"),
        ("abababababab", "too_easy"),
        ("abcd" * 18, "too_easy"),
        ("qwertyuiop[]", "too_easy"),
        ("1234567890ab", "too_easy"),
        ("ratna.wulandari", "too_easy"),
        ("RATNA.WULANDARI@contoh.example", "too_easy"),
        ("Ratna Wulandari", "too_easy"),
        ("R4tn4Wuland4r1", "too_easy"),
        ("Wulandari2024", "too_easy"),
        ("sumberrejeki1", "too_common"),
        ("tokosumberrejeki", "too_easy"),
        ("bismillah123", "too_common"),
        ("Bismillah!!!", "too_common"),
        ("AkuCintaKamu", "too_common"),
        ("indonesia1945", "too_common"),
        ("1nd0n3s1a1945", "too_easy"),
        ("Passw0rd!2026", "too_common"),
        ("persibbandung", "too_common"),
        ("dewisayang99", "too_common"),
        ("ｂｉｓｍｉｌｌａｈ１２", "too_common"),
    ],
)
def test_guessable_passwords_are_refused(password: str, reason: str) -> None:
    """With the reason that helps most."""
    assert weakness(password, _OWN) == reason


@pytest.mark.parametrize(
    "password",
    [
        "kuda laut biru",
        "x1y2z3w4v5",
        "🐟🐠🐡🦈🐙🐚🦀🦞🦐🦑",
        "sembilan gajah menari",
        "correct horse battery staple",
        "kuda laut biru " * 17,
    ],
)
def test_long_and_varied_passwords_are_taken(password: str) -> None:
    """No rule about kinds of characters (NIST SP 800-63B-4)."""
    assert weakness(password, _OWN) is None


def test_what_is_known_counts_only_for_whom_it_is_known_of() -> None:
    """And is not remembered: the library's own function would keep it for the next person."""
    assert weakness("Wulandari Kencana", ("x@contoh.example", "Wulandari Kencana")) == "too_easy"
    assert weakness("Wulandari Kencana", ("budi@contoh.example", "Budi")) is None
    assert "user_inputs" not in RANKED_DICTIONARIES
    assert not any("wulandari kencana" in words for words in RANKED_DICTIONARIES.values())


@given(st.text(max_size=300), st.text(max_size=80))
def test_anything_may_be_typed(password: str, name: str) -> None:
    """There is always an answer, and it is one of a few."""
    assert weakness(password, (name,)) in {None, "too_short", "too_long", "too_common", "too_easy"}


def test_the_list_is_what_it_says() -> None:
    """Some thousand entries, each once, in lower case, with a word on where they are from."""
    lines = _FILE.read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert len(words) > 4_000
    assert len(set(words)) == len(words)
    assert all(word == word.strip().casefold() and word for word in words)
    assert "Apache-2.0" in lines[2]
