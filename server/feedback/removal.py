"""Use case of removing single items for retention, and of forgetting who sent what stays public.

An item goes with everything that hangs on it: comments and notes, files, images, votes and follows, findings about
votes, corrections of triage, merges on their way, the notices of it; clocks and what triage proposed stand in the item
itself. That it goes is written down first and its words are the first that go, so nobody ever sees half of one; the
item itself is the last, and what a crash interrupted is found by what was written down.

What everybody may read stays, and forgets its sender: their account, their follow-up code, their files, their name on
their own comments. Each step is safe to repeat, and the name in the item is the last that goes.

Knows neither HTTP nor MongoDB. Must not decide by itself what is old: `feedback.retention` says it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from server.attachments.model import Audience
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.consequences import text_id
from server.feedback.emptying import unlinked, unsaid
from server.feedback.events import FeedbackShown
from server.feedback.model import Comment, Item, Kind, Sight, State, Visibility
from server.feedback.ports import Files, Images
from server.feedback.writing import ItemWriter
from server.kernel.ports import Clock, EventSink
from server.kernel.text import ERASED_TITLE

_SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class Aged:
    """What retention has to know of an item; none of its words.

    Attributes:
        id: of the item.
        kind: what it is.
        visibility: whom it is for.
        sight: whether those see it.
        state: where it stands.
        author_id: who sent it; None where nobody knows.
        has_code: whether a follow-up code leads to it.
        created_at: when it was given.
        changed_at: when it last changed.
    """

    id: str
    kind: Kind
    visibility: Visibility
    sight: Sight
    state: State
    author_id: str | None
    has_code: bool
    created_at: datetime
    changed_at: datetime

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.visibility is Visibility.PUBLIC and self.sight is Sight.SHOWN

    @property
    def is_linked(self) -> bool:
        """Whether anything leads from it to its sender."""
        return self.author_id is not None or self.has_code


def aged(item: Item) -> Aged:
    """Give what retention has to know of an item that was read whole. Whether a code leads to it, that does not say."""
    return Aged(
        item.id,
        item.kind,
        item.visibility,
        item.sight,
        item.state,
        item.author_id,
        True,
        item.created_at,
        item.changed_at,
    )


class ItemStore(Protocol):
    """What is needed of `feedback.store`."""

    async def find_item(self, item_id: str) -> Item | None: ...
    async def forget_sender(self, item_id: str) -> None: ...


class CommentStore(Protocol):
    """What is needed of `feedback.comment_store`."""

    async def comments(self, item_id: str, seqs: Sequence[int]) -> list[Comment]: ...
    async def replace_comment(self, before: Comment, after: Comment) -> bool: ...


class RemovalStore(Protocol):
    """What removes; `feedback.removal_store` says what each does."""

    async def begin(self, item_id: str, at: datetime) -> None: ...
    async def begun(self) -> list[str]: ...
    async def end(self, item_id: str) -> None: ...
    async def clear(self, item_id: str, last_seq: int) -> None: ...
    async def delete(self, item_id: str) -> None: ...


class Concerned(Protocol):
    """Knows who wants to hear of an item."""

    async def concerned(self, item: Item) -> list[str]: ...


class Told(Protocol):
    """Takes notices back."""

    async def forget_item(self, account_ids: Sequence[str], item_id: str, since: datetime) -> None:
        """Remove what some accounts were told of an item since it was given. Safe to repeat."""
        ...


class Removal:
    """The use case.

    Args:
        items: items.
        comments: comments.
        store: removes.
        writer: takes turns with whoever changes an item.
        voters: knows who hears of an item.
        images: lets go of what texts show.
        files: removes what was sent.
        told: takes notices back.
        audit: the trail.
        sink: hears of it, so that pages are made anew.
        clock: the time.
    """

    def __init__(
        self,
        items: ItemStore,
        comments: CommentStore,
        store: RemovalStore,
        writer: ItemWriter,
        voters: Concerned,
        images: Images,
        files: Files,
        told: Told,
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
    ) -> None:
        self._items = items
        self._comments = comments
        self._store = store
        self._writer = writer
        self._voters = voters
        self._images = images
        self._files = files
        self._told = told
        self._audit = audit
        self._sink = sink
        self._clock = clock

    async def finish(self) -> int:
        """Bring to its end what a crash interrupted; give how many items that were.

        Of what was written down and not touched yet, nothing is removed: the rule finds it again, if it still ends it
        and no hold was set meanwhile.

        Raises:
            Unavailable: the store does not answer; do it again.
        """
        begun = await self._store.begun()
        for item_id in begun:
            item = await self._items.find_item(item_id)
            if item is not None and item.title != ERASED_TITLE:
                await self._store.end(item_id)
            else:
                await self._carry_out(item_id)
        return len(begun)

    async def remove(self, item_id: str, goes: Callable[[Aged], bool]) -> bool:
        """Remove an item for good; False where there is none, or it goes no more.

        Args:
            item_id: which.
            goes: whether it does, asked of the item as it is in that moment: a sender may just have taken it up again.

        Raises:
            Conflict: it changes all the time.
            Unavailable: it is not known how far it came; do it again.
        """
        item = await self._items.find_item(item_id)
        if item is None or not goes(aged(item)):
            return False
        now = self._clock()
        entry = AuditEntry("feedback:item:removed", _SYSTEM, (item_id,), now, {"comments": item.last_seq})
        refused = False

        def emptied(found: Item) -> Item:
            nonlocal refused
            refused = not goes(aged(found))
            return found if refused else _emptied(found)

        await self._store.begin(item_id, now)
        async with self._audit.promises.around([entry]):
            await self._writer.change(item_id, lambda found, _: emptied(found), draws=False, silent=True)
        if refused:
            await self._store.end(item_id)
            return False
        await self._carry_out(item_id)
        return True

    async def unlink(self, item_id: str, goes: Callable[[Aged], bool]) -> bool:
        """Let an item that stays forget who sent it; False where there is none, or it does not any more.

        Raises:
            Conflict: it changes all the time.
            Unavailable: it is not known how far it came; do it again.
        """
        item = await self._items.find_item(item_id)
        if item is None or not goes(aged(item)):
            return False
        theirs = [one for one in await self._written(item) if one.author_id == item.author_id]
        await self._files.remove(item.id, _files_of(item, theirs))
        for comment in theirs:
            if comment.author_id is not None:
                forgotten = replace(comment, author_id=None, files=(), revision=comment.revision + 1)
                await self._comments.replace_comment(comment, forgotten)
        await self._items.forget_sender(item.id)
        entry = AuditEntry("feedback:item:unlinked", _SYSTEM, (item.id,), self._clock())
        async with self._audit.promises.around([entry]):
            _, after = await self._writer.change(item.id, lambda found, _: unlinked(found), draws=False, silent=True)
        await self._sink.publish([FeedbackShown(after)])
        return True

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _carry_out(self, item_id: str) -> None:
        item = await self._items.find_item(item_id)
        if item is not None:
            written = await self._written(item)
            await self._files.remove(item.id, _files_of(item, written))
            for owner_id, name in _texts(item, written):
                await self._images.shown(owner_id, text_id(name), (), Audience.STAFF)
            await self._told.forget_item(await self._hearers(item, written), item.id, item.created_at)
            await self._store.clear(item.id, item.last_seq)
            await self._store.delete(item.id)
            await self._sink.publish([FeedbackShown(item)])
        await self._store.end(item_id)

    async def _written(self, item: Item) -> list[Comment]:
        return await self._comments.comments(item.id, range(1, item.last_seq + 1))

    async def _hearers(self, item: Item, written: Sequence[Comment]) -> list[str]:
        """Give who may have been told of an item."""
        named = [item.author_id, item.assignee_id, *(one.author_id for one in written), *(s.by for s in item.history)]
        return sorted({*await self._voters.concerned(item), *(one for one in named if one)})


def _files_of(item: Item, written: Sequence[Comment]) -> list[str]:
    """Give the ids of the files of an item and of comments on it."""
    return [file.id for file in item.files] + [file.id for one in written for file in one.files]


def _texts(item: Item, written: Sequence[Comment]) -> list[tuple[str, str]]:
    """Give whose texts may show images, and the texts' names."""
    found = [(item.author_id, item.id), *((one.author_id, one.id) for one in written)]
    return [(author_id, name) for author_id, name in found if author_id is not None]


def _emptied(item: Item) -> Item:
    """Give an item that nobody sees any more and that says nothing; by what is left of it the rest is found."""
    return replace(unsaid(item), response=None, changelog=None, clock=None, due=None, sight=Sight.WITHDRAWN)
