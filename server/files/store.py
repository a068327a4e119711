"""Files in MongoDB: what is known of each in a collection, its sealed content in GridFS. Nothing here opens anything.

GridFS costs the embedded engine what pieces in a collection of our own would (4 MiB: 62 ms to write, 17 ms to read).
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Final

from bson import Binary
from gridfs.errors import FileExists, NoFile
from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from server.files.model import ENDINGS, Sealing, State, StoredFile
from server.kernel.text import RedactedText
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_BYTES = {"bsonType": "binData"}
_WHOLE = {"bsonType": ["int", "long"]}
_CONTENT: Final = "file_content"
_PIECE_BYTES: Final = 512 * 1024
_PLACE_BYTES: Final = 16
_IDS_AT_ONCE: Final = 50

FILE_COLLECTIONS = (
    CollectionSpec(
        name="files",
        indexes=(
            # For reading all of them piece by piece.
            Index("place", (("place", 1),)),
            Index("person", (("person_id", 1),)),
            Index("waiting_owner", (("waiting_owner", 1),), partial={"waiting_owner": {"$exists": True}}),
            Index("waiting_since", (("waiting_since", 1),), partial={"waiting_since": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "place": _BYTES,
                # Any circle: the first files all stood in conversations.
                "conversation_id": _TEXT,
                "person_id": _TEXT,
                "owner_id": _TEXT,
                "made_at": _DATE,
                "name": _TEXT,
                "media_type": {"enum": sorted(ENDINGS)},
                "size": _WHOLE,
                "picture": {"bsonType": "array", "items": _WHOLE, "minItems": 2, "maxItems": 2},
                "small": _WHOLE,
                "sealing": {"enum": [item.value for item in Sealing]},
                "key": _BYTES,
                "state": {"enum": [item.value for item in State]},
                "message_key": _TEXT,
                "waiting_owner": _TEXT,
                "waiting_since": _DATE,
            },
            optional=("picture", "sealing", "message_key", "waiting_owner", "waiting_since"),
        ),
        walk=Walk("place", Spread.DIGESTS),
    ),
    # Both as GridFS lays them out, with the names that it gives to its indexes.
    CollectionSpec(
        name=f"{_CONTENT}.files",
        indexes=(
            Index("filename_1_uploadDate_1", (("filename", 1), ("uploadDate", 1))),
            Index("place", (("metadata.place", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _BYTES,
                "filename": _TEXT,
                "length": _WHOLE,
                "chunkSize": _WHOLE,
                "uploadDate": _DATE,
                "metadata": {
                    "bsonType": "object",
                    "required": ["place"],
                    "properties": {"place": _BYTES},
                    "additionalProperties": False,
                },
            }
        ),
        walk=Walk("metadata.place", Spread.DIGESTS),
    ),
    CollectionSpec(
        name=f"{_CONTENT}.chunks",
        indexes=(Index("files_id_1_n_1", (("files_id", 1), ("n", 1)), unique=True),),
        validator=schema_validator({"_id": {"bsonType": "objectId"}, "files_id": _BYTES, "n": _WHOLE, "data": _BYTES}),
        walk=Walk("files_id", Spread.DIGESTS),
    ),
)


class MongoFileStore:
    """Keeps files.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._files = database["files"]
        self._content = AsyncIOMotorGridFSBucket(database, _CONTENT, chunk_size_bytes=_PIECE_BYTES)

    @translate_errors()
    async def insert(self, file: StoredFile) -> None:
        """Store what is known of a file; its content is stored already."""
        await self._files.insert_one(_document(file))

    @translate_errors()
    async def replace(self, file: StoredFile) -> None:
        """Store what is known of a file, in place of what was; nothing where it is gone."""
        await self._files.replace_one({"_id": file.id}, _document(file))

    @translate_errors()
    async def claim(self, file_id: str, before: str | None, message_key: str, now: datetime) -> bool:
        """Give a file to a message, unless another was quicker.

        Args:
            file_id: which.
            before: the message that had it before and was not sent, or None.
            message_key: the message.
            now: since when it waits for that one.
        """
        found = await self._files.find_one_and_update(
            {
                "_id": file_id,
                "state": {"$ne": State.POSTED.value},
                "message_key": {"$exists": False} if before is None else before,
            },
            {"$set": {"state": State.CLAIMED.value, "message_key": message_key, "waiting_since": now}},
        )
        return found is not None

    @translate_errors()
    async def find(self, file_ids: Sequence[str]) -> dict[str, StoredFile]:
        """Find files by id; those that don't exist are absent."""
        found: dict[str, StoredFile] = {}
        for first in range(0, len(file_ids), _IDS_AT_ONCE):
            ids = list(file_ids[first : first + _IDS_AT_ONCE])
            async for document in self._files.find({"_id": {"$in": ids}}):
                found[document["_id"]] = _file(document)
        return found

    @translate_errors()
    async def waiting_of(self, owner_id: str) -> list[StoredFile]:
        """Find the files of somebody that wait for their messages."""
        return [_file(document) async for document in self._files.find({"waiting_owner": owner_id})]

    @translate_errors()
    async def waiting(self, before: datetime) -> list[StoredFile]:
        """Find files that wait for their messages since before a moment."""
        return [_file(document) async for document in self._files.find({"waiting_since": {"$lt": before}})]

    @translate_errors()
    async def of_person(self, person_id: str) -> list[StoredFile]:
        """Find all files of a customer's conversations."""
        return [_file(document) async for document in self._files.find({"person_id": person_id})]

    @translate_errors()
    async def remove(self, file_id: str, contents: Sequence[str]) -> None:
        """Remove a file: first what makes it be served and its key, then its content.

        Args:
            file_id: which.
            contents: names of its pieces of content.
        """
        await self._files.delete_one({"_id": file_id})
        for name in contents:
            try:
                await self._content.delete(_place(name))
            except NoFile:
                # An earlier attempt came as far as this.
                continue

    @translate_errors()
    async def put_content(self, name: str, sealed: bytes) -> None:
        """Store sealed content under a name of its own."""
        place = _place(name)
        try:
            async with self._content.open_upload_stream_with_id(place, "", metadata={"place": place}) as stream:
                await stream.write(sealed)
        except FileExists:
            # The same content again: what is stored under a name never changes.
            return

    @translate_errors()
    async def content(self, name: str) -> bytes | None:
        """Give sealed content, or None where it is gone."""
        sealed = BytesIO()
        try:
            await self._content.download_to_stream(_place(name), sealed)
        except NoFile:
            return None
        return sealed.getvalue()


def _place(name: str) -> Binary:
    return Binary(sha256(name.encode()).digest()[:_PLACE_BYTES])


def _document(file: StoredFile) -> Document:
    document: Document = {
        "_id": file.id,
        "place": _place(file.id),
        "conversation_id": file.circle_id,
        "person_id": file.person_id,
        "owner_id": file.owner_id,
        "made_at": file.made_at,
        "name": file.name.value,
        "media_type": file.media_type,
        "size": file.size,
        "small": file.small,
        "key": file.key,
        "state": file.state.value,
    }
    if file.picture is not None:
        document["picture"] = list(file.picture)
    if file.sealing is not None:
        document["sealing"] = file.sealing.value
    if file.message_key is not None:
        document["message_key"] = file.message_key
    if file.waiting_since is not None:
        document |= {"waiting_owner": file.owner_id, "waiting_since": file.waiting_since}
    return document


def _file(document: Document) -> StoredFile:
    picture = document.get("picture")
    sealing = document.get("sealing")
    return StoredFile(
        id=document["_id"],
        circle_id=document["conversation_id"],
        person_id=document["person_id"],
        owner_id=document["owner_id"],
        made_at=document["made_at"],
        name=RedactedText(document["name"]),
        media_type=document["media_type"],
        size=document["size"],
        picture=(picture[0], picture[1]) if picture else None,
        small=document["small"],
        sealing=Sealing(sealing) if sealing else None,
        key=bytes(document["key"]),
        state=State(document["state"]),
        message_key=document.get("message_key"),
        waiting_since=document.get("waiting_since"),
    )
