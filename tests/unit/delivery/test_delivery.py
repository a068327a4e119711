"""Distance and shipping cost. Places are squares of towns, nobody's home."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.delivery.model import EARTH_KM, Place, Tariff, TooFar, great_circle_km

_LATITUDES = st.floats(min_value=-90, max_value=90)
_LONGITUDES = st.floats(min_value=-180, max_value=180)
_PLACES = st.builds(Place, _LATITUDES, _LONGITUDES)
_SHOP = Tariff(-7.7971, 110.3708, road_factor=1.3, base=8_000, per_km=2_000, free_km=2, most_km=60)


@given(_PLACES, _PLACES)
def test_distance_is_one(one: Place, other: Place) -> None:
    """The same both ways, never below nought, never more than half around the earth."""
    there = great_circle_km(one, other)
    assert there == pytest.approx(great_circle_km(other, one), abs=1e-6)
    assert 0 <= there <= EARTH_KM * 3.1416


def test_distance_of_known_places() -> None:
    """Along a meridian a degree is 111.195 km on this sphere."""
    assert great_circle_km(Place(0, 0), Place(1, 0)) == pytest.approx(111.195, abs=0.001)
    assert great_circle_km(Place(-7.7971, 110.3708), Place(-7.7971, 110.3708)) == 0


@given(st.floats(min_value=-8.1, max_value=-7.5), st.floats(min_value=110.1, max_value=110.6))
def test_cost_follows_whole_kilometres(latitude: float, longitude: float) -> None:
    """At least one, and never less than the base."""
    place = Place(latitude, longitude)
    try:
        quote = _SHOP.quote(place)
    except TooFar:
        assert great_circle_km(Place(-7.7971, 110.3708), place) * 1.3 > 60
        return
    straight = great_circle_km(Place(-7.7971, 110.3708), place) * 1.3
    assert max(1.0, straight) <= quote.distance_km < max(1.0, straight) + 1
    assert quote.cost == 8_000 + 2_000 * max(0, quote.distance_km - 2)


def test_a_place_is_not_printed() -> None:
    """Not even by accident."""
    assert "7.79" not in repr(Place(-7.7971, 110.3708))
    with pytest.raises(TooFar) as refused:
        _SHOP.quote(Place(40.4168, -3.7038))
    assert refused.value.args == ()


def test_the_setting_is_read() -> None:
    """Empty: no location is asked for."""
    assert Tariff.of_setting("  ") is None
    assert Tariff.of_setting(json.dumps({"latitude": -7.8, "longitude": 110.4, "per_km": 500})) == Tariff(
        -7.8, 110.4, per_km=500
    )


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"latitude": -7.8}',
        '{"latitude": -97.8, "longitude": 110}',
        '{"latitude": -7.8, "longitude": 110, "road_factor": 0.5}',
        '{"latitude": -7.8, "longitude": 110, "base": -1}',
        '{"latitude": -7.8, "longitude": 110, "base": 1.5}',
        '{"latitude": -7.8, "longitude": 110, "most_km": 0}',
        '{"latitude": "-7.8", "longitude": 110}',
        '{"latitude": -7.8, "longitude": 110, "rate": 1}',
    ],
)
def test_a_setting_without_sense_is_refused(text: str) -> None:
    """At the start, in words."""
    with pytest.raises(ValueError, match=r"\w"):
        Tariff.of_setting(text)
