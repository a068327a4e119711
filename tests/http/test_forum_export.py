"""One's own posts as a file."""

import orjson

from tests.harness.people import World
from tests.harness.slugs import another


async def test_what_one_wrote_comes_as_json_and_as_markdown(world: World) -> None:
    """All of one's own, redacted as stored, and nothing of others."""
    moderator = await world.person("moderator")
    category = await moderator.post("/forum/categories", {"name": "Kasir", "slug": another("kasir")})
    one, other = await world.person("customer", "Toko Contoh"), await world.person("customer", "Warung Contoh")
    body = {"category_id": category.data["category"]["id"], "title": "Struk terpotong", "text": "Bagian *bawah*."}
    begun = (await one.post("/forum/topics", body)).data
    path = f"/forum/topics/{begun['topic']['id']}/posts"
    assert (await other.post(path, {"text": "Jawaban orang lain."})).status == 201
    assert (await one.post(path, {"text": "Hubungi 0812-9071-3648 ya."})).status == 201
    answer = await one.get("/me/forum-export")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="forum.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in answer.headers
    export = orjson.loads(answer.body)
    assert export["format"] == "amanah-forum-export/1"
    assert export["handle"] == begun["post"]["author"]["handle"]
    assert sorted(post["text"] for post in export["posts"]) == ["Bagian *bawah*.", "Hubungi ⟦PHONE:1⟧ ya."]
    assert {post["topic"]["title"] for post in export["posts"]} == {"Struk terpotong"}
    assert {post["path"].rpartition("#")[2] for post in export["posts"]} == {"p1", "p3"}
    markdown = await one.get("/me/forum-export", format="markdown")
    assert markdown.headers["Content-Type"] == "text/markdown; charset=utf-8"
    text = markdown.body.decode()
    assert text.startswith(f"# @{export['handle']}\n")
    assert text.count("## Struk terpotong") == 2
    assert "Bagian *bawah*." in text
    assert "orang lain" not in text


async def test_who_wrote_nothing_gets_an_empty_file(world: World) -> None:
    """Visitors, who can't write, get none; a form that there is not is refused."""
    member, visitor = await world.person("customer"), await world.person("visitor")
    empty = await member.get("/me/forum-export")
    assert empty.status == 200, empty.body
    assert orjson.loads(empty.body)["posts"] == []
    assert (await visitor.get("/me/forum-export")).code == "not_permitted"
    assert (await member.get("/me/forum-export", format="pdf")).code == "invalid_input"
