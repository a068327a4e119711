"""Who was shown what of a person's that is sealed, in MongoDB: ids, keys, purpose, and the reason after the gate."""

from nlp.labels import Label
from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.text import RedactedText, Redaction
from server.sealed.model import Reveal
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}

REVEAL_COLLECTIONS = (
    CollectionSpec(
        name="sealed_reveals",
        # The second for retention, the third for who takes over what a visitor had.
        indexes=(
            Index("record", (("record_id", 1),)),
            Index("at", (("at", 1),)),
            Index("person", (("person_id", 1),), partial={"person_id": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "record_id": _TEXT,
                "keys": {"bsonType": "array", "items": _TEXT},
                "actor_id": _TEXT,
                "role": {"enum": [role.value for role in Role]},
                "purpose": {"enum": [purpose.value for purpose in Purpose]},
                "reason": _TEXT,
                "redactions": {"bsonType": "array"},
                "at": {"bsonType": "date"},
                "person_id": _TEXT,
            },
            optional=("person_id",),
        ),
    ),
)


class MongoRevealStore:
    """Keeps what was shown to whom.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._reveals = database["sealed_reveals"]

    @translate_errors()
    async def insert(self, reveal: Reveal) -> None:
        """Insert what was shown to whom."""
        await self._reveals.insert_one(
            {
                "_id": reveal.id,
                "record_id": reveal.record_id,
                "keys": list(reveal.keys),
                "actor_id": reveal.actor_id,
                "role": reveal.role.value,
                "purpose": reveal.purpose.value,
                "reason": reveal.reason.value,
                "redactions": [[item.placeholder, item.label.value] for item in reveal.redactions],
                "at": reveal.at,
                "person_id": reveal.person_id,
            }
        )

    @translate_errors()
    async def of(self, record_id: str) -> list[Reveal]:
        """Read who was shown what of a thing; in no order."""
        return [_reveal(document) async for document in self._reveals.find({"record_id": record_id})]

    @translate_errors()
    async def hand_over(self, person_id: str, to_person_id: str) -> None:
        """Give what was shown of somebody to the account that they have now."""
        await self._reveals.update_many({"person_id": person_id}, {"$set": {"person_id": to_person_id}})

    @translate_errors()
    async def remove(self, record_id: str) -> None:
        """Remove who was shown what of a thing, and why."""
        await self._reveals.delete_many({"record_id": record_id})


def _reveal(document: Document) -> Reveal:
    return Reveal(
        id=document["_id"],
        record_id=document["record_id"],
        keys=tuple(document["keys"]),
        actor_id=document["actor_id"],
        role=Role(document["role"]),
        purpose=Purpose(document["purpose"]),
        reason=RedactedText(document["reason"]),
        redactions=tuple(Redaction(placeholder, Label(label)) for placeholder, label in document["redactions"]),
        at=document["at"],
        person_id=document.get("person_id", ""),
    )
