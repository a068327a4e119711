"""Written permissions over JSON: the same rules as on the pages, and a signed copy that anybody can check."""

import secrets
from typing import Any

from tests.harness.browsing import Tab
from tests.harness.people import World
from tests.http.test_factors import _PASSWORD, Member, _member

_SAID = "Kasirnya cepat dan mudah dipakai, terima kasih."
_CHECK = "/api/v1/privacy/permissions/check"


async def _asked(world: World, member: Member) -> str:
    given = {"client_id": secrets.token_hex(12), "kind": "impression", "title": "Kesan kami", "text": _SAID}
    item = (await member.call("POST", "/feedback", given)).data["feedback"]
    agent = await world.person("agent", "Uji")
    tab = Tab(world.http.session, world.http.url, agent.token)
    await tab.fill("/petugas/izin", {"number": str(item["number"]), "days": "30"})
    return tab.path.rpartition("/")[2]


async def _checked(world: World, note: str) -> Any:
    return (await world.http.post(_CHECK, {"note": note})).data


async def test_one_is_read_signed_checked_and_taken_back(world: World) -> None:
    member = await _member(world)
    permission = await _asked(world, member)
    (asked,) = (await member.call("GET", "/me/permissions")).data["items"]
    assert {"id": permission, "text": _SAID, "state": "asked", "use": "testimonial"}.items() <= asked.items()
    path = f"/me/permissions/{permission}"
    assert (await member.call("GET", path)).data["note"] == ""
    wrong = {"name": "Ratna Contoh", "password": "lumbung padi kering 78"}
    assert (await member.call("POST", f"{path}/sign", wrong)).reasons == {"password": "wrong_password"}
    assert (await member.call("POST", f"{path}/sign", {"name": "Ratna Contoh"})).status == 400
    signed = (await member.call("POST", f"{path}/sign", {"name": "Ratna Contoh", "password": _PASSWORD})).data
    assert (signed["permission"]["state"], signed["permission"]["method"]) == ("signed", "password")
    assert signed["name"] == "Ratna Contoh"
    note = signed["note"]
    assert await _checked(world, note) == {"genuine": True, "stands": True}
    assert await _checked(world, note.replace("Ratna", "Ratni")) == {"genuine": False, "stands": False}
    assert await _checked(world, "bukan surat") == {"genuine": False, "stands": False}
    ended = (await member.call("POST", f"{path}/end")).data["permission"]
    assert ended["state"] == "revoked"
    assert await _checked(world, note) == {"genuine": True, "stands": False}
    assert (await member.call("POST", f"{path}/end")).status == 409


async def test_a_permission_is_nobody_elses(world: World) -> None:
    member, other = await _member(world), await _member(world)
    permission = await _asked(world, member)
    assert (await other.call("GET", "/me/permissions")).data["items"] == []
    for method, path in (("GET", ""), ("POST", "/end"), ("POST", "/sign")):
        body = {"name": "Ratna Contoh", "password": _PASSWORD} if path == "/sign" else None
        assert (await other.call(method, f"/me/permissions/{permission}{path}", body)).status == 404


async def test_a_shown_passkey_that_is_none_is_refused(world: World) -> None:
    """On the page as over JSON, and it does not stand in for the password."""
    member = await _member(world)
    permission = await _asked(world, member)
    parts = dict.fromkeys(("clientDataJSON", "authenticatorData", "signature"), "AAAA")
    forged = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": parts}
    body = {"name": "Ratna Contoh", "passkey": forged}
    # This server has no public address, which passkeys belong to.
    refused = await member.call("POST", f"/me/permissions/{permission}/sign", body)
    assert refused.reasons == {"passkey": "not_offered"}
    tab = Tab(world.http.session, world.http.url, member.token)
    for written in ("{", "[]", "x" * 10_000):
        form = {"act": "sign", "name": "Ratna Contoh", "password": _PASSWORD, "passkey": written}
        answer = await tab.submit(f"/privasi/izin/{permission}", form)
        assert answer.status == 400, written[:2]
        entered = await tab.submit("/masuk/pastikan", {"next": "/privasi", "password": _PASSWORD, "passkey": written})
        assert entered.status == 400, written[:2]
    assert (await member.call("GET", f"/me/permissions/{permission}")).data["permission"]["state"] == "asked"
