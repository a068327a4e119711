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
    UNWRITE = "unwrite"
    """Take back a comment."""
    HANDLE = "handle"
    RULE = "rule"
    """On votes that look like one person's."""
    CANNED = "canned"
    VIEW = "view"


_MEMBERS = frozenset(Role) - {Role.VISITOR}
_AGENTS = frozenset({Role.AGENT})
_MODERATORS = frozenset({Role.MODERATOR})
_RULES: Final[Mapping[Action, Rule]] = {
    Action.READ: Rule("private_feedback", own=frozenset(Role), others=_AGENTS),
    Action.VOTE: Rule("suggestion", own=_MEMBERS, others=_MEMBERS),
    Action.FOLLOW: Rule("suggestion", own=_MEMBERS, others=_MEMBERS),
    Action.COMMENT: Rule("private_feedback", own=frozenset(Role), others=_AGENTS),
    Action.SEND: Rule("private_feedback", own=frozenset(Role)),
    Action.UNWRITE: Rule("feedback_comment", own=frozenset(Role), known=True),
    Action.HANDLE: Rule("private_feedback", own=_AGENTS, others=_AGENTS),
    Action.RULE: Rule("vote_ring", own=_MODERATORS, others=_MODERATORS),
    Action.CANNED: Rule("canned_answer", own=_AGENTS, others=_AGENTS),
    Action.VIEW: Rule("saved_view", own=_AGENTS),
}


def rule(action: Action) -> Rule:
    """Give the table's column for one action, as endpoints declare it."""
    return _RULES[action]
