"""A writer's own contact on the real store and behind the real redactor: asked for, signed, standing, ended, erased."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from nlp.pool import RedactorPool
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.composition.opening import Gatekeeper
from server.composition.permitting import PUBLICATION_COLLECTIONS
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.retention import nothing_held
from server.kernel.text import Numbering, RawText, template_of
from server.limits import Unlimited
from server.publication.contacts import ContactBook, ContactPlace, OwnContacts
from server.publication.holdings import PublicationHoldings
from server.publication.model import MOST_CONTACTS, Method, Permission, State
from server.publication.permissions import Permissions
from server.publication.retention import retention
from server.publication.store import MongoPermissionStore
from server.statements import Statements
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.service import Vault
from server.vault.store import VAULT_COLLECTIONS
from tests.harness.correcting import now
from tests.harness.keys import vault_on

_KEY = b"t" * 32
_PERSON = Actor("a1", Role.CUSTOMER, "s1", "Toko")
_OTHER = Actor("a2", Role.CUSTOMER, "s2", "Toko")
_CALLER = Caller("203.0.113.0/24")
_PHONE, _MAIL = "0812-9071-3648", "Toko.Melati@contoh.example"
_NAME = template_of(("Jual beli",)).fill(Numbering()).text
_PLACES = [ContactPlace("c1", "jual-beli", _NAME), ContactPlace("c2", "mitra", _NAME)]


@dataclass
class _Hall:
    """Who signs how, where contacts are allowed, and the time."""

    method: Method = Method.SECOND_FACTOR
    ahead: timedelta = timedelta()
    open: list[ContactPlace] = field(default_factory=lambda: list(_PLACES))

    async def prove(self, actor: Actor, caller: Caller, password: str, code: str, credential: object = None) -> Method:
        return self.method

    async def permission_asked(self, person_id: str, permission_id: str) -> None:
        raise AssertionError("nobody is told of what they ask for themselves")

    async def __call__(self, actor: Actor) -> Sequence[ContactPlace]:
        return self.open


@dataclass
class _House:
    hall: _Hall
    vault: Vault
    contacts: OwnContacts
    permissions: Permissions
    book: ContactBook
    store: MongoPermissionStore

    async def ask(self, contact: str = _PHONE, place: str = "c1", who: Actor = _PERSON, days: int = 30) -> Permission:
        return await self.contacts.ask(who, place, RawText(contact), contact, days)

    async def sign(self, permission: Permission, who: Actor = _PERSON) -> Permission:
        return await self.permissions.sign(
            who, _CALLER, permission.id, name="Ratna", password="x", code="", locale="id", named=False
        )

    async def standing(self, place: str = "c1", people: Sequence[str] = ("a1", "a2")) -> dict[str, list[str]]:
        found = await self.book.standing(people, place)
        return {person: sorted(one.value for one in signed) for person, signed in found.items()}


@pytest.fixture
async def house(database: Database, pool: RedactorPool, tmp_path: Path) -> AsyncIterator[_House]:
    await apply(database, (*PUBLICATION_COLLECTIONS, *AUDIT_COLLECTIONS, *VAULT_COLLECTIONS))
    trail, vault = AuditTrail(MongoAuditStore(database), _KEY), vault_on(database, tmp_path)
    for person in ("a1", "a2"):
        await vault.make_key(person)
    hall, store = _Hall(), MongoPermissionStore(database)

    intake, statements = Intake(Gatekeeper(pool), _KEY), Statements(_KEY, "permissions")
    contacts = OwnContacts(store, vault, intake, trail, Unlimited(), lambda: now() + hall.ahead)
    contacts.show_in(hall)
    permissions = Permissions(store, vault, hall, hall, statements, trail, Unlimited(), lambda: now() + hall.ahead)
    yield _House(hall, vault, contacts, permissions, ContactBook(store, vault, lambda: now() + hall.ahead), store)
    await trail.close()


async def test_a_contact_stands_from_its_signature_to_its_end(house: _House, database: Database) -> None:
    """For its person and its category; nothing of it is in the store in the clear, and nothing once it has ended."""
    asked = await house.ask()
    assert asked.text.value == "⟦PHONE:1⟧"
    assert await house.standing() == {}
    await house.sign(asked)
    assert await house.standing() == {"a1": [_PHONE]}
    assert await house.standing("c2") == {}
    assert await house.standing(people=["a2"]) == {}
    document = await database["permissions"].find_one({"_id": asked.id})
    assert document is not None
    kept = str(document)
    for piece in ("9071", "3648", "81290713648"):
        assert piece not in kept
    signed = await house.permissions.document(_PERSON, asked.id)
    assert signed.contact == _PHONE
    assert Statements(_KEY, "permissions").open(signed.note)["contact"] == _PHONE
    assert _PHONE not in repr(signed)
    house.hall.ahead = timedelta(days=31)
    assert await house.standing() == {}
    house.hall.ahead = timedelta()
    await house.permissions.end(_PERSON, asked.id)
    assert await house.standing() == {}
    document = await database["permissions"].find_one({"_id": asked.id})
    assert document is not None
    assert "contact" not in document
    assert (await house.permissions.document(_PERSON, asked.id)).contact is None


async def test_a_contact_whose_time_is_over_is_kept_no_longer(house: _House, database: Database) -> None:
    """The permission stays, for it says why something was public; a hold on its person keeps the contact too."""
    ended, standing = await house.ask(days=30), await house.ask(_MAIL, days=180)
    for one in (ended, standing):
        await house.sign(one)
    later = now() + timedelta(days=31)
    rules = retention(house.store)
    [rule] = [one for one in rules.rules if one.keep is not None]
    assert await rules.due(rule, later, frozenset) == (0, 1)
    assert await rules.sweep(rule, later, frozenset) == 0
    assert await rules.due(rule, later, nothing_held) == (1, 0)
    assert await rules.sweep(rule, later, nothing_held) == 1
    assert await rules.sweep(rule, later, nothing_held) == 0
    kept = {one["_id"]: "contact" in one async for one in database["permissions"].find({})}
    assert kept == {ended.id: False, standing.id: True}
    house.hall.ahead = timedelta(days=31)
    assert await house.standing() == {"a1": [_MAIL]}
    assert (await house.permissions.document(_PERSON, ended.id)).contact is None


async def test_what_is_signed_is_bound_to_the_very_contact(house: _House) -> None:
    """Another contact in the place of the one that was signed gives another digest, and opens for nothing else."""
    first, second = await house.ask(_PHONE), await house.ask(_MAIL)
    assert first.digest != second.digest
    await house.sign(first)
    sealed = await house.store.contact_of(second.id)
    assert sealed is not None
    with pytest.raises(NotFound):
        await house.permissions.document(_OTHER, first.id)
    with pytest.raises(NotFound):
        await house.permissions.get(first.id)
    assert await house.store.newest() == []
    assert {one.id for one in await house.permissions.own(_PERSON)} == {first.id, second.id}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hubungi saya",
        f"{_PHONE} atau {_MAIL}",
        f"Toko Melati {_PHONE}",
        "Jl. Kenangawangi No. 417, Sleman, Yogyakarta",
        "7281940563",
        "9" * 200,
    ],
)
async def test_only_one_phone_number_or_address_is_a_contact(house: _House, database: Database, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await house.ask(typed)
    assert set(refused.value.fields) == {"contact"}
    assert await database["permissions"].find_one({}) is None


async def test_who_may_ask_for_what(house: _House) -> None:
    """In a category that allows it, for a time that is offered, each contact once, and not too many of them."""
    with pytest.raises(InvalidInput):
        await house.ask(place="c9")
    with pytest.raises(InvalidInput):
        await house.ask(days=7)
    asked = await house.ask()
    with pytest.raises(Conflict):
        await house.ask("+62 812 9071 3648")
    assert (await house.ask(who=_OTHER)).person_id == "a2", "what is one's own is for everybody to say of themselves"
    assert (await house.ask(place="c2")).object_id == "c2"
    for number in range(1, MOST_CONTACTS):
        await house.ask(f"0857-2214-993{number}")
    with pytest.raises(Conflict):
        await house.ask(_MAIL)
    await house.permissions.end(_PERSON, asked.id)
    assert (await house.ask()).state is State.ASKED
    house.hall.open = []
    with pytest.raises(InvalidInput):
        await house.ask(_MAIL)


async def test_a_password_alone_signs_no_contact(house: _House) -> None:
    asked = await house.ask()
    house.hall.method = Method.PASSWORD
    with pytest.raises(InvalidInput) as refused:
        await house.sign(asked)
    assert refused.value.fields == {"code": "factor_first"}
    assert await house.standing() == {}
    with pytest.raises(NotFound):
        await house.sign(asked, _OTHER)


async def test_with_its_person_a_contact_goes(house: _House, database: Database) -> None:
    """By their key alone already, and the record with them; what they take along names it."""
    await house.sign(await house.ask())
    holdings = PublicationHoldings(database, house.vault)
    [piece] = [one async for one in holdings.pieces("a1")]
    assert _PHONE in str(piece.content)
    await house.vault.destroy_key("a1")
    assert await house.standing() == {}
    await holdings.erase("a1")
    assert await database["permissions"].find_one({}) is None


async def test_signing_and_revoking_at_once_leaves_nothing_standing(house: _House) -> None:
    asked = await house.ask()
    await asyncio.gather(house.sign(asked), house.permissions.end(_PERSON, asked.id), return_exceptions=True)
    [found] = await house.permissions.own(_PERSON)
    if found.ended_at is None:
        await house.permissions.end(_PERSON, asked.id)
    assert await house.standing() == {}
