"""The table of who may do what with feedback, as endpoints declare it. Pure; the rules about items are `model`'s."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from server.kernel.access import Rule
from server.kernel.actor import Role


class Action(StrEnum):
    """What somebody may want to do."""

    READ = "read"
    VOTE = "vote"
    FOLLOW = "follow"
    COMMENT = "comment"
    SEND = "send"
    """What is the sender's only: take up again, rate, withdraw."""
    HANDLE = "handle"


_MEMBERS = frozenset(Role) - {Role.VISITOR}
_AGENTS = frozenset({Role.AGENT})
_RULES: Final[Mapping[Action, Rule]] = {
    Action.READ: Rule("private_feedback", own=frozenset(Role), others=_AGENTS),
    Action.VOTE: Rule("suggestion", own=_MEMBERS, others=_MEMBERS),
    Action.FOLLOW: Rule("suggestion", own=_MEMBERS, others=_MEMBERS),
    Action.COMMENT: Rule("private_feedback", own=frozenset(Role), others=_AGENTS),
    Action.SEND: Rule("settled_feedback", own=frozenset(Role)),
    Action.HANDLE: Rule("private_feedback", own=_AGENTS, others=_AGENTS),
}


def rule(action: Action) -> Rule:
    """Give the table's column for one action, as endpoints declare it."""
    return _RULES[action]
