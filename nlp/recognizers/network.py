"""Public IP addresses, version 4 and 6, also with spaces or bracketed dots.

Ranges that belong to nobody in particular stay: private, loopback, link-local, multicast (RFC 1918, 4193, 5735, 6890),
and the public resolvers everybody types. Must not touch: version numbers, times, MAC addresses.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from nlp.labels import Label
from nlp.lexicon import Cue
from nlp.scan import Scan
from nlp.spans import Span

_V4: Final = re.compile(r"(?<![a-z0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9]|[a-z])")
_DOT: Final = r"(?: ?\[\.\] ?| ?\(\.\) ?| ?[\[(]?(?:dot|titik)[\])]? ?| \. ?|\. )"
_LOOSE_V4: Final = re.compile(rf"(?<![a-z0-9.])[0-9]{{1,3}}(?:{_DOT}[0-9]{{1,3}}){{3}}(?![0-9a-z])")
_SPREAD_V4: Final = re.compile(r"(?<![a-z0-9.])[0-9]{1,3}(?: \. [0-9]{1,3}){3}(?![0-9a-z]| ?\.)")
_V6: Final = re.compile(r"(?<![a-z0-9:.])(?:[0-9a-f]{1,4}:|::)(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}(?![a-z0-9])")
_RELEASE: Final = re.compile(
    r"\b(?:update|upgrade|rilis|release|patch|android|ios|app|aplikasi)[a-z]{0,3}(?: [a-z]{1,8}){0,2} \Z"
)
_RESOLVERS: Final = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"})


def find(scan: Scan) -> Iterator[Span]:
    """Addresses that point at somebody's connection or server."""
    if not scan.has_digits:
        return
    lower = scan.lower
    if lower.count(".") >= 3:
        for found in _V4.finditer(lower):
            if _is_public(found[0]) and not _is_version(scan, found.start()):
                yield Span(found.start(), found.end(), Label.IP, 0.95, "network")
    loose = [_SPREAD_V4] if " . " in lower else []
    if Cue.NETWORK in scan.families:
        loose.append(_LOOSE_V4)
    for pattern in loose:
        for found in pattern.finditer(lower):
            if _is_public(".".join(re.findall("[0-9]+", found[0]))):
                yield Span(found.start(), found.end(), Label.IP, 0.85, "network")
    if lower.count(":") >= 2:
        for found in _V6.finditer(lower):
            if _is_public(found[0]):
                yield Span(found.start(), found.end(), Label.IP, 0.95, "network")


def _is_public(literal: str) -> bool:
    try:
        address: IPv4Address | IPv6Address = ip_address(literal)
    except ValueError:
        return False
    if literal in _RESOLVERS or address.is_multicast or address.is_loopback or address.is_unspecified:
        return False
    # Documentation ranges count as private for ``ipaddress``, but a person who types one means an address.
    documentation = literal.startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
    return documentation or not (address.is_private or address.is_link_local or address.is_reserved)


def _is_version(scan: Scan, start: int) -> bool:
    if Cue.VERSION in scan.families and Cue.NETWORK not in scan.families:
        return True
    if _RELEASE.search(scan.lower[max(0, start - 26) : start]):
        return True
    return any(cue is Cue.VERSION for _, cue in scan.before(start, 14))
