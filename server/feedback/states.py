"""Where feedback stands: states, what everybody is told of them, and the ways between them by kind. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What somebody gives."""

    SUGGESTION = "suggestion"
    CRITICISM = "criticism"
    COMPLAINT = "complaint"
    IMPRESSION = "impression"


class State(StrEnum):
    """Where an item stands in its handling."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    """For its sender."""
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"
    """Into another, which `merged_into` names."""


class Status(StrEnum):
    """What everybody is told of a state."""

    OPEN = "open"
    REVIEWING = "reviewing"
    PLANNED = "planned"
    STARTED = "started"
    ANSWERED = "answered"
    DONE = "done"
    DECLINED = "declined"
    MERGED = "merged"


_STATUS: Final[Mapping[State, Status]] = {
    State.RECEIVED: Status.OPEN,
    State.ACKNOWLEDGED: Status.REVIEWING,
    State.PLANNED: Status.PLANNED,
    State.IN_PROGRESS: Status.STARTED,
    State.WAITING: Status.STARTED,
    State.ANSWERED: Status.ANSWERED,
    State.RESOLVED: Status.DONE,
    State.CLOSED: Status.DONE,
    State.DECLINED: Status.DECLINED,
    State.MERGED: Status.MERGED,
}

SETTLED: Final = frozenset({State.ANSWERED, State.RESOLVED, State.CLOSED, State.DECLINED})
"""From where a sender may take an item up again, once, and where they may rate how it was handled."""

FINISHED: Final = frozenset({State.RESOLVED, State.CLOSED, State.DECLINED, State.MERGED})
"""What stands in no inbox any more."""

_S = State
_PROJECT: Final[Mapping[State, frozenset[State]]] = {
    _S.RECEIVED: frozenset({_S.ACKNOWLEDGED, _S.PLANNED, _S.IN_PROGRESS, _S.WAITING, _S.ANSWERED, _S.DECLINED}),
    _S.ACKNOWLEDGED: frozenset({_S.PLANNED, _S.IN_PROGRESS, _S.WAITING, _S.ANSWERED, _S.DECLINED}),
    _S.PLANNED: frozenset({_S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.WAITING, _S.ANSWERED, _S.RESOLVED, _S.DECLINED}),
    _S.IN_PROGRESS: frozenset({_S.PLANNED, _S.WAITING, _S.ANSWERED, _S.RESOLVED, _S.DECLINED}),
    _S.WAITING: frozenset({_S.ACKNOWLEDGED, _S.PLANNED, _S.IN_PROGRESS, _S.ANSWERED, _S.DECLINED, _S.CLOSED}),
    _S.ANSWERED: frozenset({_S.PLANNED, _S.IN_PROGRESS, _S.WAITING, _S.RESOLVED, _S.DECLINED, _S.CLOSED}),
    _S.RESOLVED: frozenset({_S.CLOSED, _S.IN_PROGRESS}),
    _S.DECLINED: frozenset({_S.CLOSED, _S.ACKNOWLEDGED}),
    _S.CLOSED: frozenset({_S.ACKNOWLEDGED}),
    _S.MERGED: frozenset(),
}
_CASE: Final[Mapping[State, frozenset[State]]] = {
    _S.RECEIVED: frozenset({_S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.WAITING, _S.ANSWERED}),
    _S.ACKNOWLEDGED: frozenset({_S.IN_PROGRESS, _S.WAITING, _S.ANSWERED, _S.DECLINED}),
    _S.PLANNED: frozenset(),
    _S.IN_PROGRESS: frozenset({_S.WAITING, _S.ANSWERED, _S.RESOLVED, _S.DECLINED}),
    _S.WAITING: frozenset({_S.IN_PROGRESS, _S.ANSWERED, _S.DECLINED, _S.CLOSED}),
    _S.ANSWERED: frozenset({_S.IN_PROGRESS, _S.WAITING, _S.RESOLVED, _S.CLOSED}),
    _S.RESOLVED: frozenset({_S.CLOSED, _S.IN_PROGRESS}),
    _S.DECLINED: frozenset({_S.CLOSED, _S.ACKNOWLEDGED}),
    _S.CLOSED: frozenset({_S.ACKNOWLEDGED}),
    _S.MERGED: frozenset(),
}
_WORD: Final[Mapping[State, frozenset[State]]] = {
    **{state: frozenset[State]() for state in State},
    _S.RECEIVED: frozenset({_S.ACKNOWLEDGED, _S.ANSWERED, _S.CLOSED}),
    _S.ACKNOWLEDGED: frozenset({_S.ANSWERED, _S.CLOSED}),
    _S.ANSWERED: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset({_S.ACKNOWLEDGED}),
}
TRANSITIONS: Final[Mapping[Kind, Mapping[State, frozenset[State]]]] = {
    Kind.SUGGESTION: _PROJECT,
    Kind.CRITICISM: _PROJECT,
    Kind.COMPLAINT: _CASE,
    Kind.IMPRESSION: _WORD,
}
"""Where staff may take an item. A complaint is a case: it is never planned, and never declined unseen. An impression
wants a word at most. Merging and its undoing, and a sender's taking up again, are ways of their own."""


def status_of(state: State) -> Status:
    """Give what everybody is told of a state."""
    return _STATUS[state]


def can_move(kind: Kind, before: State, to: State) -> bool:
    """Whether staff may take an item of a kind from one state to another."""
    return to in TRANSITIONS[kind][before]
