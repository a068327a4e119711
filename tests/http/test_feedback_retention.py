"""Feedback whose time is over, on the running server: it goes whole, with files and notices, unless it is held."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

from aiohttp import FormData

from server.composition.opening import COLLECTIONS
from tests.harness.documents import pdf
from tests.harness.people import Person, World
from tests.harness.process import eventually

_OLD = datetime(2020, 1, 1, tzinfo=UTC)


def _later(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def _upload(person: Person, data: bytes) -> str:
    """Upload a file for feedback; give its id."""
    form = FormData()
    form.add_field("file", BytesIO(data), filename="laporan.pdf", content_type="application/octet-stream")
    url, headers = f"{person.world.server.url}/api/v1/feedback/attachments", {"Authorization": f"Bearer {person.token}"}
    async with person.world.session.post(url, data=form, headers=headers) as answer:
        assert answer.status == 201
        return str((await answer.json())["data"]["attachment"]["id"])


async def test_an_old_complaint_goes_with_its_files_and_notices(world: World) -> None:
    """Whole, by a run on the running server: no text, no file, no notice of it is left; a held one stays as it was."""
    officer, agent = await world.person("privacy_officer"), await world.person("agent")
    sender, other = await world.person("customer"), await world.person("customer")
    gone, held = [await _complained(who, agent) for who in (sender, other)]
    hold = {"kind": "feedback", "object": held["id"], "reason": "Perkara", "review_at": _later(30)}
    assert (await officer.post("/privacy/retention/holds", hold)).status == 201
    assert (await sender.get("/me/notifications")).data["unread"] > 0
    old = {"$set": {"created_at": _OLD, "changed_at": _OLD}}
    await world.database["feedback_items"].update_many({"_id": {"$in": [gone["id"], held["id"]]}}, old)

    async def is_gone() -> bool:
        # While a run goes on by itself there is no other; only when ours is through, all is gone that is to go.
        ran = await officer.post("/privacy/retention/runs", {"dry": False})
        assert ran.status in {200, 409}
        return ran.status == 200 and await world.database["feedback_items"].find_one({"_id": gone["id"]}) is None

    await eventually(is_gone, "the complaint goes")
    assert await _where(world, gone["id"], gone["file"]) == {"audit_blocks"}
    assert (await sender.get(f"/feedback/{gone['id']}")).code == "not_found"
    assert (await sender.get("/me/notifications")).data["unread"] == 0
    kept = (await other.get(f"/feedback/{held['id']}")).data["feedback"]
    assert (kept["title"], [file["id"] for file in kept["attachments"]]) == ("Antrean kasir", [held["file"]])
    counted = (await officer.post("/privacy/retention/runs", {"dry": True})).data["run"]
    lines = {line["rule"]: line for line in counted["lines"]}
    assert (lines["feedback:complaint"]["overdue"], lines["feedback:complaint"]["held"]) == (0, 1)


async def _complained(sender: Person, agent: Person) -> dict[str, str]:
    """Give a complaint with a file, and have it handled to its end; give its id and the file's."""
    file = await _upload(sender, pdf("Antrean kasir terlalu panjang setiap akhir pekan."))
    new = {"kind": "complaint", "title": "Antrean kasir", "text": "Terlampir.", "attachment_ids": [file]}
    item = (await sender.post("/feedback", new)).data["feedback"]
    path = f"/feedback/{item['id']}"
    assert (await agent.post(f"{path}/comments", {"text": "Kami periksa.", "note": True})).status == 201
    for state in ("acknowledged", "answered", "closed"):
        assert (await agent.call("PATCH", path, {"status": state})).status == 200
    assert (await sender.post(f"{path}/comments", {"text": "Terima kasih."})).status == 201
    return {"id": item["id"], "file": file}


async def _where(world: World, *ids: str) -> set[str]:
    """The collections in which one of some ids stands, in whatever field."""
    found: set[str] = set()
    for spec in COLLECTIONS:
        async for document in world.database[spec.name].find({}):
            if any(one in str(document) for one in ids):
                found.add(spec.name)
    return found
