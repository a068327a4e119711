"""The applications as their users meet them: what can be seen and done, found by role and name."""

import re
from base64 import b32decode
from datetime import UTC, datetime
from secrets import token_hex

from playwright.sync_api import Frame, Locator, Page, expect

from server.factors.model import code_of, step_of

PASSWORD = "sepeda kuning di teras"
NOTICE_MS = 8_000
"""How long the desk says what was done, and offers to undo it."""


def drawn(picture: Locator) -> None:
    """Wait until a picture shows something: its place may be there before it is decoded."""
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("picture => picture.naturalWidth") > 0


class Widget:
    """The customer's chat, in a page of its own or in a frame."""

    def __init__(self, page: Page, frame: Frame) -> None:
        self.page = page
        self.frame = frame
        self.agree_button = frame.get_by_role("button", name="Setuju dan mulai")
        self.composer = frame.get_by_role("textbox", name="Tulis pesan")
        self.preview = frame.locator(".preview")
        self.marks = frame.locator(".mirror mark")
        self.log = frame.get_by_role("log")
        self.messages = frame.locator(".message.stored .body")
        self.waiting = frame.locator(".message.outgoing")
        self.banner = frame.locator(".banner")
        self.chips = frame.locator(".log .chip")

    def agree(self) -> None:
        """Give consent and get to the conversation."""
        self.agree_button.click()
        expect(self.composer).to_be_visible()

    def send(self, text: str) -> None:
        """Write and send, without waiting for what becomes of it."""
        self.composer.fill(text)
        # Under a finger, Enter begins a new line.
        if self.frame.evaluate("matchMedia('(pointer: coarse)').matches"):
            self.frame.locator(".composer .send").click()
        else:
            self.composer.press("Enter")

    def reconnect(self) -> None:
        """Ask for the connection at once; it may have come back by itself while this was on its way."""
        self.frame.evaluate(
            """() => [...document.querySelectorAll(".banner button")]
                .find((button) => button.textContent === "Sambungkan")?.click()"""
        )

    def say(self, text: str) -> None:
        """Send, and wait until the server has it."""
        before = self.messages.count()
        self.send(text)
        expect(self.messages).to_have_count(before + 1)
        expect(self.waiting).to_have_count(0)

    @property
    def name(self) -> str:
        """The neutral name under which staff see this visitor."""
        account = self.frame.evaluate(
            """async () => {
                const kept = () => localStorage.getItem("amanah.token");
                const partitioned = () => document.cookie.replace(/.*amanah_visitor=([^;]*).*/, "$1");
                let token;
                try { token = kept(); } catch { token = partitioned(); }
                const answer = await fetch("/api/v1/me", { headers: { Authorization: `Bearer ${token}` } });
                return (await answer.json()).data.account;
            }"""
        )
        return str(account["display_name"])

    @property
    def conversation_id(self) -> str:
        """The id of this visitor's newest conversation."""
        conversation = self.frame.evaluate(
            """async () => {
                const kept = () => localStorage.getItem("amanah.token");
                const partitioned = () => document.cookie.replace(/.*amanah_visitor=([^;]*).*/, "$1");
                let token;
                try { token = kept(); } catch { token = partitioned(); }
                const headers = { Authorization: `Bearer ${token}` };
                const answer = await fetch("/api/v1/conversations", { headers });
                return (await answer.json()).data.items[0].id;
            }"""
        )
        return str(conversation)


class Desk:
    """The staff desk."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.rows = page.locator(".conversation")
        self.composer = page.get_by_role("textbox", name="Tulis balasan")
        self.messages = page.locator(".message.stored .body")
        self.chips = page.locator(".log .chip")
        self.typing = page.locator(".typing")
        self.notice = page.locator(".notice")

    def sign_in(self, email: str, password: str) -> None:
        """Come in, and wait until the list is live."""
        self.page.get_by_label("Surel").fill(email)
        self.page.get_by_label("Kata sandi").fill(password)
        self.page.get_by_role("button", name="Masuk", exact=True).click()
        expect(self.page.locator(".connection-online")).to_be_visible()

    def row(self, customer: str) -> Locator:
        """The conversation of a customer in the list."""
        return self.rows.filter(has=self.page.get_by_text(re.compile(f"^{re.escape(customer)}$")))

    def queued(self, conversation_id: str) -> Locator:
        """A conversation in the list, whoever has it: the queue does not name its customer."""
        return self.page.locator(f'[data-conversation="{conversation_id}"]')

    def take(self, widget: Widget) -> None:
        """Take a visitor's conversation that nobody has, from its row in the queue."""
        row = self.page.locator("li.row").filter(has=self.queued(widget.conversation_id))
        row.get_by_role("button", name="Ambil").click()
        # The list holds still under a pointer; people's goes on to what they opened.
        self.page.mouse.move(0, 0)
        self.shown(widget.name)

    def more(self, action: str) -> None:
        """Choose one of the conversation's rarer actions."""
        self.page.get_by_role("button", name="Tindakan lain").click()
        self.page.get_by_role("menuitem", name=action, exact=True).click()

    def colleague(self, name: str) -> None:
        """Choose a colleague in the dialog that is open, whatever it says of how they stand."""
        dialog = self.page.get_by_role("dialog")
        value = dialog.locator("option").filter(has_text=name).get_attribute("value")
        dialog.get_by_label("Rekan", exact=True).select_option(value)

    def open(self, customer: str) -> None:
        """Open a conversation of a customer's that one takes part in."""
        self.row(customer).click()
        self.shown(customer)

    def shown(self, customer: str) -> None:
        """Wait for a conversation with what was said in it: who counts messages must not begin before."""
        expect(self.page.locator(".pane h2")).to_contain_text(customer)
        expect(self.page.get_by_role("log")).to_be_visible()
        expect(self.messages.first).to_be_visible()

    def say(self, text: str) -> None:
        """Reply, and wait until the server has it."""
        before = self.messages.count()
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.messages).to_have_count(before + 1)


class Account:
    """The account page in Indonesian."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.refusal = page.locator(".form-error").filter(has_text=re.compile(r"\w"))
        self.rows = page.locator(".account-main .row")

    def open(self, section: str = "profile") -> None:
        """Go to a section."""
        self.page.goto(f"/akun#{section}")

    def enter(self, email: str, password: str) -> None:
        """Fill the door in, once it is there: until one is signed out the account has fields of the same name."""
        expect(self.page.locator(".door")).to_be_visible()
        self.page.get_by_label("Surel").fill(email)
        self.page.get_by_label("Kata sandi").fill(password)
        self.page.get_by_role("button", name="Masuk", exact=True).click()

    def sign_in(self, email: str, password: str) -> None:
        """Come in, and wait until the page is there."""
        self.open()
        self.enter(email, password)
        expect(self.page.locator(".account-main")).to_be_visible()

    def register(self) -> str:
        """Register somebody new; gives their address."""
        email = f"orang-{token_hex(6)}@contoh.example"
        self.fill_registration(email)
        expect(self.page.locator(".account-main")).to_contain_text(email)
        return email

    def fill_registration(self, email: str) -> None:
        """Ask for an account."""
        self.page.goto("/akun")
        self.page.get_by_role("button", name="Belum punya akun? Daftar").click()
        self.page.get_by_label("Nama tampilan").fill("Toko Contoh")
        self.page.get_by_label("Surel").fill(email)
        self.page.get_by_label("Kata sandi").fill(PASSWORD)
        self.page.get_by_role("button", name="Daftar", exact=True).click()

    def set_up_app(self) -> tuple[bytes, list[str]]:
        """Set an authenticator app up; gives its secret and the recovery codes."""
        self.open("security")
        self.page.get_by_role("button", name="Pasang aplikasi").click()
        drawn(self.page.get_by_role("img", name="Kode QR"))
        secret = b32decode(re.sub(r"\s", "", self.page.locator(".secret").inner_text()))
        self.page.get_by_label("Kode pertama").fill("000000")
        self.page.get_by_role("button", name="Aktifkan").click()
        expect(self.page.locator(".reason")).to_contain_text("tidak cocok")
        # This step's: on a slow machine the one before may be too old until it is looked at. Who signs in right away
        # takes the next one's, which is unused, and good for as long as two steps.
        self.page.get_by_label("Kode pertama").fill(code_of(secret, step_of(datetime.now(UTC))))
        self.page.get_by_role("button", name="Aktifkan").click()
        heading = self.page.get_by_role("heading", name="Simpan kode pemulihan ini")
        expect(heading).to_be_focused()
        return secret, self.page.locator(".codes li").all_inner_texts()
