"""`amanah forum-import` beside a running server: through the gate, dates kept, once only. Everybody is invented."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.harness.people import World
from tests.harness.process import PATIENCE_S, ServerProcess, eventually, started
from tests.harness.slugs import another

_DUMPS = Path(__file__).resolve().parents[1] / "harness" / "dumps"


async def _topics(world: World, slug: str, replies: list[int]) -> list[dict[str, Any]]:
    """A category's topics, once they have so many replies each.

    The running server believes for some seconds what it has read, also that of which it was asked by the test before;
    a command that writes beside it is seen after that.
    """
    found: list[dict[str, Any]] = []

    async def listed() -> bool:
        categories = (await world.http.get("/api/v1/forum/categories")).data["items"]
        category = next((item for item in categories if item["slug"] == slug), None)
        if category is not None:
            found[:] = (await world.http.get("/api/v1/forum/topics", category_id=category["id"])).data["items"]
        return [topic["replies"] for topic in found] == replies

    await eventually(listed, "the topics are there")
    return found


async def test_a_dump_is_taken_in_once(world: World, running: ServerProcess) -> None:
    """Redacted, under handles, with the dates of then; what was bad is named without its content."""
    source = secrets.token_hex(4)
    words = ("forum-import", str(_DUMPS / "discourse.json"), "--source", source)
    finished = await running.command(*words)
    assert finished.status == 1, finished.errors
    assert finished.output == (
        "imported 3 posts in 1 new topics; 0 posts were here before; 6 records were not public; "
        "4 could not be taken in\n"
    )
    lines = [line for line in finished.errors.splitlines() if not line.endswith(" posts")]
    assert sorted(lines) == ["post 903: text", "post 906: no_topic", "topic 73: date", "topic 74: no_posts"]

    found = await _topics(world, "kasir-lama", [2])
    topic = found[0]
    assert (topic["title"], topic["tags"]) == ("Struk tidak tercetak", ["printer-kasir"])
    assert topic["created_at"].startswith("2021-04-05T03:20:00")
    posts = (await world.http.get(f"/api/v1/forum/topics/{topic['id']}/posts")).data["items"]
    assert [post["seq"] for post in posts] == [1, 2, 3]
    assert posts[0]["text"] == "Printer **mati** sejak pagi, hubungi ⟦PHONE:1⟧."
    assert "⟦PHONE:1⟧" in posts[2]["text"]
    assert posts[1]["text"].startswith("> Printer mati")
    assert posts[1]["reply_to"] == 1
    assert posts[0]["author"]["handle"] == posts[2]["author"]["handle"] != posts[1]["author"]["handle"]
    everything = orjson.dumps([found, posts])
    for trace in (b"Sekar", b"sekar", b"Wirya", b"wirya", b"0812", b"upload:"):
        assert trace not in everything
    again = await running.command(*words)
    assert again.output.startswith("imported 0 posts in 0 new topics; 3 posts were here before;")
    [stored] = await world.database.forum_topics.find({"category_id": topic["category_id"]}).to_list(None)
    assert stored["_id"] == topic["id"]


async def test_json_lines_go_into_one_category(world: World, running: ServerProcess) -> None:
    """Where the operator says so; a slug that there is not is refused."""
    moderator = await world.person("moderator")
    slug = another("arsip")
    assert (await moderator.post("/forum/categories", {"name": "Arsip", "slug": slug})).status == 201
    words = ("forum-import", str(_DUMPS / "nodebb.jsonl"), "--source", secrets.token_hex(4), "--category")
    refused = await running.command(*words, "tidak-ada")
    assert (refused.status, refused.errors.splitlines()[-1]) == (1, "amanah: invalid_input: category unknown")
    finished = await running.command(*words, slug)
    assert "line 5: malformed" in finished.errors
    assert "rahasia" not in finished.errors
    [topic] = await _topics(world, slug, [1])
    assert topic["title"] == "Selisih stok opname"
    posts = (await world.http.get(f"/api/v1/forum/topics/{topic['id']}/posts")).data["items"]
    assert "gadis@" not in posts[0]["text"]
    assert posts[1]["reply_to"] == 1


async def test_after_a_kill_the_same_command_goes_on(
    world: World, running: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing is lost, nothing is there twice."""
    moderator = await world.person("moderator")
    slug = another("arsip")
    assert (await moderator.post("/forum/categories", {"name": "Arsip", "slug": slug})).status == 201
    at = "2020-05-05T08:00:00Z"
    topics = [{"id": number, "title": f"Topik {number}", "user_id": 1, "created_at": at} for number in range(6)]
    posts = [
        {"id": 100 * topic + place, "topic_id": topic, "user_id": place % 3, "post_number": place}
        | {"created_at": at, "raw": f"Jawaban nomor {place}."}
        for topic in range(6)
        for place in range(1, 21)
    ]
    file = tmp_path_factory.mktemp("dump") / "dump.json"
    file.write_bytes(orjson.dumps({"topics": topics, "posts": posts}))
    words = ("forum-import", str(file), "--source", secrets.token_hex(4), "--category", slug)
    before = await world.database.forum_posts.count_documents({})
    process = await started(*words, "--data-dir", str(running.data_dir), settings=running.settings)

    async def begun() -> bool:
        return await world.database.forum_posts.count_documents({}) > before + 10

    await eventually(begun, "some posts are there", patience_s=2 * PATIENCE_S)
    process.kill()
    await asyncio.wait_for(process.communicate(), PATIENCE_S)
    finished = await running.command(*words)
    assert finished.status == 0, finished.errors
    found = await _topics(world, slug, [19] * 6)
    assert sorted(topic["title"] for topic in found) == [f"Topik {number}" for number in range(6)]
    for topic in found:
        written = await world.http.get(f"/api/v1/forum/topics/{topic['id']}/posts", limit=50)
        assert [post["text"] for post in written.data["items"]] == [f"Jawaban nomor {n}." for n in range(1, 21)]
    mine = {"topic_id": {"$in": [topic["id"] for topic in found]}}
    assert await world.database.forum_posts.find_one({**mine, "pending": {"$exists": True}}) is None
