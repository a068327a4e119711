"""Signatures of webhooks, by the Standard Webhooks specification 1.0.0: HMAC-SHA-256 over `id.timestamp.body`. Pure."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Final

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
"""24 to 64, says the specification."""


def new_secret() -> str:
    """Make a secret: `whsec_` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode("ascii")


def signed_headers(secrets: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Sign a message.

    Args:
        secrets: each signs; two while one is being replaced.
        message_id: the same over all tries of it, by which receivers know what they have had.
        at: when it is sent.
        body: what is sent, to the byte.

    Returns:
        The headers that go with it.
    """
    stamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode("ascii"), stamp.encode("ascii"), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
