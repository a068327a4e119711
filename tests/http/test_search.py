"""The search over HTTP: what was written is found by its stems, by whom may read it, and nothing typed comes back."""

import asyncio
from typing import Any

from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S
from tests.harness.slugs import another


async def _category(world: World, **fields: object) -> str:
    moderator = await world.person("moderator", "Moderator")
    body = {"name": "Kasir", "slug": another("kasir"), **fields}
    return str((await moderator.post("/forum/categories", body)).data["category"]["id"])


async def _begin(person: Person, category_id: str, title: str, text: str, **fields: object) -> dict[str, Any]:
    body = {"category_id": category_id, "title": title, "text": text, **fields}
    begun = await person.post("/forum/topics", body)
    assert begun.status == 201, begun.envelope
    return dict(begun.data)


async def _found(person: Person, path: str, key: str, topic_id: str, **query: object) -> Answer:
    """Ask until a topic is there: the index follows the forum a moment later."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await person.get(path, **query)
            if topic_id in [item.get("topic", item)["id"] for item in answer.data[key]]:
                return answer


async def test_what_was_written_is_found(world: World) -> None:
    """By its stem, with the place marked, under the author's handle; its own words in no answer but the excerpt."""
    category_id = await _category(world)
    asker, other = await world.person("customer", "Toko Contoh"), await world.person("customer", "Warung Contoh")
    word = "kaligrafi"
    begun = await _begin(asker, category_id, f"Printer {word} macet", "Sejak kemarin **cetakan** struk kosong.")
    topic = begun["topic"]
    answer = await _found(other, "/search", "items", topic["id"], q=f"mencetak {word}")
    [hit] = answer.data["items"]
    assert (hit["seq"], hit["author"], hit["solved"]) == (1, begun["post"]["author"]["handle"], False)
    excerpt = hit["excerpt"]
    assert [excerpt["text"][start:end] for start, end in excerpt["ranges"]] == ["cetakan"]
    title = hit["topic"]["title"]
    assert [title[start:end] for start, end in hit["title_ranges"]] == [word]
    assert answer.data["next_cursor"] is None
    assert b"Toko Contoh" not in answer.body
    by_author = await other.get("/search", q=f"@{hit['author']} {word}")
    assert [item["topic"]["id"] for item in by_author.data["items"]] == [topic["id"]]
    suggested = await _found(other, "/search/suggestions", "topics", topic["id"], q=word[:7])
    assert suggested.data["topics"][0]["title"] == title
    similar = await other.post("/forum/topics/similar", {"title": f"printer {word}", "text": "struk kosong"})
    assert topic["id"] in [item["id"] for item in similar.data["items"]]


async def test_changes_and_hiding_reach_the_search(world: World) -> None:
    """A changed text is found by its new words; a withdrawn one by none."""
    category_id = await _category(world)
    asker = await world.person("customer", "Toko Contoh")
    old, new = "mercusuar", "trembesi"
    begun = await _begin(asker, category_id, f"Tentang {old}", "Isi pertama.")
    topic_id = begun["topic"]["id"]
    await _found(asker, "/search", "items", topic_id, q=old)
    assert (await asker.call("PATCH", f"/forum/topics/{topic_id}", {"title": f"Tentang {new}"})).status == 200
    await _found(asker, "/search", "items", topic_id, q=new)
    assert (await asker.get("/search", q=old)).data["items"] == []


async def test_what_is_for_staff_is_found_by_staff(world: World) -> None:
    """Also with credentials on the public address, and not by a reader without any."""
    category_id = await _category(world, readers="staff", writers="staff")
    agent, member = await world.person("agent", "Petugas"), await world.person("customer", "Toko Contoh")
    word = "gramofon"
    topic_id = (await _begin(agent, category_id, f"Catatan {word}", "Untuk tim.", tags=["gudangdalam"]))["topic"]["id"]
    await _found(agent, "/search", "items", topic_id, q=word)
    await _found(agent, "/search/suggestions", "topics", topic_id, q=word)
    assert (await member.get("/search", q=word)).data["items"] == []
    assert (await member.get("/search/suggestions", q=word)).data["topics"] == []
    assert (await agent.get("/search/suggestions", q="gudangd")).data["tags"] == ["gudangdalam"]
    assert (await member.get("/search/suggestions", q="gudangd")).data["tags"] == []
    for person, alike in ((agent, [topic_id]), (member, [])):
        # By the one word that only this topic has: others' topics are on this server too.
        similar = await person.post("/forum/topics/similar", {"title": word})
        assert [item["id"] for item in similar.data["items"]] == alike
    assert (await world.http.get("/api/v1/search", q=word)).data["items"] == []


async def test_what_is_asked_is_checked(world: World) -> None:
    """Too long, without a question, with a foreign cursor: refused, and what was typed is not given back."""
    member, visitor = await world.person("customer"), await world.person("visitor")
    for query in ({"q": "rahasiaku" * 20}, {}, {"q": "rahasiaku", "cursor": "rahasiaku"}, {"q": "a", "limit": 0}):
        answer = await member.get("/search", **query)
        assert answer.code == "invalid_input"
        assert b"rahasiaku" not in answer.body
    assert (await member.get("/search", q="yang di dan")).data["items"] == []
    assert (await visitor.post("/forum/topics/similar", {"title": "Judul"})).code == "not_permitted"
