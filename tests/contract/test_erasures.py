"""The job of an erasure on the real store: in order, gone on with where it was left, by one of several, taken back."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, NotFound, NotPermitted, Unavailable
from server.kernel.fresh import FreshWindow
from server.kernel.holdings import Fate, Held, Piece
from server.kernel.ids import new_id
from server.limits import Unlimited
from server.rights.erasure import Erasures, Rules, Signed
from server.rights.erasure_model import Erasure, Failure, Proof
from server.rights.erasure_store import ERASURE_COLLECTIONS, MongoErasureStore
from server.storage.mongo import Collection, Database, Document
from server.storage.schema import apply
from tests.harness.database import TO_COME

_KEY = bytes(32)
_WEEK = timedelta(days=7)


@dataclass
class Shelf:
    """Holdings of a small capability: so many things of each person. Fails as often as it is told to, half-way."""

    name: str
    things: dict[str, int]
    order: list[str]
    failures: int = 0
    failing: Exception | None = None
    collections: tuple[str, ...] = ()

    async def held(self, person_id: str) -> Sequence[Held]:
        return (Held(self.name, self.things.get(person_id, 0), "support"),)

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        yield Piece(f"{self.name}.json", {"count": self.things.get(person_id, 0)}, "about")

    async def preview(self, person_id: str) -> Sequence[Fate]:
        return (Fate(self.name, self.things.get(person_id, 0)),)

    async def erase(self, person_id: str) -> Sequence[Fate]:
        # Others get their turn in the middle of it.
        await asyncio.sleep(0)
        if self.things.get(person_id, 0) > 1:
            self.things[person_id] -= 1
        if self.failures:
            self.failures -= 1
            raise self.failing or Unavailable
        self.order.append(self.name)
        return (Fate(self.name, self.things.pop(person_id, 0)),)


@dataclass
class House:
    """What stands around: doors, keys, holds and a clock."""

    database: Database
    audit: AuditTrail
    now: datetime = TO_COME
    order: list[str] = field(default_factory=list)
    shelves: list[Shelf] = field(default_factory=list)
    list_of_erased: list[str] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    shut_out: list[str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    async def stands(self, account_id: str) -> bool:
        return account_id in self.held

    async def shut(self, account_id: str) -> None:
        self.shut_out.append(account_id)

    async def sign_out(self, account_id: str) -> None:
        del account_id

    async def destroy_key(self, account_id: str) -> None:
        self.order.append("key")
        self.list_of_erased.append(account_id)

    def erased(self) -> Sequence[str]:
        return list(self.list_of_erased)

    async def tell(self, account_id: str, letter: str, at: datetime) -> None:
        assert at >= self.now
        self.told.append((account_id, letter))

    def process(self, *, alone: bool = False) -> Erasures:
        """One server's."""
        return Erasures(
            MongoErasureStore(self.database),
            self.shelves,
            self,
            self,
            self,
            self.tell,
            _KEY,
            self.audit,
            Unlimited(),
            FreshWindow(timedelta(minutes=15), self.clock),
            self.clock,
            Rules(_WEEK, "Toko Contoh"),
            alone=alone,
        )

    def person(self, role: Role = Role.CUSTOMER) -> Actor:
        """Somebody who has just signed in, with three things on each shelf."""
        actor = Actor(new_id(), role, new_id(), "Toko Contoh", fresh_at=self.now)
        for shelf in self.shelves:
            shelf.things[actor.account_id] = 3
        return actor


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """On an empty store."""
    await apply(database, (*AUDIT_COLLECTIONS, *ERASURE_COLLECTIONS))
    house = House(database, AuditTrail(MongoAuditStore(database), _KEY))
    house.shelves = [Shelf(name, {}, house.order) for name in ("texts", "files", "account")]
    yield house
    await house.audit.close()


async def _failed(erasures: Erasures, officer: Actor, reference: str) -> Failure:
    found = await erasures.get(officer, reference)
    assert isinstance(found, Erasure)
    assert found.failed is not None
    return found.failed


async def test_it_waits_for_its_time_and_leaves_a_proof_of_nobody(house: House) -> None:
    one, person = house.process(), house.person()
    asked = await one.ask(person)
    assert house.told == [(person.account_id, "erasure_asked")]
    assert await one.carry_out() == 0
    with pytest.raises(Conflict):
        await one.ask(person)
    house.now += _WEEK
    assert await one.carry_out() == 1
    assert house.order == ["texts", "files", "account"] * 2 + ["key"]
    found = await one.proof(asked.secret)
    assert isinstance(found, Signed)
    assert {fate.kind: fate.gone for fate in found.proof.fates}["texts"] == 3
    assert "texts: 3 erased" in found.text
    for name in ("erasures", "erasure_proofs"):
        assert person.account_id not in repr(await house.database[name].find({}).to_list(None))
    assert await one.figures(_WEEK) == {"waiting": 0, "running": 0, "done": 1}
    with pytest.raises(NotFound):
        await one.proof("tidak ada")


class Meanwhile:
    """A collection of the real store; after the first look at any of them something else happens, once."""

    def __init__(self, collection: Collection, happens: list[Callable[[], Awaitable[object]]]) -> None:
        self._collection = collection
        self._happens = happens

    async def find_one(self, query: Document) -> Document | None:
        found: Document | None = await self._collection.find_one(query)
        while self._happens:
            await self._happens.pop()()
        return found


async def test_who_asks_while_it_becomes_a_proof_finds_one_of_both(house: House) -> None:
    """There is no moment in which the person is told that there is none."""
    one = house.process()
    secret = (await one.ask(house.person(Role.VISITOR))).secret
    happens: list[Callable[[], Awaitable[object]]] = [one.carry_out]
    turning: Any = {spec.name: Meanwhile(house.database[spec.name], happens) for spec in ERASURE_COLLECTIONS}
    store = MongoErasureStore(turning)
    found = [await store.by_secret(hashlib.sha256(secret.encode()).hexdigest()) for _ in range(2)]
    assert [type(item) for item in found] == [Erasure, Proof]


async def test_a_step_that_fails_is_gone_on_with_and_nothing_is_counted_twice(house: House) -> None:
    one, person = house.process(), house.person(Role.VISITOR)
    asked = await one.ask(person)
    house.shelves[1].failures = 2
    for _ in range(2):
        with pytest.raises(Unavailable):
            await one.carry_out()
    waiting = await one.proof(asked.secret)
    assert isinstance(waiting, Erasure)
    assert waiting.done == ("1/texts",)
    assert await house.process().carry_out() == 1
    assert house.order == ["texts", "files", "account", "texts", "files", "account", "key"]
    done = await one.proof(asked.secret)
    assert isinstance(done, Signed)
    # What was there when it began, though a part of it went before the failure.
    assert {fate.kind: fate.gone for fate in done.proof.fates}["files"] == 3


async def test_a_step_that_fails_is_shown_and_waited_for_longer_each_time(house: House) -> None:
    """Others go on; after the first failure it is tried again in half a minute, after the second in a minute."""
    one, person, other = house.process(), house.person(Role.VISITOR), house.person(Role.VISITOR)
    officer = house.person(Role.PRIVACY_OFFICER)
    asked = await one.ask(person)
    house.shelves[1].failures, house.shelves[1].failing = 1, ValueError()
    assert await one.carry_out() == 0
    assert await one.waiting() == (1, 1)
    await one.ask(other)
    assert await one.carry_out() == 1
    assert other.account_id in house.list_of_erased
    house.shelves[1].failures = 1
    for seconds in (30, 60):
        failed = await _failed(one, officer, asked.erasure.reference)
        assert (failed.step, failed.again_at - failed.at) == ("files", timedelta(seconds=seconds))
        house.now = failed.again_at - timedelta(seconds=1)
        assert await one.carry_out() == 0
        house.now = failed.again_at
        await one.carry_out()
    found = await one.get(officer, asked.erasure.reference)
    assert isinstance(found, Signed)
    assert await one.waiting() == (0, 0)


async def test_of_two_officers_one_lets_it_go_on(house: House) -> None:
    one, person = house.process(), house.person(Role.VISITOR)
    officers = [house.person(Role.PRIVACY_OFFICER), house.person(Role.PRIVACY_OFFICER)]
    asked = await one.ask(person)
    reference = asked.erasure.reference
    with pytest.raises(NotPermitted):
        await one.run_again(person, reference, 1)
    with pytest.raises(Conflict):
        await one.run_again(officers[0], reference, 1)
    house.shelves[0].failures, house.shelves[0].failing = 1, ValueError()
    assert await one.carry_out() == 0
    told = await asyncio.gather(*(one.run_again(officer, reference, 1) for officer in officers), return_exceptions=True)
    assert sorted(type(answer) for answer in told if answer is not None) == [Conflict]
    assert await one.carry_out() == 1
    with pytest.raises(NotFound):
        await one.run_again(officers[0], reference, 1)
    blocks = [line async for block in house.database["audit_blocks"].find({}) for line in [repr(block)]]
    assert sum(line.count("rights:erasure:hurried") for line in blocks) == 1


async def test_of_two_servers_one_does_it(house: House) -> None:
    person = house.person(Role.VISITOR)
    one, two = house.process(), house.process()
    await one.ask(person)
    assert sorted(await asyncio.gather(one.carry_out(), two.carry_out())) == [0, 1]
    assert house.list_of_erased == [person.account_id]


async def test_what_a_dead_server_has_is_another_ones_after_the_lease(house: House) -> None:
    person, store = house.person(Role.VISITOR), MongoErasureStore(house.database)
    one = house.process()
    await one.ask(person)
    assert await store.claim(person.account_id, "mati", house.now, house.now + timedelta(minutes=2))
    assert await one.carry_out() == 0
    house.now += timedelta(minutes=2)
    assert await one.carry_out() == 1


async def test_a_server_that_is_alone_waits_for_nobody(house: House) -> None:
    person, store = house.person(Role.VISITOR), MongoErasureStore(house.database)
    await house.process().ask(person)
    assert await store.claim(person.account_id, "mati", house.now, house.now + timedelta(minutes=2))
    await store.release_all()
    assert await house.process(alone=True).carry_out() == 1


async def test_a_hold_makes_it_wait_and_it_can_be_taken_back(house: House) -> None:
    one, person = house.process(), house.person()
    await one.ask(person)
    house.held.add(person.account_id)
    house.now += _WEEK
    assert await one.waits_for_hold(person.account_id)
    assert await one.carry_out() == 0
    await one.cancel(person)
    assert house.told[-1] == (person.account_id, "erasure_cancelled")
    assert await one.standing(person) is None
    house.held.clear()
    assert await one.carry_out() == 0
    assert house.shelves[0].things == {person.account_id: 3}
    with pytest.raises(NotFound):
        await one.cancel(person)


async def test_staff_do_not_erase_themselves(house: House) -> None:
    with pytest.raises(NotPermitted):
        await house.process().ask(house.person(Role.AGENT))


async def test_what_a_backup_brings_back_is_erased_before_anything_else(house: House) -> None:
    """The list beside the master key knows them; the store of the backup does not."""
    person = house.person()
    house.list_of_erased.append(person.account_id)
    one = house.process(alone=True)
    await one.start()
    await one.close()
    assert house.shelves[0].things == {}
    assert await MongoErasureStore(house.database).proofs(house.now - _WEEK) == []
    done = len(house.order)
    again = house.process(alone=True)
    await again.start()
    await again.close()
    assert len(house.order) == done
