"""Accounts and sessions in MongoDB. Names and addresses are sealed under their owner's key; an address is found by its
blind index.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from server.accounts.model import Account, Session
from server.kernel.actor import Role
from server.kernel.errors import Conflict
from server.kernel.ports import PersonSealer, SealedValue
from server.keyring import BlindIndex
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_SEALED = {"bsonType": "binData"}
_NAME = "accounts/name"
_EMAIL = "accounts/email"

ACCOUNT_COLLECTIONS = (
    CollectionSpec(
        name="accounts",
        indexes=(
            Index("email_unique", (("email_index", 1),), unique=True, partial={"email_index": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "role": {"enum": [role.value for role in Role]},
                "name": _SEALED,
                "email": _SEALED,
                "email_index": _TEXT,
                "password_hash": _TEXT,
                "locale": _TEXT,
                "created_at": _DATE,
            },
            optional=("email", "email_index", "password_hash"),
        ),
    ),
    CollectionSpec(
        name="sessions",
        indexes=(
            Index("token_unique", (("token_hash", 1),), unique=True),
            Index("account", (("account_id", 1),)),
            Index("expiry", (("expires_at", 1),), expire_after_seconds=0),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "token_hash": _TEXT,
                "account_id": _TEXT,
                "created_at": _DATE,
                "seen_at": _DATE,
                "expires_at": _DATE,
            }
        ),
    ),
)


class MongoAccountStore:
    """Keeps accounts and sessions.

    Args:
        database: where.
        sealer: encrypts names and addresses under the key of whose they are.
        index: under which an address is found.
    """

    def __init__(self, database: Database, sealer: PersonSealer, index: BlindIndex) -> None:
        self._accounts = database["accounts"]
        self._sessions = database["sessions"]
        self._sealer = sealer
        self._index = index

    async def insert_account(self, account: Account, password_hash: str | None) -> None:
        """Insert an account.

        Raises:
            Conflict: another account has this address.
        """
        is_new = await self._sealer.make_key(account.id)
        document: Document = {
            "_id": account.id,
            "role": account.role.value,
            "name": await self._sealer.seal(account.id, _NAME, account.display_name),
            "locale": account.locale,
            "created_at": account.created_at,
        }
        if account.email is not None:
            document["email"] = await self._sealer.seal(account.id, _EMAIL, account.email)
            document["email_index"] = self._index.of(account.email)
        if password_hash is not None:
            document["password_hash"] = password_hash
        try:
            async with translate_errors():
                await self._accounts.insert_one(document)
        except DuplicateKeyError:
            if is_new:
                await self._sealer.discard_key(account.id)
            raise Conflict(fields={"email": "taken"}) from None

    @translate_errors()
    async def find_account(self, account_id: str) -> Account | None:
        """Find by id."""
        document = await self._accounts.find_one({"_id": account_id})
        return (await self._opened([document]))[0] if document else None

    @translate_errors()
    async def find_accounts(self, account_ids: Sequence[str]) -> list[Account]:
        """Find those that exist among some ids."""
        found = self._accounts.find({"_id": {"$in": list(account_ids)}})
        return await self._opened(await found.to_list(None))

    @translate_errors()
    async def find_credentials(self, email: str) -> tuple[Account, str | None] | None:
        """Find an account and its password hash by normalised address."""
        document = await self._accounts.find_one({"email_index": self._index.of(email)})
        return ((await self._opened([document]))[0], document.get("password_hash")) if document else None

    @translate_errors()
    async def set_password_hash(self, account_id: str, password_hash: str) -> None:
        """Replace the password hash."""
        await self._accounts.update_one({"_id": account_id}, {"$set": {"password_hash": password_hash}})

    @translate_errors()
    async def insert_session(self, session: Session) -> None:
        """Insert a session."""
        await self._sessions.insert_one(
            {
                "_id": session.id,
                "token_hash": session.token_hash,
                "account_id": session.account_id,
                "created_at": session.created_at,
                "seen_at": session.seen_at,
                "expires_at": session.expires_at,
            }
        )

    @translate_errors()
    async def find_session(self, token_hash: str) -> Session | None:
        """Find by hash of the token."""
        document = await self._sessions.find_one({"token_hash": token_hash})
        return _session(document) if document else None

    @translate_errors()
    async def extend_session(self, session: Session) -> None:
        """Write when it was seen and when it ends."""
        await self._sessions.update_one(
            {"_id": session.id}, {"$set": {"seen_at": session.seen_at, "expires_at": session.expires_at}}
        )

    @translate_errors()
    async def delete_session(self, session_id: str) -> None:
        """Delete; harmless when it is gone."""
        await self._sessions.delete_one({"_id": session_id})

    async def _opened(self, documents: Sequence[Document]) -> list[Account]:
        """Accounts with what is sealed of each. Who was erased has an empty name and no address."""
        sealed = [
            SealedValue(document["_id"], field, document[stored])
            for document in documents
            for field, stored in ((_NAME, "name"), (_EMAIL, "email"))
            if document.get(stored)
        ]
        values = await self._sealer.open_many(sealed)
        opened = {(item.account_id, item.field): value for item, value in zip(sealed, values, strict=True)}
        return [_account(document, opened) for document in documents]


def _account(document: Document, opened: Mapping[tuple[str, str], bytes | None]) -> Account:
    name, email = (opened.get((document["_id"], field)) for field in (_NAME, _EMAIL))
    created_at: datetime = document["created_at"]
    return Account(
        id=document["_id"],
        role=Role(document["role"]),
        display_name=name.decode() if name is not None else "",
        email=email.decode() if email is not None else None,
        locale=document["locale"],
        created_at=created_at,
    )


def _session(document: Document) -> Session:
    return Session(
        id=document["_id"],
        token_hash=document["token_hash"],
        account_id=document["account_id"],
        created_at=document["created_at"],
        seen_at=document["seen_at"],
        expires_at=document["expires_at"],
    )
