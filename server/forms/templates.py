"""Use cases about templates: give those there are, offer what fits, let administrators change them.

A version is never changed: a form that was sent goes on saying what it said when its person agreed to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from nlp.labels import Label
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forms.builtin import templates as builtin_templates
from server.forms.model import (
    MAX_ABOUT,
    MAX_LABEL,
    MOST_CHOICES,
    MOST_DAYS,
    MOST_FIELDS,
    Choice,
    FieldSpec,
    Template,
    Words,
    keys_for,
    offered,
)
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.disclosure import SEALED_PURPOSES, Purpose
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import Numbering, RawText, RedactedText
from server.sealed.fields import FieldType

_MOST_VERSIONS: Final = 500
"""Of all templates together. All are read to say which there are."""


class TemplateStore(Protocol):
    """Keeps templates; see `store.MongoTemplateStore`."""

    async def all(self) -> list[Template]: ...
    async def find(self, template_id: str, version: int) -> Template | None: ...
    async def insert(self, template: Template) -> bool: ...


@dataclass(frozen=True, slots=True)
class TypedWords:
    """A text in both languages, as it was typed."""

    id: RawText
    en: RawText


@dataclass(frozen=True, slots=True)
class NewField:
    """A field, as an administrator describes it. See `model.FieldSpec`."""

    type: FieldType
    label: TypedWords
    required: bool
    keep_days: int
    choices: tuple[TypedWords, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A version, as an administrator describes it. See `model.Template`."""

    purpose: Purpose
    title: TypedWords
    about: TypedWords
    consent: TypedWords
    fields: tuple[NewField, ...]
    fits: frozenset[Label]
    grant_days: int
    paper: bool
    active: bool


class Templates:
    """Templates.

    Args:
        store: where they are kept.
        intake: the gate: what administrators write is a text like any other.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
        locating: whether shipping cost can be worked out here, so that a location may be asked for.
    """

    def __init__(
        self,
        store: TemplateStore,
        intake: Intake,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        *,
        locating: bool,
    ) -> None:
        self._store = store
        self._intake = intake
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._locating = locating
        self._versions: dict[tuple[str, int], Template] = {}

    async def start(self) -> None:
        """See to it that the house's own are there. What administrators made of them stays.

        Raises:
            Unavailable: the store does not answer.
        """
        for template in builtin_templates(self._clock()):
            await self._store.insert(template)

    async def current(self, actor: Actor) -> Sequence[Template]:
        """Give the newest version of each template that can be sent; to administrators also of those that can't.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        return [item for item in await self._newest() if item.active or actor.role is Role.ADMIN]

    async def fitting(self, actor: Actor, labels: Collection[Label]) -> Sequence[Template]:
        """Give the templates that are the way for what the gate hid in somebody's message, the best first.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        return offered(await self._newest(), labels)

    async def sendable(self, template_id: str) -> Template:
        """Give the newest version of a template that can be sent.

        Raises:
            InvalidInput: there is none.
        """
        for template in await self._newest():
            if template.id == template_id and template.active:
                return template
        raise InvalidInput(fields={"template": "not_allowed"})

    async def of_version(self, template_id: str, version: int) -> Template:
        """Give a version.

        Raises:
            NotFound: there is none.
        """
        known = self._versions.get((template_id, version))
        if known is None:
            known = await self._store.find(template_id, version)
            if known is None:
                raise NotFound
            self._versions[template_id, version] = known
        return known

    async def add(self, actor: Actor, new: NewTemplate) -> Template:
        """Make a template. For administrators; the transport sees to it.

        Raises:
            InvalidInput, RedactionUnavailable: a text was refused by the gate, or a part makes no sense.
            Conflict: there are too many.
        """
        return await self._put(actor, new_id(), 1, new, location=False)

    async def change(self, actor: Actor, template_id: str, version: int, new: NewTemplate) -> Template:
        """Make the version after the one that the administrator has seen.

        Raises:
            NotFound: there is no such template.
            Conflict: somebody was quicker.
            InvalidInput, RedactionUnavailable: see `add`.
        """
        newest = next((item for item in await self._newest(all_of=True) if item.id == template_id), None)
        if newest is None:
            raise NotFound
        if newest.version != version:
            raise Conflict
        if newest.location and not self._locating:
            # It was shown as one that can't be sent; whether it is used once it can is not what was answered.
            new = replace(new, active=newest.active)
        return await self._put(actor, template_id, version + 1, new, location=newest.location)

    async def _put(self, actor: Actor, template_id: str, version: int, new: NewTemplate, *, location: bool) -> Template:
        _require_sense(new, location=location)
        await self._limiter.spend("form_template", actor.account_id)
        if len(await self._store.all()) >= _MOST_VERSIONS:
            raise Conflict
        template = Template(
            id=template_id,
            version=version,
            purpose=new.purpose,
            title=await self._words(actor, template_id, "title", new.title, MAX_LABEL),
            about=await self._words(actor, template_id, "about", new.about, MAX_ABOUT),
            consent=await self._words(actor, template_id, "consent", new.consent, MAX_ABOUT),
            fields=await self._fields(actor, template_id, new.fields),
            fits=new.fits,
            grant_days=new.grant_days,
            paper=new.paper,
            location=location,
            active=new.active,
            made_at=self._clock(),
            made_by=actor.account_id,
        )
        entry = AuditEntry(
            action="forms:template:set",
            actor_id=actor.account_id,
            objects=(template_id,),
            counts={"version": version, "fields": len(template.fields)},
            at=template.made_at,
        )
        async with self._audit.promises.around([entry]):
            if not await self._store.insert(template):
                raise Conflict
        return template

    async def _fields(self, actor: Actor, scope: str, new: Sequence[NewField]) -> tuple[FieldSpec, ...]:
        made: list[FieldSpec] = []
        for key, item in zip(keys_for([field.type for field in new]), new, strict=True):
            label = await self._words(actor, scope, "label", item.label, MAX_LABEL)
            choices = [
                Choice(str(number), await self._words(actor, scope, "choices", words, MAX_LABEL))
                for number, words in enumerate(item.choices, 1)
            ]
            made.append(FieldSpec(key, item.type, label, item.required, item.keep_days, tuple(choices)))
        return tuple(made)

    async def _words(self, actor: Actor, scope: str, field: str, typed: TypedWords, most: int) -> Words:
        return Words(
            await self._text(actor, scope, field, typed.id, most), await self._text(actor, scope, field, typed.en, most)
        )

    async def _text(self, actor: Actor, scope: str, field: str, typed: RawText, most: int) -> RedactedText:
        template = await self._intake.admit(typed, scope=scope, field=field, max_length=most, sender=actor.account_id)
        return template.fill(Numbering()).text

    async def _newest(self, *, all_of: bool = False) -> list[Template]:
        """The newest version of each; those that ask for a location only where that leads anywhere."""
        newest: dict[str, Template] = {}
        for template in await self._store.all():
            known = newest.get(template.id)
            if known is None or template.version > known.version:
                newest[template.id] = template
        found = sorted(newest.values(), key=lambda item: item.id)
        return found if self._locating or all_of else [replace(i, active=i.active and not i.location) for i in found]


def _require_sense(new: NewTemplate, *, location: bool) -> None:
    """Refuse what can't be filled in, or would be kept for ever."""
    faults: dict[str, str] = {}
    if new.purpose not in SEALED_PURPOSES:
        faults["purpose"] = "not_allowed"
    if location == bool(new.fields) or len(new.fields) > MOST_FIELDS:
        faults["fields"] = "out_of_range"
    if not 1 <= new.grant_days <= MOST_DAYS:
        faults["grant_days"] = "out_of_range"
    for item in new.fields:
        if not 1 <= item.keep_days <= MOST_DAYS:
            faults["keep_days"] = "out_of_range"
        least = 2 if item.type is FieldType.CHOICE else 0
        most = MOST_CHOICES if item.type is FieldType.CHOICE else 0
        if not least <= len(item.choices) <= most:
            faults["choices"] = "out_of_range"
    if faults:
        raise InvalidInput(fields=faults)
