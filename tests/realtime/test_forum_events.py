"""A topic that is open: new posts and changes are told to who may read it, and to nobody else."""

from typing import Any

from tests.harness.people import World
from tests.harness.slugs import another
from tests.harness.socket import Socket


async def _category(world: World, **fields: object) -> str:
    moderator = await world.person("moderator", "Penjaga")
    body = {"name": "Kasir", "slug": another("kasir"), **fields}
    return str((await moderator.post("/forum/categories", body)).data["category"]["id"])


async def _news(socket: Socket, name: str, number: int) -> Any:
    """Give the so manieth event of a name, from 1, once it came."""
    await socket.until(lambda: len(socket.heard(name)) >= number, name)
    return socket.heard(name)[number - 1]


async def test_a_topic_live(world: World) -> None:
    """Joining gives what there is; then new posts, edits, reactions and withdrawals come, as everybody sees them."""
    category = await _category(world)
    author, reader = await world.person("agent", "Petugas"), await world.person("customer", "Toko Contoh")
    new = {"category_id": category, "title": "Struk", "text": "Telepon 0812-9071-3648."}
    topic = (await author.post("/forum/topics", new)).data["topic"]
    socket = await reader.socket()
    joined = await socket.call("forum:join", {"topic_id": topic["id"]})
    assert [item["seq"] for item in joined["items"]] == [1]
    assert (joined["last_seq"], joined["rights"]["reply"]) == (1, True)
    posted = (await author.post(f"/forum/topics/{topic['id']}/posts", {"text": "Ganti 0812-9071-3648."})).data["post"]
    told = (await _news(socket, "forum:post", 1))["post"]
    assert (told["id"], told["text"]) == (posted["id"], "Ganti ⟦PHONE:1⟧.")
    assert told["rights"] == {"edit": False, "withdraw": False, "react": False, "flag": False}
    path = f"/forum/posts/{posted['id']}"
    await author.call("PATCH", path, {"text": "Ganti kertasnya."})
    assert (await _news(socket, "forum:changed", 1))["post"]["text"] == "Ganti kertasnya."
    await author.call("DELETE", path)
    gone = (await _news(socket, "forum:changed", 2))["post"]
    assert (gone["state"], gone["text"], gone["html"], gone["author"]) == ("withdrawn", None, None, None)
    [_, trace] = (await reader.get(f"/forum/topics/{topic['id']}/posts")).data["items"]
    assert (trace["state"], trace["author"]) == ("withdrawn", None)


async def test_who_may_not_read_hears_nothing(world: World) -> None:
    """A topic for staff answers others like one that does not exist; who may no longer read it leaves."""
    category = await _category(world, readers="staff", writers="staff")
    agent, customer = await world.person("agent", "Petugas"), await world.person("customer", "Toko Contoh")
    moderator = await world.person("moderator", "Penjaga")
    new = {"category_id": category, "title": "Dalam", "text": "Hanya untuk kami."}
    topic = (await agent.post("/forum/topics", new)).data["topic"]
    outside = await customer.socket()
    assert (await outside.refusal("forum:join", {"topic_id": topic["id"]}))["code"] == "not_found"
    public = await _category(world)
    moved = await moderator.call("PATCH", f"/forum/topics/{topic['id']}/curation", {"category_id": public})
    assert moved.status == 200
    await outside.call("forum:join", {"topic_id": topic["id"]})
    back = await moderator.call("PATCH", f"/forum/topics/{topic['id']}/curation", {"category_id": category})
    assert back.status == 200
    assert await _news(outside, "forum:left", 1) == {"topic_id": topic["id"]}
    assert (await outside.refusal("forum:join", {"topic_id": topic["id"]}))["code"] == "not_found"


async def test_who_is_shut_out_with_a_category_hears_nothing_more(world: World) -> None:
    """A category is closed without a word about each of its topics: the next piece of news finds nobody outside."""
    category = await _category(world)
    agent, customer = await world.person("agent", "Petugas"), await world.person("customer", "Toko Contoh")
    moderator = await world.person("moderator", "Penjaga")
    new = {"category_id": category, "title": "Dalam", "text": "Nanti hanya untuk kami."}
    topic = (await agent.post("/forum/topics", new)).data["topic"]
    outside = await customer.socket()
    await outside.call("forum:join", {"topic_id": topic["id"]})
    closed = {"readers": "staff", "writers": "staff"}
    assert (await moderator.call("PATCH", f"/forum/categories/{category}", closed)).status == 200
    said = await agent.post(f"/forum/topics/{topic['id']}/posts", {"text": "Hanya di antara kami."})
    assert said.status == 201
    assert await _news(outside, "forum:left", 1) == {"topic_id": topic["id"]}
    assert outside.heard("forum:post") == []
