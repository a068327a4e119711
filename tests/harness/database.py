"""Documents in every collection of a database, looking at them, and archives of them. Invented, every one."""

import hashlib
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import Int64, ObjectId

from server.audit.checkpoints import Checkpoints
from server.audit.model import AuditEntry
from server.audit.note import Signer
from server.audit.records import Promise
from server.audit.retention import Retention
from server.audit.service import AuditTrail
from server.audit.store import MongoAuditStore
from server.composition.opening import ARCHIVED, COLLECTIONS
from server.storage.backup import back_up
from server.storage.mongo import Database
from server.storage.restore import restore
from server.storage.schema import apply
from server.storage.slices import raw

KEY = bytes(range(32))
AUDIT_KEY = bytes(range(1, 33))
SECRET = "kalimat yang tidak boleh terbaca"
TO_COME = datetime(2046, 11, 22, 3, tzinfo=UTC)
"""A fixed time for what the store forgets by itself. It goes by its own clock and looks once a minute: what is over
already would go in the middle of a test.
"""


def moment(second: int = 0) -> datetime:
    return datetime(2026, 11, 22, 8, tzinfo=UTC) + timedelta(seconds=second, milliseconds=7)


def conversation(number: int, **fields: Any) -> dict[str, Any]:
    document = {
        "_id": f"c{number}",
        "number": number,
        "subject": None,
        "redactions": [["⟦PHONE:1⟧", "PHONE"]],
        "status": "open",
        "customer_id": "a1",
        "assignee_id": None,
        "last_seq": 0,
        "last_message_at": None,
        "waiting_since": None,
        "created_at": moment(number),
        "read_marks": {"a1": Int64(3)},
        "numbers": {},
    }
    return {**document, **fields}


def message(conversation_id: str, seq: int, **fields: Any) -> dict[str, Any]:
    document = {
        "_id": f"{conversation_id}.{seq}",
        "conversation_id": conversation_id,
        "seq": seq,
        "client_key": os.urandom(16),
        "client_message_id": f"m{seq}",
        "author_id": "a1",
        "text": f"{SECRET} {seq}",
        "hidden": [["PHONE", "0f", 1]],
        "created_at": moment(seq),
    }
    return {**document, **fields}


async def fill(database: Database, *, conversations: int = 20, messages: int = 40) -> None:
    """Documents in every collection, and an audit trail."""
    await apply(database, COLLECTIONS)
    await database.conversations.insert_many([conversation(1 + number) for number in range(conversations)])
    for number in range(conversations):
        await database.messages.insert_many([message(f"c{1 + number}", 1 + seq) for seq in range(messages)])
    await database.counters.insert_one({"_id": "conversations", "value": Int64(conversations)})
    accounts = [
        {"_id": f"a{number}", "role": "customer", "name": os.urandom(30), "email": os.urandom(30), "locale": "id"}
        | {"created_at": moment(), "email_index": secrets.token_hex(8)}
        for number in range(250)
    ]
    await database.accounts.insert_many(accounts)
    later = datetime.now(UTC) + timedelta(days=1)
    await database.sessions.insert_one(
        {"_id": "s1", "token_hash": secrets.token_hex(32), "account_id": "a1", "created_at": moment()}
        | {"seen_at": moment(), "expires_at": later}
    )
    choice = {"account_id": "a1", "purpose": "chat", "granted": True, "at": moment()}
    await database.choices.insert_many([{**choice, "number": 1, "version": 1}, {**choice, "number": 2, "version": 1}])
    wrapped = {"master_id": "0" * 16, "wrapped": os.urandom(60), "made_at": moment()}
    persons = [{"_id": f"a{number}", "place": os.urandom(16), **wrapped} for number in range(250)]
    await database.person_keys.insert_many(persons)
    await database.person_keys.insert_one({"_id": "a250", "place": os.urandom(16), "destroyed_at": moment()})
    await database.keystore.insert_one({"_id": "root", **wrapped})
    await fill_trail(database)
    await fill_rest(database)


async def fill_rest(database: Database) -> None:
    """Three documents in each collection that is still empty, as its validator wants them."""
    for spec in COLLECTIONS:
        if await database[spec.name].find_one({}) is None:
            assert spec.validator is not None
            schema = spec.validator["$jsonSchema"]
            await database[spec.name].insert_many([sample(schema, str(number)) for number in range(3)])


def sample(schema: Mapping[str, Any], text: str) -> Any:
    """A value that a validator's schema takes; unlike others where its kind allows."""
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema["bsonType"]
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "object":
            return {name: sample(part, f"{name}{text}") for name, part in schema.get("properties", {}).items()}
        case "array":
            return [sample(schema["items"], text)] * schema.get("minItems", 1) if "items" in schema else []
        case "string":
            return text
        case "binData":
            return hashlib.blake2b(text.encode(), digest_size=16).digest()
        case "int" | "long":
            return Int64(10 * len(text) + int(text[-1]))
        case "double":
            return float(text[-1]) + 0.5
        case "bool":
            return True
        case "date":  # to come, so that no index with an expiry removes it
            return moment() + timedelta(days=3650)
        case "objectId":
            return ObjectId()
        case other:
            raise AssertionError(f"no sample of {other}")


async def fill_trail(database: Database) -> None:
    """A trail that was signed and cut, with a legal hold and a promise: something in each of its collections."""
    store, signer = MongoAuditStore(database), Signer(AUDIT_KEY)
    trail = AuditTrail(store, AUDIT_KEY)
    entries = [AuditEntry("chat:message:posted", "a1", (f"m{number}",), moment(number)) for number in range(120)]
    for entry in entries[:10]:
        await trail.append([entry])
    await Checkpoints(store, AUDIT_KEY, signer, clock=moment).make()
    for entry in entries[10:]:
        await trail.append([entry])
    retention = Retention(store, trail, AUDIT_KEY, signer, days=1, clock=lambda: moment(200_000))
    assert len(await retention.cut()) == 1
    await retention.set_hold("court_order", "a1")
    await store.insert_promise(Promise("p1", (entries[0].line().decode(),), 1))
    await trail.close()


async def content(database: Database) -> dict[str, list[bytes]]:
    """Every document of every declared collection, as its bytes."""
    found = {}
    for spec in COLLECTIONS:
        found[spec.name] = sorted([item.raw async for item in raw(database, spec.name).find({})])
    return found


async def shape(database: Database) -> dict[str, Any]:
    """Indexes and validators."""
    found: dict[str, Any] = {}
    async for item in await database.list_collections():
        if item["name"] in {spec.name for spec in COLLECTIONS}:
            indexes = [dict(index) async for index in database[item["name"]].list_indexes()]
            for index in indexes:
                index.pop("ns", None)
            found[item["name"]] = (item["options"].get("validator"), sorted(indexes, key=lambda index: index["name"]))
    return found


async def made(database: Database, archive: Path, key: bytes = KEY) -> Path:
    await back_up(database, ARCHIVED, archive, key, version="1")
    return archive


async def put_back(target: Database, archive: Path, key: bytes = KEY) -> dict[str, int]:
    return dict(await restore(target, ARCHIVED, archive, key, version="1"))


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())
