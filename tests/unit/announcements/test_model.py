"""Phases of disruptions and planned works, and how a service is because of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.announcements.model import (
    OVER,
    TRANSITIONS,
    Health,
    Impact,
    Phase,
    ServiceEvent,
    Update,
    can_follow,
    health,
)
from server.kernel.text import Numbering, template_of
from server.markup import render

_AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
_TEXT = template_of(("Kasir melambat",)).fill(Numbering()).text


def _event(phase: Phase, impact: Impact | None = None, service: str = "kasir") -> ServiceEvent:
    update = Update(phase, _TEXT, render(_TEXT), "petugas", _AT)
    return ServiceEvent("satu", 1, _TEXT, (service,), impact, _AT, _AT + timedelta(hours=2), (update,))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (_event(Phase.INVESTIGATING, Impact.MINOR), Health.SLOW),
        (_event(Phase.WATCHING, Impact.MAJOR), Health.PARTLY_DOWN),
        (_event(Phase.IDENTIFIED, Impact.CRITICAL), Health.DOWN),
        (_event(Phase.RESOLVED, Impact.CRITICAL), Health.WORKING),
        (_event(Phase.PLANNED), Health.WORKING),
        (_event(Phase.RUNNING), Health.MAINTENANCE),
        (_event(Phase.DONE), Health.WORKING),
        (_event(Phase.INVESTIGATING, Impact.CRITICAL, "laporan"), Health.WORKING),
    ],
)
def test_a_service_is_as_what_goes_on_with_it(event: ServiceEvent, expected: Health) -> None:
    assert health("kasir", [event]) is expected


def test_the_worst_counts() -> None:
    events = [_event(Phase.RUNNING), _event(Phase.INVESTIGATING, Impact.CRITICAL), _event(Phase.WATCHING, Impact.MINOR)]
    assert health("kasir", events) is Health.DOWN


@given(st.sampled_from(Phase), st.lists(st.sampled_from(Phase), max_size=12))
def test_a_disruption_never_becomes_planned_works(start: Phase, asked: list[Phase]) -> None:
    works = {Phase.PLANNED, Phase.RUNNING, Phase.DONE, Phase.CANCELLED}
    now = start
    for phase in asked:
        now = phase if can_follow(now, phase) else now
        assert (now in works) == (start in works)


def test_from_every_phase_there_is_a_way_to_an_end() -> None:
    reachable = set(OVER)
    for _ in Phase:
        reachable |= {phase for phase, next_ones in TRANSITIONS.items() if next_ones & reachable}
    assert reachable == set(Phase)
