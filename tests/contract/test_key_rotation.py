"""Changing master keys, moving older databases and restoring them, on the real store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.accounts.resealing import find_first_root, reseal_accounts
from server.accounts.store import ACCOUNT_COLLECTIONS, MongoAccountStore
from server.composition.keys import key_migrations, keys_at_rest, open_keys, ring_of
from server.composition.opening import COLLECTIONS
from server.config import Settings
from server.keyring import Keyring, KeyringError, MasterKey
from server.storage.migrations import migrate
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.masters import KeyFile, Masters
from server.vault.model import MasterRecord, WrappedKey
from server.vault.rotation import Rotation, adopt_root
from server.vault.store import VAULT_COLLECTIONS, MongoKeyStore
from tests.harness.keys import key_file, masters, vault_on

_PEOPLE = 75


def _now() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


class _Interrupted(MongoKeyStore):
    """Stops working after some groups of keys."""

    groups = 0

    async def rewrap(self, pairs: Sequence[tuple[WrappedKey, WrappedKey]]) -> int:
        if self.groups == 0:
            raise ConnectionError
        self.groups -= 1
        return await super().rewrap(pairs)


@pytest.fixture
async def keyed(database: Database) -> Database:
    """A database with the collections."""
    await apply(database, (*VAULT_COLLECTIONS, *ACCOUNT_COLLECTIONS))
    return database


@pytest.fixture
async def filled(keyed: Database, tmp_path: Path) -> dict[str, bytes]:
    """People with a sealed value each, under the key of a file, and a root key: account -> sealed."""
    known = Masters(key_file(tmp_path / "master.key"))
    await adopt_root(MongoKeyStore(keyed), known.known[0], Keyring(b"r" * 32), _now)
    vault = vault_on(keyed, tmp_path, known, cached_keys=10)
    sealed = {}
    for number in range(_PEOPLE):
        await vault.make_key(f"a{number}")
        sealed[f"a{number}"] = await vault.seal(f"a{number}", "f", f"nilai {number}")
    return sealed


def _file(folder: Path) -> Masters:
    return Masters(KeyFile(folder / "master.key"))


async def _all_open(database: Database, folder: Path, known: Masters, sealed: dict[str, bytes]) -> bool:
    vault = vault_on(database, folder, known)
    texts = [await vault.open_text(account_id, "f", value) for account_id, value in sealed.items()]
    return texts == [f"nilai {number}" for number in range(_PEOPLE)]


async def _masters_in_use(database: Database) -> dict[str, int]:
    counts: dict[str, int] = {}
    async for item in database["person_keys"].find({"destroyed_at": {"$exists": False}}):
        counts[item["master_id"]] = counts.get(item["master_id"], 0) + 1
    return counts


async def test_everything_moves_to_the_new_key(keyed: Database, filled: dict[str, bytes], tmp_path: Path) -> None:
    """And opens with it alone; sealed values and lasting keys stay as they are; the destroyed stay destroyed."""
    await vault_on(keyed, tmp_path, _file(tmp_path)).make_key("gone")
    await vault_on(keyed, tmp_path, _file(tmp_path)).destroy_key("gone")
    old = _file(tmp_path).known[0]
    done = await Rotation(MongoKeyStore(keyed), _file(tmp_path), _now).rotate()
    fresh = _file(tmp_path)
    assert [key.id for key in fresh.known] == [done.key_id, old.id]
    assert (done.resumed, done.rewrapped) == (False, _PEOPLE + 1)
    assert await _masters_in_use(keyed) == {done.key_id: _PEOPLE}
    assert await Rotation(MongoKeyStore(keyed), fresh, _now).forget(old.id) == 0
    alone = _file(tmp_path)
    assert len(alone.known) == 1
    assert await _all_open(keyed, tmp_path, alone, filled)
    assert (await ring_of(keyed, alone)).derive("audit") == Keyring(b"r" * 32).derive("audit")
    assert await vault_on(keyed, tmp_path, alone).open("gone", "f", filled["a0"]) is None


@pytest.mark.parametrize("groups", [0, 1, 3])
async def test_an_interrupted_rotation_is_finished_with_its_own_key(
    keyed: Database, filled: dict[str, bytes], tmp_path: Path, groups: int
) -> None:
    """Everything opens in between; the next call makes no further key, the one after it does."""
    store = _Interrupted(keyed)
    store.groups = groups
    with pytest.raises(ConnectionError):
        await Rotation(store, _file(tmp_path), _now).rotate()
    halfway = _file(tmp_path)
    assert len(halfway.known) == 2
    in_use = await _masters_in_use(keyed)
    moved = in_use.get(halfway.known[0].id, 0)
    assert (moved > 0) is (groups > 0)
    assert moved < _PEOPLE
    assert await _all_open(keyed, tmp_path, halfway, filled)
    listed = await Rotation(MongoKeyStore(keyed), _file(tmp_path), _now).list()
    assert [(row.state, row.settled, row.persons) for row in listed.rows] == [
        ("current", False, moved),
        ("reading", True, _PEOPLE - moved),
    ]
    with pytest.raises(KeyringError, match="did not come to its end"):
        await Rotation(MongoKeyStore(keyed), _file(tmp_path), _now).forget(halfway.known[1].id)
    done = await Rotation(MongoKeyStore(keyed), _file(tmp_path), _now).rotate()
    assert (done.key_id, done.resumed, done.rewrapped) == (halfway.known[0].id, True, _PEOPLE - moved)
    again = await Rotation(MongoKeyStore(keyed), _file(tmp_path), _now).rotate()
    assert (again.resumed, again.rewrapped) == (False, _PEOPLE + 1)
    assert len(_file(tmp_path).known) == 3


async def test_keys_written_and_destroyed_meanwhile_are_left_right(
    keyed: Database, filled: dict[str, bytes], tmp_path: Path
) -> None:
    """A server that has not seen the new key adds one under the old; another is destroyed just before its turn."""
    stale = masters()
    stale._keys = _file(tmp_path).known
    behind = vault_on(keyed, tmp_path, stale)

    class _Busy(MongoKeyStore):
        async def rewrap(self, pairs: Sequence[tuple[WrappedKey, WrappedKey]]) -> int:
            await behind.make_key("late")
            await behind.destroy_key("a7")
            return await super().rewrap(pairs)

    done = await Rotation(_Busy(keyed), _file(tmp_path), _now).rotate()
    assert await _masters_in_use(keyed) == {done.key_id: _PEOPLE}
    fresh = vault_on(keyed, tmp_path, _file(tmp_path))
    assert await fresh.open("a7", "f", filled["a7"]) is None
    assert await fresh.seal("late", "f", "x")


async def test_a_running_vault_learns_the_new_key(keyed: Database, filled: dict[str, bytes], tmp_path: Path) -> None:
    """It opens what was wrapped anew, and wraps with the new key from then on."""
    running = _file(tmp_path)
    vault = vault_on(keyed, tmp_path, running)
    done = await Rotation(MongoKeyStore(keyed), _file(tmp_path), _now).rotate()
    assert await vault.open_text("a0", "f", filled["a0"]) == "nilai 0"
    await vault.make_key("new")
    assert await _masters_in_use(keyed) == {done.key_id: _PEOPLE + 1}


async def test_a_key_that_is_needed_and_missing_stops_it(
    keyed: Database, filled: dict[str, bytes], tmp_path: Path
) -> None:
    """Nothing is marked as settled, and the list says what is missing."""
    path = tmp_path / "master.key"
    lost = _file(tmp_path).known[0]
    path.write_text(MasterKey(b"n" * 32).line())
    rotation = Rotation(MongoKeyStore(keyed), _file(tmp_path), _now)
    with pytest.raises(KeyringError, match=lost.id):
        await rotation.rotate()
    listed = await rotation.list()
    assert [(row.id, row.state, row.persons, row.root) for row in listed.rows] == [
        (MasterKey(b"n" * 32).id, "current", 0, False),
        (lost.id, "missing", _PEOPLE, True),
    ]
    path.write_text(f"{MasterKey(b'n' * 32).line()}\n{lost.line()}")
    assert (await rotation.rotate()).rewrapped == _PEOPLE + 1


async def test_what_must_not_be_forgotten_is_not(keyed: Database, filled: dict[str, bytes], tmp_path: Path) -> None:
    """The current key, an unknown one, one of another source."""
    rotation = Rotation(MongoKeyStore(keyed), _file(tmp_path), _now)
    for key_id, reason in ((_file(tmp_path).known[0].id, "current"), ("ffff", "no key with that id")):
        with pytest.raises(KeyringError, match=reason):
            await rotation.forget(key_id)
    with pytest.raises(KeyringError, match="take the key out there"):
        await Rotation(MongoKeyStore(keyed), masters(1), _now).forget("ffff")


async def test_keys_of_the_environment_rotate_by_hand(keyed: Database, tmp_path: Path) -> None:
    """The new one is put first; then the command wraps anew; without a new one it says what to do."""
    await adopt_root(MongoKeyStore(keyed), masters(1).known[0], Keyring(b"r" * 32), _now)
    await vault_on(keyed, tmp_path, masters(1)).make_key("a1")
    with pytest.raises(KeyringError, match="put a new key before it"):
        await Rotation(MongoKeyStore(keyed), masters(1), _now).rotate()
    done = await Rotation(MongoKeyStore(keyed), masters(2, 1), _now).rotate()
    assert (done.key_id, done.resumed, done.rewrapped) == (masters(2).known[0].id, True, 2)
    assert await vault_on(keyed, tmp_path, masters(2)).seal("a1", "f", "x")


async def test_the_day_of_first_use_stays(keyed: Database) -> None:
    """Whatever is written about a key later."""
    store = MongoKeyStore(keyed)
    await store.record_master(MasterRecord("k", _now(), settled=False))
    await store.record_master(MasterRecord("k", datetime(2027, 1, 1, tzinfo=UTC), settled=True))
    assert await store.masters() == [MasterRecord("k", _now(), settled=True)]


def _older_account(ring: Keyring, number: int) -> dict[str, Any]:
    """As an older version stored it."""
    account_id, sealer = f"a{number}", ring.sealer("accounts")
    document = {"_id": account_id, "role": "customer", "locale": "id", "created_at": _now()}
    document["name"] = sealer.seal(f"Nama {number}", f"{account_id}/name")
    if number % 3:
        document["email"] = sealer.seal(f"orang{number}@contoh.example", f"{account_id}/email")
        document["email_index"] = ring.index("accounts").of(f"orang{number}@contoh.example")
    return document


async def test_an_older_database_is_moved(keyed: Database, tmp_path: Path) -> None:
    """Interrupted and repeated; then names, addresses, look-ups and lasting keys are as they were."""
    known = masters(1)
    ring = known.known[0].as_root()
    await keyed["accounts"].insert_many([_older_account(ring, number) for number in range(40)])
    vault = vault_on(keyed, tmp_path, known)
    for number in (3, 4):
        await vault.make_key(f"a{number}")
    name = await vault.seal("a4", "accounts/name", "Nama 4")
    email = await vault.seal("a4", "accounts/email", "orang4@contoh.example")
    await keyed["accounts"].update_one({"_id": "a4"}, {"$set": {"name": name, "email": email}})
    settings = Settings(data_dir=tmp_path)
    assert await migrate(keyed, key_migrations(known, settings, _now)) == [1]
    keys = await open_keys(keyed, known, settings, _now)
    assert keys.ring.derive("audit") == ring.derive("audit")
    store = MongoAccountStore(keyed, keys.vault, keys.ring.index("accounts"))
    found = {account.id: account for account in await store.find_accounts([f"a{number}" for number in range(40)])}
    for number in range(40):
        account = found[f"a{number}"]
        assert account.display_name == f"Nama {number}"
        assert account.email == (f"orang{number}@contoh.example" if number % 3 else None)
    assert await store.find_credentials("orang7@contoh.example") is not None
    assert await reseal_accounts(keyed, ring, keys.vault) == 0


async def test_a_wrong_key_moves_nothing(keyed: Database, tmp_path: Path) -> None:
    """An older database with the key of another installation is left as it is."""
    await keyed["accounts"].insert_one(_older_account(masters(1).known[0].as_root(), 1))
    before = await keyed["accounts"].find_one({"_id": "a1"})
    with pytest.raises(KeyringError, match="another master key"):
        await migrate(keyed, key_migrations(masters(2), Settings(data_dir=tmp_path), _now))
    assert await keyed["accounts"].find_one({"_id": "a1"}) == before
    assert await keyed["keystore"].find({}).to_list(None) == []
    assert await migrate(keyed, key_migrations(masters(2, 1), Settings(data_dir=tmp_path), _now)) == [1]


async def test_one_damaged_account_does_not_keep_the_others_out(
    keyed: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left as it is, and counted in the log."""
    ring = masters(1).known[0].as_root()
    await keyed["accounts"].insert_many([_older_account(ring, number) for number in range(3)])
    await keyed["accounts"].update_one({"_id": "a0"}, {"$set": {"name": b"damaged"}})
    assert await find_first_root(keyed, [ring]) is not None
    assert await reseal_accounts(keyed, ring, vault_on(keyed, tmp_path)) == 2
    assert "1 accounts do not open" in caplog.text


async def test_a_fresh_installation_has_a_root_of_its_own(database: Database, tmp_path: Path) -> None:
    """Not derived from the master key: who finds an old master key alone has nothing."""
    await apply(database, COLLECTIONS)
    settings = Settings(data_dir=tmp_path)
    await migrate(database, key_migrations(masters(1), settings, _now))
    keys = await open_keys(database, masters(1), settings, _now)
    assert keys.ring.derive("audit") != masters(1).known[0].as_root().derive("audit")
    assert (await ring_of(database, masters(2, 1))).derive("audit") == keys.ring.derive("audit")
    await database["keystore"].delete_many({})
    with pytest.raises(KeyringError, match="root key is gone"):
        await open_keys(database, masters(1), settings, _now)


def test_two_commands_do_not_change_keys_at_once(tmp_path: Path) -> None:
    """The second says so."""
    with keys_at_rest(tmp_path, changing=True):
        for changing in (True, False):
            with pytest.raises(KeyringError, match="wait"), keys_at_rest(tmp_path, changing=changing):
                raise AssertionError
    with keys_at_rest(tmp_path), keys_at_rest(tmp_path):
        pass
