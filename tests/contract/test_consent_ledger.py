"""The consent ledger on the real store: append-only, with receipts, in two processes, with guardians."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.kernel.actor import Actor, Role
from server.kernel.errors import ConsentRequired, InvalidInput, NotFound
from server.limits import Unlimited
from server.notify.composing import Composer
from server.notify.service import MailQueue
from server.notify.smtp import MailServer, SmtpCarrier
from server.notify.store import MAIL_COLLECTIONS, MongoLetterStore
from server.privacy.guardian_store import MongoGuardianStore
from server.privacy.guardians import Guardianships, Links, Ward
from server.privacy.model import PURPOSES, Basis, Chooser, broken
from server.privacy.service import ConsentLedger
from server.privacy.store import PRIVACY_COLLECTIONS, MongoChoiceStore
from server.privacy.uses import USES, require_use
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.store import VAULT_COLLECTIONS
from server.web.catalogue import Catalogues
from tests.harness.correcting import now
from tests.harness.keys import RING, vault_on
from tests.harness.mail import MailSink
from tests.harness.process import eventually

_KEY = b"t" * 32
_PERSON = Actor("a1", Role.CUSTOMER, "s1", "Toko")


class _Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


class _Post:
    """Keeps where letters lead."""

    def __init__(self) -> None:
        self.links: list[str] = []

    async def write_to(self, address: str, letter: str, links: Links, *, about: str, locale: str) -> None:
        self.links.append(links(locale)["link"])

    @property
    def token(self) -> str:
        return self.links[-1].rpartition("/")[2]


@pytest.fixture
async def store(database: Database) -> Database:
    await apply(database, (*PRIVACY_COLLECTIONS, *AUDIT_COLLECTIONS, *VAULT_COLLECTIONS, *MAIL_COLLECTIONS))
    return database


@pytest.fixture
async def trail(store: Database) -> AsyncIterator[AuditTrail]:
    trail = AuditTrail(MongoAuditStore(store), _KEY)
    yield trail
    await trail.close()


def _ledger(store: Database, trail: AuditTrail, clock: _Clock | None = None) -> ConsentLedger:
    return ConsentLedger(MongoChoiceStore(store), trail, clock or now)


async def test_choices_are_only_added_and_chained(store: Database, trail: AuditTrail) -> None:
    """Two that choose at the same moment get a number each, and each follows on the other."""
    first, second = _ledger(store, trail), _ledger(store, trail)
    await asyncio.gather(
        first.choose("a1", "research", granted=True),
        second.choose("a1", "marketing", granted=True),
        first.choose("a1", "support_chat", granted=False),
    )
    before = await store["choices"].find({}).to_list(None)
    await second.choose("a1", "research", granted=False)
    history = await first.history("a1")
    assert [one.number for one in history] == [1, 2, 3, 4]
    assert broken(history) is None
    after = {one["_id"]: one for one in await store["choices"].find({}).to_list(None)}
    assert [after[one["_id"]] for one in before] == before, "nothing that was there is different"
    told = [block async for block in store["audit_blocks"].find({})]
    assert all(one.digest in str(told) for one in history), "the trail holds the digest of each"
    await store["choices"].update_one({"number": 2}, {"$set": {"granted": False, "version": 7}})
    assert broken(await first.history("a1")) == 3


async def test_a_withdrawal_holds_in_another_process(store: Database, trail: AuditTrail) -> None:
    """Of what needs consent with the next question; of what does not, as soon as the other process looks."""
    here, there = _ledger(store, trail), _ledger(store, trail)
    there.start()
    await here.choose("a1", "research", granted=True)
    await there.require("a1", "research")
    await there.require("a1", "support_chat")
    await here.choose("a1", "research", granted=False)
    assert await there.agreed("research") == []
    with pytest.raises(ConsentRequired):
        await there.require("a1", "research")
    await here.choose("a1", "support_chat", granted=False)

    async def is_refused() -> bool:
        try:
            await there.require("a1", "support_chat")
        except ConsentRequired:
            return True
        return False

    await eventually(is_refused, "the other process knows")
    await there.close()


async def test_a_letter_that_waits_in_another_process_is_not_sent(store: Database, trail: AuditTrail) -> None:
    sink = MailSink()
    await sink.start()
    here, there = _ledger(store, trail), _ledger(store, trail)
    letters = MongoLetterStore(store, RING.sealer("mail"))

    def queue() -> MailQueue:
        server = MailServer.parse(sink.url, "bantuan@toko.example", "Toko")
        return MailQueue(letters, SmtpCarrier(server, now), Composer(Catalogues.load(), "Toko"), now)

    values = {"link": "https://a.example/kabar/1", "account": "https://a.example/akun", "unsubscribe": ""}
    await here.choose("a1", "marketing", granted=True)
    await queue().mail("news", account_id="a1", to="ratna@contoh.example", locale="id", values=values)
    await here.choose("a1", "marketing", granted=False)
    working = queue()
    working.permit(there.stands)
    await working.start()

    async def is_empty() -> bool:
        return await store["mail_queue"].find_one({}) is None

    await eventually(is_empty, "the queue is empty")
    await working.close()
    await sink.stop()
    assert sink.letters == []


async def test_every_use_rests_on_something(store: Database, trail: AuditTrail) -> None:
    """By default: what needs consent is refused, what has another basis passes, what nobody declared is refused."""
    ledger = _ledger(store, trail)
    for name, use in USES.items():
        if use.basis is Basis.CONSENT:
            with pytest.raises(ConsentRequired):
                await require_use(ledger, "a1", name)
        else:
            await require_use(ledger, "a1", name)
    with pytest.raises(ConsentRequired):
        await require_use(ledger, "a1", "profiling")
    with pytest.raises(InvalidInput):
        await ledger.choose("a1", "profiling", granted=True)


async def test_figures_count_people(store: Database, trail: AuditTrail) -> None:
    ledger = _ledger(store, trail)
    for account, granted in (("a1", True), ("a2", True), ("a3", False)):
        await ledger.choose(account, "research", granted=True)
        await ledger.choose(account, "research", granted=granted)
    found = await ledger.figures()
    assert set(found) == set(PURPOSES)
    assert (found["research"].granted, found["research"].withdrawn, found["research"].standing) == (2, 1, 2)
    assert found["marketing"].granted == 0


# --- guardians -----------------------------------------------------------------------------------------------------


class _Family:
    """A person, a guardian's letters, and a time that moves."""

    def __init__(self, store: Database, trail: AuditTrail, folder: Path) -> None:
        self.clock, self.post = _Clock(), _Post()
        self.ledger = _ledger(store, trail, self.clock)
        self.vault = vault_on(store, folder)
        self.guardianships = Guardianships(
            MongoGuardianStore(store), self.ledger, self.vault, self.post, self._own, Unlimited(), trail, self.clock
        )

    async def _own(self, account_id: str) -> str | None:
        return "anak@contoh.example" if account_id == "a1" else None

    def born(self, years: int) -> date:
        return self.clock().date().replace(year=self.clock().year - years, day=1)


@pytest.fixture
async def family(store: Database, trail: AuditTrail, tmp_path: Path) -> _Family:
    family = _Family(store, trail, tmp_path)
    await family.vault.make_key("a1")
    return family


async def _declare(family: _Family, ward: Ward = Ward.MINOR, years: int = 15) -> None:
    await family.guardianships.declare(_PERSON, ward, family.born(years), "Ibu@contoh.example", "id")


@pytest.mark.parametrize("address", ["anak@contoh.example", " Anak@Contoh.example ", "anak+ibu@contoh.example"])
async def test_nobody_is_their_own_guardian(family: _Family, address: str) -> None:
    """The letter would come to the person, who would agree in the guardian's name."""
    with pytest.raises(InvalidInput) as refused:
        await family.guardianships.declare(_PERSON, Ward.MINOR, family.born(15), address, "id")
    assert refused.value.fields == {"guardian": "own_address"}
    assert await family.guardianships.of("a1") is None


async def test_a_minors_consent_needs_the_guardians(family: _Family, store: Database) -> None:
    """From the moment it is said; each can take it back alone; nothing that was asked lies open."""
    await family.ledger.choose("a1", "research", granted=True)
    await _declare(family)
    assert not await family.ledger.stands("a1", "research")
    kept = str(await store["guardianships"].find_one({"_id": "a1"}))
    assert "contoh" not in kept
    assert f"{family.born(15):%Y-%m}" not in kept
    assert family.post.token not in kept
    await family.guardianships.answer(family.post.token, "research", "id", granted=True)
    assert await family.ledger.agreed("research") == ["a1"]
    assert not await family.ledger.stands("a1", "marketing"), "a guardian alone agrees to nothing"
    await family.guardianships.answer(family.post.token, "research", "id", granted=False)
    assert await family.ledger.agreed("research") == []
    await family.guardianships.answer(family.post.token, "research", "id", granted=True)
    await family.ledger.choose("a1", "research", granted=False)
    assert not await family.ledger.stands("a1", "research")
    assert broken(await family.ledger.history("a1")) is None
    with pytest.raises(InvalidInput):
        await family.guardianships.answer(family.post.token, "support_chat", "id", granted=True)
    with pytest.raises(NotFound):
        await family.guardianships.by_token("x" * 32)


async def test_another_guardian_begins_anew(family: _Family) -> None:
    await family.ledger.choose("a1", "research", granted=True)
    await _declare(family)
    former = family.post.token
    await family.guardianships.answer(former, "research", "id", granted=True)
    family.clock.ahead = timedelta(minutes=1)
    await _declare(family)
    assert not await family.ledger.stands("a1", "research")
    with pytest.raises(NotFound):
        await family.guardianships.by_token(former)


async def test_it_ends_at_eighteen_and_asks_anew(family: _Family, store: Database) -> None:
    """By itself; what was agreed to as a minor ends with it."""
    await family.ledger.choose("a1", "research", granted=True)
    await _declare(family, years=17)
    await family.guardianships.answer(family.post.token, "research", "id", granted=True)
    assert await family.guardianships.sweep() == 0
    family.clock.ahead = timedelta(days=400)
    assert await family.guardianships.sweep() == 1
    assert await store["guardianships"].find_one({}) is None
    assert not await family.ledger.stands("a1", "research")
    assert (await family.ledger.history("a1"))[-1].by is Chooser.SYSTEM
    await family.ledger.choose("a1", "research", granted=True)
    assert await family.ledger.stands("a1", "research")


async def test_a_guardian_ends_it_and_adults_say_no_month(family: _Family, store: Database) -> None:
    with pytest.raises(InvalidInput):
        await _declare(family, years=19)
    with pytest.raises(InvalidInput):
        await family.guardianships.declare(_PERSON, Ward.GUARDED, None, "bukan alamat", "id")
    await _declare(family, Ward.GUARDED, years=40)
    kept = await store["guardianships"].find_one({"_id": "a1"})
    assert kept is not None
    assert "month" not in kept
    family.clock.ahead = timedelta(days=4000)
    assert await family.guardianships.sweep() == 0
    await family.guardianships.release(family.post.token)
    assert await family.guardianships.of("a1") is None
