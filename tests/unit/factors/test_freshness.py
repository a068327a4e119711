"""How recent a sign-in must be, and what the settings about signing in allow."""

from datetime import UTC, datetime, timedelta

import pytest

from server.accounts.model import FactorState, owes_factor
from server.composition.proofs import client_of, party_of
from server.config import Settings, SettingsError
from server.kernel.actor import STAFF_ROLES, Actor, Role
from server.kernel.errors import FreshSignInRequired
from server.kernel.fresh import FreshWindow

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_WINDOW = FreshWindow(timedelta(minutes=10), lambda: _NOW)
_PROVIDER = {"AMANAH_OIDC_ISSUER": "https://id.contoh.example", "AMANAH_OIDC_CLIENT_ID": "amanah"}


def _actor(role: Role, fresh_at: datetime | None) -> Actor:
    return Actor("account", role, "session", "Somebody", fresh_at)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.VISITOR])
def test_a_sign_in_is_recent_for_ten_minutes(role: Role) -> None:
    _WINDOW.require(_actor(role, _NOW - timedelta(minutes=9, seconds=59)))
    _WINDOW.require(_actor(role, _NOW + timedelta(minutes=1)))
    for old in (_NOW - timedelta(minutes=10), None, _NOW + timedelta(hours=1)):
        with pytest.raises(FreshSignInRequired):
            _WINDOW.require(_actor(role, old))


def test_visitors_have_nothing_to_confirm_with() -> None:
    _WINDOW.require(_actor(Role.VISITOR, None))


@pytest.mark.parametrize("role", list(Role))
def test_who_owes_a_second_factor(role: Role) -> None:
    staff = role in STAFF_ROLES
    for staff_must in (False, True):
        assert owes_factor(role, FactorState.OWED, staff_must=staff_must)
        assert not owes_factor(role, FactorState.GIVEN, staff_must=staff_must)
        assert owes_factor(role, FactorState.NONE, staff_must=staff_must) is (staff and staff_must)


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("https://bantuan.contoh.example", "bantuan.contoh.example", "https://bantuan.contoh.example"),
        ("http://localhost:8080/", "localhost", "http://localhost:8080"),
    ],
)
def test_passkeys_belong_to_the_host_name(url: str, host: str, origin: str) -> None:
    party = party_of(Settings.from_environment({"AMANAH_PUBLIC_URL": url}))
    assert party is not None
    assert (party.id, party.origin) == (host, origin)


@pytest.mark.parametrize("url", ["", "https://192.0.2.7", "http://[::1]:8080"])
def test_without_a_host_name_there_are_no_passkeys(url: str) -> None:
    assert party_of(Settings.from_environment({"AMANAH_PUBLIC_URL": url})) is None


def test_the_provider_sends_people_back_to_our_own_address() -> None:
    settings = Settings.from_environment({**_PROVIDER, "AMANAH_PUBLIC_URL": "https://bantuan.contoh.example/"})
    client = client_of(settings)
    assert client is not None
    assert client.redirect_uri == "https://bantuan.contoh.example/sign-in/provider/back"
    assert client_of(Settings.from_environment({})) is None


@pytest.mark.parametrize(
    "variables",
    [
        {"AMANAH_OIDC_ISSUER": "https://id.contoh.example"},
        _PROVIDER,
        {**_PROVIDER, "AMANAH_OIDC_ISSUER": "http://id.contoh.example", "AMANAH_PUBLIC_URL": "https://a.example"},
        {"AMANAH_STAFF_SECOND_FACTOR": "sometimes"},
    ],
)
def test_settings_that_make_no_sense_are_refused(variables: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        Settings.from_environment(variables)
