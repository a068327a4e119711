"""How messages are written down, and read again. Pure: no command is given here."""

import hashlib

from pymongo import UpdateOne

from nlp.labels import Label
from server.chat.model import Message, MessageKind, message_id
from server.kernel.text import Hidden, RedactedText, redactions_of
from server.storage.attached import attached_in, attached_out
from server.storage.mongo import Document
from server.storage.schema import CollectionSpec, Index, Spread, Walk, schema_validator

CLIENT_KEY_INDEX = "client_key_unique"
_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}

MESSAGES = CollectionSpec(
    name="messages",
    indexes=(Index(CLIENT_KEY_INDEX, (("client_key", 1),), unique=True),),
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
            "version": _NUMBER,
            "kind": {"enum": [kind.value for kind in MessageKind]},
            "marked": {"bsonType": "bool"},
            "reply_to": _NUMBER,
            "attachments": {"bsonType": "array"},
            "reactions": {"bsonType": "object"},
            "form": _TEXT,
            "edited_at": _DATE,
            "deleted_at": _DATE,
        },
        optional=(
            "revision",
            "version",
            "kind",
            "marked",
            "reply_to",
            "attachments",
            "reactions",
            "form",
            "edited_at",
            "deleted_at",
        ),
    ),
    walk=Walk("client_key", Spread.DIGESTS),
)
"""A plain message has none of what is optional: most are, and each costs."""


def client_key(conversation_id: str, author_id: str, client_id: str) -> bytes:
    """Give one short key for an index instead of three long ones: an index costs as much as the rest of an insert."""
    return hashlib.sha256(f"{conversation_id}\0{author_id}\0{client_id}".encode()).digest()[:16]


def message_document(message: Message) -> Document:
    """Give the stored form of a message that was never changed."""
    document = {
        "_id": message_id(message.conversation_id, message.seq),
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "client_key": client_key(message.conversation_id, message.author_id, message.client_message_id),
        "client_message_id": message.client_message_id,
        "author_id": message.author_id,
        "text": message.text.value,
        "hidden": _hidden_pairs(message),
        "created_at": message.created_at,
    }
    if message.kind is not MessageKind.TEXT:
        document["kind"] = message.kind.value
    if message.marked:
        document["marked"] = True
    if message.reply_to is not None:
        document["reply_to"] = message.reply_to
    if message.attachments:
        document["attachments"] = attached_out(message.attachments)
    if message.form is not None:
        document["form"] = message.form
    return document


def rewriting(message: Message) -> UpdateOne:
    """Store a text that was redacted again, if nothing of the message was changed meanwhile."""
    fields = {"text": message.text.value, "hidden": _hidden_pairs(message), "revision": message.revision}
    return UpdateOne(as_before(message), {"$set": {**fields, "version": message.version}})


def readdressing(message: Message) -> UpdateOne:
    """Store another author, and what reacted; with the key by which a repeated sending is known."""
    fields = {
        "author_id": message.author_id,
        "client_key": client_key(message.conversation_id, message.author_id, message.client_message_id),
        "reactions": {emoji: list(given) for emoji, given in message.reactions.items()},
        "version": message.version,
    }
    return UpdateOne({"_id": message.id}, {"$set": fields})


def as_before(message: Message) -> Document:
    """Find the message as it was before its last change; one that was never changed has no version."""
    return {"_id": message.id, "version": message.version - 1 or None}


def changed_fields(message: Message) -> Document:
    """Give everything of a message that a change may replace, as an update."""
    fields: Document = {
        "text": message.text.value,
        "hidden": _hidden_pairs(message),
        "revision": message.revision,
        "version": message.version,
        "marked": message.marked,
        "attachments": attached_out(message.attachments),
        "reactions": {emoji: list(given) for emoji, given in message.reactions.items()},
    }
    moments = {"edited_at": message.edited_at, "deleted_at": message.deleted_at}
    return {"$set": {**fields, **{name: at for name, at in moments.items() if at is not None}}}


def is_as_stored(message: Message, document: Document | None) -> bool:
    """Whether a message that was changed is what is stored."""
    return (
        document is not None
        and document.get("version", 0) == message.version
        and document.get("revision", 0) == message.revision
        and document["text"] == message.text.value
    )


def message_of(document: Document) -> Message:
    """Read a message."""
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
        version=int(document.get("version", 0)),
        kind=MessageKind(document.get("kind", MessageKind.TEXT)),
        marked=bool(document.get("marked", False)),
        reply_to=int(document["reply_to"]) if "reply_to" in document else None,
        attachments=attached_in(document.get("attachments", ())),
        reactions={emoji: tuple(given) for emoji, given in document.get("reactions", {}).items()},
        form=document.get("form"),
        edited_at=document.get("edited_at"),
        deleted_at=document.get("deleted_at"),
    )


def _hidden_pairs(message: Message) -> list[list[str | int]]:
    return [[hidden.label.value, hidden.digest, number] for hidden, number in message.hidden]
