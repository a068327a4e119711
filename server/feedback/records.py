"""What stands beside items: votes, follows, findings about them, merges on their way, what staff keep. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from server.feedback.model import Item
from server.kernel.text import RedactedText

Ruling = Literal["weighed_out", "counted", "confirmed"]
"""What holds of votes that look like one person's."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An item with what is needed to write into it.

    Attributes:
        item: as stored.
        numbers: `LABEL:digest` -> N.
    """

    item: Item
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pending:
    """An item with consequences that are still to be drawn.

    Attributes:
        item: as stored.
        reasons: why it is held.
        tell: `WHY` or `WHY:ACCOUNT`, who caused it and need not be told.
        version: of what is pending.
    """

    item: Item
    reasons: tuple[str, ...]
    tell: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's vote.

    Attributes:
        item_id: for what.
        account_id: whose.
        at: aware, UTC.
        weight: 1, or 0 where it does not count.
        origin: id of the item that it was given to, where that is another one since merged.
    """

    item_id: str
    account_id: str
    at: datetime
    weight: int = 1
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """What tells voters apart who act as one. Forgotten after a week.

    Attributes:
        item_id: what was voted for.
        account_id: who voted.
        network: keyed digest of where they came from.
        level: their trust then.
        joined_at: when their account was made.
        at: when they voted.
    """

    item_id: str
    account_id: str
    network: str
    level: int
    joined_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Ring:
    """Votes of accounts that look like one person's.

    Attributes:
        id: opaque.
        item_id: for what they voted.
        accounts: which.
        reasons: codes.
        found_at: aware, UTC.
        ruling: `weighed_out` until a moderator says that they are to be `counted`, or `confirmed`.
        ruled_by: which moderator.
        ruled_at: when.
    """

    id: str
    item_id: str
    accounts: tuple[str, ...]
    reasons: tuple[str, ...]
    found_at: datetime
    ruling: Ruling = "weighed_out"
    ruled_by: str | None = None
    ruled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that staff have ready.

    Attributes:
        id: opaque.
        title: what it is for; redacted.
        text: Markdown, redacted.
        by: who wrote it.
        at: when.
    """

    id: str
    title: RedactedText
    text: RedactedText
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list of somebody's of staff.

    Attributes:
        id: opaque.
        account_id: whose.
        name: redacted.
        query: fields of `reading.InboxQuery` that are set, as texts.
        at: when it was made.
    """

    id: str
    account_id: str
    name: RedactedText
    at: datetime
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody of staff says that was proposed otherwise.

    Attributes:
        item_id: about which item.
        task: which guess, one of `model.TASKS`.
        proposed: the model's; None where it abstained.
        chosen: theirs; None for none of those that there are.
        by: account.
        at: when.
    """

    item_id: str
    task: str
    proposed: str | None
    chosen: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge, or its undoing, on its way.

    Attributes:
        source: id of the item that becomes part of another.
        target: of which.
        by: account that asked for it.
        undo: whether it is taken out again.
        at: when.
    """

    source: str
    target: str
    by: str
    undo: bool
    at: datetime
