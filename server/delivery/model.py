"""Shipping cost from a place, once (promise I3). Pure: a place comes in, a distance and a cost go out, nothing is kept.

Whole kilometres of road are all that leaves here: from one of them nobody finds a house again.
"""

import json
import math
from dataclasses import dataclass, field, fields
from typing import Any, Final

EARTH_KM: Final = 6371.0088
"""Mean radius (IUGG, 1980)."""

_MOST: Final = 100_000_000


class TooFar(Exception):
    """Nothing is brought so far. Says nothing of where."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the earth, in degrees. `repr` shows nothing of it."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody is told.

    Attributes:
        distance_km: of road, in whole kilometres, rounded up.
        cost: in rupiah.
    """

    distance_km: int
    cost: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """From where goods come, and what that costs.

    Attributes:
        latitude: of the shop, in degrees.
        longitude: likewise.
        road_factor: how much longer roads are than the way a bird flies; 1.3 fits Indonesian towns roughly.
        base: rupiah, for any delivery.
        per_km: rupiah, for each kilometre beyond the free ones.
        free_km: kilometres within the base.
        most_km: farther than this nothing is brought.
    """

    latitude: float
    longitude: float
    road_factor: float = 1.3
    base: int = 0
    per_km: int = 0
    free_km: int = 0
    most_km: int = 100

    @classmethod
    def of_setting(cls, text: str) -> "Tariff | None":
        """Read the setting; None where there is none.

        Raises:
            ValueError: it can't be used.
        """
        if not text.strip():
            return None
        try:
            data: Any = json.loads(text)
        except json.JSONDecodeError:
            raise ValueError("it is not JSON") from None
        if not isinstance(data, dict) or not set(data) <= {item.name for item in fields(cls)}:
            raise ValueError("it has other fields than a tariff")
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in data.values()):
            raise ValueError("all of it must be numbers")
        try:
            tariff = cls(**data)
        except TypeError:
            raise ValueError("latitude and longitude are needed") from None
        tariff._require_sense()
        return tariff

    def _require_sense(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError("the shop is nowhere on the earth")
        if not 1 <= self.road_factor <= 5:
            raise ValueError("the road factor must be from 1 to 5")
        amounts = (self.base, self.per_km, self.free_km, self.most_km)
        if not all(isinstance(amount, int) and 0 <= amount <= _MOST for amount in amounts) or not self.most_km:
            raise ValueError("sums and kilometres must be whole and not negative")

    def quote(self, place: Place) -> Quote:
        """Say what it costs to bring something to a place.

        Raises:
            TooFar: nothing is brought there.
        """
        shop = Place(self.latitude, self.longitude)
        distance = max(1, math.ceil(great_circle_km(shop, place) * self.road_factor))
        if distance > self.most_km:
            raise TooFar
        return Quote(distance, self.base + self.per_km * max(0, distance - self.free_km))


def great_circle_km(one: Place, other: Place) -> float:
    """Give the distance as a bird flies (haversine formula; Sinnott, 1984), in kilometres."""
    first, second = math.radians(one.latitude), math.radians(other.latitude)
    across, along = (second - first) / 2, math.radians(other.longitude - one.longitude) / 2
    chord = math.sin(across) ** 2 + math.cos(first) * math.cos(second) * math.sin(along) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))
