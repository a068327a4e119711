"""Sealed forms over HTTP."""

from collections.abc import Sequence

from nlp.labels import Label
from server.chat.model import Action, rule
from server.delivery.model import Place
from server.forms.model import OWN_RULE, TEMPLATE_RULE
from server.forms.schemas import (
    FormList,
    FormLocation,
    FormReply,
    FormValues,
    NewForm,
    NewFormTemplate,
    NewPaper,
    OwnValue,
    OwnValues,
    PaperReply,
    RevealField,
    RevealReply,
    TemplateChange,
    TemplateList,
    TemplateQuery,
    TemplateReply,
    form_out,
    new_template,
    paper_out,
    template_out,
)
from server.forms.service import Forms
from server.forms.templates import Templates
from server.kernel.errors import InvalidInput
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Endpoint

_CONVERSATION = "/api/v1/conversations/{id}/forms"
_FORM = "/api/v1/forms/{id}"
_TEMPLATES = "/api/v1/forms/templates"


def endpoints(forms: Forms, templates: Templates, shown_seconds: int) -> Sequence[Endpoint]:
    """Declare the endpoints.

    Args:
        forms: the forms.
        templates: what they are made of.
        shown_seconds: for how long a client shows a value.
    """
    return (*_template_endpoints(templates), *_person_endpoints(forms), *_staff_endpoints(forms, shown_seconds))


def _template_endpoints(templates: Templates) -> Sequence[Endpoint]:
    async def list_templates(call: Call) -> TemplateList:
        query: TemplateQuery = call.query
        found = (
            await templates.fitting(call.actor, _labels(query.labels))
            if query.labels
            else await templates.current(call.actor)
        )
        return TemplateList(items=[template_out(item) for item in found])

    async def add(call: Call) -> TemplateReply:
        return TemplateReply(template=template_out(await templates.add(call.actor, new_template(call.body))))

    async def change(call: Call) -> TemplateReply:
        body: TemplateChange = call.body
        changed = await templates.change(call.actor, call.path["id"], body.version, new_template(body))
        return TemplateReply(template=template_out(changed))

    return (
        Endpoint(
            "GET",
            _TEMPLATES,
            "Templates of sealed forms that can be sent; or those that are the way for what the gate hid",
            list_templates,
            TemplateList,
            query=TemplateQuery,
        ),
        Endpoint(
            "POST",
            _TEMPLATES,
            "Make a template of a sealed form",
            add,
            TemplateReply,
            Access.ADMIN,
            body=NewFormTemplate,
            status=201,
        ),
        Endpoint(
            "PUT",
            f"{_TEMPLATES}/{{id}}",
            "Make the next version of a template; forms that were sent keep theirs",
            change,
            TemplateReply,
            Access.ADMIN,
            body=TemplateChange,
            rule=TEMPLATE_RULE,
        ),
    )


def _person_endpoints(forms: Forms) -> Sequence[Endpoint]:
    async def send(call: Call) -> FormReply:
        body: NewForm = call.body
        view = await forms.send(call.actor, call.path["id"], body.template, body.note, locale=call.locale)
        return FormReply(form=form_out(view))

    async def list_forms(call: Call) -> FormList:
        found = await forms.of_conversation(call.actor, call.path["id"])
        return FormList(items=[form_out(view) for view in found])

    async def get(call: Call) -> FormReply:
        return FormReply(form=form_out(await forms.get(call.actor, call.path["id"])))

    async def fill(call: Call) -> FormReply:
        body: FormValues = call.body
        values = {item.field: item.value for item in body.values}
        return FormReply(form=form_out(await forms.fill(call.actor, call.path["id"], values, body.consent)))

    async def own_values(call: Call) -> OwnValues:
        values = await forms.own_values(call.actor, call.path["id"])
        return OwnValues(values=[OwnValue(field=key, value=value) for key, value in values.items()])

    async def withdraw(call: Call) -> FormReply:
        return FormReply(form=form_out(await forms.withdraw(call.actor, call.path["id"])))

    async def locate(call: Call) -> FormReply:
        body: FormLocation = call.body
        place = Place(body.latitude, body.longitude)
        return FormReply(form=form_out(await forms.locate(call.actor, call.path["id"], place, body.consent)))

    return (
        Endpoint(
            "POST",
            _CONVERSATION,
            "Put a sealed form into a conversation: staff for the customer, or the customer for themselves",
            send,
            FormReply,
            body=NewForm,
            status=201,
            rule=rule(Action.POST),
        ),
        Endpoint(
            "GET",
            _CONVERSATION,
            "The sealed forms of a conversation, without any value",
            list_forms,
            FormList,
            rule=rule(Action.READ),
        ),
        Endpoint("GET", _FORM, "One sealed form, without any value", get, FormReply, rule=OWN_RULE),
        Endpoint(
            "PUT",
            f"{_FORM}/values",
            "Fill in one's sealed form, or correct fields of it",
            fill,
            FormReply,
            Access.CUSTOMER,
            body=FormValues,
            rule=OWN_RULE,
        ),
        Endpoint(
            "GET",
            f"{_FORM}/values",
            "What one filled in oneself",
            own_values,
            OwnValues,
            Access.CUSTOMER,
            fresh=True,
            rule=OWN_RULE,
        ),
        Endpoint(
            "DELETE",
            f"{_FORM}/values",
            "Take a sealed form back: its values are gone",
            withdraw,
            FormReply,
            Access.CUSTOMER,
            body=Empty,
            rule=OWN_RULE,
        ),
        Endpoint(
            "POST",
            f"{_FORM}/location",
            "What shipping to where one is costs; the place is used once and kept nowhere",
            locate,
            FormReply,
            Access.CUSTOMER,
            body=FormLocation,
            rule=OWN_RULE,
        ),
    )


def _staff_endpoints(forms: Forms, shown_seconds: int) -> Sequence[Endpoint]:
    async def show(call: Call) -> RevealReply:
        body: RevealField = call.body
        line = await forms.show(call.actor, call.path["id"], body.field, body.purpose, body.reason, locale=call.locale)
        return RevealReply(label=line.label, value=line.value, shown_seconds=shown_seconds)

    async def paper(call: Call) -> PaperReply:
        made = await forms.paper(call.actor, call.path["id"], call.body.reason, locale=call.locale)
        return paper_out(made, shown_seconds)

    return (
        Endpoint(
            "POST",
            f"{_FORM}/reveal",
            "Have one sealed field shown for a purpose; its person sees who, when, what for and why",
            show,
            RevealReply,
            Access.AGENT,
            body=RevealField,
            rule=OWN_RULE,
        ),
        Endpoint(
            "POST",
            f"{_FORM}/document",
            "Make the document of a sealed form, a delivery label for instance; a look at each field in it",
            paper,
            PaperReply,
            Access.AGENT,
            body=NewPaper,
            rule=OWN_RULE,
        ),
    )


def _labels(text: str) -> list[Label]:
    try:
        return [Label(word) for word in text.split(",")]
    except ValueError:
        raise InvalidInput(fields={"labels": "not_allowed"}) from None
