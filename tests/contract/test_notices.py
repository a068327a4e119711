"""Notices on the real store, mail server and push service: counting, grouping, letters, digests, pushes."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.accounts.correspondence import Correspondence
from server.accounts.model import Account
from server.accounts.store import ACCOUNT_COLLECTIONS, MongoAccountStore
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.limits import SlidingLimiter, Unlimited
from server.notices.desk_store import MongoDeskStore
from server.notices.digests import Digests
from server.notices.model import Kind, NoticeMade, Pace
from server.notices.push import MOST_DEVICES, Push, PushServices
from server.notices.push_client import OutsideOnly, PushClient, VapidKey
from server.notices.push_store import MongoSubscriptionStore
from server.notices.service import Notices
from server.notices.store import MongoNoticeStore
from server.notices.unsubscribing import StopTokens
from server.notify.composing import Composer
from server.notify.service import MailQueue
from server.notify.smtp import MailServer, SmtpCarrier
from server.notify.store import MAIL_COLLECTIONS, MongoLetterStore
from server.storage.mongo import Database
from server.storage.schema import apply
from server.telling import TELLING_COLLECTIONS
from server.vault.store import VAULT_COLLECTIONS
from server.web.catalogue import Catalogues
from tests.harness.keys import RING, vault_on
from tests.harness.mail import MailSink
from tests.harness.process import eventually
from tests.harness.push_service import PushService, claims_of

_ROOT = "https://bantuan.example"


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class _Heard:
    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, events: Sequence[Event]) -> None:
        self.events += events


class _Parts:
    """The parts, built as the server builds them, on one database; `restarted` builds them anew."""

    def __init__(self, database: Database, folder: Path, sink: MailSink, service: PushService) -> None:
        self.database, self.folder, self.sink, self.service = database, folder, sink, service
        self.clock, self.heard = _Clock(), _Heard()
        self.vault = vault_on(database, folder)
        self.accounts = MongoAccountStore(database, self.vault, RING.index("accounts"))
        self.client = PushClient(
            VapidKey(RING.derive("notices/vapid")), "mailto:bantuan@toko.example", self.clock, frozenset()
        )
        self.build(Unlimited())

    def build(self, limiter: Unlimited | SlidingLimiter) -> None:
        server = MailServer.parse(self.sink.url, "bantuan@toko.example", "Toko")
        letters = MongoLetterStore(self.database, RING.sealer("mail"))
        composer = Composer(Catalogues.load(), "Toko")
        self.queue = MailQueue(letters, SmtpCarrier(server, self.clock), composer, self.clock)
        self.post = Correspondence(self.accounts, self.queue, limiter, _ROOT)
        self.devices = MongoSubscriptionStore(self.database, self.vault, RING.index("notices/push"))
        services = PushServices(frozenset({self.service.origin}))
        key = VapidKey(RING.derive("notices/vapid"))
        self.push = Push(self.devices, self.client, services, key.public, limiter, self.clock)
        self.desks = MongoDeskStore(self.database)
        tokens = StopTokens(RING.derive("notices/unsubscribe"))
        store = MongoNoticeStore(self.database)
        self.notices = Notices(store, self.desks, self.heard, self.post, self.push, tokens, limiter, self.clock)
        self.digests = Digests(self.desks, self.post, self.notices.links_of_digest, self.clock)

    async def account(self, *, verified: bool = True, locale: str = "id") -> tuple[Actor, str]:
        account_id = new_id()
        email = f"{account_id}@contoh.example"
        account = Account(account_id, Role.CUSTOMER, "Uji", email, locale, self.clock.now, verified)
        await self.accounts.insert_account(account, None)
        return Actor(account_id, Role.CUSTOMER, "s", "Uji"), email

    async def mailed(self, email: str) -> int:
        """How many letters went out, once nothing waits in the queue."""

        async def is_empty() -> bool:
            return await self.database["mail_queue"].find_one({"held": {"$ne": True}}) is None

        await eventually(is_empty, "the queue is empty")
        return len(self.sink.to(email))


@pytest.fixture
async def parts(database: Database, tmp_path: Path) -> AsyncIterator[_Parts]:
    """The parts on an empty store."""
    collections = (*VAULT_COLLECTIONS, *ACCOUNT_COLLECTIONS, *MAIL_COLLECTIONS, *TELLING_COLLECTIONS)
    await apply(database, collections)
    sink, service = MailSink(), PushService()
    await sink.start()
    await service.start()
    parts = _Parts(database, tmp_path, sink, service)
    await parts.queue.start()
    parts.push.start()
    async with parts.client:
        yield parts
        await parts.push.close()
    await parts.queue.close()
    await service.stop()
    await sink.stop()


async def test_what_is_unread_is_counted(parts: _Parts) -> None:
    """One by one and all at once; for nobody else; and the other windows hear of it."""
    (actor, _), (other, _) = await parts.account(), await parts.account()
    for number in range(5):
        await parts.notices.tell([actor.account_id, other.account_id], Kind.FORUM_MENTION, "post", f"t.{number}")
    assert (await parts.notices.unread(actor), await parts.notices.unread(other)) == (5, 5)
    made = [event.unread for event in parts.heard.events if isinstance(event, NoticeMade)]
    assert made == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    found = await parts.notices.list(actor, before_id=None, limit=3)
    assert [notice.object_id for notice in found] == ["t.4", "t.3", "t.2"]
    assert await parts.notices.mark_read(actor, found[1].id) == 4
    assert await parts.notices.mark_read(actor, found[1].id) == 4
    with pytest.raises(NotFound):
        await parts.notices.mark_read(other, found[0].id)
    assert [notice.read for notice in await parts.notices.list(actor, before_id=None, limit=3)] == [False, True, False]
    await parts.notices.mark_all_read(actor)
    assert await parts.notices.unread(actor) == 0
    assert all(notice.read for notice in await parts.notices.list(actor, before_id=None, limit=9))
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.9")
    assert (await parts.notices.unread(actor), await parts.notices.unread(other)) == (1, 5)


async def test_many_of_one_kind_are_one_until_they_are_read(parts: _Parts) -> None:
    """Answers in a topic, counted; told again they are not told twice; after reading a new one begins."""
    actor, _ = await parts.account()
    for seq in (2, 3, 3, 4, 2):
        await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", f"t.{seq}")
    (notice,) = await parts.notices.list(actor, before_id=None, limit=9)
    assert (notice.count, notice.object_id, await parts.notices.unread(actor)) == (3, "t.2", 1)
    await parts.notices.mark_all_read(actor)
    await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", "t.5")
    first, second = await parts.notices.list(actor, before_id=None, limit=9)
    assert (first.count, first.object_id, second.count, await parts.notices.unread(actor)) == (1, "t.5", 3, 1)
    await parts.notices.mark_read(actor, first.id)
    await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", "t.6")
    assert [item.count for item in await parts.notices.list(actor, before_id=None, limit=9)] == [1, 1, 3]


async def test_a_notice_leads_where_its_capability_says(parts: _Parts) -> None:
    """And is read by that; where nobody knows, to the list."""
    actor, _ = await parts.account()

    async def place(object_id: str) -> str | None:
        return f"/forum/t/1/x#{object_id}" if object_id == "t.2" else None

    parts.notices.lead("post", place)
    for seq in (2, 3):
        await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", f"t.{seq}")
    gone, there = await parts.notices.list(actor, before_id=None, limit=9)
    assert await parts.notices.open(actor, there.id) == "/forum/t/1/x#t.2"
    assert await parts.notices.open(actor, gone.id) == "/pemberitahuan"
    assert await parts.notices.unread(actor) == 0


async def test_an_opened_conversation_is_mailed_at_once_and_says_nothing(parts: _Parts) -> None:
    """To the person, whatever they have chosen and however many letters they got; it can't be stopped."""
    actor, email = await parts.account()
    parts.build(SlidingLimiter())
    await parts.queue.start()
    with pytest.raises(InvalidInput):
        await parts.notices.choose(actor, Kind.BREAK_GLASS_OPENED, mail=Pace.OFF)
    for number in range(7):
        await parts.notices.tell([actor.account_id], Kind.BREAK_GLASS_OPENED, "conversation", f"c{number}")
    assert await parts.mailed(email) == 7
    letter = parts.sink.to(email)[0]
    assert letter.link == f"{_ROOT}/akun#access"
    assert letter.message["List-Unsubscribe"] is None
    assert "c0" not in letter.text
    await parts.queue.close()


async def test_letters_at_once_are_stopped_with_one_request(parts: _Parts) -> None:
    """RFC 8058: both headers, one address that needs nothing else; in the person's language."""
    actor, email = await parts.account(locale="en")
    await parts.notices.choose(actor, Kind.FORUM_MENTION, mail=Pace.IMMEDIATE)
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.1")
    assert await parts.mailed(email) == 1
    (letter,) = parts.sink.to(email)
    address = str(letter.message["List-Unsubscribe"]).strip("<>")
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address.startswith(f"{_ROOT}/unsubscribe?t=")
    assert address in letter.text
    assert f'href="{address}"' in letter.html
    assert f"{_ROOT}/pemberitahuan" in letter.text
    token = address.partition("?t=")[2]
    assert parts.notices.stops(token) is Kind.FORUM_MENTION
    assert await parts.notices.stop(token)
    assert await parts.notices.stop(token)
    assert not await parts.notices.stop(token[:-1] + "x")
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.2")
    assert await parts.mailed(email) == 1
    assert (await parts.notices.choices(actor))[Kind.FORUM_QUOTE].mail is Pace.DAILY


async def test_who_gets_many_letters_gets_the_rest_once_a_day(parts: _Parts) -> None:
    """Nobody's mailbox is filled, and nothing is lost."""
    actor, email = await parts.account()
    parts.build(SlidingLimiter())
    await parts.queue.start()
    await parts.notices.choose(actor, Kind.FORUM_MENTION, mail=Pace.IMMEDIATE)
    for number in range(8):
        await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", f"t.{number}")
    assert await parts.mailed(email) == 5
    desk = (await parts.desks.desks([actor.account_id]))[actor.account_id]
    assert desk.pending == {Pace.DAILY: 3}
    await parts.queue.close()


async def test_no_letters_to_addresses_that_nobody_has_shown_to_be_theirs(parts: _Parts) -> None:
    """Somebody else may have registered with them."""
    actor, email = await parts.account(verified=False)
    await parts.notices.tell([actor.account_id], Kind.BREAK_GLASS_OPENED, "conversation", "c")
    assert await parts.mailed(email) == 0
    assert await parts.notices.unread(actor) == 1


async def test_a_digest_goes_out_once(parts: _Parts) -> None:
    """In the morning, with a number and nothing else; not before, and not again."""
    actor, email = await parts.account()
    for number in range(3):
        await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", f"t.{number}")
    assert await parts.digests.send_due() == 0
    due = (await parts.desks.desks([actor.account_id]))[actor.account_id].due[Pace.DAILY]
    parts.clock.now = due
    assert await parts.digests.send_due() == 1
    assert await parts.digests.send_due() == 0
    assert await parts.mailed(email) == 1
    (letter,) = parts.sink.to(email)
    assert ": 3." in letter.text
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    parts.clock.now += timedelta(days=2)
    assert await parts.digests.send_due() == 0
    await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", "t.9")
    parts.clock.now += timedelta(days=1)
    assert await parts.digests.send_due() == 1
    assert await parts.mailed(email) == 2


async def test_a_digest_of_what_was_read_or_stopped_is_not_sent(parts: _Parts) -> None:
    """There is nothing to tell of, or nobody who wants it."""
    (reader, first), (stopper, second) = await parts.account(), await parts.account()
    await parts.notices.tell([reader.account_id, stopper.account_id], Kind.FORUM_TOPIC, "post", "t.1")
    await parts.notices.mark_all_read(reader)
    address = parts.notices.links_of_digest(stopper.account_id, Pace.WEEKLY)("id")["unsubscribe"]
    assert await parts.notices.stop(address.partition("?t=")[2])
    parts.clock.now += timedelta(days=8)
    assert await parts.digests.send_due() == 0
    assert (await parts.mailed(first), await parts.mailed(second)) == (0, 0)
    assert await parts.database["mail_queue"].find_one({}) is None


@pytest.mark.parametrize("step", ["hold", "claim", "release", "finish"])
async def test_a_kill_between_two_steps_sends_neither_twice_nor_never(parts: _Parts, step: str) -> None:
    """Whatever a process had done when it ended, the next brings it to its end, and a third finds nothing to do."""
    actor, email = await parts.account()
    await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", "t.1")
    parts.clock.now += timedelta(days=1)

    class _Killed(Exception):
        pass

    class _Mortal:
        """Passes everything on; the process ends once the named step is done."""

        def __init__(self, inner: object) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            method = getattr(self._inner, name)

            async def call(*arguments: object, **options: object) -> object:
                answer = await method(*arguments, **options)
                if name == step:
                    raise _Killed
                return answer

            return call

    dying = Digests(_Mortal(parts.desks), _Mortal(parts.post), parts.notices.links_of_digest, parts.clock)  # type: ignore[arg-type]  # passes all on
    with pytest.raises(_Killed):
        await dying.send_due()
    await parts.queue.close()
    for _ in range(2):
        parts.build(Unlimited())
        await parts.queue.start()
        await parts.digests.recover()
        await parts.digests.send_due()
        assert await parts.mailed(email) == 1
        await parts.queue.close()
    await parts.queue.start()


async def test_letters_that_were_never_let_go_are_dropped(parts: _Parts) -> None:
    """After days nobody claims them any more."""
    actor, email = await parts.account()
    links = parts.notices.links_of_digest(actor.account_id, Pace.DAILY)
    await parts.post.hold(actor.account_id, "digest_daily", links, letter_id="d1", values={"count": "1"})
    await parts.post.hold(actor.account_id, "digest_daily", links, letter_id="d1", values={"count": "1"})
    await parts.queue.close()
    parts.clock.now += timedelta(days=3)
    parts.build(Unlimited())
    await parts.queue.start()
    await parts.post.release("d1")
    assert await parts.mailed(email) == 0
    assert await parts.database["mail_queue"].find_one({}) is None


async def test_a_push_carries_nothing_and_is_signed(parts: _Parts) -> None:
    """An empty request with our signature, to each device of those who want it; at rest no address can be read."""
    (actor, _), (other, _) = await parts.account(), await parts.account()
    endpoint = f"{parts.service.origin}/device/1"
    device = await parts.push.add(actor, endpoint)
    assert await parts.push.add(actor, endpoint) == device
    await parts.push.add(actor, f"{parts.service.origin}/device/2")
    document = await parts.database["push_subscriptions"].find_one({"_id": device.id})
    assert b"device" not in document["endpoint"]
    assert str(parts.service.port) not in str(document)
    await parts.notices.tell([actor.account_id, other.account_id], Kind.FORUM_MENTION, "post", "t.1")
    await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", "t.2")
    await parts.service.count(2)
    assert {item.path for item in parts.service.pushed} == {"/device/1", "/device/2"}
    for item in parts.service.pushed:
        assert item.body == b""
        assert (item.headers["Topic"], item.headers["TTL"]) == ("amanah", "86400")
        claims = claims_of(item.headers["Authorization"], parts.push.public_key)
        assert claims["aud"] == parts.service.origin
        assert actor.account_id not in str(item.headers)


async def test_devices_that_are_gone_are_forgotten(parts: _Parts) -> None:
    """404 and 410 say so for good; other answers don't; nobody is followed elsewhere."""
    actor, _ = await parts.account()
    answers = {"/a": 404, "/b": 410, "/c": 503, "/d": 429, "/e": 301, "/f": 201}
    for path, status in answers.items():
        parts.service.answer(path, status)
        await parts.push.add(actor, parts.service.origin + path)
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.1")
    await parts.service.count(6)

    async def is_forgotten() -> bool:
        return len(await parts.push.list(actor)) == 4

    await eventually(is_forgotten, "two are forgotten")
    left = {item.endpoint.removeprefix(parts.service.origin) for item in await parts.push.list(actor)}
    assert left == {"/c", "/d", "/e", "/f"}
    assert "/elsewhere" not in {item.path for item in parts.service.pushed}


async def test_devices_are_ones_own(parts: _Parts) -> None:
    """A browser that somebody else signs in with is theirs from then on; and there is an end to how many."""
    (actor, _), (other, _) = await parts.account(), await parts.account()
    endpoint = f"{parts.service.origin}/shared"
    mine = await parts.push.add(actor, endpoint)
    theirs = await parts.push.add(other, endpoint)
    assert await parts.push.list(actor) == []
    with pytest.raises(NotFound):
        await parts.push.remove(actor, theirs.id)
    with pytest.raises(NotFound):
        await parts.push.remove(actor, mine.id)
    await parts.push.remove(other, theirs.id)
    assert await parts.push.list(other) == []
    for number in range(MOST_DEVICES):
        await parts.push.add(actor, f"{parts.service.origin}/{number}")
    with pytest.raises(Conflict):
        await parts.push.add(actor, f"{parts.service.origin}/more")
    with pytest.raises(InvalidInput):
        await parts.push.add(actor, "https://169.254.169.254/latest")


async def test_an_erased_person_is_not_woken(parts: _Parts) -> None:
    """The address of the device went with the key."""
    actor, _ = await parts.account()
    await parts.push.add(actor, f"{parts.service.origin}/a")
    await parts.vault.destroy_key(actor.account_id)
    assert await parts.push.list(actor) == []


async def test_names_that_lead_inside_are_not_followed() -> None:
    """A name of the internet may have an address of ours; only the operator vouches for such."""
    with pytest.raises(OSError, match="inside"):
        await OutsideOnly(frozenset()).resolve("localhost", 443)
    assert await OutsideOnly(frozenset({"localhost"})).resolve("localhost", 443)
