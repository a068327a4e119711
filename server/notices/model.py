"""A notice: that something happened which concerns somebody. Free of content by its form: words and ids only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.kernel.events import Event


class Kind(StrEnum):
    """What a notice is about. The words for it are the client's."""

    BREAK_GLASS_OPENED = "break_glass_opened"
    """Somebody opened a conversation that is not theirs; told to its person and to the privacy officers."""
    BREAK_GLASS_ENDED = "break_glass_ended"
    REVIEW_DECIDED = "review_decided"
    """A moderator decided about something that one wrote."""
    REVIEW_RULED = "review_ruled"
    """Another moderator ruled on one's appeal."""
    REVIEW_HIDDEN = "review_hidden"
    """Reports hid something that one wrote until a moderator has looked."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one account.

    Attributes:
        id: opaque; sorts by time.
        account_id: who is told.
        kind: what happened.
        object_type: what it happened to, `conversation`, `break_glass`.
        object_id: which.
        at: aware, UTC.
    """

    id: str
    account_id: str
    kind: Kind
    object_type: str
    object_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeMade(Event):
    """A notice is durable; its account hears of it if somebody is there."""

    notice: Notice
