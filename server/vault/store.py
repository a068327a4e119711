"""Wrapped keys in MongoDB: people's, one a document, and the installation's root key. Nothing here opens anything."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

import bson
from bson.codec_options import CodecOptions
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator
from server.storage.slices import raw, slices
from server.vault.model import DestroyedKey, MasterRecord, WrappedKey, WrappedRoot

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_BYTES = {"bsonType": "binData"}
_PLACE_BYTES: Final = 16
# The engine compares what `$in` names with each other: twice as many cost four times as much.
_ASKED_AT_ONCE: Final = 50
_ROOT: Final = "root"
_ERASED: Final = "erased"
_MASTER: Final = "master:"
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)

PERSON_KEYS: Final = "person_keys"

VAULT_COLLECTIONS = (
    CollectionSpec(
        name=PERSON_KEYS,
        # Only for reading all of them piece by piece: at a backup, a rotation, a count.
        indexes=(Index("place", (("place", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "place": _BYTES,
                "master_id": _TEXT,
                "wrapped": _BYTES,
                "made_at": _DATE,
                "destroyed_at": _DATE,
            },
            optional=("master_id", "wrapped", "made_at", "destroyed_at"),
        ),
        walk=Walk("place", Spread.DIGESTS),
    ),
    CollectionSpec(
        name="keystore",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "master_id": _TEXT,
                "wrapped": _BYTES,
                "made_at": _DATE,
                "settled": {"bsonType": "bool"},
                "count": {"bsonType": ["int", "long"]},
            },
            optional=("master_id", "wrapped", "made_at", "settled", "count"),
        ),
    ),
)


class MongoKeyStore:
    """Keeps wrapped keys.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._persons = database[PERSON_KEYS]
        self._keystore = database["keystore"]

    async def insert(self, key: WrappedKey) -> bool:
        """Store a person's key; False when there is one, or was one."""
        document = {"_id": key.account_id, "place": _place(key.account_id), **_fields(key)}
        try:
            async with translate_errors():
                await self._persons.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def find(self, account_ids: Sequence[str]) -> list[WrappedKey | DestroyedKey]:
        """Find the keys of some people, and what is left of keys."""
        found: list[WrappedKey | DestroyedKey] = []
        for start in range(0, len(account_ids), _ASKED_AT_ONCE):
            asked = list(account_ids[start : start + _ASKED_AT_ONCE])
            found += [_record(item) for item in await self._persons.find({"_id": {"$in": asked}}).to_list(None)]
        return found

    @translate_errors()
    async def bury(self, account_id: str, at: datetime) -> None:
        """Replace a key, where there is one, by the word that there was one. What is buried already stays as it is."""
        left = {"_id": account_id, "place": _place(account_id), "destroyed_at": at}
        document = await self._persons.find_one({"_id": account_id})
        if document is None or "destroyed_at" not in document:
            await self._persons.replace_one({"_id": account_id}, left, upsert=True)

    @translate_errors()
    async def remove(self, account_id: str) -> None:
        """Take a key away without a trace."""
        await self._persons.delete_one({"_id": account_id})

    async def walk(self) -> AsyncIterator[list[WrappedKey | DestroyedKey]]:
        """Give all, in pieces, beside a running server; it rests in between."""
        spec = VAULT_COLLECTIONS[0]
        async for piece in slices(raw(self._database, spec.name), spec.walk):
            yield [_record(bson.decode(item.raw, _AWARE)) for item in piece]

    @translate_errors()
    async def rewrap(self, pairs: Sequence[tuple[WrappedKey, WrappedKey]]) -> int:
        """Replace wrapped keys by others, each only if it is still as it was read.

        Returns:
            How many were replaced.
        """
        updates = [
            UpdateOne({"_id": old.account_id, "wrapped": old.wrapped}, {"$set": _fields(new)}) for old, new in pairs
        ]
        return (await self._persons.bulk_write(updates, ordered=False)).modified_count if updates else 0

    @translate_errors()
    async def root(self) -> WrappedRoot | None:
        """Give the root key."""
        document = await self._keystore.find_one({"_id": _ROOT})
        if document is None:
            return None
        return WrappedRoot(document["master_id"], document["wrapped"], document["made_at"])

    async def insert_root(self, root: WrappedRoot) -> bool:
        """Store the root key; False when there is one."""
        try:
            async with translate_errors():
                await self._keystore.insert_one({"_id": _ROOT, **_fields(root)})
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def rewrap_root(self, old: WrappedRoot, new: WrappedRoot) -> None:
        """Replace the root key if it is still as it was read."""
        await self._keystore.update_one({"_id": _ROOT, "wrapped": old.wrapped}, {"$set": _fields(new)})

    @translate_errors()
    async def masters(self) -> list[MasterRecord]:
        """Give what is known of master keys. There are as many documents as keys in use, and two."""
        return [
            MasterRecord(item["_id"].removeprefix(_MASTER), item["made_at"], item["settled"])
            async for item in self._keystore.find({})
            if item["_id"].startswith(_MASTER)
        ]

    @translate_errors()
    async def record_master(self, record: MasterRecord) -> None:
        """Write what is known of a master key; the day of its first use stays."""
        await self._keystore.update_one(
            {"_id": _MASTER + record.id},
            {"$set": {"settled": record.settled}, "$setOnInsert": {"made_at": record.first_used_at}},
            upsert=True,
        )

    @translate_errors()
    async def forget_master(self, key_id: str) -> None:
        """Take away what is known of a master key."""
        await self._keystore.delete_one({"_id": _MASTER + key_id})

    @translate_errors()
    async def erased_count(self) -> int:
        """How many entries of the list of the erased have been carried out here."""
        document = await self._keystore.find_one({"_id": _ERASED})
        return int(document["count"]) if document else 0

    @translate_errors()
    async def set_erased_count(self, count: int) -> None:
        """Write how many have."""
        await self._keystore.update_one({"_id": _ERASED}, {"$set": {"count": count}}, upsert=True)


def _place(account_id: str) -> bytes:
    return hashlib.sha256(account_id.encode()).digest()[:_PLACE_BYTES]


def _fields(key: WrappedKey | WrappedRoot) -> Document:
    return {"master_id": key.master_id, "wrapped": key.wrapped, "made_at": key.made_at}


def _record(document: Document) -> WrappedKey | DestroyedKey:
    if "destroyed_at" in document:
        return DestroyedKey(document["_id"], document["destroyed_at"])
    return WrappedKey(document["_id"], document["master_id"], document["wrapped"], document["made_at"])
