"""Trust levels: how they are earned, kept and lost, and how single thresholds are set."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from moderation.trust import HIGHEST, PERIOD, Deed, Demand, Power, TrustRecord, TrustRules, level_of, period_of

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_LONG_AGO = _NOW - timedelta(days=400)
_RULES = TrustRules()
_PLENTY = dict.fromkeys(set(Deed) - {Deed.FLAGGED, Deed.FLAGS_DISAGREED}, 10_000)


def _record(level: int = 0, **changes: object) -> TrustRecord:
    record = TrustRecord(_PLENTY, _PLENTY, level, _LONG_AGO)
    return replace(record, **changes)  # type: ignore[arg-type]  # fields of the record


def _meets(demand: Demand) -> dict[Deed, int]:
    return {deed: getattr(demand, deed.value) for deed in Deed if hasattr(demand, deed.value)}


def test_nobody_begins_with_trust() -> None:
    """Without deeds there is no level above 0."""
    assert level_of(TrustRecord({}, {}, 0, _NOW), _RULES, _NOW) == 0


@pytest.mark.parametrize("level", range(1, HIGHEST + 1))
def test_each_level_is_reached_with_exactly_what_it_asks_for(level: int) -> None:
    """And missed when any one number of it is one short."""
    demand = _RULES.levels[level - 1]
    totals = _meets(demand)
    recent = {Deed.VISITED: demand.recent_visited, Deed.READ: demand.recent_read}
    assert level_of(TrustRecord(totals, recent, level - 1, _LONG_AGO), _RULES, _NOW) == level
    for deed, count in totals.items():
        if count:
            short = {**totals, deed: count - 1}
            assert level_of(TrustRecord(short, recent, level - 1, _LONG_AGO), _RULES, _NOW) == level - 1, deed
    for deed, count in recent.items():
        if count:
            short = {**recent, deed: count - 1}
            assert level_of(TrustRecord(totals, short, level - 1, _LONG_AGO), _RULES, _NOW) == level - 1, deed


def test_a_level_is_kept_with_a_little_less_and_lost_by_staying_away() -> None:
    """Whoever is here less often keeps it for a share of what earned it; whoever stays away goes back."""
    demand = _RULES.levels[2]
    share = -(-demand.recent_visited * _RULES.keep_percent // 100)
    fewer = {Deed.VISITED: share, Deed.READ: demand.recent_read}
    assert level_of(_record(3, recent=fewer), _RULES, _NOW) == 3
    assert level_of(_record(2, recent=fewer), _RULES, _NOW) == 2
    assert level_of(_record(3, recent={**fewer, Deed.VISITED: share - 1}), _RULES, _NOW) == 2
    assert level_of(_record(4, recent={}), _RULES, _NOW) == 2


def test_a_fresh_level_has_a_grace() -> None:
    """Nobody falls back the day after."""
    just = _NOW - timedelta(days=_RULES.grace_days - 1)
    assert level_of(_record(3, recent={}, level_since=just), _RULES, _NOW) == 3
    assert level_of(_record(3, recent={}, level_since=just - timedelta(days=2)), _RULES, _NOW) == 2


def test_what_moderators_uphold_costs_trust_at_once() -> None:
    """Also within the grace."""
    recent = {**_PLENTY, Deed.FLAGGED: 2}
    assert level_of(_record(4, recent=recent, level_since=_NOW), _RULES, _NOW) == 2
    assert level_of(_record(4, recent={**_PLENTY, Deed.FLAGGED: 4}), _RULES, _NOW) == 1
    assert level_of(_record(4, recent={**_PLENTY, Deed.FLAGS_DISAGREED: 3}), _RULES, _NOW) == 3


def test_a_silence_takes_all_and_leaves_little_for_a_while() -> None:
    """Trust comes back with time."""
    for until, level in (
        (_NOW + timedelta(seconds=1), 0),
        (_NOW, _RULES.after_silence_level),
        (_NOW - timedelta(days=_RULES.after_silence_days), HIGHEST),
    ):
        assert level_of(_record(4, silenced_until=until), _RULES, _NOW) == level


def test_single_thresholds_are_set() -> None:
    """The others stay."""
    rules = TrustRules.parse('{"levels": {"1": {"read": 3}}, "powers": {"links": 2}, "grace_days": 1}')
    assert rules.levels[0] == replace(_RULES.levels[0], read=3)
    assert rules.levels[1:] == _RULES.levels[1:]
    assert (rules.grace_days, rules.keep_percent) == (1, _RULES.keep_percent)
    assert (rules.may(1, Power.LINKS), rules.may(2, Power.LINKS), rules.may(1, Power.FLAG)) == (False, True, True)
    assert TrustRules.parse('{"mentions_a_day": [0, 1, 2, 3, 4]}').mentions(4) == 4
    assert TrustRules.parse(" ") == _RULES


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"level": {}}',
        '{"levels": {"5": {}}}',
        '{"levels": {"1": {"reads": 3}}}',
        '{"levels": {"1": {"read": -3}}}',
        '{"levels": {"1": {"read": true}}}',
        '{"powers": {"fly": 1}}',
        '{"mentions_a_day": [1, 2]}',
        '{"grace_days": "7"}',
    ],
)
def test_thresholds_that_make_no_sense_are_refused(text: str) -> None:
    """At the start, not when somebody is judged by them."""
    with pytest.raises(ValueError, match=r"^[A-Za-z0-9_ ,.]+$"):
        TrustRules.parse(text)


def test_periods_follow_each_other() -> None:
    """Deeds of a day fall into one of them."""
    assert period_of(_NOW + PERIOD) == period_of(_NOW) + 1
