"""A writer's own contact in the forum: asking for the permission to show it, and whether it stands (promise T1).

The contact is sealed under the writer's key and is in no other collection: posts keep their placeholder, and whoever
renders one asks here each time. Of the value itself the permission has a keyed digest, so that what is signed can't be
exchanged. What has ended has no contact left to open.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from nlp.labels import Label
from nlp.placeholders import PLACEHOLDER
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter, PersonSealer
from server.kernel.publishing import CONTACT_LABELS, PublicUse, SignedContact
from server.kernel.text import Hidden, Numbering, RawText, RedactedTemplate, RedactedText
from server.publication.model import (
    LIFETIMES,
    MAX_CONTACT,
    MOST_CONTACTS,
    Permission,
    State,
    until,
)
from server.sealed.personal import SIGNED_CONTACT, Kept, PersonalValues

_LIMIT: Final = "permission_contact"


@dataclass(frozen=True, slots=True)
class ContactPlace:
    """A category in which people may publish their own contact.

    Attributes:
        id: of the category; what a permission is bound to.
        slug: its name in addresses.
        name: what it is called.
    """

    id: str
    slug: str
    name: RedactedText


class Places(Protocol):
    """Knows the categories that allow it; the forum does."""

    async def __call__(self, actor: Actor) -> Sequence[ContactPlace]:
        """Give those in which somebody may write."""
        ...


class ContactStore(Protocol):
    """What is needed of `publication.store`."""

    async def insert(self, permission: Permission, contact: bytes | None = None) -> None: ...
    async def contacts_of(self, people: Sequence[str]) -> list[tuple[Permission, bytes]]: ...


class ContactBook:
    """Says which contacts may be shown; fills `kernel.publishing.SignedContacts`.

    Args:
        store: where permissions are.
        sealer: opens what is sealed in them.
        clock: the time.
    """

    def __init__(self, store: ContactStore, sealer: PersonSealer, clock: Clock) -> None:
        self._store = store
        self._values = PersonalValues(sealer)
        self._clock = clock

    async def standing(self, people: Collection[str], place_id: str) -> Mapping[str, Sequence[SignedContact]]:
        """See `kernel.publishing.SignedContacts`. Nothing is remembered: what was withdrawn a moment ago is gone."""
        now = self._clock()
        kept = await self._store.contacts_of(sorted(set(people)))
        standing = [(one, sealed) for one, sealed in kept if _is_for(one, place_id) and one.stands(now)]
        opened = await self._values.open_many(
            [Kept(SIGNED_CONTACT, one.person_id, sealed, one.id) for one, sealed in standing]
        )
        found: dict[str, list[SignedContact]] = {}
        for (one, _), value in zip(standing, opened, strict=True):
            label = _label_of(one)
            if value is not None and label is not None:
                found.setdefault(one.person_id, []).append(SignedContact(label, value.decode()))
        return found


class OwnContacts:
    """What a writer does with contacts of their own; signing and revoking are `permissions`' affair.

    Args:
        store: where permissions are kept.
        sealer: seals the contact.
        intake: says whether it is one.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: ContactStore,
        sealer: PersonSealer,
        intake: Intake,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._values = PersonalValues(sealer)
        self._intake = intake
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._places: Places | None = None

    def show_in(self, places: Places) -> None:
        """Say who knows the places."""
        self._places = places

    async def places(self, actor: Actor) -> Sequence[ContactPlace]:
        """Give the categories in which somebody may publish their own contact."""
        return await self._places(actor) if self._places is not None else ()

    async def ask(self, actor: Actor, place_id: str, typed: RawText, value: str, days: int) -> Permission:
        """Lay a permission for a contact of one's own before oneself, to be read and signed. Shows nothing yet.

        Args:
            actor: whose contact it is.
            place_id: category in which it is to be shown.
            typed: the contact, for the gate.
            value: the same, to be sealed.
            days: for how long.

        Raises:
            InvalidInput: the category does not allow it, or they may not write there; it is not one phone number or
                e-mail address alone; or the time is none that is offered.
            RedactionUnavailable: nobody can say at the moment.
            Conflict: it was asked for, or there are too many.
            RateLimited: too many.
        """
        if days not in LIFETIMES:
            raise InvalidInput(fields={"days": "not_allowed"})
        place = next((one for one in await self.places(actor) if one.id == place_id), None)
        if place is None:
            raise InvalidInput(fields={"category_id": "contacts_closed"})
        await self._limiter.spend(_LIMIT, actor.account_id)
        hidden, text = await self._one_contact(actor, place.id, typed)
        now = self._clock()
        mine = [one for one, _ in await self._store.contacts_of([actor.account_id]) if _is_for(one, place.id)]
        alive = [one for one in mine if one.state in {State.ASKED, State.SIGNED} and now < one.until]
        if any(one.bound == hidden.digest for one in alive):
            raise Conflict(fields={"contact": "contact_asked"})
        if len(alive) >= MOST_CONTACTS:
            raise Conflict(fields={"contact": "too_many"})
        person = actor.account_id
        asked = Permission(
            new_id(),
            person,
            PublicUse.FORUM_CONTACT,
            place.id,
            text,
            person,
            now,
            until(now, days),
            bound=hidden.digest,
        )
        sealed = await self._values.seal(SIGNED_CONTACT, person, " ".join(value.split()), asked.id)
        await self._store.insert(asked, sealed)
        objects = (asked.id, asked.use.value, asked.digest)
        await self._audit.append([AuditEntry("publication:permission:asked", person, objects, now)])
        return asked

    async def _one_contact(self, actor: Actor, scope: str, typed: RawText) -> tuple[Hidden, RedactedText]:
        """Insist that what was typed is one contact and nothing else; give what stands for it."""
        template = await self._intake.admit(
            typed, scope=scope, field="contact", max_length=MAX_CONTACT, sender=actor.account_id
        )
        hidden = contact_in(template)
        if hidden is None:
            raise InvalidInput(fields={"contact": "no_contact"})
        return hidden, template.fill(Numbering()).text


def contact_in(template: RedactedTemplate) -> Hidden | None:
    """Give the one contact that a text is; None where it is none, or says more than that."""
    hidden = [part for part in template.parts if isinstance(part, Hidden)]
    beside = "".join(part for part in template.parts if isinstance(part, str))
    if len(hidden) != 1 or hidden[0].label not in CONTACT_LABELS or any(one.isalnum() for one in beside):
        return None
    return hidden[0]


def _is_for(permission: Permission, place_id: str) -> bool:
    return permission.use is PublicUse.FORUM_CONTACT and permission.object_id == place_id


def _label_of(permission: Permission) -> Label | None:
    """What kind of contact it is, as the placeholder in its text says."""
    found = PLACEHOLDER.search(permission.text.value)
    return Label(found["label"]) if found else None
