"""The gate, permissions and help articles on the real store and behind the real redactor."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nlp.pool import RedactorPool
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.composition.opening import Gatekeeper
from server.composition.permitting import PUBLICATION_COLLECTIONS
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.publishing import PublicationRefused, PublicUse
from server.kernel.text import RawText, RedactedText
from server.limits import Unlimited
from server.publication.articles import Articles, Source
from server.publication.gate import Gate
from server.publication.model import Method
from server.publication.permissions import Permissions
from server.publication.store import MongoArticleStore, MongoPermissionStore
from server.publication.testimonials import Impression
from server.publication.testimonials import Testimonials as Praise
from server.statements import Statements
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.store import VAULT_COLLECTIONS
from tests.harness.correcting import now
from tests.harness.keys import vault_on

_KEY = b"t" * 32
_PERSON = Actor("a1", Role.CUSTOMER, "s1", "Toko")
_OTHER = Actor("a2", Role.CUSTOMER, "s2", "Toko")
_STAFF = Actor("b1", Role.AGENT, "s3", "Uji")
_SECOND = Actor("b2", Role.MODERATOR, "s4", "Uji")
_CALLER = Caller("203.0.113.0/24")
_SAID = RedactedText("Kasirnya cepat dan mudah dipakai.")
_WROTE = "toko kami sering kehabisan kertas struk pada malam hari dan kasir lalu bingung"


@dataclass
class _Hall:
    """What is there beside the services: who signs how, impressions, conversations, the time."""

    method: Method = Method.PASSWORD
    told: list[str] = field(default_factory=list)
    gone: bool = False
    ahead: timedelta = timedelta()

    async def prove(
        self, actor: Actor, caller: Caller, password: str, code: str, credential: Mapping[str, Any] | None
    ) -> Method:
        if password != "benar":
            raise InvalidInput(fields={"password": "wrong_password"})
        return self.method

    async def permission_asked(self, person_id: str, permission_id: str) -> None:
        self.told.append(person_id)

    async def find(self, number: int) -> Impression | None:
        return Impression("i1", "a1", _SAID) if number == 1 else None

    async def is_there(self, item_id: str) -> bool:
        return not self.gone

    async def source(self, actor: Actor, conversation_id: str) -> Source:
        if actor not in {_STAFF, _SECOND}:
            raise NotPermitted
        return self._source()

    async def concerned(self, conversation_id: str) -> Source | None:
        return self._source()

    def _source(self) -> Source:
        wrote: Sequence[RedactedText] = [RedactedText(_WROTE)]
        return Source("a1", wrote, _WROTE)


@dataclass
class _House:
    hall: _Hall
    gate: Gate
    permissions: Permissions
    testimonials: Praise
    articles: Articles

    async def signed(self, number: int = 1, *, named: bool = False) -> str:
        """Ask and sign; give the id."""
        asked = await self.testimonials.ask(_STAFF, number, 30)
        await self.sign(asked.id, named=named)
        return asked.id

    async def sign(self, permission_id: str, *, named: bool = False, who: Actor = _PERSON, name: str = "Ratna") -> None:
        await self.permissions.sign(
            who,
            _CALLER,
            permission_id,
            name=name,
            password="benar",
            code="",
            locale="id",
            named=named,
        )

    async def shown(self) -> list[tuple[str, str | None]]:
        return [(one.permission.text.value, one.name) for one in await self.testimonials.shown()]


@pytest.fixture
async def house(database: Database, pool: RedactorPool, tmp_path: Path) -> AsyncIterator[_House]:
    await apply(database, (*PUBLICATION_COLLECTIONS, *AUDIT_COLLECTIONS, *VAULT_COLLECTIONS))
    trail, vault = AuditTrail(MongoAuditStore(database), _KEY), vault_on(database, tmp_path)
    await vault.make_key("a1")
    hall, store = _Hall(), MongoPermissionStore(database)
    intake = Intake(Gatekeeper(pool), _KEY)
    statements = Statements(_KEY, "permissions")

    permissions = Permissions(store, vault, hall, hall, statements, trail, Unlimited(), lambda: now() + hall.ahead)
    gate = Gate(intake, permissions)
    yield _House(
        hall,
        gate,
        permissions,
        Praise(store, permissions, gate, hall, trail, now),
        Articles(MongoArticleStore(database), intake, gate, hall, trail, Unlimited(), now),
    )
    await trail.close()


async def test_the_gate_refuses_what_identifies_without_permission(house: _House) -> None:
    """By the redactor's second run and by form; a permission helps only for its very text, use, object and person."""
    named = RedactedText("Ratna Wulandari dari Jalan Melati nomor 7 Bandung puas.")
    for use in (PublicUse.WEBHOOK, PublicUse.REGISTER, PublicUse.REPORT, PublicUse.HELP_ARTICLE):
        assert (await house.gate.examine(use, _SAID, ["a1"])).allowed
        assert "publication_identifies" in (await house.gate.examine(use, named, ["a1"])).reasons
        assert "publication_identifies" in (await house.gate.examine(use, named, [])).reasons
    assert (await house.gate.examine(PublicUse.TESTIMONIAL, _SAID, ["a1"])).reasons == ("publication_permission",)
    asked = await house.permissions.ask(_STAFF, "a1", PublicUse.WEBHOOK, "i9", named, 30)
    await house.sign(asked.id)
    assert (await house.gate.examine(PublicUse.WEBHOOK, named, ["a1"], object_id="i9")).allowed
    for use, people, object_id, text in (
        (PublicUse.REGISTER, ["a1"], "i9", named),
        (PublicUse.WEBHOOK, ["a1", "a2"], "i9", named),
        (PublicUse.WEBHOOK, ["a1"], "i8", named),
        (PublicUse.WEBHOOK, ["a1"], "i9", RedactedText(f"{named.value} Sekali.")),
    ):
        with pytest.raises(PublicationRefused):
            await house.gate.require(use, text, people, object_id=object_id)
    await house.permissions.end(_PERSON, asked.id)
    with pytest.raises(PublicationRefused):
        await house.gate.require(PublicUse.WEBHOOK, named, ["a1"], object_id="i9")


async def test_a_testimonial_is_shown_for_as_long_as_its_permission_stands(house: _House) -> None:
    """Asked by one, signed by the writer, looked at by another; gone with the next look once it is revoked."""
    asked = await house.testimonials.ask(_STAFF, 1, 30)
    assert house.hall.told == ["a1"]
    with pytest.raises(Conflict):
        await house.testimonials.ask(_STAFF, 1, 30)
    with pytest.raises(PublicationRefused):
        await house.testimonials.publish(_SECOND, asked.id)
    with pytest.raises(NotFound):
        await house.sign(asked.id, who=_OTHER)
    with pytest.raises(InvalidInput):
        await house.sign(asked.id, name="  ")
    await house.sign(asked.id, named=True)
    assert await house.shown() == [], "a signature alone publishes nothing"
    with pytest.raises(NotPermitted):
        await house.testimonials.publish(_STAFF, asked.id)
    await house.testimonials.publish(_SECOND, asked.id)
    assert await house.shown() == [(_SAID.value, "Ratna")]
    house.hall.gone = True
    assert await house.shown() == [], "nor what its writer took back"
    house.hall.gone = False
    house.hall.ahead = timedelta(days=31)
    assert await house.shown() == [], "nor after its time"
    house.hall.ahead = timedelta()
    assert await house.permissions.stands("a1", PublicUse.TESTIMONIAL, "i1")
    await house.permissions.end(_PERSON, asked.id)
    assert not await house.permissions.stands("a1", PublicUse.TESTIMONIAL, "i1")
    assert await house.shown() == []
    with pytest.raises(Conflict):
        await house.sign(asked.id)


async def test_a_signature_says_how_and_is_sealed(house: _House, database: Database) -> None:
    house.hall.method = Method.SECOND_FACTOR
    permission_id = await house.signed()
    kept = await database["permissions"].find_one({"_id": permission_id})
    assert kept is not None
    assert kept["method"] == "second_factor"
    assert "Ratna" not in str(kept)
    signed = await house.permissions.document(_PERSON, permission_id)
    stated = Statements(_KEY, "permissions").open(signed.note)
    assert (stated["name"], stated["text"], stated["method"]) == ("Ratna", _SAID.value, "second_factor")
    with pytest.raises(NotFound):
        await house.permissions.document(_OTHER, permission_id)
    assert await MongoPermissionStore(database).forget("a1") == 1
    assert await database["permissions"].find_one({}) is None


async def test_signing_and_ending_at_once_ends(house: _House) -> None:
    """Whichever comes first, nothing stands that was declined."""
    asked = await house.testimonials.ask(_STAFF, 1, 30)
    await asyncio.gather(house.sign(asked.id), house.permissions.end(_PERSON, asked.id), return_exceptions=True)
    [found] = await house.permissions.own(_PERSON)
    if found.ended_at is None:
        await house.permissions.end(_PERSON, asked.id)
    assert not await house.permissions.stands("a1", PublicUse.TESTIMONIAL, "i1")


async def test_an_article_is_looked_at_by_somebody_else(house: _House, database: Database) -> None:
    """About nobody, quoting nobody; versions stay, and what is written anew is public once it was looked at."""
    articles = house.articles
    made = await articles.write(_STAFF, RawText("Kertas struk habis"), RawText("Buka laci, lalu ganti kertas."), "c1")
    with pytest.raises(NotFound):
        await articles.read(made.number)
    with pytest.raises(NotPermitted):
        await articles.publish(_STAFF, made.number)
    await articles.publish(_SECOND, made.number)
    assert (await articles.read(made.number))[0].version == 1
    before = await database["help_versions"].find_one({})
    await articles.rewrite(_SECOND, made.number, RawText("Kertas struk habis"), RawText("Buka laci **bawah** dulu."))
    assert (await articles.read(made.number))[0].version == 1
    await articles.publish(_STAFF, made.number)
    shown, former = await articles.read(made.number)
    assert shown.version == 2
    assert [one.version for one in former] == [1]
    assert await database["help_versions"].find_one({"_id": f"{made.id}:1"}) == before
    assert [one.number for one in await articles.search(RedactedText("laci STRUK"))] == [made.number]
    assert await articles.search(RedactedText("laci kulkas")) == []
    await articles.withdraw(_STAFF, made.number)
    with pytest.raises(NotFound):
        await articles.read(made.number)
    assert await articles.search(None) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"Seorang pelanggan menulis: {_WROTE}.", "publication_quotes"),
        ("Hubungi 0812-9071-3648 kalau habis.", "publication_hidden"),
    ],
)
async def test_an_article_about_somebody_is_refused(house: _House, text: str, reason: str) -> None:
    made = await house.articles.write(_STAFF, RawText("Kertas struk"), RawText(text), "c1")
    with pytest.raises(PublicationRefused) as refused:
        await house.articles.publish(_SECOND, made.number)
    assert reason in refused.value.verdict.reasons
    with pytest.raises(NotPermitted):
        await house.articles.write(_PERSON, RawText("Judul"), RawText("Isi"), "c1")
