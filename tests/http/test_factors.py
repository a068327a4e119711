"""Second factors over HTTP: setting up, signing in with a code, replay, confirming, resetting."""

import asyncio
import secrets
from base64 import b32decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import aiohttp
import pytest

from server.factors.model import DeviceKind, Passkey, code_of
from server.factors.store import MongoFactorStore
from server.kernel.ids import new_id
from tests.harness.codes import present_step, show_former
from tests.harness.http import Answer, Http
from tests.harness.people import World
from tests.harness.process import ServerProcess
from tests.harness.socket import Refused

_PASSWORD = "lumbung jagung manis 77"


class Member:
    """Somebody with an address and a password, who signs in over HTTP."""

    def __init__(self, http: Http, email: str) -> None:
        self.http = http
        self.email = email
        self.token = ""
        self.secret = b""
        self.recovery: list[str] = []

    async def sign_in(self, code: str | None = None, password: str = _PASSWORD) -> Answer:
        """Sign in; on success the new session is used from then on."""
        body = {"email": self.email, "password": password, **({} if code is None else {"totp": code})}
        answer = await self.http.post("/api/v1/sessions", body)
        if answer.status == 201:
            self.token = str(answer.data["token"])
        return answer

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        """Call under `/api/v1`."""
        return await self.http.call(method, "/api/v1" + path, body, token=self.token)

    def code(self, drift: int = 0) -> str:
        """The app's code of this step or a neighbouring one."""
        return code_of(self.secret, present_step() + drift)

    async def enrol(self) -> Answer:
        """Set an app up with the code of the step before this one."""
        begun = await self.call("POST", "/me/factors/totp")
        assert begun.status == 201
        self.secret = b32decode(begun.data["secret"])

        async def show(code: str) -> Answer:
            return await self.call("POST", "/me/factors/totp/confirm", {"code": code})

        done = await show_former(self.secret, show, lambda answer: answer.status < 300)
        self.recovery = done.data["recovery_codes"]
        return begun


async def _member(world: World) -> Member:
    email = f"orang-{secrets.token_hex(6)}@contoh.example"
    body = {"email": email, "password": _PASSWORD, "display_name": "Toko Contoh"}
    assert (await world.http.post("/api/v1/accounts", body)).status == 201
    member = Member(world.http, email)
    assert (await member.sign_in()).status == 201
    return member


async def _staff(server: ServerProcess, http: Http, role: str) -> Member:
    email = f"{role}-{secrets.token_hex(6)}@contoh.example"
    made = await server.command(
        *("user", "create", "--role", role, "--email", email, "--display-name", "Rani", "--password-stdin"),
        stdin=_PASSWORD.encode(),
    )
    assert made.status == 0, made.errors
    return Member(http, email)


async def _grow_old(world: World, member: Member) -> None:
    """Go on in a session that was opened eleven minutes ago."""
    account_id = (await member.call("GET", "/me")).data["account"]["id"]
    member.token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    await world.database["sessions"].insert_one(
        {
            "_id": secrets.token_hex(12),
            "token_hash": sha256(member.token.encode()).hexdigest(),
            "account_id": account_id,
            "created_at": now - timedelta(minutes=11),
            "seen_at": now,
            "expires_at": now + timedelta(hours=1),
        }
    )


async def test_a_code_is_asked_for_once_an_app_is_set_up(world: World) -> None:
    member = await _member(world)
    assert (await member.call("GET", "/me/factors")).data["totp_since"] is None
    begun = await member.enrol()
    assert begun.data["uri"].startswith("otpauth://totp/")
    assert begun.data["qr"].startswith("<svg ")
    assert begun.headers["Cache-Control"] == "no-store"
    assert len(set(member.recovery)) == 10
    seen = (await member.call("GET", "/me/factors")).data
    assert seen["totp_since"]
    assert (seen["recovery_left"], seen["owed"], seen["required"]) == (10, False, False)
    without = await member.sign_in()
    assert (without.status, without.code) == (403, "second_factor_required")
    assert (await member.sign_in(member.code())).status == 201


async def test_wrong_codes_are_answered_like_wrong_passwords(world: World) -> None:
    member = await _member(world)
    await member.enrol()
    wrong_code = await member.sign_in("000000" if member.code() != "000000" else "111111")
    wrong_password = await member.sign_in(member.code(), password="lumbung padi kering 78")
    neither = await member.sign_in(password="lumbung padi kering 78")
    assert wrong_code.code == wrong_password.code == neither.code == "not_authenticated"
    assert wrong_code.error["message"] == wrong_password.error["message"]
    # The right code was not used up by the wrong password.
    assert (await member.sign_in(member.code())).status == 201


async def test_a_code_opens_one_session(world: World) -> None:
    member = await _member(world)
    await member.enrol()
    code = member.code()
    assert (await member.sign_in(code)).status == 201
    assert (await member.sign_in(code)).code == "not_authenticated"
    assert (await member.sign_in(member.code(-1))).code == "not_authenticated"
    assert (await member.sign_in(member.code(+1))).status == 201


async def test_a_recovery_code_opens_one_session_and_new_ones_void_the_old(world: World) -> None:
    member = await _member(world)
    await member.enrol()
    first = member.recovery[0]
    assert (await member.sign_in(first.lower().replace("-", " "))).status == 201
    assert (await member.sign_in(first)).code == "not_authenticated"
    assert (await member.call("GET", "/me/factors")).data["recovery_left"] == 9
    renewed = (await member.call("POST", "/me/factors/recovery-codes")).data["recovery_codes"]
    assert not set(renewed) & set(member.recovery)
    assert (await member.sign_in(member.recovery[1])).code == "not_authenticated"
    assert (await member.sign_in(renewed[0])).status == 201
    stored = await world.database["factor_codes"].find_one({"recovery": {"$exists": True}})
    assert all(code.replace("-", "") not in str(stored) for code in [*renewed, *member.recovery])


async def test_a_first_code_must_fit_and_be_asked_for(world: World) -> None:
    member = await _member(world)
    early = await member.call("POST", "/me/factors/totp/confirm", {"code": "123456"})
    assert early.reasons == {"totp": "not_begun"}
    begun = await member.call("POST", "/me/factors/totp")
    member.secret = b32decode(begun.data["secret"])
    wrong = "000000" if member.code() != "000000" else "111111"
    assert (await member.call("POST", "/me/factors/totp/confirm", {"code": wrong})).reasons == {"code": "wrong_code"}
    # Nothing is demanded before the first code.
    assert (await member.sign_in()).status == 201


async def test_an_old_sign_in_must_be_confirmed_first(world: World) -> None:
    member = await _member(world)
    await member.enrol()
    await _grow_old(world, member)
    stale = await member.call("DELETE", "/me/factors/totp")
    assert (stale.status, stale.code) == (403, "fresh_sign_in_required")
    confirm = "/sessions/current/confirm"
    assert (await member.call("POST", confirm, {})).code == "invalid_input"
    assert (await member.call("POST", confirm, {"totp": member.code()})).code == "invalid_input"
    assert (await member.call("POST", confirm, {"password": _PASSWORD})).code == "second_factor_required"
    wrong = {"password": "lumbung padi kering 78", "totp": member.code()}
    assert (await member.call("POST", confirm, wrong)).code == "not_authenticated"
    assert (await member.call("DELETE", "/me/factors/totp")).code == "fresh_sign_in_required"
    good = await member.call("POST", confirm, {"password": _PASSWORD, "totp": member.code()})
    assert good.data["fresh_until"] > datetime.now(UTC).isoformat()
    assert (await member.call("DELETE", "/me/factors/totp")).data == {}
    assert (await member.sign_in()).status == 201


async def test_visitors_have_no_factors(world: World) -> None:
    visitor = await world.person("visitor")
    assert (await visitor.get("/me/factors")).code == "not_permitted"
    assert (await visitor.post("/me/factors/totp")).code == "not_permitted"


async def test_an_administrator_resets_and_it_is_noted(world: World) -> None:
    member, admin = await _member(world), await _staff(world.server, world.http, "admin")
    assert (await admin.sign_in()).status == 201
    await member.enrol()
    account_id = (await member.call("GET", "/me")).data["account"]["id"]
    agent = await world.person("agent", "Rani")
    refused = await world.http.call("DELETE", f"/api/v1/accounts/{account_id}/factors", token=agent.token)
    assert refused.code == "not_permitted"
    assert (await admin.call("DELETE", "/accounts/nobody/factors")).code == "not_found"
    assert (await admin.call("DELETE", f"/accounts/{account_id}/factors")).data == {}
    assert (await member.call("GET", "/me")).code == "not_authenticated"
    assert (await member.sign_in()).status == 201
    assert (await member.call("GET", "/me/factors")).data["totp_since"] is None


async def test_the_operator_resets_on_the_command_line(world: World) -> None:
    member = await _member(world)
    await member.enrol()
    done = await world.server.command("user", "reset-factors", "--email", member.email)
    assert done.status == 0, done.errors
    assert (await member.sign_in()).status == 201
    missing = await world.server.command("user", "reset-factors", "--email", "nobody@contoh.example")
    assert (missing.status, missing.errors) == (1, "amanah: not_found\n")


async def test_passkeys_need_a_name_of_the_server(world: World) -> None:
    """Without a public address, which passkeys belong to, they are not offered."""
    methods = (await world.http.get("/api/v1/sessions/methods")).data
    assert methods == {"passkey": False, "provider": None}
    assert (await world.http.post("/api/v1/sessions/passkey/options", {})).reasons == {"passkey": "not_offered"}
    member = await _member(world)
    assert (await member.call("POST", "/me/factors/passkeys/options")).reasons == {"passkey": "not_offered"}


@pytest.fixture(scope="module")
async def careful(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server that asks staff for a second factor, with its limits on."""
    server = ServerProcess(tmp_path_factory.mktemp("careful"), {"AMANAH_STAFF_SECOND_FACTOR": "required"})
    await server.start()
    yield server
    await server.stop()


async def test_staff_without_a_second_factor_can_only_set_one_up(
    careful: ServerProcess, browserless: aiohttp.ClientSession
) -> None:
    async with World(careful, browserless) as world:
        agent = await _staff(careful, world.http, "agent")
        assert (await agent.sign_in()).status == 201
        for path in ("/me", "/conversations", "/me/consents", "/me/sessions"):
            assert (await agent.call("GET", path)).code == "second_factor_required"
        assert (await agent.call("DELETE", "/sessions/current")).data == {}
        assert (await agent.call("GET", "/me")).code == "not_authenticated"
        assert (await agent.sign_in()).status == 201
        with pytest.raises(Refused, match="second_factor_required"):
            await world.socket({"token": agent.token})
        seen = (await agent.call("GET", "/me/factors")).data
        assert (seen["owed"], seen["required"]) == (True, True)
        await agent.enrol()
        assert (await agent.call("GET", "/me")).data["account"]["role"] == "agent"
        assert (await agent.call("DELETE", "/me/factors/totp")).reasons == {"totp": "last_factor"}
        assert (await agent.sign_in(agent.code())).status == 201
        socket = await world.socket({"token": agent.token})
        assert (await socket.refusal("chat:join", {"conversation_id": "none"}))["code"] == "not_found"
        customer = await _member(world)
        assert (await customer.call("GET", "/me")).status == 200


async def test_guessing_codes_comes_to_an_end(careful: ServerProcess, browserless: aiohttp.ClientSession) -> None:
    async with World(careful, browserless) as world:
        member = await _member(world)
        await member.enrol()
        right = {member.code(drift) for drift in (-1, 0, 1, 2)}
        wrong = [code for code in (f"{number:06}" for number in range(100)) if code not in right]
        answers = [await member.sign_in(code) for code in wrong[:12]]
        assert {answer.code for answer in answers} == {"not_authenticated", "rate_limited"}
        assert answers[-1].code == "rate_limited"
        assert int(answers[-1].headers["Retry-After"]) > 0


async def test_of_the_last_factors_one_stays(careful: ServerProcess, browserless: aiohttp.ClientSession) -> None:
    """Also when each is taken away at the same moment, where one must be had."""
    async with World(careful, browserless) as world:
        agent = await _staff(careful, world.http, "agent")
        await agent.sign_in()
        await agent.enrol()
        account_id = (await agent.call("GET", "/me")).data["account"]["id"]
        store = MongoFactorStore(world.database, world.vault)

        async def passkey() -> str:
            made = new_id()
            await store.insert_passkey(
                Passkey(made, account_id, made.encode(), b"key", 0, DeviceKind.PHONE, True, datetime.now(UTC), None)
            )
            return f"/me/factors/passkeys/{made}"

        ways = ["/me/factors/totp", await passkey()]
        for _ in range(5):
            answers = await asyncio.gather(*(agent.call("DELETE", way) for way in ways))
            assert sorted(answer.status for answer in answers) == [200, 409]
            (left,) = [way for way, answer in zip(ways, answers, strict=True) if answer.status == 409]
            ways = [left, await passkey()]
