"""The forum over HTTP: categories, topics, answers, who may read and write them, and what is hidden in them."""

import asyncio
import secrets
from typing import Any

from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.harness.slugs import another


async def _category(world: World, **fields: object) -> dict[str, Any]:
    moderator = await world.person("moderator", "Moderator")
    body = {"name": "Kasir dan struk", "slug": another("kasir"), **fields}
    made = await moderator.post("/forum/categories", body)
    assert made.status == 201, made.envelope
    return dict(made.data["category"])


def _kasir() -> str:
    """Name some shop in words that are nobody's."""
    words = ("biru", "merah", "hijau", "kuning", "putih", "hitam", "ungu", "jingga")
    return "di kasir " + " ".join(secrets.choice(words) for _ in range(6))


async def _begin(person: Person, category_id: str, title: str = "Struk terpotong", **fields: object) -> Answer:
    # No two texts alike: who repeats what was written a short while ago waits for a moderator.
    text = f"Bagian bawah struk **tidak** tercetak, {_kasir()}."
    body = {"category_id": category_id, "title": title, "text": text, **fields}
    return await person.post("/forum/topics", body)


async def test_a_topic_and_its_answers(world: World) -> None:
    """What was written is read by everybody, in order, under handles and not under names."""
    category = await _category(world)
    asker, helper = await world.person("customer", "Toko Contoh"), await world.person("agent", "Petugas Contoh")
    begun = await _begin(asker, category["id"], tags=["Struk", "printer kasir"])
    assert begun.status == 201, begun.envelope
    topic = begun.data["topic"]
    assert (topic["state"], topic["last_seq"], topic["replies"]) == ("published", 1, 0)
    assert topic["tags"] == ["printer-kasir", "struk"]
    assert begun.data["post"]["seq"] == 1
    assert "<strong>tidak</strong>" in begun.data["post"]["html"]
    answered = await helper.post(f"/forum/topics/{topic['id']}/posts", {"text": "Ganti kertasnya.", "reply_to": 1})
    assert answered.status == 201
    post = answered.data["post"]
    assert (post["seq"], post["reply_to"], post["author"]["badge"]) == (2, 1, "agent")
    read = await world.http.get(f"/api/v1/forum/topics/{topic['id']}/posts")
    assert [item["seq"] for item in read.data["items"]] == [1, 2]
    assert read.data["topic"]["replies"] == 1
    assert read.data["rights"]["reply"] is False
    assert b"Toko Contoh" not in read.body
    assert b"Petugas Contoh" not in read.body
    listed = await world.http.get("/api/v1/forum/topics", category_id=category["id"])
    assert [item["id"] for item in listed.data["items"]] == [topic["id"]]


async def test_what_identifies_is_hidden_and_numbered_by_topic(world: World) -> None:
    """In title, first post and answers the same value has the same number; elsewhere it begins anew."""
    category = await _category(world)
    asker = await world.person("agent", "Petugas Contoh")
    begun = await _begin(asker, category["id"], "Hubungi 0812-9071-3648", text="Bukan 0812-9071-3999 ya.")
    assert begun.data["topic"]["title"] == "Hubungi ⟦PHONE:1⟧"
    assert begun.data["post"]["text"] == "Bukan ⟦PHONE:2⟧ ya."
    path = f"/forum/topics/{begun.data['topic']['id']}/posts"
    answered = await asker.post(path, {"text": "Yang benar 0812 9071 3648."})
    assert answered.data["post"]["text"] == "Yang benar ⟦PHONE:1⟧."
    assert answered.data["post"]["redactions"] == [{"placeholder": "⟦PHONE:1⟧", "label": "PHONE"}]
    other = await _begin(asker, category["id"], "Topik lain", text="Nomor 0812-9071-3999.")
    assert other.data["post"]["text"] == "Nomor ⟦PHONE:1⟧."
    tagged = await _begin(asker, category["id"], "Topik", tags=["081290713648"])
    assert tagged.reasons == {"tags": "identifier"}


async def test_the_same_id_again_gives_the_first(world: World) -> None:
    """A retry after a lost answer stores nothing twice, for topics and for answers."""
    category = await _category(world)
    asker = await world.person("customer", "Toko Contoh")
    key = secrets.token_hex(8)
    first, second = [await _begin(asker, category["id"], client_post_id=key) for _ in range(2)]
    assert (first.status, second.status) == (201, 200)
    assert first.data["topic"]["id"] == second.data["topic"]["id"]
    path = f"/forum/topics/{first.data['topic']['id']}/posts"
    body = {"text": f"Sudah dicoba {_kasir()}.", "client_post_id": secrets.token_hex(8)}
    answers = await asyncio.gather(*(asker.post(path, body) for _ in range(4)))
    assert {answer.data["post"]["id"] for answer in answers} == {answers[0].data["post"]["id"]}
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert (await asker.get(path)).data["last_seq"] == 2


async def test_who_may_read_and_write(world: World) -> None:
    """A category for staff does not exist for others; visitors read; where only staff write, members do not."""
    staff = await _category(world, readers="staff", writers="staff")
    news = await _category(world, writers="staff")
    member, visitor, agent = [await world.person(role) for role in ("customer", "visitor", "agent")]
    assert (await _begin(member, staff["id"])).code == "not_found"
    assert (await _begin(member, news["id"])).code == "not_permitted"
    assert (await _begin(visitor, news["id"])).code == "not_permitted"
    inside = (await _begin(agent, staff["id"])).data["topic"]
    for reader in (member, visitor):
        assert (await reader.get(f"/forum/topics/{inside['id']}")).code == "not_found"
        assert (await reader.get("/forum/topics", category_id=staff["id"])).code == "not_found"
        slugs = [item["slug"] for item in (await reader.get("/forum/categories")).data["items"]]
        assert news["slug"] in slugs
        assert staff["slug"] not in slugs
    assert (await world.http.get(f"/api/v1/forum/topics/{inside['id']}")).code == "not_found"
    assert (await agent.get(f"/forum/topics/{inside['id']}")).status == 200


async def test_reactions_bookmarks_and_follows(world: World) -> None:
    """Once each, not to one's own, and taken back."""
    category = await _category(world)
    asker, reader = await world.person("customer", "Toko Contoh"), await world.person("customer", "Toko Lain")
    begun = (await _begin(asker, category["id"])).data
    post = f"/forum/posts/{begun['post']['id']}"
    for _ in range(2):
        reacted = await reader.call("PUT", f"{post}/reaction", {"kind": "like"})
        assert (reacted.data["post"]["reactions"], reacted.data["post"]["mine"]) == ({"like": 1}, ["like"])
    assert (await asker.call("PUT", f"{post}/reaction", {"kind": "like"})).code == "not_permitted"
    assert (await reader.get(f"/forum/topics/{begun['topic']['id']}")).data["topic"]["likes"] == 1
    taken = await world.http.call("DELETE", f"/api/v1{post}/reaction?kind=like", token=reader.token)
    assert taken.data["post"]["reactions"] == {}
    assert (await reader.call("PUT", f"{post}/bookmark")).status == 200
    kept = (await reader.get("/me/bookmarks")).data["items"]
    assert [item["post"]["id"] for item in kept] == [begun["post"]["id"]]
    assert (await reader.call("DELETE", f"{post}/bookmark")).status == 200
    assert (await reader.get("/me/bookmarks")).data["items"] == []
    wish = {"subject": "category", "id": category["id"]}
    assert (await reader.call("PUT", "/me/follows", wish)).status == 200
    assert (await reader.get("/me/follows")).data["items"] == [wish]


async def test_a_changed_post_keeps_its_history(world: World) -> None:
    """An edit passes the gate with the topic's numbers; what changed can be read; two edits of one revision collide."""
    category = await _category(world)
    author, reader = await world.person("agent", "Petugas Contoh"), await world.person("customer", "Toko Lain")
    begun = (await _begin(author, category["id"], text="Telepon 0812-9071-3648 mati.")).data
    post = f"/forum/posts/{begun['post']['id']}"
    body = {"text": "Telepon 0812-9071-3648 hidup, 0812-9071-3999 mati.", "revision": 0}
    edited = await author.call("PATCH", post, body)
    assert edited.data["post"]["text"] == "Telepon ⟦PHONE:1⟧ hidup, ⟦PHONE:2⟧ mati."
    assert edited.data["post"]["revision"] == 1
    assert (await author.call("PATCH", post, body)).code == "conflict"
    assert (await reader.call("PATCH", post, {"text": "Lain"})).code == "not_permitted"
    (change,) = (await reader.get(f"{post}/revisions")).data["items"]
    added = "".join(piece["text"] for piece in change["pieces"] if piece["change"] == "added")
    assert "hidup" in added
    now = "".join(piece["text"] for piece in change["pieces"] if piece["change"] != "removed")
    assert now == edited.data["post"]["text"]


async def test_history_brings_nothing_back(world: World) -> None:
    """What a moderator took out of a text, and what became a hidden value, its author and moderators see."""
    category = await _category(world)
    author, reader = await world.person("agent", "Petugas Contoh"), await world.person("customer", "Toko Lain")
    moderator = await world.person("moderator", "Moderator")
    begun = (await _begin(author, category["id"], text="Kata yang melanggar ada di sini.")).data
    post = f"/forum/posts/{begun['post']['id']}"
    for who, text in (
        (moderator, "Kata ada di sini."),
        (author, "Kata ada di sini, hubungi nomor toko."),
        (author, "Kata ada di sini, hubungi 0812-9071-3648."),
        (author, "Kata ada di situ, hubungi 0812-9071-3648."),
    ):
        assert (await who.call("PATCH", post, {"text": text})).status == 200
    for who in (author, moderator):
        changes = (await who.get(f"{post}/revisions")).data["items"]
        assert [bool(change["pieces"]) for change in changes] == [True] * 4
    seen = await reader.get(f"{post}/revisions")
    assert [bool(change["pieces"]) for change in seen.data["items"]] == [True, False, False, False]
    assert b"melanggar" not in seen.body
    assert b"nomor toko" not in seen.body


async def test_titles_tags_and_options_are_screened_too(world: World) -> None:
    """What a text may not say neither its title, changed later, nor its tags nor the options of its poll may."""
    category = await _category(world)
    author, admin = await world.person("customer", "Toko Contoh"), await world.person("admin", "Admin")
    word = "ramaiqq"
    topic = (await _begin(author, category["id"])).data["topic"]
    path = f"/forum/topics/{topic['id']}"
    assert (await admin.call("PUT", "/review/words", {"word": word, "action": "block"})).status == 200
    refused = await author.call("PATCH", path, {"title": f"Main {word} yuk"})
    assert refused.reasons == {"title": "watched_word"}
    assert (await author.call("PATCH", path, {"tags": [word]})).reasons == {"tags": "watched_word"}
    assert (await author.get(path)).data["topic"]["tags"] == []
    assert (await _begin(author, category["id"], tags=[word])).code == "invalid_input"
    asked = {"options": ["Biasa", f"Main {word}"]}
    assert (await _begin(author, category["id"], poll=asked)).code == "invalid_input"
    assert (await admin.call("PUT", "/review/words", {"word": word, "action": "none"})).status == 200


async def test_a_withdrawn_post_leaves_a_trace(world: World) -> None:
    """Others see that something stood there; a topic that nobody answered is gone."""
    category = await _category(world)
    author, reader = await world.person("customer", "Toko Contoh"), await world.person("customer", "Toko Lain")
    begun = (await _begin(author, category["id"])).data
    path = f"/forum/topics/{begun['topic']['id']}"
    answer = (await reader.post(f"{path}/posts", {"text": f"Coba ganti kertasnya {_kasir()}."})).data["post"]
    assert (await author.call("DELETE", f"/forum/posts/{answer['id']}")).code == "not_permitted"
    assert (await reader.call("DELETE", f"/forum/posts/{answer['id']}")).data["post"]["state"] == "withdrawn"
    shown = (await author.get(f"{path}/posts")).data
    assert [item["text"] for item in shown["items"]][1] is None
    assert shown["topic"]["replies"] == 0
    assert (await author.call("DELETE", f"/forum/posts/{begun['post']['id']}")).status == 200
    assert (await reader.get(path)).code == "not_found"


async def test_what_curators_do(world: World) -> None:
    """Pin, lock, move, accept, split and merge; nobody else may."""
    first, second = await _category(world), await _category(world)
    moderator, author = await world.person("moderator", "Moderator"), await world.person("customer", "Toko Contoh")
    helper = await world.person("agent", "Petugas Contoh")
    begun = (await _begin(author, first["id"])).data["topic"]
    path = f"/forum/topics/{begun['id']}"
    for text in ("Ganti kertasnya.", "Soal lain: pajak.", "Pajak ada di menu Laporan."):
        assert (await helper.post(f"{path}/posts", {"text": text})).status == 201
    assert (await author.call("PATCH", f"{path}/curation", {"locked": True})).code == "not_permitted"
    assert (await helper.call("PUT", f"{path}/accepted", {"seq": 2})).code == "not_permitted"
    accepted = await author.call("PUT", f"{path}/accepted", {"seq": 2})
    assert accepted.data["topic"]["accepted_seq"] == 2
    assert (await author.call("PUT", f"{path}/accepted", {"seq": None})).data["topic"]["accepted_seq"] is None
    changes = {"locked": True, "pinned": True, "category_id": second["id"]}
    curated = (await moderator.call("PATCH", f"{path}/curation", changes)).data["topic"]
    assert (curated["locked"], curated["category_id"]) == (True, second["id"])
    assert (await author.post(f"{path}/posts", {"text": "Terima kasih."})).code == "not_permitted"
    split = await moderator.post(f"{path}/split", {"seqs": [3, 4], "title": "Pajak di laporan"})
    assert split.status == 201, split.envelope
    new = f"/forum/topics/{split.data['topic']['id']}"
    assert [item["text"] for item in (await author.get(f"{new}/posts")).data["items"]] == [
        "Soal lain: pajak.",
        "Pajak ada di menu Laporan.",
    ]
    left = (await author.get(f"{path}/posts")).data
    assert [item["state"] for item in left["items"]] == ["published", "published", "moved", "moved"]
    assert left["topic"]["replies"] == 1
    merged = await moderator.post(f"{new}/merge", {"into_id": begun["id"]})
    assert merged.data["topic"]["last_seq"] == 6
    gone = (await author.get(new)).data["topic"]
    assert (gone["state"], gone["moved_to"]) == ("moved", begun["id"])


async def test_polls(world: World) -> None:
    """One vote a person, changed and taken back; nothing after the end."""
    category = await _category(world)
    author, voter = await world.person("customer", "Toko Contoh"), await world.person("customer", "Toko Lain")
    poll = {"options": ["Senin", "Selasa", "Nota 0812-9071-3648"], "multiple": False}
    begun = (await _begin(author, category["id"], poll=poll)).data
    shown = begun["post"]["poll"]
    assert [option["text"] for option in shown["options"]] == ["Senin", "Selasa", "Nota ⟦PHONE:1⟧"]
    path = f"/forum/posts/{begun['post']['id']}/poll"
    for chosen, counts in (([0], [1, 0, 0]), ([1], [0, 1, 0]), ([1], [0, 1, 0]), ([], [0, 0, 0]), ([1], [0, 1, 0])):
        voted = (await voter.call("PUT", f"{path}/vote", {"options": chosen})).data["poll"]
        assert ([option["votes"] for option in voted["options"]], voted["mine"]) == (counts, chosen)
    assert (await voter.call("PUT", f"{path}/vote", {"options": [0, 1]})).code == "invalid_input"
    assert (await voter.post(f"{path}/close")).code == "not_permitted"
    assert (await author.post(f"{path}/close")).data["poll"]["closed"] is True
    assert (await voter.call("PUT", f"{path}/vote", {"options": [0]})).code == "conflict"


async def test_drafts_are_redacted_and_ones_own(world: World) -> None:
    """One for each place; nobody else's is seen."""
    author, other = await world.person("customer", "Toko Contoh"), await world.person("customer", "Toko Lain")
    body = {"place": "new", "title": "Hubungi 0812-9071-3648", "text": "Ke 0812-9071-3648 saja"}
    saved = (await author.call("PUT", "/me/drafts", body)).data["draft"]
    assert (saved["title"], saved["text"]) == ("Hubungi ⟦PHONE:1⟧", "Ke ⟦PHONE:1⟧ saja")
    assert [item["place"] for item in (await author.get("/me/drafts")).data["items"]] == ["new"]
    assert (await other.get("/me/drafts")).data["items"] == []
    assert (await author.get("/me/drafts")).data["items"][0]["text"] == "Ke ⟦PHONE:1⟧ saja"
    await world.http.call("DELETE", "/api/v1/me/drafts?place=new", token=author.token)
    assert (await author.get("/me/drafts")).data["items"] == []


async def test_what_is_unread(world: World) -> None:
    """A topic that one has opened and that has new posts since; seeing them ends it, fetching them does not."""
    category = await _category(world)
    author, reader = await world.person("customer", "Toko Contoh"), await world.person("customer", "Toko Lain")
    begun = (await _begin(author, category["id"])).data["topic"]
    path = f"/forum/topics/{begun['id']}"
    assert begun["id"] not in [item["id"] for item in (await reader.get("/me/unread")).data["items"]]
    socket = await reader.socket()
    await socket.call("forum:join", {"topic_id": begun["id"]})
    await socket.call("forum:leave", {"topic_id": begun["id"]})
    await author.post(f"{path}/posts", {"text": f"Sudah saya coba lagi {_kasir()}."})
    assert len((await reader.get(f"{path}/posts")).data["items"]) == 2
    (unread,) = (await reader.get("/me/unread")).data["items"]
    assert (unread["id"], unread["unread"]) == (begun["id"], 1)
    await socket.call("forum:join", {"topic_id": begun["id"]})
    assert (await reader.get("/me/unread")).data["items"] == []
