"""Support chat as it grows: opening a conversation, the inbox, posting and search, few and many stored messages.

    python -m bench.growth [--small 10000] [--large 1000000] [--seconds 4] [--rounds 3] [--keep FOLDER] [--only WORDS]

Each size is a store of its own, filled by `filling_chat`, on the embedded engine, with as many conversations open at
either size: the work of a day does not grow with the years before it. CPU milliseconds of the whole process
tree an answer, beside the time it took. The goals are ratios: opening and inbox at the large size at most 1.5 times
what they cost at the small one. Like is compared with like:

- `first`: each question once, about other conversations and by who has them, asked of a server that has just started:
  nothing of it is in memory, and the reader's first look is written down. As many at either size.
- `again`: the same few conversations and the same lists over and over, at either size.
- `any`: any conversation of one agent. Of the few of a small store all are soon in memory, of a large one's thousands
  hardly one: the ratio says how much dearer a first question is, not how the chat grows.
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
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import aiohttp
import uvloop

from bench.filling_chat import ChatFilling
from bench.forum_store import SETTINGS
from bench.load import Ask, Round, line, load, once, settled
from bench.processes import cpu_seconds
from bench.sayings import THINGS, Sayings
from server.kernel.actor import Role
from server.storage.mongo import open_client
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess

GOAL = 1.5
_CUSTOMERS = 400
_AGENTS = 8
_COLD = 200
_FEW = 25
_LISTS = 60
_FIRST, _AGAIN, _ANY = "first, ", "again, ", "any, "
_LISTED = "lists"
_PAGE = "/conversations?limit=25"
"""As many rows at either size: of a small store an agent has some thirty conversations."""

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
        tokens: account id -> session of the agents, and of some customers.
    """

    def __init__(self, url: str, http: aiohttp.ClientSession, contents: Contents, tokens: Mapping[str, str]) -> None:
        self._url = url
        self._http = http
        self._tokens = tokens
        self._agent = contents.agents[0]
        self._chance = random.Random(3)
        self._sayings = Sayings(4)
        self._all = contents.conversations
        self._theirs = [(one, agent) for one, _, agent in contents.conversations if agent == self._agent]
        self._few = self._chance.sample(self._theirs, _FEW)
        self._customers = [account for account in tokens if account not in contents.agents]
        self._agents = contents.agents

    # --- what nobody asked for since the server started ------------------------------------------------------------

    def first_lists(self) -> dict[str, list[Ask]]:
        """Give first pages: each for another person."""
        agents, customers = self._agents[1:], self._customers[1:]
        return {
            "inbox, open conversations": [self._getting("/conversations?status=open", one) for one in agents],
            "inbox, all conversations": [self._getting(_PAGE, one) for one in agents],
            "a customer's own list": [self._getting("/conversations", one) for one in customers],
        }

    def warming(self) -> list[Ask]:
        """Give what has a server do everything once that it does once in its life, for people who are not measured."""
        asked = [(path, one) for path in ("/conversations?status=open", _PAGE) for one in self._few_people()]
        conversation, _, agent = self._all[0]
        return [*(self._getting(path, one) for path, one in asked), partial(self._open, conversation, agent)]

    def _few_people(self) -> tuple[str, str]:
        return self._agents[0], self._customers[0]

    def first_of_each(self) -> dict[str, list[Ask]]:
        """Give questions about conversations, each about another one, by who has it."""
        drawn = self._chance.sample(self._all[1:], min(_COLD, len(self._all) - 1))
        asked = {"opening a conversation": self._open, "older messages": self._older, "posting": self._post}
        return {name: [partial(ask, one, agent) for one, _, agent in drawn] for name, ask in asked.items()}

    # --- what was asked for before ---------------------------------------------------------------------------------

    def openings(self) -> list[Ask]:
        """Give what makes the few known."""
        return [partial(self._open, one, agent) for one, agent in self._few]

    def again(self) -> dict[str, Ask]:
        """Give questions about the same few conversations."""
        few = self._few
        return {
            "opening a conversation": lambda: self._open(*self._chance.choice(few)),
            "inbox, open conversations": self._getting("/conversations?status=open", self._agent),
            "inbox, all conversations": self._getting(_PAGE, self._agent),
            "a customer's own list": self._getting("/conversations", self._customers[0]),
            "older messages": lambda: self._older(*self._chance.choice(few)),
            "posting": lambda: self._post(*self._chance.choice(few)),
        }

    async def desk(self) -> dict[str, Ask]:
        """Give what is asked of the desk, of which there may be none."""
        asked: dict[str, Ask] = {
            name: self._getting(path, self._agent)
            for name, path in (
                ("desk, cases that wait", "/desk/cases?view=mine_waiting"),
                ("desk, the queue", "/desk/cases?view=queue"),
                ("desk, views and counts", "/desk/views"),
                ("desk, search", "/desk/search?q=printer%20kasir"),
            )
            if await self._has(path)
        }
        if "desk, search" in asked:
            asked["desk, search, any two common words"] = self._search
            asked["desk, search, any one common word"] = lambda: self._search(1)
        return asked

    def any_of_them(self) -> dict[str, Ask]:
        """Give questions about any conversation of one agent: of few all are soon in memory, of many hardly one."""
        return {
            "opening a conversation": lambda: self._open(*self._chance.choice(self._theirs)),
            "older messages": lambda: self._older(*self._chance.choice(self._theirs)),
            "posting": lambda: self._post(*self._chance.choice(self._theirs)),
        }

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _open(self, conversation: str, agent: str) -> None:
        await self._get(f"/conversations/{conversation}", agent)
        await self._get(f"/conversations/{conversation}/messages", agent)

    async def _older(self, conversation: str, agent: str) -> None:
        await self._get(f"/conversations/{conversation}/messages?before_seq=21&limit=20", agent)

    async def _post(self, conversation: str, agent: str) -> None:
        body = {"client_message_id": secrets.token_hex(16), "text": self._sayings.sentence()}
        url = f"{self._url}/api/v1/conversations/{conversation}/messages"
        async with self._http.post(url, json=body, headers=self._headers(agent)) as response:
            await response.read()
            if response.status not in {200, 201}:
                raise RuntimeError(f"a message was answered with {response.status}")

    async def _search(self, count: int = 2) -> None:
        """Look for some words of which every piece of a conversation has several."""
        chosen = self._chance.sample(THINGS, count)
        await self._get(f"/desk/search?q={'%20'.join(chosen)}", self._agent)

    def _getting(self, path: str, account: str) -> Ask:
        return lambda: self._get(path, account)

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


class Size:
    """Measures a chat of some size.

    Args:
        messages: how many it has.
        folder: empty.
        http: a client.
        options: of the command line.
    """

    def __init__(self, messages: int, folder: Path, http: aiohttp.ClientSession, options: argparse.Namespace) -> None:
        self._messages = messages
        self._folder = folder
        self._http = http
        self._options = options
        self._contents = Contents((), (), ())
        self.costs: dict[str, float] = {}

    async def measure(self) -> None:
        """Ask everything, each kind of first questions of a server that has just started."""
        began = time.perf_counter()
        self._contents = await filled(self._folder, self._options.keep, self._messages, self._http)
        sys.stdout.write(
            f"{self._messages} messages in {len(self._contents.conversations)} conversations, there after"
            f" {time.perf_counter() - began:.0f} s\n"
        )
        for kind in (_LISTED, "opening a conversation", "older messages", "posting"):
            if kind != _LISTED and self._options.only not in f"{_FIRST}{kind}":
                continue
            rounds: dict[str, list[Round]] = {}
            for _ in range(self._options.rounds):
                async with self._asked() as (server, questions):
                    firsts = questions.first_lists() if kind == _LISTED else {kind: questions.first_of_each()[kind]}
                    for name, asks in firsts.items():
                        rounds.setdefault(f"{_FIRST}{name}", []).append(await once(server.pid, asks))
            for name, items in rounds.items():
                self._told(name, items)
        async with self._asked() as (server, questions):
            await once(server.pid, questions.openings())
            # What is posted is taken into the search's index for minutes afterwards: nothing is asked beside that.
            for name, ask in (await questions.desk()).items():
                await self._repeatedly(server, f"{_AGAIN}{name}", ask)
            for name, ask in questions.again().items():
                await self._repeatedly(server, f"{_AGAIN}{name}", ask)
            for name, ask in questions.any_of_them().items():
                await self._repeatedly(server, f"{_ANY}{name}", ask)

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[tuple[ServerProcess, Questions]]:
        """A server that has started and has nothing left to do, with people who are signed in."""
        server = ServerProcess(self._folder, SETTINGS)
        began = time.perf_counter()
        await server.start()
        started = time.perf_counter() - began
        try:
            used = sum(cpu_seconds(server.pid).values())
            # The desk makes cases for what was filled in without it.
            busy = await settled(server.pid)
            sys.stdout.write(f"  started in {started:.1f} s and {used:.1f} CPU s, then busy for {busy:.1f} CPU s\n")
            async with World(server, self._http) as world:
                people = [Person(account, "", "", Role.AGENT, world) for account in self._contents.agents]
                few = self._contents.customers[:_LISTS]
                people += [Person(account, "", "", Role.CUSTOMER, world) for account in few]
                tokens = {person.id: (await world.again(person)).token for person in people}
                questions = Questions(server.url, self._http, self._contents, tokens)
                await once(server.pid, questions.warming())
                await settled(server.pid)
                yield server, questions
        finally:
            await server.stop()

    async def _repeatedly(self, server: ServerProcess, name: str, ask: Ask) -> None:
        if self._options.only in name:
            self._told(name, [await load(server.pid, ask, self._options.seconds) for _ in range(self._options.rounds)])

    def _told(self, name: str, rounds: Sequence[Round]) -> None:
        sys.stdout.write(line(name, rounds) + "\n")
        sys.stdout.flush()
        self.costs[name] = statistics.median(item.cpu_ms for item in rounds)


async def at_size(messages: int, options: argparse.Namespace) -> dict[str, float]:
    """Measure a chat of so many messages; give the CPU milliseconds of each question."""
    with tempfile.TemporaryDirectory() as name:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            size = Size(messages, Path(name), http, options)
            await size.measure()
            return size.costs


def compared(sizes: Sequence[int], costs: Sequence[Mapping[str, float]]) -> str:
    """Give the ratio of each question that was asked at both sizes."""
    rows = [f"CPU at {sizes[1]} messages / at {sizes[0]} (goal for opening and inbox: {GOAL})"]
    rows += [f"  {name:<42} {costs[1][name] / cost:.2f}" for name, cost in costs[0].items() if name in costs[1]]
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
