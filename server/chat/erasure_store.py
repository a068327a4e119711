"""Taking out of conversations what their customers left there, in MongoDB. Everything here may be repeated."""

from collections.abc import Sequence

from pymongo import UpdateOne

from server.chat.message_store import client_key
from server.chat.model import Message, Status
from server.kernel.erased import NOBODY
from server.storage.mongo import Database, Document, translate_errors

_CHANGES_MORE = 100_000
"""So many that whoever has the conversation open reads all of it anew."""


class MongoChatErasureStore:
    """Empties conversations."""

    def __init__(self, database: Database) -> None:
        self._conversations = database["conversations"]
        self._messages = database["messages"]
        self._hidings = database["unfinished_hidings"]
        self._adoptions = database["unfinished_adoptions"]

    @translate_errors()
    async def empty_messages(self, messages: Sequence[Message]) -> None:
        """Store messages of which nothing is left but their places."""
        await self._messages.bulk_write([_emptying(message) for message in messages], ordered=False)

    @translate_errors()
    async def empty_conversation(self, conversation_id: str) -> None:
        """Take subject, words about a rating, numbers and keyed digests of hidden values out of a conversation."""
        document = await self._conversations.find_one({"_id": conversation_id}, {"rating": 1})
        update: Document = {
            "$set": {"subject": None, "redactions": [], "numbers": {}, "changed": []},
            "$unset": {"taught": ""},
            "$inc": {"changes": _CHANGES_MORE, "corrections": 1},
        }
        if document and document.get("rating"):
            rating = document["rating"]
            update["$set"]["rating"] = {"score": rating["score"], "at": rating["at"], "text": None, "hidden": []}
        await self._conversations.update_one({"_id": conversation_id}, update)
        await self._hidings.delete_many({"conversation_id": conversation_id})

    @translate_errors()
    async def detach(self, conversation_id: str, customer_id: str) -> None:
        """Make a conversation nobody's, and done: nobody waits in it any more."""
        marks = {f"{marks}.{customer_id}": "" for marks in ("read_marks", "delivered_marks")}
        fields = {"customer_id": NOBODY, "status": Status.CLOSED.value, "waiting_since": None}
        await self._conversations.update_one({"_id": conversation_id}, {"$set": fields, "$unset": marks})

    @translate_errors()
    async def forget_adoptions(self, account_id: str) -> None:
        """Forget what was begun and not ended of taking conversations over."""
        await self._adoptions.delete_many({"_id": account_id})
        await self._adoptions.delete_many({"account_id": account_id})


def _emptying(message: Message) -> UpdateOne:
    fields = {
        "author_id": message.author_id,
        "client_message_id": message.client_message_id,
        "client_key": client_key(message.conversation_id, message.author_id, message.client_message_id),
        "text": message.text.value,
        "hidden": [],
        "revision": message.revision,
        "version": message.version,
        "deleted_at": message.deleted_at,
    }
    gone = dict.fromkeys(("marked", "attachments", "reactions", "form", "edited_at", "reply_to"), "")
    return UpdateOne({"_id": message.id}, {"$set": fields, "$unset": gone})
