"""Cases: what the desk keeps beside a conversation, and the pure rules about views and lists."""

from enum import StrEnum


class Priority(StrEnum):
    """How urgent a case is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Sort(StrEnum):
    """In which order a list is read."""

    WAITING = "waiting"
    """Whoever waits longest first, then the newest."""
    NEWEST = "newest"
    DUE = "due"
    """What is promised soonest first."""


class Timing(StrEnum):
    """How it stands with a promise."""

    ON_TIME = "on_time"
    WARNING = "warning"
    LATE = "late"
    PAUSED = "paused"
    KEPT = "kept"
    MISSED = "missed"


class Work(StrEnum):
    """What can be done with many cases at once."""

    ASSIGN = "assign"
    RELEASE = "release"
    CLOSE = "close"
    REOPEN = "reopen"
    LABEL = "label"
    UNLABEL = "unlabel"
    PRIORITY = "priority"
    SNOOZE = "snooze"
    WAKE = "wake"


class Availability(StrEnum):
    """Whether an agent takes conversations."""

    AVAILABLE = "available"
    BUSY = "busy"
    """Goes on with their own and gets no new ones by themselves."""
    AWAY = "away"


class Assigning(StrEnum):
    """How a conversation that nobody has finds somebody."""

    BY_HAND = "by_hand"
    ROUND_ROBIN = "round_robin"
    LEAST_LOAD = "least_load"


class StepKind(StrEnum):
    """One thing that a macro does."""

    ANSWER = "answer"
    LABEL = "label"
    UNLABEL = "unlabel"
    PRIORITY = "priority"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    RELEASE = "release"
    CLOSE = "close"


class BuiltIn(StrEnum):
    """Views that everybody has."""

    MINE = "mine"
    MINE_WAITING = "mine_waiting"
    QUEUE = "queue"
    PARTICIPATING = "participating"
    COLLEAGUES = "colleagues"
    SNOOZED = "snoozed"
    CLOSED = "closed"
