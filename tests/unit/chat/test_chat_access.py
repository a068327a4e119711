"""Who may do what with a conversation: every role in every relation with every action, against a written table."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from server.chat.model import (
    Action,
    Conversation,
    Status,
    View,
    can,
    can_be_assigned,
    can_open,
    relation_to,
    require,
    rule,
    view_of,
    waiting_after,
)
from server.kernel.actor import Actor, Role
from server.kernel.errors import DomainError, NotFound, NotPermitted

_NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
_ME, _CUSTOMER, _OTHER = "me", "somebody", "another"
_CONVERSATION = Conversation(
    id="c",
    number=1,
    subject=None,
    redactions=(),
    status=Status.OPEN,
    customer_id=_CUSTOMER,
    assignee_id=None,
    last_seq=0,
    last_message_at=None,
    waiting_since=None,
    created_at=_NOW,
)
_SITUATIONS = {
    "mine, nobody has it": replace(_CONVERSATION, customer_id=_ME),
    "mine, somebody has it": replace(_CONVERSATION, customer_id=_ME, assignee_id=_OTHER),
    "nobody has it": _CONVERSATION,
    "I have it": replace(_CONVERSATION, assignee_id=_ME),
    "somebody else has it": replace(_CONVERSATION, assignee_id=_OTHER),
    "I was brought in": replace(_CONVERSATION, assignee_id=_OTHER, participant_ids=frozenset({_ME})),
}
_MINE = "LRPATBCOD"
_LETTERS = {
    "L": Action.LIST,
    "R": Action.READ,
    "P": Action.POST,
    "A": Action.ASSIGN,
    "T": Action.RELEASE,
    "B": Action.BRING_IN,
    "V": Action.LEAVE,
    "G": Action.BREAK_GLASS,
    "C": Action.CLOSE,
    "O": Action.REOPEN,
    "D": Action.REMOVE,
    "S": Action.RATE,
}
# Columns: mine and free, mine and taken, free, mine to answer, somebody else's, brought in. By hand from promise S5.
_EXPECTED = {
    Role.VISITOR: ("LRPS", "LRPS", "", "", "", ""),
    Role.CUSTOMER: ("LRPS", "LRPS", "", "", "", ""),
    Role.AGENT: ("LRPS", "LRPS", "LAG", _MINE, "LG", "LRPV"),
    Role.MODERATOR: ("LRPS", "LRPS", "G", "G", "G", "G"),
    Role.PRIVACY_OFFICER: ("LRPS", "LRPS", "G", "G", "G", "G"),
    Role.ADMIN: ("LRPS", "LRPS", "LATG", "LATG", "LATG", "LATG"),
}
_TABLE = [
    (role, situation, action, action in {_LETTERS[letter] for letter in allowed})
    for role, row in _EXPECTED.items()
    for (situation, allowed) in zip(_SITUATIONS, row, strict=True)
    for action in Action
]


def _actor(role: Role) -> Actor:
    return Actor(_ME, role, "session", "Somebody")


def _name(value: object) -> str:
    return str(value)


def test_the_table_is_complete() -> None:
    """A new role or action has to be decided about here."""
    assert set(_EXPECTED) == set(Role)
    assert set(_LETTERS.values()) == set(Action)
    assert len(_TABLE) == len(Role) * len(_SITUATIONS) * len(Action)


@pytest.mark.parametrize(("role", "situation", "action", "allowed"), _TABLE, ids=_name)
def test_access(role: Role, situation: str, action: Action, allowed: bool) -> None:
    """`can` says what the table says, and `require` insists on the same."""
    actor, conversation = _actor(role), _SITUATIONS[situation]
    assert can(actor, action, conversation) is allowed
    if allowed:
        require(actor, action, conversation)
        return
    # Who may read it hears "not permitted"; to everybody else it does not exist.
    reads = "R" in dict(zip(_SITUATIONS, _EXPECTED[role], strict=True))[situation]
    expected: type[DomainError] = NotPermitted if reads else NotFound
    with pytest.raises(expected):
        require(actor, action, conversation)


@pytest.mark.parametrize(("role", "situation"), list(product(Role, _SITUATIONS)), ids=_name)
def test_a_broken_glass_adds_reading_for_staff(role: Role, situation: str) -> None:
    """Knowing and reading, nothing else, and nothing for anybody who is not of staff."""
    actor, conversation = _actor(role), _SITUATIONS[situation]
    without = {action for action in Action if can(actor, action, conversation)}
    with_it = {action for action in Action if can(actor, action, conversation, glass=True)}
    assert with_it - without <= {Action.LIST, Action.READ}
    assert {Action.LIST, Action.READ} <= with_it or not actor.is_staff
    assert with_it >= without
    assert actor.is_staff or with_it == without
    expected = View.FULL if Action.POST in without else View.READING if actor.is_staff else View.ROW
    assert view_of(actor, conversation, glass=True) is expected
    assert view_of(actor, conversation) is (View.FULL if Action.POST in without else View.ROW)


@pytest.mark.parametrize("action", Action)
def test_what_is_declared_is_the_table(action: Action) -> None:
    """An operation's rule says of each role what the table says of its own conversation and of a colleague's."""
    declared = rule(action)
    for role in Role:
        own = "I have it" if role is Role.AGENT else "mine, somebody has it"
        may_own = can(_actor(role), action, _SITUATIONS[own])
        if role in {Role.VISITOR, Role.CUSTOMER, Role.AGENT}:
            assert (role in declared.own) is may_own
        assert (role in declared.others) is can(_actor(role), action, _SITUATIONS["somebody else has it"])


@pytest.mark.parametrize(("role", "situation"), list(product(Role, _SITUATIONS)), ids=_name)
def test_a_closed_conversation_changes_nothing(role: Role, situation: str) -> None:
    """Whether it is done does not change whose it is."""
    closed = replace(_SITUATIONS[situation], status=Status.CLOSED)
    assert relation_to(_actor(role), closed) is relation_to(_actor(role), _SITUATIONS[situation])


def test_who_begins_and_who_answers() -> None:
    """Those whom support is for begin conversations; agents are given them."""
    assert {role for role in Role if can_open(_actor(role))} == {Role.VISITOR, Role.CUSTOMER}
    assert {role for role in (None, *Role) if can_be_assigned(role)} == {Role.AGENT}


def test_waiting_begins_with_the_customer_and_ends_with_an_answer() -> None:
    """A second message of the customer does not begin the waiting anew."""
    later = _NOW.replace(hour=9)
    assert waiting_after(_CONVERSATION, _CUSTOMER, _NOW) == _NOW
    waiting = replace(_CONVERSATION, waiting_since=_NOW)
    assert waiting_after(waiting, _CUSTOMER, later) == _NOW
    assert waiting_after(waiting, _OTHER, later) is None
