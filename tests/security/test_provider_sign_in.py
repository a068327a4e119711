"""Staff sign in at the company's identity provider: a real one in a process of its own, and one that lies."""

import socket
from base64 import b32decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, import_key

from server.factors.model import code_of
from tests.harness.codes import present_step, show_former
from tests.harness.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Browser,
    RealProvider,
    Rogue,
    browser,
    sent,
    signing_key,
)
from tests.harness.process import ServerProcess

_PASSWORD = "lumbung jagung manis 77"
_STAFF = {"email": "siti.agen@contoh.example", "email_verified": True}
_PEOPLE = {
    "siti": _STAFF,
    "siti-again": _STAFF,
    "unverified": {"email": "dewi.agen@contoh.example", "email_verified": False},
    "dewi": {"email": "dewi.agen@contoh.example", "email_verified": True},
    "customer": {"email": "budi.pelanggan@contoh.example", "email_verified": True},
    "tari": {"email": "tari.agen@contoh.example", "email_verified": True},
    "stranger": {"email": "nobody@contoh.example", "email_verified": True},
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _server(folder: Path, port: int, issuer: str) -> ServerProcess:
    server = ServerProcess(
        folder,
        {
            "AMANAH_LIMITS": "off",
            "AMANAH_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "AMANAH_OIDC_ISSUER": issuer,
            "AMANAH_OIDC_CLIENT_ID": CLIENT_ID,
            "AMANAH_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "AMANAH_OIDC_NAME": "Kantor",
        },
    )
    server.port = port
    return server


async def _people(server: ServerProcess) -> None:
    for role, email in (
        ("agent", "siti.agen"),
        ("agent", "rudi.agen"),
        ("moderator", "dewi.agen"),
        ("customer", "budi.pelanggan"),
    ):
        made = await server.command(
            *("user", "create", "--role", role, "--email", f"{email}@contoh.example"),
            *("--display-name", email.partition(".")[0].title(), "--password-stdin"),
            stdin=_PASSWORD.encode(),
        )
        assert made.status == 0, made.errors


@dataclass
class Company:
    """A server, the provider beside it, and the provider's keys."""

    server: ServerProcess
    provider: RealProvider


@pytest.fixture(scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    """Both, with four accounts."""
    port, provider_port = _free_port(), _free_port()
    back = f"http://127.0.0.1:{port}/sign-in/provider/back"
    provider = RealProvider(provider_port, back, _PEOPLE)
    await provider.start([signing_key("first")])
    server = _server(tmp_path_factory.mktemp("company"), port, provider.issuer)
    await server.start()
    await _people(server)
    yield Company(server, provider)
    await server.stop()
    await provider.stop()


async def _role(someone: Browser) -> str:
    answer = await someone.get("/api/v1/me")
    return str(answer["data"]["account"]["role"]) if answer["ok"] else str(answer["error"]["code"])


async def test_staff_sign_in_with_the_address_and_are_known_by_subject_afterwards(company: Company) -> None:
    async with browser(company.server.url) as first, browser(company.server.url) as second:
        methods = await first.get("/api/v1/sessions/methods")
        assert methods["data"]["provider"] == {"name": "Kantor", "url": "/sign-in/provider"}
        assert await first.sign_in("siti") == "/desk"
        assert await _role(first) == "agent"
        assert await second.sign_in("siti") == "/desk"
        assert await _role(second) == "agent"
    async with browser(company.server.url) as other:
        # Somebody else to whom the provider gave the same address later: the account is not theirs.
        assert await other.sign_in("siti-again") == "/desk?sign_in=refused"
        assert await _role(other) == "not_authenticated"


@pytest.mark.parametrize("subject", ["customer", "stranger", "unverified"])
async def test_nobody_else_gets_in_and_no_account_is_made(company: Company, subject: str) -> None:
    async with browser(company.server.url) as someone:
        assert await someone.sign_in(subject) == "/desk?sign_in=refused"
        assert await _role(someone) == "not_authenticated"


async def test_an_address_that_is_only_claimed_links_nobody(company: Company) -> None:
    """Without mail set up an address changes at once: nobody gets a colleague's provider account to enter theirs."""
    async with browser(company.server.url) as insider, browser(company.server.url) as owner:
        signed_in = {"email": "rudi.agen@contoh.example", "password": _PASSWORD}
        assert (await insider.post("/api/v1/sessions", signed_in))["ok"]
        claimed = await insider.post("/api/v1/me/email", {"email": "tari.agen@contoh.example"}, method="PUT")
        assert claimed["data"] == {"waits_for_link": False}
        assert await owner.sign_in("tari") == "/desk?sign_in=refused"
        assert await _role(owner) == "not_authenticated"
        vouched = await company.server.command("user", "vouch", "--email", "tari.agen@contoh.example")
        assert vouched.status == 0, vouched.errors
        assert await owner.sign_in("tari") == "/desk"
        assert await _role(owner) == "agent"


async def test_whoever_gives_up_at_the_provider_is_told(company: Company) -> None:
    async with browser(company.server.url) as someone:
        assert await someone.sign_in("") == "/desk?sign_in=refused"


async def test_a_way_back_is_good_once_and_in_its_own_browser(company: Company) -> None:
    async with browser(company.server.url) as victim, browser(company.server.url) as attacker:
        # The attacker enters as themselves and has the victim's browser come back with it (sign-in CSRF).
        address = await attacker.enter(await attacker.leave(), "siti")
        await victim.leave()
        assert await victim.come_back(address) == "/desk?sign_in=refused"
        assert await _role(victim) == "not_authenticated"
        assert await attacker.come_back(address) == "/desk"
        # The code has been redeemed and the state is used up.
        assert await attacker.come_back(address) == "/desk?sign_in=refused"


async def test_a_code_put_into_another_way_is_refused(company: Company) -> None:
    """Code injection: the code of one sign-in under the state of another. PKCE ties them."""
    async with browser(company.server.url) as victim, browser(company.server.url) as attacker:
        stolen = sent(await victim.enter(await victim.leave(), "siti"))
        own = sent(await attacker.enter(await attacker.leave(), "siti"))
        address = f"{company.server.url}/sign-in/provider/back?code={stolen['code']}&state={own['state']}"
        assert await attacker.come_back(f"{address}&iss={company.provider.issuer}") == "/desk?sign_in=refused"
        assert await _role(attacker) == "not_authenticated"


async def test_an_answer_of_another_provider_is_refused(company: Company) -> None:
    """Mix-up: this provider names itself in its answers, so another name or none is another provider."""
    async with browser(company.server.url) as someone:
        for issuer in ("&iss=https%3A%2F%2Fevil.example", ""):
            way = sent(await someone.enter(await someone.leave(), "siti"))
            address = f"{company.server.url}/sign-in/provider/back?code={way['code']}&state={way['state']}{issuer}"
            assert await someone.come_back(address) == "/desk?sign_in=refused"


async def test_the_providers_second_factor_counts_and_an_own_one_is_asked_for_else(company: Company) -> None:
    async with browser(company.server.url) as dewi:
        assert await dewi.sign_in("dewi", again=True) == "/desk"
        begun = await dewi.post("/api/v1/me/factors/totp", {})
        secret = b32decode(begun["data"]["secret"])

        async def show(code: str) -> dict[str, Any]:
            return await dewi.post("/api/v1/me/factors/totp/confirm", {"code": code})

        assert (await show_former(secret, show, lambda answer: bool(answer["ok"])))["ok"]
    async with browser(company.server.url) as dewi:
        assert await dewi.sign_in("dewi") == "/desk"
        assert await _role(dewi) == "second_factor_required"
        refused = await dewi.post("/api/v1/me/factors/totp", {})
        assert refused["error"]["code"] == "second_factor_required"
        code = code_of(secret, present_step() + 1)
        assert (await dewi.post("/api/v1/sessions/current/confirm", {"totp": code}))["ok"]
        assert await _role(dewi) == "moderator"
    async with browser(company.server.url) as dewi:
        assert await dewi.sign_in("dewi", amr="pwd otp mfa") == "/desk"
        assert await _role(dewi) == "moderator"


async def test_the_providers_new_keys_are_learnt(company: Company) -> None:
    async with browser(company.server.url) as someone:
        assert await someone.sign_in("siti") == "/desk"
    await company.provider.stop()
    async with browser(company.server.url) as someone:
        way = await someone.leave()
        await company.provider.start([signing_key("second")])
        assert await someone.come_back(await someone.enter(way, "siti")) == "/desk"


# --- a provider that lies --------------------------------------------------------------------------------------------


@dataclass
class Trap:
    """A server whose provider is an attacker's, and the attacker's key."""

    server: ServerProcess
    rogue: Rogue
    key: dict[str, Any]

    def claims(self, nonce: str, /, **changes: object) -> dict[str, Any]:
        """Honest claims with changes; None removes one."""
        now = int(datetime.now(UTC).timestamp())
        honest: dict[str, object] = {
            "iss": self.rogue.issuer,
            "aud": CLIENT_ID,
            "sub": "siti",
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            **_STAFF,
        }
        return {name: value for name, value in {**honest, **changes}.items() if value is not None}

    def signed(self, claims: dict[str, Any], *, key: dict[str, Any] | None = None, kid: str = "own") -> str:
        """Sign claims."""
        return jwt.encode({"alg": "RS256", "kid": kid}, claims, import_key(key or self.key))


@pytest.fixture(scope="module")
async def trap(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trap]:
    """Both, with four accounts."""
    key = signing_key("own")
    async with Rogue().running() as rogue:
        rogue.jwks = [dict(import_key(key).as_dict(private=False))]
        server = _server(tmp_path_factory.mktemp("trap"), _free_port(), rogue.issuer)
        await server.start()
        await _people(server)
        yield Trap(server, rogue, key)
        await server.stop()


async def _fall_in(trap: Trap, someone: Browser, token_of: Any) -> str:
    way = sent(await someone.leave())
    trap.rogue.token = token_of(way["nonce"])
    return await someone.come_back(f"{trap.server.url}/sign-in/provider/back?code=invented&state={way['state']}")


async def test_an_honest_token_of_that_provider_is_taken(trap: Trap) -> None:
    """Otherwise the refusals below would prove nothing."""
    async with browser(trap.server.url) as someone:
        assert await _fall_in(trap, someone, lambda nonce: trap.signed(trap.claims(nonce))) == "/desk"
        assert await _role(someone) == "agent"
        assert trap.rogue.redeemed[-1]["code_verifier"]


_NOW = int(datetime.now(UTC).timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": None},
        {"azp": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": _NOW - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1e300},
        {"iat": _NOW - 7200},
        {"iat": _NOW + 7200},
        {"sub": ""},
        {"sub": None},
        {"sub": {"$ne": ""}},
        {"sub": "x" * 300},
        {"sub": "new", "email_verified": "true"},
        {"sub": "new", "email": {"$gt": ""}},
    ],
    ids=lambda changes: "-".join(changes),
)
async def test_a_token_that_does_not_fit_is_refused(trap: Trap, changes: dict[str, object]) -> None:
    trap.rogue.userinfo = {}
    async with browser(trap.server.url) as someone:
        answer = await _fall_in(trap, someone, lambda nonce: trap.signed(trap.claims(nonce, **changes)))
        assert answer == "/desk?sign_in=refused"
        assert await _role(someone) == "not_authenticated"


async def test_a_token_without_a_proper_signature_is_refused(trap: Trap) -> None:
    public = import_key(trap.key).as_pem(private=False)

    def unsigned(nonce: str) -> str:
        head, body, _ = trap.signed(trap.claims(nonce)).split(".")
        none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
        assert head
        return f"{none}.{body}."

    def by_secret(nonce: str) -> str:
        return jwt.encode({"alg": "HS256"}, trap.claims(nonce), OctKey.import_key(CLIENT_SECRET * 2))

    def by_public_key(nonce: str) -> str:
        return jwt.encode({"alg": "HS256", "kid": "own"}, trap.claims(nonce), OctKey.import_key(public.hex()))

    def by_another_key(nonce: str) -> str:
        return trap.signed(trap.claims(nonce), key=signing_key("own"))

    def by_an_unknown_key(nonce: str) -> str:
        return trap.signed(trap.claims(nonce), key=signing_key("other"), kid="other")

    def changed(nonce: str) -> str:
        head, body, signature = trap.signed(trap.claims(nonce)).split(".")
        return f"{head}.{body[:-2]}AA.{signature}"

    asked = trap.rogue.key_requests
    for forge in (unsigned, by_secret, by_public_key, by_another_key, changed, lambda _: "", lambda _: "a.b.c"):
        async with browser(trap.server.url) as someone:
            assert await _fall_in(trap, someone, forge) == "/desk?sign_in=refused"
    for _ in range(8):
        async with browser(trap.server.url) as someone:
            assert await _fall_in(trap, someone, by_an_unknown_key) == "/desk?sign_in=refused"
    assert trap.rogue.key_requests - asked <= 6


async def test_userinfo_about_somebody_else_is_refused(trap: Trap) -> None:
    trap.rogue.userinfo = {"sub": "another", **_STAFF}
    async with browser(trap.server.url) as someone:
        token = {"sub": "third", "email": None}
        answer = await _fall_in(trap, someone, lambda nonce: trap.signed(trap.claims(nonce, **token)))
        assert answer == "/desk?sign_in=refused"


async def test_a_session_is_as_fresh_as_the_provider_says(trap: Trap) -> None:
    long_ago = int(datetime.now(UTC).timestamp()) - 7200
    async with browser(trap.server.url) as someone:
        for auth_time, expected in ((long_ago, False), (None, False), (long_ago + 7200, True)):
            claims = {"auth_time": auth_time}
            assert await _fall_in(trap, someone, lambda n, c=claims: trap.signed(trap.claims(n, **c))) == "/desk"
            begun = await someone.post("/api/v1/me/factors/totp", {})
            assert begun["ok"] is expected
            if not expected:
                assert begun["error"]["code"] == "fresh_sign_in_required"


async def test_nothing_that_was_said_is_logged(company: Company) -> None:
    async with browser(company.server.url) as someone:
        back = await someone.enter(await someone.leave(), "siti")
        assert await someone.come_back(back) == "/desk"
        assert await someone.come_back(back) == "/desk?sign_in=refused"
    log = company.server.log()
    assert "a sign-in at the identity provider was refused: " in log
    said = sent(back)
    assert not [word for word in (said["code"], said["state"], CLIENT_SECRET, "siti", "contoh.example") if word in log]
