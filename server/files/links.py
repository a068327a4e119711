"""Addresses that open one file, for one account, for a short while. Pure.

A browser asks for an image or a download without the token that scripts send, so the address itself must say who may.
It is no more than a reminder of a permission that was just given: whoever serves the file asks again whether the
account may open the file now.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

_SIGNATURE_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Link:
    """What an address allows.

    Attributes:
        file_id: of which file.
        circle_id: where the file stood when the address was made.
        account_id: who may use it.
        session_id: the session in which it was asked for.
        until: aware, UTC, whole seconds.
        small: whether it is for the small form only.
    """

    file_id: str
    circle_id: str
    account_id: str
    session_id: str
    until: datetime
    small: bool


class Links:
    """Makes and reads such addresses.

    Args:
        key: of the signatures.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<Links>"

    def address(self, link: Link) -> str:
        """Give the path and query of a link."""
        tail = "/thumbnail" if link.small else ""
        return (
            f"/api/v1/attachments/{link.file_id}{tail}"
            f"?account={link.account_id}&session={link.session_id}&until={_seconds(link)}&signature={self._sign(link)}"
        )

    def is_good(self, link: Link, signature: str, now: datetime) -> bool:
        """Whether this very link was made here and is not over."""
        right = hmac.compare_digest(self._sign(link).encode(), signature.encode("utf-8", "replace"))
        return right and now < link.until

    def _sign(self, link: Link) -> str:
        fields = (
            "small" if link.small else "whole",
            *(link.file_id, link.circle_id, link.account_id, link.session_id, str(_seconds(link))),
        )
        digest = hmac.new(self._key, "\0".join(fields).encode("utf-8", "replace"), sha256).digest()
        return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()


def _seconds(link: Link) -> int:
    return int(link.until.timestamp())


def moment(seconds: int) -> datetime:
    """Give the moment that an address names; the end of time for what is beyond it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.min.replace(tzinfo=UTC)
