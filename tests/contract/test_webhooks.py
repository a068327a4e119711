"""Webhooks on the real store with a real receiver on loopback: what is sent, when it is tried again, what survives."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.limits import Unlimited
from server.outside import Outside, networks_of
from server.storage.mongo import Database
from server.storage.schema import apply
from server.webhooks.client import HookClient
from server.webhooks.delivering import Deliveries
from server.webhooks.model import AddressRules, Disabled, EventType, Outcome, Progress
from server.webhooks.service import Made, Webhooks
from server.webhooks.store import WEBHOOK_COLLECTIONS, MongoHookStore
from tests.harness.keys import RING
from tests.harness.receiver import Receiver
from tests.harness.telling import HandClock
from tests.harness.trail_house import House

_ADMIN = Actor("pengurus", Role.ADMIN, "s", "Pengurus")
_EVERYTHING = tuple(set(EventType) - {EventType.TEST})


@dataclass
class _Shelf:
    """What is public at the moment."""

    texts: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    async def of(self, _event: EventType, subject: str) -> Mapping[str, Any] | None:
        return self.texts.get(subject)


@dataclass
class _Bell:
    """Counts."""

    rung: list[str] = field(default_factory=list)

    async def hook_disabled(self, hook_id: str) -> None:
        self.rung.append(hook_id)


class _Parts:
    """The parts, as the server builds them; `restarted` builds them anew on the same store."""

    def __init__(self, database: Database, house: House, networks: str = "127.0.0.0/8") -> None:
        self.database, self.house = database, house
        self.clock, self.shelf, self.bell = HandClock(), _Shelf(), _Bell()
        self.outside = Outside(networks=networks_of(networks))
        self.store = MongoHookStore(database, RING.sealer("webhooks"))
        self.client = HookClient(self.outside)
        self.deliveries = self.build()
        rules = AddressRules(frozenset({443}), self.outside.is_ours, self.outside.allows)
        self.hooks = Webhooks(self.store, self.deliveries, rules, house.parts.trail, Unlimited(), self.clock)

    def build(self) -> Deliveries:
        return Deliveries(self.store, self.client, self.shelf, self.bell, self.house.parts.trail, self.clock)

    async def make(self, receiver: Receiver, *, content: bool = False) -> Made:
        return await self.hooks.register(_ADMIN, receiver.url, _EVERYTHING, content=content)

    async def tell(self, subject: str = "i1", **facts: object) -> None:
        await self.deliveries.tell(EventType.CHANGED, subject, {"id": subject, "state": "answered", **facts})


@pytest.fixture
async def parts(database: Database, house: House) -> AsyncIterator[_Parts]:
    """On an empty store."""
    await apply(database, WEBHOOK_COLLECTIONS)
    found = _Parts(database, house)
    async with found.client:
        yield found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver."""
    found = Receiver()
    async with AsyncExitStack() as stack:
        await found.start()
        stack.push_async_callback(found.stop)
        yield found


async def test_a_message_is_signed_and_says_ids_and_states(parts: _Parts, receiver: Receiver) -> None:
    """Checked with what the documentation shows to receivers; any change is found."""
    made = await parts.make(receiver)
    parts.shelf.texts["i1"] = {"title": "Mode gelap"}
    await parts.tell()
    assert await parts.deliveries.round() == 1
    (message,) = receiver.received
    assert message.message == {
        "type": "feedback.changed",
        "timestamp": "2046-11-22T03:00:00.000Z",
        "data": {"id": "i1", "state": "answered"},
    }
    assert message.is_signed_by(made.secret, now=parts.clock.now)
    assert not message.is_signed_by(made.secret, now=parts.clock.now + timedelta(minutes=6))
    assert not message.is_signed_by("whsec_" + "A" * 44, now=parts.clock.now)
    message.headers["webhook-id"] = new_id()
    assert not message.is_signed_by(made.secret, now=parts.clock.now)
    (delivery,) = await parts.hooks.log(made.hook.id, before_id=None, limit=9)
    assert (delivery.progress, delivery.tries, delivery.status) == (Progress.DELIVERED, 1, 204)
    assert await parts.deliveries.round() == 0


async def test_texts_go_only_where_they_are_wanted_and_only_as_long_as_they_are_public(
    parts: _Parts, receiver: Receiver
) -> None:
    """What was taken away before a message was sent is not in it; nor is it in the store."""
    await parts.make(receiver, content=True)
    parts.shelf.texts["i1"] = {"title": "Mode gelap", "text": "Mata saya lelah"}
    await parts.tell()
    await parts.deliveries.round()
    assert receiver.received[0].message["data"]["content"] == parts.shelf.texts["i1"]
    await parts.tell()
    parts.shelf.texts.clear()
    await parts.deliveries.round()
    assert "content" not in receiver.received[1].message["data"]
    async for document in parts.database["webhook_deliveries"].find({}):
        assert "lelah" not in repr(document)


async def test_what_is_not_taken_is_tried_again(parts: _Parts, receiver: Receiver) -> None:
    """Later and later, with the same id; a receiver's wish to be left alone is heeded; then it gives up."""
    made = await parts.make(receiver)
    receiver.status = 503
    await parts.tell()
    pauses = []
    for _ in range(4):
        assert await parts.deliveries.round() == 1
        assert await parts.deliveries.round() == 0
        (delivery,) = await parts.hooks.log(made.hook.id, before_id=None, limit=9)
        assert delivery.due_at is not None
        pauses.append((delivery.due_at - parts.clock.now).total_seconds())
        parts.clock.now = max(delivery.due_at, parts.clock.now + timedelta(seconds=11))
    for pause, whole in zip(pauses, (5, 20, 80, 320), strict=True):
        assert 0.8 * whole <= pause <= 1.2 * whole
    receiver.headers = {"Retry-After": "7200"}
    await parts.deliveries.round()
    (delivery,) = await parts.hooks.log(made.hook.id, before_id=None, limit=9)
    assert delivery.due_at == parts.clock.now + timedelta(hours=2)
    parts.clock.now += timedelta(days=3)
    await parts.deliveries.round()
    (delivery,) = await parts.hooks.log(made.hook.id, before_id=None, limit=9)
    assert (delivery.progress, delivery.tries, delivery.due_at) == (Progress.FAILED, 6, None)
    assert {message.id for message in receiver.received} == {delivery.id}
    receiver.status, receiver.headers = 200, {}
    await parts.hooks.repeat(_ADMIN, delivery.id)
    with pytest.raises(Conflict):
        await parts.hooks.repeat(_ADMIN, delivery.id)
    await parts.deliveries.round()
    assert receiver.received[-1].id == delivery.id
    assert (await parts.hooks.log(made.hook.id, before_id=None, limit=9))[0].progress is Progress.DELIVERED


async def test_a_receiver_that_fails_is_left_alone_while_others_are_served(parts: _Parts, receiver: Receiver) -> None:
    """However much waits for it; what waits comes when it is back."""
    other = Receiver()
    await other.start()
    failing = await parts.make(receiver)
    await parts.make(other)
    receiver.status = 500
    for number in range(5):
        await parts.tell(f"i{number}")
    assert await parts.deliveries.round() == 6
    assert await parts.deliveries.round() == 0
    assert (len(receiver.received), len(other.received)) == (1, 5)
    receiver.status = 200
    parts.clock.now += timedelta(seconds=30)
    assert await parts.deliveries.round() == 5
    assert {message.message["data"]["id"] for message in receiver.received} == {f"i{number}" for number in range(5)}
    hook = await parts.hooks.get(failing.hook.id)
    assert (hook.failing_since, hook.disabled) == (None, None)
    await other.stop()


async def test_what_is_queued_survives_a_kill_and_two_processes_send_it_once(parts: _Parts, receiver: Receiver) -> None:
    """Whoever takes it up sends it; what one has taken and not finished comes back."""
    await parts.make(receiver)
    for number in range(8):
        await parts.tell(f"i{number}")
    (taken, *_) = await parts.store.due(parts.clock.now)
    assert await parts.store.claim(taken, parts.clock.now + timedelta(seconds=60))
    one, other = parts.build(), parts.build()
    assert await one.round() + await other.round() == 7
    parts.clock.now += timedelta(seconds=61)
    one.start()
    await receiver.count(8)
    await one.close()
    ids = [message.message["data"]["id"] for message in receiver.received]
    assert sorted(ids) == [f"i{number}" for number in range(8)]


async def test_a_dead_hook_is_switched_off_and_administrators_are_told(parts: _Parts, receiver: Receiver) -> None:
    """After five days without success, once; it can be switched on again."""
    made = await parts.make(receiver)
    receiver.status = 404
    for _ in range(7):
        await parts.tell()
        await parts.deliveries.round()
        parts.clock.now += timedelta(days=1)
    assert parts.bell.rung == [made.hook.id]
    assert (await parts.hooks.get(made.hook.id)).disabled is Disabled.FAILING
    sent = len(receiver.received)
    await parts.tell()
    await parts.deliveries.round()
    assert len(receiver.received) == sent
    receiver.status = 200
    tested = await parts.hooks.test(_ADMIN, made.hook.id)
    await parts.deliveries.round()
    assert receiver.received[-1].message["type"] == "webhook.test"
    assert (await parts.hooks.log(made.hook.id, before_id=None, limit=1))[0].id == tested.id
    await parts.hooks.change(_ADMIN, made.hook.id, enabled=True)
    await parts.tell()
    await parts.deliveries.round()
    assert receiver.received[-1].message["type"] == "feedback.changed"


async def test_who_says_gone_is_asked_no_more(parts: _Parts, receiver: Receiver) -> None:
    """410, at once."""
    made = await parts.make(receiver)
    receiver.status = 410
    await parts.tell()
    await parts.deliveries.round()
    assert (await parts.hooks.get(made.hook.id)).disabled is Disabled.GONE
    assert parts.bell.rung == [made.hook.id]


async def test_no_redirection_is_followed(parts: _Parts, receiver: Receiver) -> None:
    """It is a refusal like any other."""
    made = await parts.make(receiver)
    for status in (301, 302, 303, 307, 308):
        receiver.status, receiver.headers = status, {"Location": receiver.url.replace("/hook", "/elsewhere")}
        tested = await parts.hooks.test(_ADMIN, made.hook.id)
        await parts.deliveries.round()
        found = await parts.store.find_delivery(tested.id)
        assert found is not None
        assert (found.outcome, found.status, found.progress) == (Outcome.REFUSED, status, Progress.FAILED)
    assert not receiver.elsewhere


async def test_nothing_is_sent_into_networks_that_are_not_allowed(
    parts: _Parts, receiver: Receiver, database: Database, house: House
) -> None:
    """Also where the address was allowed when it was registered."""
    made = await parts.make(receiver)
    strict = _Parts(database, house, networks="")
    async with strict.client:
        await strict.hooks.test(_ADMIN, made.hook.id)
        await strict.deliveries.round()
    (delivery,) = await parts.hooks.log(made.hook.id, before_id=None, limit=9)
    assert (delivery.outcome, delivery.status) == (Outcome.LEADS_INSIDE, None)
    assert not receiver.received


async def test_a_new_secret_signs_beside_the_former_for_a_day(parts: _Parts, receiver: Receiver) -> None:
    """Neither lies in the store in the clear, nor does the address."""
    first = await parts.make(receiver)
    second = await parts.hooks.rotate(_ADMIN, first.hook.id)
    await parts.tell()
    await parts.deliveries.round()
    assert all(receiver.received[0].is_signed_by(made.secret, now=parts.clock.now) for made in (first, second))
    parts.clock.now += timedelta(hours=25)
    await parts.tell()
    await parts.deliveries.round()
    assert not receiver.received[1].is_signed_by(first.secret, now=parts.clock.now)
    assert receiver.received[1].is_signed_by(second.secret, now=parts.clock.now)
    async for document in parts.database["webhooks"].find({}):
        kept = bytes(document["sealed"]) + repr({**document, "sealed": ""}).encode()
        assert not any(word.encode() in kept for word in (first.secret, second.secret, receiver.url))


async def test_deleting_takes_the_log_along(parts: _Parts, receiver: Receiver) -> None:
    """And what waited is not sent."""
    made = await parts.make(receiver)
    await parts.tell()
    await parts.hooks.delete(_ADMIN, made.hook.id)
    assert await parts.deliveries.round() == 0
    assert not receiver.received
    with pytest.raises(NotFound):
        await parts.hooks.log(made.hook.id, before_id=None, limit=9)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://toko.example/hook", "https_only"),
        ("ftp://toko.example/hook", "https_only"),
        ("https://toko.example:8443/hook", "port_not_allowed"),
        ("https://10.0.0.1/hook", "leads_inside"),
        ("https://169.254.169.254/latest", "leads_inside"),
        ("https://[::1]/hook", "leads_inside"),
        ("https://[::ffff:127.0.0.1]/hook", "leads_inside"),
        ("https://[64:ff9b::7f00:1]/hook", "leads_inside"),
        ("https://[2002:7f00:1::1]/hook", "leads_inside"),
        ("https://168.63.129.16/hook", "leads_inside"),
        ("https://127.1/hook", "malformed"),
        ("https://2130706433/hook", "malformed"),
        ("https://0x7f.0.0.1/hook", "malformed"),
        ("https://0177.0.0.1/hook", "malformed"),
        ("https://localhost/hook", "malformed"),
        ("https://user:word@toko.example/hook", "malformed"),
        ("https://toko.example@127.0.0.1/hook", "malformed"),
        ("https://toko.example#@127.0.0.1/hook", "malformed"),
        ("https://toko.example\\@127.0.0.1/hook", "malformed"),
        ("https://toko.example/hook#part", "malformed"),
        ("https://toko.example/ho ok", "malformed"),
        ("https://toko.example/hook\r\nX: y", "malformed"),
        ("https://tok\u043e.example/hook", "malformed"),
        ("https://[fe80::1%25eth0]/hook", "malformed"),
        ("https://toko..example/hook", "malformed"),
        ("https:toko.example", "malformed"),
        ("//toko.example/hook", "malformed"),
        ("https://toko.example:99999/hook", "malformed"),
        ("https://toko.example/" + "a" * 500, "too_long"),
        ("", "malformed"),
    ],
)
async def test_an_address_that_can_not_be_one_is_refused(parts: _Parts, url: str, reason: str) -> None:
    """With the reason, and without a look at where it leads."""
    with pytest.raises(InvalidInput) as refused:
        await parts.hooks.register(_ADMIN, url, _EVERYTHING, content=False)
    assert refused.value.fields == {"url": reason}
    assert await parts.hooks.all() == []


async def test_an_ordinary_address_is_taken(parts: _Parts) -> None:
    """Once with each event that there is; and no more than there may be."""
    for number in range(20):
        await parts.hooks.register(_ADMIN, f"https://toko.example/hook/{number}?kunci=a%20b", _EVERYTHING, content=True)
    with pytest.raises(Conflict):
        await parts.hooks.register(_ADMIN, "https://toko.example/hook", _EVERYTHING, content=True)
    hook = (await parts.hooks.all())[0]
    with pytest.raises(InvalidInput):
        await parts.hooks.change(_ADMIN, hook.id, events=[EventType.TEST])
