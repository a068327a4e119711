"""Accounts and sessions over HTTP: tokens, cookies, origins."""

import secrets
from http.cookies import SimpleCookie
from typing import Any

import pytest

from server.accounts.sessions import MOST_SESSIONS
from server.kernel.actor import Role
from tests.harness.http import Answer
from tests.harness.people import Person, World

_PASSWORD = "kuda laut biru tua"


def _email() -> str:
    return f"orang-{secrets.token_hex(6)}@contoh.example"


async def _register(world: World, **changes: Any) -> Answer:
    body = {"email": _email(), "password": _PASSWORD, "display_name": "Toko Contoh", "locale": "id", **changes}
    return await world.http.post("/api/v1/accounts", body)


async def test_a_visitor_needs_nothing(world: World) -> None:
    """A token, and an account with a name that says nothing."""
    made = await world.http.post("/api/v1/visitors", {})
    assert made.status == 201
    account = made.data["account"]
    assert account["role"] == "visitor"
    assert account["email"] is None
    assert account["display_name"].startswith("Pengunjung ")
    assert set(account) == {"id", "display_name", "role", "email", "locale", "created_at"}
    me = await world.http.get("/api/v1/me", token=made.data["token"])
    assert me.data["account"] == account
    english = await world.http.post("/api/v1/visitors", {"locale": "en"})
    assert english.data["account"]["display_name"].startswith("Visitor ")
    assert (await world.http.call("POST", "/api/v1/visitors")).status == 201


async def test_register_sign_in_and_out(world: World) -> None:
    """The address in any case, the cookie like the token, and nothing after signing out."""
    email = _email()
    registered = await _register(world, email=email.upper())
    assert registered.status == 201
    assert registered.data["account"]["role"] == "customer"
    assert "token" not in registered.data
    signed_in = await world.http.post("/api/v1/sessions", {"email": email, "password": _PASSWORD})
    assert signed_in.status == 201
    token = signed_in.data["token"]
    cookie = SimpleCookie(signed_in.headers["Set-Cookie"])["amanah_session"]
    assert cookie.value == token
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    headers = {"Cookie": f"amanah_session={token}"}
    assert (await world.http.call("GET", "/api/v1/me", headers=headers)).data["account"]["email"] == email
    gone = await world.http.call("DELETE", "/api/v1/sessions/current", token=token)
    assert gone.data == {}
    assert 'amanah_session=""' in gone.headers["Set-Cookie"]
    assert (await world.http.get("/api/v1/me", token=token)).code == "not_authenticated"
    assert (await world.http.call("GET", "/api/v1/me", headers=headers)).code == "not_authenticated"


async def test_wrong_credentials_are_refused_alike(world: World) -> None:
    """A wrong password, an unknown address and no address at all give the same answer."""
    email = _email()
    await _register(world, email=email)
    answers = [
        await world.http.post("/api/v1/sessions", {"email": address, "password": password})
        for address, password in (
            (email, "kuda laut merah"),
            (_email(), _PASSWORD),
            ("no address", _PASSWORD),
            (email, ""),
        )
    ]
    assert {(answer.status, answer.code, answer.error["message"]) for answer in answers} == {
        (401, "not_authenticated", answers[0].error["message"])
    }
    assert all("Set-Cookie" not in answer.headers for answer in answers)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"email": "bukan alamat"}, {"email": "invalid_email"}),
        ({"password": "pendek"}, {"password": "too_short"}),
        ({"password": "toko contoh"}, {"password": "too_easy"}),
        ({"display_name": " \u200b "}, {"display_name": "required"}),
        ({"display_name": "x" * 61}, {"display_name": "too_long"}),
        ({"display_name": "Budi 0812-9071-3648"}, {"display_name": "identifier_in_name"}),
        ({"display_name": "4718936205"}, {"display_name": "identifier_in_name"}),
        ({"locale": "fr"}, {"locale": "not_allowed"}),
        ({"role": "admin"}, {"unknown": "unknown_field"}),
    ],
)
async def test_registration_says_what_is_wrong(world: World, changes: dict[str, str], reasons: dict[str, str]) -> None:
    """By field; nobody makes themselves staff."""
    answer = await _register(world, **changes)
    assert (answer.status, answer.reasons) == (400, reasons)


async def test_an_address_has_one_account(world: World) -> None:
    """In any case and form."""
    email = _email()
    assert (await _register(world, email=email)).status == 201
    again = await _register(world, email=f" {email.upper()} ")
    assert (again.status, again.code, again.reasons) == (409, "conflict", {"email": "taken"})


async def test_tokens_that_are_none(world: World) -> None:
    """Garbage, another scheme, an expired session: one answer."""
    expired = await world.person("customer", hours=-1)
    for headers in (
        {"Authorization": "Bearer garbage"},
        {"Authorization": "Bearer " + "x" * 5_000},
        {"Authorization": "Basic dTpw"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {expired.token}"},
        {"Cookie": "amanah_session=garbage"},
        {"Cookie": "amanah_session="},
        {},
    ):
        answer = await world.http.call("GET", "/api/v1/me", headers=headers)
        assert (answer.status, answer.code) == (401, "not_authenticated"), list(headers)


async def test_a_cookie_changes_things_only_from_our_own_pages(world: World) -> None:
    """Another site's form carries the cookie too; the origin tells them apart. A bearer token is nobody's accident."""
    person = await world.person("customer")
    cookie = {"Cookie": f"amanah_session={person.token}"}

    async def begin(**headers: str) -> Answer:
        return await world.http.call("POST", "/api/v1/conversations", {}, headers=headers)

    assert (await begin(**cookie, Origin=world.server.url)).status == 201
    for origin in ("https://evil.example", "null", world.server.url + ".evil.example", world.server.url.upper(), ""):
        assert (await begin(**cookie, Origin=origin)).code == "not_permitted", origin
    assert (await begin(**cookie)).code == "not_permitted"
    assert (await begin(Authorization=f"Bearer {person.token}", Origin="https://evil.example")).status == 201
    reading = await world.http.call("GET", "/api/v1/me", headers={**cookie, "Origin": "https://evil.example"})
    assert reading.status == 200
    assert "Access-Control-Allow-Origin" not in reading.headers


async def test_a_stale_cookie_keeps_nobody_from_signing_in(world: World) -> None:
    """Public endpoints don't look at credentials."""
    made = await world.http.call("POST", "/api/v1/visitors", {}, headers={"Cookie": "amanah_session=stale"})
    assert made.status == 201


async def test_choices_are_a_ledger(world: World) -> None:
    """Default off; the last choice stands; every purpose is shown."""
    person = await world.person("customer")

    async def granted() -> dict[str, bool]:
        listed = (await person.get("/me/consents")).data["consents"]
        return {item["purpose"]: item["granted"] for item in listed}

    assert await granted() == {"support_chat": False, "research": False, "marketing": False}
    for purpose, choice in (("research", True), ("marketing", True), ("marketing", False)):
        answer = await world.http.call(
            "PUT", "/api/v1/me/consents", {"purpose": purpose, "granted": choice}, token=person.token
        )
        assert answer.status == 200
    assert await granted() == {"support_chat": False, "research": True, "marketing": False}
    wrong = await world.http.call(
        "PUT", "/api/v1/me/consents", {"purpose": "selling", "granted": True}, token=person.token
    )
    assert wrong.reasons == {"purpose": "not_allowed"}
    kept = [item async for item in world.database["choices"].find({"account_id": person.id})]
    assert [(item["purpose"], item["granted"]) for item in sorted(kept, key=lambda item: item["number"])] == [
        ("research", True),
        ("marketing", True),
        ("marketing", False),
    ]


async def test_the_cookie_lasts_as_long_as_the_session(world: World) -> None:
    """It is set anew where it is shown, with an answer to a call or a page, now and then; never where a token is."""
    person = await world.person("customer")
    shown = {"Cookie": f"amanah_session={person.token}"}
    assert "Set-Cookie" not in (await person.get("/me")).headers
    first = await world.http.call("GET", "/api/v1/me", headers=shown)
    cookie = SimpleCookie(first.headers["Set-Cookie"])["amanah_session"]
    assert (cookie.value, cookie["max-age"]) == (person.token, str(30 * 24 * 3600))
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert "Set-Cookie" not in (await world.http.call("GET", "/api/v1/me", headers=shown)).headers
    agent = await world.person("agent")
    by_cookie = {"Cookie": f"amanah_session={agent.token}", "Origin": world.server.url}
    gone = await world.http.call("DELETE", "/api/v1/sessions/current", headers=by_cookie)
    assert SimpleCookie(gone.headers["Set-Cookie"])["amanah_session"].value == ""
    stale = await world.http.call("GET", "/api/v1/me", headers=by_cookie)
    assert (stale.status, "Set-Cookie" in stale.headers) == (401, False)


async def test_an_account_has_so_many_sessions(world: World) -> None:
    """The one used longest ago ends, its live connection with it; the list never grows beyond that."""
    email = _email()
    await _register(world, email=email)
    body = {"email": email, "password": _PASSWORD}
    first = (await world.http.post("/api/v1/sessions", body)).data
    person = Person(first["account"]["id"], first["token"], "", Role.CUSTOMER, world)
    oldest = await world.again(person, ago_s=60)
    listening = await oldest.socket()
    for _ in range(MOST_SESSIONS - 2):
        await world.again(person)
    assert (await oldest.get("/me")).status == 200
    newest = (await world.http.post("/api/v1/sessions", body)).data["token"]
    await listening.ended.wait()
    assert (await oldest.get("/me")).code == "not_authenticated"
    listed = (await world.http.get("/api/v1/me/sessions", token=newest)).data["items"]
    assert len(listed) == MOST_SESSIONS
