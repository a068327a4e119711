"""Questions to customers in MongoDB: the last one of each conversation."""

from server.desk.asking import Ask, AskState
from server.feedback.model import Kind
from server.kernel.text import RedactedText
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, schema_validator

_TEXT = {"bsonType": "string"}

ASK_COLLECTIONS = (
    CollectionSpec(
        name="desk_asks",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "ask_id": _TEXT,
                "kind": {"enum": [kind.value for kind in Kind]},
                "title": _TEXT,
                "text": _TEXT,
                "by": _TEXT,
                "asked_at": {"bsonType": "date"},
                "state": {"enum": [state.value for state in AskState]},
                "feedback_id": {"bsonType": ["string", "null"]},
            }
        ),
    ),
)


class MongoAskStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._asks = database["desk_asks"]

    @translate_errors()
    async def find_ask(self, conversation_id: str) -> Ask | None:
        """Read the last question of a conversation."""
        item = await self._asks.find_one({"_id": conversation_id})
        if item is None:
            return None
        return Ask(
            item["ask_id"],
            item["_id"],
            Kind(item["kind"]),
            RedactedText(item["title"]),
            RedactedText(item["text"]),
            item["by"],
            item["asked_at"],
            AskState(item["state"]),
            item["feedback_id"],
        )

    @translate_errors()
    async def put_ask(self, ask: Ask) -> None:
        """Write a question in the place of the one before."""
        fields: Document = {
            "ask_id": ask.id,
            "kind": ask.kind.value,
            "title": ask.title.value,
            "text": ask.text.value,
            "by": ask.by,
            "asked_at": ask.asked_at,
            "state": ask.state.value,
            "feedback_id": ask.feedback_id,
        }
        await self._asks.update_one({"_id": ask.conversation_id}, {"$set": fields}, upsert=True)

    @translate_errors()
    async def answer_ask(self, ask: Ask) -> bool:
        """Write an answer to the question that is open; say whether it still was."""
        result = await self._asks.update_one(
            {"_id": ask.conversation_id, "ask_id": ask.id, "state": AskState.ASKED.value},
            {"$set": {"state": ask.state.value, "feedback_id": ask.feedback_id}},
        )
        return result.matched_count == 1
