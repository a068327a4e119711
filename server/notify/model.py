"""Letters, the queue's entries, and when they are tried again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LETTERS = (
    "verify",
    "reset",
    "change",
    "change_announced",
    "address_taken",
    "address_changed",
    "password_changed",
    "factor_added",
    "factor_removed",
    "new_device",
    "break_glass_opened",
    "notice",
    "chat_answer",
    "erasure_asked",
    "erasure_cancelled",
    "transcript",
    "digest_daily",
    "digest_weekly",
    "survey",
    "news",
    "guardian",
    "incident",
    "request_confirm",
    "request_step",
)
"""Every letter there is; the catalogues have a subject and a text for each."""

PURPOSES: Mapping[str, str] = {"survey": "research", "news": "marketing"}
"""letter -> the use of data that a person must agree to at the moment when it goes out; the others need no consent.
Why they need none is recorded in `privacy.uses.LETTERS`, which has to name every letter."""

_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(days=2)
"""A letter that could not be handed over for so long is dropped; the links in it have run out by then."""


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter to be put into the queue. `repr` shows neither address nor values.

    Attributes:
        account_id: whom it is about.
        to: the address.
        locale: `id` or `en`.
        values: for the text.
        id: of the letter, where the same is not to wait twice; empty for a new one.
    """

    account_id: str
    to: str = field(repr=False)
    locale: str
    values: Mapping[str, str] = field(repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class QueuedLetter:
    """A letter that waits. `repr` shows neither address nor values.

    Attributes:
        id: opaque; also in the `Message-ID`, so that a letter which goes out twice is seen to be one.
        letter: one of `LETTERS`.
        account_id: whom it is about.
        to: the address.
        locale: `id` or `en`.
        values: for the text.
        created_at: when it was put into the queue.
        due_at: when it is tried next.
        attempts: how often it was tried.
    """

    id: str
    letter: str
    account_id: str
    to: str = field(repr=False)
    locale: str
    values: Mapping[str, str] = field(repr=False)
    created_at: datetime
    due_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in words, for one person. `repr` shows none of it.

    Attributes:
        id: of the queue's entry.
        to: the address.
        locale: language it is in.
        subject: one line.
        text: as plain text.
        html: the same as HTML.
        unsubscribe: address that stops such letters, by a request that needs nothing else (RFC 8058); or empty.
    """

    id: str
    to: str = field(repr=False)
    locale: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    unsubscribe: str = field(default="", repr=False)


def pause_after(attempts: int) -> timedelta:
    """Give how long to wait after so many attempts: twice as long each time, two hours at most."""
    doublings = min(max(attempts - 1, 0), 16)
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << doublings))


def is_hopeless(queued: QueuedLetter, now: datetime) -> bool:
    """Whether a letter has waited so long that it is dropped."""
    return now - queued.created_at >= GIVEN_UP_AFTER
