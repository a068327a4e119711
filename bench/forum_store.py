"""A server whose store holds a forum of some size, and the folder that keeps such stores for the next run.

Filling takes minutes; a store that is kept is copied instead. The copy is what is measured: a kept one stays as it was.
"""

import json
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp

from bench.filling_forum import Author, ForumFilling
from server.forum.store import MongoTopicStore
from server.kernel.actor import Role
from server.storage.mongo import open_client
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess

_AUTHORS = 60
_PLACES = (("Tanya jawab", "tanya-jawab"), ("Kasir dan toko", "kasir"), ("Klinik", "klinik"), ("Kiat", "kiat"))
_YEAR_H = 24 * 365
_NOTES = "filled.json"
SETTINGS = {"AMANAH_LIMITS": "off"}


@dataclass(frozen=True, slots=True)
class Place:
    """A topic that may be asked for.

    Attributes:
        topic_id: of it.
        path: its own address, which leads to no other.
        posts: how many it has.
    """

    topic_id: str
    path: str
    posts: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a filled store holds.

    Attributes:
        authors: who wrote; every tenth is an agent.
        places: its topics.
    """

    authors: tuple[Author, ...]
    places: tuple[Place, ...]

    async def people(self, world: World) -> tuple[Person, list[Person]]:
        """Sign some in again: a customer who reads, and the agents."""
        people = [Person(author.account_id, "", "", _role(place), world) for place, author in enumerate(self.authors)]
        agents = [await world.again(person, hours=_YEAR_H) for person in people if person.role is Role.AGENT]
        return await world.again(people[1], hours=_YEAR_H), agents


async def filled(folder: Path, kept: Path | None, posts: int, http: aiohttp.ClientSession) -> Contents:
    """Make a data directory under a folder that holds so many posts: a copy of a kept one, grown where it is smaller.

    Args:
        folder: for `ServerProcess`; empty.
        kept: where filled stores are kept; None for nowhere.
        posts: how many.
        http: a client.
    """
    contents, before = _taken(folder, kept, posts)
    if before < posts:
        contents = await _grown(folder, contents, before, posts, http)
        if kept is not None:
            store = kept / f"forum-{posts}"
            shutil.copytree(folder / "data", store / "data")
            (store / _NOTES).write_text(json.dumps(asdict(contents)))
    return contents


def _taken(folder: Path, kept: Path | None, posts: int) -> tuple[Contents, int]:
    """Copy the largest kept store that is not too large; give what it holds, and how many posts those are."""
    found = kept.glob(f"forum-*/{_NOTES}") if kept else ()
    sizes = sorted(size for note in found if (size := int(note.parent.name.partition("-")[2])) <= posts)
    if kept is None or not sizes:
        return Contents((), ()), 0
    store = kept / f"forum-{sizes[-1]}"
    shutil.copytree(store / "data", folder / "data")
    notes = json.loads((store / _NOTES).read_text())
    authors = tuple(Author(**author) for author in notes["authors"])
    return Contents(authors, tuple(Place(**place) for place in notes["places"])), sizes[-1]


async def _grown(folder: Path, contents: Contents, before: int, posts: int, http: aiohttp.ClientSession) -> Contents:
    server = ServerProcess(folder, SETTINGS)
    await server.start()
    try:
        async with World(server, http) as world:
            authors = contents.authors or await _introduced(world)
            categories = sorted(await MongoTopicStore(world.database).categories(), key=lambda item: item.position)
            client = open_client(server.store_url, embedded=True, socket_timeout_s=None)
            filling = ForumFilling(client[world.database.name], authors, categories, seed=before + 1)
            await filling.fill(posts - before, _told)
            client.close()
            sys.stderr.write("\n")
    finally:
        await server.stop()
    fresh = (Place(topic.id, f"/forum/t/{topic.number}/{topic.slug}", topic.last_seq) for topic in filling.topics)
    return Contents(authors, (*contents.places, *fresh))


async def _introduced(world: World) -> tuple[Author, ...]:
    """Make the categories and those who write in them."""
    admin = await world.person("admin")
    for position, (name, slug) in enumerate(_PLACES):
        made = await admin.post("/forum/categories", {"name": name, "slug": slug, "position": position})
        if made.status != 201:
            raise RuntimeError(f"a category was answered with {made.status}")
    people = [await world.person(_role(number).value) for number in range(_AUTHORS)]
    return tuple([Author(person.id, await _handle(person)) for person in people])


def _role(place: int) -> Role:
    return Role.CUSTOMER if place % 10 else Role.AGENT


async def _handle(person: Person) -> str:
    """Their handle, which is made when it is first asked for."""
    answer = await person.get("/me/profile")
    return str(answer.data["profile"]["person"]["handle"])


def _told(written: int) -> None:
    sys.stderr.write(f"\r{written:>9} posts more")
    sys.stderr.flush()
