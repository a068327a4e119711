"""Dates and numbers in a reader's language. Pure. The reader's own time zone is known to their browser only."""

from datetime import UTC, date, datetime
from functools import lru_cache

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal

_LEAST_COMPACT = 1000


def machine(moment: datetime) -> str:
    """Give the form for programs: RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(moment: datetime, locale: str) -> str:
    """Give the day: `22 Nov 2026`."""
    return _day(moment.astimezone(UTC).date(), locale)


def full(moment: datetime, locale: str) -> str:
    """Give day and time: `22 November 2026 19.30 UTC`."""
    return _full(moment.astimezone(UTC).replace(second=0, microsecond=0), locale)


# Babel takes 50 microseconds for each, and a page of posts has forty of few different days.
@lru_cache(maxsize=4096)
def _day(at: date, locale: str) -> str:
    return format_date(at, "d MMM y", locale=locale)


@lru_cache(maxsize=4096)
def _full(at: datetime, locale: str) -> str:
    pattern = "d MMMM y HH.mm" if locale == "id" else "d MMMM y HH:mm"
    return format_datetime(at, pattern, locale=locale) + " UTC"


def count(number: int, locale: str) -> str:
    """Give a number as short as people read it: `1,2 rb`."""
    if number < _LEAST_COMPACT:
        return str(number)
    return format_compact_decimal(number, locale=locale, fraction_digits=1)
