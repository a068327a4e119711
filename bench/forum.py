"""The forum under load, small and large: topic page, list, search, answer; beside a bare handler of the same size.

    python -m bench.forum [--small 1000] [--large 200000] [--seconds 5] [--rounds 2] [--keep FOLDER]

Both stores are filled by `filling_forum`. The same is measured at both sizes, in rounds that alternate with the bare
handler. What is asked for is drawn by chance over all topics, with a fixed seed.
"""

import argparse
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import uvloop

from bench.forum_store import SETTINGS, Contents, filled
from bench.load import Ask, Round, line, load
from bench.processes import Running, start
from bench.sayings import Sayings
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess

_FULL_PAGE = 20


class Questions:
    """What is asked of a server with a forum of some size.

    Args:
        url: of the server.
        http: a client.
        contents: what its store holds.
        member: who reads.
        agents: who answer.
    """

    def __init__(
        self, url: str, http: aiohttp.ClientSession, contents: Contents, member: Person, agents: Sequence[Person]
    ) -> None:
        self._url = url
        self._http = http
        self._chance = random.Random(1)
        self._sayings = Sayings(2)
        self._member = member
        self._agents = agents
        self._places = contents.places
        # A page of twenty posts, as the goals name it.
        self._full = [place.path for place in contents.places if place.posts >= _FULL_PAGE]

    def all(self) -> dict[str, Ask]:
        """Give what is measured."""
        signed_in = {"Cookie": f"amanah_session={self._member.token}"}
        one = self._full[len(self._full) // 2]
        return {
            "topic page, one topic, readers": lambda: self._get(one),
            "topic page, any topic, readers": lambda: self._get(self._chance.choice(self._full)),
            "topic page, one topic, member": lambda: self._get(one, signed_in),
            "topic page, any topic, member": lambda: self._get(self._chance.choice(self._full), signed_in),
            "list page, member": lambda: self._get("/forum", signed_in),
            "search, common words": lambda: self._search("printer kasir"),
            "search, any two words": lambda: self._search(" ".join(self._sayings.words(2))),
            "search, rare word": lambda: self._search(self._sayings.rare()),
            "answer": self._answer,
        }

    async def size(self) -> int:
        """Give the bytes of a topic page of twenty posts."""
        async with self._http.get(self._url + self._full[0]) as response:
            assert response.status == 200
            return len(await response.read())

    async def _get(self, path: str, headers: dict[str, str] | None = None) -> None:
        async with self._http.get(self._url + path, headers=headers, allow_redirects=False) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"answered with {response.status}")

    async def _search(self, words: str) -> None:
        headers = {"Authorization": f"Bearer {self._member.token}"}
        async with self._http.get(self._url + "/api/v1/search", params={"q": words}, headers=headers) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"answered with {response.status}")

    async def _answer(self) -> None:
        agent = self._chance.choice(self._agents)
        place = self._chance.choice(self._places)
        body = {"text": self._sayings.post(), "client_post_id": secrets.token_hex(12)}
        url = f"{self._url}/api/v1/forum/topics/{place.topic_id}/posts"
        async with self._http.post(url, json=body, headers={"Authorization": f"Bearer {agent.token}"}) as response:
            await response.read()
            if response.status != 201:
                raise RuntimeError(f"answered with {response.status}")


async def bare_rounds(bare: Running, http: aiohttp.ClientSession, seconds: float) -> Round:
    """Load the bare handler."""

    async def ask() -> None:
        async with http.get(bare.url + "/forum") as response:
            await response.read()

    return await load(bare.process.pid, ask, seconds)


async def measured(
    questions: Questions, pid: int, http: aiohttp.ClientSession, options: argparse.Namespace
) -> dict[str, float]:
    """Measure every question, and print; give the CPU milliseconds of each."""
    size = await questions.size()
    bare = start("bench.bare_page", str(size))
    costs: dict[str, float] = {}
    try:
        yardstick: list[Round] = []
        for name, ask in questions.all().items():
            if options.only and not any(word in name for word in options.only):
                continue
            rounds = []
            for _ in range(options.rounds):
                yardstick.append(await bare_rounds(bare, http, options.seconds / 2))
                rounds.append(await load(pid, ask, options.seconds))
            sys.stdout.write(line(name, rounds) + "\n")
            sys.stdout.flush()
            costs[name] = statistics.median(item.cpu_ms for item in rounds)
        sys.stdout.write(line(f"bare handler, {size} bytes", yardstick) + "\n")
    finally:
        bare.stop()
    return costs


async def at_size(posts: int, options: argparse.Namespace) -> dict[str, float]:
    """Measure a forum of so many posts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as http:
            began = time.perf_counter()
            contents = await filled(folder, options.keep, posts, http)
            sys.stdout.write(f"{posts} posts, there after {time.perf_counter() - began:.0f} s\n")
            server = ServerProcess(folder, SETTINGS)
            await server.start()
            try:
                async with World(server, http) as world:
                    member, agents = await contents.people(world)
                    questions = Questions(server.url, http, contents, member, agents)
                    return await measured(questions, server.pid, http, options)
            finally:
                await server.stop()


async def run(options: argparse.Namespace) -> None:
    """Measure at both sizes."""
    costs = [await at_size(posts, options) for posts in (options.small, options.large) if posts]
    if len(costs) == 2:
        sys.stdout.write(f"CPU at {options.large} posts / at {options.small}\n")
        for name, cost in costs[1].items():
            sys.stdout.write(f"  {name:<32} {cost / costs[0][name]:.2f}\n")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1_000, help="posts; 0 leaves it out")
    parser.add_argument("--large", type=int, default=200_000, help="posts; 0 leaves it out")
    parser.add_argument("--keep", type=Path, help="folder that keeps filled stores for the next run")
    parser.add_argument("--only", action="append", help="measure only questions that have this in their name")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=2)
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
