"""What a file is that somebody sent, and the pure rules about it.

Files stand in circles: of a conversation those who take part in it, of feedback its sender and whoever handles it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from server.kernel.actor import Actor
from server.kernel.attached import Attached
from server.kernel.text import RedactedText

KEPT_UNSENT: Final = timedelta(hours=1)
"""How long an uploaded file waits for the message, or the feedback, that it goes with."""

MOST_WAITING: Final = 20
"""Files of one person that wait for their messages."""

LINK_LASTS: Final = timedelta(minutes=5)
SEALED_LINK_LASTS: Final = timedelta(minutes=1)
"""How long a link works: long enough to begin to load what is on the screen."""

MIB: Final = 1024 * 1024

ANONYMOUS: Final = "anonymous"
LEAST_SECRET: Final = 16
_UNKNOWN: Final = "unknown."
_UNKNOWN_LETTERS: Final = 32


class Family(StrEnum):
    """What a file is as far as its first bytes tell."""

    IMAGE = "image"
    PDF = "pdf"
    OFFICE = "office"
    TEXT = "text"


ENDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/webp": "webp",
        "application/pdf": "pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
        "application/vnd.oasis.opendocument.text": "odt",
        "application/vnd.oasis.opendocument.spreadsheet": "ods",
        "text/plain": "txt",
        "text/csv": "csv",
    }
)
"""Every media type that is kept -> the ending of names."""


class Sealing(StrEnum):
    """Why a file is sealed."""

    SENDER = "sender"
    """The sender says that it shows what identifies somebody."""
    NAME = "name"
    """Its name does."""
    FOUND = "found"
    """The gate found identifiers in it."""
    UNREAD = "unread"
    """Nobody can read it: a scan, or a picture within a document."""


class State(StrEnum):
    """How far a file has come."""

    UPLOADED = "uploaded"
    CLAIMED = "claimed"
    """For a message that is being written."""
    POSTED = "posted"


@dataclass(frozen=True, slots=True)
class Sizes:
    """The largest file that is taken, by what it is; in bytes."""

    image: int = 8 * MIB
    document: int = 10 * MIB
    text: int = 256 * 1024

    def most(self, family: Family) -> int:
        """Give the largest of a kind."""
        if family is Family.IMAGE:
            return self.image
        return self.text if family is Family.TEXT else self.document

    @property
    def largest(self) -> int:
        """The largest of any kind."""
        return max(self.image, self.document, self.text)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is kept, without its content.

    Attributes:
        id: opaque.
        circle_id: who opens it (`circles`).
        person_id: the customer, under whose key it is.
        owner_id: who uploaded it; one of `unknown` where nobody knows.
        made_at: aware, UTC.
        name: has passed the gate.
        media_type: one of `ENDINGS`.
        size: of the content, in bytes.
        picture: width and height of an image, in pixels.
        small: bytes of the small form; 0 without one.
        sealing: why it is sealed, or None.
        key: the file's own key, sealed for the person.
        state: how far it has come.
        message_key: the sender's id of the message that claimed it.
        waiting_since: since when it waits for its message to be written; None when it is.
    """

    id: str
    circle_id: str
    person_id: str
    owner_id: str
    made_at: datetime
    name: RedactedText
    media_type: str
    size: int
    picture: tuple[int, int] | None
    small: int
    sealing: Sealing | None
    key: bytes
    state: State = State.UPLOADED
    message_key: str | None = None
    waiting_since: datetime | None = None

    @property
    def attached(self) -> Attached:
        """What a message shows of it."""
        width, height = self.picture or (None, None)
        return Attached(
            id=self.id,
            name=self.name,
            media_type=self.media_type,
            size=self.size,
            width=width,
            height=height,
            thumbnail=self.small > 0,
            sealed=self.sealing is not None,
        )


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file after everything was left behind that nobody needs.

    Attributes:
        media_type: one of `ENDINGS`.
        data: what is kept.
        picture: width and height of an image.
        small: its small form, or nothing.
        text: what can be read in it, for the gate and for nothing else.
        unread: whether something in it can't be read.
    """

    media_type: str
    data: bytes
    picture: tuple[int, int] | None = None
    small: bytes = b""
    text: str = ""
    unread: bool = False

    def __repr__(self) -> str:
        return f"<Cleaned {self.media_type} of {len(self.data)} bytes>"


class Refused(Exception):
    """A file can't be taken; `reason` is a code for people, one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS: Final = frozenset(
    {"file_damaged", "file_encrypted", "file_too_complex", "file_too_large", "file_has_programs", "file_not_allowed"}
)


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who brings a file.

    Attributes:
        id: their account; a name that stands for nobody where nobody is to know them (`unknown`).
        counted: what limits are counted by: their account, or the network that it comes from.
        known: whether somebody knows them.
    """

    id: str
    counted: str
    known: bool = True

    @property
    def in_trail(self) -> str:
        """What the trail calls them."""
        return self.id if self.known else ANONYMOUS


def known(actor: Actor) -> Uploader:
    """Give somebody with an account."""
    return Uploader(actor.account_id, actor.account_id)


def unknown(secret: str, network: str) -> Uploader:
    """Give somebody whom nobody is to know: by a name that follows from what their own form holds, and from no account.

    Whoever has the secret can take that file for what they write; nobody can tell whose other files are theirs.

    Args:
        secret: at least `LEAST_SECRET` letters that only they have.
        network: where they come from, for limits.
    """
    return Uploader(f"{_UNKNOWN}{sha256(secret.encode()).hexdigest()[:_UNKNOWN_LETTERS]}", network, known=False)


def is_unknown(person_id: str) -> bool:
    """Whether a name stands for nobody."""
    return person_id.startswith(_UNKNOWN)


def can_claim(file: StoredFile, owner_id: str, circle_id: str) -> bool:
    """Whether a message of somebody's may have a file, as long as no other message has it."""
    return (file.owner_id, file.circle_id) == (owner_id, circle_id)


def needs_purpose(actor: Actor, file: StoredFile) -> bool:
    """Whether somebody opens a file only for a purpose that is written down: staff, what is sealed."""
    return file.sealing is not None and actor.account_id != file.person_id


def content_name(file_id: str, *, small: bool) -> str:
    """What a piece of content is stored under, and its encryption bound to."""
    return f"{file_id}:{'small' if small else 'whole'}"
