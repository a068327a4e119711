"""Where this server may be sent to by addresses that others chose: attackers' spellings, on real connections."""

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from server.outside import LeadsInside, Outside, is_outside, networks_of

_INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
]
_SPELLINGS = [
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "127.0.0.01",
    " 127.0.0.1",
    "127.0.0.1.",
    "８.8.8.8",
    "۸.8.8.8",
    "localhost",
    "",
]
"""Other spellings: what is not in the one usual form is nothing that is connected to."""


@pytest.mark.parametrize("address", _INSIDE + _SPELLINGS)
def test_an_address_inside_is_not_outside(address: str) -> None:
    """Of any kind that leads to ourselves, to neighbours, to metadata, or hides an IPv4 address."""
    assert not is_outside(address)
    assert not Outside().allows(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "103.10.66.1", "2606:4700:4700::1111", "2404:6800:4003::64"])
def test_a_public_address_is_outside(address: str) -> None:
    """Of both kinds."""
    assert is_outside(address)


def test_networks_of_ours_are_allowed_by_name_only() -> None:
    """And nothing beside them, mapped addresses neither."""
    outside = Outside(networks=networks_of("127.0.0.0/8 fd12::/16"))
    assert outside.allows("127.3.2.1")
    assert outside.allows("fd12::1")
    assert not outside.allows("::ffff:127.0.0.1")
    assert not outside.allows("10.0.0.1")
    assert networks_of("") == ()
    with pytest.raises(ValueError, match=r"."):
        networks_of("localhost")


class _Door:
    """A server of ours that must never be reached."""

    def __init__(self) -> None:
        self.knocks = 0
        self.port = 0

    async def knock(self, _: web.Request) -> web.Response:
        """Count."""
        self.knocks += 1
        return web.Response(text="inside")


@pytest.fixture
async def door() -> AsyncIterator[_Door]:
    """The server, listening on loopback."""
    found = _Door()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", found.knock)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


async def _get(outside: Outside, url: str) -> int:
    async with (
        aiohttp.ClientSession(connector=outside.connector(limit=2), trust_env=False) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        return answer.status


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "0",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127。0。0。1",
        "①②⑦.0.0.1",
    ],
)
async def test_no_spelling_leads_inside(door: _Door, host: str) -> None:
    """Whatever the client library makes of it."""
    with pytest.raises((aiohttp.ClientError, OSError, ValueError)):
        await _get(Outside(), f"http://{host}:{door.port}/")
    assert not door.knocks


async def test_the_address_that_was_looked_at_is_the_one_connected_to(
    door: _Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers something else the second time gets nothing by it, nor one that mixes answers."""
    answers = [["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8", "127.0.0.1"]]
    asked = 0

    name, ask = "rebinding.example", socket.getaddrinfo

    def resolve(host: str, port: int, *more: Any, **options: Any) -> list[tuple[Any, ...]]:
        nonlocal asked
        # The store's client looks up its own address in threads of this process.
        if host != name:
            return list(ask(host, port, *more, **options))
        asked += 1
        found = answers[min(asked, len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    outside = Outside()
    resolver = outside.resolver()
    # The system's resolver is the attacker's here; everything above it is the real thing.
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    found = await resolver.resolve(name, door.port)
    assert [item["host"] for item in found] == ["8.8.8.8"]
    for _ in range(2):
        with pytest.raises(LeadsInside):
            await resolver.resolve(name, door.port)
    assert not door.knocks


async def test_what_is_allowed_is_reached(door: _Door) -> None:
    """By its address or by a name that the operator vouches for."""
    assert await _get(Outside(networks=[ip_network("127.0.0.0/8")]), f"http://127.0.0.1:{door.port}/") == 200
    assert await _get(Outside(frozenset({"localhost"})), f"http://localhost:{door.port}/") == 200
    assert door.knocks == 2
