"""When digests go out: in the morning in Jakarta, spread over the accounts. Pure."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from server.notices.model import Pace

ZONE: Final = ZoneInfo("Asia/Jakarta")
_FIRST_HOUR: Final = 7
_SPREAD_MINUTES: Final = 60
"""Over so many minutes, so that a mail server gets them one after the other."""

_MONDAY: Final = 0


def next_due(pace: Pace, account_id: str, now: datetime) -> datetime:
    """Give when an account's next digest of a pace goes out: the next morning, or that of the next Monday.

    Args:
        pace: daily or weekly.
        account_id: whose; decides the minute.
        now: the present moment.
    """
    minute = int.from_bytes(sha256(account_id.encode()).digest()[:2], "big") % _SPREAD_MINUTES
    local = now.astimezone(ZONE)
    due = local.replace(hour=_FIRST_HOUR, minute=0, second=0, microsecond=0) + timedelta(minutes=minute)
    if due <= local:
        due += timedelta(days=1)
    if pace is Pace.WEEKLY:
        due += timedelta(days=(_MONDAY - due.weekday()) % 7)
    return due.astimezone(UTC)


def letter_id(pace: Pace, account_id: str, due: datetime) -> str:
    """Give the id of a digest's letter: the same however often it is tried to write it."""
    return f"digest-{pace.value}-{account_id}-{due:%Y%m%d%H%M}"
