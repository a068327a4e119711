"""What people have stopped, in MongoDB: a document for each person and use."""

from pymongo.errors import DuplicateKeyError

from server.kernel.restraint import Use
from server.rights.restraints import Restraint
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

RESTRAINT_COLLECTIONS = (
    CollectionSpec(
        name="restraints",
        indexes=(Index("person", (("person_id", 1),)),),
        validator=schema_validator(
            {
                "_id": {"bsonType": "string"},
                "person_id": {"bsonType": "string"},
                "use": {"enum": [use.value for use in Use]},
                "at": {"bsonType": "date"},
            }
        ),
    ),
)


class MongoRestraintStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._restraints = database["restraints"]

    @translate_errors()
    async def all(self) -> list[Restraint]:
        """Read all there are."""
        return [_restraint(document) async for document in self._restraints.find({})]

    @translate_errors()
    async def of_person(self, person_id: str) -> list[Restraint]:
        """Read those of a person."""
        return [_restraint(document) async for document in self._restraints.find({"person_id": person_id})]

    async def put(self, restraint: Restraint) -> bool:
        """Insert one; False where it stands already, since then."""
        document = {
            "_id": _key(restraint.person_id, restraint.use),
            "person_id": restraint.person_id,
            "use": restraint.use.value,
            "at": restraint.at,
        }
        try:
            async with translate_errors():
                await self._restraints.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def drop(self, person_id: str, use: Use) -> bool:
        """Delete one; False where there is none."""
        gone = await self._restraints.delete_one({"_id": _key(person_id, use)})
        return bool(gone.deleted_count)


def _key(person_id: str, use: Use) -> str:
    return f"{person_id}:{use.value}"


def _restraint(document: Document) -> Restraint:
    return Restraint(document["person_id"], Use(document["use"]), document["at"])
