"""A notice: that something happened which concerns somebody. Free of content by its form: words and ids only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.events import Event

NOTICE_RULE = Rule("notice", own=frozenset(Role))
SUBSCRIPTION_RULE = Rule("push_subscription", own=frozenset(Role) - {Role.VISITOR})


class Kind(StrEnum):
    """What a notice is about. The words for it are the client's."""

    BREAK_GLASS_OPENED = "break_glass_opened"
    """Somebody opened a conversation that is not theirs; told to its person and to the privacy officers."""
    BREAK_GLASS_ENDED = "break_glass_ended"
    CHAT_ANSWER = "chat_answer"
    """Support answered, and they have not read it for a while."""
    FORUM_REPLY = "forum_reply"
    """An answer in a topic of theirs, or one that they follow."""
    FORUM_ANSWER = "forum_answer"
    """An answer to a post of theirs."""
    FORUM_MENTION = "forum_mention"
    FORUM_QUOTE = "forum_quote"
    FORUM_REACTION = "forum_reaction"
    FORUM_ACCEPTED = "forum_accepted"
    """What they wrote solved a topic."""
    FORUM_CONTACT_CLOSED = "forum_contact_closed"
    """A moderator took the contact out that they publish in a post of theirs."""
    FORUM_TOPIC = "forum_topic"
    """A topic began in a category or under a tag that they follow."""
    FEEDBACK_STATE = "feedback_state"
    """Feedback that they sent, voted for or follow has another status."""
    FEEDBACK_ANSWER = "feedback_answer"
    """The company answered it."""
    FEEDBACK_COMMENT = "feedback_comment"
    """Somebody wrote under it."""
    FEEDBACK_MERGED = "feedback_merged"
    """It is part of other feedback now."""
    FEEDBACK_CHANGELOG = "feedback_changelog"
    """Something was changed because of it."""
    FEEDBACK_ASSIGNED = "feedback_assigned"
    """To staff: feedback is theirs to handle."""
    FEEDBACK_DUE = "feedback_due"
    FEEDBACK_LATE = "feedback_late"
    """To staff: a promise about feedback was missed."""
    CASE_DUE = "case_due"
    """To staff: a promise about a conversation is about to be missed."""
    CASE_GIVEN = "case_given"
    """To an agent: a conversation is theirs now."""
    CASE_LATE = "case_late"
    """To staff: a promise about a conversation was missed."""
    WEBHOOK_DISABLED = "webhook_disabled"
    """To administrators: a webhook took nothing for days, or wanted to hear no more."""
    """To staff: a promise about feedback is about to be missed, or was."""
    MODERATION_DECISION = "moderation_decision"
    """Moderators decided about something of theirs."""
    MODERATION_WAITING = "moderation_waiting"
    """Something waits for a moderator."""
    RIGHTS_REQUEST = "rights_request"
    """A request of theirs about their data is further."""
    RIGHTS_REQUEST_NEW = "rights_request_new"
    """To privacy officers: somebody made a request about their data."""
    RIGHTS_REQUEST_DUE = "rights_request_due"
    """To privacy officers: the time to answer one is nearly over."""
    RIGHTS_REQUEST_LATE = "rights_request_late"
    """To privacy officers: one was not answered in time."""
    INCIDENT_OWN = "incident_own"
    """Something happened to data of theirs."""
    INCIDENT_REPORTED = "incident_reported"
    """To privacy officers: something was reported."""
    INCIDENT_DUE = "incident_due"
    """To privacy officers: the law's time to tell of an incident is nearly over."""
    INCIDENT_LATE = "incident_late"
    """To privacy officers: it is over, and not everybody was told."""
    SERVICE_DISRUPTION = "service_disruption"
    """Something is told of a service that they use."""
    SURVEY = "survey"
    """They agreed to be asked, and here is a question."""
    PRODUCT_NEWS = "product_news"
    """They agreed to be told of the products, and here is news."""
    PERMISSION_ASKED = "permission_asked"
    """Somebody asks whether something of theirs may be published."""


class Pace(StrEnum):
    """When a letter tells of something."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


DIGESTS = (Pace.DAILY, Pace.WEEKLY)


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody is told of one kind.

    Attributes:
        in_app: in the list, and live.
        mail: when by mail.
        push: on the devices that they have added.
    """

    in_app: bool = True
    mail: Pace = Pace.OFF
    push: bool = False


DEFAULTS: Mapping[Kind, Choice] = {
    Kind.BREAK_GLASS_OPENED: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.BREAK_GLASS_ENDED: Choice(),
    Kind.CHAT_ANSWER: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.FORUM_REPLY: Choice(mail=Pace.DAILY),
    Kind.FORUM_ANSWER: Choice(mail=Pace.DAILY, push=True),
    Kind.FORUM_MENTION: Choice(mail=Pace.DAILY, push=True),
    Kind.FORUM_QUOTE: Choice(mail=Pace.DAILY, push=True),
    Kind.FORUM_REACTION: Choice(),
    Kind.FORUM_ACCEPTED: Choice(mail=Pace.DAILY),
    Kind.FORUM_CONTACT_CLOSED: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.FORUM_TOPIC: Choice(mail=Pace.WEEKLY),
    Kind.FEEDBACK_STATE: Choice(mail=Pace.DAILY),
    Kind.FEEDBACK_ANSWER: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.FEEDBACK_COMMENT: Choice(mail=Pace.DAILY),
    Kind.FEEDBACK_MERGED: Choice(mail=Pace.DAILY),
    Kind.FEEDBACK_CHANGELOG: Choice(mail=Pace.DAILY),
    Kind.FEEDBACK_ASSIGNED: Choice(),
    Kind.FEEDBACK_DUE: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.FEEDBACK_LATE: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.CASE_DUE: Choice(push=True),
    Kind.CASE_GIVEN: Choice(push=True),
    Kind.CASE_LATE: Choice(push=True),
    Kind.WEBHOOK_DISABLED: Choice(mail=Pace.IMMEDIATE),
    Kind.MODERATION_DECISION: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.MODERATION_WAITING: Choice(mail=Pace.DAILY, push=True),
    Kind.RIGHTS_REQUEST: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.RIGHTS_REQUEST_NEW: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.RIGHTS_REQUEST_DUE: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.RIGHTS_REQUEST_LATE: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.INCIDENT_OWN: Choice(push=True),
    Kind.INCIDENT_REPORTED: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.INCIDENT_DUE: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.INCIDENT_LATE: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.SERVICE_DISRUPTION: Choice(mail=Pace.IMMEDIATE, push=True),
    Kind.SURVEY: Choice(),
    Kind.PRODUCT_NEWS: Choice(),
    Kind.PERMISSION_ASKED: Choice(mail=Pace.IMMEDIATE),
}
"""What holds until somebody chooses otherwise: no letter but once a day at most, save where a person's rights are
concerned. Push reaches only devices that the person has added."""

LOCKED = frozenset({Kind.BREAK_GLASS_OPENED, Kind.BREAK_GLASS_ENDED})
"""Who looked at what is a person's own, they are always told; mail included."""

_BY_TOPIC = frozenset({Kind.FORUM_REPLY})
_COUNTED = frozenset({Kind.FORUM_REPLY, Kind.FORUM_REACTION, Kind.MODERATION_WAITING})
WAVES = frozenset({Kind.MODERATION_WAITING})
"""Of these only the first that is not read wakes anybody; what comes until then is counted in its place, and in the
next digest. Who has them in no list is told by digests alone."""

_POST = "post"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one account.

    Attributes:
        id: opaque; sorts by time.
        account_id: who is told.
        kind: what happened.
        object_type: what it happened to, `conversation`, `break_glass`, `post`.
        object_id: which; of several that are told of at once, the first.
        at: aware, UTC; of several, the last.
        count: how many this stands for.
        read: whether it has been seen.
        last_object: the last of several.
    """

    id: str
    account_id: str
    kind: Kind
    object_type: str
    object_id: str
    at: datetime
    count: int = 1
    read: bool = False
    last_object: str = ""

    @property
    def group(self) -> str:
        """What notices have in common that are one as long as nobody has read them; empty for those apart."""
        return group_of(self.kind, self.object_type, self.object_id)


def group_of(kind: Kind, object_type: str, object_id: str) -> str:
    """Give the group of a notice; empty where each stands for itself."""
    if kind in LOCKED:
        return ""
    whole = object_id.rpartition(".")[0] if kind in _BY_TOPIC and object_type == _POST else object_id
    return f"{kind.value} {object_type} {'' if kind is Kind.MODERATION_WAITING else whole}"


def joined(earlier: Notice, notice: Notice) -> Notice | None:
    """Give the one notice that stands for both, or None where the later says nothing new (it was told again)."""
    if notice.object_id in {earlier.object_id, earlier.last_object} and notice.kind is not Kind.FORUM_REACTION:
        return None
    return Notice(
        notice.id,
        notice.account_id,
        notice.kind,
        notice.object_type,
        earlier.object_id,
        notice.at,
        earlier.count + 1 if notice.kind in _COUNTED else 1,
        last_object=notice.object_id,
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody has not read, and how they want to be told.

    Attributes:
        account_id: whose.
        unread: how many notices they have not seen.
        read_up_to: id of the notice up to which all count as read.
        choices: where they chose otherwise than by default.
        pending: pace -> how many notices wait for the next letter of that pace.
        due: pace -> when it is sent.
        sending: letter id of one that is being put into the mail queue, by pace.
    """

    account_id: str
    unread: int = 0
    read_up_to: str = ""
    choices: Mapping[Kind, Choice] = field(default_factory=dict)
    pending: Mapping[Pace, int] = field(default_factory=dict)
    due: Mapping[Pace, datetime] = field(default_factory=dict)
    sending: Mapping[Pace, str] = field(default_factory=dict)

    def choice(self, kind: Kind) -> Choice:
        """Give how they are told of a kind."""
        default = DEFAULTS[kind]
        chosen = self.choices.get(kind, default)
        return Choice(True, default.mail, chosen.push) if kind in LOCKED else chosen

    def is_read(self, notice: Notice) -> bool:
        """Whether they have seen a notice."""
        return notice.read or notice.id <= self.read_up_to


@dataclass(frozen=True, slots=True)
class NoticeMade(Event):
    """A notice is durable; its account hears of it if somebody is there.

    Attributes:
        notice: it.
        unread: how many the account has not seen now.
    """

    notice: Notice
    unread: int = 0


@dataclass(frozen=True, slots=True)
class NoticesRead(Event):
    """Somebody has read notices: their other windows show it too."""

    account_id: str
    unread: int
