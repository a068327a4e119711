"""What kinds of notices belong together, and which ones are told to staff alone. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from server.notices.model import Kind


class Section(StrEnum):
    """Part of the product that notices come from; the headings under which one chooses."""

    CHAT = "chat"
    FORUM = "forum"
    FEEDBACK = "feedback"
    DATA = "data"
    """One's own data: who looked, what was asked for, what happened to it."""
    NEWS = "news"
    WORK = "work"
    """What only staff are told."""


KINDS: Mapping[Section, Sequence[Kind]] = {
    Section.CHAT: (Kind.CHAT_ANSWER,),
    Section.FORUM: (
        Kind.FORUM_ANSWER,
        Kind.FORUM_MENTION,
        Kind.FORUM_QUOTE,
        Kind.FORUM_REPLY,
        Kind.FORUM_TOPIC,
        Kind.FORUM_REACTION,
        Kind.FORUM_ACCEPTED,
        Kind.FORUM_CONTACT_CLOSED,
        Kind.MODERATION_DECISION,
    ),
    Section.FEEDBACK: (
        Kind.FEEDBACK_ANSWER,
        Kind.FEEDBACK_STATE,
        Kind.FEEDBACK_COMMENT,
        Kind.FEEDBACK_MERGED,
        Kind.FEEDBACK_CHANGELOG,
    ),
    Section.DATA: (
        Kind.BREAK_GLASS_OPENED,
        Kind.BREAK_GLASS_ENDED,
        Kind.RIGHTS_REQUEST,
        Kind.PERMISSION_ASKED,
        Kind.INCIDENT_OWN,
    ),
    Section.NEWS: (Kind.SERVICE_DISRUPTION, Kind.SURVEY, Kind.PRODUCT_NEWS),
    Section.WORK: (
        Kind.CASE_GIVEN,
        Kind.CASE_DUE,
        Kind.CASE_LATE,
        Kind.FEEDBACK_ASSIGNED,
        Kind.FEEDBACK_DUE,
        Kind.FEEDBACK_LATE,
        Kind.MODERATION_WAITING,
        Kind.RIGHTS_REQUEST_NEW,
        Kind.RIGHTS_REQUEST_DUE,
        Kind.RIGHTS_REQUEST_LATE,
        Kind.INCIDENT_REPORTED,
        Kind.INCIDENT_DUE,
        Kind.INCIDENT_LATE,
        Kind.WEBHOOK_DISABLED,
    ),
}
"""Every kind, once, in the order in which they are shown."""

_SECTIONS: Mapping[Kind, Section] = {kind: section for section, kinds in KINDS.items() for kind in kinds}


def section_of(kind: Kind) -> Section:
    """Give the part of the product that a kind comes from."""
    return _SECTIONS[kind]


def kinds_for(*, staff: bool) -> Iterator[Kind]:
    """Give the kinds that somebody may be told of, those of one section side by side."""
    return (kind for kind, section in _SECTIONS.items() if staff or section is not Section.WORK)
