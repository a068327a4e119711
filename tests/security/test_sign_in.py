"""Signing in and out under attack: who can be locked out, what a refusal tells, what outlives a session."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from server.accounts.model import Account
from server.accounts.sessions import Sessions
from server.accounts.store import ACCOUNT_COLLECTIONS, MongoAccountStore
from server.kernel.actor import Role
from server.kernel.caller import NOBODY
from server.kernel.errors import NotAuthenticated
from server.kernel.ids import new_id
from server.keyring import KeyringError
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.store import VAULT_COLLECTIONS
from tests.harness.http import Answer, Http
from tests.harness.keys import RING, vault_on
from tests.harness.people import World
from tests.harness.process import ServerProcess


@pytest.fixture(scope="module")
async def limited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server with limits that stands behind one proxy."""
    server = ServerProcess(tmp_path_factory.mktemp("limited"), {"AMANAH_TRUSTED_PROXIES": "1"})
    await server.start()
    yield server
    await server.stop()


async def test_a_stranger_does_not_lock_somebody_out(
    limited: ServerProcess, browserless: aiohttp.ClientSession
) -> None:
    """Wrong passwords from one network hold up that network, longer and longer; elsewhere the address can sign in."""
    http = Http(browserless, limited.url)

    async def attempt(network: str, email: str = "korban@contoh.example") -> Answer:
        body = {"email": email, "password": "bukan-sandi-ini"}
        return await http.call("POST", "/api/v1/sessions", body, headers={"X-Forwarded-For": network})

    answers = [await attempt("203.0.113.9") for _ in range(11)]
    assert [answer.status for answer in answers[:6]] == [401] * 6
    # Each of those that follow has twice as long to come: one that a slow machine forgives is not the last.
    refused = next(answer for answer in answers[6:] if answer.status == 429)
    assert int(refused.headers["Retry-After"]) == refused.error["retry_after"] >= 1
    assert (await attempt("198.51.100.7")).status == 401
    async with World(limited, browserless) as world:
        lines = [line async for block in world.database["audit_blocks"].find() for line in block["entries"]]
    # Of an address that nobody has: as much is written as for others, or the time would tell them apart.
    assert sum("sign_in:refused" in line for line in lines) >= 7


async def test_the_owner_passes_while_their_network_is_held_up(
    limited: ServerProcess, browserless: aiohttp.ClientSession
) -> None:
    """By the cookie of their device; without it, and for everybody else there, it stays closed."""
    http = Http(browserless, limited.url)
    network = {"X-Forwarded-For": "203.0.113.10"}
    good = {"email": f"pemilik-{new_id()}@contoh.example", "password": "kuda laut biru tua"}
    made = await http.call("POST", "/api/v1/accounts", {**good, "display_name": "Toko"}, headers=network)
    assert made.status == 201
    signed_in = await http.call("POST", "/api/v1/sessions", good, headers=network)
    cookies = [cookie.partition(";")[0] for cookie in signed_in.headers.getall("Set-Cookie")]  # type: ignore[attr-defined]  # a multidict
    device = next(cookie for cookie in cookies if cookie.startswith("amanah_device="))
    elsewhere = {"X-Forwarded-For": "203.0.113.11"}
    wrong = {**good, "password": "bukan-sandi-ini"}
    # At once: on a slow machine the first ones would be forgiven before the last one is looked at.
    await asyncio.gather(*(http.call("POST", "/api/v1/sessions", wrong, headers=elsewhere) for _ in range(12)))
    assert (await http.call("POST", "/api/v1/sessions", good, headers=elsewhere)).status == 429
    forged = device[:-1] + ("0" if device[-1] != "0" else "1")
    for cookie, status in ((forged, 429), (device, 201)):
        answer = await http.call("POST", "/api/v1/sessions", good, headers={**elsewhere, "Cookie": cookie})
        assert answer.status == status


@pytest.mark.parametrize("header", [b"Authorization: Bearer \xff\xfe", b"Cookie: amanah_session=\xff\xfe"])
async def test_a_token_that_is_no_text_is_unknown(world: World, header: bytes) -> None:
    """Bytes beyond ASCII in a credential are refused like any other wrong one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write(b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n")
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert line.split()[1] == b"401"


class _Interrupted(MongoAccountStore):
    """In the middle of looking a session up, something else happens once."""

    interrupt: Callable[[], Awaitable[None]] | None = None

    async def find_account(self, account_id: str) -> Account | None:
        interrupt, self.interrupt = self.interrupt, None
        if interrupt is not None:
            await interrupt()
        return await super().find_account(account_id)


async def test_a_session_that_ends_while_it_is_looked_up_is_not_remembered(database: Database, tmp_path: Path) -> None:
    """Otherwise the token would work until the next restart."""
    await apply(database, (*ACCOUNT_COLLECTIONS, *VAULT_COLLECTIONS))
    store = _Interrupted(database, vault_on(database, tmp_path), RING.index("accounts"))
    lasting = {"customer_lifetime": timedelta(days=1), "staff_lifetime": timedelta(hours=1)}
    account = Account(new_id(), Role.AGENT, "Rani", "rani@contoh.example", "id", datetime.now(UTC))
    await store.insert_account(account, None)
    signed_in = await Sessions(store, lambda: datetime.now(UTC), **lasting).open(account, NOBODY)
    sessions = Sessions(store, lambda: datetime.now(UTC), **lasting)
    store.interrupt = lambda: sessions.end([signed_in.session.id])
    for _ in range(2):
        with pytest.raises(NotAuthenticated):
            await sessions.authenticate(signed_in.token)


async def test_who_is_kept_out_while_signing_in_stays_out(database: Database, tmp_path: Path) -> None:
    """Their sessions were ended when this one was not there yet, and the account was read before."""
    await apply(database, (*ACCOUNT_COLLECTIONS, *VAULT_COLLECTIONS))
    store = MongoAccountStore(database, vault_on(database, tmp_path), RING.index("accounts"))
    lasting = {"customer_lifetime": timedelta(days=1), "staff_lifetime": timedelta(hours=1)}
    account = Account(new_id(), Role.ADMIN, "Rani", "rani@contoh.example", "id", datetime.now(UTC))
    await store.insert_account(account, None)
    sessions = Sessions(store, lambda: datetime.now(UTC), **lasting)
    await store.set_role(account.id, Role.AGENT)
    signed_in = await sessions.open(account, NOBODY)
    assert (await sessions.authenticate(signed_in.token)).role is Role.AGENT
    await store.set_disabled(account.id, datetime.now(UTC))
    late = await sessions.open(account, NOBODY)
    with pytest.raises(NotAuthenticated):
        await sessions.authenticate(late.token)


@pytest.mark.parametrize("passed", [timedelta(minutes=1), timedelta(hours=-1)], ids=["a minute", "set back"])
async def test_what_a_command_ends_in_the_store_ends_here(
    database: Database, tmp_path: Path, passed: timedelta
) -> None:
    """`amanah user reset-factors` runs beside the server, which must not believe its memory for long."""
    await apply(database, (*ACCOUNT_COLLECTIONS, *VAULT_COLLECTIONS))
    store = MongoAccountStore(database, vault_on(database, tmp_path), RING.index("accounts"))
    lasting = {"customer_lifetime": timedelta(days=1), "staff_lifetime": timedelta(hours=1)}
    now = datetime.now(UTC)
    account = Account(new_id(), Role.AGENT, "Rani", "rani@contoh.example", "id", now)
    await store.insert_account(account, None)
    sessions, beside = (Sessions(store, lambda: now, **lasting) for _ in range(2))
    signed_in = await sessions.open(account, NOBODY)
    await sessions.authenticate(signed_in.token)
    assert await beside.end_all(account.id) == [signed_in.session.id]
    now += passed
    assert not await sessions.is_signed_in(signed_in.token)
    with pytest.raises(NotAuthenticated):
        await sessions.authenticate(signed_in.token)


async def test_a_sealed_address_does_not_open_as_a_name(database: Database, tmp_path: Path) -> None:
    """Who can write to the database but has no key could otherwise move addresses to where everybody sees them."""
    await apply(database, (*ACCOUNT_COLLECTIONS, *VAULT_COLLECTIONS))
    store = MongoAccountStore(database, vault_on(database, tmp_path), RING.index("accounts"))
    account = Account(new_id(), Role.CUSTOMER, "Budi", "budi@contoh.example", "id", datetime.now(UTC))
    await store.insert_account(account, None)
    stored = await database["accounts"].find_one({"_id": account.id})
    assert stored is not None
    await database["accounts"].update_one({"_id": account.id}, {"$set": {"name": stored["email"]}})
    with pytest.raises(KeyringError):
        await store.find_account(account.id)
