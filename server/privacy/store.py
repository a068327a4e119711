"""The consent ledger in MongoDB: documents are inserted and never changed."""

from pymongo.errors import DuplicateKeyError

from server.kernel.errors import Conflict
from server.privacy.model import Choice
from server.storage.mongo import Database, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

PRIVACY_COLLECTIONS = (
    CollectionSpec(
        name="choices",
        indexes=(Index("person_number_unique", (("account_id", 1), ("number", 1)), unique=True),),
        validator=schema_validator(
            {
                "_id": {"bsonType": "objectId"},
                "account_id": {"bsonType": "string"},
                "number": {"bsonType": ["int", "long"]},
                "purpose": {"bsonType": "string"},
                "granted": {"bsonType": "bool"},
                "version": {"bsonType": ["int", "long"]},
                "at": {"bsonType": "date"},
            }
        ),
    ),
)


class MongoChoiceStore:
    """Keeps choices."""

    def __init__(self, database: Database) -> None:
        self._choices = database["choices"]

    @translate_errors()
    async def choices(self, account_id: str) -> list[Choice]:
        """Read all choices of a person."""
        return [
            Choice(
                account_id=document["account_id"],
                number=int(document["number"]),
                purpose=document["purpose"],
                granted=bool(document["granted"]),
                version=int(document["version"]),
                at=document["at"],
            )
            async for document in self._choices.find({"account_id": account_id})
        ]

    async def insert(self, choice: Choice) -> None:
        """Add a choice.

        Raises:
            Conflict: another choice got this number first.
        """
        try:
            async with translate_errors():
                await self._choices.insert_one(
                    {
                        "account_id": choice.account_id,
                        "number": choice.number,
                        "purpose": choice.purpose,
                        "granted": choice.granted,
                        "version": choice.version,
                        "at": choice.at,
                    }
                )
        except DuplicateKeyError:
            raise Conflict from None
