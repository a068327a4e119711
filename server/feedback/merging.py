"""Merging duplicates, and taking that back for thirty days: votes and follows go along, and nobody counts twice.

Each step is safe to repeat, and what is under way is written down first, so that a crash in between is brought to its
end at the next start. The source keeps its own votes and follows: what came to the target with it carries its id, and
goes when the merge is undone.
"""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.events import FeedbackMerged
from server.feedback.items import Items
from server.feedback.model import Item, State, Step, can_handle, can_unmerge, why_apart
from server.feedback.ports import Told
from server.feedback.reading import ItemView
from server.feedback.records import Merge, Vote
from server.feedback.votes import Votes
from server.feedback.writing import ItemWriter
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ports import Clock, EventSink, Limiter


class MarkStore(Protocol):
    """What is needed of the store of votes."""

    async def votes_of_item(self, item_id: str) -> list[Vote]: ...
    async def insert_vote(self, vote: Vote) -> bool: ...
    async def counted(self, item_id: str, account_id: str) -> None: ...
    async def remove_votes_from(self, item_id: str, origin: str) -> None: ...
    async def followers(self, item_id: str) -> dict[str, str | None]: ...
    async def insert_follow(self, item_id: str, account_id: str, at: datetime, origin: str | None = None) -> bool: ...
    async def remove_follows_from(self, item_id: str, origin: str) -> None: ...


class MergeStore(Protocol):
    """Where merges on their way are written down."""

    async def begin_merge(self, merge: Merge) -> None: ...
    async def end_merge(self, source: str) -> None: ...
    async def merges(self) -> list[Merge]: ...


class Merging:
    """Merges items."""

    def __init__(
        self,
        marks: MarkStore,
        store: MergeStore,
        items: Items,
        votes: Votes,
        writer: ItemWriter,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._marks = marks
        self._store = store
        self._items = items
        self._votes = votes
        self._writer = writer
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def start(self) -> None:
        """Bring to its end what a crash interrupted.

        Raises:
            Unavailable: the store does not answer.
        """
        for merge in await self._store.merges():
            await self._carry_out(merge)

    async def merge(self, actor: Actor, item_id: str, into_id: str) -> ItemView:
        """Make an item part of another; its address leads there from then on.

        Returns:
            The other.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: the actor does not handle feedback.
            InvalidInput: there is no such other item.
            Conflict: they can't be merged: one was already, or their senders may not read each other's.
        """
        source, target = await self._both(actor, item_id, into_id)
        apart = why_apart(source, target)
        if apart:
            raise Conflict(fields={"into": apart})
        merge = Merge(source.id, target.id, actor.account_id, False, self._clock())
        entry = AuditEntry("feedback:item:merged", actor.account_id, (source.id, target.id), merge.at)
        async with self._audit.promises.around([entry]):
            await self._store.begin_merge(merge)
            await self._carry_out(merge)
        return await self._items.get(actor, target.id)

    async def unmerge(self, actor: Actor, item_id: str) -> ItemView:
        """Take an item out of another again.

        Returns:
            The item that was taken out.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: the actor does not handle feedback.
            Conflict: it is not merged, or too long since.
        """
        if not can_handle(actor):
            raise NotPermitted
        source = await self._items.require(actor, item_id)
        await self._limiter.spend("feedback_handling", actor.account_id)
        if source.state is not State.MERGED or source.merged_into is None or not can_unmerge(source, self._clock()):
            raise Conflict
        merge = Merge(source.id, source.merged_into, actor.account_id, True, self._clock())
        entry = AuditEntry("feedback:item:unmerged", actor.account_id, (source.id, merge.target), merge.at)
        async with self._audit.promises.around([entry]):
            await self._store.begin_merge(merge)
            await self._carry_out(merge)
        return await self._items.get(actor, source.id)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _both(self, actor: Actor, item_id: str, into_id: str) -> tuple[Item, Item]:
        if not can_handle(actor):
            raise NotPermitted
        source = await self._items.require(actor, item_id)
        try:
            target = await self._items.require(actor, into_id)
        except NotFound:
            raise InvalidInput(fields={"into": "unknown"}) from None
        await self._limiter.spend("feedback_handling", actor.account_id)
        return source, target

    async def _carry_out(self, merge: Merge) -> None:
        if merge.undo:
            await self._take_out(merge)
        else:
            await self._put_in(merge)
        target = await self._votes.recount(merge.target) or await self._items.require_any(merge.target)
        await self._store.end_merge(merge.source)
        source = await self._items.require_any(merge.source)
        await self._sink.publish([FeedbackMerged(source, target, undone=merge.undo)])

    async def _put_in(self, merge: Merge) -> None:
        # First the address, so that nobody votes for an item that is being emptied.
        await self._writer.change(
            merge.source, lambda item, _: _merged(item, merge), tell=[f"{Told.MERGED}:{merge.by}"]
        )
        for vote in await self._marks.votes_of_item(merge.source):
            # What came to the source with a third is the third's.
            moved = Vote(merge.target, vote.account_id, vote.at, vote.weight, merge.source)
            await self._marks.insert_vote(moved)
            await self._marks.counted(merge.target, vote.account_id)
        source = await self._items.require_any(merge.source)
        followers = list(await self._marks.followers(merge.source))
        for account_id in [*followers, *([source.author_id] if source.author_id else [])]:
            await self._marks.insert_follow(merge.target, account_id, merge.at, merge.source)

    async def _take_out(self, merge: Merge) -> None:
        await self._marks.remove_votes_from(merge.target, merge.source)
        await self._marks.remove_follows_from(merge.target, merge.source)
        await self._writer.change(merge.source, lambda item, _: _taken_out(item, merge))


def _merged(item: Item, merge: Merge) -> Item:
    if item.state is State.MERGED:
        if item.merged_into != merge.target:
            raise Conflict
        return item
    return replace(
        item,
        state=State.MERGED,
        merged_into=merge.target,
        merged_at=merge.at,
        changed_at=merge.at,
        due=None,
        history=(*item.history, Step(State.MERGED, merge.at, merge.by)),
    )


def _taken_out(item: Item, merge: Merge) -> Item:
    """Give an item as it was before it was merged."""
    if item.state is not State.MERGED:
        return item
    before = next((step.state for step in reversed(item.history) if step.state is not State.MERGED), State.RECEIVED)
    return replace(
        item,
        state=before,
        merged_into=None,
        merged_at=None,
        changed_at=merge.at,
        history=(*item.history, Step(before, merge.at, merge.by)),
    )
