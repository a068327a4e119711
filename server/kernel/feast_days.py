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
        country: two letters of ISO 3166; empty for one without any.

    Raises:
        ValueError: nothing is known of that country.
    """

    def __init__(self, country: str) -> None:
        self._country = country
        self._years: dict[int, frozenset[date]] = {}
        if country and country not in cast(dict[str, Any], _package().list_supported_countries()):
            raise ValueError("no holidays are known of that country")

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
            known = frozenset(_package().country_holidays(self._country, years=year))
            self._years[year] = known
        return known


def _package() -> Any:
    """The package is taken up when first asked, so that what needs no holiday does not pay for it at its start."""
    return importlib.import_module("holidays")
