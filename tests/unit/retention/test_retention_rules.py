"""Every collection has a rule, every rule has words and a setting that there is; when a run is due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.composition.opening import COLLECTIONS
from server.config import Settings, SettingsError
from server.kernel.retention import RetentionRule
from server.retention.model import NIGHT, OVERDUE, Line, RunReport, is_due, night_before, times_of, uncovered
from server.web.catalogue import LOCALES, Catalogues
from tests.harness.retaining import rules_of

_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds)
_ENDED_BY = frozenset({"person", "staff", "whole", "never"})
_WORDS = _ENDED_BY | {"made", "ending", "last_used", "lifted", "unused", "closed", "taken_back"}


def test_every_collection_has_a_rule() -> None:
    assert uncovered(rules_of(Settings()), [spec.name for spec in COLLECTIONS]) == {}


def test_what_lacks_a_rule_is_found() -> None:
    rules = rules_of(Settings())
    names = [spec.name for spec in COLLECTIONS]
    assert uncovered(rules, [*names, "new_things"]) == {"new_things": "no rule"}
    assert uncovered([*rules, rules[0]], names) == {rules[0].name: "twice"}
    assert uncovered(rules, [name for name in names if name != "notices"]) == {"notices": "no such collection"}


def test_every_rule_has_words_and_says_what_ends_it() -> None:
    catalogues = Catalogues.load()
    for rule in rules_of(Settings()):
        assert rule.since in _WORDS
        assert (rule.keep is None) == (rule.since in _ENDED_BY), rule.name
        for locale in LOCALES:
            keys = catalogues.keys(locale)
            assert {f"retention.rule.{rule.name}", f"retention.since.{rule.since}", f"held_for.{rule.purpose}"} <= keys


def test_every_setting_that_a_rule_names_is_there() -> None:
    known = {variable for variable, *_ in Settings().described()}
    assert {rule.setting for rule in rules_of(Settings()) if rule.setting} <= known


def test_the_operator_sets_times() -> None:
    rules = rules_of(Settings(retention='{"conversation:closed": 90, "notice": 30}'))
    kept = {rule.name: rule.keep for rule in rules}
    assert (kept["conversation:closed"], kept["notice"]) == (timedelta(days=90), timedelta(days=30))
    assert kept["conversation:visitor"] == timedelta(days=180)


@pytest.mark.parametrize("setting", ["{", "[]", '{"notice": 0}', '{"notice": true}', '{"notice": "7"}'])
def test_times_that_are_none_are_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|for how many days"):
        times_of(setting)
    with pytest.raises(SettingsError, match="AMANAH_RETENTION"):
        Settings.from_environment({"AMANAH_RETENTION": setting})


def test_a_rule_that_has_no_time_can_t_be_set() -> None:
    with pytest.raises(ValueError, match="consent"):
        rules_of(Settings(retention='{"consent": 30}'))


@given(_MOMENTS)
def test_the_last_night_began_within_a_day_at_one_in_jakarta(now: datetime) -> None:
    night = night_before(now)
    assert timedelta() <= now - night < timedelta(days=1)
    assert night.astimezone(ZoneInfo("Asia/Jakarta")).time() == time(1)


@given(_MOMENTS, st.timedeltas(timedelta(), timedelta(days=10)))
def test_a_run_is_due_once_a_night_and_never_left_out_for_long(now: datetime, ago: timedelta) -> None:
    last = now - ago
    if is_due(now, last):
        assert last < night_before(now)
        assert now - night_before(now) < NIGHT or ago >= OVERDUE
        assert not is_due(now, now)
    else:
        assert ago < OVERDUE
    assert is_due(now, None)


@given(_MOMENTS, st.timedeltas(timedelta(hours=2), timedelta(days=4_000)))
def test_a_run_of_a_wrong_clock_keeps_nothing_from_being_removed(now: datetime, ahead: timedelta) -> None:
    assert is_due(now, now + ahead)
    assert not is_due(now, now)


def test_a_report_proves_only_what_was_counted_after_all_was_done() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    done = RunReport("r", "system", dry=False, began_at=at, ended_at=at, lines=(Line("notice", gone=3, held=2),))
    assert done.proven
    assert (done.gone, done.held, done.overdue) == (3, 2, 0)
    for line in (Line("notice", overdue=1), Line("notice", failed=True)):
        assert not RunReport("r", "system", dry=False, began_at=at, ended_at=at, lines=(line,)).proven
    assert not RunReport("r", "system", dry=True, began_at=at, ended_at=at).proven
    assert not RunReport("r", "system", dry=False, began_at=at).proven


def test_rules_without_a_time_keep_nothing_overdue() -> None:
    assert all(
        isinstance(rule, RetentionRule) and (rule.keep is None or rule.keep >= timedelta())
        for rule in rules_of(Settings())
    )
