"""Accounts and sessions for tests, written by the server's own store into the server's own database.

Signing in over HTTP costs a password hash each time; that way has tests of its own.
"""

import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import aiohttp

from server.accounts.model import Account, Session
from server.accounts.store import MongoAccountStore
from server.composition.keys import key_source, ring_of, vault_of
from server.config import Settings
from server.kernel.actor import Role
from server.kernel.ids import new_id
from server.storage.mongo import Database, open_client
from server.vault.masters import Masters
from server.vault.service import Vault
from tests.harness.http import Answer, Http
from tests.harness.process import STORE_PATIENCE_S, ServerProcess
from tests.harness.socket import Socket

_DATABASE = "amanah"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a session."""

    id: str
    token: str
    name: str
    role: Role
    world: "World"

    async def get(self, path: str, **params: object) -> Answer:
        """GET under `/api/v1` as this person."""
        return await self.world.http.get("/api/v1" + path, token=self.token, **params)

    async def post(self, path: str, body: object = None) -> Answer:
        """POST under `/api/v1` as this person."""
        return await self.world.http.post("/api/v1" + path, {} if body is None else body, token=self.token)

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        """Any method under `/api/v1` as this person."""
        return await self.world.http.call(method, "/api/v1" + path, body, token=self.token)

    async def take(self, conversation_id: str) -> None:
        """Assign a conversation to oneself, as an agent does before reading it."""
        assert (await self.post(f"/conversations/{conversation_id}/assign", {"agent_id": "me"})).status == 200

    async def socket(self) -> Socket:
        """Open a connection as this person."""
        return await self.world.socket({"token": self.token})

    async def conversation(self, subject: str | None = None) -> str:
        """Begin a conversation; give its id."""
        answer = await self.post("/conversations", {"subject": subject} if subject else {})
        assert answer.status == 201
        return str(answer.data["conversation"]["id"])

    async def send(self, conversation_id: str, text: str, client_message_id: str | None = None) -> Answer:
        """Send a message over HTTP."""
        body = {"client_message_id": client_message_id or secrets.token_hex(16), "text": text}
        return await self.post(f"/conversations/{conversation_id}/messages", body)

    async def messages(self, conversation_id: str, **params: object) -> list[dict[str, object]]:
        """Read messages."""
        answer = await self.get(f"/conversations/{conversation_id}/messages", **params)
        return list(answer.data["items"])


class World:
    """A running server and those who use it. A context manager: closes all that it opened.

    Args:
        server: running.
        session: without cookies.
    """

    def __init__(self, server: ServerProcess, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session
        self._stack = AsyncExitStack()
        self._stores: dict[str, Database] = {}

    @property
    def http(self) -> Http:
        """Plain requests."""
        return Http(self.session, self.server.url)

    @property
    def database(self) -> Database:
        """The server's database, from outside."""
        url = self.server.store_url
        if url not in self._stores:
            client = open_client(url, embedded=True, socket_timeout_s=STORE_PATIENCE_S)
            self._stack.callback(client.close)
            self._stores[url] = client[_DATABASE]
        return self._stores[url]

    @property
    def masters(self) -> Masters:
        """The server's master keys."""
        return Masters(key_source(Settings(data_dir=self.server.data_dir), make=False))

    @property
    def vault(self) -> Vault:
        """Seals under the keys of people."""
        settings = Settings(data_dir=self.server.data_dir)
        return vault_of(self.database, self.masters, settings, lambda: datetime.now(UTC))

    async def person(self, role: str = "visitor", name: str = "Pengunjung", *, hours: float = 12) -> Person:
        """Make an account of a role with a session that lasts so many hours more."""
        ring = await ring_of(self.database, self.masters)
        store = MongoAccountStore(self.database, self.vault, ring.index("accounts"))
        account = Account(new_id(), Role(role), name, None, "id", datetime.now(UTC))
        await store.insert_account(account, None)
        return await self.again(Person(account.id, "", name, account.role, self), hours=hours)

    async def again(self, person: Person, *, hours: float = 12, ago_s: float = 0) -> Person:
        """Give somebody another session, begun so many seconds ago."""
        ring = await ring_of(self.database, self.masters)
        store = MongoAccountStore(self.database, self.vault, ring.index("accounts"))
        now, token = datetime.now(UTC) - timedelta(seconds=ago_s), secrets.token_urlsafe(32)
        digest = sha256(token.encode()).hexdigest()
        await store.insert_session(Session(new_id(), digest, person.id, now, now, now + timedelta(hours=hours)))
        return replace(person, token=token)

    async def socket(self, auth: object = None, *, headers: dict[str, str] | None = None, query: str = "") -> Socket:
        """Open a connection."""
        socket = await Socket.connect(self.session, self.server.url, auth, headers=headers, query=query)
        self._stack.push_async_callback(socket.close)
        return socket

    async def __aenter__(self) -> "World":
        return self

    async def __aexit__(self, *_: object) -> None:
        """End what was opened."""
        await self._stack.aclose()
