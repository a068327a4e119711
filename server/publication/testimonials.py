"""Testimonials: impressions that people let us show, each only for as long as its written permission stands.

Somebody of staff asks the writer; the writer signs; somebody else of staff looks at it and publishes it. At every
rendering the permission is asked for again, so what is revoked is gone with the next look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, NotFound, NotPermitted
from server.kernel.ports import Clock
from server.kernel.publishing import PublicationGate, PublicUse, Verdict
from server.kernel.text import RedactedText
from server.publication.model import Permission
from server.publication.permissions import Permissions

MOST: Final = 60
"""Shown on the page, the newest first."""


@dataclass(frozen=True, slots=True)
class Impression:
    """An impression that somebody sent."""

    item_id: str
    person_id: str
    text: RedactedText = field(repr=False)


@dataclass(frozen=True, slots=True)
class Testimonial:
    """That one was published. What it says is in the permission, and nowhere else."""

    permission_id: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownTestimonial:
    """One as everybody sees it; `name` is None for who wants none shown."""

    permission: Permission
    name: str | None


class Impressions(Protocol):
    """Knows impressions; feedback does."""

    async def find(self, number: int) -> Impression | None:
        """Give one that is shown and whose sender has an account; None for all others."""
        ...

    async def is_there(self, item_id: str) -> bool:
        """Say whether it is still to be seen."""
        ...


class TestimonialStore(Protocol):
    """What is needed of `publication.store`."""

    async def publish(self, testimonial: Testimonial) -> bool: ...
    async def published(self) -> list[Testimonial]: ...
    async def take_down(self, permission_id: str) -> bool: ...


class Testimonials:
    """Testimonials.

    Args:
        store: what was published.
        permissions: written permissions.
        gate: everything passes it.
        impressions: knows what people sent.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: TestimonialStore,
        permissions: Permissions,
        gate: PublicationGate,
        impressions: Impressions,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._permissions = permissions
        self._gate = gate
        self._impressions = impressions
        self._audit = audit
        self._clock = clock

    async def find(self, number: int) -> Impression | None:
        """Give an impression whose writer can be asked; None for all others."""
        return await self._impressions.find(number)

    async def ask(self, actor: Actor, number: int, days: int) -> Permission:
        """Ask the writer of an impression whether it may be shown.

        Raises:
            NotFound: there is no such impression, or nobody knows who sent it.
            InvalidInput, Conflict: see `Permissions.ask`.
        """
        found = await self._impressions.find(number)
        if found is None:
            raise NotFound
        return await self._permissions.ask(
            actor, found.person_id, PublicUse.TESTIMONIAL, found.item_id, found.text, days
        )

    async def look(self, permission_id: str) -> tuple[Permission, Verdict, bool, str | None]:
        """Give a permission with what the gate says of it, whether it is published, and the name that would be shown.

        Raises:
            NotFound: there is none.
        """
        permission = await self._permissions.get(permission_id)
        published = {one.permission_id for one in await self._store.published()}
        name = await self._permissions.name(permission) if permission.named else None
        return permission, await self._verdict(permission), permission_id in published, name

    async def publish(self, actor: Actor, permission_id: str) -> None:
        """Publish one, after a look at it by somebody who did not ask for it.

        Raises:
            NotFound: there is no such permission.
            NotPermitted: the same person asked for it, or wrote it.
            PublicationRefused: the gate refuses.
            Conflict: it is published.
        """
        permission = await self._permissions.get(permission_id)
        if permission.use is not PublicUse.TESTIMONIAL:
            raise NotFound
        if actor.account_id in {permission.asked_by, permission.person_id}:
            raise NotPermitted(fields={"permission": "second_person"})
        await self._gate.require(
            permission.use, permission.text, [permission.person_id], object_id=permission.object_id
        )
        if not await self._store.publish(Testimonial(permission_id, actor.account_id, self._clock())):
            raise Conflict
        await self._note("publication:testimonial:published", actor, permission_id)

    async def take_down(self, actor: Actor, permission_id: str) -> None:
        """Show one no more, by staff.

        Raises:
            NotFound: it is not published.
        """
        if not await self._store.take_down(permission_id):
            raise NotFound
        await self._note("publication:testimonial:withdrawn", actor, permission_id)

    async def shown(self) -> Sequence[ShownTestimonial]:
        """Give what everybody may see at this very moment."""
        shown: list[ShownTestimonial] = []
        for one in sorted(await self._store.published(), key=lambda one: one.at, reverse=True)[:MOST]:
            try:
                permission = await self._permissions.get(one.permission_id)
            except NotFound:
                continue
            if (await self._verdict(permission)).allowed and await self._impressions.is_there(permission.object_id):
                name = await self._permissions.name(permission) if permission.named else None
                shown.append(ShownTestimonial(permission, name))
        return shown

    async def _verdict(self, permission: Permission) -> Verdict:
        return await self._gate.examine(
            permission.use, permission.text, [permission.person_id], object_id=permission.object_id
        )

    async def _note(self, action: str, actor: Actor, permission_id: str) -> None:
        await self._audit.append([AuditEntry(action, actor.account_id, (permission_id,), self._clock())])
