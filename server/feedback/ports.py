"""What feedback needs of its neighbours, as Protocols, and what holds where a neighbour is absent.

`server.composition.listening` says who fills them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from server.attachments.model import Audience
from server.feedback.model import Comment, Item, Kind, Priority, Proposal, State
from server.kernel.actor import Actor
from server.kernel.attached import Attached
from server.kernel.errors import InvalidInput
from server.kernel.text import RedactedTemplate, RedactedText
from server.people.model import Persona, Standing


class People(Protocol):
    """Who people are in public; `server.people` says what each does."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...
    async def standing(self, actor: Actor) -> Standing: ...
    async def find(self, handle: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Screened:
    """What came of looking at a text that is to be public.

    Attributes:
        refused: it is not taken in.
        held: moderators have to look first.
        reasons: codes.
        censor: makes words unreadable; applied to each piece of the text between its placeholders. Or None.
    """

    refused: bool = False
    held: bool = False
    reasons: tuple[str, ...] = ()
    censor: Callable[[str], str] | None = None


class Screening(Protocol):
    """Looks at texts before they become public."""

    async def screen(
        self, actor: Actor, item_id: str, text: RedactedTemplate, *, opening: bool, edit: bool
    ) -> Screened:
        """Decide about a text."""
        ...

    async def held(self, target_id: str, author_id: str, reasons: Sequence[str]) -> None:
        """A text is stored that moderators are to look at. Called again after a crash: must be safe to repeat."""
        ...


class Images(Protocol):
    """Keeps the images that texts show."""

    async def require_showable(
        self, actor: Actor, attachment_ids: Sequence[str], *, confidential: bool = False
    ) -> None:
        """Insist that somebody may show images in a text of theirs, in public or in confidence. `InvalidInput`."""
        ...

    async def shown(self, owner_id: str, text_id: str, attachment_ids: Sequence[str], audience: Audience) -> None:
        """Take note what a text shows now, and who may read it. Called again after a crash: safe to repeat."""
        ...


class Files(Protocol):
    """Keeps files that are sent with feedback, for its sender and staff alone."""

    def name_of(self, secret: str) -> str:
        """Give the name under which somebody whom nobody is to know brings files; it follows from their secret."""
        ...

    async def claim(self, owner_id: str, key: bytes, file_ids: Sequence[str]) -> tuple[Attached, ...]:
        """Take files for something that their owner is about to give or write. The same `key` again gets the same.

        Raises:
            InvalidInput: `attachment_ids` is `too_many`, or names what is not there, somebody else's, or used already.
        """
        ...

    async def settle(self, item_id: str, file_ids: Sequence[str], person_id: str | None = None) -> None:
        """Let files stand with an item that is durable now. Called again after a crash: safe to repeat.

        Args:
            item_id: with which.
            file_ids: what was claimed.
            person_id: whose they are besides their owners'; None for nobody's.
        """
        ...

    async def remove(self, item_id: str, file_ids: Sequence[str]) -> None:
        """Remove files of an item for good. Safe to repeat."""
        ...


class Fileless:
    """Nobody sends files."""

    def name_of(self, secret: str) -> str:
        """Nobody has a name."""
        return ""

    async def claim(self, owner_id: str, key: bytes, file_ids: Sequence[str]) -> tuple[Attached, ...]:
        """There are none.

        Raises:
            InvalidInput: one is named.
        """
        if file_ids:
            raise InvalidInput(fields={"attachment_ids": "unknown_file"})
        return ()

    async def settle(self, item_id: str, file_ids: Sequence[str], person_id: str | None = None) -> None:
        """There are none."""

    async def remove(self, item_id: str, file_ids: Sequence[str]) -> None:
        """There are none."""


class TriageAway(Exception):
    """Triage could not be asked at the moment; it is to be asked again. Holds no text."""


class Triage(Protocol):
    """Says what a redacted text may be. Works outside of the event loop."""

    async def propose(self, item_id: str, title: RedactedText, text: RedactedText) -> Proposal | None:
        """Propose; None where it has nothing to say. `duplicates` are filled by feedback itself.

        Raises:
            TriageAway: it could not be asked.
        """
        ...


class Abstaining:
    """No triage: proposes nothing."""

    async def propose(self, item_id: str, title: RedactedText, text: RedactedText) -> Proposal | None:
        """Have nothing to say."""
        return None


class ClockKeeper(Protocol):
    """Keeps what is promised for an item (acknowledge, answer, resolve) as a plain document. Pure."""

    def start(self, kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any] | None:
        """Give the clock of a new item; None where nothing is promised for its kind."""
        ...

    def follow(self, clock: Mapping[str, Any], kind: Kind, before: State, to: State, at: datetime) -> Mapping[str, Any]:
        """Give the clock after a change of state: what is met is met, `WAITING` pauses, leaving it goes on."""
        ...

    def reprioritise(self, clock: Mapping[str, Any], kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any]:
        """Give the clock after a change of priority, counted from its beginning."""
        ...

    def due(self, clock: Mapping[str, Any]) -> datetime | None:
        """Give when the next thing that is not met is due; None where none runs. Stored in an indexed field."""
        ...

    def standing(self, clock: Mapping[str, Any], at: datetime) -> str:
        """Say how it stands with what is not met, the worst first: `late`, `warning`, `on_time`; empty without any."""
        ...


class Timeless:
    """No clocks: nothing is promised."""

    def start(self, kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any] | None:
        """Promise nothing."""
        return None

    def follow(self, clock: Mapping[str, Any], kind: Kind, before: State, to: State, at: datetime) -> Mapping[str, Any]:
        """Leave as it is what somebody else began."""
        return clock

    def reprioritise(self, clock: Mapping[str, Any], kind: Kind, priority: Priority, at: datetime) -> Mapping[str, Any]:
        """Leave as it is what somebody else began."""
        return clock

    def due(self, clock: Mapping[str, Any]) -> datetime | None:
        """Nothing is due."""
        return None

    def standing(self, clock: Mapping[str, Any], at: datetime) -> str:
        """Nothing is promised."""
        return ""


class Told(StrEnum):
    """Why somebody is told of an item; also the kinds of notices."""

    STATE = "feedback_state"
    """Something that they sent, voted for or follow has another status."""
    ANSWER = "feedback_answer"
    """The official answer to it was given."""
    COMMENT = "feedback_comment"
    """Somebody wrote under it."""
    MERGED = "feedback_merged"
    """It is part of another now."""
    CHANGELOG = "feedback_changelog"
    """What was changed because of it."""
    ASSIGNED = "feedback_assigned"
    """To staff: it is theirs to handle."""
    DUE = "feedback_due"
    """To staff: a promise about it is about to be missed, or was."""


class Notifier(Protocol):
    """Tells people, without content."""

    async def tell_of_item(self, account_ids: Sequence[str], why: Told, item_id: str) -> None:
        """Tell some accounts of an item. Called again after a crash: may tell twice then."""
        ...


class Announcer(Protocol):
    """Tells other programs what happened. Called again after a crash: may tell twice then."""

    async def of_item(self, item: Item, what: str, detail: str) -> None:
        """Tell of an item, as it stands now; `feedback.announced` says what there is to tell."""
        ...

    async def of_comment(self, item: Item, comment: Comment) -> None:
        """Tell of a comment that is shown."""
        ...


class Unannounced:
    """No program is told."""

    async def of_item(self, item: Item, what: str, detail: str) -> None:
        """Tell none."""

    async def of_comment(self, item: Item, comment: Comment) -> None:
        """Tell none."""


class Silent:
    """Nobody is told."""

    async def tell_of_item(self, account_ids: Sequence[str], why: Told, item_id: str) -> None:
        """Tell nobody."""
