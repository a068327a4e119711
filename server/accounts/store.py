"""Accounts and sessions in MongoDB. Names and addresses are sealed under their owner's key; an address is found by its
blind index.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from server.accounts.model import Account, Credentials, FactorState, Link, Purpose, Session
from server.kernel.actor import Role
from server.kernel.errors import Conflict
from server.kernel.ports import PersonSealer
from server.keyring import BlindIndex
from server.sealed.personal import EMAIL, NAME, NEW_EMAIL, Kept, Personal, PersonalValues
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator
from server.visits.model import Browser, Device, Place, Reach, System

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_SEALED = {"bsonType": "binData"}
_FAMILIES = {"bsonType": "array", "items": _TEXT, "minItems": 2, "maxItems": 2}
_UNVERIFIED_S = 7 * 24 * 3600
"""The store itself drops accounts that nobody verified after a week, should nothing else have: their keys stay then."""
_IDS_AT_ONCE = 50

ACCOUNT_COLLECTIONS = (
    CollectionSpec(
        name="accounts",
        indexes=(
            Index("email_unique", (("email_index", 1),), unique=True, partial={"email_index": {"$exists": True}}),
            Index(
                "unverified",
                (("unverified_since", 1),),
                partial={"unverified_since": {"$exists": True}},
                expire_after_seconds=_UNVERIFIED_S,
            ),
            Index("role", (("role", 1),)),
            Index("became", (("became", 1),), partial={"became": {"$exists": True}}),
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
                "unverified_since": _DATE,
                "disabled_since": _DATE,
                "address_claimed": {"bsonType": "bool"},
                "became": _TEXT,
            },
            optional=(
                "address_claimed",
                "became",
                "email",
                "email_index",
                "password_hash",
                "unverified_since",
                "disabled_since",
            ),
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
                "fresh_at": _DATE,
                "device": _FAMILIES,
                "place": _FAMILIES,
                "factor": {"enum": [state.value for state in FactorState]},
            },
            optional=("fresh_at", "device", "place", "factor"),
        ),
    ),
    CollectionSpec(
        name="mailed_links",
        indexes=(
            Index("account_purpose", (("account_id", 1), ("purpose", 1))),
            Index("expiry", (("expires_at", 1),), expire_after_seconds=0),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "purpose": {"enum": [purpose.value for purpose in Purpose]},
                "expires_at": _DATE,
                "email": _SEALED,
            },
            optional=("email",),
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
        self._links = database["mailed_links"]
        self._values = PersonalValues(sealer, index)

    async def insert_account(self, account: Account, password_hash: str | None) -> None:
        """Insert an account.

        Raises:
            Conflict: another account has this address.
        """
        is_new = await self._values.make_key(account.id)
        document: Document = {
            "_id": account.id,
            "role": account.role.value,
            "name": await self._values.seal(NAME, account.id, account.display_name),
            "locale": account.locale,
            "created_at": account.created_at,
        }
        if not account.is_verified:
            document["unverified_since"] = account.created_at
        if account.email is not None:
            document["email"] = await self._values.seal(EMAIL, account.id, account.email)
            document["email_index"] = self._values.digest(EMAIL, account.email)
            if not account.is_vouched:
                document["address_claimed"] = True
        if password_hash is not None:
            document["password_hash"] = password_hash
        try:
            async with translate_errors():
                await self._accounts.insert_one(document)
        except DuplicateKeyError:
            if is_new:
                await self._values.discard_key(account.id)
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
    async def find_by_role(self, roles: Sequence[Role]) -> list[Account]:
        """Find all accounts of some roles. For staff: customers are too many."""
        found = self._accounts.find({"role": {"$in": [role.value for role in roles]}})
        return await self._opened([document async for document in found])

    @translate_errors()
    async def set_became(self, visitor_id: str, account_id: str) -> None:
        """Write which account took over what a visitor had."""
        await self._accounts.update_one({"_id": visitor_id}, {"$set": {"became": account_id}})

    @translate_errors()
    async def forget_became(self, account_id: str) -> None:
        """Forget of all visitors that they became an account."""
        await self._accounts.update_many({"became": account_id}, {"$unset": {"became": ""}})

    @translate_errors()
    async def kin(self, account_id: str) -> frozenset[str]:
        """Give the other accounts of the same person: whom a visitor became, and the visitors that somebody was."""
        own = await self._accounts.find_one({"_id": account_id}, {"became": 1}) or {}
        known = str(own.get("became", account_id))
        visitors = [document["_id"] async for document in self._accounts.find({"became": known}, {"_id": 1})]
        return frozenset({known, *visitors}) - {account_id}

    @translate_errors()
    async def set_role(self, account_id: str, role: Role) -> None:
        """Give an account another role."""
        await self._accounts.update_one({"_id": account_id}, {"$set": {"role": role.value}})

    @translate_errors()
    async def set_disabled(self, account_id: str, since: datetime | None) -> None:
        """Keep an account's holder out since a moment, or let them in again."""
        update: Document = {"$unset": {"disabled_since": ""}} if since is None else {"$set": {"disabled_since": since}}
        await self._accounts.update_one({"_id": account_id}, update)

    @translate_errors()
    async def find_credentials(self, email: str) -> Credentials | None:
        """Find what is needed to check a password, by normalised address."""
        fields = {"password_hash": 1, "unverified_since": 1}
        document = await self._accounts.find_one({"email_index": self._values.digest(EMAIL, email)}, fields)
        if document is None:
            return None
        return Credentials(document["_id"], document.get("password_hash"), "unverified_since" not in document)

    @translate_errors()
    async def password_hash(self, account_id: str) -> str | None:
        """Give the password hash of an account that has one."""
        document = await self._accounts.find_one({"_id": account_id}, {"password_hash": 1})
        return document.get("password_hash") if document else None

    @translate_errors()
    async def set_name(self, account_id: str, display_name: str) -> None:
        """Replace the name of an account."""
        sealed = await self._values.seal(NAME, account_id, display_name)
        await self._accounts.update_one({"_id": account_id}, {"$set": {"name": sealed}})

    @translate_errors()
    async def set_password_hash(self, account_id: str, password_hash: str) -> None:
        """Replace the password hash."""
        await self._accounts.update_one({"_id": account_id}, {"$set": {"password_hash": password_hash}})

    @translate_errors()
    async def renew_password_hash(self, account_id: str, before: str, after: str) -> bool:
        """Replace the hash of a password by another of the same one; False when the password was changed meanwhile."""
        done = await self._accounts.update_one(
            {"_id": account_id, "password_hash": before}, {"$set": {"password_hash": after}}
        )
        return bool(done.matched_count)

    @translate_errors()
    async def set_verified(self, account_id: str) -> bool:
        """Count an account's address as verified; False when the account is gone."""
        proved = {"$unset": {"unverified_since": "", "address_claimed": ""}}
        done = await self._accounts.update_one({"_id": account_id}, proved)
        return bool(done.matched_count)

    async def set_email(self, account_id: str, email: str, *, is_vouched: bool) -> None:
        """Replace an account's address. An account that nobody verified gives way to it.

        Raises:
            Conflict: another account has this address.
        """
        index = self._values.digest(EMAIL, email)
        sealed = await self._values.seal(EMAIL, account_id, email)
        try:
            async with translate_errors():
                replaced = await self._accounts.find_one_and_delete(
                    {"email_index": index, "unverified_since": {"$exists": True}}, {"_id": 1}
                )
                change: Document = {"$set": {"email": sealed, "email_index": index}}
                if is_vouched:
                    change["$unset"] = {"address_claimed": ""}
                else:
                    change["$set"]["address_claimed"] = True
                await self._accounts.update_one({"_id": account_id}, change)
        except DuplicateKeyError:
            raise Conflict(fields={"email": "taken"}) from None
        if replaced is not None:
            await self._values.discard_key(replaced["_id"])

    @translate_errors()
    async def drop_unverified(self, before: datetime) -> int:
        """Delete accounts that were made before a moment and that nobody verified, with their keys; give how many."""
        found = self._accounts.find({"unverified_since": {"$lt": before}}, {"_id": 1})
        gone = [document["_id"] async for document in found]
        for account_id in gone:
            await self.delete_unverified(account_id)
        return len(gone)

    @translate_errors()
    async def delete_unverified(self, account_id: str) -> None:
        """Delete an account that nobody verified; one that was verified meanwhile stays."""
        gone = await self._accounts.delete_one({"_id": account_id, "unverified_since": {"$exists": True}})
        await self.delete_links(account_id)
        if gone.deleted_count:
            await self._values.discard_key(account_id)

    @translate_errors()
    async def insert_session(self, session: Session) -> None:
        """Insert a session."""
        document: Document = {
            "_id": session.id,
            "token_hash": session.token_hash,
            "account_id": session.account_id,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "expires_at": session.expires_at,
            "fresh_at": session.fresh_at or session.created_at,
            "factor": session.factor.value,
        }
        if session.device is not None:
            document["device"] = [session.device.browser.value, session.device.system.value]
        if session.place is not None:
            document["place"] = [session.place.network, session.place.reach.value]
        await self._sessions.insert_one(document)

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
    async def confirm_session(self, session: Session) -> None:
        """Write when its holder last proved who they are, and what became of the second factor."""
        change = {"fresh_at": session.fresh_at or session.created_at, "factor": session.factor.value}
        await self._sessions.update_one({"_id": session.id}, {"$set": change})

    @translate_errors()
    async def find_sessions(self, account_id: str) -> list[Session]:
        """Find all of an account; those that have just run out may be among them."""
        return [_session(document) async for document in self._sessions.find({"account_id": account_id})]

    @translate_errors()
    async def delete_sessions(self, session_ids: Sequence[str]) -> None:
        """Delete; harmless when they are gone."""
        for first in range(0, len(session_ids), _IDS_AT_ONCE):
            await self._sessions.delete_many({"_id": {"$in": list(session_ids[first : first + _IDS_AT_ONCE])}})

    @translate_errors()
    async def insert_link(self, link: Link) -> None:
        """Insert a link in the place of earlier ones of the same account and purpose.

        Those that verify stay beside each other: who is sent a second one may well follow the first.
        """
        document: Document = {
            "_id": link.token_hash,
            "account_id": link.account_id,
            "purpose": link.purpose.value,
            "expires_at": link.expires_at,
        }
        if link.email is not None:
            document["email"] = await self._values.seal(NEW_EMAIL, link.account_id, link.email)
        if link.purpose is not Purpose.VERIFY:
            await self._links.delete_many({"account_id": link.account_id, "purpose": link.purpose.value})
        await self._links.insert_one(document)

    @translate_errors()
    async def find_link(self, token_hash: str) -> Link | None:
        """Find by hash of the token."""
        document = await self._links.find_one({"_id": token_hash})
        return await self._link(document) if document else None

    @translate_errors()
    async def take_link(self, token_hash: str) -> Link | None:
        """Delete a link and give it; None when it is gone, as for all but one of those who try at once."""
        document = await self._links.find_one_and_delete({"_id": token_hash})
        return await self._link(document) if document else None

    @translate_errors()
    async def delete_links(self, account_id: str) -> None:
        """Delete all links of an account."""
        await self._links.delete_many({"account_id": account_id})

    async def _link(self, document: Document) -> Link:
        sealed, account_id = document.get("email"), document["account_id"]
        return Link(
            token_hash=document["_id"],
            account_id=account_id,
            purpose=Purpose(document["purpose"]),
            expires_at=document["expires_at"],
            email=await self._values.open_text(Kept(NEW_EMAIL, account_id, sealed)) if sealed else None,
        )

    async def _opened(self, documents: Sequence[Document]) -> list[Account]:
        """Accounts with what is sealed of each. Who was erased has an empty name and no address."""
        kept = [
            Kept(kind, document["_id"], document[stored])
            for document in documents
            for kind, stored in ((NAME, "name"), (EMAIL, "email"))
            if document.get(stored)
        ]
        values = await self._values.open_many(kept)
        opened = {(item.person_id, item.kind): value for item, value in zip(kept, values, strict=True)}
        return [_account(document, opened) for document in documents]


def _account(document: Document, opened: Mapping[tuple[str, Personal], bytes | None]) -> Account:
    name, email = (opened.get((document["_id"], kind)) for kind in (NAME, EMAIL))
    created_at: datetime = document["created_at"]
    return Account(
        id=document["_id"],
        role=Role(document["role"]),
        display_name=name.decode() if name is not None else "",
        email=email.decode() if email is not None else None,
        locale=document["locale"],
        created_at=created_at,
        is_verified="unverified_since" not in document,
        is_disabled="disabled_since" in document,
        is_vouched=not document.get("address_claimed", False),
    )


def _session(document: Document) -> Session:
    return Session(
        id=document["_id"],
        token_hash=document["token_hash"],
        account_id=document["account_id"],
        created_at=document["created_at"],
        seen_at=document["seen_at"],
        expires_at=document["expires_at"],
        fresh_at=document.get("fresh_at"),
        device=_device(document.get("device")),
        place=_coarse(document.get("place")),
        factor=FactorState(document.get("factor", FactorState.NONE)),
    )


def _device(families: list[str] | None) -> Device | None:
    return Device(Browser(families[0]), System(families[1])) if families else None


def _coarse(place: list[str] | None) -> Place | None:
    return Place(place[0], Reach(place[1])) if place else None
