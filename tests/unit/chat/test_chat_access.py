"""Who may do what with a conversation: every role in every relation with every action, against a written table."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from server.chat.model import (
    Action,
    Conversation,
    Status,
    can,
    can_be_assigned,
    can_open,
    relation_to,
    require,
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
}
_EVERYTHING = "LRPACO"
_LETTERS = {
    "L": Action.LIST,
    "R": Action.READ,
    "P": Action.POST,
    "A": Action.ASSIGN,
    "C": Action.CLOSE,
    "O": Action.REOPEN,
}
# Columns: mine and free, mine and taken, free, mine to answer, somebody else's. Written by hand from promise S5.
_EXPECTED = {
    Role.VISITOR: ("LRP", "LRP", "", "", ""),
    Role.CUSTOMER: ("LRP", "LRP", "", "", ""),
    Role.AGENT: ("LRP", "LRP", _EVERYTHING, _EVERYTHING, "L"),
    Role.MODERATOR: ("LRP", "LRP", "", "", ""),
    Role.PRIVACY_OFFICER: ("LRP", "LRP", "", "", ""),
    Role.ADMIN: ("LRP", "LRP", "LA", "LA", "LA"),
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
    # Who may know of it hears "not permitted"; to everybody else it does not exist.
    knows = "L" in dict(zip(_SITUATIONS, _EXPECTED[role], strict=True))[situation]
    expected: type[DomainError] = NotPermitted if knows else NotFound
    with pytest.raises(expected):
        require(actor, action, conversation)


@pytest.mark.parametrize(("role", "situation"), list(product(Role, _SITUATIONS)), ids=_name)
def test_a_closed_conversation_changes_nothing(role: Role, situation: str) -> None:
    """Whether it is done does not change whose it is."""
    closed = replace(_SITUATIONS[situation], status=Status.CLOSED)
    assert relation_to(_actor(role), closed) is relation_to(_actor(role), _SITUATIONS[situation])


def test_who_begins_and_who_answers() -> None:
    """Those whom support is for begin conversations; agents are given them."""
    assert {role for role in Role if can_open(_actor(role))} == {Role.VISITOR, Role.CUSTOMER}
    assert {role for role in Role if can_be_assigned(_actor(role))} == {Role.AGENT}


def test_waiting_begins_with_the_customer_and_ends_with_an_answer() -> None:
    """A second message of the customer does not begin the waiting anew."""
    later = _NOW.replace(hour=9)
    assert waiting_after(_CONVERSATION, _CUSTOMER, _NOW) == _NOW
    waiting = replace(_CONVERSATION, waiting_since=_NOW)
    assert waiting_after(waiting, _CUSTOMER, later) == _NOW
    assert waiting_after(waiting, _OTHER, later) is None
