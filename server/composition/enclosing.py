"""Builds what lets feedback have files: each in the words of the other. For `parts` only."""

from collections.abc import Callable, Sequence
from typing import Protocol

from server.composition.listening import Listening
from server.feedback.model import Comment, Item, can_open, can_read
from server.files.circles import NEW_FEEDBACK, item_of, of_item
from server.files.model import StoredFile, unknown
from server.files.service import FileService
from server.kernel.actor import Actor
from server.kernel.attached import Attached
from server.kernel.errors import NotFound


class Enclosures:
    """Fills `feedback.ports.Files`.

    Args:
        files: keeps them.
    """

    def __init__(self, files: FileService) -> None:
        self._files = files

    def name_of(self, secret: str) -> str:
        """Give the name of somebody whom nobody is to know."""
        return unknown(secret, "").id

    async def claim(self, owner_id: str, key: bytes, file_ids: Sequence[str]) -> tuple[Attached, ...]:
        """Take files for what is about to be given or written."""
        return await self._files.claim_of(owner_id, NEW_FEEDBACK, key.hex(), file_ids)

    async def settle(self, item_id: str, file_ids: Sequence[str], person_id: str | None = None) -> None:
        """Let files stand with an item."""
        await self._files.settle(of_item(item_id), file_ids, person_id)

    async def remove(self, item_id: str, file_ids: Sequence[str]) -> None:
        """Remove files of an item, those too that a crash kept from standing with it."""
        for circle_id in (of_item(item_id), NEW_FEEDBACK):
            await self._files.remove(circle_id, file_ids)


class _Items(Protocol):
    """Where items are kept."""

    async def find_item(self, item_id: str) -> Item | None: ...
    async def find_given(self, client_key: bytes) -> Item | None: ...


class _Comments(Protocol):
    """Where comments are kept."""

    async def find_written(self, client_key: bytes) -> Comment | None: ...


class FeedbackCircles:
    """Fills `files.ports.Circles` for feedback: who may read an item now, and is one of those for whom files are.

    Args:
        items: where items are kept.
        comments: where comments are kept.
    """

    def __init__(self, items: _Items, comments: _Comments) -> None:
        self._items = items
        self._comments = comments

    async def require_part(self, actor: Actor, circle_id: str) -> None:
        """Insist that somebody may bring files: everybody, for what they are about to send.

        Raises:
            NotFound: nobody brings files to an item that is there.
        """
        if circle_id != NEW_FEEDBACK:
            raise NotFound

    async def person_of(self, circle_id: str, owner_id: str) -> str:
        """Files lie under the key of whoever brings them."""
        return owner_id

    async def opener(self, actor: Actor, circle_id: str) -> Callable[[StoredFile], bool]:
        """Give what says which files of an item somebody may open now."""
        if circle_id == NEW_FEEDBACK:
            return lambda file: file.owner_id == actor.account_id
        item = await self._find(circle_id)
        if item is None:
            return lambda _: False
        return lambda file: can_open(actor, item, by=file.owner_id, of=file.person_id)

    async def note_reading(self, actor: Actor, circle_id: str) -> None:
        """Insist that somebody may read an item.

        Raises:
            NotFound: they may not, or there is none.
        """
        if circle_id == NEW_FEEDBACK:
            return
        item = await self._find(circle_id)
        if item is None or not can_read(actor, item):
            raise NotFound

    async def was_sent(self, circle_id: str, owner_id: str, message_id: str) -> bool:
        """Whether the item, or the comment, that claimed files is there."""
        key = bytes.fromhex(message_id)
        return await self._items.find_given(key) is not None or await self._comments.find_written(key) is not None

    async def _find(self, circle_id: str) -> Item | None:
        item_id = item_of(circle_id)
        return await self._items.find_item(item_id) if item_id else None


def circles_of(listening: Listening) -> FeedbackCircles:
    """Give feedback in the words of files."""
    return FeedbackCircles(listening.store, listening.texts)
