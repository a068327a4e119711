"""The pure rules about addresses, passwords, names and sessions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.accounts.model import (
    MAX_NAME,
    Account,
    Session,
    actor_of,
    can_see_name,
    holds_number,
    lifetime,
    normal_email,
    normal_name,
)
from server.kernel.actor import Role
from server.kernel.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Budi@Contoh.Example", "budi@contoh.example"),
        ("  budi+toko@contoh.example ", "budi+toko@contoh.example"),
        ("ｂｕｄｉ@contoh.example", "budi@contoh.example"),
        ("a@b.co", "a@b.co"),
    ],
)
def test_addresses_are_compared_in_one_form(typed: str, kept: str) -> None:
    """Case, spaces and full-width letters make no second account."""
    assert normal_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "budi",
        "budi@",
        "@contoh.example",
        "budi@contoh",
        "a b@contoh.example",
        "a@b@c.example",
        "a@-b.example",
        "a@b..example",
        "a@b.example\nBcc: c@d.example",
        "x" * 250 + "@b.example",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    """With a reason and without the value."""
    with pytest.raises(InvalidInput) as refused:
        normal_email(typed)
    assert dict(refused.value.fields) == {"email": "invalid_email"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ratna \t Wulandari\n", "Ratna Wulandari"),
        ("Ratna\u200bWulandari", "RatnaWulandari"),
        ("\u202eRatna", "Ratna"),
        ("⟦PERSON:1⟧", "PERSON:1"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_names_are_one_visible_line(typed: str, kept: str) -> None:
    """No control or direction characters, and nothing that looks like a placeholder."""
    assert normal_name(typed) == kept


@given(st.text(max_size=80))
def test_a_name_is_kept_as_it_is_kept(typed: str) -> None:
    """Normalising again changes nothing, whatever was typed; else it is refused."""
    try:
        name = normal_name(typed)
    except InvalidInput as refused:
        assert set(refused.fields.values()) <= {"required", "too_long"}  # noqa: PT017 (both outcomes are right)
        return
    assert 1 <= len(name) <= MAX_NAME
    assert normal_name(name) == name
    assert "\n" not in name


@pytest.mark.parametrize("typed", ["", "  ", "\u200b\u2060", "⟦⟧"])
def test_an_invisible_name_is_refused(typed: str) -> None:
    """Somebody has to be addressed by something."""
    with pytest.raises(InvalidInput) as refused:
        normal_name(typed)
    assert dict(refused.value.fields) == {"display_name": "required"}


def test_a_name_is_no_number() -> None:
    """Names have few digits; whatever has many is a number of something."""
    assert not any(map(holds_number, ["Toko 24 Jam", "SDN 01 2024", "Ratna", "CV Maju 88"]))
    assert all(map(holds_number, ["4718936205", "X7391846", "0812 9071 3648", "٤٧١٨٩٣٦"]))
    assert can_see_name("PERSON")
    assert not any(map(can_see_name, ["PHONE", "EMAIL", "SECRET", ""]))


def test_staff_sessions_are_shorter() -> None:
    """Customers stay signed in, staff don't."""
    lives = {role: lifetime(role, customer=timedelta(days=30), staff=timedelta(hours=12)) for role in Role}
    assert {role for role, life in lives.items() if life == timedelta(days=30)} == {Role.VISITOR, Role.CUSTOMER}


def test_accounts_and_actors_print_no_name() -> None:
    """They stand in tracebacks and logs as ids."""
    account = Account("a1", Role.CUSTOMER, "Ratna", "ratna@contoh.example", "id", datetime(2026, 1, 1, tzinfo=UTC))
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    actor = actor_of(account, Session("s1", "0f", "a1", moment, moment, moment))
    assert "Ratna" not in repr(account) + repr(actor) + str(account)
    assert "ratna@" not in repr(account)
    assert (actor.account_id, actor.role, actor.session_id) == ("a1", Role.CUSTOMER, "s1")
    assert actor.fresh_at == moment
    assert actor_of(account).session_id == ""
