"""The forum under load, small and large: topic page, list, search, answer; beside a bare handler of the same size.

    python -m bench.forum [--small 1000] [--large 200000] [--seconds 5] [--rounds 2]

One topic is written through the server; its documents are then copied into the store in slices, with other numbers and
words, so that the server meets what it would have written itself. The same is measured at both sizes, in rounds that
alternate with the bare handler. What is asked for is drawn by chance over all topics, with a fixed seed.
"""

import argparse
import asyncio
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from bench.processes import Running, cpu_seconds, start
from nlp.terms import terms_of
from server.kernel.ids import new_id
from server.search.store import MongoSearchStore, document_of
from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S, ServerProcess, eventually

POSTS_A_TOPIC = 20
IN_FLIGHT = 8
WARM_UP_S = 1.0
_SLICE = 25
_KNOWN = (
    "printer kasir struk cetak laporan stok gudang barang harga diskon faktur pajak pelanggan cabang toko antrean "
    "layar aplikasi jaringan koneksi tagihan pembayaran transfer kartu saldo akun data impor ekspor lembar kolom"
)
_SYLLABLES = ["ba", "du", "ki", "lo", "me", "na", "pi", "ra", "su", "ti", "wa", "yo"]
_WORDS = [*_KNOWN.split(), *(a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES)]
Ask = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Round:
    """What one round measured. Seconds throughout.

    Attributes:
        seconds: how long it took.
        cpu: CPU seconds by role of process.
        took: of each answer.
    """

    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds an answer, whole tree."""
        return sum(self.cpu.values()) / len(self.took) * 1000

    @property
    def p95_ms(self) -> float:
        """Milliseconds in which 95 of 100 answers came."""
        return statistics.quantiles(self.took, n=100)[94] * 1000


async def load(pid: int, ask: Ask, seconds: float) -> Round:
    """Ask in a closed loop for some seconds, after a short warm-up."""
    result = Round()

    async def loop(until: float, took: list[float]) -> None:
        while (began := time.perf_counter()) < until:
            await ask()
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(loop(time.perf_counter() + WARM_UP_S, []) for _ in range(IN_FLIGHT)))
    before, began = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(loop(began + seconds, result.took) for _ in range(IN_FLIGHT)))
    result.seconds = time.perf_counter() - began
    result.cpu = {role: value - before.get(role, 0.0) for role, value in cpu_seconds(pid).items()}
    return result


class Filled:
    """A server with a forum of some size, and the questions that are put to it."""

    def __init__(self, world: World, http: aiohttp.ClientSession) -> None:
        self._world = world
        self._http = http
        self._chance = random.Random(1)
        self._topics = 0
        self._model: tuple[dict[str, Any], list[dict[str, Any]], list[Any]] | None = None
        self._member: Person | None = None
        self._agents: list[Person] = []
        self._ids: list[str] = []

    async def begin(self) -> None:
        """Write the first topic through the server."""
        moderator = await self._world.person("moderator")
        self._agents = [await self._world.person("agent") for _ in range(4)]
        self._member = await self._world.person("customer")
        category = (await moderator.post("/forum/categories", {"name": "Umum", "slug": "umum"})).data["category"]["id"]
        body = {"category_id": category, "title": self._text(6), "text": self._text(40), "tags": ["kasir"]}
        topic_id = (await self._agents[0].post("/forum/topics", body)).data["topic"]["id"]
        for number in range(1, POSTS_A_TOPIC):
            answer = {"text": self._text(40)}
            sent = await self._agents[number % 4].post(f"/forum/topics/{topic_id}/posts", answer)
            assert sent.status == 201
        database = self._world.database
        await eventually(self._all_drawn, "everything is indexed", patience_s=10 * PATIENCE_S)
        topic = await database.forum_topics.find_one({"_id": topic_id})
        posts = [item async for item in database.forum_posts.find({"topic_id": topic_id})]
        entries = list((await MongoSearchStore(database).find([post["_id"] for post in posts])).values())
        assert topic is not None
        assert len(posts) == len(entries) == POSTS_A_TOPIC
        self._model = topic, sorted(posts, key=lambda post: post["seq"]), entries
        self._topics = 1
        self._ids = [topic_id]

    async def fill(self, posts: int) -> None:
        """Copy the first topic until there are so many posts; then set the counters."""
        database = self._world.database
        # Answers that were written in between have taken numbers too.
        await eventually(self._all_drawn, "everything is indexed", patience_s=10 * PATIENCE_S)
        first = max(
            [int(item["value"]) async for item in database.counters.find({"_id": {"$in": ["search", "forum_bump"]}})]
        )
        while self._topics * POSTS_A_TOPIC < posts:
            topics, messages, entries = [], [], []
            for _ in range(min(_SLICE, posts // POSTS_A_TOPIC - self._topics)):
                self._topics += 1
                topic, written, found = self._copy(self._topics, first)
                first += POSTS_A_TOPIC
                topics.append(topic)
                messages += written
                entries += [document_of(entry) for entry in found]
            await database.forum_topics.insert_many(topics, ordered=False)
            await database.forum_posts.insert_many(messages, ordered=False)
            await database.search_documents.insert_many(entries, ordered=False)
            sys.stderr.write(f"\r{self._topics * POSTS_A_TOPIC:>8} posts")
        sys.stderr.write("\n")
        for counter, value in (("forum_topics", self._topics), ("forum_bump", first), ("search", first)):
            await database.counters.update_one({"_id": counter}, {"$max": {"value": value}}, upsert=True)

    def _copy(self, number: int, first: int) -> tuple[dict[str, Any], list[dict[str, Any]], list[Any]]:
        assert self._model is not None
        topic, posts, entries = self._model
        fresh, title = new_id(), self._text(6)
        self._ids.append(fresh)
        at = topic["active_at"] - timedelta(minutes=number)
        key = {"client_key": os.urandom(16)}
        copied = {**topic, **key, "_id": fresh, "number": number, "title": title, "bump": first + POSTS_A_TOPIC}
        copied |= {"created_at": at, "active_at": at}
        messages, found = [], []
        by_seq = {entry.seq: entry for entry in entries}
        for post in posts:
            seq = int(post["seq"])
            text = self._text(40)
            own = {"_id": f"{fresh}.{seq}", "topic_id": fresh, "client_key": os.urandom(16), "created_at": at}
            messages.append({**post, **own, "text": text, "html": f"<p>{text}</p>"})
            keys = {*terms_of(text), f"@{post['author_id']}"}
            head = frozenset({*terms_of(title), "#kasir"})
            entry = replace(by_seq[seq], topic_id=fresh, at=at, head=head, number=first + seq)
            if seq == 1:
                keys |= {*head, *(f"t:{term}" for term in terms_of(title)), "o:", f"k:{entry.category_id}"}
                entry = replace(entry, topic_number=number, title=type(entry.title)(title))  # type: ignore[arg-type, misc]  # it has one
            found.append(replace(entry, keys=frozenset(keys)))
        return copied, messages, found

    def _text(self, words: int) -> str:
        """Words of which some are common and some rare, as in a language."""
        chosen = self._chance.choices(_WORDS, [1 / (rank + 1) for rank in range(len(_WORDS))], k=words)
        return " ".join(chosen) + f" kode{self._chance.randrange(20_000)}"

    async def _all_drawn(self) -> bool:
        return await self._world.database.forum_posts.find_one({"pending": {"$exists": True}}) is None

    # --- questions -------------------------------------------------------------------------------------------------

    def questions(self) -> dict[str, Ask]:
        """Give what is measured."""
        assert self._member is not None
        signed_in = {"Cookie": f"amanah_session={self._member.token}"}
        return {
            "topic page, one topic, readers": lambda: self._get(self._path(1)),
            "topic page, any topic, readers": lambda: self._get(self._any()),
            "topic page, one topic, member": lambda: self._get(self._path(1), signed_in),
            "topic page, any topic, member": lambda: self._get(self._any(), signed_in),
            "list page, member": lambda: self._get("/forum", signed_in),
            "search, common words": lambda: self._search("printer kasir"),
            "search, any two words": lambda: self._search(" ".join(self._chance.sample(_WORDS[:200], 2))),
            "search, rare word": lambda: self._search(f"kode{self._chance.randrange(20_000)}"),
            "answer": self._answer,
        }

    async def size(self) -> int:
        """Give the bytes of a topic page."""
        async with self._http.get(self._world.server.url + "/forum/t/1", allow_redirects=True) as response:
            assert response.status == 200
            return len(await response.read())

    def _any(self) -> str:
        return self._path(self._chance.randint(1, self._topics))

    def _path(self, number: int) -> str:
        """A topic's own address, which leads to no other."""
        assert self._model is not None
        return f"/forum/t/{number}/{self._model[0]['slug']}"

    async def _get(self, path: str, headers: dict[str, str] | None = None) -> None:
        url = self._world.server.url + path
        async with self._http.get(url, headers=headers, allow_redirects=False) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"answered with {response.status}")

    async def _search(self, words: str) -> None:
        assert self._member is not None
        headers = {"Authorization": f"Bearer {self._member.token}"}
        url = self._world.server.url + "/api/v1/search"
        async with self._http.get(url, params={"q": words}, headers=headers) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"answered with {response.status}")

    async def _answer(self) -> None:
        agent = self._chance.choice(self._agents)
        topic_id = self._chance.choice(self._ids)
        body = {"text": self._text(40), "client_post_id": secrets.token_hex(12)}
        url = f"{self._world.server.url}/api/v1/forum/topics/{topic_id}/posts"
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


def line(name: str, rounds: Sequence[Round]) -> str:
    """Give one row of figures, medians over rounds."""
    rate = statistics.median(item.rate for item in rounds)
    p95 = statistics.median(item.p95_ms for item in rounds)
    cpu = statistics.median(item.cpu_ms for item in rounds)
    last = rounds[-1]
    parts = " ".join(f"{role} {1000 * value / len(last.took):.2f}" for role, value in sorted(last.cpu.items()))
    return f"  {name:<32} {rate:>7.0f}/s  p95 {p95:>7.1f} ms  {cpu:>7.2f} CPU ms ({parts})"


async def measured(
    filled: Filled, pid: int, http: aiohttp.ClientSession, options: argparse.Namespace
) -> dict[str, float]:
    """Measure every question at the present size, and print; give the CPU milliseconds of each."""
    size = await filled.size()
    bare = start("bench.bare_page", str(size))
    costs: dict[str, float] = {}
    try:
        yardstick: list[Round] = []
        for name, ask in filled.questions().items():
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


async def run(options: argparse.Namespace) -> None:
    """Measure at both sizes."""
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder), {"AMANAH_LIMITS": "off"})
        await server.start()
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http, World(server, http) as world:
                filled = Filled(world, http)
                await filled.begin()
                costs = []
                for posts in (options.small, options.large):
                    began = time.perf_counter()
                    await filled.fill(posts)
                    sys.stdout.write(f"{posts} posts, filled in {time.perf_counter() - began:.0f} s\n")
                    # What is kept in memory is read at the start.
                    await server.stop()
                    await server.start()
                    costs.append(await measured(filled, server.pid, http, options))
                sys.stdout.write(f"CPU at {options.large} posts / at {options.small}\n")
                for name, cost in costs[1].items():
                    sys.stdout.write(f"  {name:<32} {cost / costs[0][name]:.2f}\n")
        finally:
            await server.stop()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=2)
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
