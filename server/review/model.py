"""Review items, reports and sanctions, and what the capability needs of those whose texts it reviews. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from moderation.queue import WAITING, Case, State
from moderation.trust import Deed
from server.kernel.access import Rule
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict
from server.kernel.text import RawText, RedactedText, Redaction
from server.markup.html import SafeHtml
from server.notices.model import Kind
from server.people.model import Persona, Standing

MAX_NOTE: Final = 1_000
"""Code points of a note, a report or an appeal."""


class Category(StrEnum):
    """What is wrong with a text: what reporters say, and what moderators give as the reason."""

    SPAM = "spam"
    SCAM = "scam"
    ABUSE = "abuse"
    PERSONAL_DATA = "personal_data"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


URGENT: Final = frozenset({Category.SCAM, Category.PERSONAL_DATA})
"""What harms with each minute that it stands."""

UNWANTED: Final = frozenset({Category.SPAM, Category.SCAM})
"""What the classifier learns from."""


class Phase(StrEnum):
    """Which of the desk's lists an item stands in."""

    WAITING = "waiting"
    APPEALED = "appealed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Note:
    """Words of somebody, redacted.

    Attributes:
        text: what they say.
        redactions: the placeholders in it.
    """

    text: RedactedText
    redactions: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One person's report of one thing.

    Attributes:
        target_type: what is reported, `post`.
        target_id: which.
        reporter_id: who reports it.
        category: what is said to be wrong.
        note: in their words.
        weight: what it weighed when it was made.
        revision: of the text that was reported.
        at: when.
    """

    target_type: str
    target_id: str
    reporter_id: str
    category: Category
    note: Note | None
    weight: float
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be decided.

    Attributes:
        id: opaque; sorts by time.
        target_type: what it is about.
        target_id: which.
        case: where it stands, and who did what.
        reasons: why it is here: names of signals and `flag_CATEGORY`.
        revision: of the text: of the one that was decided about, before that of the one that came here.
        created_at: when that was.
        weight: of all reports together.
        auto_hidden: whether reports alone took the text away for the time being.
        category: the moderator's reason.
        note: the moderator's words to the author.
        until: when the sanction ends.
        appeal: the author's words.
        ruling_note: the words of who ruled on it.
        lesson: what the classifier learnt from it: "spam", "ham" or nothing.
        version: rises with each change; of two who change one version, one wins.
        settled: whether everything that follows from the state has been done.
    """

    id: str
    target_type: str
    target_id: str
    case: Case
    reasons: tuple[str, ...]
    revision: int
    created_at: datetime
    weight: float = 0.0
    auto_hidden: bool = False
    category: Category | None = None
    note: Note | None = None
    until: datetime | None = None
    appeal: Note | None = None
    ruling_note: Note | None = None
    lesson: str = ""
    version: int = 0
    settled: bool = True

    @property
    def phase(self) -> Phase:
        """The list that it stands in."""
        if self.case.state in WAITING:
            return Phase.WAITING
        return Phase.APPEALED if self.case.state is State.APPEALED else Phase.DONE

    @property
    def target(self) -> str:
        """What it is about, in one word."""
        return f"{self.target_type}:{self.target_id}"


class SanctionKind(StrEnum):
    """What is done about a person."""

    WARN = "warn"
    SILENCE = "silence"
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class Sanction:
    """One sanction.

    Attributes:
        item_id: the decision that it comes from.
        kind: what it is.
        at: since when.
        until: when it ends; None for a warning.
        lifted: whether an appeal ended it.
    """

    item_id: str
    kind: SanctionKind
    at: datetime
    until: datetime | None = None
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Sanctioned:
    """What stands against an account now.

    Attributes:
        warnings: how many.
        silenced_until: may not write until then, or None.
        suspended_until: is kept out until then, or None.
    """

    warnings: int = 0
    silenced_until: datetime | None = None
    suspended_until: datetime | None = None

    @property
    def may_write(self) -> bool:
        """Whether neither silenced nor suspended."""
        return self.silenced_until is None and self.suspended_until is None


def standing_of(sanctions: Sequence[Sanction], now: datetime) -> Sanctioned:
    """Give what stands at a moment."""
    alive = [item for item in sanctions if not item.lifted]

    def latest(kind: SanctionKind) -> datetime | None:
        ends = [item.until for item in alive if item.kind is kind and item.until is not None]
        return max((end for end in ends if end > now), default=None)

    warnings = sum(item.kind is SanctionKind.WARN for item in alive)
    return Sanctioned(warnings, latest(SanctionKind.SILENCE), latest(SanctionKind.SUSPEND))


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often moderators agreed with somebody's reports."""

    agreed: int = 0
    disagreed: int = 0


@dataclass(frozen=True, slots=True)
class ReviewSubject:
    """What a review item is about, as its capability knows it.

    Attributes:
        target_id: which.
        author_id: who wrote it.
        text: redacted; with a title, that first.
        html: as it is shown.
        url: path of the place where it stands.
        state: in the words of its capability, `held`, `published`, `hidden`, ...
        is_public: whether it is to be seen by readers.
        is_held: whether it waits and was never to be seen.
        created_at: when it was written.
        revision: rises with each change of the text.
    """

    target_id: str
    author_id: str
    text: RedactedText
    html: SafeHtml
    url: str
    state: str
    is_public: bool
    is_held: bool
    created_at: datetime
    revision: int = 0


class Reviewable(Protocol):
    """A kind of text that can be reviewed. Each step is harmless when repeated.

    A step that names a revision is taken about that text and no other: comparing and writing are one. Where the text is
    another one it raises `outdated`.
    """

    async def find(self, target_id: str) -> ReviewSubject | None:
        """Give it, whatever its state; None where there is none (any more)."""
        ...

    async def may_read(self, actor: Actor, target_id: str) -> bool:
        """Whether somebody can see it where it stands now."""
        ...

    async def publish(self, target_id: str, *, revision: int | None = None) -> None:
        """Show it, held or hidden before."""
        ...

    async def hide(self, target_id: str, *, revision: int | None = None) -> None:
        """Take it away from readers; its author and moderators still see it."""
        ...

    async def reject(self, target_id: str, *, revision: int | None = None) -> None:
        """Never publish what was held."""
        ...

    async def rewrite(self, target_id: str, text: RawText, editor: Actor, *, revision: int | None = None) -> int:
        """Change its text, through the gate, without changing whether it is shown; give the revision of the new one."""
        ...


def outdated() -> Conflict:
    """What is raised where a text is another one than the one that was looked at."""
    return Conflict(fields={"revision": "outdated"})


def is_outdated(conflict: Conflict) -> bool:
    """Whether that is what was raised."""
    return "revision" in conflict.fields


class People(Protocol):
    """Who people are in public, and what their conduct lets them do; `server.people` says what each does."""

    async def personas(self, account_ids: Iterable[str]) -> dict[str, Persona]: ...
    async def standing(self, actor: Actor) -> Standing: ...
    async def silence(self, account_id: str, until: datetime | None) -> None: ...
    async def suspend(self, account_id: str, until: datetime | None) -> None: ...
    def count(self, account_id: str, deed: Deed, count: int = 1) -> None: ...


class Teller(Protocol):
    """Tells people; `server.notices` says how."""

    async def tell(self, account_ids: Sequence[str], kind: Kind, object_type: str, object_id: str) -> None: ...


class Endings(Protocol):
    """Ends sessions."""

    async def end_all(self, account_id: str, *, but: str = "") -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A public figure.

    Attributes:
        month: `YYYY-MM`.
        what: `decision_hide`, `flag_spam`, `appeal_upheld`, ...
        count: how often; None where it is more than none and below the smallest group.
    """

    month: str
    what: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Decisive:
    """What a moderator says with a decision.

    Attributes:
        category: what is wrong with it.
        note: words to the author; None for none.
        days: how long a sanction lasts; None for the policy's own.
        text: the text as it is to be shown, for an edit.
        revision: of the text that they saw; None where nobody says.
    """

    category: Category = Category.OTHER
    note: RawText | None = field(default=None, repr=False)
    days: int | None = None
    text: RawText | None = field(default=None, repr=False)
    revision: int | None = None


_MODERATORS: Final = frozenset({Role.MODERATOR})
_MEMBERS: Final = frozenset(Role) - {Role.VISITOR}

REVIEW_RULE: Final = Rule("review_item", own=frozenset(), others=_MODERATORS)
"""A moderator's steps: never about one's own text."""

APPEAL_RULE: Final = Rule("review_item", own=_MEMBERS)
"""The author's steps; for others there is no such thing."""
