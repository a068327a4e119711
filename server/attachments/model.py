"""What an attached image is, and the pure rules about it."""

import hmac
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from server.kernel.actor import Actor, Role

MOST_IN_A_TEXT: Final = 10
KEPT_LOOSE: Final = timedelta(days=1)
"""How long an image is kept that no text shows."""

PATH: Final = re.compile(r"(?P<id>[a-p]{32})(?P<small>-k)?\.webp")
"""An image's file name below `/lampiran/`."""

_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_ID_BYTES: Final = 16


class Audience(StrEnum):
    """Whom a text is for."""

    NOBODY = "nobody"
    """Its author and moderators: it is held or hidden."""
    STAFF = "staff"
    MEMBERS = "members"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Picture:
    """One form of an image.

    Attributes:
        data: WebP, nothing but pixels.
        width: in pixels.
        height: in pixels.
    """

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image as it is kept, without its bytes.

    Attributes:
        id: of its content and its owner.
        owner_id: whose.
        made_at: aware, UTC.
        full_size: width and height in pixels.
        small_size: of the form that texts show.
        full_parts: how many pieces its bytes are stored in.
        small_parts: likewise.
        length: bytes of both forms.
        texts: ids of the texts that show it.
        audiences: for each of these, whom it was for when it was last changed.
        loose_since: since when no text shows it, or None.
    """

    id: str
    owner_id: str
    made_at: datetime
    full_size: tuple[int, int]
    small_size: tuple[int, int]
    full_parts: int
    small_parts: int
    length: int
    texts: tuple[str, ...] = ()
    audiences: tuple[Audience, ...] = ()
    loose_since: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return Audience.EVERYBODY in self.audiences

    @property
    def path(self) -> str:
        """Address of the whole image."""
        return f"/lampiran/{self.id}.webp"

    @property
    def small_path(self) -> str:
        """Address of the form that texts show."""
        return f"/lampiran/{self.id}-k.webp"

    @property
    def markdown_path(self) -> str:
        """What a text names it by: with the size, so that pages need not jump when it comes."""
        return f"{self.path}#{self.small_size[0]}x{self.small_size[1]}"


def attachment_id(key: bytes, owner_id: str, data: bytes) -> str:
    """Give the id of an image: the same for the same image of the same person.

    Keyed, so that nobody can try whether a picture that they have was uploaded; letters only, so that the gate does not
    take a piece of it for somebody's number.
    """
    digest = hmac.new(key, owner_id.encode() + b"\0" + sha256(data).digest(), sha256).digest()
    return digest[:_ID_BYTES].hex().translate(_LETTERS)


def can_view(actor: Actor | None, attachment: Attachment) -> bool:
    """Whether somebody may see an image: who may read a text with it, and its owner and moderators."""
    if attachment.is_public:
        return True
    if actor is None:
        return False
    if actor.account_id == attachment.owner_id or actor.role is Role.MODERATOR:
        return True
    if Audience.MEMBERS in attachment.audiences:
        return actor.role is not Role.VISITOR
    return Audience.STAFF in attachment.audiences and actor.is_staff


def bound(attachment: Attachment, text_id: str, audience: Audience | None, now: datetime) -> Attachment:
    """Give an image after a text has begun, or gone on, to show it.

    Args:
        attachment: as it was.
        text_id: which text.
        audience: whom the text is for; None where it shows the image no longer.
        now: the present moment.
    """
    showing = dict(zip(attachment.texts, attachment.audiences, strict=True))
    if audience is None:
        showing.pop(text_id, None)
    else:
        showing[text_id] = audience
    loose_since = None if showing else attachment.loose_since or now
    return replace(attachment, texts=tuple(showing), audiences=tuple(showing.values()), loose_since=loose_since)
