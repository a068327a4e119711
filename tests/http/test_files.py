"""Files of conversations over HTTP: uploading one, sending it, looking at it, and all that must not come of it."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from tests.harness.documents import docx, odt, pdf, unzipped, xlsx, zipped
from tests.harness.http import Answer
from tests.harness.images import CANARY, bomb, gif, jpeg, png
from tests.harness.people import Person, World
from tests.harness.pledging import trained

_SENTENCE = "Jendela aplikasi tertutup sendiri setiap kali laporan dibuka."
_NUMBER = "081298765432"


async def _upload(
    person: Person,
    talk: str,
    data: bytes,
    name: str = "berkas",
    *,
    sealed: str = "",
    part: str = "file",
    kind: str = "application/octet-stream",
) -> Answer:
    form = FormData(quote_fields=False)
    if sealed:
        form.add_field("sealed", sealed)
    # As a file: aiohttp warns of bytes as many as these.
    form.add_field(part, BytesIO(data), filename=name, content_type=kind)
    url = f"{person.world.server.url}/api/v1/conversations/{talk}/attachments"
    headers = {"Authorization": f"Bearer {person.token}"}
    async with person.world.session.post(url, data=form, headers=headers) as answer:
        return Answer(answer.status, answer.headers, await answer.read())


async def _send(person: Person, talk: str, ids: list[str], key: str = "satu") -> Answer:
    body = {"client_message_id": key, "text": "", "attachment_ids": ids}
    return await person.post(f"/conversations/{talk}/messages", body)


async def _links(person: Person, talk: str, ids: list[str], **more: str) -> list[dict[str, Any]]:
    answer = await person.post(f"/conversations/{talk}/attachments/links", {"ids": ids, **more})
    assert answer.status == 200, answer.code
    return list(answer.data["items"])


async def _open(world: World, address: str) -> Answer:
    """As a browser does: with the address and nothing else."""
    return await world.http.call("GET", address)


async def _talk(world: World) -> tuple[Person, Person, str]:
    """A customer, the agent who has their conversation, and that."""
    customer, agent = await world.person("customer", "Toko Contoh"), await trained(world, "agent", "Uji")
    talk = await customer.conversation("Laporan tidak terbuka")
    assert (await agent.post(f"/conversations/{talk}/assign", {"agent_id": agent.id})).status == 200
    return customer, agent, talk


async def test_a_photograph_from_telephone_to_agent(world: World) -> None:
    """Made anew, shown to both, and to nobody else."""
    customer, agent, talk = await _talk(world)
    uploaded = await _upload(customer, talk, jpeg(), "IMG_0001.JPG", kind="text/html")
    assert uploaded.status == 201, uploaded.reasons
    file = uploaded.data["attachment"]
    assert file == {
        "id": file["id"],
        "name": "IMG 0001.webp",
        "media_type": "image/webp",
        "size": file["size"],
        "width": 80,
        "height": 120,
        "thumbnail": True,
        "sealed": False,
    }
    assert await _links(agent, talk, [file["id"]]) == []
    message = (await _send(customer, talk, [file["id"]])).data["message"]
    assert message["attachments"] == [file]
    for person in (customer, agent):
        [link] = await _links(person, talk, [file["id"], "tidakada"])
        for address in (link["url"], link["thumbnail_url"]):
            shown = await _open(world, address)
            assert shown.status == 200
            assert shown.headers["Content-Type"] == "image/webp"
            assert shown.headers["X-Content-Type-Options"] == "nosniff"
            assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
            assert shown.headers["Cache-Control"] == "private, no-store"
            assert shown.headers["Content-Disposition"].startswith("inline; ")
            assert CANARY not in shown.body
            assert Image.open(BytesIO(shown.body)).format == "WEBP"
    stranger = await world.person("agent", "Lain")
    refused = await stranger.post(f"/conversations/{talk}/attachments/links", {"ids": [file["id"]]})
    assert refused.code == "not_found"


@pytest.mark.parametrize(
    ("data", "name", "media_type", "ending"),
    [
        (pdf(_SENTENCE), "laporan.exe", "application/pdf", "pdf"),
        (
            docx(_SENTENCE),
            "surat.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
        ),
        (xlsx(_SENTENCE), "harga.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        (odt(_SENTENCE), "surat.odt", "application/vnd.oasis.opendocument.text", "odt"),
    ],
    ids=["pdf", "docx", "xlsx", "odt"],
)
async def test_documents_without_identifiers_are_open_and_bare(
    world: World, data: bytes, name: str, media_type: str, ending: str
) -> None:
    """Downloads with a true ending, in which nothing says who wrote them."""
    customer, agent, talk = await _talk(world)
    answer = await _upload(customer, talk, data, name)
    assert answer.status == 201, answer.reasons
    file = answer.data["attachment"]
    assert (file["media_type"], file["name"].rpartition(".")[2], file["sealed"]) == (media_type, ending, False)
    await _send(customer, talk, [file["id"]])
    [link] = await _links(agent, talk, [file["id"]])
    assert link["thumbnail_url"] is None
    shown = await _open(world, link["url"])
    assert shown.headers["Content-Type"] == media_type
    assert shown.headers["Content-Disposition"].startswith("attachment; ")
    contents = unzipped(shown.body) if ending != "pdf" else {"": shown.body}
    assert not [part for part, content in contents.items() if CANARY in content]


async def test_what_identifies_somebody_is_cut_out_of_texts(world: World) -> None:
    """The redacted text is all that is kept."""
    customer, agent, talk = await _talk(world)
    text = f"Catatan rapat.\n\nHubungi saya di {_NUMBER} sesudah pukul lima.\n"
    file = (await _upload(customer, talk, text.encode(), f"nomor {_NUMBER}.txt")).data["attachment"]
    assert (file["name"], file["media_type"], file["sealed"]) == ("nomor PHONE.txt", "text/plain", False)
    await _send(customer, talk, [file["id"]])
    [link] = await _links(agent, talk, [file["id"]])
    shown = await _open(world, link["url"])
    assert shown.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert shown.body.decode() == text.replace(_NUMBER, "⟦PHONE:1⟧")


@pytest.mark.parametrize(
    "data",
    [
        pdf(f"Hubungi {_NUMBER}"),
        docx(f"Hubungi {_NUMBER}"),
        xlsx(f"Hubungi {_NUMBER}"),
        odt(f"Hubungi {_NUMBER}"),
        pdf(""),
        pdf(_SENTENCE, photograph=jpeg(600, 400)),
    ],
    ids=["pdf", "docx", "xlsx", "odt", "scan", "photograph"],
)
async def test_documents_with_identifiers_are_sealed(world: World, data: bytes) -> None:
    """The customer opens them; who takes part of staff for a purpose, which the customer reads afterwards."""
    customer, agent, talk = await _talk(world)
    file = (await _upload(customer, talk, data, "surat")).data["attachment"]
    assert file["sealed"]
    await _send(customer, talk, [file["id"]])
    [link] = await _links(customer, talk, [file["id"]])
    assert (await _open(world, link["url"])).status == 200
    assert await _links(agent, talk, [file["id"]]) == []
    asked = {"ids": [file["id"]], "purpose": "complaint"}
    for wrong in ({}, {"reason": "   "}):
        refused = await agent.post(f"/conversations/{talk}/attachments/links", {**asked, **wrong})
        assert refused.code == "invalid_input"
        assert "reason" in refused.reasons
    [link] = await _links(agent, talk, [file["id"]], purpose="complaint", reason=f"Pelanggan {_NUMBER} bertanya")
    assert (await _open(world, link["url"])).status == 200
    log = (await customer.get("/me/access-log")).data["items"]
    [look] = [item for item in log if item["action"] == "file:opened"]
    assert (look["object"]["id"], look["purpose"]) == (file["id"], "complaint")
    [kept] = [item async for item in world.database["sealed_reveals"].find({"record_id": file["id"]})]
    assert (kept["actor_id"], kept["purpose"], kept["keys"]) == (agent.id, "complaint", ["content"])
    assert kept["reason"].startswith("Pelanggan ⟦")
    assert _NUMBER not in kept["reason"]


async def test_pictures_of_papers_are_sealed(world: World) -> None:
    """By what they are called, or because the sender says so."""
    customer, _, talk = await _talk(world)
    said = (await _upload(customer, talk, jpeg(), "foto.jpg", sealed="true")).data["attachment"]
    called = (await _upload(customer, talk, jpeg(), "KTP saya.jpg")).data["attachment"]
    plain = (await _upload(customer, talk, jpeg(), "layar.jpg", sealed="false")).data["attachment"]
    assert [item["sealed"] for item in (said, called, plain)] == [True, True, False]


async def test_who_reads_by_way_of_exception_does_not_open_what_is_sealed(world: World) -> None:
    """Only who takes part, whatever the purpose."""
    customer, _, talk = await _talk(world)
    officer = await world.person("admin", "Pengelola")
    ids = [
        (await _upload(customer, talk, jpeg(), "layar.jpg", sealed=said)).data["attachment"]["id"]
        for said in ("true", "false")
    ]
    await _send(customer, talk, ids)
    glass = {"reason": "Pengujian akses", "purpose": "security", "minutes": 5}
    opened = await officer.post(f"/conversations/{talk}/break-glass", glass)
    assert opened.status < 300, opened.code
    assert [link["id"] for link in await _links(officer, talk, ids, purpose="security", reason="Pengujian akses")] == [
        ids[1]
    ]


async def test_links_end_with_what_allowed_them(world: World) -> None:
    """Leaving the conversation, signing out, another account or another file: all answer alike."""
    customer, agent, talk = await _talk(world)
    helper = await world.person("agent", "Bantu")
    assert (await agent.post(f"/conversations/{talk}/participants", {"agent_id": helper.id})).status < 300
    ids = [(await _upload(customer, talk, jpeg(), "layar.jpg")).data["attachment"]["id"] for _ in range(2)]
    await _send(customer, talk, ids)
    first, second = await _links(helper, talk, ids)
    assert (await _open(world, first["url"])).status == 200
    forged = [
        first["url"].replace(ids[0], ids[1]),
        first["url"].replace(helper.id, customer.id),
        first["url"].replace("until=", "until=9"),
        first["url"].replace("/attachments/" + ids[0], f"/attachments/{ids[0]}/thumbnail"),
        first["url"].partition("&signature=")[0],
        first["url"].replace("signature=", "signature=%ED%A0%80"),
        f"/api/v1/attachments/{ids[0]}",
        f"/api/v1/attachments/{ids[0]}?until=99999999999999999999",
    ]
    for address in forged:
        assert (await _open(world, address)).status == 404, address
    left = await agent.call("DELETE", f"/conversations/{talk}/participants/{helper.id}")
    assert left.status < 300, left.code
    assert (await _open(world, second["url"])).status == 404
    [mine] = await _links(customer, talk, [ids[0]])
    assert (await _open(world, mine["url"])).status == 200
    assert (await customer.call("DELETE", "/sessions/current")).status < 300
    assert (await _open(world, mine["url"])).status == 404


async def test_a_message_takes_only_its_senders_own_files_of_that_conversation(world: World) -> None:
    """Once, and again when it is sent again."""
    customer, agent, talk = await _talk(world)
    other = await customer.conversation("Hal lain")
    file = (await _upload(customer, talk, jpeg(), "layar.jpg")).data["attachment"]["id"]
    reasons = {"attachment_ids": "unknown_file"}
    assert (await _send(agent, talk, [file])).reasons == reasons
    assert (await _send(customer, other, [file])).reasons == reasons
    assert (await _send(customer, talk, ["tidakada"])).reasons == reasons
    assert (await _send(customer, talk, [file, file])).reasons == reasons
    first = await _send(customer, talk, [file], "dua")
    assert first.status == 201, first.reasons
    again = await _send(customer, talk, [file], "dua")
    assert (again.status, again.data) == (200, first.data)
    assert (await _send(customer, talk, [file], "tiga")).reasons == reasons
    assert (await customer.call("DELETE", f"/attachments/{file}")).code == "conflict"


async def test_files_go_with_their_message(world: World) -> None:
    """And what was not sent can be taken back, by its uploader only."""
    customer, agent, talk = await _talk(world)
    sent, kept = [(await _upload(customer, talk, jpeg(), "layar.jpg")).data["attachment"]["id"] for _ in range(2)]
    message = (await _send(customer, talk, [sent])).data["message"]
    [link] = await _links(agent, talk, [sent])
    deleted = await customer.call("DELETE", f"/conversations/{talk}/messages/{message['seq']}")
    assert deleted.status < 300, deleted.code
    assert (await _open(world, link["url"])).status == 404
    assert await _links(customer, talk, [sent]) == []
    assert (await agent.call("DELETE", f"/attachments/{kept}")).code == "not_found"
    assert (await customer.call("DELETE", f"/attachments/{kept}")).status == 200
    assert (await customer.call("DELETE", f"/attachments/{kept}")).code == "not_found"
    assert (await _send(customer, talk, [kept], "lagi")).reasons == {"attachment_ids": "unknown_file"}


async def test_nobody_uploads_where_they_do_not_take_part(world: World) -> None:
    """Not a byte of it is read."""
    _, _, talk = await _talk(world)
    for role in ("customer", "agent", "admin", "moderator"):
        stranger = await world.person(role, "Lain")
        assert (await _upload(stranger, talk, b"x" * 70_000)).code == "not_found", role


_PROGRAM = "application/vnd.ms-word.document.macroEnabled.main+xml"
_ENTITIES = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>'
_ATTACKS: Mapping[str, tuple[bytes, str]] = {
    "nothing that is known": (b"\x00\x01\x02\x03" * 100, "file_not_allowed"),
    "a program": (b"MZ\x90\x00\x03" + bytes(200), "file_not_allowed"),
    "a page as text": (b"<html><script>alert(1)</script></html>", "file_not_allowed"),
    "a page behind blanks": (b" \n\t<!DOCTYPE html><p>halo", "file_not_allowed"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "file_not_allowed"),
    "a drawing in UTF-16": ('<svg onload="alert(1)"/>'.encode("utf-16"), "file_not_allowed"),
    "an image and a page": (gif() + b"<script>alert(1)</script>", "file_damaged"),
    "an image that claims too much": (bomb(60_000, 60_000), "file_too_large"),
    "half an image": (png()[:300], "file_damaged"),
    "a locked PDF": (pdf(password="rahasia"), "file_encrypted"),
    "a broken PDF": (b"%PDF-1.7\n" + b"x" * 500, "file_damaged"),
    "any archive": (zipped({"a.txt": "halo"}), "file_not_allowed"),
    "a zip bomb": (docx(more={"word/a.xml": b"0" * 30_000_000}), "file_too_complex"),
    "entities": (docx(more={"word/a.xml": _ENTITIES}), "file_damaged"),
    "a name that leads elsewhere": (docx(more={"../../a.xml": "<a/>"}), "file_damaged"),
    "macros": (docx(more={"word/vbaProject.bin": b"x"}), "file_has_programs"),
    "macros by type": (
        zipped({"[Content_Types].xml": f'<Types><Override PartName="/a.xml" ContentType="{_PROGRAM}"/></Types>'}),
        "file_has_programs",
    ),
    "an object": (docx(more={"word/embeddings/oleObject1.bin": b"x"}), "file_has_programs"),
    "a field that starts programs": (
        docx(
            "</w:t></w:r><w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO c</w:instrText></w:r>"
            "<w:r><w:t>"
        ),
        "file_has_programs",
    ),
    "macros of OpenDocument": (odt(more={"Basic/Standard/Module1.xml": "<a/>"}), "file_has_programs"),
}


@pytest.mark.parametrize("attack", list(_ATTACKS))
async def test_what_is_refused(world: World, attack: str) -> None:
    """With a reason, and without an echo."""
    customer, _, talk = await _talk(world)
    data, reason = _ATTACKS[attack]
    answer = await _upload(customer, talk, data, "surat.pdf", kind="application/pdf")
    assert (answer.status, answer.reasons) == (400, {"file": reason})


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\dokumen\\laporan.txt", "laporan.txt"),
        ("foto\u202egpj.exe", "foto gpj.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie x=1.txt"),
        ("x" * 300 + ".txt", "x" * 80 + ".txt"),
        (".htaccess", "htaccess.txt"),
        ("..", "file.txt"),
        ('<img src=x onerror="alert(1)">.html', "img src=x onerror= alert(1).txt"),
    ],
)
async def test_names_are_harmless(world: World, name: str, kept: str) -> None:
    """Whatever was typed, and with the ending of what it is."""
    customer, _, talk = await _talk(world)
    answer = await _upload(customer, talk, _SENTENCE.encode(), name.replace("\r\n", "%0D%0A").replace('"', "%22"))
    assert answer.status == 201, answer.reasons
    file = answer.data["attachment"]
    if "%" not in name and "\r" not in name and '"' not in name:
        assert file["name"] == kept
    await _send(customer, talk, [file["id"]])
    [link] = await _links(customer, talk, [file["id"]])
    header = (await _open(world, link["url"])).headers["Content-Disposition"]
    assert header.isascii()
    assert not set("<>\r\n/\\") & set(header.partition("filename*")[0])


async def test_forms_that_are_none(world: World) -> None:
    """Nothing, JSON, a part of another name, a flag that says neither, and more than may come."""
    customer, _, talk = await _talk(world)
    path = f"/api/v1/conversations/{talk}/attachments"
    assert (await world.http.post(path, {}, token=customer.token)).reasons == {"file": "required"}
    assert (await _upload(customer, talk, b"halo", part="berkas")).reasons == {"file": "file_damaged"}
    assert (await _upload(customer, talk, b"")).reasons == {"file": "required"}
    assert (await _upload(customer, talk, b"halo", sealed="ya")).reasons == {"sealed": "malformed"}
    assert (await _upload(customer, talk, b"%PDF-" + bytes(11 * 1024 * 1024))).status == 413
    assert (await _upload(customer, talk, b"halo " * 60_000)).reasons == {"file": "file_too_large"}


async def test_nothing_of_a_file_is_left_behind(world: World) -> None:
    """Not in the store's files, not in the log: neither its content nor its name."""
    customer, _, talk = await _talk(world)
    word = CANARY.decode()
    for data in (jpeg(), pdf(word), docx(word), f"Catatan {_NUMBER} saja.".encode()):
        answer = await _upload(customer, talk, data, f"surat {_NUMBER}.bin")
        assert answer.status == 201, answer.reasons
    kept = world.server.kept()
    for needle in (CANARY, _NUMBER.encode()):
        assert [name for name, content in kept.items() if needle in content] == []
    assert word not in world.server.log()
    assert _NUMBER not in world.server.log()
