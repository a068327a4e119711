"""Use cases of comments: under public items for everybody, under private ones between sender and staff, and notes.

Knows neither HTTP nor MongoDB.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.admission import Admission, Admitted
from server.feedback.events import FeedbackCommented
from server.feedback.giving import ANONYMOUS
from server.feedback.items import Items
from server.feedback.model import (
    Comment,
    Item,
    Sight,
    State,
    can_comment,
    can_handle,
    can_open,
    can_see,
    is_sender,
    keeps_files,
)
from server.feedback.ports import ClockKeeper, Files, People
from server.feedback.reading import CommentsPage, CommentView
from server.feedback.steps import moved
from server.feedback.writing import ItemWriter
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attached
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from server.kernel.ports import Clock, EventSink, Limiter
from server.kernel.text import NumberedText, Numbering, RawText
from server.people.model import Persona

MOST_COMMENTS: Final = 10_000


class CommentStore(Protocol):
    """What is needed of the store."""

    async def insert_comment(self, comment: Comment, client_key: bytes, reasons: Sequence[str] = ()) -> bool: ...
    async def find_comment(self, item_id: str, seq: int) -> Comment | None: ...
    async def find_written(self, client_key: bytes) -> Comment | None: ...
    async def comments(self, item_id: str, seqs: Iterable[int]) -> list[Comment]: ...
    async def replace_comment(self, before: Comment, after: Comment) -> bool: ...


class CommentDrawer(Protocol):
    """Draws what follows from a comment."""

    def draw_comment(self, comment: Comment) -> None: ...


class Comments:
    """Comments."""

    def __init__(
        self,
        store: CommentStore,
        items: Items,
        writer: ItemWriter,
        admission: Admission,
        people: People,
        clocks: ClockKeeper,
        files: Files,
        drawer: CommentDrawer,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._items = items
        self._writer = writer
        self._admission = admission
        self._people = people
        self._clocks = clocks
        self._files = files
        self._drawer = drawer
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def write(
        self,
        actor: Actor,
        item_id: str,
        raw: RawText,
        *,
        note: bool = False,
        client_id: str | None = None,
        file_ids: Sequence[str] = (),
    ) -> tuple[CommentView, bool]:
        """Write under an item.

        Args:
            actor: who.
            item_id: under which.
            raw: what they typed.
            note: whether it is for staff only.
            client_id: their own id of it; the same again gives the first.
            file_ids: what they uploaded for it.

        Returns:
            The comment, and whether it was stored by this.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: the actor may not write there.
            InvalidInput, RedactionUnavailable: see the gate.
            RateLimited: too many.
        """
        item = await self._items.require(actor, item_id)
        if not can_comment(actor, item) or (note and not can_handle(actor)):
            raise NotPermitted
        await self._limiter.spend("feedback_comment", actor.account_id)
        comment, is_new = await self._put(actor, item, raw, note=note, client_id=client_id, file_ids=file_ids)
        [view] = await self._views(actor, item, [comment])
        return view, is_new

    async def write_unknown(
        self, item: Item, raw: RawText, *, client_id: str | None = None, file_ids: Sequence[str] = ()
    ) -> Comment:
        """Write under an item as its sender whom nobody knows, who showed its code.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
        """
        comment, _ = await self._put(None, item, raw, note=False, client_id=client_id, file_ids=file_ids)
        return comment

    async def page(self, actor: Actor | None, item_id: str, *, after_seq: int = 0, limit: int = 50) -> CommentsPage:
        """Give some comments of an item, ascending.

        Raises:
            NotFound: no item that the actor may read.
        """
        return await self.page_of(actor, await self._items.require(actor, item_id), after_seq=after_seq, limit=limit)

    async def page_of(
        self, actor: Actor | None, item: Item, *, after_seq: int = 0, limit: int = 50, sent: bool = False
    ) -> CommentsPage:
        """Give some comments of an item that the reader was found to be allowed to read; `sent`: with its code."""
        last = min(item.last_seq, after_seq + limit)
        found = await self._store.comments(item.id, range(after_seq + 1, last + 1))
        views = await self._views(actor, item, found, sent=sent)
        return CommentsPage(views, last if last < item.last_seq else None)

    async def withdraw(self, actor: Actor, item_id: str, seq: int) -> None:
        """Take a comment of one's own back; a trace stays.

        Raises:
            NotFound: no comment that the actor may read.
            NotPermitted: it is not theirs.
            Conflict: somebody changed it at the same moment.
        """
        item = await self._items.require(actor, item_id)
        comment = await self._store.find_comment(item_id, seq)
        if comment is None or not can_see(actor, item, comment):
            raise NotFound
        if comment.author_id != actor.account_id:
            raise NotPermitted
        await self.change_sight(actor.account_id, comment, Sight.WITHDRAWN, "feedback:comment:withdrawn")

    async def change_sight(self, by: str, comment: Comment, to: Sight, action: str) -> None:
        """Let a comment be seen, or no longer. One that is so already stays as it is.

        Raises:
            Conflict: somebody changed it at the same moment.
        """
        if comment.sight is to:
            return
        counts = {"shown": int(to is Sight.SHOWN)}
        entry = AuditEntry(action, by, (comment.item_id, comment.id), self._clock(), counts)
        changed = replace(comment, sight=to)
        async with self._audit.promises.around([entry]):
            if not await self._store.replace_comment(comment, changed):
                raise Conflict
        await self.recount(comment.item_id)
        self._drawer.draw_comment(changed)

    async def recount(self, item_id: str) -> Item:
        """Count an item's comments that are shown anew."""
        item = await self._items.require_any(item_id)
        shown = [
            comment
            for comment in await self._store.comments(item_id, range(1, item.last_seq + 1))
            if comment.sight is Sight.SHOWN and not comment.note
        ]
        _, after = await self._writer.change(
            item_id, lambda found, _: replace(found, comment_count=len(shown)), draws=False
        )
        return after

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _put(
        self,
        actor: Actor | None,
        item: Item,
        raw: RawText,
        *,
        note: bool,
        client_id: str | None,
        file_ids: Sequence[str],
    ) -> tuple[Comment, bool]:
        key = _client_key(item.id, actor.account_id if actor else ANONYMOUS, client_id)
        first = await self._store.find_written(key) if client_id else None
        if first is not None:
            return first, False
        if item.last_seq >= MOST_COMMENTS:
            raise Conflict
        public = item.is_public and not note
        admitted = await self._admission.text(actor, raw, scope=item.id, public=public)
        files = await self._claim(actor, key, client_id, file_ids)
        comment = replace(await self._reserve(actor, item, admitted, note=note), files=files)
        by = actor.account_id if actor else ANONYMOUS
        action = "feedback:note:written" if note else "feedback:comment:created"
        entry = AuditEntry(action, by, (item.id, comment.id), comment.created_at)
        async with self._audit.promises.around([entry]):
            if not await self._store.insert_comment(comment, key, admitted.reasons):
                first = await self._store.find_written(key)
                if first is None:
                    raise Unavailable
                return first, False
        if files:
            await self._files.settle(item.id, [file.id for file in files], person_of(item, comment, actor))
        after = item
        if not note and comment.sight is Sight.SHOWN:
            # A crash before this is mended at the next start, by what is still to be drawn of the comment.
            _, after = await self._writer.change(
                item.id, lambda found, _: replace(found, comment_count=found.comment_count + 1), draws=False
            )
        self._drawer.draw_comment(comment)
        if comment.sight is Sight.SHOWN:
            await self._sink.publish([FeedbackCommented(after, comment)])
        return comment, True

    async def _claim(
        self, actor: Actor | None, key: bytes, client_id: str | None, file_ids: Sequence[str]
    ) -> tuple[Attached, ...]:
        if not file_ids:
            return ()
        if actor is None and client_id is None:
            raise InvalidInput(fields={"attachment_ids": "unknown_file"})
        owner = actor.account_id if actor else self._files.name_of(client_id or "")
        return await self._files.claim(owner, key, file_ids)

    async def _reserve(self, actor: Actor | None, item: Item, admitted: Admitted, *, note: bool) -> Comment:
        """Take the next place in an item, with its numbering. A crash after it leaves a place empty, no more."""
        now = self._clock()
        written: list[tuple[int, NumberedText]] = []
        by_sender = is_sender(actor, item) or actor is None

        def make(found: Item, numbering: Numbering) -> Item:
            if found.state is State.MERGED:
                raise Conflict
            written.append((found.last_seq + 1, admitted.template.fill(numbering)))
            after = replace(found, last_seq=found.last_seq + 1, changed_at=found.changed_at if note else now)
            if by_sender and found.state is State.WAITING:
                # What was waited for has come.
                after = moved(after, State.IN_PROGRESS, now, actor.account_id if actor else None, self._clocks)
            return after

        await self._writer.change(item.id, make, draws=False)
        seq, numbered = written[-1]
        return Comment(
            item_id=item.id,
            seq=seq,
            author_id=actor.account_id if actor else None,
            text=numbered.text,
            hidden=numbered.hidden,
            redactions=numbered.redactions,
            html=admitted.render(numbered.text),
            created_at=now,
            sight=Sight.HELD if admitted.held else Sight.SHOWN,
            note=note,
            attachment_ids=admitted.images,
        )

    async def _views(
        self, actor: Actor | None, item: Item, comments: Sequence[Comment], *, sent: bool = False
    ) -> list[CommentView]:
        shown = [comment for comment in comments if not comment.note or can_handle(actor)]
        ids = sorted({comment.author_id for comment in shown if comment.author_id})
        people = await self._people.personas(ids) if ids else {}
        views = []
        for comment in shown:
            persona = people.get(comment.author_id or "")
            mine = actor is not None and comment.author_id == actor.account_id
            readable = can_see(actor, item, comment)
            views.append(
                CommentView(
                    comment=comment,
                    author=persona,
                    by_sender=comment.author_id == item.author_id,
                    by_staff=persona is not None and persona.badge is not None,
                    readable=readable,
                    files=comment.files if readable and _opens(actor, item, comment, persona, sent=sent) else (),
                    withdraw=mine and comment.sight in {Sight.SHOWN, Sight.HELD},
                    flag=readable and actor is not None and not mine and item.is_public and not comment.note,
                )
            )
        return views


def person_of(item: Item, comment: Comment, writer: Actor | None) -> str | None:
    """Give whose the files of a comment are besides its writer's: the item's sender, where staff answer them."""
    return item.author_id if can_handle(writer) and not comment.note else None


def _opens(actor: Actor | None, item: Item, comment: Comment, writer: Persona | None, *, sent: bool) -> bool:
    """Whether somebody opens the files of a comment that they may read; `sent`: whether they sent the item."""
    if not keeps_files(comment.sight) or not keeps_files(item.sight):
        return False
    by_staff = writer is not None and writer.badge is Role.AGENT
    if sent:
        return by_staff or comment.author_id is None
    of = item.author_id if by_staff and not comment.note else comment.author_id
    return can_open(actor, item, by=comment.author_id, of=of or "")


def _client_key(item_id: str, author: str, client_id: str | None) -> bytes:
    if client_id is None:
        return os.urandom(16)
    return hashlib.sha256(f"comment\0{item_id}\0{author}\0{client_id}".encode()).digest()[:16]
