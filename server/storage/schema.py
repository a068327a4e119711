"""Declared collections, indexes and validators, applied at every start.

Each capability declares its own in its `store.py`. What a declaration can't do (change or drop what exists, rewrite
documents) is a migration's affair. Must not know any capability.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pymongo.errors import OperationFailure

from server.storage.errors import SchemaConflict
from server.storage.mongo import Database, translate_errors

_NAMESPACE_EXISTS = 48
_INDEX_CONFLICTS = frozenset({85, 86})
_COMPARED_OPTIONS = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")


@dataclass(frozen=True, slots=True)
class Index:
    """One index.

    Attributes:
        name: stable; `duplicate_index_name` gives it back.
        keys: field paths with 1 or -1.
        unique: whether two documents may not have the same values.
        partial: filter of the documents that are in it; None for all.
        expire_after_seconds: for one date field: documents are removed so long after it.
    """

    name: str
    keys: tuple[tuple[str, int], ...]
    unique: bool = False
    partial: Mapping[str, Any] | None = None
    expire_after_seconds: int | None = None

    def document(self) -> dict[str, Any]:
        """The form in which the store takes it."""
        document: dict[str, Any] = {"name": self.name, "key": dict(self.keys)}
        if self.unique:
            document["unique"] = True
        if self.partial is not None:
            document["partialFilterExpression"] = dict(self.partial)
        if self.expire_after_seconds is not None:
            document["expireAfterSeconds"] = self.expire_after_seconds
        return document


class Spread(Enum):
    """How the values of a field that is in every document lie."""

    PLACES = "places"
    """Whole numbers from 1, or behind the floor, without gaps, in `_id`. After a gap is looked for at distances of
    powers of two."""

    NUMBERS = "numbers"
    """Whole numbers with few gaps, in an index."""

    DIGESTS = "digests"
    """Binary of 16 bytes, evenly spread, in an index. Others are not found: the engine orders lengths in two ways."""


@dataclass(frozen=True, slots=True)
class Walk:
    """By which field a collection that grows without end can be read piece by piece, at the cost of each piece.

    Attributes:
        field: every document has it, of the type that the spread says; the validator sees to it.
        spread: of its values. Where numbers or digests lie otherwise, pieces get larger or more, and none is left out.
        floor: for places that do not begin at 1: collection and field whose highest value is the last place that was
            given up. What still lies there is not read.
    """

    field: str
    spread: Spread
    floor: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """One collection.

    Attributes:
        name: of the collection.
        indexes: beside the one on `_id`.
        validator: query that every document must satisfy, usually `{"$jsonSchema": ...}`. Use `schema_validator`.
        walk: how all of it is read; None for one cursor, which costs the embedded engine one pause, as long as the
            collection is.
    """

    name: str
    indexes: tuple[Index, ...] = ()
    validator: Mapping[str, Any] | None = None
    walk: Walk | None = None


def schema_validator(
    properties: Mapping[str, Mapping[str, Any]], *, optional: Iterable[str] = (), closed: bool = True
) -> dict[str, Any]:
    """A `$jsonSchema` validator in which everything is required that is not said to be optional.

    Args:
        properties: field -> its schema, `_id` included.
        optional: fields that may be absent.
        closed: whether other fields are refused.
    """
    left_out = set(optional)
    schema: dict[str, Any] = {
        "bsonType": "object",
        "required": [name for name in properties if name not in left_out],
        "properties": {name: dict(schema) for name, schema in properties.items()},
    }
    if closed:
        schema["additionalProperties"] = False
    return {"$jsonSchema": schema}


async def apply(database: Database, specs: Sequence[CollectionSpec]) -> None:
    """Bring a database up to the declarations. Idempotent; several processes may do it at once.

    Validators are replaced when they differ. Indexes and collections that are not declared are left alone.

    Raises:
        SchemaConflict: an index of a declared name, or with the same keys, exists in another form.
        Unavailable: the store does not answer.
    """
    async with translate_errors():
        existing = await _collections(database)
        for spec in specs:
            if spec.name not in existing:
                await _create(database, spec)
                found: Mapping[str, Any] | None = None
            else:
                found = existing[spec.name]
            if found is not None and found.get("validator", {}) != dict(spec.validator or {}):
                await database.command({"collMod": spec.name, "validator": dict(spec.validator or {})})
            if spec.indexes:
                await _create_indexes(database, spec)


async def _collections(database: Database) -> dict[str, Mapping[str, Any]]:
    found = await database.list_collections()
    return {item["name"]: item.get("options", {}) async for item in found}


async def _create(database: Database, spec: CollectionSpec) -> None:
    command: dict[str, Any] = {"create": spec.name}
    if spec.validator is not None:
        command["validator"] = dict(spec.validator)
    try:
        await database.command(command)
    except OperationFailure as error:
        # Somebody who starts at the same moment was quicker, with the same declaration.
        if error.code != _NAMESPACE_EXISTS:
            raise


async def _create_indexes(database: Database, spec: CollectionSpec) -> None:
    present: dict[str, MutableMapping[str, Any]] = {}
    async for index in database[spec.name].list_indexes():
        present[index["name"]] = index
    wanted = []
    for index in spec.indexes:
        if index.name not in present:
            wanted.append(index.document())
        elif not _same(present[index.name], index.document()):
            raise SchemaConflict(f"index {index.name} of {spec.name} exists in another form: it needs a migration")
    if not wanted:
        return
    try:
        await database.command({"createIndexes": spec.name, "indexes": wanted})
    except OperationFailure as error:
        if error.code in _INDEX_CONFLICTS:
            names = ", ".join(document["name"] for document in wanted)
            raise SchemaConflict(f"{spec.name} has indexes that contradict {names}: it needs a migration") from None
        raise


def _same(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if list(present["key"].items()) != list(wanted["key"].items()):
        return False
    return all((present.get(option) or None) == (wanted.get(option) or None) for option in _COMPARED_OPTIONS)
