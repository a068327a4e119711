"""Sealed records in MongoDB: every value under its person's key, bound to its record and field.

The moment at which the next field has to go is indexed, so that retention costs what is due and not what is kept.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

from pymongo.errors import DuplicateKeyError

from server.kernel.disclosure import Purpose
from server.kernel.ports import PersonSealer
from server.kernel.private import PrivateValue
from server.keyring import BlindIndex
from server.sealed.fields import FieldType
from server.sealed.model import Grant, Record, Slot
from server.sealed.personal import PERSONAL, Kept, Personal, PersonalValues
from server.sealed.reveal_store import REVEAL_COLLECTIONS
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_BYTES = {"bsonType": "binData"}
_PLACE_BYTES: Final = 16

SEALED_COLLECTIONS = (
    *REVEAL_COLLECTIONS,
    CollectionSpec(
        name="sealed_records",
        indexes=(
            # For reading all of them piece by piece.
            Index("place", (("place", 1),)),
            Index("person", (("person_id", 1),)),
            Index("due", (("due_at", 1),), partial={"due_at": {"$exists": True}}),
            Index("findable", (("findable", 1),), partial={"findable": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "place": _BYTES,
                "kind": _TEXT,
                "person_id": _TEXT,
                "revision": _NUMBER,
                "made_at": _DATE,
                "changed_at": _DATE,
                "slots": {"bsonType": "object"},
                "grants": {"bsonType": "array"},
                "due_at": _DATE,
                "findable": {"bsonType": "array", "items": _TEXT},
            },
            optional=("due_at", "findable"),
        ),
        walk=Walk("place", Spread.DIGESTS),
    ),
)


class MongoSealedStore:
    """Keeps records.

    Args:
        database: where.
        sealer: encrypts under people's keys.
        index: makes the digests by which findable values are looked up.
    """

    def __init__(self, database: Database, sealer: PersonSealer, index: BlindIndex) -> None:
        self._records = database["sealed_records"]
        self._values = PersonalValues(sealer, index)

    @translate_errors()
    async def find(self, record_id: str) -> Record | None:
        """Find by id, also what has to be gone."""
        document = await self._records.find_one({"_id": record_id})
        return _record(document) if document else None

    async def insert(self, record: Record, values: Mapping[str, PrivateValue]) -> bool:
        """Insert a record with a value for each of its fields; say whether there was none."""
        document = await self._document(record, values, {})
        try:
            async with translate_errors():
                await self._records.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def change(self, before: Record, after: Record, values: Mapping[str, PrivateValue]) -> bool:
        """Write a record in place of another state of it, if that is still the one; say whether.

        Args:
            before: as it was read.
            after: as it is to be; a field of it that has no new value keeps the one it has.
            values: the new ones.
        """
        known = await self._records.find_one({"_id": before.id})
        if known is None or int(known["revision"]) != before.revision:
            return False
        document = await self._document(after, values, known)
        result = await self._records.replace_one({"_id": before.id, "revision": before.revision}, document)
        return bool(result.matched_count)

    @translate_errors()
    async def remove(self, record_id: str, revision: int | None = None) -> bool:
        """Remove a record, if it is still of a revision where one is given; say whether there was one."""
        which: Document = {"_id": record_id} if revision is None else {"_id": record_id, "revision": revision}
        return bool((await self._records.delete_one(which)).deleted_count)

    @translate_errors()
    async def open(self, record: Record, keys: Collection[str]) -> dict[str, str] | None:
        """Open values of a record, by key; None when one is not there or the person's key was destroyed.

        Whose key it is comes from the same read as the values: the record may have been handed over since it was found.
        """
        fields = {"person_id": 1} | {f"slots.{key}.sealed": 1 for key in keys}
        document = await self._records.find_one({"_id": record.id}, fields)
        found = document.get("slots", {}) if document else {}
        if document is None or not all(key in found for key in keys):
            return None
        person_id = str(document["person_id"])
        kind = _kind(record.kind)
        kept = [Kept(kind, person_id, bytes(found[key]["sealed"]), _thing(record, key)) for key in keys]
        opened = await self._values.open_many(kept)
        values = {key: value.decode() for key, value in zip(keys, opened, strict=True) if value is not None}
        return values if len(values) == len(keys) else None

    @translate_errors()
    async def due(self, now: datetime) -> list[str]:
        """Give the records of which a field has to be gone."""
        found = self._records.find({"due_at": {"$lte": now}}, {"_id": 1})
        return [document["_id"] async for document in found]

    @translate_errors()
    async def found_by(self, kind: str, key: str, value: PrivateValue) -> list[str]:
        """Give the records with a value in a findable field."""
        found = self._records.find({"findable": self._digest(kind, key, value)}, {"_id": 1})
        return [document["_id"] async for document in found]

    @translate_errors()
    async def of_person(self, person_id: str) -> list[str]:
        """Give the ids of the records under a person's key."""
        return [document["_id"] async for document in self._records.find({"person_id": person_id}, {"_id": 1})]

    async def _document(self, record: Record, values: Mapping[str, PrivateValue], known: Document) -> Document:
        slots: Document = {}
        findable: list[str] = []
        for key, slot in record.slots.items():
            old: Document = known.get("slots", {}).get(key, {})
            if key in values:
                value = values[key].disclose()
                sealed = await self._values.seal(_kind(record.kind), record.person_id, value, _thing(record, key))
                digest = self._digest(record.kind, key, values[key]) if slot.findable else None
            else:
                sealed, digest = old["sealed"], old.get("digest")
            slots[key] = {
                "type": slot.type.value,
                "purposes": sorted(purpose.value for purpose in slot.purposes),
                "keep_until": slot.keep_until,
                "sealed": sealed,
            }
            if digest is not None:
                slots[key]["digest"] = digest
                findable.append(digest)
        document: Document = {
            "_id": record.id,
            "place": sha256(record.id.encode()).digest()[:_PLACE_BYTES],
            "kind": record.kind,
            "person_id": record.person_id,
            "revision": record.revision,
            "made_at": record.made_at,
            "changed_at": record.changed_at,
            "slots": slots,
            "grants": [_grant_document(grant) for grant in record.grants],
        }
        if record.due is not None:
            document["due_at"] = record.due
        if findable:
            document["findable"] = findable
        return document

    def _digest(self, kind: str, key: str, value: PrivateValue) -> str:
        return self._values.digest(_kind(kind), f"{kind}\0{key}\0{value.disclose()}")


def _kind(kind: str) -> Personal:
    """What values of records are. Raises `KeyError` for a kind of record that is not declared."""
    return PERSONAL[f"sealed/{kind}"]


def _thing(record: Record, key: str) -> str:
    return f"{record.id}/{key}"


def _grant_document(grant: Grant) -> Document:
    return {
        "circle": grant.circle,
        "keys": sorted(grant.keys),
        "purposes": sorted(purpose.value for purpose in grant.purposes),
        "until": grant.until,
    }


def _record(document: Document) -> Record:
    return Record(
        id=document["_id"],
        kind=document["kind"],
        person_id=document["person_id"],
        revision=int(document["revision"]),
        made_at=document["made_at"],
        changed_at=document["changed_at"],
        slots={key: _slot(item) for key, item in document["slots"].items()},
        grants=tuple(
            Grant(
                item["circle"],
                frozenset(item["keys"]),
                frozenset(Purpose(purpose) for purpose in item["purposes"]),
                item["until"],
            )
            for item in document["grants"]
        ),
    )


def _slot(item: Document) -> Slot:
    purposes = frozenset(Purpose(purpose) for purpose in item["purposes"])
    return Slot(FieldType(item["type"]), purposes, item["keep_until"], findable="digest" in item)
