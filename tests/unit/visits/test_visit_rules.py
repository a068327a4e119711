"""Families of devices and shortened networks: everything from closed lists, nothing taken over."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.visits.model import Browser, Device, Place, Reach, System, Visit, device_of, hour_of, place_of

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/131.0 Mobile Safari/537.36", "chrome", "android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/131.0 Safari/537.36", "chrome", "windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {_WEBKIT} Chrome/131.0 Safari/537.36 Edg/131.0", "edge", "windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Chrome/131.0 Safari/537.36 OPR/116.0", "opera", "linux"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_WEBKIT} Chrome/131.0 Safari/537.36", "chrome", "chromeos"),
        (
            f"Mozilla/5.0 (Linux; Android 14) {_WEBKIT} SamsungBrowser/27.0 Chrome/125.0 Safari/537.36",
            "samsung",
            "android",
        ),
        ("Mozilla/5.0 (Linux; U; Android 11) AppleWebKit/537.36 UCBrowser/13.4 Mobile Safari/537.36", "uc", "android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "safari", "macos"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "safari", "ios"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) FxiOS/131.0 Mobile Safari/605.1.15", "firefox", "ios"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", "firefox", "android"),
        ("curl/8.10.1", "program", "other"),
        ("Python/3.11 aiohttp/3.14", "program", "other"),
        ("", "other", "other"),
        ("Mozilla/5.0", "other", "other"),
    ],
)
def test_devices_are_told_by_family(agent: str, browser: str, system: str) -> None:
    """In the order in which browsers name their ancestors."""
    assert device_of(agent) == Device(Browser(browser), System(system))


@given(st.text(max_size=400))
def test_any_agent_has_a_family(agent: str) -> None:
    """Whatever is sent, what comes out is from the lists."""
    found = device_of(agent)
    assert found.browser in Browser
    assert found.system in System


@pytest.mark.parametrize(
    ("address", "network", "reach"),
    [
        ("203.0.113.9", "203.0.113.x", Reach.PUBLIC),
        ("8.8.4.4", "8.8.4.x", Reach.PUBLIC),
        ("192.168.1.20", "192.168.1.x", Reach.PRIVATE),
        ("::ffff:10.1.2.3", "10.1.2.x", Reach.PRIVATE),
        ("2001:db8:1:2::3", "2001:db8:1::x", Reach.PUBLIC),
        ("2001:db8:1:2::/64", "2001:db8:1::x", Reach.PUBLIC),
        ("fd12:3456:789a:1::1", "fd12:3456:789a::x", Reach.PRIVATE),
        ("127.0.0.1", "", Reach.LOOPBACK),
        ("::1", "", Reach.LOOPBACK),
        ("unknown", "", Reach.UNKNOWN),
        ("", "", Reach.UNKNOWN),
    ],
)
def test_places_are_shortened(address: str, network: str, reach: Reach) -> None:
    """To what a site or a street has in common."""
    assert place_of(address) == Place(network, reach)


@given(st.ip_addresses())
def test_no_place_is_an_address(address: object) -> None:
    """The last part is always gone."""
    place = place_of(str(address))
    assert place.network == "" or place.network.endswith("x")
    with pytest.raises(ValueError, match="address"):
        ip_address(place.network)


def test_hours_go_on_without_gaps() -> None:
    """They are the drawers that are emptied one after the other."""
    moment = datetime(2026, 11, 22, 8, 59, 59, tzinfo=UTC)
    assert hour_of(moment + timedelta(seconds=1)) == hour_of(moment) + 1
    assert hour_of(moment) == hour_of(moment - timedelta(minutes=59))


def test_a_visit_prints_nothing() -> None:
    """It stands in tracebacks."""
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    agent, address = "Mozilla/5.0 (Ratna)", "203.0.113.9"
    visit = Visit("v1", "a1", "s1", moment, True, device_of(agent), place_of(address), address, agent)
    assert not any(secret in repr(visit) for secret in ("Ratna", "203.0"))
