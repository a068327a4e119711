"""Webhooks and promises over HTTP: a receiver is registered, feedback given, and the server killed in between."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S, ServerProcess, eventually
from tests.harness.receiver import Receiver

_EVENTS = ["feedback.given", "feedback.changed", "feedback.answered"]
_LEASE_S = 60.0
"""How long what a server was sending when it was killed is left alone."""
_WEEK: dict[str, list[str]] = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    """A program that receives."""
    found = Receiver()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture(scope="module")
async def hooked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server whose webhooks may lead to loopback."""
    settings = {"AMANAH_LIMITS": "off", "AMANAH_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    server = ServerProcess(tmp_path_factory.mktemp("hooked"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(hooked: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    """That server, and the making of fresh people for one test."""
    async with World(hooked, browserless) as world:
        yield world


async def _made(admin: Person, url: str, **fields: object) -> dict[str, Any]:
    made = await admin.post("/webhooks", {"url": url, "events": _EVENTS, **fields})
    assert made.status == 201, made.envelope
    return dict(made.data)


async def _give(person: Person, kind: str, text: str) -> dict[str, Any]:
    given = await person.post("/feedback", {"kind": kind, "title": "Antrean panjang", "text": text})
    assert given.status == 201, given.envelope
    return dict(given.data["feedback"])


def _of(receiver: Receiver, item: dict[str, Any]) -> list[dict[str, Any]]:
    messages = [received.message for received in receiver.received]
    return [message for message in messages if message["data"].get("id") == item["id"]]


async def test_receivers_hear_how_conversations_turn_and_nothing_that_is_said(place: World, receiver: Receiver) -> None:
    """Opened, closed, rated, opened again by the next message: numbers, and the redacted subject where wanted."""
    admin, customer = await place.person("admin", "Pengurus"), await place.person("customer", "Pembeli Contoh")
    agent = await place.person("agent", "Petugas")
    events = ["conversation.opened", "conversation.closed", "conversation.rated"]
    for content in (False, True):
        made = await admin.post("/webhooks", {"url": receiver.url, "events": events, "content": content})
        assert made.status == 201, made.envelope
    talk = await customer.conversation("Nomor saya 0812-9071-3648")
    await agent.take(talk)
    assert (await agent.post(f"/conversations/{talk}/close")).status == 200
    rated = await customer.post(f"/conversations/{talk}/rating", {"score": 4, "text": "Rahasia kita berdua."})
    assert rated.status < 300, rated.envelope
    message = {"client_message_id": "satu", "text": "Masih rahasia kita."}
    assert (await customer.post(f"/conversations/{talk}/messages", message)).status == 201

    def told() -> list[dict[str, Any]]:
        return [found.message for found in receiver.received if found.message["data"].get("id") == talk]

    await eventually(lambda: len(told()) == 8, "both have heard of all four")
    facts = [(one["type"], one["data"].get("again"), one["data"].get("score")) for one in told()]
    assert sorted(facts, key=str) == sorted(
        2
        * [
            ("conversation.opened", False, None),
            ("conversation.closed", None, None),
            ("conversation.rated", None, 4),
            ("conversation.opened", True, None),
        ],
        key=str,
    )
    contents = [one["data"].get("content") for one in told()]
    assert contents.count({"subject": "Nomor saya ⟦PHONE:1⟧"}) == contents.count(None) == 4
    for found in receiver.received:
        written = str(found.message)
        assert "ahasia" not in written
        assert customer.id not in written
        assert agent.id not in written


async def test_receivers_hear_of_feedback_and_of_private_items_ids_and_states_alone(
    place: World, receiver: Receiver
) -> None:
    """Redacted texts of public items where they are wanted; a secret is shown once."""
    admin, customer = await place.person("admin", "Pengurus"), await place.person("customer", "Pembeli Contoh")
    made = await _made(admin, receiver.url, content=True)
    hook = made["webhook"]
    assert hook["url"] == receiver.url
    assert all("secret" not in shown for shown in (await admin.get("/webhooks")).data["items"])
    agent = await place.person("agent", "Petugas")
    public = await _give(agent, "suggestion", "Hubungi 0812-9071-3648 bila kasir akhir pekan dibuka.")
    private = await _give(customer, "complaint", "Hubungi 0812-9071-3648, pesanan belum datang.")
    await eventually(lambda: bool(_of(receiver, public) and _of(receiver, private)), "both have come")
    (shown,), (hidden,) = _of(receiver, public), _of(receiver, private)
    assert shown["data"]["content"]["text"] == "Hubungi ⟦PHONE:1⟧ bila kasir akhir pekan dibuka."
    assert hidden["data"] == {
        "id": private["id"],
        "number": private["number"],
        "visibility": "private",
        "shown": True,
        "state": "received",
        "status": "open",
    }
    # Other tests' hooks lead here too, and are signed with secrets of their own.
    of_feedback = [one for one in receiver.received if one.message["type"].startswith("feedback.")]
    assert all(received.is_signed_by(made["secret"]) for received in of_feedback)
    assert not any(giver.id.encode() in sent.body for sent in receiver.received for giver in (agent, customer))
    log = await admin.get(f"/webhooks/{hook['id']}/deliveries", limit=1)
    assert len(log.data["items"]) == 1
    assert log.data["next_cursor"]
    repeated = await admin.post(f"/webhook-deliveries/{log.data['items'][0]['id']}/repeat")
    assert repeated.status == 202
    tested = await admin.post(f"/webhooks/{hook['id']}/test")
    assert tested.data["delivery"]["event"] == "webhook.test"
    # What is repeated is under way too, and may come later.
    await eventually(
        lambda: any(one.message["type"] == "webhook.test" for one in receiver.received), "the test has come"
    )
    assert (await admin.call("DELETE", f"/webhooks/{hook['id']}")).status == 200
    assert (await admin.get(f"/webhooks/{hook['id']}/deliveries")).code == "not_found"


async def test_receivers_hear_of_topics_by_their_ids(place: World, receiver: Receiver) -> None:
    """A new topic of the forum; nothing of what it says, whatever was asked for."""
    admin, moderator = await place.person("admin", "Pengurus"), await place.person("moderator", "Moderator")
    await _made(admin, receiver.url, events=["forum.topic.posted"], content=True)
    body = {"name": "Kasir", "slug": "kasir-kabar"}
    category = (await moderator.post("/forum/categories", body)).data["category"]
    agent = await place.person("agent", "Petugas")
    new = {"category_id": category["id"], "title": "Laci kasir baru", "text": "Sudah tersedia."}
    topic = (await agent.post("/forum/topics", new)).data["topic"]
    await eventually(lambda: bool(_of(receiver, topic)), "the topic has come")
    (heard,) = _of(receiver, topic)
    assert heard["data"] == {"id": topic["id"], "number": topic["number"], "category_id": category["id"]}


async def test_what_waits_comes_after_a_kill(place: World, receiver: Receiver, hooked: ServerProcess) -> None:
    """The receiver was away, then the server was killed; both come back."""
    admin, customer = await place.person("admin", "Pengurus"), await place.person("customer", "Pembeli Contoh")
    await receiver.stop()
    await _made(admin, receiver.url)
    item = await _give(customer, "criticism", "Tolong buka kasir kedua di akhir pekan.")
    await hooked.kill()
    await receiver.start()
    await hooked.start()
    await eventually(lambda: bool(_of(receiver, item)), "what waited has come", patience_s=_LEASE_S + PATIENCE_S)
    assert "content" not in _of(receiver, item)[0]["data"]


async def test_a_webhook_is_changed_by_administrators_who_are_there(place: World) -> None:
    """Not by others, and not with an old sign-in; what is wrong with an address is said."""
    admin = await place.person("admin", "Pengurus")
    body = {"url": "https://toko.example/hook", "events": _EVENTS}
    for role in ("customer", "agent", "moderator", "privacy_officer"):
        assert (await (await place.person(role, "Orang")).post("/webhooks", body)).code == "not_permitted"
    stale = await place.again(admin, ago_s=3600)
    assert (await stale.post("/webhooks", body)).code == "fresh_sign_in_required"
    for url, reason in (("https://10.0.0.1/x", "leads_inside"), ("http://toko.example/x", "https_only")):
        refused = await admin.post("/webhooks", {**body, "url": url})
        assert refused.reasons == {"url": reason}
    made = await _made(admin, body["url"])
    hook = f"/webhooks/{made['webhook']['id']}"
    rotated = await admin.post(f"{hook}/secret")
    assert rotated.data["secret"] != made["secret"]
    assert rotated.data["webhook"]["former_secret_until"]
    off = await admin.call("PATCH", hook, {"enabled": False, "events": ["feedback.rated"]})
    assert (off.data["webhook"]["disabled"], off.data["webhook"]["events"]) == ("by_admin", ["feedback.rated"])
    on = await admin.call("PATCH", hook, {"enabled": True})
    assert on.data["webhook"]["disabled"] is None


async def test_promises_and_hours_are_changed_by_administrators(place: World) -> None:
    """New complaints follow; staff are told when time has passed, at the latest with the next look of the watch."""
    admin, agent = await place.person("admin", "Pengurus"), await place.person("agent", "Petugas")
    customer = await place.person("customer", "Pembeli Contoh")
    terms = (await admin.get("/feedback/promises")).data
    assert terms["hours"]["zone"] == "Asia/Jakarta"
    assert terms["policy"]["promises"]["complaint"]["urgent"]["acknowledge"] == 60
    assert (await agent.get("/feedback/promises")).code == "not_permitted"
    hours = {**terms["hours"], "week": _WEEK, "country": ""}
    policy = {**terms["policy"], "warn_at": 1, "wardens": [agent.id]}
    policy["promises"]["complaint"]["normal"] = {"acknowledge": 1}
    changed = await admin.call("PATCH", "/feedback/promises", {"hours": hours, "policy": policy})
    assert changed.data["hours"]["week"] == _WEEK
    for wrong in ({"wardens": [customer.id]}, {"levels": [{"after": 5, "people": []}] * 2}):
        refused = await admin.call("PATCH", "/feedback/promises", {"policy": {**policy, **wrong}})
        assert "policy" in refused.reasons
    assert (await admin.call("PATCH", "/feedback/promises", {})).code == "invalid_input"
    await _give(customer, "complaint", "Pesanan belum datang.")

    async def is_warned() -> bool:
        kinds = {notice["kind"] for notice in (await agent.get("/me/notifications")).data["items"]}
        return bool(kinds & {"feedback_due", "feedback_late"})

    await eventually(is_warned, "the agent is told")
