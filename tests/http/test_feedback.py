"""Feedback over HTTP: giving, the board, votes, comments, and a complaint from its writing to its rating."""

import secrets
from typing import Any

import orjson

from tests.harness.http import Answer
from tests.harness.people import Person, World

_WORDS = ("biru", "merah", "hijau", "kuning", "putih", "hitam", "ungu", "jingga")


def _somewhere() -> str:
    """Name some shop in words that are nobody's: who repeats a text waits for a moderator."""
    return "di toko " + " ".join(secrets.choice(_WORDS) for _ in range(6))


def _new(kind: str = "suggestion", title: str = "Tambahkan mode gelap", **fields: object) -> dict[str, object]:
    return {"kind": kind, "title": title, "text": f"Mata saya **lelah** di malam hari, {_somewhere()}.", **fields}


async def _give(person: Person, kind: str = "suggestion", **fields: Any) -> dict[str, Any]:
    given = await person.post("/feedback", _new(kind, **fields))
    assert given.status == 201, given.envelope
    return dict(given.data["feedback"])


async def _change(person: Person, item_id: str, **change: object) -> Answer:
    return await person.call("PATCH", f"/feedback/{item_id}", change)


async def test_a_suggestion_is_public_and_votable(world: World) -> None:
    """Everybody reads it, members vote once, and nobody's name is shown."""
    giver, voter = await world.person("agent", "Toko Contoh"), await world.person("customer", "Pembeli Contoh")
    item = await _give(giver, tags=["Tampilan"], area="app", page="https://toko.contoh/kasir?id=7#atas")
    assert (item["visibility"], item["status"], item["tags"]) == ("public", "open", ["tampilan"])
    assert item["handling"]["page"] == "https://toko.contoh/kasir"
    read = await world.http.get(f"/api/v1/feedback/{item['id']}")
    assert read.status == 200
    assert "<strong>lelah</strong>" in read.data["feedback"]["html"]
    assert read.data["feedback"]["handling"] is None
    assert b"Toko Contoh" not in read.body
    for _ in range(2):
        voted = await voter.call("PUT", f"/feedback/{item['id']}/vote")
        assert (voted.data["feedback"]["votes"], voted.data["feedback"]["voted"]) == (1, True)
    board = await voter.get("/feedback", tag="tampilan", area="app", sort="votes", limit=100)
    assert item["id"] in {row["id"] for row in board.data["items"] if row["voted"] and row["votes"] == 1}
    for _ in range(2):
        taken = await voter.call("DELETE", f"/feedback/{item['id']}/vote")
        assert (taken.data["feedback"]["votes"], taken.data["feedback"]["voted"]) == (0, False)
    visitor = await world.person("visitor")
    assert (await visitor.call("PUT", f"/feedback/{item['id']}/vote")).code == "not_permitted"


async def test_a_complaint_from_writing_to_rating(world: World) -> None:
    """Private: sender and agents only. Acknowledged, asked back, answered, taken up again once, resolved, rated."""
    sender, agent = await world.person("customer", "Pembeli Contoh"), await world.person("agent", "Petugas")
    item = await _give(sender, "complaint", title="Pesanan belum datang", text="Hubungi 0812-9071-3648 ya.")
    path = f"/feedback/{item['id']}"
    assert (item["visibility"], item["text"]) == ("private", "Hubungi ⟦PHONE:1⟧ ya.")
    for role in ("customer", "moderator", "privacy_officer", "admin"):
        assert (await (await world.person(role)).get(path)).code == "not_found", role
    assert (await world.http.get(f"/api/v1{path}")).code == "not_found"
    inbox = await agent.get("/feedback/inbox", inbox="new", kind="complaint", limit=100)
    assert item["id"] in {row["id"] for row in inbox.data["items"]}
    assert (await _change(agent, item["id"], status="resolved")).code == "conflict"
    assert (await _change(agent, item["id"], status="acknowledged", assignee=agent.id)).status == 200
    assert (await _change(agent, item["id"], status="waiting")).status == 200
    asked = await agent.post(f"{path}/comments", {"text": "Nomor pesanan berapa?"})
    assert asked.status == 201
    note = await agent.post(f"{path}/comments", {"text": "Cek dengan gudang, telepon 0812 9071 3648.", "note": True})
    assert note.data["comment"]["text"] == "Cek dengan gudang, telepon ⟦PHONE:1⟧."
    answered = await sender.post(f"{path}/comments", {"text": "Tidak ada di surel."})
    assert answered.data["comment"]["by_sender"] is True
    page = (await sender.get(f"{path}/comments")).data["items"]
    assert [(row["seq"], row["by_staff"]) for row in page] == [(1, True), (3, False)]
    assert (await sender.get(path)).data["feedback"]["status"] == "started"
    told = await _change(agent, item["id"], response="Kami kirim ulang hari ini.")
    assert told.data["feedback"]["status"] == "answered"
    assert told.data["feedback"]["response"]["text"] == "Kami kirim ulang hari ini."
    again = await sender.post(f"{path}/reopen")
    assert (again.data["feedback"]["status"], again.data["feedback"]["reopened"]) == ("reviewing", True)
    assert (await _change(agent, item["id"], status="in_progress")).status == 200
    assert (await _change(agent, item["id"], status="resolved")).status == 200
    assert (await sender.post(f"{path}/reopen")).code == "conflict"
    rated = await sender.call("PUT", f"{path}/rating", {"stars": 4, "text": "Cepat, terima kasih."})
    assert rated.data["feedback"]["rating"]["stars"] == 4
    assert (await agent.get(path)).data["feedback"]["rating"]["text"] == "Cepat, terima kasih."
    assert [step["status"] for step in rated.data["feedback"]["steps"]] == [
        "open", "reviewing", "started", "answered", "reviewing", "started", "done",
    ]  # fmt: skip  # names, read across


async def test_who_is_not_known_comes_back_with_a_code(world: World) -> None:
    """The code is told once, again to who repeats the request, and to nobody else."""
    body = _new("complaint", "Pelayanan lambat", client_id=secrets.token_hex(16))
    given = await world.http.post("/api/v1/feedback", body)
    assert given.status == 201, given.envelope
    code, item = given.data["code"], given.data["feedback"]
    assert item["author"] is None
    again = await world.http.post("/api/v1/feedback", body)
    assert (again.status, again.data["code"], again.data["feedback"]["id"]) == (200, code, item["id"])
    assert (await world.http.get(f"/api/v1/feedback/{item['id']}")).code == "not_found"
    agent = await world.person("agent", "Petugas")
    assert (await agent.post(f"/feedback/{item['id']}/comments", {"text": "Di cabang mana?"})).status == 201
    coded = {"code": code.replace("-", "").lower()}
    found = await world.http.post("/api/v1/feedback/follow-up", coded)
    assert [row["text"] for row in found.data["comments"]] == ["Di cabang mana?"]
    said = await world.http.post("/api/v1/feedback/follow-up/comments", {**coded, "text": "Di pasar lama."})
    assert [row["by_sender"] for row in said.data["comments"]] == [False, True]
    assert (await _change(agent, item["id"], response="Sudah kami tegur.")).status == 200
    rated = await world.http.post("/api/v1/feedback/follow-up/rating", {**coded, "stars": 5})
    assert rated.data["feedback"]["rating"]["stars"] == 5
    taken = await world.http.post("/api/v1/feedback/follow-up/reopen", coded)
    assert taken.data["feedback"]["status"] == "reviewing"
    wrong = {"code": "0" * 24}
    assert (await world.http.post("/api/v1/feedback/follow-up", wrong)).code == "not_found"


async def test_what_comes_without_a_sender_waits_for_staff(world: World) -> None:
    """A public suggestion of nobody known is on the board once an agent lets it there."""
    given = (await world.http.post("/api/v1/feedback", _new(title="Buka sampai malam"))).data["feedback"]
    assert (given["held"], given["shown"]) == (True, False)
    assert (await world.http.get(f"/api/v1/feedback/{given['id']}")).code == "not_found"
    agent = await world.person("agent", "Petugas")
    held = (await agent.get("/feedback/inbox", inbox="held", limit=100)).data["items"]
    assert given["id"] in {row["id"] for row in held}
    assert (await agent.post(f"/feedback/{given['id']}/release", {"shown": True})).status == 200
    assert (await world.http.get(f"/api/v1/feedback/{given['id']}")).data["feedback"]["shown"] is True
    assert (await agent.post(f"/feedback/{given['id']}/release", {"shown": False})).code == "conflict"


async def test_duplicates_are_merged_and_taken_apart(world: World) -> None:
    """Who voted for both counts once; the address leads on; undone, all is as before."""
    agent = await world.person("agent", "Petugas")
    first, second = await _give(agent), await _give(agent)
    both, one = await world.person("customer", "Pembeli"), await world.person("customer", "Pelanggan")
    for item in (first, second):
        assert (await both.call("PUT", f"/feedback/{item['id']}/vote")).status == 200
    assert (await one.call("PUT", f"/feedback/{second['id']}/vote")).status == 200
    merged = await agent.post(f"/feedback/{second['id']}/merge", {"into": first["id"]})
    assert merged.data["feedback"]["votes"] == 2, merged.envelope
    gone = (await one.get(f"/feedback/{second['id']}")).data["feedback"]
    assert (gone["status"], gone["merged_into"]) == ("merged", first["number"])
    assert (await one.call("PUT", f"/feedback/{second['id']}/vote")).code == "not_permitted"
    assert (await one.get(f"/feedback/{first['id']}")).data["feedback"]["voted"] is True
    apart = await agent.post(f"/feedback/{second['id']}/unmerge")
    assert (apart.data["feedback"]["status"], apart.data["feedback"]["votes"]) == ("open", 2)
    kept = (await one.get(f"/feedback/{first['id']}")).data["feedback"]
    assert (kept["votes"], kept["voted"]) == (1, False)
    private = await _give(one, "complaint")
    assert (await agent.post(f"/feedback/{private['id']}/merge", {"into": first["id"]})).code == "conflict"


async def test_staff_keep_answers_lists_and_areas(world: World) -> None:
    """Each in its place; only administrators make areas, and nobody has another's lists."""
    agent, admin = await world.person("agent", "Petugas"), await world.person("admin", "Admin")
    canned = await agent.post("/feedback/canned", {"title": "Terima kasih", "text": "Kami catat, hubungi 08129071364."})
    assert canned.status == 201
    assert "08129071364" not in str(canned.envelope)
    view = await agent.post("/feedback/saved-views", {"name": "Keluhan", "query": {"kind": "complaint"}})
    assert view.data["view"]["query"] == {"kind": "complaint"}
    other = await world.person("agent", "Rekan")
    assert (await other.call("DELETE", f"/feedback/saved-views/{view.data['view']['id']}")).code == "not_found"
    area = {"key": "kedai", "name_id": "Kedai", "name_en": "Coffee shop"}
    assert (await agent.call("PUT", "/feedback/areas", area)).code == "not_permitted"
    assert (await admin.call("PUT", "/feedback/areas", area)).status == 200
    keys = {item["key"] for item in (await world.http.get("/api/v1/feedback/areas")).data["items"]}
    assert {"app", "kedai"} <= keys
    item = await _give(agent, area="kedai")
    outcome = await agent.post("/feedback/bulk", {"ids": [item["id"], "0" * 24], "priority": "high"})
    assert {row["id"]: row["error"] for row in outcome.data["items"]} == {item["id"]: None, "0" * 24: "not_found"}
    assert (await _change(agent, item["id"], status="planned", changelog="Sudah ada.")).status == 200
    roadmap = (await world.http.get("/api/v1/feedback/roadmap")).data["columns"]
    planned = next(column for column in roadmap if column["status"] == "planned")
    assert item["id"] in {row["id"] for row in planned["items"]}


async def test_what_is_like_what_is_typed_and_the_register(world: World) -> None:
    """While typing, what is there is offered; auditors get complaints, redacted, in two forms."""
    agent = await world.person("agent", "Petugas")
    item = await _give(agent, title="Pembayaran dengan dompet digital ditambahkan")
    like = await world.http.post("/api/v1/feedback/similar", {"text": "bisa bayar pakai dompet digital"})
    assert item["id"] in {row["id"] for row in like.data["items"]}
    found = await world.http.post("/api/v1/feedback/search", {"text": "dompet digital", "limit": 100})
    assert item["id"] in {row["id"] for row in found.data["items"]}
    complaint = await _give(agent, "complaint", title="Struk salah", text="Surel saya budi.contoh@example.com.")
    for form in ("csv", "json"):
        register = await agent.get("/feedback/register", form=form)
        assert register.status == 200
        assert b"budi.contoh@example.com" not in register.body
        assert b"Struk salah" in register.body
        assert "⟦EMAIL:1⟧".encode() in register.body
    own = orjson.loads((await agent.get("/feedback/own/export")).body)
    assert [row["title"] for row in own["feedback"]] == [complaint["title"], item["title"]]
    assert own["comments"] == []
    assert complaint["path"].endswith(f"/{complaint['number']}/-")
    assert (await (await world.person("admin")).get("/feedback/register")).code == "not_permitted"


async def test_moderators_decide_about_what_is_public(world: World) -> None:
    """A reported comment is hidden, and a reported suggestion is gone from the board."""
    giver, writer = await world.person("agent", "Petugas"), await world.person("agent", "Rekan")
    reader, moderator = await world.person("agent", "Pembeli"), await world.person("moderator", "Penjaga")
    item = await _give(giver)
    comment = (await writer.post(f"/feedback/{item['id']}/comments", {"text": f"Setuju, {_somewhere()}."})).data[
        "comment"
    ]
    assert (await world.http.get(f"/api/v1/feedback/{item['id']}")).data["feedback"]["comments"] == 1
    for target in (comment["id"], item["id"]):
        flag = {"target_type": "feedback", "target_id": target, "reason": "off_topic"}
        assert (await reader.post("/flags", flag)).status in {200, 201}
        queue = (await moderator.get("/review/items", limit=100)).data["items"]
        waiting = next(row for row in queue if row["target_id"] == target)
        path = f"/review/items/{waiting['id']}"
        assert (await moderator.post(f"{path}/claim")).status == 200
        decided = await moderator.post(f"{path}/decision", {"decision": "hide", "category": "off_topic"})
        assert decided.status == 200, decided.envelope
    assert (await world.http.get(f"/api/v1/feedback/{item['id']}")).code == "not_found"
    assert (await giver.get(f"/feedback/{item['id']}")).data["feedback"]["comments"] == 0
