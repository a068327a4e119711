"""Rights over HTTP and as pages: what is kept, a signed copy, requests with and without an account, two officers."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from hashlib import sha256

import aiohttp
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from server.kernel.restraint import Use
from server.rights.model import Kind
from tests.harness.browsing import Tab, faults_of
from tests.harness.mail import MailSink
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess

_PUBLIC = "https://bantuan.example"
_PHONE = "0812-5550-7788"


@pytest.fixture(scope="module")
async def mailing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[ServerProcess, MailSink]]:
    """A server that mails."""
    sink = MailSink()
    await sink.start()
    settings = {
        "AMANAH_LIMITS": "off",
        "AMANAH_TRAINING": "off",
        "AMANAH_SMTP_URL": sink.url,
        "AMANAH_MAIL_FROM": "bantuan@toko.example",
        "AMANAH_PUBLIC_URL": _PUBLIC,
    }
    server = ServerProcess(tmp_path_factory.mktemp("rights"), settings)
    await server.start()
    yield server, sink
    await server.stop()
    await sink.stop()


def _tab(world: World, person: Person | None = None) -> Tab:
    """A browser without JavaScript."""
    return Tab(world.http.session, world.http.url, person.token if person else None)


async def _copy(person: Person) -> zipfile.ZipFile:
    answer = await person.get("/me/export")
    assert answer.status == 200
    return zipfile.ZipFile(io.BytesIO(answer.body))


async def test_what_is_kept_is_told_by_kinds_and_counts(world: World) -> None:
    person = await world.person("customer", "Sari Toko")
    await person.post("/me/requests", {"kind": "other", "text": "Apa saja yang disimpan?"})
    told = (await person.get("/me/data")).data
    assert {"requests": 1}.items() <= {one["kind"]: one["count"] for one in told["kept"]}.items()
    assert told["stopped"] == []
    page = await _tab(world, person).open("/privasi")
    assert "Permintaan soal data" in page
    assert faults_of(page) == []
    assert faults_of(await _tab(world, person).open("/privasi", language="en")) == []


async def test_a_copy_is_whole_signed_and_readable(world: World) -> None:
    person = await world.person("customer", "Sari Toko")
    await person.post("/me/requests", {"kind": "other", "text": f"Hubungi <b>saya</b> di {_PHONE} ya"})
    archive = await _copy(person)
    assert archive.testzip() is None
    manifest = archive.read("manifest.json")
    key = load_pem_public_key((await world.http.get("/api/v1/privacy/export-key")).data["public_key"].encode())
    assert isinstance(key, Ed25519PublicKey)
    key.verify(archive.read("manifest.sig"), manifest)
    with pytest.raises(InvalidSignature):
        key.verify(archive.read("manifest.sig"), manifest + b" ")
    listed = {one["path"]: one for one in json.loads(manifest)["files"]}
    assert set(archive.namelist()) == {*listed, "manifest.json", "manifest.sig", "public-key.pem"}
    for path, one in listed.items():
        content = archive.read(path)
        assert (len(content), sha256(content).hexdigest()) == (one["bytes"], one["sha256"])
    words = json.loads(archive.read("rights/requests.json"))[0]["text"]
    assert "⟦PHONE:1⟧" in words
    readable = archive.read("rights/requests.html").decode()
    assert "&lt;b&gt;saya" in readable
    assert "<script" not in readable
    assert "default-src &#x27;none&#x27;" in readable
    assert "rights/requests.html" in archive.read("index.html").decode()


async def test_a_copy_wants_a_recent_sign_in_and_is_in_the_access_log(world: World) -> None:
    person = await world.person("customer", "Sari Toko")
    stale = await world.again(person, ago_s=3 * 3600)
    refused = await stale.get("/me/export")
    assert refused.code == "fresh_sign_in_required"
    page = await _tab(world, stale).submit("/privasi/salinan", {})
    assert b"/masuk/pastikan?next=/privasi" in page.body
    await _copy(person)
    assert [one["action"] for one in (await person.get("/me/access-log")).data["items"]] == ["data:exported"]


async def test_the_button_on_the_page_gives_the_same_archive(world: World) -> None:
    person = await world.person("customer", "Sari Toko")
    answer = await _tab(world, person).submit("/privasi/salinan", {})
    assert answer.headers["Content-Type"].startswith("application/zip")
    assert zipfile.ZipFile(io.BytesIO(answer.body)).testzip() is None


async def test_a_copy_holds_nothing_of_others_and_no_secret(world: World) -> None:
    first, second = await world.person("customer", "Sari Toko"), await world.person("customer", "Wati")
    await first.post("/me/requests", {"kind": "other", "text": "kenari kuning pagi"})
    await second.post("/me/requests", {"kind": "other", "text": "merpati putih sore"})
    archive = await _copy(first)
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"kenari kuning" in whole
    for canary in ("merpati putih", second.id, second.name, first.token, sha256(first.token.encode()).hexdigest()):
        assert canary.encode() not in whole


async def test_a_request_goes_from_person_to_officer_and_back(world: World) -> None:
    person = await world.person("customer", "Sari Toko")
    officer = await world.person("privacy_officer", "Petugas Privasi")
    made = (await person.post("/me/requests", {"kind": "access", "text": ""})).data["request"]
    assert made["state"] == "received"
    seen = {one["request"]["id"]: one for one in (await officer.get("/privacy/requests")).data["waiting"]}
    assert seen[made["id"]]["person_id"] == person.id
    path = f"/privacy/requests/{made['id']}"
    taken = (await officer.post(f"{path}/take", {"revision": 1})).data["work"]
    noted = (await officer.post(f"{path}/notes", {"revision": 2, "text": f"telepon {_PHONE}"})).data["work"]
    assert (taken["holder"], noted["notes"][0]["text"]) == (officer.id, "telepon ⟦PHONE:1⟧")
    done = await officer.post(f"{path}/answer", {"revision": 3, "text": "Salinan ada di halaman privasi."})
    assert done.data["work"]["request"]["state"] == "done"
    own = (await person.get(f"/me/requests/{made['id']}")).data["request"]
    assert [step["state"] for step in own["steps"]] == ["received", "taken", "done"]
    assert own["answer"] == "Salinan ada di halaman privasi."
    assert "notes" not in own
    told = [one["kind"] for one in (await person.get("/me/notifications")).data["items"]]
    assert "rights_request" in told
    page = await _tab(world, person).open(f"/privasi/permintaan/{made['id']}")
    assert faults_of(page) == []
    assert "Salinan ada di halaman privasi." in page


async def test_of_two_officers_the_second_is_told_what_happened(world: World) -> None:
    person = await world.person("customer", "Sari Toko")
    first = await world.person("privacy_officer", "Petugas Satu")
    second = await world.person("privacy_officer", "Petugas Dua")
    made = (await person.post("/me/requests", {"kind": "correction", "text": "Nama saya salah"})).data["request"]
    path = f"/privacy/requests/{made['id']}"
    assert (await first.post(f"{path}/take", {"revision": 1})).status == 200
    lost = await second.post(f"{path}/answer", {"revision": 1, "text": "Sudah."})
    assert (lost.code, lost.reasons) == ("conflict", {"request": "request_taken"})
    page = await _tab(world, second).submit(
        f"/petugas/permintaan/{made['id']}", {"act": "answer", "revision": "1", "answer": "Tulisan yang tidak hilang"}
    )
    assert page.status == 409
    text = page.body.decode()
    assert "Petugas lain sudah mengambil" in text
    assert "Petugas Satu" in text
    assert "Tulisan yang tidak hilang" in text
    assert (await person.post(f"/me/requests/{made['id']}/withdraw")).status == 200
    gone = await first.post(f"{path}/answer", {"revision": 2, "text": "Sudah."})
    assert gone.reasons == {"request": "request_withdrawn"}


async def test_nobody_but_officers_sees_the_work_list_and_none_answers_their_own(world: World) -> None:
    officer = await world.person("privacy_officer", "Petugas Privasi")
    mine = (await officer.post("/me/requests", {"kind": "other", "text": "Tentang saya"})).data["request"]
    assert (await officer.get(f"/privacy/requests/{mine['id']}")).code == "not_permitted"
    for role in ("customer", "agent", "moderator", "admin"):
        person = await world.person(role, "Orang Lain")
        assert (await person.get("/privacy/requests")).code == "not_permitted"
        assert (await _tab(world, person).get("/petugas/permintaan")).status == 403
        assert (await person.get(f"/me/requests/{mine['id']}")).code == "not_found"


async def test_somebody_without_an_account_proves_an_address_and_nothing_else_is_told(
    mailing: tuple[ServerProcess, MailSink], browserless: aiohttp.ClientSession
) -> None:
    server, sink = mailing
    async with World(server, browserless) as world:
        officer = await world.person("privacy_officer", "Petugas Privasi")
        address, tab = "tanpa.akun@contoh.example", _tab(world)
        form = {"kind": "access", "email": address, "text": "Apa yang Anda simpan tentang saya?"}
        await tab.open("/privasi/tanpa-akun")
        sent = await tab.submit("/privasi/tanpa-akun", form, origin=_PUBLIC)
        assert sent.status == 200
        assert address.encode() not in sent.body
        assert (await officer.get("/privacy/requests")).data["waiting"] == [], "nobody reads it before it is confirmed"
        letter = await sink.letter(address)
        found = re.search(r"/privasi/tanpa-akun/([A-Za-z0-9_-]{56})", letter.text)
        assert found
        path = f"/privasi/tanpa-akun/{found[1]}"
        assert "Konfirmasi permintaan" in await tab.open(path)
        assert (await tab.get(path[:-1] + ("A" if path[-1] != "A" else "B"))).status == 404
        assert (await tab.submit(path, {"act": "confirm"}, origin=_PUBLIC)).status == 303
        (work,) = (await officer.get("/privacy/requests")).data["waiting"]
        assert work["person_id"] == ""
        reply = {"revision": work["request"]["revision"], "reason": "nothing_kept", "text": "Tidak ada data Anda."}
        assert (await officer.post(f"/privacy/requests/{work['request']['id']}/refuse", reply)).status == 200
        assert "Tidak ada data Anda." in await tab.open(path)
        await sink.letter(address, 3)
        stored = await world.database["rights_requests"].find_one({"_id": work["request"]["id"]})
        assert stored is not None
        assert "address" not in stored, "the address goes with the end"


async def test_an_address_with_an_account_and_one_without_are_answered_alike(
    mailing: tuple[ServerProcess, MailSink], browserless: aiohttp.ClientSession
) -> None:
    server, _ = mailing
    async with World(server, browserless) as world:
        body = {"email": "punya@contoh.example", "password": "lemari besi biru", "display_name": "Bagian Gudang"}
        assert (await world.http.post("/api/v1/accounts", body)).status == 201
        answers = [
            await _tab(world).submit(
                "/privasi/tanpa-akun", {"kind": "other", "email": email, "text": "Sebuah pertanyaan"}, origin=_PUBLIC
            )
            for email in ("punya@contoh.example", "tidak.punya@contoh.example")
        ]
        assert answers[0].body == answers[1].body
        assert [answer.status for answer in answers] == [200, 200]


@pytest.mark.parametrize("use", list(Use))
async def test_what_somebody_stops_is_stopped_and_allowed_again(world: World, use: Use) -> None:
    person = await world.person("customer", "Sari Toko")
    stopped = await person.call("PUT", "/me/restraints", {"use": use.value, "stopped": True})
    assert stopped.data["stopped"] == [use.value]
    page = await _tab(world, person).submit("/privasi/batasi", {})
    assert page.status == 303
    assert (await person.get("/me/restraints")).data["stopped"] == []


@pytest.mark.parametrize("kind", list(Kind))
async def test_each_kind_can_be_asked_for_on_the_page(world: World, kind: Kind) -> None:
    person = await world.person("customer", "Sari Toko")
    answer = await _tab(world, person).submit("/privasi/permintaan", {"kind": kind.value, "text": "Tolong dibantu"})
    assert answer.status == 303
    assert (await person.get("/me/requests")).data["requests"][0]["kind"] == kind.value


async def test_officers_pages_are_whole_in_both_languages(world: World) -> None:
    person = await world.person("customer", "Sari Toko")
    officer = await world.person("privacy_officer", "Petugas Privasi")
    made = (await person.post("/me/requests", {"kind": "objection", "text": "Jangan pakai mesin"})).data["request"]
    tab = _tab(world, officer)
    for language in ("id", "en"):
        for path in ("/petugas/permintaan", f"/petugas/permintaan/{made['id']}"):
            assert faults_of(await tab.open(path, language=language)) == []
    await tab.submit(f"/petugas/permintaan/{made['id']}", {"act": "restrain", "use": "triage"})
    assert (await person.get("/me/restraints")).data["stopped"] == ["triage"]
