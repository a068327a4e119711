"""Categories: few, read all the time, changed rarely. Kept in memory for some seconds."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.model import Audience, Category, can_manage, can_read, require
from server.forum.words import admit_word, slug_of
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import Numbering, RawText, RedactedText, template_of

MAX_NAME = 80
MAX_DESCRIPTION = 400
MOST_CATEGORIES = 200
_FRESH_S = 5.0
"""For so long another process's change may go unnoticed."""
_NOTHING = template_of(()).fill(Numbering()).text
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
"""Lower case, digits, single words joined by hyphens."""


class CategoryStore(Protocol):
    """What is needed of the store."""

    async def categories(self) -> list[Category]: ...
    async def insert_category(self, category: Category) -> bool: ...
    async def change_category(self, category: Category) -> bool: ...


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """What is to become of a category; None leaves something as it is."""

    name: RawText | None = None
    description: RawText | None = None
    slug: RawText | None = None
    readers: Audience | None = None
    writers: Audience | None = None
    contact_allowed: bool | None = None
    position: int | None = None
    archived: bool | None = None


class Categories:
    """The categories."""

    def __init__(self, store: CategoryStore, intake: Intake, audit: AuditTrail, limiter: Limiter, clock: Clock) -> None:
        self._store = store
        self._intake = intake
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._known: dict[str, Category] = {}
        self._read_at = float("-inf")
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Hear that a category was changed here: who may read what is in it may be others now."""
        self._listeners.append(listener)

    async def all(self) -> dict[str, Category]:
        """Give every category by its id."""
        if time.monotonic() - self._read_at > _FRESH_S:
            await self._read()
        return self._known

    async def get(self, category_id: str) -> Category:
        """Give one.

        Raises:
            NotFound: there is none.
        """
        found = (await self.all()).get(category_id)
        if found is None:
            await self._read()
            found = self._known.get(category_id)
        if found is None:
            raise NotFound
        return found

    async def list(self, actor: Actor | None) -> Sequence[Category]:
        """Give what somebody may read, in order."""
        found = [item for item in (await self.all()).values() if can_read(actor, item)]
        return sorted(found, key=lambda item: (item.position, item.slug))

    async def find(self, actor: Actor | None, slug: str) -> Category:
        """Give the category with a slug.

        Raises:
            NotFound: there is none that the actor may read.
        """
        for item in (await self.all()).values():
            if item.slug == slug and can_read(actor, item):
                return item
        raise NotFound

    async def create(self, actor: Actor, change: CategoryChange) -> Category:
        """Make a category. Name and slug are needed.

        Raises:
            NotPermitted: the actor may not.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: there is one with this slug, or there are too many.
        """
        require(can_manage(actor))
        if change.name is None:
            raise InvalidInput(fields={"name": "required"})
        if len(await self.all()) >= MOST_CATEGORIES:
            raise Conflict(fields={"slug": "too_many"})
        category = Category(new_id(), "", _NOTHING, _NOTHING, position=len(self._known))
        category = await self._changed(actor, category, change)
        entry = self._entry("forum:category:created", actor, category)
        async with self._audit.promises.around([entry]):
            if not await self._store.insert_category(category):
                raise Conflict(fields={"slug": "taken"})
        await self._read()
        return category

    async def change(self, actor: Actor, category_id: str, change: CategoryChange) -> Category:
        """Change a category.

        Raises:
            NotFound, NotPermitted, InvalidInput, RedactionUnavailable, Conflict: see `create`.
        """
        require(can_manage(actor))
        category = await self._changed(actor, await self.get(category_id), change)
        async with self._audit.promises.around([self._entry("forum:category:changed", actor, category)]):
            if not await self._store.change_category(category):
                raise Conflict(fields={"slug": "taken"})
        await self._read()
        for listener in self._listeners:
            listener()
        return category

    async def is_empty(self) -> bool:
        """Say whether there are none."""
        return not await self.all()

    async def _read(self) -> None:
        self._known = {item.id: item for item in await self._store.categories()}
        self._read_at = time.monotonic()

    async def _changed(self, actor: Actor, category: Category, change: CategoryChange) -> Category:
        numbering = Numbering()
        name, description = category.name, category.description
        if change.name is not None:
            name = await self._admit(actor, category.id, "name", change.name, MAX_NAME, numbering)
        if change.description is not None and not len(change.description):
            description = _NOTHING
        elif change.description is not None:
            description = await self._admit(
                actor, category.id, "description", change.description, MAX_DESCRIPTION, numbering
            )
        slug = category.slug or slug_of(name)
        if change.slug is not None:
            slug = await admit_word(self._intake, change.slug, scope=category.id, field="slug")
        if not _SLUG.fullmatch(slug):
            raise InvalidInput(fields={"slug": "malformed"})
        return replace(
            category,
            slug=slug,
            name=name,
            description=description,
            readers=category.readers if change.readers is None else change.readers,
            writers=category.writers if change.writers is None else change.writers,
            contact_allowed=category.contact_allowed if change.contact_allowed is None else change.contact_allowed,
            position=category.position if change.position is None else change.position,
            archived=category.archived if change.archived is None else change.archived,
        )

    async def _admit(
        self, actor: Actor, scope: str, field: str, raw: RawText, longest: int, numbering: Numbering
    ) -> RedactedText:
        template = await self._intake.admit(raw, scope=scope, field=field, max_length=longest, sender=actor.account_id)
        return template.fill(numbering).text

    def _entry(self, action: str, actor: Actor, category: Category) -> AuditEntry:
        return AuditEntry(action, actor.account_id, (category.id,), self._clock())
