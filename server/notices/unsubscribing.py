"""The links by which letters are stopped: signed, so that they work without signing in, and open nothing else. Pure.

A token names an account and what is to stop: one kind of notice, or one kind of digest. It does not run out: letters
are found again after years.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from server.notices.model import DIGESTS, LOCKED, Kind, Pace

PATHS: Final = {"id": "/berhenti-berlangganan", "en": "/unsubscribe"}
"""language -> the page that stops letters."""

_MAC_BYTES: Final = 18
_FORM: Final = re.compile(r"([0-9a-v]{24})\.([a-z_]{1,32})\.([A-Za-z0-9_-]{24})")


@dataclass(frozen=True, slots=True)
class Stop:
    """What somebody wants no more letters of.

    Attributes:
        account_id: who.
        what: a kind that is told of at once, or the pace of a digest.
    """

    account_id: str
    what: Kind | Pace


class StopTokens:
    """Makes and reads tokens.

    Args:
        key: of this purpose alone.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, stop: Stop) -> str:
        """Give the token that stops something."""
        return f"{stop.account_id}.{stop.what.value}.{self._mac(stop.account_id, stop.what.value)}"

    def read(self, token: str) -> Stop | None:
        """Give what a token stops, or None for anything that this server did not make."""
        found = _FORM.fullmatch(token)
        if found is None or not hmac.compare_digest(self._mac(found[1], found[2]), found[3]):
            return None
        stoppable: dict[str, Kind | Pace] = {pace.value: pace for pace in DIGESTS}
        stoppable |= {kind.value: kind for kind in Kind if kind not in LOCKED}
        what = stoppable.get(found[2])
        return Stop(found[1], what) if what is not None else None

    def _mac(self, account_id: str, what: str) -> str:
        digest = hmac.digest(self._key, f"{account_id}.{what}".encode(), "sha256")[:_MAC_BYTES]
        return urlsafe_b64encode(digest).decode()
