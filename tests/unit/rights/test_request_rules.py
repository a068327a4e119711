"""Requests: their clock, their states, what officers are told, how a month is counted; links nobody can make."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.text import UNSAID
from server.rights.links import RequestLinks
from server.rights.model import (
    MOVES,
    TERM,
    WAITING,
    WARN_BEFORE,
    Kind,
    Request,
    State,
    Step,
    Warned,
    figures_of,
    warning_due,
)
from server.rights.service import ended

_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
_ID = "0" * 24


def _request(state: State = State.RECEIVED, **more: object) -> Request:
    fields = {"due_at": _AT + TERM, "steps": (Step(State.RECEIVED, _AT),), **more}
    return Request(_ID, Kind.ACCESS, "p", "id", UNSAID, _AT, state, **fields)  # type: ignore[arg-type]  # as given


def test_the_term_is_the_laws() -> None:
    assert timedelta(days=3) == TERM


def test_what_is_ended_moves_nowhere_and_what_waits_can_end_in_every_way() -> None:
    for state in State:
        assert bool(MOVES[state]) is (state in WAITING or state is State.UNCONFIRMED)
    for state in WAITING:
        assert {State.DONE, State.REFUSED, State.WITHDRAWN} <= MOVES[state]
    assert MOVES[State.UNCONFIRMED] == {State.RECEIVED}, "nobody reads, takes or answers what is not confirmed"


@given(seconds=st.integers(0, 6 * 24 * 3600), warned=st.sampled_from(Warned))
def test_officers_are_told_once_of_each_stage(seconds: int, warned: Warned) -> None:
    now = _AT + timedelta(seconds=seconds)
    request = _request(warned=warned)
    told = warning_due(request, now)
    if told is not Warned.NOT:
        assert told > warned
        assert warning_due(replace(request, warned=told), now) is Warned.NOT
    assert (told is Warned.LATE) is (now > _AT + TERM and warned is not Warned.LATE)
    if now < _AT + TERM - WARN_BEFORE:
        assert told is Warned.NOT


@given(after=st.integers(0, 10 * 24 * 3600), later=st.integers(0, 10 * 24 * 3600))
def test_an_answer_in_time_stays_in_time(after: int, later: int) -> None:
    at = _AT + timedelta(seconds=after)
    done = ended(_request(), State.DONE, at)
    assert done.is_late(at + timedelta(seconds=later)) is (at > _AT + TERM)


@pytest.mark.parametrize("state", [State.DONE, State.REFUSED, State.WITHDRAWN])
def test_with_the_end_the_address_is_gone(state: State) -> None:
    assert ended(_request(address="orang@contoh.example"), state, _AT).address == ""


@given(
    ends=st.lists(
        st.tuples(st.sampled_from([State.DONE, State.REFUSED, State.WITHDRAWN, None]), st.integers(0, 144)),
        max_size=30,
    ),
    hours=st.integers(0, 200),
)
def test_each_request_of_a_month_is_counted_at_most_once(ends: list[tuple[State | None, int]], hours: int) -> None:
    requests = [
        _request() if state is None else ended(_request(), state, _AT + timedelta(hours=after)) for state, after in ends
    ]
    now = _AT + timedelta(hours=max([hours, *(after for _, after in ends)]))
    figures = figures_of(requests, now)
    withdrawn = sum(one.state is State.WITHDRAWN for one in requests)
    assert figures.received == len(requests)
    assert figures.answered_in_time + figures.late + figures.open == len(requests) - withdrawn


def test_a_link_leads_to_its_request_and_none_can_be_made_up() -> None:
    links, others = RequestLinks(bytes(32)), RequestLinks(bytes(range(32)))
    token = links.token(_ID)
    assert links.read(token) == _ID
    assert others.read(token) is None
    for place in range(len(token)):
        changed = token[:place] + ("1" if token[place] != "1" else "2") + token[place + 1 :]
        assert links.read(changed) is None


@given(st.text(max_size=80))
def test_any_other_text_is_no_link(text: str) -> None:
    assert RequestLinks(bytes(32)).read(text) is None
