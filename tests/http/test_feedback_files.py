"""Files of feedback: who sends them, who opens them, and all who must not, in public as in private."""

import re
import secrets
from io import BytesIO
from typing import Any

from aiohttp import FormData

from tests.harness.browsing import Tab, faults_of
from tests.harness.documents import docx, pdf
from tests.harness.http import Answer
from tests.harness.images import png
from tests.harness.people import Person, World
from tests.harness.pledging import trained
from tests.harness.process import eventually

_ROOT = "/api/v1/feedback"
_NEW = "/saran/baru"
_SENTENCE = "Jendela aplikasi tertutup sendiri setiap kali laporan dibuka."
_HIDDEN = re.compile(r'name="files" value="([a-z0-9]+)"')
_CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")


async def _upload(person: Person, data: bytes, name: str = "laporan.pdf", *, sealed: bool = False) -> str:
    """Upload a file for feedback; give its id."""
    form = FormData()
    if sealed:
        form.add_field("sealed", "true")
    form.add_field("file", BytesIO(data), filename=name, content_type="application/octet-stream")
    headers = {"Authorization": f"Bearer {person.token}"}
    url = f"{person.world.server.url}{_ROOT}/attachments"
    async with person.world.session.post(url, data=form, headers=headers) as got:
        answer = Answer(got.status, got.headers, await got.read())
    assert answer.status == 201, answer.envelope
    return str(answer.data["attachment"]["id"])


async def _give(person: Person, files: list[str], kind: str = "complaint", **more: object) -> dict[str, Any]:
    new = {"kind": kind, "title": "Laporan tertutup sendiri", "text": "Berkasnya terlampir.", "attachment_ids": files}
    answer = await person.post("/feedback", {**new, **more})
    assert answer.status == 201, answer.envelope
    return dict(answer.data["feedback"])


async def _seen(person: Person, item_id: str) -> list[str]:
    """Give the files that somebody is shown with an item; nothing where they may not read it."""
    answer = await person.get(f"/feedback/{item_id}")
    return [file["id"] for file in answer.data["feedback"]["attachments"]] if answer.status == 200 else []


async def _opened(person: Person, item_id: str, file_id: str, **more: str) -> bytes | None:
    """Give what somebody gets of a file; None where they get no address, or nothing under it."""
    answer = await person.post(f"/feedback/{item_id}/attachments/links", {"ids": [file_id], **more})
    if answer.status != 200 or not answer.data["items"]:
        return None
    shown = await person.world.http.call("GET", answer.data["items"][0]["url"])
    return shown.body if shown.status == 200 else None


async def test_a_complaint_with_a_document_is_for_sender_and_agents(world: World) -> None:
    """Bare of who wrote it, as in the chat; other customers, moderators and administrators get nothing."""
    sender, agent = await world.person("customer"), await world.person("agent")
    file = await _upload(sender, docx(_SENTENCE), "surat.docx")
    item = await _give(sender, [file])
    [shown] = item["attachments"]
    assert (shown["id"], shown["name"], shown["sealed"]) == (file, "surat.docx", False)
    for person in (sender, agent):
        assert await _seen(person, item["id"]) == [file]
        assert await _opened(person, item["id"], file)
    for role in ("customer", "moderator", "admin", "privacy_officer"):
        stranger = await world.person(role)
        assert await _seen(stranger, item["id"]) == []
        assert await _opened(stranger, item["id"], file) is None
    again = await sender.post(
        "/feedback",
        {"kind": "complaint", "title": "Lagi", "text": "Lagi.", "attachment_ids": [file]},
    )
    assert again.reasons == {"attachment_ids": "unknown_file"}


async def test_no_file_is_ever_public(world: World) -> None:
    """A suggestion is for everybody; what was sent with it is for its sender and for agents, from any address."""
    sender, agent, reader = [await world.person(role) for role in ("customer", "agent", "customer")]
    moderator = await world.person("moderator")
    file = await _upload(sender, pdf(_SENTENCE))
    item = await _give(sender, [file], "suggestion")
    assert await _seen(sender, item["id"]) == await _seen(agent, item["id"]) == [file]
    for other in (reader, moderator):
        assert (await other.get(f"/feedback/{item['id']}")).status == 200
        assert await _seen(other, item["id"]) == []
        assert await _opened(other, item["id"], file) is None
    unknown = await world.http.get(f"{_ROOT}/{item['id']}")
    assert unknown.data["feedback"]["attachments"] == []
    page = await Tab(world.session, world.server.url).open(item["path"])
    assert file not in page
    mine = await Tab(world.session, world.server.url, sender.token).open(item["path"])
    assert file in mine
    theirs = await Tab(world.session, world.server.url, reader.token).get(f"/saran/{item['number']}/berkas/{file}")
    assert theirs.status == 404


async def test_staff_can_not_make_files_public(world: World) -> None:
    """What was sent in confidence stays so; what they take off the board is its sender's to open as before."""
    sender, agent, reader = [await world.person(role) for role in ("customer", "agent", "customer")]
    file, other = await _upload(sender, pdf(_SENTENCE)), await _upload(sender, pdf(_SENTENCE))
    item = await _give(sender, [file])
    assert (await agent.call("PATCH", f"/feedback/{item['id']}", {"visibility": "public"})).code == "not_permitted"
    assert await _opened(reader, item["id"], file) is None
    public = await _give(sender, [other], "suggestion")
    changed = await agent.call("PATCH", f"/feedback/{public['id']}", {"visibility": "private"})
    assert changed.status == 200, changed.envelope
    assert (await reader.get(f"/feedback/{public['id']}")).status == 404
    assert await _opened(reader, public["id"], other) is None
    assert await _opened(sender, public["id"], other)


async def test_staff_open_a_sealed_file_for_a_purpose_that_its_sender_reads(world: World) -> None:
    """Without one they get no address."""
    sender, agent = await world.person("customer"), await trained(world)
    file = await _upload(sender, pdf(_SENTENCE), "scan KTP.pdf")
    item = await _give(sender, [file])
    assert item["attachments"][0]["sealed"] is True
    assert await _opened(agent, item["id"], file) is None
    assert await _opened(agent, item["id"], file, purpose="complaint", reason="Memeriksa keluhan")
    assert await _opened(sender, item["id"], file)
    looks = (await sender.get("/me/access-log")).data["items"]
    assert [(look["action"], look["purpose"]) for look in looks] == [("file:opened", "complaint")]
    tab = Tab(world.session, world.server.url, agent.token)
    case = await tab.open(f"/triase/{item['number']}")
    assert f'action="/saran/{item["number"]}/berkas/{file}"' in case
    led = await tab.submit(
        f"/saran/{item['number']}/berkas/{file}", {"purpose": "support", "reason": "Pengirim bertanya"}
    )
    assert led.status == 303
    assert (await tab.get(led.headers["Location"])).status == 200


async def test_files_go_to_and_fro_and_notes_keep_theirs(world: World) -> None:
    """Staff's answer is the sender's to open; a note's file is staff's; another customer's comment is theirs alone."""
    sender, agent, colleague = [await world.person(role) for role in ("customer", "agent", "agent")]
    item = await _give(sender, [])
    path = f"/feedback/{item['id']}/comments"
    answer, note = await _upload(agent, pdf(_SENTENCE), "panduan.pdf"), await _upload(agent, pdf(_SENTENCE))
    assert (await agent.post(path, {"text": "Ini panduannya.", "attachment_ids": [answer]})).status == 201
    assert (await agent.post(path, {"text": "Periksa.", "note": True, "attachment_ids": [note]})).status == 201
    assert await _opened(sender, item["id"], answer)
    assert await _opened(sender, item["id"], note) is None
    assert await _opened(colleague, item["id"], note)
    listed = (await sender.get(path)).data["items"]
    assert [[file["id"] for file in one["attachments"]] for one in listed] == [[answer]]
    public = await _give(sender, [], "suggestion")
    other, third = await world.person("customer"), await world.person("customer")
    theirs = await _upload(other, pdf(_SENTENCE))
    commented = await other.post(f"/feedback/{public['id']}/comments", {"text": "Ya.", "attachment_ids": [theirs]})
    assert commented.status == 201, commented.envelope
    assert await _opened(other, public["id"], theirs)
    assert await _opened(agent, public["id"], theirs)
    for reader in (sender, third):
        assert (await reader.get(f"/feedback/{public['id']}/comments")).data["items"][0]["attachments"] == []
        assert await _opened(reader, public["id"], theirs) is None


async def test_forms_take_files_without_scripts(world: World) -> None:
    """One after another, with one taken off again; nothing of what was typed is lost."""
    sender, agent = await world.person("customer"), await world.person("agent")
    tab = Tab(world.session, world.server.url, sender.token)
    fields = {"kind": "complaint", "title": "Kardus penyok", "text": "Begini adanya.", "seen": "1"}
    fields |= {"client_id": secrets.token_hex(16)}
    first = await tab.upload(_NEW, {**fields, "add_file": "1"}, "file", pdf(_SENTENCE))
    page = first.body.decode()
    assert first.status == 200
    assert faults_of(page) == []
    assert "Begini adanya." in page
    [kept] = _HIDDEN.findall(page)
    second = (await tab.upload(_NEW, {**fields, "files": kept, "add_file": "1"}, "file", png(80, 60))).body.decode()
    assert _HIDDEN.findall(second)[0] == kept
    [*_, picture] = _HIDDEN.findall(second)
    dropped = (await tab.submit(_NEW, {**fields, "files": kept, "drop_file": kept})).body.decode()
    assert _HIDDEN.findall(dropped) == []
    wrong = await tab.upload(_NEW, {**fields, "files": picture}, "file", b"<html>bukan berkas")
    assert wrong.status == 400
    assert _HIDDEN.findall(wrong.body.decode()) == [picture]
    sent = await tab.submit(_NEW, {**fields, "files": picture})
    assert sent.status == 303
    item = await tab.open(sent.headers["Location"])
    number = sent.headers["Location"].split("/")[2]
    assert f"/saran/{number}/berkas/{picture}?kecil=1" in item
    led = await tab.get(f"/saran/{number}/berkas/{picture}?kecil=1")
    assert led.status == 303
    shown = await tab.get(led.headers["Location"])
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/webp")
    staff = Tab(world.session, world.server.url, agent.token)
    case = f"/triase/{number}"
    assert picture in await staff.open(case)
    refused = await staff.upload(case, {"act": "respond", "text": "Kami ganti."}, "file", pdf(_SENTENCE))
    assert refused.status == 400
    answered = await staff.upload(case, {"act": "comment", "text": "Kami ganti."}, "file", pdf(_SENTENCE))
    assert answered.status == 303
    assert len(set(re.findall(rf"/saran/{number}/berkas/([a-z0-9]+)", await tab.open(f"/saran/{number}")))) == 2


async def test_who_is_unknown_sends_and_opens_files_with_a_code(world: World) -> None:
    """Also when they are signed in and do not want to be known: no account has anything to do with the file."""
    agent, member = await trained(world), await world.person("customer")
    for person in (None, member):
        tab = Tab(world.session, world.server.url, person.token if person else None)
        fields = {
            "kind": "complaint",
            "title": "Yang terjadi di gudang",
            "text": "Fotonya terlampir.",
            "anonymous": "1",
        }
        fields |= {"client_id": secrets.token_hex(16)}
        given = await tab.upload(_NEW, fields, "file", pdf(_SENTENCE))
        page = given.body.decode()
        assert given.status == 200, page
        found = _CODE.search(page)
        assert found is not None
        code = {"code": found[0]}
        followed = (await tab.submit("/saran/kode", code)).body.decode()
        [file] = re.findall(r'name="file" value="([a-z0-9]+)"', followed)
        opened = await tab.submit("/saran/kode/berkas", {**code, "file": file})
        assert (opened.status, opened.headers["Content-Type"]) == (200, "application/pdf")
        assert opened.headers["Content-Disposition"].startswith("attachment; ")
        wrong = await tab.submit("/saran/kode/berkas", {"code": "0000-0000-0000-0000-0000-0000", "file": file})
        assert wrong.status == 404
        more = {**code, "text": "Satu lagi.", "client_id": secrets.token_hex(16)}
        written = (await tab.upload("/saran/kode/komentar", more, "file", pdf(_SENTENCE))).body.decode()
        assert len(re.findall(r'name="file" value="([a-z0-9]+)"', written)) == 2
        items = (await agent.get("/feedback/inbox?inbox=new")).data["items"]
        item = next(one for one in items if [entry["id"] for entry in one["attachments"]] == [file])
        assert await _opened(agent, item["id"], file, purpose="complaint", reason="Memeriksa keluhan")
        assert await _opened(member, item["id"], file) is None
        assert (await member.call("DELETE", f"/attachments/{file}")).status == 404


async def test_a_stranger_can_not_take_what_waits_for_another(world: World) -> None:
    """Nor can an account take what waits for nobody's form, nor a form what waits for an account."""
    sender, thief = await world.person("customer"), await world.person("customer")
    file = await _upload(sender, pdf(_SENTENCE))
    new = {"kind": "complaint", "title": "Bukan milik saya", "text": "Coba.", "attachment_ids": [file]}
    assert (await thief.post("/feedback", new)).reasons == {"attachment_ids": "unknown_file"}
    unknown = {**new, "client_id": secrets.token_hex(16)}
    assert (await world.http.post(_ROOT, unknown)).reasons == {"attachment_ids": "unknown_file"}
    assert (await world.http.post(_ROOT, new)).reasons == {"attachment_ids": "unknown_file"}
    anonymous = await sender.post("/feedback", {**unknown, "anonymous": True})
    assert anonymous.reasons == {"attachment_ids": "unknown_file"}
    assert await _seen(sender, (await _give(sender, [file]))["id"]) == [file]


async def test_what_is_taken_back_takes_its_files_along(world: World) -> None:
    """Those of the item, and those of what was written under it."""
    sender, agent = await world.person("customer"), await world.person("agent")
    file, other = await _upload(sender, pdf(_SENTENCE)), await _upload(sender, pdf(_SENTENCE))
    item = await _give(sender, [file])
    path = f"/feedback/{item['id']}"
    await sender.post(f"{path}/comments", {"text": "Satu lagi.", "attachment_ids": [other]})
    answer = await sender.post(f"{path}/attachments/links", {"ids": [file, other]})
    addresses = [link["url"] for link in answer.data["items"]]
    assert len(addresses) == 2
    assert (await sender.post(f"{path}/withdraw", {})).status == 200
    assert await _seen(agent, item["id"]) == []
    assert await _opened(agent, item["id"], file) is None
    for address in addresses:
        assert (await world.http.call("GET", address)).status == 404
    count = await sender.call("DELETE", f"/attachments/{file}")

    async def gone() -> bool:
        found = [await sender.call("DELETE", f"/attachments/{one}") for one in (file, other)]
        return [answer.code for answer in found] == ["not_found", "not_found"]

    assert count.code in {"conflict", "not_found"}
    await eventually(gone, "both files are gone")


async def test_a_merge_leaves_files_with_those_whose_they_are(world: World) -> None:
    """The other item's sender and voters see nothing of them, before and after it is undone."""
    sender, other, agent = [await world.person(role) for role in ("customer", "customer", "agent")]
    file = await _upload(sender, pdf(_SENTENCE))
    source = await _give(sender, [file], "suggestion")
    target = await _give(other, [], "suggestion", title="Laporan yang menutup sendiri")
    for undo in (False, True):
        act = "unmerge" if undo else "merge"
        merged = await agent.post(f"/feedback/{source['id']}/{act}", {} if undo else {"into": target["id"]})
        assert merged.status == 200, merged.envelope
        assert await _opened(sender, source["id"], file)
        assert await _opened(agent, source["id"], file)
        for item in (source, target):
            assert await _opened(other, item["id"], file) is None
        assert await _seen(other, target["id"]) == await _seen(agent, target["id"]) == []


async def test_the_register_counts_files_and_one_s_own_copy_names_them(world: World) -> None:
    """No auditor is given what somebody called a file."""
    sender, agent = await world.person("customer"), await world.person("agent")
    item = await _give(sender, [await _upload(sender, docx(_SENTENCE), "surat gudang.docx")])
    register = (await agent.get("/feedback/register?form=json")).body
    assert b"surat gudang" not in register
    [row] = [one for one in Answer(200, {}, register).envelope["complaints"] if one["number"] == item["number"]]
    assert row["attachments"] == 1
    assert b"surat gudang.docx" in (await sender.get("/feedback/own/export")).body
