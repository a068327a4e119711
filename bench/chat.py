"""Chat under load: 50 rooms of two, closed loop, through the full path, beside a bare Socket.IO echo in the same run.

    python -m bench.chat [--seconds 8] [--rounds 3] [--rate 100]

Rounds alternate between the two servers, so that a slow moment of the machine hits both.
"""

import argparse
import asyncio
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvloop

from bench.client import SocketClient
from bench.processes import Running, start

ROOMS = 50
IN_FLIGHT = 32
WARM_UP_S = 2.0
TEXTS = (
    "selamat pagi kak, printer kasir di cabang kedua tidak mau mencetak struk sejak tadi malam",
    "saya sudah coba nyalakan ulang dua kali tapi masih sama, tolong dibantu ya sebelum toko buka",
    "baik, mohon ditunggu sebentar, saya periksa dulu catatan pembaruan di server cabang ibu ya kak",
    "nama saya Herlina Manurung, nomor saya 0812 5550 8841, tolong hubungi kalau sudah beres ya min",
    "could you check whether the monthly report for the clinic is ready to download this afternoon please",
    "stok obat di menu gudang tidak cocok dengan fisik, selisihnya tiga kotak sejak bulan kemarin",
    "kalau sudah selesai kabari pak darto di gudang atau kirim ke gudang.contoh@tokomaju.example saja",
    "terima kasih banyak, sekarang antrean pasien sudah muncul lagi di layar ruang tunggu lantai dua",
)


@dataclass(slots=True)
class Round:
    """What one round measured. Seconds throughout.

    Attributes:
        messages: acknowledged in it.
        seconds: how long it took.
        cpu: CPU seconds by role of process.
        acked: from sending to the ack.
        delivered: from sending to the other member's event.
    """

    messages: int = 0
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    acked: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a message, whole tree."""
        return sum(self.cpu.values()) / self.messages * 1000


class Load:
    """Members in rooms, and the messages between them."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._rooms: list[tuple[str, list[SocketClient]]] = []
        self._awaited: dict[str, tuple[float, asyncio.Future[None]]] = {}
        self._counts: dict[str, int] = {}
        self._delivered: list[float] = []

    async def enter(self, http: aiohttp.ClientSession, tokens: list[tuple[str, list[str | None]]]) -> None:
        """Connect all members."""
        for room, members in tokens:
            clients = []
            for token in members:
                client = SocketClient(self._on_event)
                await client.connect(http, {"token": token} if token else None)
                await client.call("chat:join", {"conversation_id": room})
                clients.append(client)
            self._rooms.append((room, clients))

    async def run(self, seconds: float, *, rate: float | None = None) -> Round:
        """Send for some seconds: closed loop, or at a fixed rate."""
        result = Round()
        self._delivered = result.delivered
        before, began = self._server.cpu_seconds(), time.perf_counter()
        until = began + seconds
        turns = itertools.count()
        if rate is None:
            await asyncio.gather(*(self._loop(turns, until, result) for _ in range(IN_FLIGHT)))
        else:
            await self._paced(turns, until, rate, result)
        result.seconds = time.perf_counter() - began
        after = self._server.cpu_seconds()
        result.cpu = {role: value - before.get(role, 0.0) for role, value in after.items()}
        return result

    async def close(self) -> None:
        """Disconnect all."""
        for _, clients in self._rooms:
            for client in clients:
                await client.close()

    async def _loop(self, turns: "itertools.count[int]", until: float, result: Round) -> None:
        while time.perf_counter() < until:
            await self._one(next(turns), result)

    async def _paced(self, turns: "itertools.count[int]", until: float, rate: float, result: Round) -> None:
        sending = set()
        due = time.perf_counter()
        while due < until:
            sending.add(asyncio.create_task(self._one(next(turns), result)))
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await asyncio.gather(*sending)

    async def _one(self, turn: int, result: Round) -> None:
        room, members = self._rooms[turn % len(self._rooms)]
        sender = members[turn // len(self._rooms) % len(members)]
        client_id = uuid.uuid4().hex
        seen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sent = time.perf_counter()
        self._awaited[client_id] = (sent, seen)
        answer = await sender.call(
            "chat:send", {"conversation_id": room, "client_message_id": client_id, "text": TEXTS[turn % len(TEXTS)]}
        )
        if not answer["ok"]:
            raise RuntimeError(f"refused: {answer['error']['code']}")
        result.acked.append(time.perf_counter() - sent)
        await seen
        result.messages += 1

    def _on_event(self, name: str, data: Any) -> None:
        """A message counts as delivered when every member of the room has it."""
        if name != "chat:message":
            return
        client_id = data["message"]["client_message_id"]
        count = self._counts.get(client_id, 0) + 1
        if count < len(self._rooms[0][1]):
            self._counts[client_id] = count
            return
        self._counts.pop(client_id, None)
        sent, seen = self._awaited.pop(client_id)
        self._delivered.append(time.perf_counter() - sent)
        seen.set_result(None)


async def _call(http: aiohttp.ClientSession, path: str, body: dict[str, Any], token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.post(path, json=body, headers=headers) as response:
        return (await response.json())["data"]


async def people(http: aiohttp.ClientSession, rooms: int, others: int = 1) -> list[tuple[str, list[str | None]]]:
    """Make customers with a conversation each; the other members are further devices of the same customer."""
    tokens: list[tuple[str, list[str | None]]] = []
    for _ in range(rooms):
        token = (await _call(http, "/api/v1/visitors", {}))["token"]
        conversation = (await _call(http, "/api/v1/conversations", {}, token))["conversation"]["id"]
        tokens.append((conversation, [token] * (1 + others)))
    return tokens


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run both servers and give the rounds of each."""
    with tempfile.TemporaryDirectory() as folder:
        bare = start("bench.bare")
        ours = start("server", "serve", "--port", "0", "--data-dir", folder, environment={"AMANAH_LIMITS": "off"})
        try:
            async with aiohttp.ClientSession(bare.url) as bare_http, aiohttp.ClientSession(ours.url) as http:
                loads = {"bare": Load(bare), "amanah": Load(ours)}
                await loads["bare"].enter(bare_http, [(f"room{n}", [None, None]) for n in range(ROOMS)])
                await loads["amanah"].enter(http, await people(http, ROOMS))
                rounds: dict[str, list[Round]] = {"bare": [], "amanah": []}
                for load in loads.values():
                    await load.run(WARM_UP_S)
                for _ in range(options.rounds):
                    for name, load in loads.items():
                        rounds[name].append(await load.run(options.seconds))
                light = await loads["amanah"].run(options.seconds, rate=options.rate)
                for load in loads.values():
                    await load.close()
        finally:
            bare.stop()
            ours.stop()
        return {**rounds, "light": light, "trail": verified(folder)}


def verified(folder: str) -> str:
    """Check the trail of the run: it also says how many messages went into one group."""
    command = [sys.executable, "-m", "server", "audit", "verify", "--data-dir", folder]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _ms(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] * 1000


def _parts(item: Round) -> str:
    return " ".join(f"{role} {value / item.messages * 1000:.2f}" for role, value in sorted(item.cpu.items()))


def report(results: dict[str, Any]) -> str:
    """Give the figures as a table, medians over rounds."""
    lines = [
        "server  messages/s  CPU ms/message  of which                              acked p50/p99  delivered p50/p99"
    ]
    middle: dict[str, tuple[float, float]] = {}
    for name in ("bare", "amanah"):
        rounds: list[Round] = results[name]
        rate = statistics.median(item.rate for item in rounds)
        cpu = statistics.median(item.cpu_ms for item in rounds)
        middle[name] = rate, cpu
        last = rounds[-1]
        parts = _parts(last)
        lines.append(
            f"{name:<7} {rate:>10.0f} {cpu:>15.3f}  {parts:<36} "
            f"{_ms(last.acked, 50):>6.1f}/{_ms(last.acked, 99):.1f} ms  "
            f"{_ms(last.delivered, 50):>6.1f}/{_ms(last.delivered, 99):.1f} ms"
        )
    (bare_rate, bare_cpu), (rate, cpu) = middle["bare"], middle["amanah"]
    light: Round = results["light"]
    lines.append(f"audit trail {results['trail']}")
    lines.append(f"amanah / bare: {rate / bare_rate:.2f} of the rate, {cpu / bare_cpu:.1f} times the CPU")
    lines.append(
        f"light load, {light.rate:.0f} messages/s: acked p50 {_ms(light.acked, 50):.1f} ms, "
        f"p99 {_ms(light.acked, 99):.1f} ms; {light.cpu_ms:.2f} CPU ms a message: {_parts(light)}"
    )
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=100.0)
    sys.stdout.write(report(uvloop.run(measure(parser.parse_args()))) + "\n")


if __name__ == "__main__":
    main()
