"""One's sessions and visits: what is shown, what ends, and what is dropped."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from server.visits.model import hour_of
from tests.harness.http import Answer
from tests.harness.people import World
from tests.harness.process import ServerProcess, eventually
from tests.harness.socket import Cut

_PASSWORD = "kuda laut biru tua"
_NEW_PASSWORD = "sembilan gajah menari"
_PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0"
_LAPTOP = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15"


async def _registered(world: World) -> dict[str, str]:
    email = f"orang-{secrets.token_hex(6)}@contoh.example"
    body = {"email": email, "password": _PASSWORD, "display_name": "Toko Contoh", "locale": "id"}
    assert (await world.http.post("/api/v1/accounts", body)).status == 201
    return {"email": email, "password": _PASSWORD}


async def _sign_in(world: World, credentials: dict[str, str], agent: str = _PHONE, **headers: str) -> str:
    answer = await world.http.call("POST", "/api/v1/sessions", credentials, headers={"User-Agent": agent, **headers})
    return str(answer.data["token"])


async def _sessions(world: World, token: str) -> list[dict[str, Any]]:
    return list((await world.http.get("/api/v1/me/sessions", token=token)).data["items"])


async def _works(world: World, token: str) -> bool:
    return (await world.http.get("/api/v1/me", token=token)).status == 200


async def _change(world: World, token: str, **body: str) -> Answer:
    return await world.http.call("PUT", "/api/v1/me/password", body, token=token)


async def test_sessions_are_shown_by_device(world: World) -> None:
    """With families instead of what the browser said, and without tokens."""
    credentials = await _registered(world)
    phone, laptop = await _sign_in(world, credentials), await _sign_in(world, credentials, _LAPTOP)
    shown = await _sessions(world, laptop)
    assert [item["current"] for item in shown] == [True, False]
    assert [item["device"] for item in shown] == [
        {"browser": "safari", "system": "macos"},
        {"browser": "firefox", "system": "android"},
    ]
    assert shown[0]["place"] == {"network": "", "reach": "loopback"}
    assert set(shown[0]) == {"id", "current", "device", "place", "created_at", "seen_at", "expires_at"}
    assert phone not in str(shown)


async def test_ending_a_session_ends_its_connections(world: World) -> None:
    """At once; the others live on; the token is worth nothing, over HTTP and for a new connection."""
    credentials = await _registered(world)
    phone, laptop = await _sign_in(world, credentials), await _sign_in(world, credentials, _LAPTOP)
    lost, kept = await world.socket({"token": phone}), await world.socket({"token": laptop})
    other = next(item["id"] for item in await _sessions(world, laptop) if not item["current"])
    path = f"/api/v1/me/sessions/{other}"
    assert (await world.http.call("DELETE", path, token=laptop)).data == {}
    assert (await world.http.call("DELETE", path, token=laptop)).code == "not_found"
    with pytest.raises(Cut):
        await lost.call("chat:typing", {"conversation_id": "x", "typing": True})
    assert (await kept.refusal("chat:join", {"conversation_id": "x"}))["code"] == "not_found"
    assert not await _works(world, phone)
    assert await _works(world, laptop)


async def test_nobody_ends_somebody_elses_session(world: World) -> None:
    """It is not even there for them."""
    mine, theirs = await _registered(world), await _registered(world)
    token, other = await _sign_in(world, mine), await _sign_in(world, theirs)
    session_id = (await _sessions(world, other))[0]["id"]
    assert (await world.http.call("DELETE", f"/api/v1/me/sessions/{session_id}", token=token)).code == "not_found"
    assert (await world.http.call("DELETE", "/api/v1/me/sessions", token=token)).data == {"ended": 0}
    assert await _works(world, other)


async def test_a_new_password_ends_all_other_sessions(world: World) -> None:
    """And only a good one is taken."""
    credentials = await _registered(world)
    tokens = [await _sign_in(world, credentials) for _ in range(3)]
    assert (await _change(world, tokens[0], password="bismillah123")).reasons == {"password": "too_common"}
    assert all([await _works(world, token) for token in tokens])
    assert (await _change(world, tokens[0], password=_NEW_PASSWORD)).data == {"ended": 2}
    assert [await _works(world, token) for token in tokens] == [True, False, False]
    assert (await world.http.post("/api/v1/sessions", credentials)).code == "not_authenticated"
    assert await _sign_in(world, {**credentials, "password": _NEW_PASSWORD})


async def test_what_matters_needs_a_fresh_sign_in(world: World) -> None:
    """A session that was left open somewhere can look, and change nothing of who gets in."""
    credentials = await _registered(world)
    token = await _sign_in(world, credentials)
    session_id = (await _sessions(world, token))[0]["id"]
    sessions = world.database["sessions"]
    stored = await sessions.find_one({"_id": session_id})
    assert stored is not None
    stale = await world.person("customer")
    await sessions.update_one(
        {"account_id": stale.id}, {"$set": {"fresh_at": stored["created_at"] - timedelta(hours=1)}}
    )
    for method, path, body in (
        ("PUT", "/api/v1/me/password", {"password": _NEW_PASSWORD}),
        ("PUT", "/api/v1/me/email", {"email": "baru@contoh.example"}),
        ("DELETE", "/api/v1/me/sessions", None),
        ("DELETE", f"/api/v1/me/sessions/{session_id}", None),
    ):
        answer = await world.http.call(method, path, body, token=stale.token)
        assert answer.code == "fresh_sign_in_required", path
    assert (await stale.get("/me/sessions")).status == 200


async def test_an_address_changes_at_once_without_mail(world: World) -> None:
    """To one that nobody has; what needs mail says that there is none."""
    credentials, other = await _registered(world), await _registered(world)
    token = await _sign_in(world, credentials)

    async def change(email: str) -> Answer:
        return await world.http.call("PUT", "/api/v1/me/email", {"email": email}, token=token)

    assert (await change(other["email"])).reasons == {"email": "taken"}
    assert (await change("bukan alamat")).reasons == {"email": "invalid_email"}
    new = f"baru-{credentials['email']}"
    assert (await change(new)).data == {"waits_for_link": False}
    assert (await world.http.get("/api/v1/me", token=token)).data["account"]["email"] == new
    assert await _sign_in(world, {**credentials, "email": new})
    for path in ("/api/v1/password-resets", "/api/v1/email-verifications"):
        assert (await world.http.post(path, {"email": new})).reasons == {"email": "no_mail"}


async def test_a_visitor_has_no_password_to_change(world: World) -> None:
    """Nor an address."""
    visitor = await world.person("visitor")
    assert (await _change(world, visitor.token, password=_NEW_PASSWORD)).reasons == {"email": "required"}


async def test_a_token_given_in_before_is_not_taken_over(world: World) -> None:
    """Session fixation: whoever plants a cookie knows nothing of the session that a sign-in opens."""
    credentials = await _registered(world)
    planted = secrets.token_urlsafe(32)
    stranger = await world.person("visitor")
    for cookie in (planted, stranger.token):
        headers = {"Cookie": f"amanah_session={cookie}"}
        token = await _sign_in(world, credentials, **headers)
        assert token != cookie
        assert (await world.http.get("/api/v1/me", token=planted)).status == 401
        me = await world.http.get("/api/v1/me", token=stranger.token)
        assert me.data["account"]["role"] == "visitor"


async def test_a_token_is_worth_nothing_after_signing_out(world: World) -> None:
    """Over HTTP, by cookie, and for a live connection."""
    credentials = await _registered(world)
    token = await _sign_in(world, credentials)
    socket = await world.socket({"token": token})
    await world.http.call("DELETE", "/api/v1/sessions/current", token=token)
    assert not await _works(world, token)
    headers = {"Cookie": f"amanah_session={token}"}
    assert (await world.http.call("GET", "/api/v1/me/sessions", headers=headers)).code == "not_authenticated"
    with pytest.raises(Cut):
        await socket.call("chat:typing", {"conversation_id": "x", "typing": True})


async def test_visits_are_shown_to_whose_they_are(world: World) -> None:
    """In full to them, sealed in the store, page by page, the latest first."""
    credentials = await _registered(world)
    tokens = [await _sign_in(world, credentials, agent) for agent in (_PHONE, _LAPTOP, _PHONE)]

    async def page(**params: str) -> Answer:
        headers = {"User-Agent": _PHONE, "Authorization": f"Bearer {tokens[2]}"}
        return await world.http.call("GET", "/api/v1/me/visits", headers=headers, params=params)

    first = (await page(limit="2")).data
    rest = (await page(limit="2", cursor=first["next_cursor"])).data
    assert [item["device"]["browser"] for item in first["items"] + rest["items"]] == ["firefox", "safari", "firefox"]
    assert rest["next_cursor"] is None
    latest = first["items"][0]
    assert (latest["address"], latest["user_agent"]) == ("127.0.0.1", _PHONE)
    assert (latest["current"], latest["signed_in"]) == (True, True)
    stored = [item async for item in world.database["visits"].find({"hour": {"$gt": 0}})]
    assert not any("Gecko" in str(item) or "127.0.0.1" in str(item) for item in stored)
    assert (await page(cursor="x")).reasons == {"cursor": "malformed"}
    stranger = await world.person("customer")
    assert (await stranger.get("/me/visits")).data["items"] == []


async def test_using_a_session_from_elsewhere_is_a_visit(world: World) -> None:
    """Once for each place and device, not for each request."""
    credentials = await _registered(world)
    token = await _sign_in(world, credentials)
    for agent in (_PHONE, _LAPTOP, _LAPTOP):
        headers = {"User-Agent": agent, "Authorization": f"Bearer {token}"}
        await world.http.call("GET", "/api/v1/me", headers=headers)
    headers = {"User-Agent": _LAPTOP, "Authorization": f"Bearer {token}"}
    shown = (await world.http.call("GET", "/api/v1/me/visits", headers=headers)).data["items"]
    assert [(item["signed_in"], item["device"]["browser"]) for item in shown] == [(False, "safari"), (True, "firefox")]


async def test_full_values_are_dropped_in_time(tmp_path_factory: pytest.TempPathFactory, browserless: Any) -> None:
    """At the next start at the latest: what is older than the setting is coarse, what is older than a year is gone."""
    server = ServerProcess(tmp_path_factory.mktemp("visits"), {"AMANAH_LIMITS": "off", "AMANAH_VISIT_DAYS": "3"})
    await server.start()
    async with World(server, browserless) as world:
        credentials = await _registered(world)
        tokens = [await _sign_in(world, credentials) for _ in range(3)]
        visits = world.database["visits"]
        stored = sorted([item async for item in visits.find({})], key=lambda item: item["_id"])
        for item, days in zip(stored, (400, 5, 2), strict=True):
            at = item["at"] - timedelta(days=days)
            await visits.update_one({"_id": item["_id"]}, {"$set": {"at": at, "hour": hour_of(at)}})
        await world.database["visit_sweeps"].update_one(
            {"_id": "swept"},
            {"$set": {"full": hour_of(stored[0]["at"]) - 24 * 10, "all": hour_of(stored[0]["at"]) - 24 * 402}},
        )
    await server.stop()
    await server.start()
    async with World(server, browserless) as world:

        async def is_swept() -> bool:
            note = await world.database["visit_sweeps"].find_one({"_id": "swept"})
            now = hour_of(stored[0]["at"])
            return note is not None and note["full"] > now - 24 * 5 and note["all"] > now - 24 * 399

        await eventually(is_swept, "old values are dropped")
        shown = (await world.http.get("/api/v1/me/visits", token=tokens[2])).data["items"]
        assert [item["address"] for item in shown] == ["127.0.0.1", None]
        assert [item["user_agent"] for item in shown] == [_PHONE, None]
        assert shown[1]["device"] == {"browser": "firefox", "system": "android"}
    await server.stop()
