"""What the audit trail is told of posts' texts: whose, where, how many hidden values, a digest; never text.

The digest is made of the text and of its HTML, which is what readers are shown.
"""

from datetime import datetime
from typing import Final

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.model import Post

CREATED: Final = "forum:post:created"
EDITED: Final = "forum:post:edited"
IMPORTED: Final = "forum:post:imported"
MOVED: Final = "forum:post:moved"
MENDED: Final = "forum:post:mended"
ERASED: Final = "forum:post:erased"

TEXT_ACTIONS: Final = frozenset({CREATED, EDITED, IMPORTED, MOVED, MENDED, ERASED})
"""Of the entries that tell of a post's text. Hiding, withdrawing and moving away leave the text where it is."""


def post_entry(audit: AuditTrail, post: Post, action: str, by: str, at: datetime, **counts: int) -> AuditEntry:
    """Give the entry that tells of a post's text.

    Args:
        audit: makes the digest.
        post: as it is stored.
        action: one of `TEXT_ACTIONS`.
        by: account that did it.
        at: when.
        counts: more than its place, its revision and how much is hidden in it.
    """
    return AuditEntry(
        action,
        by,
        (post.topic_id, post.id, audit.content_digest(post.id, post.text, post.html.value)),
        at,
        {"seq": post.seq, "revision": post.revision, "hidden": len(post.redactions), **counts},
    )
