"""The machine of states: what staff and senders may do, and what everybody is told, over any sequence of steps."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.feedback.model import (
    FINISHED,
    MOST_HISTORY,
    SETTLED,
    TRANSITIONS,
    Item,
    Kind,
    Sight,
    State,
    Status,
    Visibility,
    can_comment,
    can_move,
    can_open,
    can_rate,
    can_read,
    can_reopen,
    can_vote,
    status_of,
    why_apart,
)
from server.feedback.ports import Timeless
from server.feedback.steps import moved
from server.kernel.actor import Actor, Role
from server.kernel.text import Numbering, template_of
from server.markup.html import SafeHtml

_AT = datetime(2026, 11, 2, tzinfo=UTC)
_KEPT = {Sight.SHOWN, Sight.HELD, Sight.HIDDEN}
_TEXT = template_of(("Antrean panjang",)).fill(Numbering()).text


def _item(kind: Kind = Kind.SUGGESTION, **fields: Any) -> Item:
    given_fields: dict[str, Any] = {"visibility": Visibility.PUBLIC, "sight": Sight.SHOWN, "author_id": "pemberi"}
    return Item(
        id=fields.pop("id", "a"),
        number=1,
        kind=kind,
        title=_TEXT,
        text=_TEXT,
        hidden=(),
        redactions=(),
        html=SafeHtml(""),
        created_at=_AT,
        changed_at=_AT,
        change=1,
        **{**given_fields, **fields},
    )


def _actor(role: Role, account_id: str = "lain") -> Actor:
    return Actor(account_id, role, "s", "")


@given(st.sampled_from(Kind), st.lists(st.sampled_from(State), max_size=300))
def test_steps_lead_only_where_they_may(kind: Kind, wanted: list[State]) -> None:
    """Whatever staff try: never into `MERGED`, a complaint is never planned, and the history says what happened."""
    item, taken = _item(kind), [State.RECEIVED]
    for place, state in enumerate(wanted):
        if can_move(kind, item.state, state):
            item = moved(item, state, _AT + timedelta(minutes=place), "petugas", Timeless())
            taken.append(state)
    assert item.state is taken[-1]
    assert item.state is not State.MERGED
    assert len(item.history) <= MOST_HISTORY
    last = [step.state for step in item.history[-50:]]
    assert last == taken[1:][-len(last) :] if last else len(taken) == 1
    if kind in {Kind.COMPLAINT, Kind.IMPRESSION}:
        assert State.PLANNED not in taken
    if kind is Kind.COMPLAINT and State.DECLINED in taken:
        assert taken[taken.index(State.DECLINED) - 1] is not State.RECEIVED


@given(st.sampled_from(Kind), st.sampled_from(State))
def test_every_state_is_told_and_has_an_end(kind: Kind, state: State) -> None:
    """Everybody is told something of each; from each that can be reached an end can be reached."""
    assert status_of(state) in Status
    reachable, waiting = {State.RECEIVED}, [State.RECEIVED]
    while waiting:
        for following in TRANSITIONS[kind][waiting.pop()] - reachable:
            reachable.add(following)
            waiting.append(following)
    assert State.CLOSED in reachable
    if state in reachable:
        ends, waiting = {state}, [state]
        while waiting:
            for following in TRANSITIONS[kind][waiting.pop()] - ends:
                ends.add(following)
                waiting.append(following)
        assert ends & FINISHED


@given(st.sampled_from(State), st.booleans(), st.sampled_from(Sight))
def test_a_sender_takes_up_once_what_is_settled(state: State, reopened: bool, sight: Sight) -> None:
    """And rates it; nothing of that for what they took back."""
    item = _item(state=state, reopened=reopened, sight=sight)
    assert can_rate(item) is (state in SETTLED and sight is not Sight.WITHDRAWN)
    assert can_reopen(item) is (can_rate(item) and not reopened)


@given(st.sampled_from(Kind), st.sampled_from(Visibility), st.sampled_from(Sight), st.sampled_from(State))
def test_what_is_private_is_for_sender_and_agents(
    kind: Kind, visibility: Visibility, sight: Sight, state: State
) -> None:
    """For no other role, whatever the kind and the state; and nobody votes for what they can't read."""
    item = _item(kind, visibility=visibility, sight=sight, state=state)
    public = visibility is Visibility.PUBLIC and sight is Sight.SHOWN
    for role in Role:
        reads = can_read(_actor(role), item)
        moderates = role is Role.MODERATOR and visibility is Visibility.PUBLIC
        assert reads is (public or role is Role.AGENT or moderates)
        assert can_read(_actor(role, "pemberi"), item)
        assert not can_vote(_actor(role), item) or (public and kind is Kind.SUGGESTION and role is not Role.VISITOR)
        assert not can_comment(_actor(role), item) or reads
    assert can_read(None, item) is public
    assert not can_vote(None, item)


@given(
    st.sampled_from(Visibility),
    st.sampled_from(Sight),
    st.sampled_from(Role),
    st.sampled_from(["satu", "dua", "tiga"]),
    st.sampled_from(["satu", None]),
    st.sampled_from(["satu", "dua"]),
)
def test_no_file_is_for_everybody(
    visibility: Visibility, sight: Sight, role: Role, who: str, by: str | None, of: str
) -> None:
    """Whatever the item is: for agents, for who sent it and for whose it is, while they may read the item."""
    item, actor = _item(visibility=visibility, sight=sight, author_id="dua"), _actor(role, who)
    opens = can_open(actor, item, by=by, of=of)
    assert opens is (can_read(actor, item) and sight in _KEPT and (role is Role.AGENT or who in {by, of}))
    assert not can_open(None, item, by=by, of=of)
    assert not (opens and who == "tiga" and role is not Role.AGENT)


@given(
    st.tuples(st.sampled_from(Visibility), st.sampled_from(Sight), st.sampled_from(["satu", "dua", None])),
    st.tuples(st.sampled_from(Visibility), st.sampled_from(Sight), st.sampled_from(["satu", "dua", None])),
)
def test_nobody_is_led_to_what_they_may_not_read(one: tuple[Any, Any, Any], other: tuple[Any, Any, Any]) -> None:
    """Whoever may read the source of a merge may read its target."""
    source = _item(id="a", visibility=one[0], sight=one[1], author_id=one[2])
    target = _item(id="b", visibility=other[0], sight=other[1], author_id=other[2])
    if why_apart(source, target):
        return
    for who in ("satu", "dua", "tiga"):
        actor = _actor(Role.CUSTOMER, who)
        assert not can_read(actor, source) or can_read(actor, target)
