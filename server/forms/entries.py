"""What was typed into the fields of a form, brought into the form in which it is sealed. Pure; never quotes a value."""

from collections.abc import Mapping
from datetime import date

from server.forms.model import Template
from server.kernel.errors import InvalidInput
from server.kernel.private import PrivateValue
from server.sealed.fields import Unfit, read_value


def fitting_values(
    template: Template, values: Mapping[str, PrivateValue], today: date, *, first: bool
) -> dict[str, PrivateValue]:
    """Give the values that are to be sealed, by key; fields that were left empty are absent.

    Args:
        template: of the form.
        values: as they were typed, by key.
        today: the latest that it is anywhere.
        first: whether the form is filled in for the first time, so that nothing required may be absent.

    Raises:
        InvalidInput: one does not fit, a required one is absent, or there is none; `fields` says which.
    """
    faults: dict[str, str] = {}
    fitting: dict[str, PrivateValue] = {}
    for item in template.fields:
        typed = values.get(item.key)
        if typed is None:
            if item.required and first:
                faults[item.key] = "required"
            continue
        try:
            value = read_value(item.type, typed, today=today, choices={choice.key for choice in item.choices})
        except Unfit as unfit:
            faults[item.key] = unfit.reason
            continue
        if value is not None:
            fitting[item.key] = value
        elif item.required:
            faults[item.key] = "required"
    if set(values) - {item.key for item in template.fields}:
        faults["values"] = "unknown_field"
    if not fitting and not faults:
        faults["values"] = "required"
    if faults:
        raise InvalidInput(fields=faults)
    return fitting
