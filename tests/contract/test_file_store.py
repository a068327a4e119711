"""Files of conversations on a real store: whose they are, what is kept of them, when they go."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nlp.pool import RedactorPool
from server.composition.opening import Gatekeeper
from server.files.circles import NEW_FEEDBACK, of_item
from server.files.links import Link, Links
from server.files.model import KEPT_UNSENT, Cleaned, Sealing, Sizes, StoredFile, known, unknown
from server.files.service import FileService
from server.files.showing import FileViews
from server.files.store import FILE_COLLECTIONS, MongoFileStore
from server.files.workshop import Workshop
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attached
from server.kernel.disclosure import Purpose
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.text import RawText
from server.limits import Unlimited
from server.sealed.reveal_store import MongoRevealStore
from server.sealed.revealing import Revealing
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.service import Vault
from server.vault.store import VAULT_COLLECTIONS
from tests.harness.documents import pdf
from tests.harness.images import jpeg
from tests.harness.keys import vault_on
from tests.harness.trail_house import House

_BEGUN = datetime(2026, 11, 23, 2, tzinfo=UTC)
_TALK, _OTHER_TALK = "percakapan1", "percakapan2"


class Talks:
    """Conversations and sessions in memory: two of one customer."""

    def __init__(self, customer: Actor) -> None:
        self.customers = {_TALK: customer.account_id, _OTHER_TALK: customer.account_id}
        self.people = {customer.account_id: customer}
        self.sent: set[tuple[str, str, str]] = set()

    async def require_part(self, actor: Actor, circle_id: str) -> None:
        if actor.account_id not in self.people:
            raise NotFound

    async def person_of(self, circle_id: str, owner_id: str) -> str:
        return self.customers.get(circle_id, owner_id)

    async def opener(self, actor: Actor, circle_id: str) -> Callable[[StoredFile], bool]:
        return lambda _: actor.account_id in self.people

    async def note_reading(self, actor: Actor, conversation_id: str) -> None:
        if actor.account_id not in self.people:
            raise NotFound

    async def was_sent(self, conversation_id: str, account_id: str, client_message_id: str) -> bool:
        return (conversation_id, account_id, client_message_id) in self.sent

    async def actor_of(self, account_id: str, session_id: str) -> Actor | None:
        found = self.people.get(account_id)
        return found if found is not None and found.session_id == session_id else None

    async def record(self, actor: Actor, *, person_id: str, action: str, object_id: str, purpose: Purpose) -> None:
        """Nobody reads the log here."""

    async def require(self, actor: Actor) -> None:
        """Everybody has learnt how to keep data safe."""


class Huge:
    """Gives back what is larger than one piece of GridFS."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def clean(self, _data: bytes) -> Cleaned:
        """Of anything."""
        return Cleaned("application/pdf", self.content, text="Laporan bulan ini.")


class Place:
    """Files on a store, with a clock to turn."""

    def __init__(self, database: Database, house: House, vault: Vault, pool: RedactorPool) -> None:
        self.database = database
        self.now = _BEGUN
        self.vault = vault
        self.customer = Actor(new_id(), Role.CUSTOMER, new_id(), "Toko Contoh")
        self.talks = Talks(self.customer)
        self.house = house
        self.intake = Intake(Gatekeeper(pool), bytes(32))
        self.files = self.service(Workshop())
        self.views = FileViews(
            MongoFileStore(database),
            vault,
            self.talks,
            self.talks,
            Revealing(
                MongoRevealStore(database),
                self.intake,
                self.talks,
                self.talks,
                house.parts.trail,
                Unlimited(),
                lambda: self.now,
            ),
            Links(bytes(32)),
            Unlimited(),
            lambda: self.now,
        )

    def service(self, cleaner: Workshop | Huge) -> FileService:
        """The use cases, with something that cleans."""
        files = FileService(
            MongoFileStore(self.database),
            cleaner,
            None,
            self.intake,
            self.vault,
            self.house.parts.trail,
            Unlimited(),
            lambda: self.now,
            Sizes(),
        )
        files.ask(self.talks)
        return files

    async def add(self, data: bytes, files: FileService | None = None) -> Attached:
        """Upload a file for the first conversation."""
        return await (files or self.files).add(
            known(self.customer), _TALK, data, words=RawText("layar"), of_a_paper=False, sealed=False
        )

    async def sees(self, actor: Actor, file_id: str, talk: str = _TALK) -> bytes | None:
        """What somebody is shown of a file, by its address."""
        shown = await self.views.links(actor, talk, [file_id], None)
        if not shown:
            return None
        signature = shown[0].address.rpartition("signature=")[2]
        link = Link(file_id, "", actor.account_id, actor.session_id, shown[0].until, small=False)
        try:
            return (await self.views.open(link, signature))[1]
        except NotFound:
            return None

    async def count(self) -> list[int]:
        """How many files, contents and pieces are kept."""
        names = ("files", "file_content.files", "file_content.chunks")
        return [await self.database[name].count_documents({}) for name in names]


@pytest.fixture
async def place(database: Database, house: House, pool: RedactorPool, tmp_path: Path) -> Place:
    """Files, none yet."""
    await apply(database, (*FILE_COLLECTIONS, *VAULT_COLLECTIONS))
    place = Place(database, house, vault_on(database, tmp_path), pool)
    await place.vault.make_key(place.customer.account_id)
    return place


async def test_large_files_come_back_as_they_were(place: Place) -> None:
    """In several pieces, each sealed; the declared form of the collections fits what GridFS writes."""
    content = b"%PDF-" + os.urandom(2 * 1024 * 1024)
    file = await place.add(b"%PDF-1.7", place.service(Huge(content)))
    assert await place.sees(place.customer, file.id) == content
    assert await place.count() == [1, 1, 5]
    async for piece in place.database["file_content.chunks"].find({}):
        assert content[5:45] not in piece["data"]
    await apply(place.database, FILE_COLLECTIONS)


async def test_what_no_message_takes_goes_after_an_hour(place: Place) -> None:
    """With its content; what a message took stays, also when nobody came to say that it was sent."""
    loose, sent, lost = [(await place.add(jpeg())).id for _ in range(3)]
    author = place.customer.account_id
    await place.files.claim(place.customer, _TALK, "satu", [sent])
    await place.files.claim(place.customer, _TALK, "dua", [lost])
    place.talks.sent.add((_TALK, author, "satu"))
    place.now += KEPT_UNSENT
    assert await place.files.sweep() == 0
    place.now += timedelta(seconds=1)
    assert await place.files.sweep() == 2
    assert [await place.sees(place.customer, file) is not None for file in (loose, sent, lost)] == [False, True, False]
    place.now += KEPT_UNSENT * 2
    assert await place.files.sweep() == 0
    assert await place.count() == [1, 2, 2]
    await place.files.remove(_OTHER_TALK, [sent])
    assert await place.sees(place.customer, sent) is not None
    await place.files.remove(_TALK, [sent])
    await place.files.remove(_TALK, [sent])
    assert await place.count() == [0, 0, 0]


async def test_of_two_messages_one_gets_a_file(place: Place) -> None:
    """At the same moment; another after the first turned out not to be sent."""
    file = (await place.add(jpeg())).id
    both = await asyncio.gather(
        *(place.files.claim(place.customer, _TALK, key, [file]) for key in ("satu", "dua")), return_exceptions=True
    )
    place.talks.sent.add((_TALK, place.customer.account_id, "satu"))
    place.talks.sent.add((_TALK, place.customer.account_id, "dua"))
    assert sum(isinstance(item, tuple) for item in both) >= 1
    with pytest.raises(InvalidInput):
        await place.files.claim(place.customer, _TALK, "tiga", [file])
    place.talks.sent.clear()
    [again] = await place.files.claim(place.customer, _TALK, "tiga", [file])
    assert again.id == file
    await place.files.posted(_TALK, [file])
    with pytest.raises(InvalidInput):
        await place.files.claim(place.customer, _OTHER_TALK, "empat", [file])


async def test_files_go_with_a_visitor_into_their_account(place: Place) -> None:
    """And open still when the visitor's key is destroyed; those of other conversations do not."""
    moved = (await place.add(jpeg())).id
    account = Actor(new_id(), Role.CUSTOMER, new_id(), "Toko Contoh")
    await place.vault.make_key(account.account_id)
    place.talks.people[account.account_id] = account
    for _ in range(2):
        await place.files.hand_over(_TALK, place.customer.account_id, account.account_id)
    left = (await place.add(jpeg())).id
    await place.vault.destroy_key(place.customer.account_id)
    assert await place.sees(account, moved) is not None
    assert await place.sees(account, left) is None
    assert await place.sees(place.customer, left) is None


async def test_files_go_with_their_messages_into_another_conversation(place: Place) -> None:
    """Where they are found from then on."""
    file = (await place.add(jpeg())).id
    for _ in range(2):
        await place.files.move(_TALK, _OTHER_TALK, [file])
    assert await place.sees(place.customer, file) is None
    assert await place.sees(place.customer, file, _OTHER_TALK) is not None


async def test_all_files_of_a_person_are_removed(place: Place) -> None:
    """Whatever state they are in; repeating is harmless."""
    files = [(await place.add(jpeg())).id for _ in range(3)]
    await place.files.claim(place.customer, _TALK, "satu", files[:1])
    await place.files.posted(_TALK, files[:1])
    assert await place.files.forget_person(place.customer.account_id) == 3
    assert await place.files.forget_person(place.customer.account_id) == 0
    assert await place.count() == [0, 0, 0]


async def test_long_texts_are_redacted_to_their_end(place: Place) -> None:
    """Also where two of the windows meet in which they are read; equal numbers get equal placeholders."""
    number = "081298765432"
    lines = [f"Baris {'satu dua tiga ' * 4}\n" * fill + f"Telepon {number} ya.\n" for fill in range(20, 60, 3)]
    file = await place.add("".join(lines).encode())
    shown = await place.sees(place.customer, file.id)
    assert shown is not None
    assert shown.decode().count("⟦PHONE:1⟧") == len(lines)
    assert "0812" not in shown.decode()
    assert shown.decode().replace("⟦PHONE:1⟧", number) == "".join(lines)


async def test_why_a_file_is_sealed_is_kept(place: Place) -> None:
    """As a word."""
    await place.add(pdf("Hubungi 081298765432"))
    await place.add(pdf(""))
    found = [document["sealing"] async for document in place.database["files"].find({})]
    assert sorted(found) == sorted([Sealing.FOUND.value, Sealing.UNREAD.value])


async def test_files_of_feedback_wait_and_stand_under_whose_they_are(place: Place) -> None:
    """A crash between the item and its files loses none of these; an answer is its reader's when its writer is gone."""
    agent = Actor(new_id(), Role.AGENT, new_id(), "Petugas")
    await place.vault.make_key(agent.account_id)
    sent = [
        await place.files.add(known(agent), NEW_FEEDBACK, jpeg(), words=RawText(""), of_a_paper=False, sealed=False)
        for _ in range(2)
    ]
    file, loose = (one.id for one in sent)
    key, item = "ab" * 16, of_item(new_id())
    for _ in range(2):
        [claimed] = await place.files.claim_of(agent.account_id, NEW_FEEDBACK, key, [file])
        assert claimed.id == file
    with pytest.raises(InvalidInput):
        await place.files.claim_of(agent.account_id, NEW_FEEDBACK, "cd" * 16, [loose, loose])
    place.talks.sent.add((NEW_FEEDBACK, agent.account_id, key))
    place.now += KEPT_UNSENT + timedelta(seconds=1)
    assert await place.files.sweep() == 1
    assert await place.files.find_waiting(agent.account_id, [loose]) == ()
    for _ in range(2):
        await place.files.settle(item, [file], place.customer.account_id)
    await place.vault.destroy_key(agent.account_id)
    assert await place.sees(place.customer, file, item) is not None
    assert await place.sees(place.customer, file) is None
    assert await place.files.forget_person(place.customer.account_id) == 1
    assert await place.count() == [0, 0, 0]


async def test_the_key_of_nobody_goes_with_the_last_file(place: Place) -> None:
    """Who is not known has a key for these files alone, and nothing of it stays."""
    keys = place.database[VAULT_COLLECTIONS[0].name]
    before = await keys.count_documents({})
    nobody = unknown("rahasia formulir yang panjang", "jaringan")
    files = [
        await place.files.add(nobody, NEW_FEEDBACK, jpeg(), words=RawText(""), of_a_paper=False, sealed=False)
        for _ in range(2)
    ]
    await place.files.remove(NEW_FEEDBACK, [files[0].id])
    assert await keys.count_documents({}) == before + 1
    await place.files.remove(NEW_FEEDBACK, [files[1].id])
    assert await keys.count_documents({}) == before
    assert await place.count() == [0, 0, 0]
