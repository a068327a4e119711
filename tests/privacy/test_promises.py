"""One test for each promise, named after it: the control that keeps it is exercised on a running server with its own
store. At the end stands a test that fails when a promise has no control, no evidence or no test.

What many tests of a control say in detail is said elsewhere; here each promise is broken once, or tried to be.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import aiohttp
import pytest
from aiohttp import FormData
from pymongo.errors import WriteError

from server.promises.controls import read_controls
from server.promises.model import CLAUSES, SOURCE_OF, SOURCES
from server.promises.words import read_words
from tests.harness.browsing import Tab
from tests.harness.forum import category, reply, topic
from tests.harness.images import CANARY, jpeg
from tests.harness.people import Person, World
from tests.harness.pledging import sealed_form, told, trained, until_told
from tests.harness.process import ServerProcess, eventually
from tests.http.test_factors import _PASSWORD, Member, _staff
from tests.privacy.test_canaries import dump

_LEAST = 5
_SHOP = {"latitude": -7.75, "longitude": 110.25, "road_factor": 1.25, "base": 9_000, "per_km": 1_500, "free_km": 3}
_PHONE = "0813-9047-6612"
_ADDRESS = {
    "name": "Wagiyem Kusnandarini",
    "phone": _PHONE,
    "street": "Jl. Kenangawangi No. 417",
    "place_2": "Gamping",
    "place_3": "Sleman",
    "postcode": "55281",
}
_BILL = {"name": "Wagiyem Kusnandarini", "text": "Bank Contoh", "bank_account": "7281940563"}
_GLASS = {"reason": "Keluhan lewat telepon", "purpose": "complaint", "minutes": 5}


@pytest.fixture(scope="module")
async def keeping(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server that insists on training, has a shop, gathers evidence all the time and tells figures from five on."""
    settings = {
        "AMANAH_LIMITS": "off",
        "AMANAH_TRAINING": "required",
        "AMANAH_EVIDENCE_SECONDS": "1",
        "AMANAH_REPORT_GROUP": str(_LEAST),
        "AMANAH_DELIVERY": json.dumps(_SHOP),
        "AMANAH_LOG_LEVEL": "DEBUG",
    }
    server = ServerProcess(tmp_path_factory.mktemp("promises"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(keeping: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    async with World(keeping, browserless) as world:
        yield world


async def _agree(person: Person, purpose: str, granted: bool = True) -> None:
    answer = await person.call("PUT", "/me/consents", {"purpose": purpose, "granted": granted})
    assert answer.status == 200, answer.envelope


async def _signer(world: World) -> Member:
    """Somebody with a second factor, of staff: what new people write is looked at first."""
    member = await _staff(world.server, world.http, "agent")
    assert (await member.sign_in()).status == 201
    await member.enrol()
    return member


def _offer(where: dict[str, object]) -> dict[str, object]:
    return {"category_id": where["id"], "title": "Jual timbangan bekas", "text": f"Hubungi {_PHONE} ya."}


async def _given(person: Person, title: str) -> dict[str, object]:
    body = {"kind": "complaint", "title": title, "text": f"Pesanan belum datang, hubungi {_PHONE} ya."}
    given = await person.post("/feedback", body)
    assert given.status == 201, given.envelope
    return dict(given.data["feedback"])


async def test_K1_what_is_acknowledged_stays_and_the_trail_is_checked(place: World) -> None:
    """A killed server has what it acknowledged; the store refuses what has no form; the trail fits afterwards."""
    person = await place.person("customer", "Pelanggan")
    talk = await person.conversation()
    assert (await person.send(talk, "Stok gudang tidak cocok")).status == 201
    with pytest.raises(WriteError):
        await place.database["messages"].insert_one({"_id": "tanpa-bentuk", "text": "diubah dari luar"})
    await place.server.kill()
    await place.server.start()
    assert [one["text"] for one in await person.messages(talk, after_seq=0)] == ["Stok gudang tidak cocok"]
    assert await until_told(place, "audit_entries", 1) >= 1
    assert (await told(place, "audit_fits"))["yes"] is True


async def test_K2_others_who_are_named_are_protected_too(place: World) -> None:
    """The writer is somebody else than the patient; neither name nor number is in the store."""
    person = await place.person("customer", "Klinik Contoh")
    talk = await person.conversation()
    sent = await person.send(talk, f"Pasien Ibu Wagiyem Kusnandarini minta dihubungi di {_PHONE}")
    assert {"PERSON", "PHONE"} <= {one["label"] for one in sent.data["message"]["redactions"]}
    stored, _ = await dump(place)
    assert b"Kusnandarini" not in stored
    assert _PHONE.encode() not in stored


async def test_K3_the_person_sees_who_looked(place: World) -> None:
    person, agent = await place.person("customer", "Pelanggan"), await trained(place)
    talk = await person.conversation()
    await person.send(talk, "halo")
    await agent.take(talk)
    await agent.messages(talk)
    looks = (await person.get("/me/access-log")).data["items"]
    assert [(look["who"]["id"], look["object"]["id"], look["purpose"]) for look in looks] == [
        (agent.id, talk, "support")
    ]


async def test_T1_what_is_shared_points_at_nobody(place: World) -> None:
    """A single complaint is in no shared report, however the report is cut.

    Testimonials, help articles, webhooks and copies: `test_published`.
    """
    agent, sender = await trained(place), await place.person("customer", "Pelanggan")
    await _given(sender, "Pesanan belum datang")
    last_month = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    made = await agent.post("/insight/reports", {"last_month": last_month, "months": 1, "days": 7})
    assert made.status == 201, made.envelope
    read = (await place.http.get(f"/api/v1/insight/reports/{made.data['report']['id']}")).data
    assert all(cell["people"] is None for table in read["tables"] for cell in table["cells"])
    assert await until_told(place, "report_group", _LEAST) == _LEAST


async def test_T1_a_contact_is_shown_by_its_writers_signature_and_no_longer_than_that(place: World) -> None:
    """In the forum, where a category allows it: not before, not by anybody else or elsewhere, not once it is withdrawn.

    It is in the store in no form but sealed, at no time.
    """
    market, closed = await category(place, contact_allowed=True), await category(place)
    writer, other = await _signer(place), await _signer(place)
    body = {"category_id": market["id"], "contact": _PHONE, "days": 30}
    assert (await writer.call("POST", "/me/permissions", {**body, "category_id": closed["id"]})).status == 400
    asked = (await writer.call("POST", "/me/permissions", body)).data["permission"]
    made = await writer.call("POST", "/forum/topics", _offer(market))
    assert made.data["post"]["contacts"] == [], "an unsigned permission permits nothing"
    signature = {"name": "Wagiyem", "password": _PASSWORD, "totp": writer.recovery[0]}
    signed = await writer.call("POST", f"/me/permissions/{asked['id']}/sign", signature)
    assert signed.data["contact"] == _PHONE
    shown = await writer.call("POST", "/forum/topics", _offer(market))
    path = shown.data["topic"]["path"]
    guest = Tab(place.http.session, place.http.url)
    assert _PHONE in await guest.open(path)
    for somebody, where in ((other, market), (writer, closed)):
        answer = await somebody.call("POST", "/forum/topics", _offer(where))
        assert answer.data["post"]["contacts"] == []
        assert _PHONE not in await guest.open(answer.data["topic"]["path"])
    stored, _ = await dump(place)
    assert _PHONE.encode() not in stored
    assert (await writer.call("POST", f"/me/permissions/{asked['id']}/end")).data["contact"] is None
    assert _PHONE not in await guest.open(path)


async def test_A1_feedback_is_answered_and_its_sender_sees_it(place: World) -> None:
    agent, sender = await trained(place), await place.person("customer", "Pelanggan")
    for title in ("Struk terpotong", "Layar gelap", "Kasir lambat", "Laporan kosong", "Stok keliru"):
        item = await _given(sender, title)
        path = f"/feedback/{item['id']}"
        assert (await agent.call("PATCH", path, {"status": "acknowledged", "assignee": agent.id})).status == 200
        answered = await agent.call("PATCH", path, {"response": "Kami kirim ulang hari ini."})
        assert answered.data["feedback"]["status"] == "answered"
    seen = (await sender.get(path)).data["feedback"]
    assert seen["response"]["text"] == "Kami kirim ulang hari ini."
    assert await until_told(place, "feedback_answered", 1) <= 100


async def test_A2_data_is_used_to_help(place: World) -> None:
    """A conversation waits, is given to somebody, and its customer says how it was."""
    person, agent = await place.person("customer", "Pelanggan"), await trained(place)
    talk = await person.conversation("Struk terpotong")
    await person.send(talk, "halo")
    await agent.take(talk)
    await agent.post(f"/conversations/{talk}/close", {})
    rated = await person.post(f"/conversations/{talk}/rating", {"score": 5, "text": f"hubungi {_PHONE}"})
    assert rated.data["conversation"]["rating"]["text"] == "hubungi ⟦PHONE:1⟧"


async def test_A3_nothing_is_agreed_to_until_somebody_chooses(place: World) -> None:
    """Off at first, one purpose at a time, withdrawn as easily; single people are not to be seen in the figures."""
    people = [await place.person("customer", "Toko") for _ in range(_LEAST)]
    first = {one["purpose"]: one["granted"] for one in (await people[0].get("/me/consents")).data["consents"]}
    assert not first["research"]
    assert not first["marketing"]
    for person in people:
        await _agree(person, "research")
    assert await until_told(place, "consents", _LEAST, "purpose.research") >= _LEAST
    chosen = {one["purpose"]: one["granted"] for one in (await people[0].get("/me/consents")).data["consents"]}
    assert (chosen["research"], bool(chosen["marketing"])) == (True, False)
    for person in people:
        await _agree(person, "research", granted=False)

    async def is_small() -> bool:
        return (await told(place, "consents", "purpose.research"))["number"] is None

    await eventually(is_small, "few consents are not told")


async def test_A4_the_policy_is_open_to_everybody(place: World) -> None:
    policy = (await place.http.get("/api/v1/privacy/policy")).data
    assert policy["sections"]
    assert await until_told(place, "policy_version", 1) == policy["policy"]["version"]
    assert "Kebijakan" in await Tab(place.http.session, place.http.url).open("/kebijakan")


async def test_A5_nobody_looks_without_having_learnt(place: World) -> None:
    person, holder = await place.person("customer", "Pelanggan"), await trained(place)
    untaught, taught = await place.person("agent", "Baru"), await trained(place)
    talk = await person.conversation()
    await holder.take(talk)
    path = f"/conversations/{talk}/break-glass"
    assert (await untaught.post(path, _GLASS)).reasons == {"account": "training_due"}
    assert (await taught.post(path, _GLASS)).status == 201


async def test_A6_people_see_what_will_be_hidden_and_learn_why(place: World) -> None:
    """The preview keeps nothing, and the course asks for no account."""
    person = await place.person("customer", "Pelanggan")
    shown = await person.post("/redactions/preview", {"text": f"hubungi {_PHONE} ya"})
    assert shown.data["text"] == "hubungi ⟦PHONE:1⟧ ya"
    stored, _ = await dump(place)
    assert _PHONE.encode() not in stored
    course = Tab(place.http.session, place.http.url)
    assert "<form" in await course.open("/jaga-data")
    assert not course.cookies
    own = Tab(place.http.session, place.http.url, person.token)
    for _ in range(_LEAST):
        assert "badge-held" in await own.open("/privasi/pemeriksaan"), "no second factor is set up"
    assert await until_told(place, "checkups", _LEAST) >= _LEAST


async def test_I1_contact_data_lives_in_sealed_forms(place: World) -> None:
    form = await sealed_form(place, "delivery", _ADDRESS)
    assert (await form.reveal(form.agent, "phone", "delivery")).data["value"] == "+6281390476612"
    stored, _ = await dump(place)
    for trace in (b"Kusnandarini", b"81390476612", b"Kenangawangi"):
        assert trace not in stored
    assert (await form.customer.call("DELETE", f"{form.path}/values", {})).status == 200
    assert (await form.reveal(form.agent, "phone", "delivery")).status >= 400


async def test_I2_the_address_is_sealed_and_the_password_hashed(place: World) -> None:
    body = {"email": "pemilik@kedai-contoh.example", "password": "lemari besi biru 41", "display_name": "Kedai Contoh"}
    assert (await place.http.post("/api/v1/accounts", {**body, "password": "password1"})).reasons
    assert (await place.http.post("/api/v1/accounts", body)).status == 201
    stored, _ = await dump(place)
    assert b"kedai-contoh" not in stored
    assert b"lemari besi" not in stored
    assert b"$argon2id$" in stored


async def test_I3_of_a_location_distance_and_cost_stay(place: World) -> None:
    customer, agent = await place.person("customer", "Toko"), await trained(place)
    talk = await customer.conversation()
    await agent.take(talk)
    form = (await agent.post(f"/conversations/{talk}/forms", {"template": "location", "note": None})).data["form"]
    where = {"latitude": -7.80136284, "longitude": 110.36491753}
    path = f"/forms/{form['id']}/location"
    assert (await customer.post(path, where)).reasons == {"consent": "required"}
    answer = await customer.post(path, {**where, "consent": 1})
    assert set(answer.data["form"]["result"]) == {"distance_km", "cost"}
    stored, _ = await dump(place)
    assert b"80136284" not in stored
    assert await until_told(place, "location_fields", 0) == 0


async def test_I4_files_are_made_anew_without_what_they_tell(place: World) -> None:
    customer = await place.person("customer", "Toko")
    talk = await customer.conversation()
    form = FormData(quote_fields=False)
    form.add_field("file", BytesIO(jpeg()), filename="IMG_0001.JPG", content_type="image/jpeg")
    url = f"{place.server.url}/api/v1/conversations/{talk}/attachments"
    headers = {"Authorization": f"Bearer {customer.token}"}
    async with place.session.post(url, data=form, headers=headers) as answer:
        assert answer.status == 201
    stored, _ = await dump(place)
    assert CANARY not in stored


async def test_I5_addresses_are_sealed_and_shown_to_whose_they_are(place: World) -> None:
    body = {"email": "kasir@kedai-contoh.example", "password": "lemari besi hijau 52", "display_name": "Kedai"}
    assert (await place.http.post("/api/v1/accounts", body)).status == 201
    said = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    credentials = {"email": body["email"], "password": body["password"]}
    token = (await place.http.call("POST", "/api/v1/sessions", credentials, headers=said)).data["token"]
    visits = (await place.http.get("/api/v1/me/visits", token=token)).data["items"]
    assert {visit["address"] for visit in visits} == {"127.0.0.1"}
    kept = [str(item) async for item in place.database["visits"].find({})]
    assert [len(item) for item in kept if "Gecko" in item] == []
    assert await until_told(place, "visit_days", 1) == 30


async def test_I6_every_way_in_is_the_same_gate(place: World) -> None:
    """Chat, forum and feedback hide the same number."""
    person = await place.person("customer", "Pelanggan")
    line = f"tolong hubungi {_PHONE} ya, struk kasir terpotong"
    talk = await person.conversation()
    texts = [(await person.send(talk, line)).data["message"]["text"]]
    made = await topic(person, (await category(place))["id"], "Struk kasir terpotong", line)
    posts = (await person.get(f"/forum/topics/{made['id']}/posts")).data["items"]
    texts += [str(posts[0]["text"]), str((await _given(person, "Struk"))["text"])]
    assert all("⟦PHONE:1⟧" in text and _PHONE not in text for text in texts)


async def test_P1_what_is_entered_comes_back_as_what_was_asked_for(place: World) -> None:
    form = await sealed_form(place, "delivery", _ADDRESS)
    own = (await form.customer.get(f"{form.path}/values")).data["values"]
    assert {one["field"]: one["value"] for one in own}["name"] == _ADDRESS["name"]
    shown = (await form.customer.get(form.path)).data["form"]
    assert all(field["keep_until"] for field in shown["fields"] if field["key"] in _ADDRESS)


async def test_P2_contact_data_opens_for_delivery_and_disruptions_are_told(place: World) -> None:
    form = await sealed_form(place, "delivery", _ADDRESS)
    assert (await form.reveal(form.agent, "street", "billing")).code == "not_permitted"
    for _ in range(_LEAST):
        assert (await form.reveal(form.agent, "street", "delivery")).status == 200
    look = next(
        one for one in (await form.customer.get("/me/access-log")).data["items"] if one["object"]["type"] == "field"
    )
    assert look["purpose"] == "delivery"
    admin = await trained(place, "admin")
    service = (await admin.post("/status/services", {"name": "Mesin kasir"})).data["service"]["id"]
    event = {"title": "Struk terlambat", "text": "Kami mencari sebabnya.", "services": [service], "impact": "major"}
    assert (await form.agent.post("/status/events", event)).status == 201
    assert "Struk terlambat" in await Tab(place.http.session, place.http.url).open("/status")


async def test_P3_billing_data_opens_for_billing_alone(place: World) -> None:
    form = await sealed_form(place, "billing", _BILL)
    for purpose in ("delivery", "invoice", "registration"):
        assert (await form.reveal(form.agent, "bank_account", purpose)).code == "not_permitted"
    shown = (await form.reveal(form.agent, "bank_account", "billing")).data
    assert shown["value"] == _BILL["bank_account"]
    assert shown["shown_seconds"] == 30


async def test_P4_surveys_reach_those_who_agree_when_it_is_sent(place: World) -> None:
    agent = await trained(place)
    willing, changed, unasked = [await place.person("customer", "Toko") for _ in range(3)]
    await _agree(willing, "research")
    await _agree(changed, "research")
    asked = {"title": "Kasir baru", "question": "Seberapa puas Anda?", "scale": "csat", "days": 7}
    survey = (await agent.post("/surveys", asked)).data["survey"]["id"]
    await _agree(changed, "research", granted=False)
    assert (await agent.post(f"/surveys/{survey}/send")).data["asked"] >= 1
    reached = [(await person.get(f"/surveys/{survey}")).status for person in (willing, changed, unasked)]
    assert reached == [200, 404, 404]


async def test_P5_one_sees_and_ends_ones_sessions(place: World) -> None:
    person = await place.person("customer", "Toko")
    other = await place.again(person)
    sessions = (await person.get("/me/sessions")).data["items"]
    foreign = next(one["id"] for one in sessions if not one["current"])
    assert (await person.call("DELETE", f"/me/sessions/{foreign}", {})).status == 200
    assert (await other.get("/me")).code == "not_authenticated"
    assert (await person.get("/me")).status == 200


async def test_P6_pages_are_counted_and_nobody_is_followed(place: World) -> None:
    """No cookie is set, nothing of what was asked for is logged or measured, and the page is counted."""
    for page in range(_LEAST):
        answer = await place.http.call("GET", f"/janji?q=kenangawangi{page}", headers={"User-Agent": "kenangawangi"})
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
    assert await until_told(place, "pages", _LEAST) >= _LEAST
    metrics = (await place.http.get("/metrics")).body
    assert b'route="/janji"' in metrics
    assert b"kenangawangi" not in metrics
    assert b"kenangawangi" not in place.server.log_file.read_bytes()


async def test_P7_shared_reports_show_their_budget(place: World) -> None:
    agent = await trained(place)
    last_month = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    made = await agent.post("/insight/reports", {"last_month": last_month, "months": 1, "days": 7})
    read = (await place.http.get(f"/api/v1/insight/reports/{made.data['report']['id']}")).data
    assert read["budgets"][0]["name"] == f"month:{last_month}"
    assert await until_told(place, "reports_made", 1) >= 1


async def test_P8_what_asks_for_secrets_waits_for_a_human(place: World) -> None:
    writer, reader = await place.person("customer", "Penulis"), await place.person("customer", "Pembaca")
    made = await topic(reader, (await category(place))["id"], "Cara cetak ulang", "Bagaimana mencetak ulang struk?")
    held = await reply(writer, made["id"], "Tolong kirimkan kode OTP anda ke kami untuk verifikasi akun")
    seen = (await reader.get(f"/forum/topics/{made['id']}/posts")).data["items"]
    assert held["id"] not in {one["id"] for one in seen if one.get("text")}


async def test_S1_the_catalogue_says_what_proves_each_control(place: World) -> None:
    kept, own, still_open = (fact.value for fact in read_controls().facts())
    assert await until_told(place, "controls_kept", 1) == kept
    assert (await told(place, "controls_own"))["number"] == own
    assert (await told(place, "controls_open"))["number"] == still_open


async def test_S2_how_many_are_trained_is_counted(place: World) -> None:
    agent = await trained(place)
    counted = (await agent.get("/training/coverage")).data["percent"]
    assert 0 < counted <= 100
    assert 0 < await until_told(place, "trained", 1) <= 100


async def test_S3_a_destroyed_key_ends_what_it_sealed(place: World) -> None:
    """For good: nobody opens a field of somebody whose key is gone."""
    form = await sealed_form(place, "delivery", _ADDRESS)
    assert (await form.reveal(form.agent, "phone", "delivery")).status == 200
    await place.vault.destroy_key(form.customer.id)
    await place.server.stop()
    await place.server.start()
    assert (await form.reveal(form.agent, "phone", "delivery")).status >= 400


async def test_S4_policies_are_reviewed_and_requests_run_against_a_clock(place: World) -> None:
    """The day of review is told; a request for what is kept has a term of 3 x 24 hours, and an officer sees it."""
    person, officer = await place.person("customer", "Pelanggan"), await trained(place, "privacy_officer", "Wahyu")
    made = (await person.post("/me/requests", {"kind": "access", "text": ""})).data["request"]
    waiting = {one["request"]["id"] for one in (await officer.get("/privacy/requests")).data["waiting"]}
    assert made["id"] in waiting
    term = datetime.fromisoformat(made["due_at"]) - datetime.fromisoformat(made["made_at"])
    assert timedelta(hours=71) < term < timedelta(hours=73)
    await until_told(place, "policy_version", 1)
    review = datetime.fromisoformat((await told(place, "policy_review"))["at"])
    effective = datetime.fromisoformat((await told(place, "policy_effective"))["at"])
    assert effective < review <= effective + timedelta(days=366)


async def test_S5_only_who_needs_to_may_look(place: World) -> None:
    """A colleague finds nothing; by way of exception they read, the person is told, and somebody else reviews it."""
    person, holder, colleague = await place.person("customer", "Pelanggan"), await trained(place), await trained(place)
    officer = await trained(place, "privacy_officer", "Wahyu")
    talk = await person.conversation()
    await holder.take(talk)
    assert (await colleague.get(f"/conversations/{talk}/messages")).code == "not_found"
    opened = (await colleague.post(f"/conversations/{talk}/break-glass", _GLASS)).data["break_glass"]
    assert (await colleague.get(f"/conversations/{talk}/messages")).status == 200
    kinds = [one["kind"] for one in (await person.get("/me/notifications")).data["items"]]
    assert "break_glass_opened" in kinds
    judged = await officer.post(f"/privacy/break-glass/{opened['id']}/review", {"verdict": "ok"})
    assert judged.data["break_glass"]["review"]["reviewer"]["display_name"] == "Wahyu"


def test_no_promise_without_control_evidence_and_test() -> None:
    words = read_words()
    ids = [clause.id for clause in CLAUSES]
    assert len(set(ids)) == len(ids) == 29
    for locale, said in words.items():
        assert set(said) == set(ids), locale
        assert [one for one in ids if not (said[one].control and said[one].check)] == []
    assert [clause.id for clause in CLAUSES if not clause.facts or set(clause.facts) - set(SOURCE_OF)] == []
    assert {fact for clause in CLAUSES for fact in clause.facts} == set(SOURCE_OF)
    assert len(SOURCE_OF) == sum(map(len, SOURCES.values()))
    tests = [name for name in globals() if name.startswith("test_")]
    assert [one for one in ids if not any(name.startswith(f"test_{one}_") for name in tests)] == []


async def test_every_source_gives_the_evidence_that_it_owes(place: World) -> None:
    """On the running server each fact that stands beside a promise is really there."""

    async def are_all_there() -> bool:
        promises = (await place.http.get("/api/v1/privacy/promises")).data["promises"]
        given = {one["name"] for promise in promises for one in promise["evidence"]}
        owed = {fact for facts in SOURCES.values() for fact in facts}
        return owed <= given and all(one["checked_at"] and not one["failing_since"] for one in promises)

    await eventually(are_all_there, "all evidence is gathered")
