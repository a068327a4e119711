"""Codes, passkeys and challenges in MongoDB. Secrets are sealed; what is used up is used up in one command."""

from collections.abc import Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from server.factors.model import Ceremony, Challenge, Codes, DeviceKind, Passkey, digest_of
from server.kernel.errors import Conflict
from server.kernel.ports import PersonSealer
from server.sealed.personal import CODE_SECRET, Kept, PersonalValues
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_BYTES = {"bsonType": "binData"}
_WHOLE = {"bsonType": ["int", "long"]}

FACTOR_COLLECTIONS = (
    CollectionSpec(
        name="factor_codes",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "secret": _BYTES,
                "since": _DATE,
                "last_step": _WHOLE,
                "pending": _BYTES,
                "pending_at": _DATE,
                "recovery": {"bsonType": "array", "maxItems": 10, "items": _TEXT},
            },
            optional=("secret", "since", "last_step", "pending", "pending_at", "recovery"),
        ),
    ),
    CollectionSpec(
        name="passkeys",
        indexes=(
            Index("credential_unique", (("credential_digest", 1),), unique=True),
            Index("account", (("account_id", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "credential_digest": _TEXT,
                "credential": _BYTES,
                "public_key": _BYTES,
                "sign_count": _WHOLE,
                "kind": {"enum": [kind.value for kind in DeviceKind]},
                "synced": {"bsonType": "bool"},
                "created_at": _DATE,
                "used_at": _DATE,
            },
            optional=("used_at",),
        ),
    ),
    CollectionSpec(
        name="challenges",
        indexes=(Index("expiry", (("expires_at", 1),), expire_after_seconds=0),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "ceremony": {"enum": [ceremony.value for ceremony in Ceremony]},
                "holder": _TEXT,
                "expires_at": _DATE,
            }
        ),
    ),
)


class MongoFactorStore:
    """Keeps second factors.

    Args:
        database: where.
        sealer: encrypts the secrets of authenticator apps, each under its owner's key.
    """

    def __init__(self, database: Database, sealer: PersonSealer) -> None:
        self._codes = database["factor_codes"]
        self._passkeys = database["passkeys"]
        self._challenges = database["challenges"]
        self._values = PersonalValues(sealer)

    # --- codes -----------------------------------------------------------------------------------------------------

    @translate_errors()
    async def find_codes(self, account_id: str) -> Codes | None:
        """Find an account's codes; None where nothing was ever set up."""
        document = await self._codes.find_one({"_id": account_id})
        if document is None:
            return None
        return Codes(
            secret=await self._open(account_id, document.get("secret")),
            since=document.get("since"),
            last_step=int(document.get("last_step", 0)),
            pending=await self._open(account_id, document.get("pending")),
            pending_at=document.get("pending_at"),
            recovery_left=len(document.get("recovery", ())),
        )

    @translate_errors()
    async def has_secret(self, account_id: str) -> bool:
        """Whether an authenticator app is set up. Opens nothing."""
        document = await self._codes.find_one({"_id": account_id}, {"since": 1})
        return document is not None and "since" in document

    async def set_pending(self, account_id: str, secret: bytes, at: datetime) -> None:
        """Keep a secret until its first code; one that waited before is void.

        Raises:
            Conflict: somebody did the same at the same moment.
        """
        sealed = await self._values.seal(CODE_SECRET, account_id, secret)
        try:
            async with translate_errors():
                await self._codes.update_one(
                    {"_id": account_id}, {"$set": {"pending": sealed, "pending_at": at}}, upsert=True
                )
        except DuplicateKeyError:
            raise Conflict from None

    @translate_errors()
    async def activate(
        self, account_id: str, pending_at: datetime, secret: bytes, step: int, recovery: Sequence[str], now: datetime
    ) -> bool:
        """Make the waiting secret the one that counts; False when it is no longer that one."""
        sealed = await self._values.seal(CODE_SECRET, account_id, secret)
        result = await self._codes.update_one(
            {"_id": account_id, "pending_at": pending_at},
            {
                "$set": {
                    "secret": sealed,
                    "since": now,
                    "last_step": step,
                    "recovery": list(recovery),
                },
                "$unset": {"pending": "", "pending_at": ""},
            },
        )
        return bool(result.modified_count)

    @translate_errors()
    async def use_step(self, account_id: str, step: int) -> bool:
        """Use up a step and all before it; False when that was done already."""
        result = await self._codes.update_one(
            {"_id": account_id, "last_step": {"$lt": step}}, {"$set": {"last_step": step}}
        )
        return bool(result.modified_count)

    @translate_errors()
    async def use_recovery(self, account_id: str, digest: str) -> bool:
        """Use up a recovery code; False when there is none such."""
        result = await self._codes.update_one({"_id": account_id, "recovery": digest}, {"$pull": {"recovery": digest}})
        return bool(result.modified_count)

    @translate_errors()
    async def replace_recovery(self, account_id: str, recovery: Sequence[str]) -> bool:
        """Replace all recovery codes; False where no app is set up."""
        result = await self._codes.update_one(
            {"_id": account_id, "since": {"$exists": True}}, {"$set": {"recovery": list(recovery)}}
        )
        return bool(result.matched_count)

    @translate_errors()
    async def delete_codes(self, account_id: str) -> bool:
        """Delete all codes; says whether there were any."""
        return bool((await self._codes.delete_one({"_id": account_id})).deleted_count)

    # --- passkeys --------------------------------------------------------------------------------------------------

    async def insert_passkey(self, passkey: Passkey) -> None:
        """Insert a passkey.

        Raises:
            Conflict: it is somebody's already.
        """
        try:
            async with translate_errors():
                await self._passkeys.insert_one(
                    {
                        "_id": passkey.id,
                        "account_id": passkey.account_id,
                        "credential_digest": digest_of(passkey.credential),
                        "credential": passkey.credential,
                        "public_key": passkey.public_key,
                        "sign_count": passkey.sign_count,
                        "kind": passkey.kind.value,
                        "synced": passkey.synced,
                        "created_at": passkey.created_at,
                    }
                )
        except DuplicateKeyError:
            raise Conflict(fields={"passkey": "taken"}) from None

    @translate_errors()
    async def find_passkey(self, credential: bytes) -> Passkey | None:
        """Find by the authenticator's id."""
        document = await self._passkeys.find_one({"credential_digest": digest_of(credential)})
        return _passkey(document) if document else None

    @translate_errors()
    async def passkeys(self, account_id: str) -> list[Passkey]:
        """Give an account's passkeys, oldest first."""
        found = [_passkey(document) async for document in self._passkeys.find({"account_id": account_id})]
        return sorted(found, key=lambda passkey: passkey.id)

    @translate_errors()
    async def use_passkey(self, passkey: Passkey, sign_count: int, at: datetime) -> bool:
        """Move the counter on; False when another use was quicker."""
        result = await self._passkeys.update_one(
            {"_id": passkey.id, "sign_count": passkey.sign_count}, {"$set": {"sign_count": sign_count, "used_at": at}}
        )
        return bool(result.matched_count)

    @translate_errors()
    async def set_kind(self, account_id: str, passkey_id: str, kind: DeviceKind) -> bool:
        """Say what a passkey lives on; False where the account has no such passkey."""
        result = await self._passkeys.update_one(
            {"_id": passkey_id, "account_id": account_id}, {"$set": {"kind": kind.value}}
        )
        return bool(result.matched_count)

    @translate_errors()
    async def delete_passkey(self, account_id: str, passkey_id: str) -> bool:
        """Delete one; False where the account has no such passkey."""
        result = await self._passkeys.delete_one({"_id": passkey_id, "account_id": account_id})
        return bool(result.deleted_count)

    @translate_errors()
    async def delete_passkeys(self, account_id: str) -> int:
        """Delete all of an account; gives how many."""
        return int((await self._passkeys.delete_many({"account_id": account_id})).deleted_count)

    # --- challenges ------------------------------------------------------------------------------------------------

    @translate_errors()
    async def insert_challenge(self, challenge: Challenge) -> None:
        """Keep a challenge."""
        await self._challenges.insert_one(
            {
                "_id": challenge.digest,
                "ceremony": challenge.ceremony.value,
                "holder": challenge.holder,
                "expires_at": challenge.expires_at,
            }
        )

    @translate_errors()
    async def take_challenge(self, digest: str, ceremony: Ceremony, holder: str) -> Challenge | None:
        """Take a challenge away; nobody gets it twice, and nobody but its holder."""
        document = await self._challenges.find_one_and_delete(
            {"_id": digest, "ceremony": ceremony.value, "holder": holder}
        )
        return Challenge(digest, ceremony, holder, document["expires_at"]) if document else None

    async def _open(self, account_id: str, sealed: bytes | None) -> bytes | None:
        return await self._values.open(Kept(CODE_SECRET, account_id, sealed)) if sealed else None


def _passkey(document: Document) -> Passkey:
    return Passkey(
        id=document["_id"],
        account_id=document["account_id"],
        credential=document["credential"],
        public_key=document["public_key"],
        sign_count=int(document["sign_count"]),
        kind=DeviceKind(document["kind"]),
        synced=bool(document["synced"]),
        created_at=document["created_at"],
        used_at=document.get("used_at"),
    )
