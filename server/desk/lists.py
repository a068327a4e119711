"""Views, and what is in them. Open cases come from memory, closed conversations from windows of their numbers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.model import Status, can_be_assigned
from server.chat.service import MAX_PAGE, ChatService
from server.desk.agents import AgentRoles
from server.desk.cases import Cases
from server.desk.keys import require_key
from server.desk.model import MOST_VIEWS, BuiltIn, Filter, Priority, Row, SavedView, Sort, fits, order
from server.intake import Intake
from server.kernel.access import Rule
from server.kernel.actor import Actor, Role
from server.kernel.cursors import cursor_of, malformed, number_cursor, number_place, read_cursor
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import Numbering, RawText, RedactedText
from server.kernel.wire import MAX_SUBJECT

VIEW_RULE: Final = Rule("desk_view", own=frozenset({Role.AGENT, Role.ADMIN}))

_WINDOWS: Final = 5
"""Pages of closed conversations that are looked through for one page of what is wanted."""

_NUMBER: Final = "closed:"
_NO_ACCOUNTS: Final = frozenset({"me", "none"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see of a view; None narrows nothing."""

    view: str
    label: str | None = None
    priority: Priority | None = None
    sort: Sort | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a list, and where the next one begins."""

    rows: list[Row]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A view and how many it shows; None where nobody counts. `saved` is None for built-in ones."""

    id: str
    saved: SavedView | None
    count: int | None


class ViewStore(Protocol):
    """Where saved views are kept; `office_store` says what each does."""

    async def views_of(self, account_id: str) -> list[SavedView]: ...
    async def find_view(self, view_id: str) -> SavedView | None: ...
    async def add_view(self, view: SavedView) -> None: ...
    async def change_view(self, view: SavedView) -> bool: ...
    async def remove_view(self, view_id: str) -> None: ...


class Lists:
    """Views and lists.

    Args:
        cases: what is open, in memory.
        chat: reads closed conversations, and says who may know of which.
        store: saved views.
        agents: know whose conversations a view may be about.
        intake: the gate, for names of views.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        cases: Cases,
        chat: ChatService,
        store: ViewStore,
        agents: AgentRoles,
        intake: Intake,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._chat = chat
        self._store = store
        self._agents = agents
        self._intake = intake
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    # --- views -----------------------------------------------------------------------------------------------------

    async def views(self, actor: Actor) -> list[Counted]:
        """Give all views of somebody with their counts, built-in ones first.

        Raises:
            Unavailable: the store does not answer.
        """
        counts = self._cases.board.counts(actor)
        found = [Counted(view.value, None, counts[view.value]) for view in BuiltIn]
        saved = await self._store.views_of(actor.account_id)
        for view in sorted(saved, key=lambda item: (item.shared, item.id)):
            found.append(Counted(view.id, view, self._count(view.filter, actor)))
            await asyncio.sleep(0)
        return found

    def counts(self, actor: Actor) -> dict[str, int]:
        """Give the counts of built-in views, from memory."""
        return self._cases.board.counts(actor)

    def _count(self, wanted: Filter, actor: Actor) -> int | None:
        if wanted.status is Status.CLOSED:
            return None
        return sum(fits(wanted, row, actor.account_id) for row in self._cases.board)

    async def keep_view(self, actor: Actor, name: RawText, wanted: Filter, *, shared: bool) -> SavedView:
        """Keep a view.

        Raises:
            InvalidInput: too many, the name can't be used, or it is about somebody or something that there is not.
            RedactionUnavailable: see the gate.
        """
        mine = [view for view in await self._store.views_of(actor.account_id) if view.owner_id == actor.account_id]
        if len(mine) >= MOST_VIEWS:
            raise InvalidInput(fields={"name": "too_many"})
        await self._require_known(actor, wanted)
        view_id = new_id()
        text = await self._named(actor, view_id, name)
        view = SavedView(view_id, actor.account_id, text, wanted, shared, self._clock())
        await self._store.add_view(view)
        await self._audit.append([AuditEntry("desk:view:kept", actor.account_id, (view_id,), self._clock())])
        return view

    async def _named(self, actor: Actor, view_id: str, name: RawText) -> RedactedText:
        template = await self._intake.admit(
            name, scope=view_id, field="name", max_length=MAX_SUBJECT, sender=actor.account_id
        )
        return template.fill(Numbering()).text

    async def change_view(self, actor: Actor, view_id: str, name: RawText | None, *, shared: bool | None) -> SavedView:
        """Call a view of one's own otherwise, or share it or not; what is None stays.

        Raises:
            NotFound: there is none, or it is somebody else's.
            InvalidInput, RedactionUnavailable: see `keep_view`.
        """
        view = await self._own(actor, view_id)
        if name is not None:
            view = replace(view, name=await self._named(actor, view_id, name))
        if shared is not None:
            view = replace(view, shared=shared)
        if not await self._store.change_view(view):
            raise NotFound
        await self._audit.append([AuditEntry("desk:view:changed", actor.account_id, (view_id,), self._clock())])
        return view

    async def _own(self, actor: Actor, view_id: str) -> SavedView:
        view = await self._store.find_view(view_id)
        if view is None or view.owner_id != actor.account_id:
            raise NotFound
        return view

    async def _require_known(self, actor: Actor, wanted: Filter) -> None:
        """Nobody writes a word of their own into a view that others see."""
        if wanted.assignee is not None and wanted.assignee not in _NO_ACCOUNTS:
            role = await self._agents.role_of(wanted.assignee)
            if not can_be_assigned(role):
                raise InvalidInput(fields={"assignee": "unknown_agent"})
        if wanted.label is not None:
            await require_key(self._intake, wanted.label, field="label", sender=actor.account_id)

    async def drop_view(self, actor: Actor, view_id: str) -> None:
        """Remove a view of one's own.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        await self._own(actor, view_id)
        await self._store.remove_view(view_id)
        await self._audit.append([AuditEntry("desk:view:dropped", actor.account_id, (view_id,), self._clock())])

    # --- lists -----------------------------------------------------------------------------------------------------

    async def page(self, actor: Actor, wish: Wish) -> Page:
        """Give a piece of a view.

        Raises:
            NotFound: there is no such view.
            InvalidInput: the cursor is none of ours.
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        wanted, sort = Filter(label=wish.label, priority=wish.priority), wish.sort
        if wish.view == BuiltIn.CLOSED.value:
            return await self._closed(actor, [Filter(Status.CLOSED, label=wish.label, priority=wish.priority)], wish)
        if wish.view in set(BuiltIn):
            rows = self._cases.board.rows(BuiltIn(wish.view), actor)
        else:
            saved = await self._saved(actor, wish.view)
            if saved.filter.status is Status.CLOSED:
                narrowed = Filter(Status.CLOSED, label=wish.label, priority=wish.priority)
                return await self._closed(actor, [saved.filter, narrowed], wish)
            sort = sort or saved.filter.sort
            rows = [row for row in self._cases.board if fits(saved.filter, row, actor.account_id)]
        return _piece(
            [row for row in rows if fits(wanted, row, actor.account_id)],
            sort or Sort.WAITING,
            wish,
        )

    async def _saved(self, actor: Actor, view_id: str) -> SavedView:
        view = await self._store.find_view(view_id)
        if view is None or not (view.shared or view.owner_id == actor.account_id):
            raise NotFound
        return view

    async def _closed(self, actor: Actor, filters: Sequence[Filter], wish: Wish) -> Page:
        """Read closed conversations, the newest first. A page may hold fewer than wanted while there are more."""
        before = number_place(wish.cursor, _NUMBER)
        found: list[Row] = []
        for _ in range(_WINDOWS):
            page = await self._chat.list_conversations(
                actor, status=Status.CLOSED, assignee_id=None, before_number=before, limit=MAX_PAGE
            )
            rows = await self._cases.rows(page.items)
            found += [row for row in rows if all(fits(item, row, actor.account_id) for item in filters)]
            before = page.next_number
            if before is None or len(found) >= wish.limit:
                break
        if len(found) > wish.limit:
            found = found[: wish.limit]
            before = found[-1].conversation.number
        return Page(found, number_cursor(before, _NUMBER))


def _piece(rows: Sequence[Row], sort: Sort, wish: Wish) -> Page:
    """Cut a page out of a list; its place is told by what stands last, so nothing comes twice when others move."""
    placed = sorted(((*order(sort, row), row.conversation.id), index) for index, row in enumerate(rows))
    after = _place(wish.cursor)
    if after is not None:
        placed = [item for item in placed if item[0] > after]
    page = placed[: wish.limit]
    more = len(placed) > wish.limit
    last = page[-1][0] if page else None
    cursor = cursor_of(f"at:{last[0]!r}:{last[1]!r}:{last[2]}") if more and last is not None else None
    return Page([rows[index] for _, index in page], cursor)


def _place(cursor: str | None) -> tuple[float, float, str] | None:
    if cursor is None:
        return None
    mark, *parts = read_cursor(cursor).split(":")
    try:
        first, second, case_id = parts
        if mark != "at":
            raise ValueError("another cursor")
        return float(first), float(second), case_id
    except ValueError:
        raise malformed() from None
