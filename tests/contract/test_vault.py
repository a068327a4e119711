"""The vault on the real store: making, using, caching and destroying people's keys."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.accounts.model import Account
from server.accounts.service import UNVERIFIED
from server.accounts.store import ACCOUNT_COLLECTIONS, MongoAccountStore
from server.kernel.actor import Role
from server.kernel.errors import Conflict, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import SealedValue
from server.keyring import KeyringError
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.erased import ErasedFile
from server.vault.model import DestroyedKey, WrappedKey
from server.vault.service import Vault
from server.vault.store import VAULT_COLLECTIONS, MongoKeyStore
from tests.harness.keys import RING, masters, vault_on

_SECRET = "Budi Invented, 0812-0000-0000"


class _Counting(MongoKeyStore):
    """The store, counting how often and for how many it is asked."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked: list[int] = []

    async def find(self, account_ids: Sequence[str]) -> list[WrappedKey | DestroyedKey]:
        self.asked.append(len(account_ids))
        return await super().find(account_ids)


def _vault(store: MongoKeyStore, folder: Path, *, cached_keys: int = 100, steady: list[float] | None = None) -> Vault:
    moments = steady if steady is not None else [0.0]
    return Vault(
        store,
        masters(),
        ErasedFile(folder / "erased.ids"),
        lambda: datetime.now(UTC),
        cached_keys=cached_keys,
        steady=lambda: moments[0],
    )


@pytest.fixture
async def keyed(database: Database) -> Database:
    """A database with the collections."""
    await apply(database, (*VAULT_COLLECTIONS, *ACCOUNT_COLLECTIONS))
    return database


async def test_what_one_process_seals_another_opens(keyed: Database, tmp_path: Path) -> None:
    """And nothing readable lies in the store."""
    one, other = vault_on(keyed, tmp_path), vault_on(keyed, tmp_path)
    assert await one.make_key("a1")
    assert not await other.make_key("a1")
    sealed = await one.seal("a1", "forms/phone/7", _SECRET)
    assert await other.open_text("a1", "forms/phone/7", sealed) == _SECRET
    blob = await other.seal("a1", "files/1", b"\0\xff")
    assert await one.open("a1", "files/1", blob) == b"\0\xff"
    stored = await keyed["person_keys"].find_one({"_id": "a1"})
    assert stored is not None
    assert len(stored["wrapped"]) == 60
    assert _SECRET.encode() not in sealed


async def test_values_do_not_open_for_others(keyed: Database, tmp_path: Path) -> None:
    """Swapped between people or fields, or with the wrapped keys themselves swapped in the store."""
    vault = vault_on(keyed, tmp_path)
    for account_id in ("a1", "a2"):
        await vault.make_key(account_id)
    sealed = await vault.seal("a1", "accounts/email", _SECRET)
    for account_id, field in (("a2", "accounts/email"), ("a1", "accounts/name")):
        with pytest.raises(KeyringError):
            await vault.open(account_id, field, sealed)
    stored = await keyed["person_keys"].find_one({"_id": "a1"})
    assert stored is not None
    await keyed["person_keys"].update_one({"_id": "a2"}, {"$set": {"wrapped": stored["wrapped"]}})
    with pytest.raises(KeyringError):
        await vault_on(keyed, tmp_path).open("a2", "accounts/email", sealed)


async def test_another_master_key_opens_nothing(keyed: Database, tmp_path: Path) -> None:
    """The refusal names the key that is needed; under its name a wrong one is found out too."""
    vault = vault_on(keyed, tmp_path, masters(1))
    await vault.make_key("a1")
    sealed = await vault.seal("a1", "f", _SECRET)
    needed = masters(1).known[0].id
    with pytest.raises(KeyringError, match=needed):
        await vault_on(keyed, tmp_path, masters(2)).open("a1", "f", sealed)
    await keyed["person_keys"].update_one({"_id": "a1"}, {"$set": {"master_id": masters(2).known[0].id}})
    with pytest.raises(KeyringError):
        await vault_on(keyed, tmp_path, masters(2)).open("a1", "f", sealed)
    assert await vault_on(keyed, tmp_path, masters(2, 1)).make_key("a2")


async def test_without_a_key_nothing_is_sealed(keyed: Database, tmp_path: Path) -> None:
    """It could never be read again."""
    vault = vault_on(keyed, tmp_path)
    with pytest.raises(NotFound):
        await vault.seal("a1", "f", _SECRET)
    await vault.make_key("a1")
    await vault.discard_key("a1")
    with pytest.raises(NotFound):
        await vault.seal("a1", "f", _SECRET)
    assert await vault.make_key("a1")


async def test_lists_cost_a_query_for_fifty(keyed: Database, tmp_path: Path) -> None:
    """What is in memory costs none; what several ask for at once is asked for at most once each."""
    store = _Counting(keyed)
    vault = _vault(store, tmp_path, cached_keys=500)
    ids = [f"a{number}" for number in range(120)]
    for account_id in ids:
        await vault.make_key(account_id)
    values = [SealedValue(name, field, await vault.seal(name, field, name)) for name in ids for field in ("f", "g")]
    assert store.asked == []
    cold = _vault(store, tmp_path, cached_keys=500)
    assert await cold.open_many(values) == [value.account_id.encode() for value in values]
    assert store.asked == [120]
    assert await cold.open_many(values[::-1]) == [value.account_id.encode() for value in values[::-1]]
    assert store.asked == [120]
    assert await cold.open_many([]) == []


async def test_memory_is_bounded_in_number_and_time(keyed: Database, tmp_path: Path) -> None:
    """The keys used last stay; after ten minutes none does."""
    store, moments = _Counting(keyed), [0.0]
    vault = _vault(store, tmp_path, cached_keys=3, steady=moments)
    sealed = {}
    for account_id in ("a1", "a2", "a3", "a4"):
        await vault.make_key(account_id)
        sealed[account_id] = await vault.seal(account_id, "f", account_id)
    assert repr(vault) == "<Vault 3>"
    await vault.open("a2", "f", sealed["a2"])
    await vault.open("a1", "f", sealed["a1"])
    assert store.asked == [1]
    await vault.open("a2", "f", sealed["a2"])
    assert store.asked == [1]
    assert repr(vault) == "<Vault 3>"
    moments[0] = 601.0
    await vault.open("a2", "f", sealed["a2"])
    assert store.asked == [1, 1]


async def test_a_destroyed_key_is_gone_everywhere(keyed: Database, tmp_path: Path) -> None:
    """In this process at once, in another when it next reads the key; the word that it was stays, and the id is used
    up.
    """
    vault, moments = vault_on(keyed, tmp_path), [0.0]
    other = _vault(MongoKeyStore(keyed), tmp_path, steady=moments)
    for account_id in ("a1", "a2"):
        await vault.make_key(account_id)
    sealed = await vault.seal("a1", "f", _SECRET)
    assert await other.open_text("a1", "f", sealed) == _SECRET
    await vault.destroy_key("a1")
    assert await vault.open("a1", "f", sealed) is None
    moments[0] = 601.0
    assert await other.open("a1", "f", sealed) is None
    kept = await other.seal("a2", "f", "x")
    assert await vault.open_many([SealedValue("a1", "f", sealed), SealedValue("a2", "f", kept)]) == [None, b"x"]
    for refused in (vault.seal("a1", "f", "x"), vault.make_key("a1"), vault_on(keyed, tmp_path).make_key("a1")):
        with pytest.raises(NotFound):
            await refused
    stored = await keyed["person_keys"].find_one({"_id": "a1"})
    assert stored is not None
    assert set(stored) == {"_id", "place", "destroyed_at"}
    await vault.destroy_key("a1")
    assert await keyed["person_keys"].find_one({"_id": "a1"}) == stored


async def test_a_key_that_comes_back_is_destroyed_again(keyed: Database, tmp_path: Path) -> None:
    """An older copy of the database, put back past all commands: the list beside it remembers."""
    vault = vault_on(keyed, tmp_path)
    before = await keyed["person_keys"].find({}).to_list(None)
    for account_id in ("a1", "a2", "a3"):
        await vault.make_key(account_id)
    await vault.destroy_key("a3")
    before = await keyed["person_keys"].find({}).to_list(None)
    counted = await keyed["keystore"].find({}).to_list(None)
    sealed = await vault.seal("a1", "f", _SECRET)
    await vault.destroy_key("a1")
    for name, documents in (("person_keys", before), ("keystore", counted)):
        await keyed[name].delete_many({})
        await keyed[name].insert_many(documents)
    restarted = vault_on(keyed, tmp_path)
    assert await restarted.open_text("a1", "f", sealed) == _SECRET
    restarted = vault_on(keyed, tmp_path)
    assert await restarted.apply_erasures() == 1
    assert await restarted.open("a1", "f", sealed) is None
    assert await restarted.apply_erasures() == 0
    await restarted.seal("a2", "f", "x")


async def test_a_destruction_that_was_cut_short_is_done_at_the_next_start(keyed: Database, tmp_path: Path) -> None:
    """The list is written first."""
    vault = vault_on(keyed, tmp_path)
    await vault.make_key("a1")
    sealed = await vault.seal("a1", "f", _SECRET)
    ErasedFile(tmp_path / "erased.ids").add("a1")
    restarted = vault_on(keyed, tmp_path)
    await restarted.apply_erasures()
    assert await restarted.open("a1", "f", sealed) is None


async def test_a_lost_list_is_begun_anew(keyed: Database, tmp_path: Path) -> None:
    """A shorter list than the database has seen is another one: none of its lines is taken for done."""
    vault = vault_on(keyed, tmp_path)
    for account_id in ("a1", "a2", "a3"):
        await vault.make_key(account_id)
    await vault.destroy_key("a1")
    await vault.destroy_key("a2")
    (tmp_path / "erased.ids").unlink()
    sealed = await vault.seal("a3", "f", _SECRET)
    await vault.destroy_key("a3")
    assert await vault_on(keyed, tmp_path).open("a3", "f", sealed) is None


async def test_a_key_destroyed_while_it_is_read_is_not_kept(keyed: Database, tmp_path: Path) -> None:
    """It would open things for ten minutes more."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    class _Slow(MongoKeyStore):
        async def find(self, account_ids: Sequence[str]) -> list[WrappedKey | DestroyedKey]:
            found = await super().find(account_ids)
            entered.set()
            await go_on.wait()
            return found

    writer = vault_on(keyed, tmp_path)
    await writer.make_key("a1")
    sealed = await writer.seal("a1", "f", _SECRET)
    vault = _vault(_Slow(keyed), tmp_path)
    reading = asyncio.create_task(vault.open("a1", "f", sealed))
    await entered.wait()
    await vault.destroy_key("a1")
    go_on.set()
    await reading
    assert await vault.open("a1", "f", sealed) is None


async def test_lists_show_the_erased_without_a_name(keyed: Database, tmp_path: Path) -> None:
    """They do not fail, and others keep theirs; one query each for accounts and keys."""
    store = _Counting(keyed)
    vault = _vault(store, tmp_path)
    accounts = MongoAccountStore(keyed, vault, RING.index("accounts"))
    people = [
        Account(new_id(), Role.CUSTOMER, f"Nama {number}", f"orang{number}@contoh.example", "id", datetime.now(UTC))
        for number in range(3)
    ]
    for person in people:
        await accounts.insert_account(person, None)
    await vault.destroy_key(people[1].id)
    cold = MongoAccountStore(keyed, _vault(store, tmp_path), RING.index("accounts"))
    found = {item.id: item for item in await cold.find_accounts([person.id for person in people])}
    assert store.asked == [3]
    assert [found[person.id].display_name for person in people] == ["Nama 0", "", "Nama 2"]
    assert [found[person.id].email for person in people] == ["orang0@contoh.example", None, "orang2@contoh.example"]
    erased = await cold.find_account(people[1].id)
    assert erased is not None
    assert (erased.display_name, erased.email) == ("", None)


async def test_an_account_that_does_not_come_to_be_leaves_no_key(keyed: Database, tmp_path: Path) -> None:
    """Its address was taken."""
    accounts = MongoAccountStore(keyed, vault_on(keyed, tmp_path), RING.index("accounts"))
    first, second = (
        Account(new_id(), Role.CUSTOMER, "Nama", "sama@contoh.example", "id", datetime.now(UTC)) for _ in range(2)
    )
    await accounts.insert_account(first, None)
    with pytest.raises(Conflict):
        await accounts.insert_account(second, None)
    assert [item["_id"] async for item in keyed["person_keys"].find({})] == [first.id]


async def test_who_is_never_verified_leaves_no_key(keyed: Database, tmp_path: Path) -> None:
    """Accounts that wait longer than they may are gone with their keys; verified and younger ones stay."""
    store = MongoAccountStore(keyed, vault_on(keyed, tmp_path), RING.index("accounts"))
    now = datetime.now(UTC)
    made = {}
    for name, age, is_verified in (("old", 6.5, False), ("young", 5.5, False), ("known", 100, True)):
        account = Account(
            new_id(), Role.CUSTOMER, "Toko", f"{name}@contoh.example", "id", now - timedelta(days=age), is_verified
        )
        await store.insert_account(account, None)
        made[name] = account.id
    assert await store.drop_unverified(now - UNVERIFIED) == 1
    assert {found.id for found in await store.find_accounts(list(made.values()))} == {made["young"], made["known"]}
    kept = {document["_id"] async for document in keyed["person_keys"].find({})}
    assert kept == {made["young"], made["known"]}
