"""What the audit trail is told of messages: who, which, how many hidden values, a digest of the text; never text."""

from datetime import datetime
from typing import Final

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.model import Message

POSTED = "chat:message:posted"
REPEATED = "chat:message:repeated"
CORRECTED = "chat:message:corrected"
EDITED = "chat:message:edited"
DELETED = "chat:message:deleted"
ERASED = "chat:message:erased"
TEXT_ACTIONS: Final = frozenset({POSTED, REPEATED, CORRECTED, EDITED, DELETED, ERASED})
"""Of the entries that tell of a message's text."""


def message_entry(audit: AuditTrail, message: Message, action: str = POSTED) -> AuditEntry:
    """Give the entry that tells of a stored message."""
    return AuditEntry(
        action=action,
        actor_id=message.author_id,
        objects=(message.conversation_id, message.id, audit.content_digest(message.id, message.text)),
        counts={"seq": message.seq, "hidden": len(message.redactions)},
        at=message.created_at,
    )


def change_entry(audit: AuditTrail, message: Message, action: str, actor_id: str, at: datetime) -> AuditEntry:
    """Give the entry that tells of a message's new text; of a deleted one, that there is none any more."""
    return AuditEntry(
        action=action,
        actor_id=actor_id,
        objects=(message.conversation_id, message.id, audit.content_digest(message.id, message.text)),
        counts={"seq": message.seq, "revision": message.revision, "hidden": len(message.redactions)},
        at=at,
    )
