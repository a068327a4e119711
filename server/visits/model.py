"""Visits and the coarse forms of device and place, and the rules about them. Pure.

What a browser says of itself is typed text like any other, so nothing of it is taken over: families come from closed
lists. A place is a shortened network; no outside service is asked where that is.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
KEPT = timedelta(days=365)
"""How long a visit is kept in its coarse form."""


class Browser(StrEnum):
    """Families of browsers; `PROGRAM` is whatever is none."""

    CHROME = "chrome"
    EDGE = "edge"
    FIREFOX = "firefox"
    OPERA = "opera"
    SAFARI = "safari"
    SAMSUNG = "samsung"
    UC = "uc"
    PROGRAM = "program"
    OTHER = "other"


class System(StrEnum):
    """Families of operating systems."""

    ANDROID = "android"
    CHROMEOS = "chromeos"
    IOS = "ios"
    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"
    OTHER = "other"


class Reach(StrEnum):
    """What kind of network an address belongs to (RFC 1918, RFC 4193, RFC 6890)."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    UNKNOWN = "unknown"


# Most browsers name the ones they descend from, so the order decides: Edge says Chrome, Chrome says Safari.
_BROWSERS = (
    (("edg/", "edge/", "edga/", "edgios/"), Browser.EDGE),
    (("opr/", "opera"), Browser.OPERA),
    (("samsungbrowser/",), Browser.SAMSUNG),
    (("ucbrowser/",), Browser.UC),
    (("firefox/", "fxios/"), Browser.FIREFOX),
    (("chrome/", "crios/", "chromium/"), Browser.CHROME),
    (("safari/", "applewebkit/"), Browser.SAFARI),
)
_SYSTEMS = (
    (("android",), System.ANDROID),
    (("iphone", "ipad", "ipod"), System.IOS),
    (("cros ",), System.CHROMEOS),
    (("windows",), System.WINDOWS),
    (("mac os x", "macintosh"), System.MACOS),
    (("linux", "x11"), System.LINUX),
)


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody uses, by family."""

    browser: Browser
    system: System


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is, roughly.

    Attributes:
        network: shortened, `203.0.113.x` or `2001:db8:1::x`; empty for what is no address.
        reach: kind of network.
    """

    network: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody was here.

    Attributes:
        id: opaque.
        account_id: who.
        session_id: in which session.
        at: when.
        signed_in: whether it began with a sign-in; else the session was used again from elsewhere or after a while.
        device: by family.
        place: roughly.
        address: the full address, until it is dropped; None afterwards.
        agent: the user agent as sent, likewise.
    """

    id: str
    account_id: str
    session_id: str
    at: datetime
    signed_in: bool
    device: Device
    place: Place
    address: str | None
    agent: str | None

    def __repr__(self) -> str:
        return f"Visit(id={self.id!r})"


def device_of(agent: str) -> Device:
    """Tell the families from a user agent."""
    text = agent.lower()
    system = next((system for marks, system in _SYSTEMS if any(mark in text for mark in marks)), System.OTHER)
    if not text.startswith("mozilla/") and "opera" not in text:
        return Device(Browser.PROGRAM if text else Browser.OTHER, system)
    browser = next((browser for marks, browser in _BROWSERS if any(mark in text for mark in marks)), Browser.OTHER)
    return Device(browser, system)


def place_of(address: str) -> Place:
    """Shorten an address or a network: IPv4 to 24 bits, IPv6 to 48, what a site usually has."""
    try:
        parsed = ipaddress.ip_address(address.partition("/")[0])
    except ValueError:
        return Place("", Reach.UNKNOWN)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return Place("", Reach.LOOPBACK)
    reach = Reach.PRIVATE if parsed.is_private and not _is_documentation(parsed) else Reach.PUBLIC
    if isinstance(parsed, ipaddress.IPv4Address):
        return Place(f"{str(parsed).rpartition('.')[0]}.x", reach)
    return Place(f"{ipaddress.ip_network((parsed, 48), strict=False).network_address}x", reach)


def hour_of(moment: datetime) -> int:
    """Give the hours since 1970: the drawer in which a visit lies."""
    return int(moment.astimezone(UTC).timestamp()) // 3600


_DOCUMENTATION = tuple(
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


def _is_documentation(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Networks for examples (RFC 5737, RFC 3849), which Python counts as private: shown like all others."""
    return any(address in network for network in _DOCUMENTATION if network.version == address.version)
