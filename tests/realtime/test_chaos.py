"""Fifty senders, a line that breaks at random, and kill -9 of the store and of the server in the middle.

Every sender behaves as the contract asks of a client: one message after the other, each again under the same id until
it is acknowledged. Afterwards nothing is missing, nothing is there twice, nothing is out of order, and the audit trail
is whole. What is random comes from one seed; what the machine makes of it is not repeatable, and need not be.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S, ServerProcess, eventually
from tests.harness.proxy import Proxy
from tests.harness.socket import Cut, Refused, Socket

_SEED = 20_260_322
_ROOMS = 10
_SENDERS_PER_ROOM = 5
_MESSAGES = 12
_ALL = _ROOMS * _SENDERS_PER_ROOM * _MESSAGES
_ACK_S = 20.0
_LONGEST_S = 240.0
_PASSING = {"unavailable", "redaction_unavailable"}


class CuttingProxy(Proxy):
    """A proxy that ends each connection after a random number of bytes, without a goodbye.

    Args:
        port: of the server on the loopback interface.
        seed: of the numbers.
    """

    def __init__(self, port: int, seed: int) -> None:
        super().__init__(port)
        self._random = random.Random(seed)
        self.cuts = 0

    async def carry(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry as many bytes as chance gives."""
        # One line in four lasts long enough for a whole page of replay, without which nobody could ever catch up.
        patience = 10 if self._random.random() < 0.25 else 1
        budget = [self._random.randrange(1_500, 9_000) * patience]
        pumps = [
            asyncio.create_task(self._pump(near[0], far[1], budget)),
            asyncio.create_task(self._pump(far[0], near[1], budget)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        self.cuts += budget[0] < 0

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: list[int]) -> None:
        with suppress(OSError):
            while budget[0] >= 0 and (data := await reader.read(700)):
                budget[0] -= len(data)
                # The piece in which the budget ends is cut too: half a packet arrives.
                writer.write(data if budget[0] >= 0 else data[: len(data) // 2])
                await writer.drain()


@dataclass
class Line:
    """A client's connection through the proxy, made anew whenever it is needed and gone."""

    world: World
    person: Person
    url: str
    patience: random.Random
    socket: Socket | None = None

    async def call(self, name: str, command: dict[str, object]) -> Any:
        """Try until the server answers; give `data`."""
        while True:
            try:
                if self.socket is None or self.socket.ended.is_set():
                    await self.close()
                    self.socket = await Socket.connect(self.world.session, self.url, {"token": self.person.token})
                envelope = await asyncio.wait_for(await self.socket.post(name, command), _ACK_S)
                if envelope["ok"]:
                    return envelope["data"]
                assert envelope["error"]["code"] in _PASSING, envelope["error"]["code"]
            except Refused as refused:
                # A store that is down must not look like a session that is over.
                if str(refused) not in _PASSING:
                    raise
            except (Cut, TimeoutError, aiohttp.ClientError, OSError):
                await self.close()
            # As clients do: a little later, and not all at the same moment.
            await asyncio.sleep(self.patience.uniform(0.05, 0.4))

    async def close(self) -> None:
        """Let go of the connection."""
        if self.socket is not None:
            await self.socket.close()
            self.socket = None


@dataclass
class Sender:
    """Somebody with messages to send, and what was acknowledged."""

    line: Line
    talk: str
    name: str
    acknowledged: list[dict[str, Any]] = field(default_factory=list)

    async def send_all(self) -> None:
        """One after the other."""
        for number in range(_MESSAGES):
            command: dict[str, object] = {
                "conversation_id": self.talk,
                "client_message_id": f"{self.name}-{number}",
                "text": f"pesan {number} dari {self.name}",
            }
            self.acknowledged.append((await self.line.call("chat:send", command))["message"])
        await self.line.close()


@dataclass
class Watcher:
    """Somebody who looks at a conversation: what they have seen, by `seq`."""

    line: Line
    talk: str
    seen: dict[int, dict[str, Any]] = field(default_factory=dict)

    async def watch_until(self, last_seq: int) -> None:
        """Join from where they are, take what comes, and join again when the line has broken."""
        while True:
            after = max(self._dense(), 0)
            page = await self.line.call("chat:join", {"conversation_id": self.talk, "after_seq": after})
            self._take(page["messages"])
            if self._dense() >= last_seq:
                await self.line.close()
                return
            socket = self.line.socket
            if page["has_more"] or socket is None:
                continue
            await self._listen(socket, last_seq)

    async def _listen(self, socket: Socket, last_seq: int) -> None:
        """Take what comes, until everything is there or the line breaks."""

        def settled() -> bool:
            self._take(socket.messages(self.talk))
            return self._dense() >= last_seq or socket.ended.is_set()

        await socket.until(settled, "news or the end of the line")

    def _take(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            # Whatever way a message comes, and however often, it is the same message.
            assert self.seen.setdefault(message["seq"], message) == message

    def _dense(self) -> int:
        """How far there is no gap."""
        return next((seq for seq in range(len(self.seen) + 1) if seq + 1 not in self.seen), 0)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server to be killed."""
    server = ServerProcess(tmp_path, {"AMANAH_LIMITS": "off"})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def proxy(server: ServerProcess) -> AsyncIterator[CuttingProxy]:
    """The bad line to it."""
    proxy = CuttingProxy(server.port, _SEED)
    await proxy.start()
    yield proxy
    await proxy.stop()


async def _people(world: World, url: str) -> tuple[list[Sender], list[Watcher]]:
    senders: list[Sender] = []
    watchers: list[Watcher] = []
    for room in range(_ROOMS):
        customer = await world.person("customer")
        talk = await customer.conversation()
        agents = [await world.person("agent") for _ in range(_SENDERS_PER_ROOM - 1)]
        await agents[0].take(talk)
        for colleague in agents[1:]:
            await agents[0].post(f"/conversations/{talk}/participants", {"agent_id": colleague.id})
        for number, person in enumerate([customer, *agents]):
            line = Line(world, person, url, random.Random(_SEED + 100 * room + number))
            senders.append(Sender(line, talk, f"r{room}s{number}"))
        watchers.append(Watcher(Line(world, customer, url, random.Random(_SEED - room)), talk))
    return senders, watchers


async def _break_things(server: ServerProcess, senders: list[Sender]) -> None:
    """Kill the store alone; later the server and the store at the same moment, as a power cut does."""

    async def acknowledged(part: float) -> None:
        await eventually(
            lambda: sum(len(sender.acknowledged) for sender in senders) >= part * _ALL,
            f"{part:.0%} acknowledged",
            patience_s=2 * PATIENCE_S,
        )

    await acknowledged(0.2)
    for pid in server.engine_pids:
        os.kill(pid, signal.SIGKILL)
    await acknowledged(0.55)
    engines = server.engine_pids
    await server.kill()
    for pid in engines:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await server.start()


async def _audited(world: World) -> set[str]:
    """The ids of messages in the audit trail."""
    ids: set[str] = set()
    async for block in world.database["audit_blocks"].find({}):
        for line in block["entries"]:
            action, _, objects, *_ = orjson.loads(line)
            if action.startswith("chat:message:"):
                ids.add(objects[1])
    return ids


async def test_nothing_is_lost_twice_or_out_of_order(
    server: ServerProcess, proxy: CuttingProxy, browserless: aiohttp.ClientSession
) -> None:
    """600 messages in ten conversations through a line that breaks, with two crashes on the way."""
    async with World(server, browserless) as world:
        senders, watchers = await _people(world, proxy.url)
        # A sender whose message is never answered would try for ever.
        async with asyncio.timeout(_LONGEST_S), asyncio.TaskGroup() as tasks:
            for sender in senders:
                tasks.create_task(sender.send_all())
            for watcher in watchers:
                tasks.create_task(watcher.watch_until(_SENDERS_PER_ROOM * _MESSAGES))
            tasks.create_task(_break_things(server, senders))
        assert proxy.cuts >= len(senders)
        audited = await _audited(world)
        for watcher in watchers:
            kept = await watcher.line.person.messages(watcher.talk, after_seq=0, limit=100)
            assert [message["seq"] for message in kept] == list(range(1, _SENDERS_PER_ROOM * _MESSAGES + 1))
            by_id = {message["id"]: message for message in kept}
            assert len(by_id) == len(kept)
            assert [watcher.seen[seq] for seq in sorted(watcher.seen)] == kept
            assert set(by_id) <= audited
            for sender in (sender for sender in senders if sender.talk == watcher.talk):
                assert [message["client_message_id"] for message in sender.acknowledged] == [
                    f"{sender.name}-{number}" for number in range(_MESSAGES)
                ]
                assert all(by_id[message["id"]] == message for message in sender.acknowledged)
                assert all(one["seq"] < other["seq"] for one, other in pairwise(sender.acknowledged))
        verified = await server.command("audit", "verify")
        assert verified.status == 0, verified.errors
        assert "Traceback" not in server.log()
