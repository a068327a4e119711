"""Use cases of staff: the inbox, and everything that is done with an item until it is settled.

Knows neither HTTP nor MongoDB.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.admission import Admission
from server.feedback.changes import Change, placed, response_of, said, state_after, told_of
from server.feedback.desk import Desk
from server.feedback.events import FeedbackAnswered, FeedbackChanged, FeedbackPublished, FeedbackShown
from server.feedback.inboxes import fits
from server.feedback.items import Items
from server.feedback.model import (
    TASKS,
    Item,
    Kind,
    Priority,
    Sight,
    State,
    Visibility,
    can_handle,
    can_move,
)
from server.feedback.ports import ClockKeeper
from server.feedback.reading import Inbox, InboxPage, InboxQuery, ItemView
from server.feedback.records import Correction
from server.feedback.steps import moved, prioritised
from server.feedback.words import admit_tags
from server.feedback.writing import ItemWriter
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotPermitted
from server.kernel.ports import Clock, Directory, EventSink, Limiter
from server.kernel.text import Hidden, NumberedText, Numbering, RawText

MOST_AT_ONCE: Final = 100
MAX_TOPIC: Final = 60
"""Code points of a topic that somebody of staff typed."""
_MOST_DIGITS: Final = 4
_WINDOW: Final = 256


class ItemStore(Protocol):
    """What is needed of the store."""

    async def last_number(self) -> int: ...
    async def numbered_window(self, above: int, up_to: int) -> list[Item]: ...
    async def open_window(self, above: int, up_to: int) -> list[Item]: ...
    async def due_until(self, moment: datetime) -> list[Item]: ...


class CorrectionStore(Protocol):
    """Where corrections are kept."""

    async def put_correction(self, correction: Correction) -> None: ...


class Handling:
    """What staff do."""

    def __init__(
        self,
        store: ItemStore,
        corrections: CorrectionStore,
        items: Items,
        writer: ItemWriter,
        admission: Admission,
        intake: Intake,
        desk: Desk,
        directory: Directory,
        clocks: ClockKeeper,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._corrections = corrections
        self._items = items
        self._writer = writer
        self._admission = admission
        self._intake = intake
        self._desk = desk
        self._directory = directory
        self._clocks = clocks
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    # --- lists -----------------------------------------------------------------------------------------------------

    async def inbox(self, actor: Actor, query: InboxQuery) -> InboxPage:
        """Give a page of staff's items.

        Raises:
            NotPermitted: the actor does not handle feedback.
        """
        self._require(actor)
        now = self._clock()
        if query.inbox is Inbox.OVERDUE:
            due = [item for item in await self._store.due_until(now) if fits(item, query, actor.account_id, now)]
            due.sort(key=lambda item: (item.due or now, item.number))
            return InboxPage(await self._items.views(actor, due[: query.limit]), None)
        read = self._store.numbered_window if query.inbox is Inbox.ALL else self._store.open_window
        top = await self._store.last_number()
        top = min(top, query.before - 1) if query.before is not None else top
        found: list[Item] = []
        width = _WINDOW
        while top > 0 and len(found) <= query.limit:
            window = await read(max(0, top - width), top)
            found += sorted(
                (item for item in window if fits(item, query, actor.account_id, now)), key=lambda item: -item.number
            )
            top -= width
            width *= 2
        page = found[: query.limit]
        before = page[-1].number if len(found) > query.limit else None
        return InboxPage(await self._items.views(actor, page), before)

    # --- one item --------------------------------------------------------------------------------------------------

    async def change(self, actor: Actor, item_id: str, change: Change) -> ItemView:
        """Change an item: all that is said, or nothing.

        An official answer takes an item on to `ANSWERED` of itself, unless another state is said.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: the actor does not handle feedback.
            InvalidInput: see the gate; no such area or agent.
            Conflict: the item can't come to that state.
        """
        self._require(actor)
        item = await self._items.require(actor, item_id)
        await self._limiter.spend("feedback_handling", actor.account_id)
        await self._require_known(item, change)
        tags = await admit_tags(self._intake, change.tags, scope=item_id) if change.tags is not None else None
        answer = await self._template(actor, item, change.response, "response")
        news = await self._template(actor, item, change.changelog, "changelog")
        now = self._clock()

        def make(found: Item, numbering: Numbering) -> Item:
            after = self._moved(found, state_after(found, change), now, actor)
            if change.priority is not None and change.priority is not found.priority:
                after = prioritised(after, change.priority, now, self._clocks)
            if answer is not None:
                after = replace(after, response=response_of(answer(numbering), actor, now), changed_at=now)
            if news is not None:
                after = replace(after, changelog=response_of(news(numbering), actor, now), changed_at=now)
            return placed(after, change, tags)

        entry = AuditEntry("feedback:item:handled", actor.account_id, (item_id,), now, said(change))
        async with self._audit.promises.around([entry]):
            before, after = await self._writer.change(item_id, make, tell=told_of(item, change, actor))
        await self._tell(actor, before, after, change)
        return await self._items.get(actor, item_id)

    async def release(self, actor: Actor, item_id: str, *, shown: bool) -> ItemView:
        """Let an item that came without a sender onto the board, or never.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: the actor does not handle feedback.
            Conflict: it does not wait for that, or it is moderators' to decide.
        """
        self._require(actor)
        item = await self._items.require(actor, item_id)
        if item.author_id is not None or item.sight is not Sight.HELD:
            raise Conflict
        await self.change_sight(actor.account_id, item_id, Sight.SHOWN if shown else Sight.REJECTED)
        return await self._items.get(actor, item_id)

    async def change_sight(self, by: str, item_id: str, to: Sight, *, edits: int | None = None) -> Item:
        """Let an item be seen, or no longer. One that is so already stays as it is.

        Args:
            by: account, or the word for a part of the server.
            item_id: which.
            to: how it is then.
            edits: of the text that was looked at; None for whatever stands there.

        Raises:
            NotFound: there is no such item.
            Conflict: its text is another one, or its sender took it back.
        """
        now = self._clock()

        def make(found: Item, _: Numbering) -> Item:
            if edits is not None and found.edits != edits:
                raise Conflict(fields={"revision": "outdated"})
            if found.sight is Sight.WITHDRAWN and to is not Sight.WITHDRAWN:
                raise Conflict
            return found if found.sight is to else replace(found, sight=to, changed_at=now)

        entry = AuditEntry("feedback:item:shown", by, (item_id,), now, {"shown": int(to is Sight.SHOWN)})
        async with self._audit.promises.around([entry]):
            before, after = await self._writer.change(item_id, make)
        if before != after:
            await self._sink.publish([FeedbackShown(after)])
        return after

    async def triage(
        self, actor: Actor, item_id: str, chosen: Mapping[str, str | None], *, topic: RawText | None = None
    ) -> ItemView:
        """Accept what was proposed for an item, and correct what was wrong.

        Kind, area and urgency are taken over into the item; what was corrected teaches the next model.

        Args:
            actor: who.
            item_id: which.
            chosen: task -> what it is; those that are not named are accepted as proposed.
            topic: what it is about, in the actor's own words; or None.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: the actor does not handle feedback.
            InvalidInput: there is no such task, kind, area or priority.
        """
        self._require(actor)
        item = await self._items.require(actor, item_id)
        await self._limiter.spend("feedback_handling", actor.account_id)
        if topic is not None:
            chosen = {**chosen, "topic": await self._topic(topic, item_id)}
        await self._require_choice(chosen)
        guesses = item.proposal.guesses if item.proposal else {}
        settled = {task: guess.value for task, guess in guesses.items()}
        if item.area is not None:
            # What the sender said holds, unless somebody of staff says otherwise.
            settled["area"] = item.area
        now = self._clock()
        for task, value in chosen.items():
            proposed = guesses[task].value if task in guesses else None
            if value != proposed:
                correction = Correction(item_id, task, proposed, value, actor.account_id, now)
                await self._corrections.put_correction(correction)
        areas = {area.key for area in await self._desk.areas()}

        def make(found: Item, _: Numbering) -> Item:
            return self._settled(replace(found, triaged=True), settled | dict(chosen), areas, now, actor)

        counts = {"corrected": len(chosen)}
        entry = AuditEntry("feedback:item:triaged", actor.account_id, (item_id,), now, counts)
        async with self._audit.promises.around([entry]):
            before, after = await self._writer.change(item_id, make)
        await self._sink.publish([FeedbackChanged(after, before.state, actor.account_id)])
        return await self._items.get(actor, item_id)

    async def bulk(self, actor: Actor, item_ids: Sequence[str], change: Change) -> Mapping[str, str | None]:
        """Change several items, each for itself.

        Returns:
            Item id -> code of why it was not changed, or None where it was.

        Raises:
            NotPermitted: the actor does not handle feedback.
            InvalidInput: too many.
        """
        return await self._each(actor, item_ids, lambda item_id: self.change(actor, item_id, change))

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _each(
        self, actor: Actor, item_ids: Sequence[str], work: Callable[[str], Awaitable[ItemView]]
    ) -> Mapping[str, str | None]:
        self._require(actor)
        if len(item_ids) > MOST_AT_ONCE:
            raise InvalidInput(fields={"ids": "too_many"})
        outcome: dict[str, str | None] = {}
        for item_id in dict.fromkeys(item_ids):
            try:
                await work(item_id)
                outcome[item_id] = None
            except DomainError as error:
                outcome[item_id] = error.code
        return outcome

    def _moved(self, found: Item, to: State | None, now: datetime, actor: Actor) -> Item:
        if to is None or to is found.state:
            return found
        if not can_move(found.kind, found.state, to):
            raise Conflict(fields={"status": "not_allowed"})
        return moved(found, to, now, actor.account_id, self._clocks)

    def _settled(
        self, found: Item, settled: Mapping[str, str | None], areas: set[str], now: datetime, actor: Actor
    ) -> Item:
        kind, area, urgency = settled.get("kind"), settled.get("area"), settled.get("urgency")
        after = found
        if kind in set(Kind) and Kind(kind) is not found.kind and found.state is State.RECEIVED:
            after = replace(after, kind=Kind(kind))
            clock = self._clocks.start(after.kind, after.priority, found.created_at)
            after = replace(after, clock=clock, due=self._clocks.due(clock) if clock is not None else None)
        if area in areas:
            after = replace(after, area=area)
        if urgency in set(Priority) and Priority(urgency) is not found.priority:
            after = prioritised(after, Priority(urgency), now, self._clocks)
        if found.state is State.RECEIVED and can_move(after.kind, after.state, State.ACKNOWLEDGED):
            after = moved(after, State.ACKNOWLEDGED, now, actor.account_id, self._clocks)
        return after

    async def _require_known(self, item: Item, change: Change) -> None:
        if change.area and change.area not in {area.key for area in await self._desk.areas()}:
            raise InvalidInput(fields={"area": "unknown"})
        if change.assignee_id:
            found = (await self._directory.actors([change.assignee_id])).get(change.assignee_id)
            if found is None or found.role is not Role.AGENT:
                raise InvalidInput(fields={"assignee_id": "unknown"})
        if change.visibility is Visibility.PUBLIC and item.visibility is Visibility.PRIVATE:
            # Who wrote in confidence is never made public by others.
            raise NotPermitted(fields={"visibility": "not_allowed"})
        if change.changelog is not None and item.visibility is Visibility.PRIVATE:
            raise InvalidInput(fields={"changelog": "not_allowed"})

    async def _require_choice(self, chosen: Mapping[str, str | None]) -> None:
        known = {
            "kind": {kind.value for kind in Kind},
            "urgency": {priority.value for priority in Priority},
            "area": {area.key for area in await self._desk.areas()},
        }
        for task, value in chosen.items():
            if task not in TASKS or (value is not None and task in known and value not in known[task]):
                raise InvalidInput(fields={task if task in TASKS else "chosen": "unknown"})

    async def _topic(self, raw: RawText, item_id: str) -> str:
        """Take in a topic: a few words that name nobody, for it stands in lists of what many items are about."""
        template = await self._intake.admit(raw, scope=item_id, field="topic", max_length=MAX_TOPIC)
        if any(isinstance(part, Hidden) for part in template.parts):
            raise InvalidInput(fields={"topic": "identifier"})
        words = " ".join("".join(map(str, template.parts)).lower().split())
        if sum(map(str.isdigit, words)) > _MOST_DIGITS:
            # Without a sentence around it nothing tells a customer's number from any other.
            raise InvalidInput(fields={"topic": "identifier"})
        return words

    async def _template(
        self, actor: Actor, item: Item, raw: RawText | None, field: str
    ) -> Callable[[Numbering], NumberedText] | None:
        if raw is None:
            return None
        admitted = await self._admission.text(actor, raw, scope=item.id, public=False, field=field)
        return admitted.template.fill

    async def _tell(self, actor: Actor, before: Item, after: Item, change: Change) -> None:
        if before == after:
            return
        events: list[FeedbackChanged | FeedbackAnswered | FeedbackPublished] = [
            FeedbackChanged(after, before.state, actor.account_id)
        ]
        if change.response is not None:
            events.append(FeedbackAnswered(after, actor.account_id))
        if change.changelog is not None:
            events.append(FeedbackPublished(after))
        await self._sink.publish(events)

    @staticmethod
    def _require(actor: Actor) -> None:
        if not can_handle(actor):
            raise NotPermitted
