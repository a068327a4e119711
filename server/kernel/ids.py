"""Opaque ids: sortable by time of making, not guessable, safe in URLs."""

import os
import time
from base64 import b32hexdecode, b32hexencode
from binascii import Error as Base32Error
from datetime import UTC, datetime

_TIME_BYTES = 6
_RANDOM_BYTES = 9


def new_id() -> str:
    """Make an id of 24 characters: 48 bits of milliseconds and 72 random bits, in lower-case base32hex.

    Time first keeps inserts local in a B-tree; 72 random bits keep ids from being guessed.
    """
    stamp = int(time.time() * 1000).to_bytes(_TIME_BYTES, "big")
    return b32hexencode(stamp + os.urandom(_RANDOM_BYTES)).decode("ascii").lower()


def moment_of(made_id: str) -> datetime:
    """Give the time at which an id was made.

    Raises:
        ValueError: it is none of ours.
    """
    try:
        data = b32hexdecode(made_id.upper())
        if len(data) != _TIME_BYTES + _RANDOM_BYTES:
            raise ValueError("not an id")
        return datetime.fromtimestamp(int.from_bytes(data[:_TIME_BYTES], "big") / 1000, UTC)
    except (Base32Error, OverflowError, OSError):
        raise ValueError("not an id") from None
