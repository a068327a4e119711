"""Queries, excerpts and order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.kernel.errors import InvalidInput
from server.search.finding import Pass, Place, Wanted, place_of
from server.search.model import OPERATOR, Entry, Query, excerpt_of, follows, line_of, query_of, ranked
from tests.harness.library import safe

_NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _query(text: str) -> Query:
    operators = [found[0] for found in OPERATOR.finditer(text)]
    return query_of(safe(OPERATOR.sub(" ", text)), operators)


def test_operators_are_told_from_words() -> None:
    query = _query('cetak Tag:Struk kategori:umum @rusa-biru status:selesai "gagal cetak" email@contoh tag: x:y')
    assert query.tags == ("struk",)
    assert query.categories == ("umum",)
    assert query.handles == ("rusa-biru",)
    assert query.solved
    assert query.phrases == (("gagal", "cetak"),)
    assert query.words == ("cetak", "gagal", "email", "contoh", "tag")


@pytest.mark.parametrize("text", ["", "   ", "yang di dan", '""', "status:terbuka"])
def test_what_chooses_nothing_is_empty(text: str) -> None:
    assert _query(text).is_empty


def test_a_piece_is_shown_where_most_words_stand() -> None:
    text = "Pembuka yang panjang. " * 30 + "Di sini printer mencetak struk kosong. " + "Penutup. " * 60
    excerpt = excerpt_of(line_of(safe(text)), ["printer", "cetak", "struk"])
    assert [excerpt.text[start:end] for start, end in excerpt.ranges] == ["printer", "mencetak", "struk"]
    assert excerpt.before
    assert excerpt.after
    assert len(excerpt.text) <= 240


def test_a_short_text_is_shown_whole_and_without_marks_of_its_own() -> None:
    excerpt = excerpt_of(line_of(safe("**Halo** [tautan](https://contoh.example)")), [])
    assert (excerpt.text, excerpt.ranges, excerpt.before, excerpt.after) == ("Halo tautan", (), False, False)


@settings(deadline=None)
@given(st.text(max_size=800), st.lists(st.sampled_from(["cetak", "printer", "a1"]), max_size=3))
def test_any_text_gives_a_piece_with_ranges_inside(text: str, terms: list[str]) -> None:
    excerpt = excerpt_of(line_of(safe(text)), terms, 60)
    position = 0
    for start, end in excerpt.ranges:
        assert position <= start < end <= len(excerpt.text)
        position = end


def test_words_follow_each_other() -> None:
    assert follows("gagal mencetak struk", ("gagal", "cetak"))
    assert follows("gagal untuk mencetak", ("gagal", "cetak"))
    assert not follows("cetak gagal", ("gagal", "cetak"))
    assert not follows("gagal", ("gagal", "cetak"))


def _entry(seq: int, *keys: str, head: tuple[str, ...] = (), days: int = 0, number: int = 1) -> Entry:
    at = _NOW - timedelta(days=days)
    return Entry("t", seq, "c", "a", at, frozenset(keys), frozenset(head), number=number)


def test_order() -> None:
    title = _entry(1, "cetak", "t:cetak", number=1)
    body = _entry(1, "cetak", number=2)
    answer = _entry(2, "cetak", number=3)
    old = _entry(2, "cetak", number=4, days=2_000)
    assert ranked([old, answer, body, title], {"cetak": 1.0}) == [title, body, answer, old]
    assert ranked([title, old], {}) == [old, title]


def test_what_is_wanted_of_an_entry() -> None:
    wanted = Wanted(("cetak", "struk"), ("foto",), None, frozenset({"c"}))
    assert wanted.said(_entry(2, "cetak", head=("struk", "#foto")))
    assert not wanted.said(_entry(2, "cetak", head=("#foto",)))
    assert not wanted.said(_entry(2, "cetak", "struk"))
    assert not wanted.said(_entry(2, "cetak", head=("cetak", "struk", "#foto")))
    assert wanted.titled(_entry(1, "t:cetak", "t:struk", head=("#foto",)))
    assert not Wanted((), (), "b", frozenset({"c"})).said(_entry(2))
    assert not Wanted((), (), None, frozenset()).said(_entry(2))


@given(st.sampled_from(Pass), st.integers(0, 10**14), st.integers(0, 10**6 - 1))
def test_a_place_survives_its_cursor(stage: Pass, start: int, offset: int) -> None:
    place = Place(stage, start, start, start // 2, offset)
    assert place_of(place.cursor()) == place


def test_a_place_upside_down_is_none() -> None:
    with pytest.raises(InvalidInput):
        place_of(Place(Pass.POSTS, 1, 2, 0).cursor())
