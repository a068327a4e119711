"""What of a table is shown: contributions, thresholds, and that no sum leads back to a small group."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.insight.protection import DELTA, Rules, margin, people_by_cell, protect

_RULES = Rules(smallest=10, epsilon_milli=500, budget_milli=8000)
_CELLS = ("complaint", "criticism", "impression", "suggestion")
_counts = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 400), min_size=1)


@pytest.mark.parametrize("scale", [0.2, 1.0, 2.0, 5.0, 20.0])
def test_noise_reaches_the_margin_as_seldom_as_promised(scale: float) -> None:
    """Held against the sum of the distribution itself."""
    ratio = math.exp(-1 / scale)
    weights = [(1 - ratio) / (1 + ratio) * ratio**value for value in range(3000)]
    bound = margin(scale)
    assert sum(weights[bound:]) <= DELTA
    assert bound == 1 or sum(weights[bound - 1 :]) > DELTA


def test_a_person_counts_once_however_much_they_send() -> None:
    rows = [("ani", "complaint")] * 50 + [("budi", "complaint"), ("budi", "suggestion"), ("budi", "criticism")]
    counts = people_by_cell(rows, _CELLS, 1)
    assert sum(counts.values()) == 2
    assert set(counts) == set(_CELLS)
    twice = people_by_cell(rows, _CELLS, 2)
    assert sum(twice.values()) == 3
    assert twice["complaint"] >= 1


def test_classes_that_nobody_knew_beforehand_are_not_counted() -> None:
    """A row's mere being there would tell of somebody."""
    assert people_by_cell([("ani", "rahasia")], _CELLS, 1) == dict.fromkeys(_CELLS, 0)


@given(
    st.lists(st.tuples(st.sampled_from("pqrstu"), st.sampled_from(_CELLS))),
    st.lists(st.sampled_from(_CELLS), min_size=1),
    st.integers(1, 3),
)
def test_one_person_moves_a_table_by_no_more_than_their_share(
    rows: list[tuple[str, str]], own: list[str], most: int
) -> None:
    """That is the sensitivity for which the noise is made."""
    without = people_by_cell(rows, _CELLS, most)
    with_them = people_by_cell([*rows, *(("dia", cell) for cell in own)], _CELLS, most)
    assert sum(abs(with_them[cell] - without[cell]) for cell in _CELLS) <= most


@given(_counts, st.data())
def test_no_small_group_is_shown_whatever_the_noise(counts: dict[str, int], data: st.DataObject) -> None:
    noisy = {cell: data.draw(st.integers(-100, 100_000)) for cell in counts}
    table = protect(counts, noisy, _RULES)
    for cell, shown in table.cells.items():
        assert shown is None or (counts[cell] >= _RULES.smallest and shown == noisy[cell] >= _RULES.threshold)
    assert table.total is None or sum(counts.values()) >= _RULES.smallest


@given(_counts, st.data())
def test_what_is_left_out_is_never_alone_nor_small(counts: dict[str, int], data: st.DataObject) -> None:
    """Total less all that is shown is what is left out together: of two classes at least, and of a whole group."""
    noisy = {cell: max(0, count + data.draw(st.integers(-9, 9))) for cell, count in counts.items()}
    table = protect(counts, noisy, _RULES)
    left_out = [cell for cell, shown in table.cells.items() if shown is None]
    assume(table.total is not None and len(left_out) < len(counts))
    assert table.total is not None
    assert len(left_out) != 1
    rest = table.total - sum(shown for shown in table.cells.values() if shown is not None)
    assert not left_out or rest >= _RULES.smallest


def test_the_smallest_that_could_be_shown_hides_the_small_one() -> None:
    counts = {"a": 3, "b": 60, "c": 200}
    table = protect(counts, counts, _RULES)
    assert table.cells == {"a": None, "b": None, "c": 200}
    assert table.total == 263


def test_a_table_without_small_groups_is_shown_whole() -> None:
    counts: Mapping[str, int] = {"a": 60, "b": 200}
    assert protect(counts, counts, _RULES).cells == counts
