"""Counters of signals in MongoDB, one document a counter, and the marks that tell repetitions."""

from collections.abc import Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from nlp.labels import Label
from server.signals.model import (
    Counted,
    LengthClass,
    SaidBy,
    ShapeClass,
    Signal,
    SignalCode,
    SignalKind,
    Surface,
    Traits,
    WordClass,
)
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_FIELDS = ("day", "kind", "label", "surface", "who", "model", "words", "length", "shape", "code")
_REMEMBERED_S = 400 * 24 * 3600
"""How long a repetition is told: longer than anybody keeps saying the same."""

SIGNAL_COLLECTIONS = (
    CollectionSpec(
        name="redaction_signals",
        indexes=(Index("day", (("day", 1),)),),
        validator=schema_validator(
            {"_id": _TEXT, **dict.fromkeys(_FIELDS, _TEXT), "count": {"bsonType": ["int", "long"]}}
        ),
    ),
    CollectionSpec(
        name="redaction_signal_marks",
        indexes=(Index("forgotten", (("at", 1),), expire_after_seconds=_REMEMBERED_S),),
        validator=schema_validator({"_id": {"bsonType": "binData"}, "at": {"bsonType": "date"}}),
    ),
)


class MongoSignalStore:
    """Keeps counters."""

    def __init__(self, database: Database) -> None:
        self._signals = database["redaction_signals"]
        self._marks = database["redaction_signal_marks"]

    async def mark(self, mark: bytes, at: datetime) -> bool:
        """Remember a keyed digest; False when it is remembered already."""
        try:
            async with translate_errors():
                await self._marks.insert_one({"_id": mark, "at": at})
        except DuplicateKeyError:
            return False
        return True

    async def add(self, signal: Signal) -> None:
        """Count a signal."""
        try:
            await self._add(signal)
        except DuplicateKeyError:
            # Somebody made the same counter at the same moment: now it is there.
            await self._add(signal)

    @translate_errors()
    async def _add(self, signal: Signal) -> None:
        traits = signal.traits
        fields = {
            "day": signal.day,
            "kind": signal.kind.value,
            "label": signal.label.value,
            "surface": signal.surface.value,
            "who": signal.who.value,
            "model": signal.model,
            "words": traits.words.value,
            "length": traits.length.value,
            "shape": traits.shape.value,
            "code": signal.code.value if signal.code else "",
        }
        await self._signals.update_one({"_id": signal.key}, {"$setOnInsert": fields, "$inc": {"count": 1}}, upsert=True)

    @translate_errors()
    async def between(self, first: str, last: str) -> Sequence[Counted]:
        """Read the counters of some days."""
        return [_counted(item) async for item in self._signals.find({"day": {"$gte": first, "$lte": last}})]


def _counted(document: Document) -> Counted:
    signal = Signal(
        day=document["day"],
        kind=SignalKind(document["kind"]),
        label=Label(document["label"]),
        surface=Surface(document["surface"]),
        who=SaidBy(document["who"]),
        model=document["model"],
        traits=Traits(WordClass(document["words"]), LengthClass(document["length"]), ShapeClass(document["shape"])),
        code=SignalCode(document["code"]) if document["code"] else None,
    )
    return Counted(signal, int(document["count"]))
