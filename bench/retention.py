"""How much a dry run of the retention rules costs on a store with many documents, and how long it makes others wait.

`python -m bench.retention [DOCUMENTS]`; an embedded store is started in a temporary folder. Every document is invented.
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bson import Int64

from server.composition.opening import COLLECTIONS, open_database
from server.composition.retaining import sweepers_of
from server.config import Settings
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.database import sample
from tests.harness.retaining import idle_hands

_BATCH = 200
_NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


async def _fill(database: Database, count: int) -> None:
    """Two fifths conversations, as many notices, one fifth feedback, spread over two years and a half."""
    several = 2 * count // 5
    await _fill_feedback(database, count - 2 * several)
    step = timedelta(days=900) / max(1, several)
    for first in range(0, several, _BATCH):
        rows = range(first, min(first + _BATCH, several))
        at = [_NOW - timedelta(days=900) + step * number for number in rows]
        await database["conversations"].insert_many(
            [
                {
                    "_id": f"c{number}",
                    "number": number + 1,
                    "subject": None,
                    "redactions": [],
                    "status": "closed",
                    "customer_id": f"a{number % 5_000}",
                    "assignee_id": None,
                    "last_seq": 3,
                    "last_message_at": moment,
                    "waiting_since": None,
                    "created_at": moment,
                    "read_marks": {},
                    "numbers": {},
                }
                for number, moment in zip(rows, at, strict=True)
            ]
        )
        await database["notices"].insert_many(
            [
                {
                    "_id": f"n{number}",
                    "account_id": f"a{number % 5_000}",
                    "month": 24_322,
                    "kind": "case_due",
                    "object_type": "case",
                    "object_id": "c1",
                    "at": moment,
                }
                for number, moment in zip(rows, at, strict=True)
            ]
        )
    await database["counters"].insert_one({"_id": "conversations", "value": several})


async def _fill_feedback(database: Database, count: int) -> None:
    """Items of every sort that retention tells apart, most of them ended; as the validator wants them, wordless."""
    [spec] = [spec for spec in COLLECTIONS if spec.name == "feedback_items"]
    assert spec.validator is not None
    schema = spec.validator["$jsonSchema"]
    step = timedelta(days=900) / max(1, count)
    for first in range(0, count, _BATCH):
        items = []
        for number in range(first, min(first + _BATCH, count)):
            whole = sample(schema, f"contoh{number}")
            item = {name: whole[name] for name in schema["required"]}
            moment = _NOW - timedelta(days=900) + step * number
            item |= {"number": Int64(number + 1), "kind": ("complaint", "criticism", "suggestion")[number % 3]}
            item |= {"visibility": "public" if number % 3 == 2 else "private", "sight": "shown"}
            item |= {"state": "received" if number % 10 == 0 else "closed", "created_at": moment, "changed_at": moment}
            items.append(item)
        await database["feedback_items"].insert_many(items)
    await database["counters"].insert_one({"_id": "feedback_items", "value": Int64(count)})


async def _waits(database: Database, waits: list[float]) -> None:
    """What somebody waits for one document meanwhile."""
    while True:
        began = time.perf_counter()
        await database["notices"].find_one({"_id": "n1"})
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)


async def main(count: int) -> None:
    """Fill, count, and say what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        async with open_database(settings, attach=False) as (_, database):
            await apply(database, COLLECTIONS)
            await _fill(database, count)
            waits: list[float] = []
            other = asyncio.create_task(_waits(database, waits))
            began, cpu, due = time.perf_counter(), time.process_time(), 0
            for sweeper in sweepers_of(settings, database, idle_hands(database)):
                for rule in sweeper.rules:
                    found, _ = await sweeper.due(rule, _NOW, lambda _: frozenset())
                    due += found
            took, own = time.perf_counter() - began, time.process_time() - cpu
            other.cancel()
            waits.sort()
            worst, median = waits[-1], waits[len(waits) // 2]
    print(f"{count} documents, {due} due: {took:.2f} s, {own:.2f} s CPU of the server")
    print(f"one document meanwhile: median {median * 1000:.1f} ms, longest {worst * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
