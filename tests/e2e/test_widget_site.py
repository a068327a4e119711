"""What a site does with the chat in its pages: themes, a greeting, its JavaScript API, and saying who is there."""

import json
import re
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Foreign, NewPage, Server
from tests.e2e.screens import PASSWORD, Desk, Widget
from tests.harness.slugs import another

pytestmark = pytest.mark.xdist_group("e2e")

_PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Toko Orang Lain</title><style>:root {{ {style} }}</style>
<script src="{url}/widget.js" defer data-locale="id" {attributes}></script></head>
<body><h1>Toko Orang Lain</h1></body></html>
"""

_OPEN = "Buka obrolan dukungan"


def _shop(
    new_page: NewPage, server: Server, foreign: Foreign, *, style: str = "", attributes: str = "", **look: Any
) -> Page:
    """A page of another site with the loader in it, once the loader has run."""
    name = f"site-{token_hex(4)}.html"
    (foreign.folder / name).write_text(_PAGE.format(url=server.url, style=style, attributes=attributes))
    page = new_page(**look)
    page.goto(f"{foreign.url}/{name}")
    page.wait_for_function("() => window.amanah")
    return page


def _frame(page: Page) -> Widget:
    expect(page.locator("iframe")).to_be_visible()
    frame = page.frame_locator("iframe").owner.element_handle().content_frame()
    assert frame is not None
    return Widget(page, frame)


def test_the_page_opens_closes_and_hears(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    page = _shop(new_page, server, foreign)
    page.evaluate(
        "() => { window.heard = []; for (const name of ['ready', 'open', 'close']) "
        "amanah.on(name, () => heard.push(name)); }"
    )
    page.evaluate("amanah.open()")
    widget = _frame(page)
    expect(widget.agree_button).to_be_visible()
    page.wait_for_function("() => heard.includes('ready')")
    page.evaluate("amanah.close()")
    expect(page.get_by_role("button", name=_OPEN)).to_be_focused()
    assert page.evaluate("heard.filter((name) => name !== 'ready')") == ["open", "close"]


def test_focus_does_not_stay_in_a_chat_that_was_closed_at_once(
    new_page: NewPage, server: Server, foreign: Foreign
) -> None:
    """The frame is a process of its own: on a slow device it hears of its opening when the page has closed it again."""
    page = _shop(new_page, server, foreign)
    page.add_init_script(
        """if (parent !== window) {
            const { focus } = HTMLElement.prototype;
            HTMLElement.prototype.focus = function () {
                parent.postMessage("focusing", "*");
                const end = Date.now() + 1_000;
                while (Date.now() < end);
                focus.call(this);
                document.body.dataset.focused = "";
            };
        }"""
    )
    page.evaluate("addEventListener('message', ({ data }) => { if (data === 'focusing') amanah.close(); })")
    page.evaluate("amanah.open()")
    frame = page.frame_locator("iframe").locator("body[data-focused]")
    expect(frame).to_have_count(1)
    expect(page.get_by_role("button", name=_OPEN)).to_be_focused()


def test_what_a_theme_does_to_every_element_does_not_reach_the_chat(
    new_page: NewPage, server: Server, foreign: Foreign
) -> None:
    """Themes of shops hide every empty element, and move or dim what lies beside their page."""
    theme = "} div:empty { display: none } body *, html > div { transform: scale(.5); opacity: .3; position: relative"
    page = _shop(new_page, server, foreign, style=theme)
    launcher = page.get_by_role("button", name=_OPEN)
    expect(launcher).to_be_in_viewport(ratio=1)
    assert launcher.bounding_box() == {"x": 1290, "y": 724, "width": 60, "height": 60}
    launcher.click()
    expect(_frame(page).agree_button).to_be_in_viewport(ratio=1)
    # Sites that exchange their body instead of loading the next page keep the chat, and what is written in it.
    page.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(_frame(page).agree_button).to_be_in_viewport(ratio=1)


def test_a_loader_that_comes_twice_draws_one_chat(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    page = _shop(new_page, server, foreign)
    page.evaluate("window.first = amanah")
    page.add_script_tag(url=f"{server.url}/widget.js")
    assert page.evaluate("window.first === amanah")
    expect(page.get_by_role("button", name=_OPEN)).to_have_count(1)


def test_a_chat_that_loads_slowly_leaves_focus_with_the_page(
    new_page: NewPage, server: Server, foreign: Foreign
) -> None:
    page = _shop(new_page, server, foreign)
    page.evaluate("() => document.body.insertAdjacentHTML('beforeend', '<input id=find>')")
    held: list[Route] = []
    page.route("**/widget?*", lambda route: held.append(route))
    with page.expect_request("**/widget?*"):
        page.evaluate("amanah.open()")
    find = page.locator("#find")
    find.press_sequentially("sep")
    held[0].continue_()
    widget = _frame(page)
    expect(widget.agree_button).to_be_visible()
    # What the chat does once it is drawn, it has done.
    widget.frame.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )
    page.keyboard.type("atu")
    expect(find).to_have_value("sepatu")
    page.locator("iframe").focus()
    expect(widget.frame.get_by_role("main")).to_be_focused()


def test_closing_gives_back_focus_and_scrolling(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    page = _shop(new_page, server, foreign)
    page.evaluate(
        """() => {
            document.body.insertAdjacentHTML("beforeend", "<button id=help>Hubungi kami</button><input id=find>");
            document.getElementById("help").addEventListener("click", () => amanah.open());
            document.getElementById("find").addEventListener("keydown", (event) => event.preventDefault());
            // A window of the page's own is open.
            document.documentElement.style.overflow = "hidden";
        }"""
    )
    page.get_by_role("button", name="Hubungi kami").click()
    expect(_frame(page).agree_button).to_be_visible()
    # What the page takes for itself does not close the chat.
    page.locator("#find").press("Escape")
    expect(page.locator("iframe")).to_be_visible()
    page.evaluate("amanah.close()")
    expect(page.get_by_role("button", name="Hubungi kami")).to_be_focused()
    assert page.evaluate("document.documentElement.style.overflow") == "hidden"


def test_a_low_screen_is_filled_and_a_keyboard_leaves_the_chat_above_it(
    new_page: NewPage, server: Server, foreign: Foreign
) -> None:
    """A phone on its side, or a page enlarged to twice its size."""
    page = _shop(new_page, server, foreign, width=640, height=360)
    page.evaluate("amanah.open()")
    widget = _frame(page)
    widget.agree()
    assert widget.frame.evaluate("[innerWidth, innerHeight]") == [640, 360]
    # What a browser tells when its keyboard comes: the page keeps its size, less of it is seen.
    page.evaluate(
        """() => {
            Object.defineProperty(visualViewport, "height", { value: 200, configurable: true });
            visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    widget.frame.wait_for_function("() => innerHeight === 200")
    expect(widget.composer).to_be_in_viewport(ratio=1)
    page.evaluate("() => { delete visualViewport.height; visualViewport.dispatchEvent(new Event('resize')); }")
    widget.frame.wait_for_function("() => innerHeight === 360")


def test_variables_of_the_page_dress_the_chat(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    style = "--amanah-brand: #7a1f5c; --amanah-paper: #fff4f8; --amanah-radius: 4px; --amanah-ink: url(//lain.example)"
    page = _shop(new_page, server, foreign, style=style, attributes='data-theme="light"')
    page.evaluate("amanah.open()")
    widget = _frame(page)
    expect(widget.frame.locator(".top")).to_have_css("background-color", "rgb(122, 31, 92)")
    expect(widget.frame.locator(".widget-app")).to_have_css("background-color", "rgb(255, 244, 248)")
    root = widget.frame.locator("html")
    assert root.evaluate("root => root.style.getPropertyValue('--ink')") == ""
    page.evaluate("document.documentElement.style.setProperty('--amanah-brand', '#003366')")
    page.evaluate("amanah.setTheme('dark')")
    expect(widget.frame.locator(".top")).to_have_css("background-color", "rgb(0, 51, 102)")
    expect(root).to_have_attribute("data-theme", "dark")


def test_a_greeting_comes_by_its_rules_and_leaves_no_trace(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    attributes = 'data-greeting="Ada yang bisa kami bantu?" data-greeting-after="0" data-greeting-pages="/site-*"'
    page = _shop(new_page, server, foreign, attributes=attributes)
    greeting = page.get_by_role("button", name="Ada yang bisa kami bantu?")
    expect(greeting).to_be_visible()
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0
    expect(page.locator("iframe")).to_have_count(0)
    greeting.click()
    expect(_frame(page).agree_button).to_be_visible()
    expect(greeting).to_be_hidden()


def test_a_greeting_for_other_pages_does_not_come_and_a_closed_one_stays_away(
    new_page: NewPage, server: Server, foreign: Foreign
) -> None:
    attributes = 'data-greeting="Halo dari kasir" data-greeting-pages="/kasir*"'
    page = _shop(new_page, server, foreign, attributes=attributes)
    page.evaluate("amanah.greet({ text: 'Butuh bantuan?' })")
    greeting = page.get_by_role("button", name="Butuh bantuan?")
    expect(greeting).to_be_visible()
    expect(page.get_by_role("button", name="Halo dari kasir")).to_have_count(0)
    page.get_by_role("button", name="Tutup sapaan").click()
    expect(greeting).to_be_hidden()


def _admin(new_page: NewPage, server: Server, method: str, path: str, body: object) -> dict[str, Any]:
    """Call the API as a fresh administrator does."""
    page = new_page()
    page.goto("/favicon.ico")
    email, password = server.sign_ins["admin"]
    answer: dict[str, Any] = page.evaluate(
        """async ([method, path, body, email, password]) => {
            const call = async (method, path, body, token) => (await fetch("/api/v1" + path, {
                method,
                credentials: "omit",
                headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
                body: JSON.stringify(body),
            })).json();
            const session = await call("POST", "/sessions", { email, password });
            return call(method, path, body, session.data.token);
        }""",
        [method, path, body, email, password],
    )
    assert answer["ok"], answer
    return dict(answer["data"])


def _tokens(new_page: NewPage, server: Server) -> Any:
    """Register a site; give what signs tokens for it."""
    site = _admin(new_page, server, "POST", "/sites", {"label": f"{another('toko')}.example"})["site"]
    key = _admin(new_page, server, "POST", f"/sites/{site['id']}/keys", {})

    def sign(subject: str, name: str) -> str:
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": site["id"], "aud": site["audience"], "sub": subject, "name": name, "iat": now}
        said = {**claims, "exp": now + 300, "jti": token_hex(8)}
        return jwt.encode({"alg": "HS256", "kid": key["kid"]}, said, OctKey.import_key(key["secret"]))

    return sign


def test_a_site_says_who_is_there_and_the_conversation_is_theirs_everywhere(
    new_page: NewPage, server: Server, foreign: Foreign
) -> None:
    sign = _tokens(new_page, server)
    first = _shop(new_page, server, foreign)
    first.evaluate("() => { window.told = []; amanah.on('identified', (detail) => told.push(detail.ok)); }")
    first.evaluate(f"amanah.identify({json.dumps(sign('pelanggan-1', 'Toko Sumber Rezeki'))})")
    assert first.evaluate("localStorage.length") == 0
    first.evaluate("amanah.open()")
    widget = _frame(first)
    first.wait_for_function("() => told.length > 0")
    assert first.evaluate("told") == [True]
    widget.agree()
    widget.say("halo dari komputer")
    assert widget.name == "Toko Sumber Rezeki"

    second = _shop(new_page, server, foreign, width=360, height=740, touch=True)
    token = json.dumps(sign("pelanggan-1", "Toko Sumber Rezeki"))
    second.evaluate(f"amanah.identify(() => Promise.resolve({token}))")
    second.evaluate("amanah.open()")
    phone = _frame(second)
    expect(phone.messages).to_have_text(["halo dari komputer"])
    phone.composer.fill("kata-kata yang belum terkirim")
    second.evaluate("amanah.forget()")
    expect(phone.agree_button).to_be_visible()
    expect(phone.messages).to_have_count(0)
    phone.agree()
    expect(phone.composer).to_have_value("")


def test_who_comes_next_reads_no_words_of_who_was_there(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    sign = _tokens(new_page, server)
    page = _shop(new_page, server, foreign)
    page.evaluate("() => { window.told = []; amanah.on('identified', (detail) => told.push(detail.ok)); }")
    page.evaluate("amanah.open()")
    widget = _frame(page)
    for number in (1, 2):
        page.evaluate(f"amanah.identify({json.dumps(sign(f'orang-{number}', f'Orang {number}'))})")
        page.wait_for_function("(number) => told.length === number", arg=number)
        widget.agree()
        expect(widget.composer).to_have_value("")
        widget.composer.fill(f"rahasia orang {number}")


def test_the_page_is_asked_at_every_visit_who_is_there(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    """The same person goes on where they were, in the same session; another one, or nobody, meets nothing of it."""
    sign = _tokens(new_page, server)
    page = _shop(new_page, server, foreign)
    sessions: list[int] = []
    page.on("response", lambda got: sessions.append(got.status) if got.url.endswith("/identifications") else None)

    def visit(token: str | None) -> Widget:
        page.reload()
        page.wait_for_function("() => window.amanah !== undefined")
        page.evaluate("() => { window.told = []; amanah.on('identified', (detail) => told.push(detail.ok)); }")
        page.evaluate("(token) => amanah.identify(() => Promise.resolve(token))", token)
        page.evaluate("amanah.open()")
        page.wait_for_function("() => told.length > 0")
        assert page.evaluate("told") == [token is not None]
        return _frame(page)

    widget = visit(sign("pelanggan-a", "Toko Sumber Rezeki"))
    widget.agree()
    widget.say("hanya untuk toko ini")
    expect(visit(sign("pelanggan-a", "Toko Sumber Rezeki")).messages).to_have_text(["hanya untuk toko ini"])
    assert sessions == [201]
    other = visit(sign("pelanggan-b", "Klinik Melati"))
    expect(other.agree_button).to_be_visible()
    expect(other.messages).to_have_count(0)
    assert sessions == [201, 201]
    other.agree()
    other.say("hanya untuk klinik ini")
    nobody = visit(None)
    expect(nobody.agree_button).to_be_visible()
    expect(nobody.messages).to_have_count(0)
    assert sessions == [201, 201]


def test_a_forged_word_changes_nothing(new_page: NewPage, server: Server, foreign: Foreign) -> None:
    page = _shop(new_page, server, foreign)
    page.evaluate("() => { window.told = []; amanah.on('identified', (detail) => told.push(detail.ok)); }")
    page.evaluate("amanah.identify('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.')")
    page.evaluate("amanah.open()")
    widget = _frame(page)
    page.wait_for_function("() => told.length > 0")
    assert page.evaluate("told") == [False]
    widget.agree()
    widget.say("tetap bisa bertanya")
    assert widget.name.startswith("Pengunjung")


def test_an_administrator_gives_a_site_a_key_and_takes_it_away(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.goto("/desk")
    Desk(page).sign_in(*server.sign_ins["admin"])
    page.goto("/desk/settings")
    page.get_by_role("button", name="Situs penyemat").click()
    label = "toko-rotan.example"
    page.get_by_role("button", name="Daftarkan situs").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nama situs").fill(label)
    dialog.get_by_role("button", name="Daftarkan situs").click()
    site = page.locator("li.site").filter(has_text=label)
    expect(site).to_contain_text("Belum punya kunci")

    site.get_by_role("button", name="Tambah kunci").click()
    dialog.get_by_role("button", name="Tambah kunci").click()
    secret = dialog.locator(".site-secret")
    expect(secret).to_have_text(re.compile(r"^[\w-]{40,}$"))
    shown = secret.inner_text()
    dialog.get_by_role("button", name="Sudah saya simpan").click()
    expect(dialog).to_have_count(0)
    expect(site.get_by_role("button", name="Tambah kunci")).to_be_focused()
    expect(site.locator(".site-keys li")).to_have_count(1)
    assert shown not in page.content()

    site.get_by_role("button", name="Cabut").click()
    expect(dialog).to_contain_text("langsung ditolak")
    dialog.get_by_role("button", name="Batal").click()
    expect(site.locator(".site-keys li")).to_have_count(1)
    site.get_by_role("button", name="Cabut").click()
    dialog.get_by_role("button", name="Cabut").click()
    expect(site).to_contain_text("Belum punya kunci")
    site.get_by_role("button", name="Hentikan").click()
    dialog.get_by_role("button", name="Hentikan").click()
    expect(site).to_contain_text("Dihentikan")
    site.get_by_role("button", name="Hapus").click()
    dialog.get_by_role("button", name="Hapus").click()
    expect(site).to_have_count(0)


def test_a_link_to_a_conversation_asks_who_is_there_and_then_opens_it(new_page: NewPage) -> None:
    first = new_page()
    first.goto("/widget")
    email = _register(first)
    widget = Widget(first, first.main_frame)
    widget.agree()
    widget.say("percakapan yang dituju surat")
    wanted = widget.conversation_id
    first.get_by_role("button", name="Menu").click()
    first.get_by_role("button", name="Percakapan sebelumnya").click()
    first.get_by_role("button", name="Ubah judul").click()
    first.get_by_label("Judul percakapan").fill("Kursi yang belum datang")
    first.get_by_role("button", name="Simpan").click()
    expect(first.locator(".history li")).to_contain_text("Kursi yang belum datang")
    first.get_by_role("button", name="Mulai percakapan baru").click()
    expect(widget.messages).to_have_count(0)
    widget.say("percakapan yang lebih baru")

    second = new_page()
    second.goto(f"/widget?conversation={wanted}")
    expect(second.get_by_text("Percakapan ini milik sebuah akun")).to_be_visible()
    second.get_by_label("Surel").fill(email)
    second.get_by_label("Kata sandi").fill(PASSWORD)
    second.get_by_role("button", name="Masuk", exact=True).click()
    expect(Widget(second, second.main_frame).messages).to_have_text(["percakapan yang dituju surat"])

    stranger = new_page()
    stranger.goto("/widget")
    Widget(stranger, stranger.main_frame).agree()
    stranger.goto(f"/widget?conversation={wanted}")
    expect(stranger.get_by_text("Percakapan ini milik sebuah akun")).to_be_visible()
    stranger.get_by_role("button", name="Kembali").click()
    expect(stranger.get_by_text("tidak ada di akun ini")).to_be_visible()
    expect(Widget(stranger, stranger.main_frame).messages).to_have_count(0)


def _register(page: Page) -> str:
    """Become a customer in the chat itself; gives their address."""
    email = f"orang-{token_hex(6)}@contoh.example"
    page.get_by_role("button", name="Masuk atau daftar").click()
    page.get_by_role("button", name="Belum punya akun? Daftar").click()
    page.get_by_label("Nama tampilan").fill("Toko Contoh")
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Daftar", exact=True).click()
    expect(page.get_by_role("button", name="Setuju dan mulai")).to_be_visible()
    return email
