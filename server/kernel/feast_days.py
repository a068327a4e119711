"""Public holidays of countries, year by year. Pure: computed, or tabled where an authority announces them.

What the `holidays` package knows. Days that follow the moon are estimates until they are announced: own days of
`worktime.Hours` set them right.
"""

import importlib
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

_FIRST, _LAST = 1950, 2100
"""Years that the package knows something of."""


class FeastDays:
    """Knows the public holidays of a country.

    Args:
        country: two letters of ISO 3166. Empty, or of a country of which nothing is known: no day is a holiday.
    """

    def __init__(self, country: str) -> None:
        self._country = country
        self._years: dict[int, frozenset[date]] = {}

    def prepare(self, years: Iterable[int]) -> None:
        """Work years out ahead, in a thread where nobody else may wait: the first costs some tenths of a second."""
        for year in years:
            self._of(year)

    def __call__(self, day: date) -> bool:
        """Whether a day is a public holiday."""
        return day in self._of(day.year)

    def _of(self, year: int) -> frozenset[date]:
        if not self._country or not _FIRST <= year <= _LAST:
            return frozenset()
        known = self._years.get(year)
        if known is None:
            found = _package().country_holidays(self._country, years=year) if is_known(self._country) else ()
            known = self._years[year] = frozenset(found)
        return known


def is_known(country: str) -> bool:
    """Whether something is known of a country, or none is named. Slow the first time, so in a thread."""
    return not country or country in cast(dict[str, Any], _package().list_supported_countries())


def _package() -> Any:
    """The package is taken up when first asked, so that what needs no holiday does not pay for it at its start."""
    return importlib.import_module("holidays")
