"""Codes, passkeys and challenges on the real store: what is used up is used up once, also when many ask at once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.factors.codes import OneTimeCodes
from server.factors.model import (
    CHALLENGE,
    Ceremony,
    Challenge,
    DeviceKind,
    Passkey,
    code_of,
    digest_of,
    new_recovery_codes,
    recovery_digests,
    step_of,
)
from server.factors.store import FACTOR_COLLECTIONS, MongoFactorStore
from server.federation.model import State
from server.federation.store import FEDERATION_COLLECTIONS, MongoFederationStore
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, RateLimited
from server.kernel.ids import new_id
from server.limits import SlidingLimiter
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.service import Vault
from server.vault.store import VAULT_COLLECTIONS
from server.visits.service import Familiarity, VisitLog
from server.visits.store import VISIT_COLLECTIONS, MongoVisitStore
from tests.harness.database import TO_COME
from tests.harness.keys import vault_on

_SECRET = b"12345678901234567890"


@pytest.fixture
async def vault(database: Database, tmp_path: Path) -> Vault:
    await apply(database, (*VAULT_COLLECTIONS, *FACTOR_COLLECTIONS))
    return vault_on(database, tmp_path)


@pytest.fixture
async def store(database: Database, vault: Vault) -> MongoFactorStore:
    return MongoFactorStore(database, vault)


async def _enrolled(store: MongoFactorStore, vault: Vault, *recovery: str) -> str:
    account_id = new_id()
    await vault.make_key(account_id)
    await store.set_pending(account_id, _SECRET, TO_COME)
    assert await store.activate(account_id, TO_COME, _SECRET, 10, recovery, TO_COME)
    return account_id


def _passkey(account_id: str, credential: bytes, count: int = 0) -> Passkey:
    return Passkey(new_id(), account_id, credential, b"key", count, DeviceKind.PHONE, True, TO_COME, None)


async def test_a_secret_counts_from_its_first_code_on_and_is_sealed(
    store: MongoFactorStore, vault: Vault, database: Database
) -> None:
    account_id = new_id()
    await vault.make_key(account_id)
    assert await store.find_codes(account_id) is None
    await store.set_pending(account_id, _SECRET, TO_COME)
    assert not await store.has_secret(account_id)
    assert not await store.use_step(account_id, 99)
    assert not await store.activate(account_id, TO_COME - timedelta(seconds=1), _SECRET, 10, ["a"], TO_COME)
    assert await store.activate(account_id, TO_COME, _SECRET, 10, ["a", "b"], TO_COME)
    assert not await store.activate(account_id, TO_COME, _SECRET, 10, ["c"], TO_COME)
    codes = await store.find_codes(account_id)
    assert codes is not None
    assert (codes.secret, codes.pending, codes.last_step, codes.recovery_left) == (_SECRET, None, 10, 2)
    stored = await database["factor_codes"].find_one({"_id": account_id})
    assert _SECRET not in bytes(stored["secret"])


async def test_a_step_is_used_once_among_many_who_try(store: MongoFactorStore, vault: Vault) -> None:
    account_id = await _enrolled(store, vault)
    assert not await store.use_step(account_id, 10)
    used = await asyncio.gather(*(store.use_step(account_id, 11) for _ in range(20)))
    assert used.count(True) == 1
    assert not await store.use_step(account_id, 9)
    assert await store.use_step(account_id, 12)


async def test_a_recovery_code_is_used_once_among_many_who_try(store: MongoFactorStore, vault: Vault) -> None:
    account_id = await _enrolled(store, vault, "a", "b")
    used = await asyncio.gather(*(store.use_recovery(account_id, "a") for _ in range(20)))
    assert used.count(True) == 1
    codes = await store.find_codes(account_id)
    assert codes is not None
    assert codes.recovery_left == 1
    assert await store.replace_recovery(account_id, ["c"])
    assert not await store.use_recovery(account_id, "b")
    assert not await store.replace_recovery(new_id(), ["c"])


async def test_a_challenge_is_taken_once_and_by_its_holder_only(store: MongoFactorStore) -> None:
    challenge = Challenge(digest_of(b"challenge"), Ceremony.SIGN_IN, digest_of(b"browser"), TO_COME + CHALLENGE)
    await store.insert_challenge(challenge)
    assert await store.take_challenge(challenge.digest, Ceremony.SIGN_IN, digest_of(b"another")) is None
    assert await store.take_challenge(challenge.digest, Ceremony.CONFIRM, challenge.holder) is None
    taken = await asyncio.gather(
        *(store.take_challenge(challenge.digest, Ceremony.SIGN_IN, challenge.holder) for _ in range(10))
    )
    assert [item for item in taken if item is not None] == [challenge]


async def test_passkeys_belong_to_one_account(store: MongoFactorStore) -> None:
    mine, other = _passkey("a", b"one"), _passkey("b", b"two")
    await store.insert_passkey(mine)
    await store.insert_passkey(other)
    with pytest.raises(Conflict):
        await store.insert_passkey(_passkey("b", b"one"))
    assert await store.find_passkey(b"one") == mine
    assert await store.passkeys("a") == [mine]
    assert not await store.delete_passkey("a", other.id)
    assert not await store.set_kind("a", other.id, DeviceKind.OTHER)
    assert await store.set_kind("b", other.id, DeviceKind.OTHER)
    assert await store.delete_passkey("b", other.id)
    assert await store.delete_passkeys("a") == 1


async def test_a_counter_moves_on_once(store: MongoFactorStore) -> None:
    passkey = _passkey("a", b"counting", 4)
    await store.insert_passkey(passkey)
    moved = await asyncio.gather(*(store.use_passkey(passkey, 5, TO_COME) for _ in range(10)))
    assert moved.count(True) == 1
    found = await store.find_passkey(b"counting")
    assert found is not None
    assert (found.sign_count, found.used_at) == (5, TO_COME)


async def test_one_person_of_the_provider_to_one_account(database: Database) -> None:
    await apply(database, FEDERATION_COLLECTIONS)
    store = MongoFederationStore(database)
    await store.insert_link("digest", "a", TO_COME)
    for digest, account_id in (("digest", "b"), ("other", "a")):
        with pytest.raises(Conflict):
            await store.insert_link(digest, account_id, TO_COME)
    assert await store.find_link("digest") == "a"
    assert await store.delete_link("a")
    assert not await store.delete_link("a")
    state = State("state", "browser", TO_COME)
    await store.insert_state(state)
    assert await store.take_state("state", "another") is None
    taken = await asyncio.gather(*(store.take_state("state", "browser") for _ in range(10)))
    assert [item for item in taken if item is not None] == [state]


async def test_who_guesses_keeps_nobody_out(store: MongoFactorStore, vault: Vault, database: Database) -> None:
    """Strangers share what may be tried; where the account is used there is more, and a recovery code has its own."""
    await apply(database, (*VISIT_COLLECTIONS, *AUDIT_COLLECTIONS))
    key = bytes(range(32))
    trail = AuditTrail(MongoAuditStore(database), key)
    visits = VisitLog(MongoVisitStore(database, vault), lambda: TO_COME, key, full_for=timedelta(days=1))
    codes = OneTimeCodes(store, key, trail, SlidingLimiter(), visits, lambda: TO_COME, "Toko Contoh")
    account_id = await _enrolled(store, vault)
    recovery = new_recovery_codes()
    assert await store.replace_recovery(account_id, recovery_digests(key, account_id, recovery))
    home, thief, away = Caller("203.0.113.9", device="mine"), Caller("198.51.100.7"), Caller("192.0.2.1")
    await visits.learn(account_id, home, "mine")
    assert await visits.learn(account_id, thief, "theirs", remember=False) is Familiarity.NEW
    right = code_of(_SECRET, step_of(TO_COME))
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(10):
        assert not await codes.accept(account_id, wrong, thief)
    for stranger in (thief, Caller("198.51.100.8", device="theirs"), away):
        with pytest.raises(RateLimited):
            await codes.accept(account_id, right, stranger)
    assert await codes.accept(account_id, right, home)
    assert await codes.accept(account_id, recovery[0], away)
    for _ in range(10):
        assert not await codes.accept(account_id, "AAAAA-AAAAA", thief)
    with pytest.raises(RateLimited):
        await codes.accept(account_id, recovery[1], thief)
    assert await codes.accept(account_id, recovery[1], away)
    await trail.close()
