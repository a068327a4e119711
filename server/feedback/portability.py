"""What somebody gave and wrote under their account, as a file of their own: redacted, as it is kept."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, Protocol

import orjson

from server.feedback.model import Comment, Item
from server.kernel.actor import Actor
from server.kernel.attached import Attached
from server.kernel.ports import Limiter
from server.kernel.wire import rfc3339

MEDIA_TYPE: Final = "application/json"


class OwnItems(Protocol):
    """Where items are kept."""

    async def sent_by(self, author_id: str) -> list[Item]: ...


class OwnComments(Protocol):
    """Where comments are kept."""

    async def written_by(self, author_id: str) -> list[Comment]: ...


class Portability:
    """Gives people what they gave."""

    def __init__(self, items: OwnItems, comments: OwnComments, limiter: Limiter) -> None:
        self._items = items
        self._comments = comments
        self._limiter = limiter

    async def export(self, actor: Actor) -> AsyncIterator[bytes]:
        """Give all that the actor gave and wrote, the newest first, as the pieces of a file.

        Notes are staff's work about others and are left out.

        Raises:
            RateLimited: too often, before the first piece.
            Unavailable: the store does not answer.
        """
        await self._limiter.spend("feedback_export", actor.account_id)
        items = sorted(await self._items.sent_by(actor.account_id), key=lambda item: -item.number)
        written = await self._comments.written_by(actor.account_id)
        comments = sorted((one for one in written if not one.note), key=lambda one: one.created_at, reverse=True)
        return _pieces(items, comments)


async def _pieces(items: Sequence[Item], comments: Sequence[Comment]) -> AsyncIterator[bytes]:
    opening = b'{"feedback":['
    for item in items:
        yield opening + orjson.dumps(_item(item))
        opening = b",\n"
    yield (b"" if items else opening) + b"],\n"
    opening = b'"comments":['
    for comment in comments:
        yield opening + orjson.dumps(_comment(comment))
        opening = b",\n"
    yield (b"" if comments else opening) + b"]}"


def _item(item: Item) -> dict[str, Any]:
    return {
        "number": item.number,
        "kind": item.kind.value,
        "visibility": item.visibility.value,
        "status": item.status.value,
        "area": item.area,
        "tags": list(item.tags),
        "page": item.page,
        "title": item.title.value,
        "text": item.text.value,
        "attachments": _files(item.files),
        "answer": item.response.text.value if item.response else None,
        "rating": item.rating.stars if item.rating else None,
        "created_at": rfc3339(item.created_at),
        "changed_at": rfc3339(item.changed_at),
    }


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "text": comment.text.value,
        "attachments": _files(comment.files),
        "created_at": rfc3339(comment.created_at),
    }


def _files(files: Sequence[Attached]) -> list[dict[str, Any]]:
    """What was sent with it, by name: the files themselves are opened on the item's page."""
    return [{"name": file.name.value, "media_type": file.media_type, "size": file.size} for file in files]
