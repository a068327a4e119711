"""Sealed forms through the real server: sent, filled in, shown, taken back, and what everybody else is told. All that
is filled in is invented.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, eventually
from tests.privacy.test_canaries import dump

_SHOP = {"latitude": -7.75, "longitude": 110.25, "road_factor": 1.25, "base": 9_000, "per_km": 1_500, "free_km": 3}
_WHERE = {"latitude": -7.80136284, "longitude": 110.36491753}
_VALUES = {
    "name": "Wagiyem Kusnandarini",
    "phone": "0813 9047 6612",
    "street": "Jl. Kenangawangi No. 417 RT 03 RW 05",
    "place_2": "Gamping",
    "place_3": "Sleman",
    "postcode": "55281",
    "text": "pagar <b>hijau</b> {{ 7*7 }} ${7*7}",
}
_TRACES = ("wagiyem", "kusnandarini", "81390476612", "kenangawangi", "gamping", "pagar")
_PLACE_TRACES = ("80136284", "36491753", "-7.801", "110.3649")


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server with a shop, at the most talkative log level."""
    settings = {"AMANAH_LIMITS": "off", "AMANAH_LOG_LEVEL": "DEBUG", "AMANAH_DELIVERY": json.dumps(_SHOP)}
    server = ServerProcess(tmp_path_factory.mktemp("shop"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def market(shop: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    """That server, and the making of fresh people for one test."""
    async with World(shop, browserless) as world:
        yield world


@dataclass
class Scene:
    """A customer, the agent who has their conversation, and a form in it."""

    customer: Person
    agent: Person
    talk: str
    form: Any

    @property
    def path(self) -> str:
        """Of the form."""
        return f"/forms/{self.form['id']}"

    async def fill(self, values: dict[str, str] | None = None, consent: int | None = 1) -> Answer:
        """Fill it in as its customer."""
        rows = [{"field": key, "value": value} for key, value in (values or _VALUES).items()]
        return await self.customer.call("PUT", f"{self.path}/values", {"values": rows, "consent": consent})

    async def reveal(self, person: Person, field: str = "phone", purpose: str = "delivery") -> Answer:
        """Have a field shown."""
        body = {"field": field, "purpose": purpose, "reason": "Kurir menanyakan alamat"}
        return await person.post(f"{self.path}/reveal", body)


async def _scene(world: World, template: str = "delivery", note: str | None = None) -> Scene:
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Rani Dukungan")
    talk = await customer.conversation("perihal kiriman")
    await agent.take(talk)
    sent = await agent.post(f"/conversations/{talk}/forms", {"template": template, "note": note})
    assert sent.status == 201, sent.envelope
    return Scene(customer, agent, talk, sent.data["form"])


def _has(traces: tuple[str, ...], data: bytes) -> list[str]:
    squeezed = data.decode("utf-8", "replace").lower().replace(" ", "")
    return [trace for trace in traces if trace in squeezed]


async def test_a_form_is_sent_filled_in_and_shown(market: World) -> None:
    """And its person sees who looked at which field, what for and why; nothing of it is in the clear anywhere."""
    scene = await _scene(market, note="Untuk kiriman besok")
    watching = await scene.agent.socket()
    await watching.call("chat:join", {"conversation_id": scene.talk})
    told = await scene.customer.socket()
    last = (await scene.customer.messages(scene.talk))[-1]
    assert last["kind"] == "form"
    assert last["form"]["id"] == scene.form["id"]
    shown = (await scene.customer.get(scene.path)).data["form"]
    assert (shown["state"], shown["mine"], shown["note"]) == ("sent", True, "Untuk kiriman besok")
    filled = await scene.fill()
    assert filled.status == 200, filled.envelope
    form = filled.data["form"]
    assert form["state"] == "filled"
    assert {item["key"] for item in form["fields"] if item["keep_until"]} == set(_VALUES)
    assert form["readable_until"] > form["filled_at"]
    await watching.until(lambda: any("form:filled" in packet for packet in watching.packets), "news of filling")
    value = (await scene.reveal(scene.agent)).data
    assert (value["value"], value["shown_seconds"]) == ("+6281390476612", 30)
    await told.until(lambda: any("form:revealed" in packet for packet in told.packets), "news of the look")
    looks = (await scene.customer.get(scene.path)).data["form"]["looks"]
    assert [(look["fields"], look["purpose"], look["reason"]) for look in looks] == [
        (["phone"], "delivery", "Kurir menanyakan alamat")
    ]
    log = (await scene.customer.get("/me/access-log")).data["items"]
    entry = next(item for item in log if item["action"] == "field:revealed")
    assert entry["object"] == {"type": "field", "id": f"{scene.form['id']}.phone"}
    assert (entry["purpose"], entry["who"]["id"]) == ("delivery", scene.agent.id)
    stored, names = await dump(market)
    assert "amanah.sealed_records" in names
    for place in (stored, market.server.log_file.read_bytes(), *(p.encode() for p in watching.packets + told.packets)):
        assert _has(_TRACES, place) == []


async def test_nobody_else_learns_anything(market: World) -> None:
    """A foreign form answers like none: for other customers, for a colleague who was not brought in, for admins."""
    scene = await _scene(market)
    assert (await scene.fill()).status == 200
    strangers = [await market.person(role, "Uji") for role in ("customer", "visitor", "agent", "admin", "moderator")]
    for person in strangers:
        for answer in (await person.get(scene.path), await person.get(f"/conversations/{scene.talk}/forms")):
            assert answer.code == "not_found", person.role
        allowed = {"agent": "not_found"}
        assert (await scene.reveal(person)).code == allowed.get(person.role.value, "not_permitted")
    # An administrator lists conversations, and still knows of no form.
    body = {"values": [{"field": "name", "value": "Orang Lain"}], "consent": 1}
    for person in strangers[:2]:
        assert (await person.call("PUT", f"{scene.path}/values", body)).code == "not_found"
        assert (await person.call("DELETE", f"{scene.path}/values", {})).code == "not_found"
        assert (await person.get(f"{scene.path}/values")).code == "not_found"
    colleague = strangers[2]
    brought = await scene.agent.post(f"/conversations/{scene.talk}/participants", {"agent_id": colleague.id})
    assert brought.status < 300
    assert (await scene.reveal(colleague)).data["value"] == "+6281390476612"
    let_go = await scene.agent.call("DELETE", f"/conversations/{scene.talk}/participants/{colleague.id}", {})
    assert let_go.status < 300
    assert (await scene.reveal(colleague)).code == "not_found"
    released = await scene.agent.post(f"/conversations/{scene.talk}/release", {})
    assert released.status == 200
    assert (await scene.reveal(scene.agent)).code == "not_found"


async def test_a_broken_glass_opens_no_field(market: World) -> None:
    """Reading by way of exception shows that there is a form, and none of its values."""
    scene = await _scene(market)
    await scene.fill()
    other = await market.person("agent", "Lain")
    body = {"reason": "Pengujian", "purpose": "security", "minutes": 5}
    assert (await other.post(f"/conversations/{scene.talk}/break-glass", body)).status == 201
    assert (await other.get(scene.path)).data["form"]["state"] == "filled"
    assert (await scene.reveal(other)).code == "not_permitted"
    for purpose in ("delivery", "billing", "invoice", "registration"):
        again = {**body, "purpose": purpose}
        assert (await other.post(f"/conversations/{scene.talk}/break-glass", again)).code == "invalid_input"


async def test_a_field_is_shown_for_its_purpose_only(market: World) -> None:
    """Not for another, not without a reason, and not what the form does not have."""
    scene = await _scene(market)
    assert (await scene.reveal(scene.agent)).code == "conflict"
    await scene.fill()
    assert (await scene.reveal(scene.agent, purpose="billing")).code == "not_permitted"
    assert (await scene.reveal(scene.agent, field="nik")).code == "not_permitted"
    blank = {"field": "phone", "purpose": "delivery", "reason": "  "}
    assert (await scene.agent.post(f"{scene.path}/reveal", blank)).reasons == {"reason": "required"}
    for silent in ("\u200b\u200b ...........", "12345 67890", "081390476619"):
        said = await scene.agent.post(f"{scene.path}/reveal", {**blank, "reason": silent})
        assert said.reasons in ({"reason": "too_short"}, {"reason": "required"})
    # A colleague's number in the reason is hidden before it is stored.
    telling = {"field": "name", "purpose": "delivery", "reason": "diminta kurir 081390476619"}
    assert (await scene.agent.post(f"{scene.path}/reveal", telling)).status == 200
    looks = (await scene.customer.get(scene.path)).data["form"]["looks"]
    assert [look["reason"] for look in looks] == ["diminta kurir ⟦PHONE:1⟧"]


async def test_two_look_at_once_and_both_stand_there(market: World) -> None:
    """A line for each, also when both come in the same moment."""
    scene = await _scene(market)
    await scene.fill()
    other = await market.person("agent", "Sari Gudang")
    await scene.agent.post(f"/conversations/{scene.talk}/participants", {"agent_id": other.id})
    answers = await asyncio.gather(*(scene.reveal(person) for person in (scene.agent, other) * 3))
    assert [answer.status for answer in answers] == [200] * 6
    looks = (await scene.customer.get(scene.path)).data["form"]["looks"]
    assert sorted(look["who"] for look in looks) == sorted([scene.agent.id, other.id] * 3)


async def test_a_document_is_made_for_its_purpose(market: World) -> None:
    """Its lines are what was typed and nothing is carried out; each field in it counts as a look."""
    scene = await _scene(market)
    await scene.fill()
    made = await scene.agent.post(f"{scene.path}/document", {"reason": "Menempel label"})
    lines = {line["label"]: line["value"] for line in made.data["lines"]}
    assert lines["Catatan untuk kurir"] == "pagar <b>hijau</b> {{ 7*7 }} ${7*7}"
    assert lines["Nama penerima"] == "Wagiyem Kusnandarini"
    log = (await scene.customer.get("/me/access-log", limit=50)).data["items"]
    fields = {item["object"]["id"].rpartition(".")[2] for item in log if item["action"] == "field:revealed"}
    assert fields == set(_VALUES)
    assert (await scene.customer.get(scene.path)).data["form"]["looks"][0]["fields"]


async def test_its_person_corrects_and_takes_back(market: World) -> None:
    """A correction changes what it names; taken back, the values are gone and stay gone."""
    scene = await _scene(market)
    assert (await scene.fill(consent=None)).reasons == {"consent": "required"}
    short = {key: value for key, value in _VALUES.items() if key != "phone"}
    assert (await scene.fill(short)).reasons == {"phone": "required"}
    assert (await scene.fill({**_VALUES, "phone": "12"})).reasons == {"phone": "invalid_phone"}
    assert (await scene.fill({**_VALUES, "nik": "12"})).reasons == {"values": "unknown_field"}
    await scene.fill()
    first = (await scene.customer.get(scene.path)).data["form"]
    assert (await scene.fill({"phone": "0813 9047 6613"}, consent=None)).status == 200
    assert (await scene.reveal(scene.agent)).data["value"] == "+6281390476613"
    assert (await scene.reveal(scene.agent, field="name")).data["value"] == "Wagiyem Kusnandarini"
    second = (await scene.customer.get(scene.path)).data["form"]
    assert [item["keep_until"] for item in second["fields"]] == [item["keep_until"] for item in first["fields"]]
    own = (await scene.customer.get(f"{scene.path}/values")).data["values"]
    assert {item["field"]: item["value"] for item in own}["phone"] == "+6281390476613"
    for _ in range(2):
        gone = await scene.customer.call("DELETE", f"{scene.path}/values", {})
        assert gone.data["form"]["state"] == "withdrawn"
    assert (await scene.reveal(scene.agent)).code == "conflict"
    assert (await scene.fill()).code == "conflict"
    assert await market.database["sealed_records"].find_one({"_id": scene.form["id"]}) is None
    assert len((await scene.customer.get(scene.path)).data["form"]["looks"]) == 2


async def test_a_customer_begins_one_themself(market: World) -> None:
    """What the gate hid leads to the form that is the way for it, with one tap."""
    scene = await _scene(market)
    sent = (await scene.customer.send(scene.talk, "kirim ke 0813 9047 6612 ya")).data["message"]
    labels = ",".join(item["label"] for item in sent["redactions"])
    offers = (await scene.customer.get("/forms/templates", labels=labels)).data["items"]
    assert offers[0]["id"] == "delivery"
    begun = await scene.customer.post(f"/conversations/{scene.talk}/forms", {"template": offers[0]["id"]})
    assert begun.status == 201
    assert begun.data["form"]["mine"] is True
    assert (await scene.customer.get("/forms/templates", labels="SECRET")).data["items"] == []
    assert (await scene.customer.get("/forms/templates", labels="alamat")).reasons == {"labels": "not_allowed"}
    held = (await scene.agent.get(f"/conversations/{scene.talk}/forms")).data["items"]
    assert [item["id"] for item in held] == [scene.form["id"], begun.data["form"]["id"]]


async def test_of_a_location_only_distance_and_cost_stay(market: World) -> None:
    """Asked once, with consent; the place is in no collection, file, log, event or answer."""
    scene = await _scene(market, "location")
    told = await scene.customer.socket()
    where = f"{scene.path}/location"
    assert (await scene.customer.post(where, _WHERE)).reasons == {"consent": "required"}
    far = {"latitude": 40.4168, "longitude": -3.7038, "consent": 1}
    assert (await scene.customer.post(where, far)).reasons == {"location": "too_far"}
    wrong = {"latitude": 240.4168, "longitude": "di rumah", "consent": 1}
    assert (await scene.customer.post(where, wrong)).code == "invalid_input"
    answer = await scene.customer.post(where, {**_WHERE, "consent": 1})
    assert answer.data["form"]["result"] == {"distance_km": 18, "cost": 9_000 + 15 * 1_500}
    assert (await scene.customer.post(where, {**_WHERE, "consent": 1})).code == "conflict"
    seen = (await scene.agent.get(scene.path)).data["form"]
    assert seen["result"] == answer.data["form"]["result"]
    assert (await scene.fill({"name": "Wagiyem"})).code == "conflict"
    await told.until(lambda: any("form:filled" in packet for packet in told.packets), "news of the cost")
    stored, _ = await dump(market)
    places = [stored, market.server.log_file.read_bytes(), answer.body, "".join(told.packets).encode()]
    places += market.server.kept().values()
    for place in places:
        assert _has(_PLACE_TRACES, place) == []
    gone = await scene.customer.call("DELETE", f"{scene.path}/values", {})
    assert gone.data["form"]["result"] is None


async def test_administrators_change_templates_and_a_sent_form_keeps_its_own(market: World) -> None:
    """They write them and never see what is filled in; what they write passes the gate."""
    admin = await market.person("admin", "Pengurus")
    scene = await _scene(market)
    text = {"id": "Uji", "en": "Test"}
    field = {"type": "choice", "label": {"id": "Ukuran", "en": "Size"}, "keep_days": 5}
    body = {"purpose": "delivery", "title": text, "about": text, "consent": text, "grant_days": 3, "document": True}
    assert (await admin.post("/forms/templates", {**body, "fields": []})).reasons == {"fields": "out_of_range"}
    assert (await admin.post("/forms/templates", {**body, "fields": [field]})).reasons == {"choices": "out_of_range"}
    wrong = {**body, "purpose": "security", "fields": [{**field, "type": "name"}]}
    assert (await admin.post("/forms/templates", wrong)).reasons == {"purpose": "not_allowed"}
    sizes = [{"id": "Kecil", "en": "Small"}, {"id": "Hubungi 081390476612", "en": "Large"}]
    made = await admin.post(
        "/forms/templates", {**body, "fields": [{**field, "choices": sizes}, {**field, "type": "name"}]}
    )
    template = made.data["template"]
    assert template["fields"][0]["choices"][1]["label"]["id"] == "Hubungi ⟦PHONE:1⟧"
    sent = await scene.agent.post(f"/conversations/{scene.talk}/forms", {"template": template["id"]})
    mine = Scene(scene.customer, scene.agent, scene.talk, sent.data["form"])
    change = {**body, "version": 1, "fields": [{**field, "type": "phone"}], "active": False}
    path = f"/forms/templates/{template['id']}"
    answers = await asyncio.gather(*(admin.call("PUT", path, change) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    assert (await mine.fill({"choice": "9", "name": "Wagiyem"})).reasons == {"choice": "not_allowed"}
    assert (await mine.fill({"choice": "1", "name": "Wagiyem"})).data["form"]["version"] == 1
    assert (await mine.reveal(scene.agent, "choice")).data["value"] == "Kecil"
    again = await scene.agent.post(f"/conversations/{scene.talk}/forms", {"template": template["id"]})
    assert again.reasons == {"template": "not_allowed"}
    listed = {item["id"] for item in (await scene.agent.get("/forms/templates")).data["items"]}
    assert template["id"] not in listed
    assert {"delivery", "billing", "clinic", "invoice", "location"} <= listed
    assert template["id"] in {item["id"] for item in (await admin.get("/forms/templates")).data["items"]}


async def test_a_form_for_a_place_waits_for_a_shop(world: World) -> None:
    """Without a shop it can't be sent; what an administrator changes in it meanwhile does not put it away for good."""
    admin = await world.person("admin")
    listed = {item["id"]: item for item in (await admin.get("/forms/templates")).data["items"]}
    seen = listed["location"]
    assert seen["active"] is False
    kept = ("version", "purpose", "title", "about", "consent", "fits", "grant_days", "document", "active")
    change = {**{name: seen[name] for name in kept}, "fields": [], "title": {"id": "Ongkir", "en": "Shipping"}}
    changed = await admin.call("PUT", "/forms/templates/location", change)
    assert (changed.status, changed.data["template"]["wants_location"]) == (200, True)
    # What is stored is asked: no answer tells it before there is a shop.
    newest = await world.database["form_templates"].find_one(
        {"template_id": "location", "version": seen["version"] + 1}
    )
    assert newest is not None
    assert newest["active"] is True


async def test_a_visitor_who_has_an_account_now_keeps_their_forms(market: World) -> None:
    """They correct and take back as before, and see who looks; the former account is nobody's any more."""
    visitor, agent = await market.person("visitor"), await market.person("agent", "Rani Dukungan")
    talk = await visitor.conversation("perihal kiriman")
    await agent.take(talk)
    begun = (await visitor.post(f"/conversations/{talk}/forms", {"template": "delivery"})).data["form"]
    scene = Scene(visitor, agent, talk, begun)
    await scene.fill()
    customer = await market.person("customer", "Toko Contoh")
    adopted = await customer.post("/me/conversations/adoption", {"token": visitor.token})
    assert adopted.data == {"adopted": 1}
    mine = Scene(customer, agent, talk, begun)
    assert (await mine.reveal(agent)).data["value"] == "+6281390476612"
    stored = await market.database["sealed_records"].find_one({"_id": begun["id"]})
    assert stored is not None
    assert stored["person_id"] == customer.id
    log = (await customer.get("/me/access-log")).data["items"]
    assert f"{begun['id']}.phone" in {item["object"]["id"] for item in log}
    assert (await mine.fill({"phone": "0813 9047 6613"}, consent=None)).status == 200
    assert (await customer.call("DELETE", f"{mine.path}/values", {})).data["form"]["state"] == "withdrawn"


async def test_a_form_whose_message_is_deleted_is_taken_back(market: World) -> None:
    """What nobody sees any more its person could not take back."""
    scene = await _scene(market)
    await scene.fill()
    seq = (await scene.agent.messages(scene.talk))[-1]["seq"]
    gone = await scene.agent.call("DELETE", f"/conversations/{scene.talk}/messages/{seq}", {})
    assert gone.status == 200

    async def is_gone() -> bool:
        return await market.database["sealed_records"].find_one({"_id": scene.form["id"]}) is None

    await eventually(is_gone, "the values are gone")
    assert (await scene.reveal(scene.agent)).code in {"conflict", "not_found"}


async def test_a_killed_server_has_no_half_of_a_form(market: World) -> None:
    """What was acknowledged is there after a kill; what was not is there whole or not at all."""
    scene, other = await _scene(market), await _scene(market)
    await scene.fill()
    asked = [
        asyncio.create_task(other.fill()),
        asyncio.create_task(scene.customer.call("DELETE", scene.path + "/values", {})),
    ]
    await asyncio.sleep(0)
    await market.server.kill()
    await asyncio.gather(*asked, return_exceptions=True)
    await market.server.start()
    form = (await scene.customer.get(scene.path)).data["form"]
    if form["state"] == "filled":
        assert (await scene.reveal(scene.agent)).data["value"] == "+6281390476612"
    assert (await scene.customer.call("DELETE", f"{scene.path}/values", {})).data["form"]["state"] == "withdrawn"
    assert (await other.fill()).status == 200
    made = await other.agent.post(f"{other.path}/document", {"reason": "Menempel label"})
    assert len(made.data["lines"]) == len(_VALUES)


async def test_a_form_goes_on_with_its_conversation(market: World) -> None:
    """Merged or split, it stands where its message goes on: filled in, shown to who is there, and to nobody else."""
    scene = await _scene(market)
    other = await scene.customer.conversation("perihal pesanan")
    await scene.agent.take(other)
    colleague = await market.person("agent", "Yosef Dukungan")
    assert (await scene.agent.post(f"/conversations/{other}/participants", {"agent_id": colleague.id})).status == 200
    assert (await scene.fill()).status == 200
    assert (await scene.reveal(colleague)).code == "not_found"
    merged = await scene.agent.post(f"/desk/cases/{scene.talk}/merge", {"into": other})
    assert merged.status == 200, merged.envelope
    gone_on = (await scene.customer.messages(other))[-1]
    assert (gone_on["kind"], gone_on["form"]["id"]) == ("form", scene.form["id"])
    listed = (await scene.agent.get(f"/conversations/{other}/forms")).data["items"]
    assert [item["id"] for item in listed] == [scene.form["id"]]
    assert (await scene.reveal(colleague)).data["value"] == "+6281390476612"
    corrected = await scene.fill({"phone": "0813 9047 6613"}, consent=None)
    assert corrected.status == 200, corrected.envelope
    # What was left behind may be cleared away; the form stands elsewhere now.
    left = next(item for item in await scene.agent.messages(scene.talk) if item["kind"] == "form")
    assert (await scene.agent.call("DELETE", f"/conversations/{scene.talk}/messages/{left['seq']}")).status == 200
    assert (await scene.reveal(colleague)).data["value"] == "+6281390476613"
    split = await scene.agent.post(f"/desk/cases/{other}/split", {"from_seq": gone_on["seq"] + 0})
    assert split.code == "invalid_input"
    await scene.customer.send(other, "lalu ini perihal yang lain")
    await scene.agent.post(f"/conversations/{other}/forms", {"template": "delivery"})
    again = (await scene.customer.messages(other))[-1]
    made = (await scene.agent.post(f"/desk/cases/{other}/split", {"from_seq": again["seq"]})).data["item"]
    new = made["conversation"]["id"]
    moved = (await scene.agent.get(f"/conversations/{new}/forms")).data["items"]
    assert [item["id"] for item in moved] == [again["form"]["id"]]
    assert [item["id"] for item in (await scene.agent.get(f"/conversations/{other}/forms")).data["items"]] == [
        scene.form["id"]
    ]
