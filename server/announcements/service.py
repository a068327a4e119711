"""Use cases of the status page: what there is, what is told of it, who says that they use it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.announcements.model import (
    MAX_NAME,
    MAX_TITLE,
    MAX_UPDATE,
    MOST_COMPONENTS,
    MOST_UPDATES,
    Component,
    Health,
    Impact,
    Phase,
    ServiceEvent,
    Update,
    can_follow,
    health,
)
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.text import Numbering, RawText, RedactedText
from server.markup import render

ON_A_PAGE: Final = 20
_LONGEST_WORKS: Final = timedelta(days=30)
_FURTHEST: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What is to be told.

    Attributes:
        title: as it was typed.
        text: likewise, Markdown.
        components: ids of services.
        impact: of a disruption; None for planned works.
        starts_at: of planned works.
        ends_at: likewise.
    """

    title: RawText
    text: RawText
    components: Sequence[str]
    impact: Impact | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """How everything is.

    Attributes:
        components: each service with how it is, in their order.
        going_on: disruptions, the newest first.
        planned: works that are planned or running, the soonest first.
    """

    components: Sequence[tuple[Component, Health]]
    going_on: Sequence[ServiceEvent]
    planned: Sequence[ServiceEvent]

    @property
    def works(self) -> bool:
        """Whether everything works."""
        return all(how is Health.WORKING for _, how in self.components) and not self.going_on


class StatusStore(Protocol):
    """What is needed of `announcements.store`."""

    async def components(self) -> list[Component]: ...
    async def put_component(self, component: Component) -> None: ...
    async def remove_component(self, component_id: str) -> bool: ...
    async def next_number(self) -> int: ...
    async def last_number(self) -> int: ...
    async def insert(self, event: ServiceEvent, numbers: Mapping[str, int]) -> None: ...
    async def replace(self, before: ServiceEvent, after: ServiceEvent, numbers: Mapping[str, int]) -> bool: ...
    async def find(self, number: int) -> tuple[ServiceEvent, dict[str, int]] | None: ...
    async def find_id(self, event_id: str) -> tuple[ServiceEvent, dict[str, int]] | None: ...
    async def going_on(self) -> list[ServiceEvent]: ...
    async def window(self, above: int, up_to: int) -> list[ServiceEvent]: ...
    async def uses(self, account_id: str) -> tuple[str, ...]: ...
    async def put_uses(self, account_id: str, components: Sequence[str]) -> None: ...
    async def users(self, components: Sequence[str]) -> list[str]: ...


class Teller(Protocol):
    """Tells people that there is something on the status page, without content."""

    async def tell_of_service(self, account_ids: Sequence[str], event_id: str) -> None: ...


class StatusBoard:
    """The status page.

    Args:
        store: where all is kept.
        intake: the gate.
        teller: tells those who use a service. It is account information (promise P2): no consent is asked, and who
            uses what they said themselves.
        audit: the trail.
        clock: the time.
    """

    def __init__(self, store: StatusStore, intake: Intake, teller: Teller, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._intake = intake
        self._teller = teller
        self._audit = audit
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Hear that something was changed here."""
        self._listeners.append(listener)

    # --- reading ---------------------------------------------------------------------------------------------------

    async def overview(self) -> Overview:
        """Say how everything is."""
        events = await self._store.going_on()
        components = [(one, health(one.id, events)) for one in await self._store.components()]
        return Overview(
            components,
            sorted((one for one in events if one.impact), key=lambda one: -one.number),
            sorted((one for one in events if one.impact is None), key=lambda one: one.starts_at),
        )

    async def history(self, before: int | None = None) -> Sequence[ServiceEvent]:
        """Give a page of what was told, the newest first.

        Args:
            before: number of the event after which the page begins; None for the first.
        """
        last = await self._store.last_number() if before is None else before - 1
        return await self._store.window(max(0, last - ON_A_PAGE), last)

    async def find(self, number: int) -> ServiceEvent:
        """Give one.

        Raises:
            NotFound: there is none.
        """
        found = await self._store.find(number)
        if found is None:
            raise NotFound
        return found[0]

    # --- telling ---------------------------------------------------------------------------------------------------

    async def open(self, actor: Actor, new: NewEvent) -> ServiceEvent:
        """Tell of a disruption, or of planned works.

        Raises:
            InvalidInput: a service is not there, the times make no sense, or a text is refused.
            RedactionUnavailable: nothing was taken in.
        """
        components = await self._known(new.components)
        now = self._clock()
        if new.impact is None:
            _require_times(new.starts_at, new.ends_at, now)
        event_id, numbering = new_id(), Numbering()
        title = await self._words(actor, new.title, event_id, "title", MAX_TITLE, numbering)
        phase = Phase.INVESTIGATING if new.impact else Phase.PLANNED
        update = await self._update(actor, new.text, event_id, phase, numbering, now)
        event = ServiceEvent(
            event_id,
            await self._store.next_number(),
            title,
            components,
            new.impact,
            new.starts_at if new.impact is None and new.starts_at else now,
            new.ends_at if new.impact is None else None,
            (update,),
        )
        await self._store.insert(event, numbering.fresh())
        await self._told("announcements:event:opened", actor, event)
        return event

    async def update(self, actor: Actor, event_id: str, phase: Phase, text: RawText) -> ServiceEvent:
        """Tell how it goes on.

        Raises:
            NotFound: there is no such event.
            InvalidInput: that phase can't follow, or the text is refused.
            Conflict: somebody else told something at the same moment, or too much was told.
            RedactionUnavailable: nothing was taken in.
        """
        found = await self._store.find_id(event_id)
        if found is None:
            raise NotFound
        before, numbers = found
        if not can_follow(before.phase, phase):
            raise InvalidInput(fields={"phase": "not_allowed"})
        if len(before.updates) >= MOST_UPDATES:
            raise Conflict
        numbering = Numbering(numbers)
        update = await self._update(actor, text, before.id, phase, numbering, self._clock())
        after = replace(before, updates=(*before.updates, update), revision=before.revision + 1)
        if not await self._store.replace(before, after, numbering.fresh()):
            raise Conflict
        await self._told("announcements:event:updated", actor, after)
        return after

    # --- services --------------------------------------------------------------------------------------------------

    async def add_component(self, actor: Actor, name: RawText) -> Component:
        """Add a service, below the others.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: there are as many as there may be.
        """
        known = await self._store.components()
        if len(known) >= MOST_COMPONENTS:
            raise Conflict
        component_id = new_id()
        words = await self._words(actor, name, component_id, "name", MAX_NAME, Numbering())
        component = Component(component_id, words, max((one.position for one in known), default=0) + 1)
        await self._store.put_component(component)
        await self._note("announcements:service:added", actor, component_id)
        return component

    async def remove_component(self, actor: Actor, component_id: str) -> None:
        """Remove a service; what was told of it stays.

        Raises:
            NotFound: there is none.
        """
        if not await self._store.remove_component(component_id):
            raise NotFound
        await self._note("announcements:service:removed", actor, component_id)

    # --- who uses what ---------------------------------------------------------------------------------------------

    async def uses(self, actor: Actor) -> Sequence[str]:
        """Give which services somebody says they use."""
        return await self._store.uses(actor.account_id)

    async def choose(self, actor: Actor, components: Sequence[str]) -> Sequence[str]:
        """Say which services one uses; of their disruptions one is told.

        Raises:
            InvalidInput: one is not there.
        """
        chosen = await self._known(components) if components else ()
        await self._store.put_uses(actor.account_id, chosen)
        return chosen

    async def forget(self, account_id: str) -> None:
        """Forget which services somebody uses: their account goes."""
        await self._store.put_uses(account_id, ())

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _known(self, components: Sequence[str]) -> tuple[str, ...]:
        known = [one.id for one in await self._store.components()]
        if not components or not set(components) <= set(known):
            raise InvalidInput(fields={"components": "required" if not components else "not_allowed"})
        return tuple(one for one in known if one in set(components))

    async def _words(
        self, actor: Actor, raw: RawText, scope: str, field: str, longest: int, numbering: Numbering
    ) -> RedactedText:
        template = await self._intake.admit(raw, scope=scope, field=field, max_length=longest, sender=actor.account_id)
        return template.fill(numbering).text

    async def _update(
        self, actor: Actor, raw: RawText, scope: str, phase: Phase, numbering: Numbering, at: datetime
    ) -> Update:
        text = await self._words(actor, raw, scope, "text", MAX_UPDATE, numbering)
        return Update(phase, text, render(text), actor.account_id, at)

    async def _told(self, action: str, actor: Actor, event: ServiceEvent) -> None:
        await self._note(action, actor, event.id)
        await self._teller.tell_of_service(await self._store.users(event.components), event.id)

    async def _note(self, action: str, actor: Actor, object_id: str) -> None:
        await self._audit.append([AuditEntry(action, actor.account_id, (object_id,), self._clock())])
        for listener in self._listeners:
            listener()


def _require_times(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> None:
    """Insist that planned works have an end after their beginning, neither long ago nor years ahead.

    Raises:
        InvalidInput: they have not.
    """
    if starts_at is None or ends_at is None:
        raise InvalidInput(fields={"starts_at" if starts_at is None else "ends_at": "required"})
    if not now - timedelta(days=1) <= starts_at <= now + _FURTHEST:
        raise InvalidInput(fields={"starts_at": "out_of_range"})
    if not starts_at < ends_at <= starts_at + _LONGEST_WORKS:
        raise InvalidInput(fields={"ends_at": "out_of_range"})
