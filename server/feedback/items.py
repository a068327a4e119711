"""Use cases of reading: one item, the board, the roadmap, one's own. Knows neither HTTP nor MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from nlp.terms import terms_of
from server.feedback.board import Board
from server.feedback.model import Item, Status, Visibility, can_handle, can_open, can_read
from server.feedback.ports import People
from server.feedback.reading import (
    MOST_ON_A_PAGE,
    BoardPage,
    BoardQuery,
    ItemView,
    Order,
    Row,
    moves_of,
    rights_of,
)
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.ports import Limiter
from server.kernel.text import RawText
from server.people.model import Persona

ROADMAP: Final = (Status.REVIEWING, Status.PLANNED, Status.STARTED, Status.DONE)
"""The columns of the roadmap."""
_DEEPEST: Final = 10_000


class ItemStore(Protocol):
    """What is needed of the store."""

    async def find_item(self, item_id: str) -> Item | None: ...
    async def find_numbered(self, number: int) -> Item | None: ...
    async def find_items(self, item_ids: Sequence[str]) -> dict[str, Item]: ...
    async def sent_by(self, author_id: str) -> list[Item]: ...


class MarkStore(Protocol):
    """What is needed of the store of votes."""

    async def voted(self, account_id: str, item_ids: Sequence[str]) -> frozenset[str]: ...
    async def follows(self, item_id: str, account_id: str) -> bool: ...


class Items:
    """Shows feedback."""

    def __init__(
        self, store: ItemStore, marks: MarkStore, board: Board, people: People, intake: Intake, limiter: Limiter
    ) -> None:
        self._store = store
        self._marks = marks
        self._board = board
        self._people = people
        self._intake = intake
        self._limiter = limiter

    # --- one item --------------------------------------------------------------------------------------------------

    async def get(self, actor: Actor | None, item_id: str) -> ItemView:
        """Give an item by its id.

        Raises:
            NotFound: none that the actor may read.
        """
        return await self._view(actor, self._readable(actor, await self._store.find_item(item_id)))

    async def find(self, actor: Actor | None, number: int) -> ItemView:
        """Give an item by its number.

        Raises:
            NotFound: none that the actor may read.
        """
        return await self._view(actor, self._readable(actor, await self._store.find_numbered(number)))

    async def require(self, actor: Actor | None, item_id: str) -> Item:
        """Give the item alone.

        Raises:
            NotFound: none that the actor may read.
        """
        return self._readable(actor, await self._store.find_item(item_id))

    async def require_any(self, item_id: str) -> Item:
        """Give the item alone, whoever may read it.

        Raises:
            NotFound: there is none.
        """
        item = await self._store.find_item(item_id)
        if item is None:
            raise NotFound
        return item

    async def own(self, actor: Actor) -> list[ItemView]:
        """Give what somebody sent under their account, the newest first."""
        found = sorted(await self._store.sent_by(actor.account_id), key=lambda item: -item.number)
        return await self.views(actor, found)

    async def views(self, actor: Actor | None, items: Sequence[Item]) -> list[ItemView]:
        """Show items that the actor may read."""
        people = await self._personas(actor, items)
        targets = await self._targets(actor, items)
        voted = await self._marks.voted(actor.account_id, [item.id for item in items]) if actor else frozenset()
        return [
            ItemView(
                item=_for(actor, item),
                author=people.get(item.author_id or ""),
                assignee=people.get(item.assignee_id or "") if can_handle(actor) else None,
                voted=item.id in voted,
                following=False,
                rights=rights_of(actor, item),
                merged_into=targets.get(item.merged_into or ""),
                moves=moves_of(actor, item),
            )
            for item in items
        ]

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]:
        """Give how accounts are shown."""
        return await self._people.personas(account_ids)

    async def _view(self, actor: Actor | None, item: Item) -> ItemView:
        [view] = await self.views(actor, [item])
        following = actor is not None and await self._marks.follows(item.id, actor.account_id)
        return replace(view, following=following)

    async def _personas(self, actor: Actor | None, items: Sequence[Item]) -> Mapping[str, Persona]:
        """Who stands where. Under a private item its sender is shown to nobody but staff who handle it, by handle."""
        ids = {item.author_id for item in items if item.author_id}
        if can_handle(actor):
            ids |= {item.assignee_id for item in items if item.assignee_id}
        return await self._people.personas(sorted(ids)) if ids else {}

    async def _targets(self, actor: Actor | None, items: Sequence[Item]) -> dict[str, Item]:
        ids = sorted({item.merged_into for item in items if item.merged_into})
        found = await self._store.find_items(ids) if ids else {}
        return {key: item for key, item in found.items() if can_read(actor, item)}

    @staticmethod
    def _readable(actor: Actor | None, item: Item | None) -> Item:
        if item is None or not can_read(actor, item):
            raise NotFound
        return item

    # --- lists -----------------------------------------------------------------------------------------------------

    async def board(self, actor: Actor | None, query: BoardQuery) -> BoardPage:
        """Give a page of the board.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._board.look()
        query = replace(query, limit=min(query.limit, MOST_ON_A_PAGE), after=min(query.after, _DEEPEST))
        rows, total = self._board.page(query)
        voted = await self._marks.voted(actor.account_id, [row.id for row in rows]) if actor and rows else frozenset()
        after = query.after + len(rows)
        return BoardPage(rows, total, voted, after if after < min(total, _DEEPEST) else None)

    def alike(self, item: Item, most: int) -> Sequence[Row]:
        """Give the public items that are most like another one, by the words of its title."""
        return [row for row, _ in self._board.similar(terms_of(item.title.value), most, but=item.id)]

    async def search_terms(self, actor: Actor | None, raw: RawText, *, network: str) -> tuple[str, ...]:
        """Give the terms of what somebody looks for on the board. Keeps nothing.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
            RateLimited: too many.
        """
        await self._limiter.spend("search", actor.account_id if actor else network)
        asked, _ = await self._intake.ask(raw, sender=actor.account_id if actor else "")
        return tuple(terms_of(asked.value))

    async def roadmap(self, most: int = 50) -> dict[Status, Sequence[Row]]:
        """Give the public items by the columns of the roadmap, those that most want first; of done ones the newest."""
        await self._board.look()
        found: dict[Status, Sequence[Row]] = {}
        for status in ROADMAP:
            order = Order.NEWEST if status is Status.DONE else Order.VOTES
            found[status], _ = self._board.page(BoardQuery(order=order, statuses=frozenset({status}), limit=most))
        return found

    async def changes(self, *, past: int = 0, limit: int = 30) -> Sequence[Item]:
        """Give the public items because of which something was changed, what was told last first.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._board.look()
        ids = [row.id for row in self._board.told()[past : past + min(limit, MOST_ON_A_PAGE)]]
        found = await self._store.find_items(ids) if ids else {}
        shown = (found[item_id] for item_id in ids if item_id in found)
        return [_for(None, item) for item in shown if item.is_public and item.changelog is not None]

    async def counts(self) -> dict[Status, int]:
        """Give how many public items have each status."""
        await self._board.look()
        return self._board.counts()

    async def tags(self) -> dict[str, int]:
        """Give the tags of public items with how many have each."""
        await self._board.look()
        return self._board.tags()


def _for(actor: Actor | None, item: Item) -> Item:
    """Leave out what is staff's affair, and files that are not the reader's to open."""
    files = item.files if can_open(actor, item, by=item.author_id, of=item.author_id or "") else ()
    if can_handle(actor):
        return replace(item, files=files)
    return replace(
        item, proposal=None, clock=None, due=None, votes=item.weight, assignee_id=None, page=None, files=files
    )


def is_private(item: Item) -> bool:
    """Whether an item is for its sender and staff only."""
    return item.visibility is Visibility.PRIVATE
