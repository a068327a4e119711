"""What an attached image is, and the pure rules about it."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
        public: ids of those among them that everybody may read.
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
    public: tuple[str, ...] = ()
    loose_since: datetime | None = None

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
    """Whether somebody may see an image: everybody what stands in a public text, else its owner and moderators."""
    if attachment.public:
        return True
    return actor is not None and (actor.account_id == attachment.owner_id or actor.role is Role.MODERATOR)


def can_show(actor: Actor, attachment: Attachment) -> bool:
    """Whether somebody may show an image in a text of theirs."""
    return bool(attachment.public) or attachment.owner_id == actor.account_id


def with_text(texts: Sequence[str], text_id: str, *, there: bool) -> tuple[str, ...]:
    """Give a list of texts with, or without, one of them."""
    others = tuple(item for item in texts if item != text_id)
    return (*others, text_id) if there else others
