"""Conversations and messages in MongoDB. Only indexed fields in filters, windows of dense numbers instead of sorts.

A message's `_id` is its place, so the primary key decides who gets a `seq` and serves the windows too.
"""

import hashlib
from collections.abc import Mapping, Sequence

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from nlp.labels import Label
from server.chat.custody import Change
from server.chat.hiding import Hiding
from server.chat.live import Progress, Snapshot
from server.chat.model import Conversation, Message, Status, message_id
from server.chat.writer import InsertOutcome
from server.kernel.text import Hidden, RedactedText, Redaction, redactions_of
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, duplicate_index_name, translate_errors
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_MAYBE_TEXT = {"bsonType": ["string", "null"]}
_MAYBE_DATE = {"bsonType": ["date", "null"]}
_REDACTIONS = {"bsonType": "array"}
_CLIENT_KEY_INDEX = "client_key_unique"
_WINDOW = 50
_NAMED = 50

CHAT_COLLECTIONS = (
    CollectionSpec(
        name="conversations",
        indexes=(
            Index("number_unique", (("number", 1),), unique=True),
            Index("status_number", (("status", 1), ("number", 1))),
            Index("customer", (("customer_id", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "subject": _MAYBE_TEXT,
                "redactions": _REDACTIONS,
                "status": {"enum": [status.value for status in Status]},
                "customer_id": _TEXT,
                "assignee_id": _MAYBE_TEXT,
                "last_seq": _NUMBER,
                "last_message_at": _MAYBE_DATE,
                "waiting_since": _MAYBE_DATE,
                "created_at": _DATE,
                "read_marks": {"bsonType": "object"},
                "numbers": {"bsonType": "object"},
                "taught": {"bsonType": "object"},
                "corrections": _NUMBER,
                "participant_ids": {"bsonType": "array", "items": _TEXT},
            },
            optional=("taught", "corrections", "participant_ids"),
        ),
        walk=Walk("number", Spread.NUMBERS),
    ),
    CollectionSpec(
        name="messages",
        indexes=(Index(_CLIENT_KEY_INDEX, (("client_key", 1),), unique=True),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "conversation_id": _TEXT,
                "seq": _NUMBER,
                "client_key": {"bsonType": "binData"},
                "client_message_id": _TEXT,
                "author_id": _TEXT,
                "text": _TEXT,
                "hidden": {"bsonType": "array"},
                "created_at": _DATE,
                "revision": _NUMBER,
            },
            optional=("revision",),
        ),
        walk=Walk("client_key", Spread.DIGESTS),
    ),
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
    CollectionSpec(name="counters", validator=schema_validator({"_id": _TEXT, "value": _NUMBER})),
)


class MongoChatStore:
    """Keeps conversations and messages."""

    def __init__(self, database: Database) -> None:
        self._conversations = database["conversations"]
        self._messages = database["messages"]
        self._counters = database["counters"]
        self._hidings = database["unfinished_hidings"]

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
        top = int(document["last_seq"])
        while True:
            window = await self.messages(conversation_id, top, top + _WINDOW)
            newer.extend(window)
            top += _WINDOW
            if len(window) < _WINDOW:
                break
        numbers = {key: int(number) for key, number in document["numbers"].items()}
        return Snapshot(_conversation(document), numbers, tuple(newer), document.get("taught", {}))

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
            return InsertOutcome(position, repeated=index == _CLIENT_KEY_INDEX)
        return InsertOutcome(len(messages))

    @translate_errors()
    async def find_by_client_id(self, conversation_id: str, author_id: str, client_id: str) -> Message | None:
        """Find a message by its sender's own id."""
        document = await self._messages.find_one({"client_key": _client_key(conversation_id, author_id, client_id)})
        return _message(document) if document else None

    @translate_errors()
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]:
        """Read a window of messages, ascending; the window bounds the cost."""
        found: list[Message] = []
        for first in range(after_seq + 1, up_to_seq + 1, _NAMED):
            # Named one by one: the embedded engine looks each up, but reads the whole collection for a range of `_id`.
            # Not too many at once: its cost grows with their square.
            ids = [message_id(conversation_id, seq) for seq in range(first, min(first + _NAMED, up_to_seq + 1))]
            found.extend([_message(document) async for document in self._messages.find({"_id": {"$in": ids}})])
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
        result = await self._messages.bulk_write([_rewriting(message) for message in messages], ordered=False)
        if result.matched_count == len(messages):
            return list(messages)
        ids = [message.id for message in messages]
        found = {item["_id"]: item async for item in self._messages.find({"_id": {"$in": ids}})}
        return [message for message in messages if _is_as_stored(message, found.get(message.id))]

    @translate_errors()
    async def rewrite_subject(self, conversation: Conversation, before: RedactedText) -> bool:
        """Store a subject that was redacted again, if nobody else has changed it meanwhile; say whether."""
        fields: Document = {
            "subject": conversation.subject.value if conversation.subject else None,
            "redactions": [[item.placeholder, item.label.value] for item in conversation.redactions],
        }
        result = await self._conversations.update_one(
            {"_id": conversation.id, "subject": before.value}, {"$set": fields}
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
        await self._conversations.bulk_write([_progress_update(item) for item in progress], ordered=False)

    @translate_errors()
    async def of_customer(self, account_id: str) -> list[Conversation]:
        """Read all conversations of a customer."""
        return [_conversation(document) async for document in self._conversations.find({"customer_id": account_id})]

    @translate_errors()
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]:
        """Read the conversations with `above < number <= up_to`, of one status if given."""
        query: Document = {"number": {"$gt": above, "$lte": up_to}}
        if status is not None:
            query["status"] = status.value
        return [_conversation(document) async for document in self._conversations.find(query)]


def _progress_update(item: Progress) -> UpdateOne:
    conversation = item.conversation
    fields: Document = {
        "last_message_at": conversation.last_message_at,
        "waiting_since": conversation.waiting_since,
    }
    if item.reopened:
        fields["status"] = Status.OPEN.value
    fields.update({f"numbers.{key}": number for key, number in item.numbers.items()})
    marks = {f"read_marks.{account_id}": seq for account_id, seq in conversation.read_marks.items()}
    return UpdateOne({"_id": conversation.id}, {"$set": fields, "$max": {"last_seq": conversation.last_seq, **marks}})


def _client_key(conversation_id: str, author_id: str, client_id: str) -> bytes:
    """One short key for an index instead of three long ones: an index costs as much as all the rest of an insert."""
    return hashlib.sha256(f"{conversation_id}\0{author_id}\0{client_id}".encode()).digest()[:16]


def conversation_document(conversation: Conversation, numbers: Mapping[str, int]) -> Document:
    """Give the stored form of a conversation; its numbering is `LABEL:digest` -> N."""
    return {
        "_id": conversation.id,
        "number": conversation.number,
        "subject": conversation.subject.value if conversation.subject else None,
        "redactions": [[item.placeholder, item.label.value] for item in conversation.redactions],
        "status": conversation.status.value,
        "customer_id": conversation.customer_id,
        "assignee_id": conversation.assignee_id,
        "last_seq": conversation.last_seq,
        "last_message_at": conversation.last_message_at,
        "waiting_since": conversation.waiting_since,
        "created_at": conversation.created_at,
        "read_marks": dict(conversation.read_marks),
        "numbers": dict(numbers),
        "participant_ids": sorted(conversation.participant_ids),
    }


def message_document(message: Message) -> Document:
    """Give the stored form of a message that was never corrected."""
    return {
        "_id": message_id(message.conversation_id, message.seq),
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "client_key": _client_key(message.conversation_id, message.author_id, message.client_message_id),
        "client_message_id": message.client_message_id,
        "author_id": message.author_id,
        "text": message.text.value,
        "hidden": _hidden_pairs(message),
        "created_at": message.created_at,
    }


def _rewriting(message: Message) -> UpdateOne:
    fields = {"text": message.text.value, "hidden": _hidden_pairs(message), "revision": message.revision}
    # A message that was never corrected has no revision.
    return UpdateOne({"_id": message.id, "revision": message.revision - 1 or None}, {"$set": fields})


def _is_as_stored(message: Message, document: Document | None) -> bool:
    return (
        document is not None and document.get("revision") == message.revision and document["text"] == message.text.value
    )


def _hidden_pairs(message: Message) -> list[list[str | int]]:
    return [[hidden.label.value, hidden.digest, number] for hidden, number in message.hidden]


def _message(document: Document) -> Message:
    hidden = tuple((Hidden(Label(label), digest), int(number)) for label, digest, number in document["hidden"])
    return Message(
        conversation_id=document["conversation_id"],
        seq=int(document["seq"]),
        client_message_id=document["client_message_id"],
        author_id=document["author_id"],
        text=RedactedText(document["text"]),
        hidden=hidden,
        redactions=redactions_of(hidden),
        created_at=document["created_at"],
        revision=int(document.get("revision", 0)),
    )


def _conversation(document: Document) -> Conversation:
    subject = document["subject"]
    return Conversation(
        id=document["_id"],
        number=int(document["number"]),
        subject=RedactedText(subject) if subject is not None else None,
        redactions=tuple(Redaction(placeholder, Label(label)) for placeholder, label in document["redactions"]),
        status=Status(document["status"]),
        customer_id=document["customer_id"],
        assignee_id=document["assignee_id"],
        last_seq=int(document["last_seq"]),
        last_message_at=document["last_message_at"],
        waiting_since=document["waiting_since"],
        created_at=document["created_at"],
        read_marks={key: int(value) for key, value in document["read_marks"].items()},
        corrections=int(document.get("corrections", 0)),
        participant_ids=frozenset(document.get("participant_ids", ())),
    )
