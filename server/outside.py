"""The one guard of everything that this server sends to addresses which others chose: web push and webhooks.

It decides by the address that is really connected to, so no spelling of a name and no second answer of a name server
leads past it. Knows nothing of what is sent.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Network = IPv4Network | IPv6Network

_INSIDE_4: Final = (
    ip_network("192.0.0.0/24"),  # protocol assignments (RFC 6890)
    ip_network("192.88.99.0/24"),  # relays of 6to4 (RFC 7526)
    ip_network("168.63.129.16/32"),  # metadata of a cloud, at an address that is public otherwise
)
_OUTSIDE_6: Final = ip_network("2000::/3")
"""What is given out to the public (IANA). With it NAT64 (64:ff9b::/96), IPv4-mapped, -compatible and local ones go."""

_INSIDE_6: Final = (
    ip_network("2001::/23"),  # protocol assignments, Teredo among them (RFC 4380)
    ip_network("2002::/16"),  # 6to4: an IPv4 address within (RFC 3056)
    ip_network("3fff::/20"),  # documentation (RFC 9637)
)


def is_outside(address: str) -> bool:
    """Whether an address is one of the public internet, beyond doubt.

    Args:
        address: in the one spelling that `ipaddress` reads; any other is not.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _INSIDE_4)
    return not found.scope_id and found in _OUTSIDE_6 and not any(found in network for network in _INSIDE_6)


def networks_of(text: str) -> tuple[Network, ...]:
    """Read networks in CIDR notation, separated by spaces.

    Raises:
        ValueError: one is none.
    """
    return tuple(ip_network(word) for word in text.split())


class Outside:
    """Where connections may lead.

    Args:
        trusted: names that may lead anywhere, for the operator vouches for them.
        networks: of ours, into which everybody's addresses may lead.
    """

    def __init__(self, trusted: frozenset[str] = frozenset(), networks: Sequence[Network] = ()) -> None:
        self._trusted = trusted
        self._networks = tuple(networks)
        self._vouched: set[str] = set()

    def allows(self, address: str) -> bool:
        """Whether a connection may lead to an address."""
        return is_outside(address) or address in self._trusted or address in self._vouched or self.is_ours(address)

    def is_ours(self, address: str) -> bool:
        """Whether an address lies in a network of ours that is allowed."""
        try:
            found: IPv4Address | IPv6Address = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def connector(self, *, limit: int) -> aiohttp.TCPConnector:
        """Build what opens connections: none to an address that is not allowed.

        Args:
            limit: connections at once.
        """
        return aiohttp.TCPConnector(resolver=self.resolver(), socket_factory=self._socket, limit=limit)

    def resolver(self) -> AbstractResolver:
        """Build what resolves names."""
        return _Resolver(self, self._trusted, self._vouched)

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make a socket for the very address that is connected to next; hosts that are no names come here only."""
        family, kind, protocol, _, address = info
        if not self.allows(str(address[0])):
            raise LeadsInside(None, "the address leads inside")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


class LeadsInside(OSError):
    """A name or an address leads into a network of ours."""


class _Resolver(AbstractResolver):
    """Resolves names, and refuses those of which one address is not allowed."""

    def __init__(self, outside: Outside, trusted: frozenset[str], vouched: set[str]) -> None:
        self._outside = outside
        self._trusted = trusted
        self._vouched = vouched
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name.

        Raises:
            OSError: it leads nowhere, or into a network of ours.
        """
        found = await self._resolver.resolve(host, port, family)
        if host in self._trusted:
            self._vouched.update(item["host"] for item in found)
            return found
        # All of them: which is taken is chance, so a mixture is somebody's try.
        if not all(self._outside.allows(item["host"]) for item in found):
            raise LeadsInside(None, "the name leads inside")
        return found

    async def close(self) -> None:
        """Nothing is open."""
        await self._resolver.close()
