"""Conversations and messages in MongoDB. Only indexed fields in filters, windows of dense numbers instead of sorts.

A message's `_id` is its place, so the primary key decides who gets a `seq` and serves the windows too.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from pymongo.errors import BulkWriteError, DuplicateKeyError

from nlp.labels import Label
from server.chat.adoption import Adoption
from server.chat.conversation_store import (
    CONVERSATIONS,
    conversation_of,
    pairs,
    progress_update,
    rating_document,
)
from server.chat.conversation_store import conversation_document as conversation_document
from server.chat.custody import Change
from server.chat.hiding import Hiding
from server.chat.live import Progress, Snapshot
from server.chat.message_store import (
    CLIENT_KEY_INDEX,
    MESSAGES,
    as_before,
    changed_fields,
    client_key,
    is_as_stored,
    message_of,
    readdressing,
    rewriting,
)
from server.chat.message_store import message_document as message_document
from server.chat.model import Conversation, Message, Rating, Status, message_id
from server.chat.writer import InsertOutcome
from server.kernel.text import Hidden, RedactedText
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, duplicate_index_name, translate_errors
from server.storage.schema import CollectionSpec, schema_validator

_TEXT = {"bsonType": "string"}
_NUMBER = {"bsonType": ["int", "long"]}
_WINDOW = 50
_AHEAD = 4
"""Of what no record tells yet there is mostly nothing, and naming what is not there costs too."""

_NAMED = 50
_CHANGES_KEPT = 64
"""Of which it is known what they were about; who was away for longer reads all messages anew."""

CHAT_COLLECTIONS = (
    CONVERSATIONS,
    MESSAGES,
    CollectionSpec(
        name="unfinished_hidings",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "conversation_id": _TEXT,
                "actor_id": _TEXT,
                "seq": _NUMBER,
                "revision": _NUMBER,
                "start": _NUMBER,
                "end": _NUMBER,
                "label": _TEXT,
                "digest": _TEXT,
                "number": _NUMBER,
                "lesson": {"bsonType": "object"},
            }
        ),
    ),
    CollectionSpec(
        name="unfinished_adoptions",
        validator=schema_validator({"_id": _TEXT, "account_id": _TEXT, "at": {"bsonType": "date"}}),
    ),
    CollectionSpec(name="counters", validator=schema_validator({"_id": _TEXT, "value": _NUMBER})),
)


class MongoChatStore:
    """Keeps conversations and messages."""

    def __init__(self, database: Database) -> None:
        self._conversations = database["conversations"]
        self._messages = database["messages"]
        self._counters = database["counters"]
        self._hidings = database["unfinished_hidings"]
        self._adoptions = database["unfinished_adoptions"]

    @translate_errors()
    async def next_number(self) -> int:
        """Allot the next conversation's number."""
        return await allot(self._counters, "conversations")

    @translate_errors()
    async def last_number(self) -> int:
        """Give the highest number allotted; 0 when there is none."""
        return await last(self._counters, "conversations")

    @translate_errors()
    async def insert_conversation(self, conversation: Conversation, numbers: dict[str, int]) -> None:
        """Insert a conversation."""
        await self._conversations.insert_one(conversation_document(conversation, numbers))

    @translate_errors()
    async def load(self, conversation_id: str) -> Snapshot | None:
        """Read a conversation and the messages that its record does not yet know of."""
        document = await self._conversations.find_one({"_id": conversation_id})
        if document is None:
            return None
        newer: list[Message] = []
        top, width = int(document["last_seq"]), _AHEAD
        while True:
            window = await self.messages(conversation_id, top, top + width)
            newer.extend(window)
            if len(window) < width:
                break
            top, width = top + width, _WINDOW
        numbers = {key: int(number) for key, number in document["numbers"].items()}
        return Snapshot(conversation_of(document), numbers, tuple(newer), document.get("taught", {}))

    async def insert_messages(self, messages: Sequence[Message]) -> InsertOutcome:
        """Insert in order until one is refused by a unique index.

        Raises:
            Unavailable: it is not known which are stored.
        """
        try:
            async with translate_errors():
                await self._messages.insert_many([message_document(message) for message in messages], ordered=True)
        except BulkWriteError as error:
            duplicate = duplicate_index_name(error)
            if duplicate is None:
                raise
            position, index = duplicate
            return InsertOutcome(position, repeated=index == CLIENT_KEY_INDEX)
        return InsertOutcome(len(messages))

    @translate_errors()
    async def find_by_client_id(self, conversation_id: str, author_id: str, client_id: str) -> Message | None:
        """Find a message by its sender's own id."""
        document = await self._messages.find_one({"client_key": client_key(conversation_id, author_id, client_id)})
        return message_of(document) if document else None

    @translate_errors()
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]:
        """Read a window of messages, ascending; the window bounds the cost."""
        found: list[Message] = []
        for first in range(after_seq + 1, up_to_seq + 1, _NAMED):
            # Named one by one: the embedded engine looks each up, but reads the whole collection for a range of `_id`.
            # Not too many at once: its cost grows with their square.
            ids = [message_id(conversation_id, seq) for seq in range(first, min(first + _NAMED, up_to_seq + 1))]
            found.extend([message_of(document) async for document in self._messages.find({"_id": {"$in": ids}})])
        return sorted(found, key=lambda message: message.seq)

    @translate_errors()
    async def teach(self, conversation_id: str, hidden: Hidden, number: int, lesson: Mapping[str, str]) -> None:
        """Remember a value's number, and how it is recognised."""
        fields: Document = {f"numbers.{hidden.key}": number, **{f"taught.{key}": item for key, item in lesson.items()}}
        await self._conversations.update_one({"_id": conversation_id}, {"$set": fields})

    @translate_errors()
    async def rewrite(self, messages: Sequence[Message]) -> list[Message]:
        """Store messages that were redacted again; give those that nobody else had changed meanwhile."""
        if not messages:
            return []
        result = await self._messages.bulk_write([rewriting(message) for message in messages], ordered=False)
        if result.matched_count == len(messages):
            return list(messages)
        ids = [message.id for message in messages]
        found = {item["_id"]: item async for item in self._messages.find({"_id": {"$in": ids}})}
        return [message for message in messages if is_as_stored(message, found.get(message.id))]

    @translate_errors()
    async def rewrite_subject(self, conversation: Conversation, before: RedactedText | None) -> bool:
        """Store another subject, if nobody else has changed it meanwhile; say whether."""
        fields: Document = {
            "subject": conversation.subject.value if conversation.subject else None,
            "redactions": pairs(conversation.redactions),
        }
        result = await self._conversations.update_one(
            {"_id": conversation.id, "subject": before.value if before else None}, {"$set": fields}
        )
        return result.matched_count == 1

    @translate_errors()
    async def rewrite_rating(self, conversation_id: str, rating: Rating, before: RedactedText) -> bool:
        """Store what was added to a rating and redacted again, if it still is what it was; say whether."""
        result = await self._conversations.update_one(
            {"_id": conversation_id, "rating.text": before.value}, {"$set": {"rating": rating_document(rating)}}
        )
        return result.matched_count == 1

    @translate_errors()
    async def count_corrections(self, conversation_id: str, more: int) -> int:
        """Count corrections of a conversation; give how many there were in all."""
        document = await self._conversations.find_one_and_update(
            {"_id": conversation_id}, {"$inc": {"corrections": more}}, return_document=True
        )
        return int(document["corrections"]) if document else more

    @translate_errors()
    async def begin_change(self, conversation_id: str, seq: int, numbers: Mapping[str, int]) -> tuple[int, list[int]]:
        """Count a change of a message that is about to be made, and remember the numbers that its text needs.

        Returns:
            How many changes there were in all, and what the last of them were about, oldest first.
        """
        update: Document = {"$inc": {"changes": 1}, "$push": {"changed": {"$each": [seq], "$slice": -_CHANGES_KEPT}}}
        if numbers:
            update["$set"] = {f"numbers.{key}": number for key, number in numbers.items()}
        document = await self._conversations.find_one_and_update(
            {"_id": conversation_id}, update, {"changes": 1, "changed": 1}, return_document=True
        )
        return (int(document["changes"]), [int(seq) for seq in document["changed"]]) if document else (0, [])

    @translate_errors()
    async def amend(self, message: Message) -> bool:
        """Store a message that was changed, if nobody else has changed it meanwhile; say whether."""
        result = await self._messages.update_one(as_before(message), changed_fields(message))
        return result.matched_count == 1

    @translate_errors()
    async def named(self, conversation_id: str, seqs: Sequence[int]) -> list[Message]:
        """Read some messages by their places, ascending."""
        found: list[Message] = []
        for start in range(0, len(seqs), _NAMED):
            ids = [message_id(conversation_id, seq) for seq in seqs[start : start + _NAMED]]
            found.extend([message_of(document) async for document in self._messages.find({"_id": {"$in": ids}})])
        return sorted(found, key=lambda message: message.seq)

    @translate_errors()
    async def placed(self, places: Collection[tuple[str, int]]) -> list[Message]:
        """Read some messages of any conversations by their places; in no order."""
        ids = [message_id(conversation_id, seq) for conversation_id, seq in places]
        found: list[Message] = []
        for start in range(0, len(ids), _NAMED):
            some = self._messages.find({"_id": {"$in": ids[start : start + _NAMED]}})
            found.extend([message_of(document) async for document in some])
        return found

    @translate_errors()
    async def conversations(self, conversation_ids: Sequence[str]) -> list[Conversation]:
        """Read some conversations; in no order."""
        found: list[Conversation] = []
        for start in range(0, len(conversation_ids), _NAMED):
            some = self._conversations.find({"_id": {"$in": list(conversation_ids[start : start + _NAMED])}})
            found.extend([conversation_of(document) async for document in some])
        return found

    @translate_errors()
    async def rate(self, conversation_id: str, rating: Rating, numbers: Mapping[str, int]) -> bool:
        """Keep what a customer says of a conversation, if it is done; say whether."""
        fields: Document = {"rating": rating_document(rating)}
        fields.update({f"numbers.{key}": number for key, number in numbers.items()})
        result = await self._conversations.update_one(
            {"_id": conversation_id, "status": Status.CLOSED.value}, {"$set": fields}
        )
        return result.matched_count == 1

    @translate_errors()
    async def begin_adoption(self, adoption: Adoption) -> Adoption:
        """Remember whose conversations are about to become whose; give what was remembered first."""
        fields = {"_id": adoption.visitor_id, "account_id": adoption.account_id, "at": adoption.at}
        with suppress(DuplicateKeyError):
            await self._adoptions.insert_one(fields)
        found = await self._adoptions.find_one({"_id": adoption.visitor_id})
        return _adoption(found) if found else adoption

    @translate_errors()
    async def end_adoption(self, visitor_id: str) -> None:
        """Forget what has been done."""
        await self._adoptions.delete_one({"_id": visitor_id})

    @translate_errors()
    async def unfinished_adoptions(self) -> list[Adoption]:
        """Read what was begun and not ended: nothing, but after a crash."""
        return [_adoption(document) async for document in self._adoptions.find({})]

    @translate_errors()
    async def readdress(self, messages: Sequence[Message]) -> None:
        """Give messages the author that they have now; each is found by its place. Harmless when repeated."""
        await self._messages.bulk_write([readdressing(message) for message in messages], ordered=False)

    @translate_errors()
    async def hand_over(self, conversation_id: str, adoption: Adoption) -> bool:
        """Give a conversation another customer, with their marks, and count as many changes as make all read anew."""
        before, after = adoption.visitor_id, adoption.account_id
        update: Document = {
            "$set": {"customer_id": after, "changed": []},
            "$inc": {"changes": _CHANGES_KEPT},
            "$rename": {f"{marks}.{before}": f"{marks}.{after}" for marks in ("read_marks", "delivered_marks")},
        }
        result = await self._conversations.update_one({"_id": conversation_id, "customer_id": before}, update)
        return result.matched_count == 1

    @translate_errors()
    async def begin_hiding(self, hiding: Hiding) -> None:
        """Remember what is about to be done, so that it is done also after a crash. Holds no piece of a text."""
        await self._hidings.insert_one(
            {
                "_id": hiding.id,
                "conversation_id": hiding.conversation_id,
                "actor_id": hiding.actor_id,
                "seq": hiding.seq,
                "revision": hiding.revision,
                "start": hiding.start,
                "end": hiding.end,
                "label": hiding.hidden.label.value,
                "digest": hiding.hidden.digest,
                "number": hiding.number,
                "lesson": dict(hiding.lesson),
            }
        )

    @translate_errors()
    async def end_hiding(self, hiding_id: str) -> None:
        """Forget what has been done."""
        await self._hidings.delete_one({"_id": hiding_id})

    @translate_errors()
    async def unfinished_hidings(self) -> list[Hiding]:
        """Read what was begun and not ended: nothing, but after a crash."""
        return [
            Hiding(
                id=document["_id"],
                conversation_id=document["conversation_id"],
                actor_id=document["actor_id"],
                seq=int(document["seq"]),
                revision=int(document["revision"]),
                start=int(document["start"]),
                end=int(document["end"]),
                hidden=Hidden(Label(document["label"]), document["digest"]),
                number=int(document["number"]),
                lesson=document["lesson"],
            )
            async for document in self._hidings.find({})
        ]

    @translate_errors()
    async def texts(self, message_ids: Sequence[str]) -> dict[str, str]:
        """Give the stored texts of those messages that there are; at most 50, see `messages`."""
        found = self._messages.find({"_id": {"$in": list(message_ids)}}, {"text": 1})
        return {document["_id"]: document["text"] async for document in found}

    @staticmethod
    def text_id(conversation_id: str, seq: int) -> str:
        """Give the id of a message by its place."""
        return message_id(conversation_id, seq)

    @translate_errors()
    async def change(self, change: Change) -> bool:
        """Write status, assignee and who takes part if the first two are still the expected ones; say whether."""
        fields: Document = {"status": change.status.value, "assignee_id": change.assignee_id}
        if change.status is Status.CLOSED:
            fields["waiting_since"] = None
        update: Document = {"$set": fields}
        if change.alone:
            fields["participant_ids"] = []
        elif change.brought_in is not None:
            update["$addToSet"] = {"participant_ids": change.brought_in}
        elif change.let_go is not None:
            update["$pull"] = {"participant_ids": change.let_go}
        result = await self._conversations.update_one(
            {
                "_id": change.conversation_id,
                "status": change.expected_status.value,
                "assignee_id": change.expected_assignee_id,
            },
            update,
        )
        return result.matched_count == 1

    @translate_errors()
    async def save_progress(self, progress: Sequence[Progress]) -> None:
        """Write what moved on, with one command. Numbers and marks are set one by one: other processes have theirs."""
        await self._conversations.bulk_write([progress_update(item) for item in progress], ordered=False)

    @translate_errors()
    async def of_customer(self, account_id: str) -> list[Conversation]:
        """Read all conversations of a customer."""
        return [conversation_of(document) async for document in self._conversations.find({"customer_id": account_id})]

    @translate_errors()
    async def open_ones(self) -> list[Conversation]:
        """Read all conversations that are open; for a start."""
        found = self._conversations.find({"status": Status.OPEN.value})
        return [conversation_of(document) async for document in found]

    @translate_errors()
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]:
        """Read the conversations with `above < number <= up_to`, of one status if given."""
        query: Document = {"number": {"$gt": above, "$lte": up_to}}
        if status is not None:
            query["status"] = status.value
        return [conversation_of(document) async for document in self._conversations.find(query)]


def _adoption(document: Document) -> Adoption:
    return Adoption(document["_id"], document["account_id"], document["at"])
