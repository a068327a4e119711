"""Support chat as it grows: opening a conversation, the inbox, posting and search, few and many stored messages.

    python -m bench.growth [--small 10000] [--large 1000000] [--seconds 4] [--rounds 3] [--keep FOLDER] [--only WORDS]

Each size is a store of its own, filled by `filling_chat`, on the embedded engine. CPU milliseconds of the whole process
tree an answer, beside the time it took; what is asked for is drawn by chance over all conversations. The goals are
ratios: opening and inbox at the large size at most 1.5 times what they cost at the small one.
"""

import argparse
import json
import random
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
import uvloop

from bench.filling_chat import ChatFilling
from bench.forum_store import SETTINGS
from bench.load import Ask, line, load, settled
from bench.sayings import THINGS, Sayings
from server.kernel.actor import Role
from server.storage.mongo import open_client
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess

GOAL = 1.5
_CUSTOMERS = 400
_AGENTS = 8
_NOTES = "filled.json"
_FOUND = 200
_MISSING = 404


@dataclass(frozen=True, slots=True)
class Contents:
    """What a filled store holds.

    Attributes:
        customers: account ids.
        agents: account ids.
        conversations: (id, customer, agent) of each.
    """

    customers: tuple[str, ...]
    agents: tuple[str, ...]
    conversations: tuple[tuple[str, str, str], ...]


async def filled(folder: Path, kept: Path | None, messages: int, http: aiohttp.ClientSession) -> Contents:
    """Make a data directory under a folder that holds so many messages: a copy of a kept one, or filled."""
    store = kept / f"chat-{messages}" if kept else None
    if store is not None and (store / _NOTES).exists():
        shutil.copytree(store / "data", folder / "data")
        notes = json.loads((store / _NOTES).read_text())
        conversations = tuple((one, customer, agent) for one, customer, agent in notes["conversations"])
        return Contents(tuple(notes["customers"]), tuple(notes["agents"]), conversations)
    server = ServerProcess(folder, SETTINGS)
    await server.start()
    try:
        async with World(server, http) as world:
            customers = [(await world.person("customer")).id for _ in range(_CUSTOMERS)]
            agents = [(await world.person("agent")).id for _ in range(_AGENTS)]
            client = open_client(server.store_url, embedded=True, socket_timeout_s=None)
            filling = ChatFilling(client[world.database.name], customers, agents)
            await filling.fill(messages, _told)
            client.close()
            sys.stderr.write("\n")
    finally:
        await server.stop()
    conversations = tuple((item.id, item.customer_id, item.assignee_id or "") for item in filling.conversations)
    contents = Contents(tuple(customers), tuple(agents), conversations)
    if store is not None:
        shutil.copytree(folder / "data", store / "data")
        (store / _NOTES).write_text(json.dumps(asdict(contents)))
    return contents


class Questions:
    """What is asked of the chat.

    Args:
        url: of the server.
        http: a client.
        contents: what its store holds.
        tokens: account id -> session of the agents, and of one customer.
    """

    def __init__(self, url: str, http: aiohttp.ClientSession, contents: Contents, tokens: Mapping[str, str]) -> None:
        self._url = url
        self._http = http
        self._tokens = tokens
        self._agent = contents.agents[0]
        self._chance = random.Random(3)
        self._sayings = Sayings(4)
        self._theirs = [one for one, _, agent in contents.conversations if agent == self._agent]
        self._customer = next(account for account in tokens if account not in contents.agents)

    async def all(self) -> dict[str, Ask]:
        """Give what is measured: of the desk what this server has."""
        asked: dict[str, Ask] = {
            "opening a conversation": self._open,
            "inbox, open conversations": lambda: self._get("/conversations?status=open", self._agent),
            "inbox, all conversations": lambda: self._get("/conversations", self._agent),
            "a customer's own list": lambda: self._get("/conversations", self._customer),
            "older messages": self._older,
            "posting": self._post,
        }
        for name, path in (
            ("desk, cases that wait", "/desk/cases?view=mine_waiting"),
            ("desk, the queue", "/desk/cases?view=queue"),
            ("desk, views and counts", "/desk/views"),
            ("desk, search", "/desk/search?q=printer%20kasir"),
        ):
            if await self._has(path):
                asked[name] = lambda path=path: self._get(path, self._agent)  # type: ignore[misc]  # bound now
        if "desk, search" in asked:
            asked["desk, search, any two common words"] = self._search
            asked["desk, search, any one common word"] = lambda: self._search(1)
        return asked

    async def _open(self) -> None:
        conversation = self._chance.choice(self._theirs)
        await self._get(f"/conversations/{conversation}", self._agent)
        await self._get(f"/conversations/{conversation}/messages", self._agent)

    async def _older(self) -> None:
        conversation = self._chance.choice(self._theirs)
        await self._get(f"/conversations/{conversation}/messages?before_seq=21&limit=20", self._agent)

    async def _post(self) -> None:
        conversation = self._chance.choice(self._theirs)
        body = {"client_message_id": secrets.token_hex(16), "text": self._sayings.sentence()}
        url = f"{self._url}/api/v1/conversations/{conversation}/messages"
        async with self._http.post(url, json=body, headers=self._headers(self._agent)) as response:
            await response.read()
            if response.status not in {200, 201}:
                raise RuntimeError(f"a message was answered with {response.status}")

    async def _search(self, count: int = 2) -> None:
        """Look for some words of which every piece of a conversation has several."""
        chosen = self._chance.sample(THINGS, count)
        await self._get(f"/desk/search?q={'%20'.join(chosen)}", self._agent)

    async def _get(self, path: str, account: str) -> None:
        async with self._http.get(f"{self._url}/api/v1{path}", headers=self._headers(account)) as response:
            await response.read()
            if response.status != _FOUND:
                raise RuntimeError(f"{path.partition('?')[0]} was answered with {response.status}")

    async def _has(self, path: str) -> bool:
        async with self._http.get(f"{self._url}/api/v1{path}", headers=self._headers(self._agent)) as response:
            await response.read()
            return response.status != _MISSING

    def _headers(self, account: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[account]}"}


async def at_size(messages: int, options: argparse.Namespace) -> dict[str, float]:
    """Measure a chat of so many messages; give the CPU milliseconds of each question."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            began = time.perf_counter()
            contents = await filled(folder, options.keep, messages, http)
            server = ServerProcess(folder, SETTINGS)
            there = time.perf_counter()
            await server.start()
            started = time.perf_counter()
            try:
                # The desk makes cases for what was filled in without it.
                busy = await settled(server.pid)
                sys.stdout.write(
                    f"{messages} messages in {len(contents.conversations)} conversations, there after"
                    f" {there - began:.0f} s; the server started in {started - there:.1f} s, then was busy for"
                    f" {busy:.1f} CPU s\n"
                )
                return await _measured(server, contents, http, options)
            finally:
                await server.stop()


async def _measured(
    server: ServerProcess, contents: Contents, http: aiohttp.ClientSession, options: argparse.Namespace
) -> dict[str, float]:
    costs: dict[str, float] = {}
    async with World(server, http) as world:
        people = [Person(contents.agents[0], "", "", Role.AGENT, world)]
        people.append(Person(contents.customers[0], "", "", Role.CUSTOMER, world))
        tokens = {person.id: (await world.again(person)).token for person in people}
        for name, ask in (await Questions(server.url, http, contents, tokens).all()).items():
            if options.only not in name:
                continue
            rounds = [await load(server.pid, ask, options.seconds) for _ in range(options.rounds)]
            sys.stdout.write(line(name, rounds) + "\n")
            sys.stdout.flush()
            costs[name] = statistics.median(item.cpu_ms for item in rounds)
    return costs


def compared(sizes: Sequence[int], costs: Sequence[Mapping[str, float]]) -> str:
    """Give the ratio of each question that was asked at both sizes."""
    rows = [f"CPU at {sizes[1]} messages / at {sizes[0]} (goal for opening and inbox: {GOAL})"]
    rows += [f"  {name:<32} {costs[1][name] / cost:.2f}" for name, cost in costs[0].items() if name in costs[1]]
    return "\n".join(rows)


async def run(options: argparse.Namespace) -> None:
    """Measure at both sizes."""
    sizes = [messages for messages in (options.small, options.large) if messages]
    costs = [await at_size(messages, options) for messages in sizes]
    if len(costs) > 1:
        sys.stdout.write(compared(sizes, costs) + "\n")


def _told(written: int) -> None:
    sys.stderr.write(f"\r{written:>9} messages")
    sys.stderr.flush()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000, help="messages; 0 leaves it out")
    parser.add_argument("--large", type=int, default=1_000_000, help="messages; 0 leaves it out")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder that keeps filled stores for the next run")
    parser.add_argument("--only", default="", help="only the questions whose names hold this")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
