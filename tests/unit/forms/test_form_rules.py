"""Templates and forms: the pure rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from server.forms.builtin import templates
from server.forms.entries import fitting_values
from server.forms.model import (
    FILL_FOR,
    Form,
    Result,
    State,
    circle_of,
    conversation_of,
    grant_of,
    keys_for,
    offered,
    slots_of,
    state_of,
)
from server.kernel.disclosure import SEALED_PURPOSES
from server.kernel.errors import InvalidInput
from server.kernel.private import PrivateValue
from server.sealed.fields import FieldType

_NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
_ALL = templates(_NOW)
_FORM = Form("f1", "c1", "p1", "delivery", 1, "a1", _NOW)
_DELIVERY = _ALL[0]


def test_the_house_has_what_it_promises() -> None:
    """Delivery, payment, clinic, invoice and location, in both languages, each for one purpose and with an end."""
    assert [item.id for item in _ALL] == ["delivery", "billing", "clinic", "invoice", "location"]
    for item in _ALL:
        assert item.purpose in SEALED_PURPOSES
        assert item.location != bool(item.fields)
        texts = [item.title, item.about, item.consent, *(field.label for field in item.fields)]
        assert all(words.id.value and words.en.value for words in texts)
        assert item.about.id != item.about.en
        assert all(1 <= field.keep_days <= 90 for field in item.fields)
        assert len({field.key for field in item.fields}) == len(item.fields)


@given(st.lists(st.sampled_from(FieldType), max_size=20))
def test_keys_are_unique_and_say_the_type(types: list[FieldType]) -> None:
    """Nobody types one."""
    keys = keys_for(types)
    assert len(set(keys)) == len(types)
    assert all(key.startswith(kind.value) and len(key) <= 24 for key, kind in zip(keys, types, strict=True))


def test_what_was_hidden_leads_to_the_form_that_takes_most_of_it() -> None:
    """Nothing for what no form is for, and nothing that is out of use."""

    def ids(*labels: Label) -> list[str]:
        return [item.id for item in offered(_ALL, labels)]

    assert ids(Label.ADDRESS, Label.PHONE)[0] == "delivery"
    assert ids(Label.BANK_ACCOUNT) == ["billing"]
    assert ids(Label.NIK, Label.DOB)[0] == "clinic"
    assert ids(Label.NPWP) == ["invoice"]
    assert ids(Label.GEO) == ["location"]
    assert ids(Label.SECRET) == []
    assert offered([replace(item, active=False) for item in _ALL], list(Label)) == []


def test_a_form_has_one_state_at_a_time() -> None:
    """Sent, then filled in, then expired; lapsed when nobody came; taken back whatever else."""
    filled = replace(_FORM, filled_at=_NOW, grant_until=_NOW + timedelta(days=3))
    assert state_of(_FORM, (), _NOW) is State.SENT
    assert state_of(_FORM, (), _NOW + FILL_FOR) is State.LAPSED
    assert state_of(filled, {"name"}, _NOW) is State.FILLED
    assert state_of(filled, (), _NOW) is State.EXPIRED
    assert state_of(replace(filled, result=Result(3, 9_000)), (), _NOW) is State.FILLED
    assert state_of(replace(filled, withdrawn_at=_NOW), {"name"}, _NOW) is State.WITHDRAWN


def test_slots_and_grant_say_the_same_as_the_template() -> None:
    """One purpose, the template's; each field as long as it says."""
    slots = slots_of(_DELIVERY, _NOW)
    grant = grant_of(_FORM, _DELIVERY, _NOW)
    assert set(slots) == grant.keys == {field.key for field in _DELIVERY.fields}
    assert {slot.purposes for slot in slots.values()} == {grant.purposes} == {frozenset({_DELIVERY.purpose})}
    assert slots["name"].keep_until == _NOW + timedelta(days=60)


@given(st.text(max_size=30))
def test_circles_are_conversations(conversation_id: str) -> None:
    """And nothing else is."""
    assert conversation_of(circle_of(conversation_id)) == conversation_id
    assert conversation_of(f"team:{conversation_id}") is None


def _fitting(values: dict[str, str], *, first: bool) -> set[str]:
    typed = {key: PrivateValue(value) for key, value in values.items()}
    return set(fitting_values(_DELIVERY, typed, date(2026, 11, 23), first=first))


@pytest.mark.parametrize(
    ("values", "first", "faults"),
    [
        ({}, False, {"values": "required"}),
        ({"name": " "}, False, {"name": "required"}),
        ({"name": "Nama Uji", "nik": "1"}, False, {"values": "unknown_field"}),
        ({"phone": "12"}, False, {"phone": "invalid_phone"}),
    ],
)
def test_faults_are_named_by_field(values: dict[str, str], first: bool, faults: dict[str, str]) -> None:
    """By codes, without what was typed."""
    with pytest.raises(InvalidInput) as refused:
        _fitting(values, first=first)
    assert dict(refused.value.fields) == faults


def test_a_correction_needs_only_what_it_changes() -> None:
    """The first time all that is required."""
    assert _fitting({"name": "Nama Uji", "text": ""}, first=False) == {"name"}
    with pytest.raises(InvalidInput) as refused:
        _fitting({"name": "Nama Uji"}, first=True)
    assert set(refused.value.fields) == {field.key for field in _DELIVERY.fields if field.required} - {"name"}
