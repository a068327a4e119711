"""What feedback keeps of people: what they gave and wrote, votes, follows. What others wrote under it stays.

An item of somebody who is erased loses its words, its sender, its follow-up code and what was hidden in it. Where
others voted for it or wrote under it, its place stays with a neutral title; otherwise it is withdrawn, and nobody sees
it. The board, its caches and pages follow in the same moment, for it is changed like by anybody else.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final, Protocol

from server.feedback.consequences import Consequences
from server.feedback.emptying import unlinked, unsaid
from server.feedback.model import Comment, Item, Sight
from server.feedback.votes import Votes
from server.feedback.writing import ItemWriter, Make
from server.kernel.holdings import Fate, Piece, Why
from server.kernel.text import UNSAID
from server.kernel.wire import rfc3339
from server.markup import render
from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_ITEMS: Final = Owned("feedback_items", "author_id", "feedback", "feedback", rule="feedback:item")
_COMMENTS: Final = Owned("feedback_comments", "author_id", "feedback_comments", "feedback", rule="feedback:item")
_VOTES: Final = Owned(
    "feedback_votes", "account_id", "votes", "feedback", {"item_id": "item", "at": "at"}, rule="feedback:mark"
)
_FOLLOWS: Final = Owned(
    "feedback_follows", "account_id", "follows", "feedback", {"item_id": "item", "at": "at"}, rule="feedback:mark"
)
_TRACES: Final = Owned("feedback_vote_traces", "account_id", "vote_traces", "security", rule="feedback:trace")
_RINGS: Final = Owned("feedback_rings", "accounts", "vote_rings", "security", rule="feedback:handling")
_VIEWS: Final = Owned(
    "feedback_views", "account_id", "saved_views", "operation", {"name": "name", "at": "at"}, rule="feedback:office"
)
_COLLECTIONS: Final = (
    *(one.collection for one in (_ITEMS, _COMMENTS, _VOTES, _FOLLOWS, _TRACES, _RINGS, _VIEWS)),
    "feedback_areas",
    "feedback_canned",
    "feedback_corrections",
    "feedback_merges",
    "feedback_removals",
    "feedback_terms",
)


class ItemStore(Protocol):
    """What is needed of `feedback.store`."""

    async def sent_by(self, author_id: str) -> list[Item]: ...
    async def forget_sender(self, item_id: str) -> None: ...


class CommentStore(Protocol):
    """What is needed of `feedback.comment_store`."""

    async def written_by(self, author_id: str) -> list[Comment]: ...
    async def comments(self, item_id: str, seqs: Sequence[int]) -> list[Comment]: ...
    async def replace_comment(self, before: Comment, after: Comment) -> bool: ...


class RingStore(Protocol):
    """What is needed of `feedback.mark_store`."""

    async def forget_in_rings(self, account_id: str) -> int: ...


class FeedbackHoldings(OwnedHoldings):
    """Fills `kernel.holdings.Holdings`.

    Args:
        database: where.
        items: items.
        comments: comments.
        marks: findings about votes.
        writer: changes items.
        votes: counts anew.
        consequences: draws what follows from a change; waited for, so that nothing of it is queued.
    """

    def __init__(
        self,
        database: Database,
        items: ItemStore,
        comments: CommentStore,
        marks: RingStore,
        writer: ItemWriter,
        votes: Votes,
        consequences: Consequences,
    ) -> None:
        owned = (_ITEMS, _COMMENTS, _VOTES, _FOLLOWS, _TRACES, _RINGS, _VIEWS)
        super().__init__("feedback", database, owned, _COLLECTIONS)
        self._items = items
        self._comments = comments
        self._marks = marks
        self._writer = writer
        self._votes = votes
        self._consequences = consequences

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `kernel.holdings.Holdings`. Notes are staff's work about others and are left out."""
        items = sorted(await self._items.sent_by(person_id), key=lambda item: item.number)
        if items:
            yield Piece("feedback/feedback.json", [_item(item) for item in items], "held.feedback")
        written = [one for one in await self._comments.written_by(person_id) if not one.note]
        if written:
            comments = [_comment(one) for one in sorted(written, key=lambda one: one.created_at)]
            yield Piece("feedback/comments.json", comments, "held.feedback_comments")
        async for piece in super().pieces(person_id):
            yield piece

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        items = await self._items.sent_by(person_id)
        stays = [await self._has_others(item, person_id) for item in items]
        rest = [fate for fate in await super().preview(person_id) if fate.kind != _ITEMS.kind]
        return (_fate(_ITEMS.kind, len(items), sum(stays)), *rest)

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        voted = {str(one["item_id"]) async for one in self.documents(_VOTES, person_id)}
        voted |= {str(one["item_id"]) async for one in self.documents(_FOLLOWS, person_id)}
        gone = [Fate(one.kind, await self.remove(one, person_id)) for one in (_VOTES, _FOLLOWS, _TRACES, _VIEWS)]
        gone.append(Fate(_RINGS.kind, await self._marks.forget_in_rings(person_id)))
        for item_id in sorted(voted):
            await self._votes.recount(item_id)
        gone.append(Fate(_COMMENTS.kind, await self._empty_comments(person_id)))
        items, stayed = await self._items.sent_by(person_id), 0
        for item in items:
            others = await self._has_others(item, person_id)
            stayed += others
            await self._writer.change(item.id, _emptying(stays=others))
            await self._items.forget_sender(item.id)
        await self._consequences.settle()
        return (_fate(_ITEMS.kind, len(items), stayed), *gone)

    async def _empty_comments(self, person_id: str) -> int:
        emptied, items = 0, set[str]()
        while written := await self._comments.written_by(person_id):
            for comment in written:
                emptied += await self._comments.replace_comment(comment, _silent(comment))
                items.add(comment.item_id)
        return emptied

    async def _has_others(self, item: Item, person_id: str) -> bool:
        """Whether others have voted for an item, wrote under it, or were led to it."""
        if not item.is_public:
            return False
        written = await self._comments.comments(item.id, range(1, item.last_seq + 1))
        if any(one.author_id not in (person_id, None) and one.sight is Sight.SHOWN for one in written):
            return True
        return any(account != person_id for account in await self._votes.concerned(item))


def _emptying(*, stays: bool) -> Make:
    """Give what makes of an item one without its sender and their words."""
    return lambda item, _: _emptied(item, stays=stays)


def _emptied(item: Item, *, stays: bool) -> Item:
    """Give an item without its sender and their words."""
    return replace(unlinked(unsaid(item)), attachment_ids=(), sight=item.sight if stays else Sight.WITHDRAWN)


def _silent(comment: Comment) -> Comment:
    """Give a comment's place without its writer and their words."""
    return replace(
        comment,
        author_id=None,
        text=UNSAID,
        hidden=(),
        redactions=(),
        html=render(UNSAID),
        attachment_ids=(),
        files=(),
        sight=Sight.WITHDRAWN,
        revision=comment.revision + 1,
    )


def _fate(kind: str, whole: int, stays: int) -> Fate:
    return Fate(kind, whole - stays, stays, Why.OTHERS if stays else None)


def _item(item: Item) -> dict[str, object]:
    return {
        "number": item.number,
        "kind": item.kind.value,
        "visibility": item.visibility.value,
        "status": item.status.value,
        "title": item.title.value,
        "text": item.text.value,
        "page": item.page,
        "answer": item.response.text.value if item.response else None,
        "stars": item.rating.stars if item.rating else None,
        "rating": item.rating.text.value if item.rating and item.rating.text else None,
        "created_at": rfc3339(item.created_at),
        "changed_at": rfc3339(item.changed_at),
    }


def _comment(comment: Comment) -> dict[str, object]:
    return {"id": comment.id, "text": comment.text.value, "created_at": rfc3339(comment.created_at)}
