"""The ways into the desk beside the password: codes and passkeys, in Chromium with its virtual authenticator."""

import re
from base64 import b32decode
from collections.abc import Iterator
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from server.factors.model import code_of, step_of
from tests.e2e.conftest import PATIENCE_MS, Postbox, Server, free_port, named_server
from tests.e2e.screens import PASSWORD, Account, Desk, drawn

_CALL = """async ([method, path, body]) => {
    const answer = await fetch("/api/v1" + path, {
        method, credentials: "same-origin",
        headers: body === null ? {} : { "Content-Type": "application/json" },
        body: body === null ? undefined : JSON.stringify(body),
    });
    return await answer.json();
}"""
_MAKE = """async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({ publicKey })).toJSON();
}"""
_SHOW = """async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({ publicKey })).toJSON();
}"""


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    """The company's mail server."""
    box = Postbox()
    box.start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, postbox: Postbox) -> Iterator[Server]:
    """A company's server: with a name, mail and a second factor for staff; its identity provider does not answer."""
    settings = {
        "AMANAH_STAFF_SECOND_FACTOR": "required",
        "AMANAH_SMTP_URL": postbox.sink.url,
        "AMANAH_MAIL_FROM": "surat@toko.example",
        "AMANAH_OIDC_ISSUER": f"http://127.0.0.1:{free_port()}",
        "AMANAH_OIDC_CLIENT_ID": "amanah",
        "AMANAH_OIDC_NAME": "Kantor",
    }
    with named_server(tmp_path_factory.mktemp("strict"), settings) as running:
        yield running


class Visit:
    """A browser context with a virtual authenticator of its own."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.devtools: CDPSession = context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.authenticator: str = made["authenticatorId"]
        self.page.goto("/desk")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the server as this browser."""
        return self.page.evaluate(_CALL, [method, path, body])

    def data(self, method: str, path: str, body: object = None) -> Any:
        """Call the server; it must agree."""
        answer = self.call(method, path, body)
        assert answer["ok"], answer
        return answer["data"]

    def add_passkey(self) -> Any:
        """Make a passkey and have the server take it."""
        options = self.data("POST", "/me/factors/passkeys/options", {})["public_key"]
        credential = self.page.evaluate(_MAKE, options)
        return self.data("POST", "/me/factors/passkeys", {"kind": "computer", "credential": credential})["passkey"]

    def answer(self, **changes: object) -> Any:
        """Answer a sign-in challenge with the passkey."""
        options = self.data("POST", "/sessions/passkey/options", {})["public_key"]
        return self.page.evaluate(_SHOW, {**options, **changes})

    def credentials(self) -> list[dict[str, Any]]:
        """What the authenticator holds."""
        got = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(got["credentials"])

    def replace_credential(self, credential: dict[str, Any], sign_count: int) -> None:
        """Put a copy with another counter in its place, as a thief's authenticator would have it."""
        where = {"authenticatorId": self.authenticator}
        self.devtools.send("WebAuthn.removeCredential", {**where, "credentialId": credential["credentialId"]})
        self.devtools.send("WebAuthn.addCredential", {**where, "credential": {**credential, "signCount": sign_count}})


@pytest.fixture
def visits(browser: Browser, strict: Server) -> Iterator[Any]:
    """Opens browsers."""
    contexts: list[BrowserContext] = []

    def open_visit() -> Visit:
        contexts.append(browser.new_context(base_url=strict.url, locale="id-ID"))
        return Visit(contexts[-1])

    yield open_visit
    for context in contexts:
        context.close()


def _enter_password(page: Page, sign_in: tuple[str, str]) -> None:
    page.get_by_label("Surel").fill(sign_in[0])
    page.get_by_label("Kata sandi").fill(sign_in[1])
    page.get_by_role("button", name="Masuk", exact=True).click()


def test_an_agent_sets_an_app_up_at_the_door_and_shows_its_code_afterwards(visits: Any, strict: Server) -> None:
    visit = visits()
    page = visit.page
    _enter_password(page, strict.sign_ins["agent"])
    expect(page.get_by_role("heading", name="Pasang faktor kedua")).to_be_visible()
    drawn(page.get_by_role("img", name="Kode QR"))
    secret = b32decode(re.sub(r"\s", "", page.locator("main code").inner_text()))
    page.get_by_label("Kode dari aplikasi").fill("000000")
    page.get_by_role("button", name="Lanjut").click()
    expect(page.locator(".reason, .form-error").filter(has_text=re.compile(r"\w"))).to_be_visible()
    page.get_by_label("Kode dari aplikasi").fill(code_of(secret, step_of(datetime.now(UTC))))
    page.get_by_role("button", name="Lanjut").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    recovery = page.locator(".recovery-codes li").first.inner_text()
    page.get_by_role("button", name="Sudah saya simpan").click()
    expect(page.locator(".connection-online")).to_be_visible()

    again = visits().page
    _enter_password(again, strict.sign_ins["agent"])
    expect(again.get_by_label("Kode dari aplikasi")).to_be_focused()
    again.get_by_label("Kode dari aplikasi").fill("0000-00000")
    again.get_by_role("button", name="Masuk", exact=True).click()
    expect(again.get_by_role("alert")).to_contain_text("Tidak cocok")
    again.get_by_label("Kode dari aplikasi").fill(recovery.lower())
    again.get_by_role("button", name="Masuk", exact=True).click()
    expect(again.locator(".connection-online")).to_be_visible()


def test_a_passkey_alone_opens_the_desk(visits: Any, strict: Server) -> None:
    visit = visits()
    page = visit.page
    _enter_password(page, strict.sign_ins["admin"])
    expect(page.get_by_role("heading", name="Pasang faktor kedua")).to_be_visible()
    assert visit.call("GET", "/me")["error"]["code"] == "second_factor_required"
    passkey = visit.add_passkey()
    assert (passkey["kind"], passkey["used_at"]) == ("computer", None)
    assert visit.data("GET", "/me")["account"]["role"] == "admin"
    doubled = visit.data("POST", "/me/factors/passkeys/options", {})["public_key"]
    assert [item["id"] for item in doubled["excludeCredentials"]]
    visit.data("DELETE", "/sessions/current")

    page.goto("/desk")
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(page.locator(".connection-online")).to_be_visible()
    seen = visit.data("GET", "/me/factors")
    assert seen["owed"] is False
    assert seen["passkeys"][0]["used_at"]

    # The last second factor of somebody who must have one stays; its kind may change.
    refused = visit.call("DELETE", f"/me/factors/passkeys/{passkey['id']}")
    assert refused["error"]["fields"]["passkey"]["reason"] == "last_factor"
    visit.data("PATCH", f"/me/factors/passkeys/{passkey['id']}", {"kind": "phone"})
    assert visit.data("GET", "/me/factors")["passkeys"][0]["kind"] == "phone"
    assert visit.call("PATCH", "/me/factors/passkeys/none", {"kind": "phone"})["error"]["code"] == "not_found"

    # It confirms too, and no other session's challenge does.
    options = visit.data("POST", "/sessions/current/confirm/options", {})["public_key"]
    assert len(options["allowCredentials"]) == 1
    shown = page.evaluate(_SHOW, options)
    before = visit.data("GET", "/me/factors")["fresh_until"]
    assert visit.data("POST", "/sessions/current/confirm", {"passkey": shown})["fresh_until"] > before
    replayed = visit.call("POST", "/sessions/current/confirm", {"passkey": shown})
    assert replayed["error"]["code"] == "not_authenticated"
    for_sign_in = visit.answer()
    misused = visit.call("POST", "/sessions/current/confirm", {"passkey": for_sign_in})
    assert misused["error"]["code"] == "not_authenticated"

    _refuse_what_is_wrong(visit, visits())


def _refuse_what_is_wrong(visit: Visit, other: Visit) -> None:
    """Answers that are used, foreign, unverified, changed or from a copy."""

    def sign_in(credential: Any, by: Visit = visit) -> str:
        answer = by.call("POST", "/sessions/passkey", {"credential": credential})
        return "ok" if answer["ok"] else str(answer["error"]["code"])

    used = visit.answer()
    assert sign_in(used) == "ok"
    assert sign_in(used) == "not_authenticated"
    # Another browser, which has a key of its own and was given another challenge.
    other.data("POST", "/sessions/passkey/options", {})
    assert sign_in(visit.answer(), other) == "not_authenticated"
    changed = visit.answer()
    changed["response"]["signature"] = changed["response"]["signature"][:-4] + "AAAA"
    assert sign_in(changed) == "not_authenticated"
    unknown = visit.answer()
    unknown["rawId"] = unknown["id"] = "AAAA"
    assert sign_in(unknown) == "not_authenticated"
    where = {"authenticatorId": visit.authenticator}
    visit.devtools.send("WebAuthn.setUserVerified", {**where, "isUserVerified": False})
    assert sign_in(visit.answer(userVerification="discouraged")) == "not_authenticated"
    visit.devtools.send("WebAuthn.setUserVerified", {**where, "isUserVerified": True})
    assert sign_in(visit.answer()) == "ok"
    [credential] = visit.credentials()
    visit.replace_credential(credential, int(credential["signCount"]) - 2)
    assert sign_in(visit.answer()) == "not_authenticated"
    visit.replace_credential(credential, int(credential["signCount"]))
    assert sign_in(visit.answer()) == "ok"


def test_whoever_gives_up_stays_at_the_door(visits: Any) -> None:
    visit = visits()
    visit.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": visit.authenticator, "isUserVerified": False})
    visit.page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(visit.page.get_by_role("button", name="Masuk dengan kunci sandi")).to_have_attribute(
        "aria-disabled", "false"
    )
    expect(visit.page.get_by_role("heading", name=re.compile("Masuk"))).to_be_visible()


def test_the_way_back_from_the_provider_is_explained(visits: Any) -> None:
    page = visits().page
    page.goto("/desk?sign_in=refused")
    expect(page.get_by_role("alert")).to_contain_text("Masuk lewat sana tidak berhasil")
    assert "sign_in" not in page.url
    assert Desk(page).rows.count() == 0


def test_addresses_are_proved_by_letters(visits: Any, postbox: Postbox) -> None:
    """A new account waits for its link, asked for twice; a new address counts when its own link was followed."""
    page = visits().page
    account = Account(page)
    email, moved = (f"{name}-{token_hex(6)}@contoh.example" for name in ("orang", "pindah"))
    account.fill_registration(email)
    expect(page.get_by_role("heading", name="Periksa surel Anda")).to_be_focused()
    expect(page.locator(".door-card")).to_contain_text(email)
    postbox.letter(email)
    page.get_by_role("button", name="Kirim tautan lagi").click()
    expect(page.get_by_role("status").filter(has_text="surel sudah dikirim")).to_be_visible()
    page.goto(postbox.letter(email, 2).link)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button").last.click()
    expect(page.locator("#message")).to_have_role("status")

    account.sign_in(email, PASSWORD)
    page.get_by_label("Surel baru").fill(moved)
    page.get_by_role("button", name="Ganti surel").click()
    expect(page.locator(".done").filter(has_text=moved)).to_contain_text("Tautan sudah dikirim")
    expect(page.locator(".facts")).to_contain_text(email)
    page.goto(postbox.letter(moved).link)
    page.get_by_role("button").last.click()
    expect(page.locator("#message")).to_have_role("status")
    account.open()
    expect(page.locator(".facts")).to_contain_text(moved)


def test_staff_owe_a_second_factor_on_the_page_of_their_account(visits: Any, strict: Server) -> None:
    """Nothing else is there until one is set up; from then on it is asked for, and shown to a session that owes it."""
    page = visits().page
    account = Account(page)
    sign_in = strict.sign_ins["privacy_officer"]
    account.open()
    account.enter(*sign_in)
    heading = page.get_by_role("heading", name="Satu langkah lagi")
    expect(heading).to_be_visible()
    expect(page.locator(".sections")).to_have_count(0)
    _, recovery = account.set_up_app()
    page.get_by_role("button", name="Sudah saya simpan").click()
    expect(page.locator(".sections")).to_be_visible()

    # A form without a script opens a session that owes the code; here it is shown.
    late = visits().page
    late.goto("/masuk")
    late.get_by_label("Surel").fill(sign_in[0])
    late.get_by_label("Kata sandi").fill(sign_in[1])
    late.locator("main form button[type=submit]").click()
    expect(late).to_have_url(re.compile("/masuk/kode"))
    late.goto("/akun")
    expect(late.get_by_role("heading", name="Satu langkah lagi")).to_be_visible()
    late.get_by_label("Kode").fill("AAAAA-AAAAA")
    late.get_by_role("button", name="Lanjutkan").click()
    expect(Account(late).refusal.first).to_contain_text("tidak cocok")
    late.get_by_label("Kode").fill(recovery[0])
    late.get_by_role("button", name="Lanjutkan").click()
    expect(late.locator(".sections")).to_be_visible()


def test_the_company_provider_is_offered(visits: Any) -> None:
    """On both doors; where it does not answer, the door says so."""
    page = visits().page
    expect(page.get_by_role("link", name="Kantor")).to_have_attribute("href", "/sign-in/provider")
    page.goto("/akun")
    page.get_by_role("link", name="Masuk dengan Kantor (petugas)").click()
    expect(page).to_have_url(re.compile(r"/desk\b"))
    expect(page.get_by_role("alert").filter(has_text=re.compile(r"\w"))).to_be_visible()
