"""Watched words: disguises that are seen through, and words that only contain one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.folding import skeleton
from moderation.watched import Watch, WatchedWord, WatchList, censor, fold_word, sternest

_LIST = WatchList(
    [
        WatchedWord("judi", Watch.BLOCK),
        WatchedWord("slot gacor", Watch.HOLD),
        WatchedWord("bodoh", Watch.CENSOR),
        WatchedWord("kompetitor*", Watch.FLAG),
        WatchedWord("ass", Watch.CENSOR),
        WatchedWord("lol", Watch.FLAG),
    ]
)

_SEEN = [
    ("main judi yuk", "judi"),
    ("JUDI", "judi"),
    ("jud1 online", "judi"),
    ("j u d i", "judi"),
    ("j.u.d.i murah", "judi"),
    ("ju-di", "judi"),
    ("j_u_d_i", "judi"),
    ("ju*di", "judi"),
    ("juuuudiii", "judi"),
    ("jüdï", "judi"),
    ("ju\u200bdi", "judi"),
    ("jυdi", "judi"),
    ("јudі", "judi"),
    ("(judi)", "judi"),
    ("judi!!!", "judi"),
    ("slot   gacor", "slot gacor"),
    ("SL0T g4cor", "slot gacor"),
    ("s1ot-gacor", "slot gacor"),
    ("dasar b0d0h", "bodoh"),
    ("b o d o h kamu", "bodoh"),
    ("kompetitornya lebih murah", "kompetitor*"),
    ("K0mpet1tor", "kompetitor*"),
    ("a$$", "ass"),
    ("asssss", "ass"),
    ("sub judi⟦PHONE:1⟧", "judi"),
    ("101", "lol"),
]

_LEFT_ALONE = [
    "judicial review",
    "judika bernyanyi",
    "menjudikan",
    "slot memori",
    "gacor banget burungnya",
    "gacor slot",
    "slot untuk burung gacor",
    "bodohnya",
    "kompetisi",
    "as roda",
    "kelas assessment",
    "pass",
    "class action",
    "lolos seleksi",
    "a b c d",
    "ju di pasar",
    "saya j u d",
    "⟦PERSON:1⟧ ⟦PHONE:2⟧",
    "harga 10.000",
    "tanggal 1-2-2026",
    "",
    "bo doh",
]


@pytest.mark.parametrize(("text", "word"), _SEEN)
def test_disguises_are_seen_through(text: str, word: str) -> None:
    """Digits, spaces, dots, accents, other scripts, drawn-out letters, what leaves no ink."""
    if word == "lol":
        assert _LIST.sightings(text) == [], "digits alone are a number"
        return
    assert word in {sighting.entry.word for sighting in _LIST.sightings(text)}


@pytest.mark.parametrize("text", _LEFT_ALONE)
def test_words_that_only_contain_one_are_left_alone(text: str) -> None:
    """And pieces that stand apart for a reason."""
    assert _LIST.sightings(text) == []


def test_tables_are_long_enough() -> None:
    """Twenty of each at least."""
    assert min(len(_SEEN), len(_LEFT_ALONE)) >= 20


def test_censoring_keeps_every_place() -> None:
    """Only the word is made unreadable, and nothing moves; placeholders stay."""
    text = "kamu b o d o h ya ⟦PHONE:1⟧, b0d0h"
    hidden = censor(text, _LIST.sightings(text))
    assert hidden == "kamu ■ ■ ■ ■ ■ ya ⟦PHONE:1⟧, ■■■■■"


def test_the_sternest_action_counts() -> None:
    """Block above hold above censor above flag."""
    assert sternest(_LIST.sightings("kompetitor bodoh")) is Watch.CENSOR
    assert sternest(_LIST.sightings("slot gacor judi")) is Watch.BLOCK
    assert sternest([]) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Judi ", "judi"),
        ("SLOT  Gacor", "slot gacor"),
        ("kompetitor*", "kompetitor*"),
        ("*", None),
        ("a", None),
        ("!!", None),
        ("x" * 61, None),
    ],
)
def test_words_are_kept_folded(typed: str, kept: str | None) -> None:
    """What could never be found, or would always be, is refused."""
    assert fold_word(typed) == kept


@pytest.mark.parametrize(
    ("one", "other"), [("admin", "Adm1n"), ("admin", "аdmіn"), ("moderator", "rnoderator"), ("cs_resmi", "cs-resml")]
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    """Digits, other scripts, and letters that look like two others."""
    assert skeleton(one) == skeleton(other)


@given(st.text(max_size=200))
def test_censoring_never_moves_anything(text: str) -> None:
    """Sightings lie in the text, in order, and masking keeps its length."""
    found = _LIST.sightings(text)
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert found == sorted(found, key=lambda item: (item.start, item.end, item.entry.word))
    assert len(censor(text, found)) == len(text)
