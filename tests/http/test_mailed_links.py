"""Verification, reset and change of address, with a real mail server: who learns what, and what a link is good for."""

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

from tests.harness.http import Answer, Http
from tests.harness.mail import MailSink
from tests.harness.people import World
from tests.harness.process import ServerProcess

_PASSWORD = "kuda laut biru tua"
_NEW_PASSWORD = "sembilan gajah menari"
_PUBLIC = "https://bantuan.example"


def _email() -> str:
    return f"orang-{secrets.token_hex(6)}@contoh.example"


@dataclass(slots=True)
class _Mailing:
    """A server with mail, what it sends, and callers from networks of their own."""

    server: ServerProcess
    sink: MailSink
    session: aiohttp.ClientSession
    networks: int = field(default=0)

    async def post(self, path: str, body: object, *, network: str = "", **headers: str) -> Answer:
        """POST under `/api/v1`; from a network that nobody used before when none is given."""
        if not network:
            self.networks += 1
            network = f"10.{self.networks // 250}.{self.networks % 250}.7"
        http = Http(self.session, self.server.url)
        return await http.call("POST", "/api/v1" + path, body, headers={"X-Forwarded-For": network, **headers})

    async def register(self, email: str, **changes: Any) -> Answer:
        """Register."""
        body = {"email": email, "password": _PASSWORD, "display_name": "Toko Contoh", "locale": "id", **changes}
        return await self.post("/accounts", body)

    async def sign_in(self, email: str, password: str = _PASSWORD, **options: str) -> Answer:
        """Sign in."""
        return await self.post("/sessions", {"email": email, "password": password}, **options)

    async def verified(self) -> str:
        """Make an account that can be entered; give its address."""
        email = _email()
        assert (await self.register(email)).status == 201
        token = (await self.sink.letter(email)).token
        confirmed = await self.post("/email-verifications/confirm", {"token": token, "password": _PASSWORD})
        assert confirmed.status == 200
        return email

    async def token_for_reset(self, email: str, letters: int = 2) -> str:
        """Ask for a reset; give the token that was mailed."""
        assert (await self.post("/password-resets", {"email": email})).status == 202
        return (await self.sink.letter(email, letters)).token

    async def page(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """Use a page as a browser without JavaScript does."""
        self.networks += 1
        headers = {"X-Forwarded-For": f"10.200.{self.networks // 250}.{self.networks % 250}", "Origin": "null"}
        async with self.session.request(
            method, self.server.url + path, data=form, headers=headers, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await response.read())


@pytest.fixture(scope="module")
async def mailing(
    tmp_path_factory: pytest.TempPathFactory, browserless: aiohttp.ClientSession
) -> AsyncIterator[_Mailing]:
    """A server that mails, behind one proxy, with limits."""
    sink = MailSink()
    await sink.start()
    settings = {
        "AMANAH_TRUSTED_PROXIES": "1",
        "AMANAH_SMTP_URL": sink.url,
        "AMANAH_MAIL_FROM": "bantuan@toko.example",
        "AMANAH_PUBLIC_URL": _PUBLIC,
    }
    server = ServerProcess(tmp_path_factory.mktemp("mailing"), settings)
    await server.start()
    yield _Mailing(server, sink, browserless)
    await server.stop()
    await sink.stop()


async def test_an_account_opens_with_its_letter(mailing: _Mailing) -> None:
    """Not before; with the password that was chosen; once."""
    email = _email()
    registered = await mailing.register(email)
    assert registered.status == 201
    assert registered.data["verify_by_mail"] is True
    assert registered.data["account"]["email"] == email
    letter = await mailing.sink.letter(email)
    assert letter.link.startswith(f"{_PUBLIC}/verifikasi?token=")
    assert (await mailing.sign_in(email)).code == "not_authenticated"
    wrong = await mailing.post("/email-verifications/confirm", {"token": letter.token, "password": "bukan sandinya"})
    assert wrong.reasons == {"password": "wrong_password"}
    assert (await mailing.post("/email-verifications/confirm", {"token": letter.token})).status == 400
    body = {"token": letter.token, "password": _PASSWORD}
    assert (await mailing.post("/email-verifications/confirm", body)).status == 200
    assert (await mailing.sign_in(email)).status == 201


async def test_signing_in_too_early_sends_a_new_link(mailing: _Mailing) -> None:
    """The answer is that of a wrong password; the letter goes to the mailbox only. One of the links is enough."""
    email = _email()
    await mailing.register(email, locale="en")
    first = await mailing.sink.letter(email)
    early, wrong = await mailing.sign_in(email), await mailing.sign_in(email, "bukan sandinya")
    assert (early.status, early.code, early.error["message"]) == (401, wrong.code, wrong.error["message"])
    second = await mailing.sink.letter(email, 2)
    assert second.link.startswith(f"{_PUBLIC}/verify?token=")
    body = {"token": first.token, "password": _PASSWORD}
    assert (await mailing.post("/email-verifications/confirm", body)).data == {}
    assert (await mailing.sign_in(email)).status == 201
    for token in (first.token, second.token):
        body["token"] = token
        assert (await mailing.post("/email-verifications/confirm", body)).reasons == {"token": "link_unusable"}


async def test_registering_a_taken_address_looks_the_same(mailing: _Mailing) -> None:
    """The owner gets a letter without a link, the account stays as it was, and the answer tells nothing."""
    email = await mailing.verified()
    again = await mailing.register(email, display_name="Orang Lain", password=_NEW_PASSWORD)
    other = await mailing.register(_email(), display_name="Orang Lain", password=_NEW_PASSWORD)
    assert again.status == other.status == 201
    assert {**again.data["account"], "id": 0, "email": 0, "created_at": 0} == {
        **other.data["account"],
        "id": 0,
        "email": 0,
        "created_at": 0,
    }
    warned = await mailing.sink.letter(email, 2)
    assert "token" not in warned.text
    assert (await mailing.sign_in(email, _NEW_PASSWORD)).status == 401
    assert (await mailing.sign_in(email)).data["account"]["display_name"] == "Toko Contoh"


async def test_nobody_opens_an_account_on_somebody_elses_address(mailing: _Mailing) -> None:
    """A stranger registers the address; its owner, who knows no such password, can't be made to open it for them."""
    email = _email()
    await mailing.register(email, password="sandi si penyerang 77")
    token = (await mailing.sink.letter(email)).token
    body = {"token": token, "password": "sandi pemilik alamat"}
    assert (await mailing.post("/email-verifications/confirm", body)).status == 400
    await mailing.register(email)
    mine = (await mailing.sink.letter(email, 2)).token
    confirmed = await mailing.post("/email-verifications/confirm", {"token": mine, "password": _PASSWORD})
    assert confirmed.status == 200
    assert (await mailing.sign_in(email)).status == 201
    assert (await mailing.sign_in(email, "sandi si penyerang 77")).status == 401


@pytest.mark.parametrize("what", ["/password-resets", "/email-verifications"])
async def test_asking_answers_alike(mailing: _Mailing, what: str) -> None:
    """For a known, an unverified and an unknown address; what is no address is the asker's own mistake."""
    known, unverified = await mailing.verified(), _email()
    await mailing.register(unverified)
    answers = [await mailing.post(what, {"email": email}) for email in (known, unverified, _email())]
    assert {(answer.status, answer.body) for answer in answers} == {(202, b'{"ok":true,"data":{}}')}
    assert (await mailing.post(what, {"email": "bukan alamat"})).reasons == {"email": "invalid_email"}


async def test_a_reset_ends_every_session(mailing: _Mailing) -> None:
    """The old password, the old sessions and the link itself are worth nothing afterwards."""
    email = await mailing.verified()
    old = (await mailing.sign_in(email)).data["token"]
    token = await mailing.token_for_reset(email)
    weak = await mailing.post("/password-resets/confirm", {"token": token, "password": "bismillah123"})
    assert weak.reasons == {"password": "too_common"}
    body = {"token": token, "password": _NEW_PASSWORD}
    assert (await mailing.post("/password-resets/confirm", body)).data == {}
    assert (await mailing.post("/password-resets/confirm", body)).reasons == {"token": "link_unusable"}
    me = await Http(mailing.session, mailing.server.url).get("/api/v1/me", token=old)
    assert me.code == "not_authenticated"
    assert (await mailing.sign_in(email)).status == 401
    assert (await mailing.sign_in(email, _NEW_PASSWORD)).status == 201
    assert "sudah diganti" in (await mailing.sink.letter(email, 3)).message["Subject"]


async def test_a_link_is_good_for_its_purpose_only(mailing: _Mailing) -> None:
    """A reset verifies nothing, a verification resets nothing; nor does a token that is nobody's."""
    email = await mailing.verified()
    reset = await mailing.token_for_reset(email)
    unverified = _email()
    await mailing.register(unverified)
    verify = (await mailing.sink.letter(unverified)).token
    for token in (reset, secrets.token_urlsafe(32), "", reset[:-1], reset + "A"):
        answer = await mailing.post("/email-verifications/confirm", {"token": token, "password": _PASSWORD})
        assert answer.reasons == {"token": "link_unusable"}
    for token in (verify, secrets.token_urlsafe(32), ""):
        answer = await mailing.post("/password-resets/confirm", {"token": token, "password": _NEW_PASSWORD})
        assert answer.reasons == {"token": "link_unusable"}


async def test_an_old_link_is_worth_nothing(mailing: _Mailing) -> None:
    """Its time is in the store; here it is moved into the past."""
    email = await mailing.verified()
    token = await mailing.token_for_reset(email)
    async with World(mailing.server, mailing.session) as world:
        links = world.database["mailed_links"]
        (link,) = [link async for link in links.find({"purpose": "reset"}) if link["_id"] == _digest(token)]
        assert token not in str(link)
        await links.update_one({"_id": link["_id"]}, {"$set": {"expires_at": link["expires_at"].replace(year=2020)}})
    answer = await mailing.post("/password-resets/confirm", {"token": token, "password": _NEW_PASSWORD})
    assert answer.reasons == {"token": "link_unusable"}


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def test_a_link_never_leads_elsewhere(mailing: _Mailing) -> None:
    """It is made of the setting; what a request says of its host plays no part."""
    email = await mailing.verified()
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    asked = await mailing.post("/password-resets", {"email": email}, Origin="https://evil.example", **forged)
    assert asked.status == 202
    letter = await mailing.sink.letter(email, 2)
    assert letter.link.startswith(f"{_PUBLIC}/atur-ulang?token=")
    assert b"evil" not in letter.raw


async def test_addresses_with_line_ends_are_none(mailing: _Mailing) -> None:
    """Nothing goes out for them."""
    before = len(mailing.sink.letters)
    for email in (
        "a@contoh.example\r\nBcc: b@contoh.example",
        "a@contoh.example\nSubject: x",
        "a@contoh.example%0aX: y",
    ):
        for path in ("/password-resets", "/email-verifications"):
            assert (await mailing.post(path, {"email": email})).reasons == {"email": "invalid_email"}
        assert (await mailing.register(email)).status == 400
    assert len(mailing.sink.letters) == before


async def test_a_mailbox_is_not_filled(mailing: _Mailing) -> None:
    """However many ask from however many networks: no more than a few letters of a kind, and nobody is told."""
    email = await mailing.verified()
    for _ in range(8):
        assert (await mailing.post("/password-resets", {"email": email})).status == 202
    other = await mailing.verified()
    await mailing.token_for_reset(other)
    assert len(mailing.sink.to(email)) == 1 + 5


async def test_one_network_asks_a_few_times_only(mailing: _Mailing) -> None:
    """Alike for addresses that exist and those that don't."""
    known = await mailing.verified()
    for email, network in ((known, "198.51.100.1"), (_email(), "198.51.100.2")):
        answers = [await mailing.post("/password-resets", {"email": email}, network=network) for _ in range(6)]
        assert [answer.status for answer in answers] == [202] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0


async def test_a_new_address_is_taken_over_by_its_letter(mailing: _Mailing) -> None:
    """Word of it goes to the old one; until the link is followed nothing changes."""
    email, new = await mailing.verified(), _email()
    token = (await mailing.sign_in(email)).data["token"]
    http = Http(mailing.session, mailing.server.url)
    asked = await http.call("PUT", "/api/v1/me/email", {"email": new}, token=token)
    assert asked.data == {"waits_for_link": True}
    link = await mailing.sink.letter(new)
    assert "token" not in (await mailing.sink.letter(email, 2)).text
    assert (await http.get("/api/v1/me", token=token)).data["account"]["email"] == email
    assert (await mailing.post("/email-verifications/confirm", {"token": link.token})).data == {}
    assert (await http.get("/api/v1/me", token=token)).data["account"]["email"] == new
    assert (await mailing.sign_in(email)).status == 401
    assert (await mailing.sign_in(new)).status == 201
    taken = await mailing.verified()
    again = await http.call("PUT", "/api/v1/me/email", {"email": taken}, token=token)
    assert again.data == {"waits_for_link": True}
    assert "token" not in (await mailing.sink.letter(taken, 2)).text


async def test_a_new_device_is_told_of(mailing: _Mailing) -> None:
    """Not the first, nor a known one; and without the full address."""
    email = await mailing.verified()
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
    headers = {"User-Agent": agent}
    assert (await mailing.sign_in(email, network="203.0.113.77", **headers)).status == 201
    assert (await mailing.sign_in(email, network="203.0.113.77", **headers)).status == 201
    assert (await mailing.sign_in(email, network="198.51.100.93", **headers)).status == 201
    letter = await mailing.sink.letter(email, 2)
    assert "perangkat baru" in letter.message["Subject"]
    assert "Firefox, Windows" in letter.text
    assert "198.51.100.x" in letter.text
    assert b"198.51.100.93" not in letter.raw


# --- the pages -------------------------------------------------------------------------------------------------------


async def test_the_pages_work_without_javascript(mailing: _Mailing) -> None:
    """Looking uses nothing up, a button does; the token goes nowhere else."""
    email = _email()
    await mailing.register(email)
    letter = await mailing.sink.letter(email)
    path = letter.link.removeprefix(_PUBLIC)
    for _ in range(3):
        shown = await mailing.page("GET", path)
        assert shown.status == 200
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
    assert b"<script" not in shown.body
    form = dict(re.findall(r'name="(step|token)" value="([^"]+)"', shown.body.decode()))
    assert form == {"step": "verify", "token": letter.token}
    wrong = await mailing.page("POST", "/verifikasi", {**form, "password": "bukan sandinya"})
    assert wrong.status == 400
    assert "Bukan kata sandi akun ini." in wrong.body.decode()
    done = await mailing.page("POST", "/verifikasi", {**form, "password": _PASSWORD})
    assert done.status == 200
    assert "sudah dikonfirmasi" in done.body.decode()
    assert (await mailing.sign_in(email)).status == 201
    again = await mailing.page("POST", "/verifikasi", {**form, "password": _PASSWORD})
    assert again.status == 400
    assert letter.token not in mailing.server.log() + again.body.decode()


async def test_a_password_is_set_anew_on_a_page(mailing: _Mailing) -> None:
    """In English from beginning to end."""
    email = await mailing.verified()
    asked = await mailing.page("POST", "/reset-password", {"step": "ask", "email": email})
    unknown = await mailing.page("POST", "/reset-password", {"step": "ask", "email": _email()})
    assert asked.status == 200
    assert asked.body == unknown.body
    assert b'lang="en"' in asked.body
    token = (await mailing.sink.letter(email, 2)).token
    shown = await mailing.page("GET", f"/reset-password?token={token}")
    assert b'autocomplete="new-password"' in shown.body
    form = {"step": "reset", "token": token}
    weak = await mailing.page("POST", "/reset-password", {**form, "password": "password1234"})
    assert weak.status == 400
    assert token in weak.body.decode()
    done = await mailing.page("POST", "/reset-password", {**form, "password": _NEW_PASSWORD})
    assert done.status == 200
    assert (await mailing.sign_in(email, _NEW_PASSWORD)).status == 201


async def test_pages_repeat_nothing_that_was_typed(mailing: _Mailing) -> None:
    """Neither a token that is none, nor an address, nor a password; and take no uploads."""
    marker = "penanda<script>7kuning"
    for path in ("/verifikasi", "/verify", "/atur-ulang", "/reset-password"):
        shown = await mailing.page("GET", f"{path}?token={marker}&email={marker}")
        assert shown.status == 200
        posted = await mailing.page("POST", path, {"step": marker, "token": marker, "password": marker})
        assert posted.status == 400
        asked = await mailing.page("POST", path, {"step": "ask", "email": marker})
        assert asked.status == 400
        for answer in (shown, posted, asked):
            assert b"7kuning" not in answer.body
    upload = aiohttp.FormData()
    upload.add_field("token", b"x" * 100, filename="token.txt")
    async with mailing.session.post(mailing.server.url + "/verifikasi", data=upload) as response:
        assert response.status == 400


async def test_what_needs_a_session_needs_our_own_origin(mailing: _Mailing) -> None:
    """With the cookie another site's page can't change or end anything; over TLS the cookie is this host's alone."""
    email = await mailing.verified()
    signed_in = await mailing.sign_in(email)
    cookies = signed_in.headers.getall("Set-Cookie")  # type: ignore[attr-defined]  # a multidict
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-amanah_session="))
    assert {"Secure", "HttpOnly", "Path=/", f"Max-Age={30 * 24 * 3600}"} <= set(session.split("; "))
    assert any(cookie.startswith("__Host-amanah_device=") for cookie in cookies)
    assert signed_in.headers["Strict-Transport-Security"].startswith("max-age=")
    token = signed_in.data["token"]
    http = Http(mailing.session, mailing.server.url)
    calls = (
        ("PUT", "/api/v1/me/password", {"password": _NEW_PASSWORD}),
        ("PUT", "/api/v1/me/email", {"email": _email()}),
        ("DELETE", "/api/v1/me/sessions", None),
        ("DELETE", "/api/v1/me/sessions/x", None),
    )
    own = {"Cookie": f"__Host-amanah_session={token}"}
    for method, path, body in calls:
        for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": mailing.server.url}):
            answer = await http.call(method, path, body, headers={**own, **origin})
            assert answer.code == "not_permitted", (path, origin)
    plain = await http.call("GET", "/api/v1/me", headers={"Cookie": f"amanah_session={token}"})
    assert plain.code == "not_authenticated"
    allowed = await http.call("DELETE", "/api/v1/me/sessions", headers={**own, "Origin": _PUBLIC})
    assert allowed.data == {"ended": 0}


async def test_a_transcript_comes_when_it_is_asked_for(mailing: _Mailing) -> None:
    """To the account's own address, as it is stored: nothing that was hidden is in it, nor what was deleted."""
    email = await mailing.verified()
    signed_in = await mailing.sign_in(email)
    http, token = Http(mailing.session, mailing.server.url), signed_in.data["token"]
    talk = (await http.post("/api/v1/conversations", {}, token=token)).data["conversation"]["id"]
    path = f"/api/v1/conversations/{talk}"
    for number, text in enumerate(("telepon 0812-9071-3648 ya", "ini salah kirim", "terima kasih")):
        body = {"client_message_id": str(number), "text": text}
        assert (await http.post(f"{path}/messages", body, token=token)).status == 201
    assert (await http.call("DELETE", f"{path}/messages/2", token=token)).status == 200
    known = len(mailing.sink.to(email))
    assert (await http.post(f"{path}/transcript", {}, token=token)).status == 200
    letter = await mailing.sink.letter(email, known + 1)
    for said in ("telepon ⟦PHONE:1⟧ ya", "terima kasih"):
        assert said in letter.text
    for hidden in ("0812", "salah kirim"):
        assert hidden not in letter.text
