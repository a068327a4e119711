"""Dates and numbers in a reader's language. Pure. The reader's own time zone is known to their browser only."""

from datetime import UTC, date, datetime
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_compact_decimal

from server.web.catalogue import Figure

_LEAST_COMPACT = 1000


def machine(moment: datetime) -> str:
    """Give the form for programs: RFC 3339 in UTC, whole seconds."""
    at = moment.astimezone(UTC)
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def day(of: datetime | date, locale: str) -> str:
    """Give the day, or that of a moment: `22 Nov 2026`."""
    return _day(of.astimezone(UTC).date() if isinstance(of, datetime) else of, locale)


def full(moment: datetime, locale: str) -> str:
    """Give day and time: `22 November 2026 19.30 UTC`."""
    at = moment.astimezone(UTC)
    return f"{_long_day(at.date(), locale)} {at.hour:02}{'.' if locale == 'id' else ':'}{at.minute:02} UTC"


# Babel takes 50 microseconds for each, and a page of posts has forty of few different days.
@lru_cache(maxsize=4096)
def _day(at: date, locale: str) -> str:
    return format_date(at, "d MMM y", locale=locale)


@lru_cache(maxsize=4096)
def _long_day(at: date, locale: str) -> str:
    return format_date(at, "d MMMM y", locale=locale)


def month(of: str, locale: str) -> str:
    """Give a month: `November 2026`.

    Args:
        of: as programs write it, `2026-11`.
        locale: the reader's language.
    """
    year, _, number = of.partition("-")
    return format_date(date(int(year), int(number), 1), "MMMM y", locale=locale)


def count(number: int, locale: str) -> Figure:
    """Give a number as short as people read it: `1,2 rb`."""
    if number < _LEAST_COMPACT:
        return Figure(str(number), number)
    return Figure(format_compact_decimal(number, locale=locale, fraction_digits=1), number)
