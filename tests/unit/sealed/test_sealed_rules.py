"""Who may be shown what of a sealed record, and until when: the pure rules."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.kernel.disclosure import SEALED_PURPOSES, Purpose
from server.sealed.fields import FieldType
from server.sealed.model import Answer, Grant, Record, Slot, may_reveal

_NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
_DAYS = st.integers(min_value=-40, max_value=40)
_KEYS = ("name", "phone", "street")
_PURPOSES = st.sampled_from(sorted(SEALED_PURPOSES))


def _at(days: int) -> datetime:
    return _NOW + timedelta(days=days)


def _slot(days: int, *purposes: Purpose) -> Slot:
    return Slot(FieldType.NAME, frozenset(purposes or {Purpose.DELIVERY}), _at(days))


def _record(slots: dict[str, Slot], *grants: Grant) -> Record:
    return Record("r1", "form", "p1", 3, _at(-50), _at(-50), slots, grants)


def _grant(days: int, keys: tuple[str, ...] = _KEYS, purpose: Purpose = Purpose.DELIVERY, circle: str = "a") -> Grant:
    return Grant(circle, frozenset(keys), frozenset({purpose}), _at(days))


@given(st.dictionaries(st.sampled_from(_KEYS), _DAYS), _DAYS)
def test_nothing_outlives_its_time(kept: dict[str, int], later: int) -> None:
    """At every moment: what is left is what has time left, and the next to go is the first of it."""
    record = _record({key: _slot(days) for key, days in kept.items()})
    left = record.outlived(_at(later))
    assert set(left.slots) == {key for key, days in kept.items() if days > later}
    assert left.due == min((_at(days) for days in kept.values() if days > later), default=None)
    assert left.outlived(_at(later)).slots == left.slots


@given(
    st.dictionaries(st.sampled_from(_KEYS), st.tuples(_DAYS, _PURPOSES), min_size=1),
    st.lists(st.tuples(st.sampled_from(("a", "b")), st.sets(st.sampled_from(_KEYS)), _PURPOSES, _DAYS), max_size=4),
    st.lists(st.sampled_from(_KEYS), min_size=1, unique=True),
    _PURPOSES,
    st.sets(st.sampled_from(("a", "b"))),
)
def test_a_yes_has_all_its_reasons(
    fields: dict[str, tuple[int, Purpose]],
    grants: list[tuple[str, set[str], Purpose, int]],
    keys: list[str],
    purpose: Purpose,
    circles: set[str],
) -> None:
    """Each field is kept still, serves the purpose, and has a lasting grant for it of a circle that one belongs to."""
    record = _record(
        {key: _slot(days, serves) for key, (days, serves) in fields.items()},
        *(_grant(days, tuple(of), serves, circle) for circle, of, serves, days in grants),
    )
    answer = may_reveal(record, keys, purpose, _NOW, circles.__contains__)
    expected = all(
        key in fields
        and fields[key][0] > 0
        and fields[key][1] is purpose
        and any(
            circle in circles and key in of and serves is purpose and days > 0 for circle, of, serves, days in grants
        )
        for key in keys
    )
    assert (answer is Answer.YES) is expected
    if not circles & {circle for circle, *_ in grants}:
        assert answer is Answer.UNKNOWN


def test_a_grant_ends_at_its_moment() -> None:
    """Not a millisecond later."""
    record = _record({"name": _slot(9)}, _grant(3))
    last = _at(3) - timedelta(milliseconds=1)
    assert may_reveal(record, ["name"], Purpose.DELIVERY, last, {"a"}.__contains__) is Answer.YES
    assert may_reveal(record, ["name"], Purpose.DELIVERY, _at(3), {"a"}.__contains__) is Answer.NO


def test_what_is_gone_is_said_to_be_gone_only_to_those_whom_it_was_for() -> None:
    """Others learn nothing."""
    record = _record({"name": _slot(-1)}, _grant(3))
    assert may_reveal(record, ["name"], Purpose.DELIVERY, _NOW, {"a"}.__contains__) is Answer.GONE
    assert may_reveal(record, ["name"], Purpose.DELIVERY, _NOW, set[str]().__contains__) is Answer.UNKNOWN


def test_no_field_is_no_reveal() -> None:
    """An empty question is not answered with yes."""
    assert (
        may_reveal(_record({"name": _slot(9)}, _grant(3)), [], Purpose.DELIVERY, _NOW, {"a"}.__contains__) is Answer.NO
    )
