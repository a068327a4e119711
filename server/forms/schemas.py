"""Sealed forms on the wire. What is typed into a field is a `PrivateValue` from the moment it is parsed."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from nlp.labels import Label
from server.forms.model import (
    MAX_ABOUT,
    MAX_LABEL,
    MAX_NOTE,
    MOST_CHOICES,
    MOST_DAYS,
    MOST_FIELDS,
    State,
    Template,
    Words,
)
from server.forms.service import FormView, Paper
from server.forms.templates import NewField, NewTemplate, TypedWords
from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.private import TypedValue
from server.kernel.text import RawText
from server.kernel.wire import Moment, Schema
from server.sealed.fields import FieldType
from server.sealed.model import MAX_REASON

KEY = r"^[a-z][a-z0-9_]{0,23}$"


def _typed(most: int) -> Any:
    def build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=most))

    return GetPydanticSchema(build)


TypedLabel = Annotated[RawText, _typed(MAX_LABEL)]
TypedAbout = Annotated[RawText, _typed(MAX_ABOUT)]
TypedNote = Annotated[RawText, _typed(MAX_NOTE)]
TypedLookReason = Annotated[RawText, _typed(MAX_REASON)]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class WordsOut(Schema):
    """A text in both languages."""

    id: str
    en: str


class FormChoiceOut(Schema):
    """Something that may be chosen; `key` is what is sent."""

    key: str
    label: WordsOut


class FormFieldOut(Schema):
    """A field. `keep_until` is null while there is no value; a value itself is never here."""

    key: str
    type: FieldType
    label: WordsOut
    required: bool
    keep_days: int
    choices: list[FormChoiceOut]
    keep_until: Moment | None


class TemplateOut(Schema):
    """A template in its newest version."""

    id: str
    version: int
    purpose: Purpose
    title: WordsOut
    about: WordsOut
    consent: WordsOut
    fields: list[FormFieldOut]
    fits: list[Label]
    grant_days: int
    wants_location: bool
    document: bool
    active: bool


class TemplateList(Schema):
    """Templates."""

    items: list[TemplateOut]


class TemplateReply(Schema):
    """A template."""

    template: TemplateOut


class TemplateQuery(Schema):
    """`labels`: only those that are the way for what the gate hid, `PHONE,ADDRESS`; the best first."""

    labels: Annotated[str, Field(max_length=200)] = ""


class LabelIn(Schema):
    """A short text in both languages."""

    id: TypedLabel
    en: TypedLabel


class AboutIn(Schema):
    """A longer text in both languages."""

    id: TypedAbout
    en: TypedAbout


class NewFormField(Schema):
    """A field of a template."""

    type: FieldType
    label: LabelIn
    required: bool = True
    keep_days: Days
    choices: list[LabelIn] = Field(default_factory=list, max_length=MOST_CHOICES)


class NewFormTemplate(Schema):
    """A template as it is to be. A change makes a new version; forms that were sent keep theirs."""

    purpose: Purpose
    title: LabelIn
    about: AboutIn
    consent: AboutIn
    fields: Annotated[list[NewFormField], Field(max_length=MOST_FIELDS)]
    fits: list[Label] = Field(default_factory=list, max_length=len(Label))
    grant_days: Days = 30
    document: bool = False
    active: bool = True


class TemplateChange(NewFormTemplate):
    """What a template is to be, and the version that was seen."""

    version: Annotated[int, Field(ge=1)]


class NewForm(Schema):
    """Which form to put into a conversation, and a word with it."""

    template: Annotated[str, Field(max_length=40)]
    note: TypedNote | None = None


class FormLookOut(Schema):
    """Somebody of staff was shown fields."""

    who: str
    display_name: Annotated[str, Field(repr=False)]
    role: Role
    fields: list[str]
    purpose: Purpose
    reason: str
    at: Moment


class ShippingOut(Schema):
    """What is left of a location: kilometres of road, rounded up, and rupiah."""

    distance_km: int
    cost: int


class FormOut(Schema):
    """A form without its values. `readable_until`: until when staff may be shown them."""

    id: str
    conversation_id: str
    template_id: str
    version: int
    purpose: Purpose
    title: WordsOut
    about: WordsOut
    consent: WordsOut
    note: str | None
    state: State
    sent_by: str
    sent_at: Moment
    fill_until: Moment
    filled_at: Moment | None
    readable_until: Moment | None
    grant_days: int
    fields: list[FormFieldOut]
    wants_location: bool
    result: ShippingOut | None
    document: bool
    looks: list[FormLookOut]
    mine: bool


class FormReply(Schema):
    """A form."""

    form: FormOut


class FormList(Schema):
    """The newest forms of a conversation, oldest first."""

    items: list[FormOut]


class FieldValue(Schema):
    """What was typed into a field."""

    field: Annotated[str, Field(pattern=KEY)]
    value: TypedValue


class FormValues(Schema):
    """What was typed, and the version of the consent that was agreed to. Later only what is to be corrected."""

    values: Annotated[list[FieldValue], Field(max_length=MOST_FIELDS)]
    consent: int | None = None


class OwnValue(Schema):
    """A value, for its person."""

    field: str
    value: Annotated[str, Field(repr=False)]


class OwnValues(Schema):
    """What a person filled in."""

    values: list[OwnValue]


class FormLocation(Schema):
    """Where somebody is, in degrees; used once and kept nowhere. And the consent that was agreed to."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, repr=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, repr=False)]
    consent: int | None = None


class RevealField(Schema):
    """Which field is to be shown, what for, and why."""

    field: Annotated[str, Field(pattern=KEY)]
    purpose: Purpose
    reason: TypedLookReason


class RevealReply(Schema):
    """A value, to be taken off the screen after so many seconds."""

    label: str
    value: Annotated[str, Field(repr=False)]
    shown_seconds: int


class NewPaper(Schema):
    """Why a document is needed."""

    reason: TypedLookReason


class PaperLine(Schema):
    """A line of a document."""

    label: str
    value: Annotated[str, Field(repr=False)]


class PaperReply(Schema):
    """A document, to be printed and taken off the screen after so many seconds."""

    title: str
    lines: list[PaperLine]
    shown_seconds: int


def template_out(template: Template) -> TemplateOut:
    """Give the wire form of a template."""
    return TemplateOut(
        id=template.id,
        version=template.version,
        purpose=template.purpose,
        title=_words(template.title),
        about=_words(template.about),
        consent=_words(template.consent),
        fields=_fields(template, {}),
        fits=sorted(template.fits),
        grant_days=template.grant_days,
        wants_location=template.location,
        document=template.paper,
        active=template.active,
    )


def form_out(view: FormView) -> FormOut:
    """Give the wire form of a form."""
    form, template = view.form, view.template
    return FormOut(
        id=form.id,
        conversation_id=form.conversation_id,
        template_id=form.template_id,
        version=form.version,
        purpose=template.purpose,
        title=_words(template.title),
        about=_words(template.about),
        consent=_words(template.consent),
        note=form.note.value if form.note else None,
        state=view.state,
        sent_by=form.made_by,
        sent_at=form.made_at,
        fill_until=form.fill_until,
        filled_at=form.filled_at,
        readable_until=form.grant_until,
        grant_days=template.grant_days,
        fields=_fields(template, view.kept),
        wants_location=template.location,
        result=ShippingOut(distance_km=form.result.distance_km, cost=form.result.cost) if form.result else None,
        document=template.paper,
        looks=_looks(view),
        mine=view.mine,
    )


def paper_out(paper: Paper, shown_seconds: int) -> PaperReply:
    """Give the wire form of a document."""
    lines = [PaperLine(label=line.label, value=line.value) for line in paper.lines]
    return PaperReply(title=paper.title, lines=lines, shown_seconds=shown_seconds)


def new_template(body: NewFormTemplate) -> NewTemplate:
    """Read what an administrator describes."""
    return NewTemplate(
        purpose=body.purpose,
        title=TypedWords(body.title.id, body.title.en),
        about=TypedWords(body.about.id, body.about.en),
        consent=TypedWords(body.consent.id, body.consent.en),
        fields=tuple(
            NewField(
                item.type,
                TypedWords(item.label.id, item.label.en),
                item.required,
                item.keep_days,
                tuple(TypedWords(choice.id, choice.en) for choice in item.choices),
            )
            for item in body.fields
        ),
        fits=frozenset(body.fits),
        grant_days=body.grant_days,
        paper=body.document,
        active=body.active,
    )


def _words(words: Words) -> WordsOut:
    return WordsOut(id=words.id.value, en=words.en.value)


def _fields(template: Template, kept: Any) -> list[FormFieldOut]:
    return [
        FormFieldOut(
            key=item.key,
            type=item.type,
            label=_words(item.label),
            required=item.required,
            keep_days=item.keep_days,
            choices=[FormChoiceOut(key=choice.key, label=_words(choice.label)) for choice in item.choices],
            keep_until=kept.get(item.key),
        )
        for item in template.fields
    ]


def _looks(view: FormView) -> Sequence[FormLookOut]:
    return [
        FormLookOut(
            who=reveal.actor_id,
            display_name=view.people[reveal.actor_id].display_name if reveal.actor_id in view.people else "—",
            role=reveal.role,
            fields=list(reveal.keys),
            purpose=reveal.purpose,
            reason=reveal.reason.value,
            at=reveal.at,
        )
        for reveal in view.reveals
    ]
