"""Retention, legal holds and incidents over HTTP and as pages: whom they are for, and what becomes of them."""

from datetime import UTC, datetime, timedelta

from server.kernel.erased import NOBODY
from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World
from tests.harness.process import eventually

_NAME, _NUMBER = "Yohana Tutuarima", "0813 9012 4455"


def _tab(world: World, person: Person) -> Tab:
    return Tab(world.http.session, world.http.url, person.token)


def _later(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def test_the_rules_are_for_privacy_officers(world: World) -> None:
    officer, admin = await world.person("privacy_officer"), await world.person("admin")
    shown = (await officer.get("/privacy/retention")).data
    rules = {rule["name"]: rule for rule in shown["rules"]}
    assert rules["conversation:closed"]["days"] == 730
    assert rules["account:kept"]["days"] is None
    for person in (admin, await world.person("customer"), await world.person("agent")):
        assert (await person.get("/privacy/retention")).code == "not_permitted"
        assert (await person.get("/privacy/retention/holds")).code == "not_permitted"
        assert (await person.get("/privacy/incidents")).code == "not_permitted"
    counted = (await officer.post("/privacy/retention/runs", {"dry": True})).data["run"]
    assert {line["rule"] for line in counted["lines"]} == set(rules)
    assert counted["dry"]
    assert (await officer.get("/privacy/retention/runs")).data["items"][0]["id"] == counted["id"]


async def test_an_old_conversation_goes_with_what_hangs_on_it_unless_it_is_held(world: World) -> None:
    officer, agent = await world.person("privacy_officer"), await world.person("agent")
    customer = await world.person("customer")
    talks = {name: await customer.conversation(f"Soal {name}") for name in ("kasir", "ditahan")}
    for name, talk in talks.items():
        assert (await customer.send(talk, f"Layar {name} kami berhenti sendiri")).status == 201
        await agent.take(talk)
        assert (await agent.post(f"/desk/cases/{talk}/notes", {"text": f"Catatan tentang {name}"})).status == 201
        assert (await agent.post(f"/conversations/{talk}/close")).status == 200
    hold = {"kind": "conversation", "object": talks["ditahan"], "reason": "Perkara", "review_at": _later(30)}
    held = (await officer.post("/privacy/retention/holds", hold)).data["hold"]

    async def is_gone() -> bool:
        # What is in memory may be written once more; and while a run goes on by itself, there is no other.
        await _grow_old(world, *talks.values())
        ran = await officer.post("/privacy/retention/runs", {"dry": False})
        assert ran.status in {200, 409}
        found = await world.database["conversations"].find_one({"_id": talks["kasir"]})
        return ran.status == 200 and found is not None and found["customer_id"] == NOBODY

    await eventually(is_gone, "the conversation goes")
    counted = (await officer.post("/privacy/retention/runs", {"dry": True})).data["run"]
    lines = {line["rule"]: line for line in counted["lines"]}
    assert lines["conversation:closed"]["overdue"] == 0
    texts = [item["text"] async for item in world.database["messages"].find({"conversation_id": talks["kasir"]})]
    assert not any("Layar" in text for text in texts)
    gone = await world.database["conversations"].find_one({"_id": talks["kasir"]})
    assert gone is not None
    assert (gone["customer_id"], gone["subject"]) == (NOBODY, None)
    notes = [item["text"] async for item in world.database["desk_notes"].find({})]
    assert "Catatan tentang kasir" not in notes
    assert "Catatan tentang ditahan" in notes
    assert (await customer.get(f"/conversations/{talks['kasir']}/messages")).code == "not_found"
    kept = await customer.messages(talks["ditahan"])
    assert any("Layar" in str(message["text"]) for message in kept)
    assert (await officer.post(f"/privacy/retention/holds/{held['id']}/lift")).status == 200


async def _grow_old(world: World, *conversation_ids: str) -> None:
    """Let conversations have been quiet for years."""
    old = datetime(2020, 1, 1, tzinfo=UTC)
    change = {"$set": {"created_at": old, "last_message_at": old}}
    for conversation_id in conversation_ids:
        await world.database["conversations"].update_one({"_id": conversation_id}, change)


async def test_a_hold_is_set_reviewed_and_lifted(world: World) -> None:
    officer, other = await world.person("privacy_officer"), await world.person("privacy_officer")
    customer = await world.person("customer")
    body = {
        "kind": "person",
        "object": customer.id,
        "reason": f"Perkara {_NAME}, {_NUMBER}",
        "review_at": _later(30),
    }
    made = await officer.post("/privacy/retention/holds", body)
    assert made.status == 201
    hold = made.data["hold"]
    assert _NUMBER not in hold["reason"]
    assert (await other.post("/privacy/retention/holds", body)).code == "conflict"
    later = _later(300)
    reviewed = await other.post(f"/privacy/retention/holds/{hold['id']}/review", {"review_at": later})
    assert reviewed.data["hold"]["review_at"] == later
    assert (await other.post(f"/privacy/retention/holds/{hold['id']}/lift")).data["hold"]["lifted_at"]
    assert (await officer.post(f"/privacy/retention/holds/{hold['id']}/lift")).code == "conflict"
    unknown = await officer.post("/privacy/retention/holds", {**body, "object": "0" * 24})
    assert unknown.reasons == {"object": "unknown"}


async def test_a_hold_on_a_visitor_follows_them_to_their_account(world: World) -> None:
    """Whoever takes over a held visitor's conversations is held too, and the page says so."""
    officer, visitor, customer = (
        await world.person("privacy_officer"),
        await world.person("visitor"),
        await world.person("customer"),
    )
    talk = await visitor.conversation("Soal kasir")
    assert (await visitor.send(talk, "Layar kami berhenti sendiri")).status == 201
    held = {"kind": "person", "object": visitor.id, "reason": "Perkara", "review_at": _later(30)}
    hold = (await officer.post("/privacy/retention/holds", held)).data["hold"]
    assert hold["heirs"] == []
    assert (await customer.post("/me/conversations/adoption", {"token": visitor.token})).data == {"adopted": 1}
    [known] = [one for one in (await officer.get("/privacy/retention/holds")).data["items"] if one["id"] == hold["id"]]
    assert known["heirs"] == [customer.id]
    shown = await _tab(world, officer).open("/petugas/retensi")
    assert customer.id in shown
    assert (await officer.post(f"/privacy/retention/holds/{hold['id']}/lift")).status == 200


async def test_a_hold_set_later_finds_the_account_by_the_visitor_and_the_other_way_round(world: World) -> None:
    """Until the account is erased, for then nothing leads from one to the other."""
    officer, visitor, customer = (
        await world.person("privacy_officer"),
        await world.person("visitor"),
        await world.person("customer"),
    )
    talk = await visitor.conversation("Soal kasir")
    assert (await visitor.send(talk, "Layar kami berhenti sendiri")).status == 201
    assert (await customer.post("/me/conversations/adoption", {"token": visitor.token})).data == {"adopted": 1}
    for named, other in ((visitor, customer), (customer, visitor)):
        held = {"kind": "person", "object": named.id, "reason": "Perkara", "review_at": _later(30)}
        hold = (await officer.post("/privacy/retention/holds", held)).data["hold"]
        assert (hold["object_id"], hold["heirs"]) == (named.id, [other.id])
        assert (await officer.post(f"/privacy/retention/holds/{hold['id']}/lift")).status == 200
    known = await world.database["accounts"].find_one({"_id": visitor.id})
    assert known is not None
    assert known["became"] == customer.id


async def test_the_page_counts_holds_and_lifts(world: World) -> None:
    officer, customer = await world.person("privacy_officer"), await world.person("customer")
    tab = _tab(world, officer)
    assert faults_of(await tab.open("/petugas/retensi")) == []
    assert "Tidak ada yang dihapus" in await tab.fill("/petugas/retensi", {"act": "count"})
    held = {"act": "hold", "kind": "person", "object": customer.id, "reason": "Perkara di pengadilan", "days": "180"}
    shown = await tab.fill("/petugas/retensi", held)
    assert customer.id in shown
    assert faults_of(shown) == []
    again = await tab.submit("/petugas/retensi", held)
    assert again.status == 409
    refused = await tab.submit("/petugas/retensi", {**held, "object": "tidak-ada"})
    assert refused.status == 400
    assert faults_of(refused.body.decode()) == []
    assert (await _tab(world, customer).get("/petugas/retensi")).status == 403
    assert (await _tab(world, await world.person("admin")).get("/petugas/retensi")).status == 403


async def test_an_incident_from_report_to_telling_and_back(world: World) -> None:
    officer, admin, customer = (
        await world.person("privacy_officer"),
        await world.person("admin"),
        await world.person("customer"),
    )
    reported = await admin.post(
        "/privacy/incidents",
        {
            "title": "Sesi petugas dipakai orang lain",
            "story": f"Peramban {_NAME}, {_NUMBER}, ditinggal terbuka",
            "kind": "access",
            "severity": "high",
            "discovered_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        },
    )
    assert reported.status == 201
    path = f"/privacy/incidents/{reported.data['id']}"
    assert (await admin.get(path)).code == "not_permitted"
    shown = (await officer.get(path)).data["incident"]
    assert (shown["state"], shown["clock"]) == ("reported", "running")
    assert _NUMBER not in shown["story"]

    tab, page = _tab(world, officer), f"/petugas/insiden/{reported.data['id']}"
    assert faults_of(await tab.open(page)) == []

    async def act(fields: dict[str, str]) -> None:
        revision = (await officer.get(path)).data["incident"]["revision"]
        answer = await tab.submit(page, {"revision": str(revision), "zone": "e420", **fields})
        assert answer.status == 303, fields["act"]

    await act({"act": "move", "state": "open"})
    await act({"act": "assess", "kind": "access", "severity": "high", "data": "messages", "notifiable": "yes"})
    await act({"act": "write", "field": "measures", "text": "Sesi itu ditutup"})
    await act({"act": "search", "query": "people", "names": customer.id})
    await act({"act": "task", "task": "Kunci layar sendiri", "owner": officer.id, "days": "3"})
    await act({"act": "authority"})
    await act({"act": "tell"})
    told = (await officer.get(path)).data["incident"]
    assert (told["people"], told["clock"]) == (1, "met")
    assert (await officer.get(f"{path}/people")).data["people"] == [customer.id]
    assert faults_of(await tab.open(page)) == []
    stale = await officer.call("PUT", f"{path}/state", {"revision": 1, "state": "contained"})
    assert stale.code == "conflict"


async def test_the_list_of_incidents_and_ones_own_page(world: World) -> None:
    officer, admin, customer = (
        await world.person("privacy_officer"),
        await world.person("admin"),
        await world.person("customer"),
    )
    form = {"title": "Latihan kantor", "story": "Kami berlatih", "kind": "loss", "severity": "low", "drill": "on"}
    tab = _tab(world, officer)
    made = await tab.fill("/petugas/insiden", form)
    assert faults_of(made) == []
    assert "tidak ada yang dikabari" in made
    assert faults_of(await tab.open("/petugas/insiden")) == []
    thanked = await _tab(world, admin).fill("/petugas/insiden", {**form, "drill": ""})
    assert "Petugas privasi sudah diberi tahu" in thanked
    assert "Latihan kantor" not in thanked
    assert (await _tab(world, customer).get("/petugas/insiden")).status == 403
    assert faults_of(await _tab(world, customer).open("/insiden")) == []
    assert (await customer.get("/me/incidents")).data["items"] == []
