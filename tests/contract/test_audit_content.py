"""Stored texts against the trail, and changes whose entries are promised, on the real store."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pymongo.errors import PyMongoError

from server.audit.content import TextKind
from server.audit.model import AuditEntry, VerificationReport
from server.audit.parts import AuditParts
from server.audit.promises import PromiseBook
from server.audit.records import Promise
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, BLOCKS, MongoAuditStore
from server.chat.model import message_id
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.chat.trail import TEXT_ACTIONS
from server.kernel.errors import Conflict, Unavailable
from server.kernel.text import RedactedText
from server.storage.embedded import EmbeddedStore
from server.storage.errors import StoreRefused
from server.storage.mongo import Database, open_client
from server.storage.schema import apply
from tests.harness.database import message
from tests.harness.process import eventually

KEYS = {"audit": bytes(range(32)), "audit-checkpoints": bytes(range(1, 33))}
COUNT = 60
_LEFT = "chat:message:repeated"
"""Stands here for what tells of texts that a crash left."""


def stored(conversation_id: str, seq: int) -> dict[str, object]:
    return message(conversation_id, seq, _id=message_id(conversation_id, seq))


@pytest.fixture
async def parts(database: Database, tmp_path: Path) -> AsyncIterator[AuditParts]:
    """Two conversations with messages, all of them told by the trail."""
    await apply(database, (*AUDIT_COLLECTIONS, *CHAT_COLLECTIONS))
    parts = AuditParts.build(MongoAuditStore(database), KEYS.__getitem__, tmp_path, days=0)
    for conversation in ("c1", "c2"):
        documents = [stored(conversation, seq) for seq in range(1, COUNT + 1)]
        await database.messages.insert_many(documents)
        await parts.trail.append([told(parts, document) for document in documents])
    yield parts
    await parts.trail.close()


def told(parts: AuditParts, document: dict[str, object], action: str = "chat:message:posted") -> AuditEntry:
    identity = str(document["_id"])
    digest = parts.trail.content_digest(identity, RedactedText(str(document["text"])))
    seq = document["seq"]
    assert isinstance(seq, int)
    objects = (str(document["conversation_id"]), identity, digest)
    return AuditEntry(action, "a1", objects, datetime.now(UTC), {"seq": seq})


def kinds(database: Database) -> list[TextKind]:
    return [TextKind("message", TEXT_ACTIONS, MongoChatStore(database), after_crash=frozenset({_LEFT}))]


def named(conversation_id: str, seq: int) -> str:
    return f"message {message_id(conversation_id, seq)}"


async def findings(parts: AuditParts, database: Database) -> tuple[VerificationReport, dict[str, tuple[str, ...]]]:
    report, content = await parts.verify_content(kinds(database))
    found = {"changed": content.changed, "missing": content.missing, "untold": content.untold}
    return report, {name: ids for name, ids in found.items() if ids}


async def change(database: Database) -> None:
    await database.messages.update_one({"_id": message_id("c1", 7)}, {"$set": {"text": "teks lain"}})


async def exchange(database: Database) -> None:
    one, other = [
        await database.messages.find_one({"_id": name}) for name in (message_id("c1", 7), message_id("c2", 8))
    ]
    assert one is not None
    assert other is not None
    await database.messages.update_one({"_id": message_id("c1", 7)}, {"$set": {"text": other["text"]}})
    await database.messages.update_one({"_id": message_id("c2", 8)}, {"$set": {"text": one["text"]}})


async def remove(database: Database) -> None:
    await database.messages.delete_one({"_id": message_id("c2", 60)})


async def slip_in(database: Database) -> None:
    await database.messages.insert_one(stored("c2", COUNT + 1))


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (change, {"changed": (named("c1", 7),)}),
        (exchange, {"changed": (named("c1", 7), named("c2", 8))}),
        (remove, {"missing": (named("c2", 60),)}),
        (slip_in, {"untold": (named("c2", 61),)}),
    ],
)
async def test_texts_changed_behind_the_servers_back_are_found(
    parts: AuditParts, database: Database, tamper: Callable[[Database], Awaitable[None]], expected: object
) -> None:
    report, found = await findings(parts, database)
    assert (report.ok, found) == (True, {})
    await tamper(database)
    report, found = await findings(parts, database)
    assert (report.ok, found) == (True, expected)


async def test_of_a_corrected_message_the_newest_entry_counts(parts: AuditParts, database: Database) -> None:
    before = await database.messages.find_one({"_id": message_id("c1", 7)})
    assert before is not None
    after = {**before, "text": "teks ⟦PHONE:1⟧"}
    await parts.trail.append([told(parts, after, "chat:message:corrected")])
    _, found = await findings(parts, database)
    assert found == {"changed": (named("c1", 7),)}
    await database.messages.replace_one({"_id": message_id("c1", 7)}, after)
    assert (await findings(parts, database))[1] == {}
    await database.messages.replace_one({"_id": message_id("c1", 7)}, before)
    assert (await findings(parts, database))[1] == {"changed": (named("c1", 7),)}


async def test_entries_without_digests_are_counted(parts: AuditParts, database: Database) -> None:
    """Of before there were digests: nothing is known of the text, but that there is one."""
    await database.messages.insert_one(stored("c3", 1))
    await parts.trail.append(
        [AuditEntry("chat:message:posted", "a1", ("c3", message_id("c3", 1)), datetime.now(UTC), {"seq": 1})]
    )
    report, content = await parts.verify_content(kinds(database))
    assert (report.ok, content.ok, content.unsealed, content.checked) == (True, True, 1, 2 * COUNT)


@pytest.mark.parametrize("gap", [0, 70])
async def test_a_change_that_nobody_saw_being_made_may_fit_or_not(
    parts: AuditParts, database: Database, gap: int
) -> None:
    """Whether many others are told of between it and what was told before, or none: a third text fits neither."""
    before = await database.messages.find_one({"_id": message_id("c2", COUNT)})
    assert before is not None
    after = {**before, "text": "teks ⟦PHONE:1⟧"}
    others = [await database.messages.find_one({"_id": message_id("c1", seq)}) for seq in range(1, 6)]
    entries = [told(parts, found) for _ in range(gap // 5) for found in others if found is not None]
    corrected = told(parts, after, "chat:message:corrected")
    await parts.trail.append([*entries, replace(corrected, counts={**corrected.counts, "unconfirmed": 1})])
    assert (await findings(parts, database))[1] == {}
    await database.messages.replace_one({"_id": before["_id"]}, after)
    assert (await findings(parts, database))[1] == {}
    await database.messages.update_one({"_id": before["_id"]}, {"$set": {"text": "teks lain"}})
    assert (await findings(parts, database))[1] == {"changed": (named("c2", COUNT),)}


async def test_what_a_crash_left_is_told_of_once(parts: AuditParts, database: Database) -> None:
    """A text that was told of can't be told of anew by it, or else whoever changes one need only wait for a crash."""
    await database.messages.insert_one(stored("c1", COUNT + 1))
    assert (await findings(parts, database))[1] == {"untold": (named("c1", COUNT + 1),)}
    await parts.trail.append([told(parts, stored("c1", COUNT + 1), _LEFT)])
    assert (await findings(parts, database))[1] == {}
    await change(database)
    changed = await database.messages.find_one({"_id": message_id("c1", 7)})
    assert changed is not None
    await parts.trail.append([told(parts, changed, _LEFT)])
    assert (await findings(parts, database))[1] == {"changed": (named("c1", 7),)}
    _, content = await parts.verify_content(kinds(database))
    assert content.doubtful == 1


async def test_what_was_changed_while_it_was_told_of(parts: AuditParts, database: Database) -> None:
    """The two entries may stand in the other order; the revision says which text is newer."""
    await database.messages.insert_one({**stored("c3", 1), "text": "teks baru"})
    old, new = told(parts, stored("c3", 1)), told(parts, {**stored("c3", 1), "text": "teks baru"})
    await parts.trail.append([replace(new, counts={**new.counts, "revision": 1}), old])
    assert (await findings(parts, database))[1] == {}


def changing(number: int) -> AuditEntry:
    at = datetime(2026, 11, 22, 8, 0, number, tzinfo=UTC)
    return AuditEntry("chat:conversation:closed", "a1", (f"c{number}",), at)


async def lines(database: Database) -> list[list[object]]:
    return [orjson.loads(line) async for block in database[BLOCKS.name].find({}) for line in block["entries"]]


@pytest.fixture
async def trail(database: Database) -> AsyncIterator[AuditTrail]:
    await apply(database, AUDIT_COLLECTIONS)
    trail = AuditTrail(MongoAuditStore(database), KEYS["audit"])
    yield trail
    await trail.close()


async def test_a_change_that_was_made_is_in_the_trail_and_its_promise_forgotten(
    trail: AuditTrail, database: Database
) -> None:
    async with trail.promises.around([changing(1)]):
        assert await database.audit_promises.count_documents({}) == 1
        assert await lines(database) == []
    assert [line[2] for line in await lines(database)] == [["c1"]]
    await trail.close()
    assert await database.audit_promises.count_documents({}) == 0


async def test_a_change_that_was_refused_is_not(trail: AuditTrail, database: Database) -> None:
    with pytest.raises(Conflict):
        async with trail.promises.around([changing(1)]):
            raise Conflict
    await trail.promises.settle()
    await trail.close()
    assert await lines(database) == []
    assert await database.audit_promises.count_documents({}) == 0


async def test_what_a_killed_process_promised_is_told_as_unconfirmed(trail: AuditTrail, database: Database) -> None:
    """Once, and only when its time has passed; what was appended before the kill is not told again."""
    store = MongoAuditStore(database)
    now = datetime.now(UTC)
    at = int(now.timestamp() * 1000)
    await trail.append([changing(1)])
    await store.insert_promise(Promise("p1", (changing(1).line().decode(),), at))
    await store.insert_promise(Promise("p2", (changing(2).line().decode(),), at))
    moment = [now]
    for later in (30, 61, 130):
        moment[0] = now + timedelta(seconds=later)
        await PromiseBook(trail, store, lambda: moment[0]).settle()
        told_of = [(line[2], line[3]) for line in await lines(database)]
        assert told_of == [(["c1"], {}), (["c2"], {"unconfirmed": 1})][: 1 if later == 30 else 2]
    assert await database.audit_promises.count_documents({}) == 0


async def test_a_change_outlives_an_outage_of_the_store(tmp_path: Path) -> None:
    """The engine dies between the change and its entry: the entry comes all the same, once.

    The caller is told, unless the next engine is there before the driver has given up.
    """
    engine = EmbeddedStore(tmp_path / "data", cache_mb=64)
    client = open_client(await engine.start(), embedded=True)
    database = client.trial
    await apply(database, AUDIT_COLLECTIONS)
    trail = AuditTrail(MongoAuditStore(database), KEYS["audit"], patience_s=0.0)
    await trail.append([changing(1)])

    async def change_and_lose_the_store() -> None:
        async with trail.promises.around([changing(2)]):
            assert engine.engine_pid is not None
            os.kill(engine.engine_pid, signal.SIGKILL)

    with suppress(Unavailable):
        await change_and_lose_the_store()

    async def settled() -> bool:
        try:
            await trail.promises.settle()
            return await database.audit_promises.count_documents({}) == 0
        except (Unavailable, StoreRefused, PyMongoError):
            # The store is just starting.
            return False

    await eventually(settled, "the entry is appended")
    await trail.close()
    assert [(line[2], line[3]) for line in await lines(database)] == [(["c1"], {}), (["c2"], {})]
    assert (await trail.verify()).ok
    client.close()
    await engine.stop()
