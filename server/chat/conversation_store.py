"""How conversations are written down, and read again. Pure: no command is given here."""

from collections.abc import Mapping
from typing import Any

from pymongo import UpdateOne

from nlp.labels import Label
from server.chat.live import Progress
from server.chat.model import Conversation, Rating, Status
from server.kernel.text import Hidden, RedactedText, Redaction, redactions_of
from server.storage.mongo import Document
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_MAYBE_TEXT = {"bsonType": ["string", "null"]}
_MAYBE_DATE = {"bsonType": ["date", "null"]}

CONVERSATIONS = CollectionSpec(
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
            "redactions": {"bsonType": "array"},
            "status": {"enum": [status.value for status in Status]},
            "customer_id": _TEXT,
            "assignee_id": _MAYBE_TEXT,
            "last_seq": _NUMBER,
            "last_message_at": _MAYBE_DATE,
            "waiting_since": _MAYBE_DATE,
            "created_at": _DATE,
            "read_marks": {"bsonType": "object"},
            "delivered_marks": {"bsonType": "object"},
            "numbers": {"bsonType": "object"},
            "taught": {"bsonType": "object"},
            "corrections": _NUMBER,
            "changes": _NUMBER,
            "changed": {"bsonType": "array", "items": _NUMBER},
            "rating": {"bsonType": "object"},
            "told_seq": _NUMBER,
            "first_asked_at": _DATE,
            "first_answer_at": _DATE,
            "participant_ids": {"bsonType": "array", "items": _TEXT},
        },
        optional=(
            "delivered_marks",
            "taught",
            "corrections",
            "changes",
            "changed",
            "rating",
            "told_seq",
            "first_asked_at",
            "first_answer_at",
            "participant_ids",
        ),
    ),
    walk=Walk("number", Spread.NUMBERS),
)


def conversation_document(conversation: Conversation, numbers: Mapping[str, int]) -> Document:
    """Give the stored form of a conversation; its numbering is `LABEL:digest` -> N."""
    return {
        "_id": conversation.id,
        "number": conversation.number,
        "subject": conversation.subject.value if conversation.subject else None,
        "redactions": pairs(conversation.redactions),
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


def conversation_of(document: Document) -> Conversation:
    """Read a conversation."""
    subject = document["subject"]
    rating = document.get("rating")
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
        delivered_marks={key: int(value) for key, value in document.get("delivered_marks", {}).items()},
        corrections=int(document.get("corrections", 0)),
        changes=int(document.get("changes", 0)),
        changed=tuple(map(int, document.get("changed", ()))),
        rating=_rating(rating) if rating else None,
        told_seq=int(document.get("told_seq", 0)),
        first_asked_at=document.get("first_asked_at"),
        first_answer_at=document.get("first_answer_at"),
        participant_ids=frozenset(document.get("participant_ids", ())),
    )


def progress_update(item: Progress) -> UpdateOne:
    """Save what moved on. Numbers and marks are set one by one: other processes have theirs."""
    conversation = item.conversation
    fields: Document = {
        "last_message_at": conversation.last_message_at,
        "waiting_since": conversation.waiting_since,
    }
    if item.reopened:
        fields["status"] = Status.OPEN.value
    if conversation.told_seq:
        fields["told_seq"] = conversation.told_seq
    if conversation.first_asked_at is not None:
        fields["first_asked_at"] = conversation.first_asked_at
    if conversation.first_answer_at is not None:
        fields["first_answer_at"] = conversation.first_answer_at
    fields.update({f"numbers.{key}": number for key, number in item.numbers.items()})
    marks = {f"read_marks.{account_id}": seq for account_id, seq in conversation.read_marks.items()}
    marks |= {f"delivered_marks.{account_id}": seq for account_id, seq in conversation.delivered_marks.items()}
    return UpdateOne({"_id": conversation.id}, {"$set": fields, "$max": {"last_seq": conversation.last_seq, **marks}})


def rating_document(rating: Rating) -> dict[str, Any]:
    """Give the stored form of a rating."""
    return {
        "score": rating.score,
        "at": rating.at,
        "text": rating.text.value if rating.text else None,
        "hidden": [[hidden.label.value, hidden.digest, number] for hidden, number in rating.hidden],
    }


def pairs(redactions: tuple[Redaction, ...]) -> list[list[str]]:
    """Give the stored form of placeholders."""
    return [[item.placeholder, item.label.value] for item in redactions]


def _rating(document: Mapping[str, Any]) -> Rating:
    text = document["text"]
    hidden = tuple((Hidden(Label(label), digest), int(number)) for label, digest, number in document["hidden"])
    shown = RedactedText(text) if text is not None else None
    return Rating(int(document["score"]), document["at"], shown, hidden, redactions_of(hidden))
