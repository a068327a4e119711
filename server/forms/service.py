"""Use cases of sealed forms: send, fill in, correct, take back, have a field shown, make a document.

Who may do what follows the conversation that a form stands in: its customer fills it in, staff who take part in it
have values shown to them, everybody else knows of no form; administrators too. Values go to the sealed store alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.model import Action
from server.delivery.model import Place, Tariff, TooFar
from server.forms.entries import fitting_values
from server.forms.events import FormFilled, FormRevealed, FormWithdrawn
from server.forms.model import (
    MAX_NOTE,
    FieldSpec,
    Form,
    Result,
    State,
    Template,
    grant_of,
    slots_of,
    state_of,
)
from server.forms.templates import Templates
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.disclosure import Purpose
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Directory, EventSink, Limiter
from server.kernel.private import PrivateValue
from server.kernel.text import Numbering, RawText
from server.sealed.fields import FieldType
from server.sealed.model import Record, Reveal
from server.sealed.service import Sealed

KIND: Final = "form"
_MOST_SHOWN: Final = 50
_EARLIEST: Final = timedelta(hours=14)
"""The earliest time zone: what is not tomorrow there is tomorrow nowhere."""


class FormStore(Protocol):
    """Keeps forms; see `store.MongoFormStore`."""

    async def insert(self, form: Form) -> None: ...
    async def remove(self, form_id: str) -> None: ...
    async def find(self, form_id: str) -> Form | None: ...
    async def of_conversation(self, conversation_id: str) -> list[Form]: ...
    async def fill(self, form_id: str, at: datetime, grant_until: datetime, result: Result | None) -> bool: ...
    async def withdraw(self, form_id: str, at: datetime) -> bool: ...


class Conversations(Protocol):
    """What forms need of the chat."""

    async def person_of(self, conversation_id: str) -> str: ...
    async def may(self, actor: Actor, action: Action, conversation_id: str) -> bool: ...

    async def post_form(self, actor: Actor, conversation_id: str, form_id: str, text: RawText) -> object:
        """Tell of a form by a message."""
        ...


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as somebody sees it.

    Attributes:
        form: as it is stored.
        template: the version that it was sent with.
        state: what became of it.
        kept: key -> until when its value is kept, of those that are.
        reveals: who was shown what.
        people: those who were shown something, for display.
        mine: whether it is theirs to fill in.
    """

    form: Form
    template: Template
    state: State
    kept: Mapping[str, datetime]
    reveals: Sequence[Reveal]
    people: Mapping[str, Actor]
    mine: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document, or one field that is shown. `repr` does not show the value."""

    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document made for its purpose; for looking at and printing, kept nowhere."""

    title: str
    lines: tuple[Line, ...]


class Forms:
    """Sealed forms.

    Args:
        store: where forms are kept.
        templates: which there are.
        sealed: where values are kept.
        conversations: the chat.
        tariff: what shipping costs; None where no location is asked for.
        intake: the gate, for notes.
        directory: knows names.
        audit: the trail.
        sink: told of what happens.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: FormStore,
        templates: Templates,
        sealed: Sealed,
        conversations: Conversations,
        tariff: Tariff | None,
        intake: Intake,
        directory: Directory,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._templates = templates
        self._sealed = sealed
        self._conversations = conversations
        self._tariff = tariff
        self._intake = intake
        self._directory = directory
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    # --- sending and seeing ----------------------------------------------------------------------------------------

    async def send(
        self, actor: Actor, conversation_id: str, template_id: str, note: RawText | None, *, locale: str
    ) -> FormView:
        """Put a form into a conversation: staff for its customer, or the customer for themselves.

        Raises:
            NotFound: no such conversation, or none for the actor.
            NotPermitted: the actor may read it and not write in it.
            InvalidInput: there is no such template, or the note was refused by the gate.
            RateLimited, RedactionUnavailable, Unavailable: nobody was told of a form.
        """
        await self._require(actor, Action.POST, conversation_id)
        template = await self._templates.sendable(template_id)
        await self._limiter.spend("form", actor.account_id)
        form = Form(
            id=new_id(),
            conversation_id=conversation_id,
            person_id=await self._conversations.person_of(conversation_id),
            template_id=template.id,
            version=template.version,
            made_by=actor.account_id,
            made_at=self._clock(),
        )
        if note is not None:
            admitted = await self._intake.admit(
                note, scope=form.id, field="note", max_length=MAX_NOTE, sender=actor.account_id
            )
            words = admitted.fill(Numbering())
            form = replace(form, note=words.text, redactions=words.redactions)
        async with self._audit.promises.around([self._entry("forms:form:sent", actor, form)]):
            await self._store.insert(form)
        try:
            title = RawText(template.title.of(locale).value)
            await self._conversations.post_form(actor, conversation_id, form.id, title)
        except DomainError:
            await self._store.remove(form.id)
            raise
        return await self._view(actor, form)

    async def get(self, actor: Actor, form_id: str) -> FormView:
        """Give what is known of a form; never a value.

        Raises:
            NotFound: there is none, or none for the actor.
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        form = await self._found(form_id)
        await self._require(actor, Action.READ, form.conversation_id)
        return await self._view(actor, form)

    async def of_conversation(self, actor: Actor, conversation_id: str) -> list[FormView]:
        """Give the newest forms of a conversation, oldest first; never a value.

        Raises:
            NotFound: no such conversation, or none for the actor.
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        await self._require(actor, Action.READ, conversation_id)
        found = await self._store.of_conversation(conversation_id)
        return [await self._view(actor, form) for form in found[-_MOST_SHOWN:]]

    # --- for its person --------------------------------------------------------------------------------------------

    async def fill(
        self, actor: Actor, form_id: str, values: Mapping[str, PrivateValue], consent: int | None
    ) -> FormView:
        """Fill a form in, or correct fields of it.

        Args:
            actor: its person.
            form_id: which.
            values: by key; when it is corrected, those that are to be others.
            consent: version of the consent that they agreed to; needed the first time.

        Raises:
            NotFound: there is none, or it is not theirs.
            Conflict: it was taken back, or its time is over.
            InvalidInput: a value does not fit, a required one is missing, or consent is.
            RateLimited, Unavailable: see there; do it again.
        """
        form, template, state = await self._own(actor, form_id)
        first = state is State.SENT
        if template.location or state not in {State.SENT, State.FILLED}:
            raise Conflict
        await self._limiter.spend("form", actor.account_id)
        if first:
            _require_consent(template, consent)
        today = (self._clock() + _EARLIEST).date()
        fitting = fitting_values(template, values, today, first=first)
        at = self._clock()
        until = form.grant_until or at + timedelta(days=template.grant_days)
        action = "forms:form:filled" if first else "forms:form:corrected"
        async with self._audit.promises.around([self._entry(action, actor, form, fields=len(fitting))]):
            await self._sealed.seal(
                form.id,
                kind=KIND,
                person_id=form.person_id,
                slots=slots_of(template, form.filled_at or at),
                grants=[grant_of(form, template, until)],
                values=fitting,
            )
            await self._mark(actor, form, at, until, first=first)
        await self._sink.publish([FormFilled(form.id, form.conversation_id, actor.account_id)])
        return await self._view(actor, await self._found(form.id))

    async def own_values(self, actor: Actor, form_id: str) -> Mapping[str, str]:
        """Give a person what they filled in, by key.

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        form, _, state = await self._own(actor, form_id)
        await self._limiter.spend("form", actor.account_id)
        return await self._sealed.own(form.id) if state is State.FILLED else {}

    async def withdraw(self, actor: Actor, form_id: str) -> FormView:
        """Take a form back: its values are gone when this returns. Safe to repeat.

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        form, _, _ = await self._own(actor, form_id)
        await self._limiter.spend("form", actor.account_id)
        await self._sealed.erase(actor.account_id, form.id)
        if form.withdrawn_at is None:
            async with self._audit.promises.around([self._entry("forms:form:withdrawn", actor, form)]):
                await self._store.withdraw(form.id, self._clock())
        # What was filled in meanwhile, too: nothing is from here on.
        await self._sealed.erase(actor.account_id, form.id)
        await self._sink.publish([FormWithdrawn(form.id, form.conversation_id, actor.account_id)])
        return await self._view(actor, await self._found(form.id))

    async def locate(self, actor: Actor, form_id: str, place: Place, consent: int | None) -> FormView:
        """Work out what shipping to a place costs, and forget the place. Once for a form.

        Raises:
            NotFound: there is no such form, or it is not theirs.
            Conflict: it asks for no location, or has been answered, or its time is over.
            InvalidInput: consent is missing, or nothing is brought so far.
        """
        form, template, state = await self._own(actor, form_id)
        if not template.location or self._tariff is None or state is not State.SENT:
            raise Conflict
        await self._limiter.spend("form", actor.account_id)
        _require_consent(template, consent)
        try:
            quote = self._tariff.quote(place)
        except TooFar:
            raise InvalidInput(fields={"location": "too_far"}) from None
        at = self._clock()
        until = at + timedelta(days=template.grant_days)
        result = Result(quote.distance_km, quote.cost)
        async with self._audit.promises.around([self._entry("forms:form:located", actor, form)]):
            if not await self._store.fill(form.id, at, until, result):
                raise Conflict
        await self._sink.publish([FormFilled(form.id, form.conversation_id, actor.account_id)])
        return await self._view(actor, await self._found(form.id))

    # --- for staff -------------------------------------------------------------------------------------------------

    async def show(
        self, actor: Actor, form_id: str, key: str, purpose: Purpose, reason: RawText, *, locale: str
    ) -> Line:
        """Have one field shown.

        Raises:
            NotFound, NotPermitted, InvalidInput, RateLimited, RedactionUnavailable, Unavailable: see `Sealed.show`.
            Conflict: nothing is filled in.
        """
        form, template = await self._readable(actor, form_id)
        lines = await self._shown(actor, form, template, [key], purpose, reason, locale)
        return lines[0]

    async def paper(self, actor: Actor, form_id: str, reason: RawText, *, locale: str) -> Paper:
        """Make the document that a template is for, from all fields that are kept: a look at each of them.

        Raises:
            NotFound, NotPermitted, InvalidInput, RateLimited, RedactionUnavailable, Unavailable: see `Sealed.show`.
            Conflict: nothing is filled in, or no document is made of such a form.
        """
        form, template = await self._readable(actor, form_id)
        record = await self._sealed.find(form.id)
        if not template.paper or record is None:
            raise Conflict
        keys = [item.key for item in template.fields if item.key in record.slots]
        lines = await self._shown(actor, form, template, keys, template.purpose, reason, locale)
        return Paper(template.title.of(locale).value, tuple(lines))

    async def _shown(
        self,
        actor: Actor,
        form: Form,
        template: Template,
        keys: Sequence[str],
        purpose: Purpose,
        reason: RawText,
        locale: str,
    ) -> list[Line]:
        person_id = await self._conversations.person_of(form.conversation_id)
        shown = await self._sealed.show(actor, form.id, keys, purpose, reason, person_id=person_id)
        await self._sink.publish([FormRevealed(form.id, form.conversation_id, person_id, tuple(keys))])
        specs = {item.key: item for item in template.fields}
        return [
            Line(specs[key].label.of(locale).value, _readable_value(specs[key], shown.values[key], locale))
            for key in keys
        ]

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _mark(self, actor: Actor, form: Form, at: datetime, until: datetime, *, first: bool) -> None:
        """Write that a form is filled in; where it was taken back meanwhile, nothing of it stays."""
        done = await self._store.fill(form.id, at, until, None) if first else False
        now = await self._found(form.id)
        if now.withdrawn_at is not None:
            await self._sealed.erase(actor.account_id, form.id)
            raise Conflict
        if first and not done and now.filled_at is None:
            raise Conflict
        if now.circle != form.circle:
            # It went on in another conversation while it was filled in.
            await self._sealed.regrant(form.id, form.circle, now.circle)

    async def _readable(self, actor: Actor, form_id: str) -> tuple[Form, Template]:
        form = await self._found(form_id)
        if not actor.is_staff:
            raise NotFound
        await self._require(actor, Action.POST, form.conversation_id)
        template = await self._templates.of_version(form.template_id, form.version)
        if form.filled_at is None or form.withdrawn_at is not None:
            raise Conflict
        return form, template

    async def _own(self, actor: Actor, form_id: str) -> tuple[Form, Template, State]:
        form = await self._found(form_id)
        if await self._conversations.person_of(form.conversation_id) != actor.account_id:
            raise NotFound
        template = await self._templates.of_version(form.template_id, form.version)
        return form, template, state_of(form, _kept(await self._sealed.find(form.id)), self._clock())

    async def _found(self, form_id: str) -> Form:
        form = await self._store.find(form_id)
        if form is None:
            raise NotFound
        return form

    async def _require(self, actor: Actor, action: Action, conversation_id: str) -> None:
        if await self._conversations.may(actor, action, conversation_id):
            return
        raise NotPermitted if await self._conversations.may(actor, Action.READ, conversation_id) else NotFound

    async def _view(self, actor: Actor, form: Form) -> FormView:
        template = await self._templates.of_version(form.template_id, form.version)
        record = await self._sealed.find(form.id)
        kept = _kept(record)
        reveals = await self._sealed.reveals(form.id)
        people = await self._directory.actors(sorted({reveal.actor_id for reveal in reveals})) if reveals else {}
        mine = await self._conversations.person_of(form.conversation_id) == actor.account_id
        return FormView(form, template, state_of(form, kept, self._clock()), kept, reveals, people, mine)

    def _entry(self, action: str, actor: Actor, form: Form, **counts: int) -> AuditEntry:
        return AuditEntry(
            action=action,
            actor_id=actor.account_id,
            objects=(form.id, form.conversation_id, form.template_id),
            counts={"version": form.version, **counts},
            at=self._clock(),
        )


def _kept(record: Record | None) -> dict[str, datetime]:
    return {key: slot.keep_until for key, slot in record.slots.items()} if record else {}


def _require_consent(template: Template, consent: int | None) -> None:
    if consent != template.version:
        raise InvalidInput(fields={"consent": "required"})


def _readable_value(spec: FieldSpec, value: str, locale: str) -> str:
    """What people read: of a choice its words."""
    if spec.type is not FieldType.CHOICE:
        return value
    return next((choice.label.of(locale).value for choice in spec.choices if choice.key == value), value)
