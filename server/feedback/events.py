"""What happens to feedback. Told after it is durable; a crash may swallow it, so nothing may rest on it alone."""

from dataclasses import dataclass

from server.feedback.model import Comment, Item, State
from server.kernel.events import Event


@dataclass(frozen=True, slots=True)
class FeedbackGiven(Event):
    """An item was taken in; look at its `sight` and `visibility` before showing anything of it."""

    item: Item


@dataclass(frozen=True, slots=True)
class FeedbackShown(Event):
    """Whether an item is to be seen changed: released, hidden, withdrawn."""

    item: Item


@dataclass(frozen=True, slots=True)
class FeedbackChanged(Event):
    """Something about an item changed.

    Attributes:
        item: as it is now.
        before: its state before; the same as now where something else changed.
        by: account that did it; None for who sent it without one.
    """

    item: Item
    before: State
    by: str | None


@dataclass(frozen=True, slots=True)
class FeedbackAnswered(Event):
    """The official answer was given or changed."""

    item: Item
    by: str


@dataclass(frozen=True, slots=True)
class FeedbackVoted(Event):
    """Somebody voted, or took it back.

    Attributes:
        item: with its counts.
        account_id: who.
        given: False when it was taken back.
    """

    item: Item
    account_id: str
    given: bool


@dataclass(frozen=True, slots=True)
class FeedbackCommented(Event):
    """A comment is shown, or a note of staff's was written."""

    item: Item
    comment: Comment


@dataclass(frozen=True, slots=True)
class FeedbackMerged(Event):
    """An item became part of another, or was taken out again.

    Attributes:
        source: as it is now.
        target: likewise.
        undone: whether it was taken out.
    """

    source: Item
    target: Item
    undone: bool = False


@dataclass(frozen=True, slots=True)
class FeedbackRated(Event):
    """A sender said how they found the handling."""

    item: Item


@dataclass(frozen=True, slots=True)
class FeedbackPublished(Event):
    """What was changed because of an item was told to everybody."""

    item: Item
