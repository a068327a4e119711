"""Use cases of senders once something is settled: take it up again, say how it was handled, take it back.

The same for who comes with a follow-up code as for who is signed in. Knows neither HTTP nor MongoDB.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.admission import Admission
from server.feedback.comments import Comments
from server.feedback.events import FeedbackChanged, FeedbackRated, FeedbackShown
from server.feedback.giving import ANONYMOUS, normal_code
from server.feedback.items import Items
from server.feedback.model import Item, Rating, Sight, State, can_rate, can_reopen, is_sender, keeps_files
from server.feedback.ports import ClockKeeper, Told
from server.feedback.reading import CommentsPage, ItemRights, ItemView
from server.feedback.steps import moved
from server.feedback.writing import ItemWriter
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, NotFound, NotPermitted
from server.kernel.ports import Clock, EventSink, Limiter
from server.kernel.text import NumberedText, Numbering, RawText

MAX_RATING: Final = 1_000


class CodeStore(Protocol):
    """Finds items by the digest of their code."""

    async def find_by_code(self, code: str) -> Item | None: ...


class BlindIndex(Protocol):
    """Keyed digests."""

    def of(self, value: str) -> str: ...


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """An item to who came with its code.

    Attributes:
        view: it.
        comments: what was written under it, without notes.
    """

    view: ItemView
    comments: CommentsPage


class Sending:
    """What senders do."""

    def __init__(
        self,
        store: CodeStore,
        codes: BlindIndex,
        items: Items,
        comments: Comments,
        writer: ItemWriter,
        admission: Admission,
        clocks: ClockKeeper,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._codes = codes
        self._items = items
        self._comments = comments
        self._writer = writer
        self._admission = admission
        self._clocks = clocks
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    # --- signed in -------------------------------------------------------------------------------------------------

    async def reopen(self, actor: Actor, item_id: str) -> ItemView:
        """Take something up again that one sent; once.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: somebody else sent it.
            Conflict: it is not settled, or was taken up again before.
        """
        await self._reopen(await self._sent(actor, item_id), actor.account_id)
        return await self._items.get(actor, item_id)

    async def rate(self, actor: Actor, item_id: str, stars: int, text: RawText | None = None) -> ItemView:
        """Say how something that one sent was handled; what was said before is replaced.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: somebody else sent it.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: it is not settled.
        """
        await self._rate(await self._sent(actor, item_id), actor, stars, text)
        return await self._items.get(actor, item_id)

    async def withdraw(self, actor: Actor, item_id: str) -> ItemView:
        """Take something back that one sent: nobody but its sender and staff who handle it sees it then.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: somebody else sent it.
            Conflict: it is part of another.
        """
        item = await self._sent(actor, item_id)
        if item.state is State.MERGED:
            raise Conflict
        now = self._clock()
        entry = AuditEntry("feedback:item:withdrawn", actor.account_id, (item.id,), now)
        async with self._audit.promises.around([entry]):
            _, after = await self._writer.change(
                item.id, lambda found, _: replace(found, sight=Sight.WITHDRAWN, changed_at=now)
            )
        await self._sink.publish([FeedbackShown(after)])
        return await self._items.get(actor, item_id)

    # --- with a code -----------------------------------------------------------------------------------------------

    async def open(self, code: str, *, network: str) -> FollowedUp:
        """Give what a code leads to.

        Raises:
            NotFound: to nothing.
            RateLimited: too many tries from one network.
        """
        return await self._followed_up(await self._by_code(code, network))

    async def comment(
        self,
        code: str,
        text: RawText,
        *,
        network: str,
        client_id: str | None = None,
        file_ids: Sequence[str] = (),
    ) -> FollowedUp:
        """Write to staff, under what a code leads to.

        Raises:
            NotFound: it leads to nothing.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: it is part of another, or was taken back.
            RateLimited: too many from one network.
        """
        item = await self._by_code(code, network)
        await self._limiter.spend("feedback_anonymous_network", network)
        if item.state is State.MERGED or item.sight in {Sight.WITHDRAWN, Sight.REJECTED}:
            raise Conflict
        await self._comments.write_unknown(item, text, client_id=client_id, file_ids=file_ids)
        return await self._followed_up(await self._items.require_any(item.id))

    async def reopen_with(self, code: str, *, network: str) -> FollowedUp:
        """Take something up again; see `reopen`."""
        item = await self._by_code(code, network)
        await self._reopen(item, None)
        return await self._followed_up(await self._items.require_any(item.id))

    async def rate_with(self, code: str, stars: int, text: RawText | None = None, *, network: str) -> FollowedUp:
        """Say how it was handled; see `rate`."""
        item = await self._by_code(code, network)
        await self._rate(item, None, stars, text)
        return await self._followed_up(await self._items.require_any(item.id))

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _sent(self, actor: Actor, item_id: str) -> Item:
        item = await self._items.require(actor, item_id)
        if not is_sender(actor, item):
            raise NotPermitted if item.is_public else NotFound
        await self._limiter.spend("feedback_mark", actor.account_id)
        return item

    async def _by_code(self, code: str, network: str) -> Item:
        await self._limiter.spend("feedback_code_network", network)
        plain = normal_code(code)
        item = await self._store.find_by_code(self._codes.of(plain)) if plain else None
        if item is None:
            raise NotFound
        return item

    async def _followed_up(self, item: Item) -> FollowedUp:
        [view] = await self._items.views(None, [item])
        rights = ItemRights(
            comment=item.state is not State.MERGED and item.sight not in {Sight.WITHDRAWN, Sight.REJECTED},
            reopen=can_reopen(item),
            rate=can_rate(item),
        )
        # Whoever has the code sent it: they see what they sent, as staff do.
        shown = replace(view.item, files=item.files if keeps_files(item.sight) else ())
        comments = await self._comments.page_of(None, item, limit=200, sent=True)
        return FollowedUp(replace(view, item=shown, rights=rights), comments)

    async def _reopen(self, item: Item, by: str | None) -> None:
        now = self._clock()

        def make(found: Item, _: Numbering) -> Item:
            if not can_reopen(found):
                raise Conflict
            return replace(moved(found, State.ACKNOWLEDGED, now, by, self._clocks), reopened=True)

        entry = AuditEntry("feedback:item:reopened", by or ANONYMOUS, (item.id,), now)
        tell = [f"{Told.STATE}:{by}" if by else Told.STATE.value]
        async with self._audit.promises.around([entry]):
            before, after = await self._writer.change(item.id, make, tell=tell)
        await self._sink.publish([FeedbackChanged(after, before.state, by)])

    async def _rate(self, item: Item, actor: Actor | None, stars: int, text: RawText | None) -> None:
        now = self._clock()
        template = None
        if text is not None and len(text):
            template = await self._admission.words(actor, text, scope=item.id, field="text", max_length=MAX_RATING)

        def make(found: Item, numbering: Numbering) -> Item:
            if not can_rate(found):
                raise Conflict
            words: NumberedText | None = template.fill(numbering) if template else None
            rating = Rating(stars, words.text if words else None, words.hidden if words else (), now)
            return replace(found, rating=rating)

        by = actor.account_id if actor else ANONYMOUS
        entry = AuditEntry("feedback:item:rated", by, (item.id,), now, {"stars": stars})
        async with self._audit.promises.around([entry]):
            _, after = await self._writer.change(item.id, make, draws=False)
        await self._sink.publish([FeedbackRated(after)])
