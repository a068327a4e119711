"""Who has passed what, in MongoDB: the last pass of each module."""

from collections.abc import Sequence

from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator
from server.training.model import Pass

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_AT_ONCE = 50

TRAINING_COLLECTIONS = (
    CollectionSpec(
        name="training_passes",
        indexes=(Index("account", (("account_id", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "account_id": _TEXT,
                "module": _TEXT,
                "version": _NUMBER,
                "policy": _NUMBER,
                "percent": _NUMBER,
                "at": {"bsonType": "date"},
            }
        ),
    ),
)


class MongoPassStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._passes = database["training_passes"]

    @translate_errors()
    async def passes(self, account_ids: Sequence[str]) -> list[Pass]:
        """Read the last pass of each module of some accounts."""
        found: list[Pass] = []
        for first in range(0, len(account_ids), _AT_ONCE):
            wanted = {"account_id": {"$in": list(account_ids[first : first + _AT_ONCE])}}
            found += [_pass(document) async for document in self._passes.find(wanted)]
        return found

    @translate_errors()
    async def put(self, held: Pass) -> None:
        """Keep a pass in place of the one before."""
        document = {
            "account_id": held.account_id,
            "module": held.module,
            "version": held.version,
            "policy": held.policy,
            "percent": held.percent,
            "at": held.at,
        }
        await self._passes.replace_one({"_id": f"{held.account_id}:{held.module}"}, document, upsert=True)


def _pass(document: Document) -> Pass:
    return Pass(
        account_id=document["account_id"],
        module=document["module"],
        version=int(document["version"]),
        policy=int(document["policy"]),
        percent=int(document["percent"]),
        at=document["at"],
    )
