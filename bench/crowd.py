"""One room of many, what an idle connection holds, and how long the event loop keeps others waiting.

    python -m bench.crowd [--seconds 10] [--rounds 2]

The first two beside a bare Socket.IO server, in alternating rounds.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import uvloop

from bench.chat import ROOMS, Load, Round, people
from bench.client import SocketClient
from bench.processes import Running, start

MEMBERS, RATE = 200, 20.0
LIGHT = 100.0
_WARM_UP_S = 3.0
_FEW, _MANY = 200, 1_000
_SETTLE_S = 2.0
_OFF = {"AMANAH_LIMITS": "off"}
"""An account may otherwise have a hundred connections."""


async def _room(options: argparse.Namespace, loads: dict[str, Load]) -> dict[str, list[Round]]:
    """Speak at a fixed rate in the one room of each server."""
    rounds: dict[str, list[Round]] = {name: [] for name in loads}
    for load in loads.values():
        await load.run(_WARM_UP_S, rate=RATE)
    for _ in range(options.rounds):
        for name, load in loads.items():
            rounds[name].append(await load.run(options.seconds, rate=RATE))
    return rounds


async def _kib_each(server: Running, http: aiohttp.ClientSession, room: str, token: str | None) -> float:
    """Give by how much a server grows with each connection that has joined a room and then says nothing."""
    clients: list[SocketClient] = []
    held: list[int] = []
    for count in (_FEW, _MANY):
        while len(clients) < count:
            client = SocketClient(lambda *_: None)
            await client.connect(http, {"token": token} if token else None)
            await client.call("chat:join", {"conversation_id": room})
            clients.append(client)
        await asyncio.sleep(_SETTLE_S)
        held.append(server.memory_kib())
    await asyncio.gather(*(client.close() for client in clients))
    return (held[1] - held[0]) / (_MANY - _FEW)


async def crowded(options: argparse.Namespace) -> dict[str, Any]:
    """Compare the room and the memory with the bare server's."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        servers = {
            "bare": start("bench.bare"),
            "amanah": start("server", "serve", "--port", "0", "--data-dir", folder, environment=_OFF),
        }
        for server in servers.values():
            stack.callback(server.stop)
        https = {
            name: await stack.enter_async_context(
                aiohttp.ClientSession(server.url, connector=aiohttp.TCPConnector(limit=0))
            )
            for name, server in servers.items()
        }
        rooms: dict[str, list[tuple[str, list[str | None]]]] = {
            "bare": [("room", [None] * MEMBERS)],
            "amanah": await people(https["amanah"], 1, MEMBERS - 1),
        }
        # First, for what others held and gave back would be used again.
        kib = {
            name: await _kib_each(
                server, https[name], "idle" if name == "bare" else rooms[name][0][0], rooms[name][0][1][0]
            )
            for name, server in servers.items()
        }
        loads = {name: Load(server) for name, server in servers.items()}
        for name, load in loads.items():
            await load.enter(https[name], rooms[name])
        rounds = await _room(options, loads)
        for load in loads.values():
            await load.close()
        return {"rounds": rounds, "kib": kib}


async def stalled(options: argparse.Namespace) -> dict[str, Any]:
    """Give how late a timer of the server's event loop is, with little to do and with as much as it can."""
    with tempfile.TemporaryDirectory() as folder:
        server = start("bench.watched", "serve", "--port", "0", "--data-dir", folder, environment=_OFF)
        try:
            async with aiohttp.ClientSession(server.url) as http:
                load = Load(server)
                await load.enter(http, await people(http, ROOMS))
                found: dict[str, Any] = {}
                for name, rate in ((f"{LIGHT:.0f}/s", LIGHT), ("closed loop", None)):
                    await load.run(_WARM_UP_S, rate=rate)
                    server.ask()
                    await load.run(options.seconds * options.rounds, rate=rate)
                    found[name] = json.loads(server.ask())
                await load.close()
        finally:
            server.stop()
        return found


def _middle(rounds: list[Round]) -> tuple[float, float, float]:
    """CPU ms a message, and milliseconds until the last member had it: median and p99; medians over rounds."""
    late = [statistics.quantiles(item.delivered, n=100) for item in rounds]
    return (
        statistics.median(item.cpu_ms for item in rounds),
        statistics.median(one[49] for one in late) * 1000,
        statistics.median(one[98] for one in late) * 1000,
    )


def report(crowd: dict[str, Any], stalls: dict[str, Any]) -> str:
    """Give the figures as text."""
    lines = [f"one room of {MEMBERS} at {RATE:.0f} messages/s"]
    middle = {name: _middle(rounds) for name, rounds in crowd["rounds"].items()}
    for name, (cpu, p50, p99) in middle.items():
        rate = statistics.median(item.rate for item in crowd["rounds"][name])
        lines.append(
            f"  {name:<7} {rate:>5.1f}/s  {cpu:>6.2f} CPU ms a message, "
            f"all have it after p50 {p50:.1f}, p99 {p99:.1f} ms"
        )
    (bare_cpu, bare_p50, _), (cpu, p50, _) = middle["bare"], middle["amanah"]
    lines.append(f"  amanah / bare: {cpu / bare_cpu:.2f} times the CPU, {p50 / bare_p50:.2f} times the p50")
    lines.append("an idle connection: " + ", ".join(f"{name} {kib:.1f} KiB" for name, kib in crowd["kib"].items()))
    for name, told in stalls.items():
        late, busy = told["late"], told["busy"]
        lines.append(
            f"event loop, {name}, {told['ticks']} ticks: "
            f"late p50 {late['p50']}, p99 {late['p99']}, most {late['max']} ms; "
            f"busy p99 {busy['p99']}, p99.9 {busy['p999']}, most {busy['max']} CPU ms"
        )
    return "\n".join(lines)


async def _measure(options: argparse.Namespace) -> str:
    return report(await crowded(options), await stalled(options))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=2)
    sys.stdout.write(uvloop.run(_measure(parser.parse_args())) + "\n")


if __name__ == "__main__":
    main()
