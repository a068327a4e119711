"""Images in MongoDB: what is known of each, and its sealed bytes in pieces. Nothing here opens anything."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from server.attachments.model import Attachment, Audience
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_BYTES = {"bsonType": "binData"}
_WHOLE = {"bsonType": ["int", "long"]}
_TEXTS = {"bsonType": "array", "items": _TEXT}
_SIZE = {"bsonType": "array", "items": _WHOLE, "minItems": 2, "maxItems": 2}
_IDS_AT_ONCE: Final = 50
_PLACE_BYTES: Final = 16

ATTACHMENT_COLLECTIONS = (
    CollectionSpec(
        name="attachments",
        indexes=(
            # For reading all of them piece by piece.
            Index("place", (("place", 1),)),
            Index("texts", (("texts", 1),)),
            Index("owner", (("owner_id", 1),)),
            Index("loose", (("loose_since", 1),), partial={"loose_since": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "place": _BYTES,
                "owner_id": _TEXT,
                "made_at": _DATE,
                "full_size": _SIZE,
                "small_size": _SIZE,
                "full_parts": _WHOLE,
                "small_parts": _WHOLE,
                "length": _WHOLE,
                "texts": _TEXTS,
                "audiences": {"bsonType": "array", "items": {"enum": [item.value for item in Audience]}},
                "loose_since": _DATE,
            },
            optional=("loose_since",),
        ),
        walk=Walk("place", Spread.DIGESTS),
    ),
    CollectionSpec(
        name="attachment_parts",
        indexes=(Index("place", (("place", 1),)),),
        validator=schema_validator({"_id": _TEXT, "place": _BYTES, "sealed": _BYTES}),
        walk=Walk("place", Spread.DIGESTS),
    ),
)


class MongoAttachmentStore:
    """Keeps images.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._attachments = database["attachments"]
        self._parts = database["attachment_parts"]

    @translate_errors()
    async def put(self, attachment: Attachment) -> None:
        """Store what is known of an image, in place of what was."""
        await self._attachments.replace_one({"_id": attachment.id}, _document(attachment), upsert=True)

    @translate_errors()
    async def find(self, attachment_ids: Sequence[str]) -> dict[str, Attachment]:
        """Find images by id; those that don't exist are absent."""
        found: dict[str, Attachment] = {}
        for first in range(0, len(attachment_ids), _IDS_AT_ONCE):
            ids = list(attachment_ids[first : first + _IDS_AT_ONCE])
            async for document in self._attachments.find({"_id": {"$in": ids}}):
                found[document["_id"]] = _attachment(document)
        return found

    @translate_errors()
    async def shown_by(self, text_id: str) -> dict[str, Attachment]:
        """Find the images that a text shows, by id."""
        found = self._attachments.find({"texts": text_id})
        return {document["_id"]: _attachment(document) async for document in found}

    @translate_errors()
    async def of_owner(self, owner_id: str) -> list[Attachment]:
        """Find somebody's images, shown or not."""
        return [_attachment(document) async for document in self._attachments.find({"owner_id": owner_id})]

    @translate_errors()
    async def loose(self, before: datetime) -> list[Attachment]:
        """Find images that no text shows since before a moment."""
        found = self._attachments.find({"loose_since": {"$lt": before}})
        return [_attachment(document) async for document in found]

    @translate_errors()
    async def remove(self, attachment_id: str, parts: Sequence[str]) -> None:
        """Remove an image: first what makes it be served, then its bytes."""
        await self._attachments.delete_one({"_id": attachment_id})
        for name in parts:
            await self._parts.delete_one({"_id": name})

    @translate_errors()
    async def put_part(self, name: str, sealed: bytes) -> None:
        """Store a piece of an image's bytes, in place of what was."""
        await self._parts.replace_one(
            {"_id": name}, {"_id": name, "place": _place(name), "sealed": sealed}, upsert=True
        )

    @translate_errors()
    async def parts(self, names: Sequence[str]) -> list[bytes] | None:
        """Give pieces in this order, or None when one is missing."""
        found = {item["_id"]: bytes(item["sealed"]) async for item in self._parts.find({"_id": {"$in": list(names)}})}
        return [found[name] for name in names] if len(found) == len(names) else None


def _place(name: str) -> bytes:
    return sha256(name.encode()).digest()[:_PLACE_BYTES]


def _document(attachment: Attachment) -> Document:
    document: Document = {
        "_id": attachment.id,
        "place": _place(attachment.id),
        "owner_id": attachment.owner_id,
        "made_at": attachment.made_at,
        "full_size": list(attachment.full_size),
        "small_size": list(attachment.small_size),
        "full_parts": attachment.full_parts,
        "small_parts": attachment.small_parts,
        "length": attachment.length,
        "texts": list(attachment.texts),
        "audiences": [item.value for item in attachment.audiences],
    }
    if attachment.loose_since is not None:
        document["loose_since"] = attachment.loose_since
    return document


def _attachment(document: Document) -> Attachment:
    return Attachment(
        id=document["_id"],
        owner_id=document["owner_id"],
        made_at=document["made_at"],
        full_size=(document["full_size"][0], document["full_size"][1]),
        small_size=(document["small_size"][0], document["small_size"][1]),
        full_parts=document["full_parts"],
        small_parts=document["small_parts"],
        length=document["length"],
        texts=tuple(document["texts"]),
        audiences=tuple(Audience(item) for item in document["audiences"]),
        loose_since=document.get("loose_since"),
    )
