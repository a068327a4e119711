"""Times are told from classes, to within their class."""

from bisect import bisect_right

from hypothesis import given, settings
from hypothesis import strategies as st

from server.desk.figures import EDGES, kept_share, times_of


@settings(deadline=None)
@given(st.lists(st.floats(0, 20_000), min_size=1, max_size=60))
def test_a_median_lies_within_its_class(minutes: list[float]) -> None:
    """Or in the one of the value beside it, where two stand in the middle."""
    counts: dict[str, int] = {"first_n": len(minutes), "first_sum": round(sum(minutes) * 60)}
    for value in minutes:
        key = f"first_{bisect_right(EDGES, value)}"
        counts[key] = counts.get(key, 0) + 1
    found = times_of(counts, "first")
    assert found.count == len(minutes)
    assert found.median is not None
    ordered = sorted(minutes)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    floors, ceilings = (0, *EDGES), (*EDGES, EDGES[-1])
    assert floors[bisect_right(EDGES, low)] - 0.1 <= found.median <= ceilings[bisect_right(EDGES, high)] + 0.1


def test_nothing_is_told_of_nothing() -> None:
    """No average of no times, no share of no promises."""
    assert times_of({}, "first").median is None
    assert kept_share({}, "first") is None
    assert kept_share({"first_kept": 3, "first_missed": 1}, "first") == 0.75
