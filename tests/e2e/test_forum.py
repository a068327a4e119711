"""The forum in Chromium: with and without JavaScript, on a phone and on a desktop, in both languages."""

import re
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, held_back, picture

pytestmark = pytest.mark.xdist_group("e2e")

_TOPIC = "Daftar periksa tutup kasir yang kami pakai tiap malam"
# Their categories: other suites begin so many topics that these leave the forum's first page.
_TIPS, _CLINICS = "/forum/k/kiat", "/forum/k/klinik"
_HEAVIEST = 60 * 1024


def _sign_in(page: Page, server: Server, role: str, *, english: bool = False) -> None:
    email, password = server.sign_ins[role]
    page.get_by_label("E-mail address" if english else "Alamat surel").fill(email)
    page.get_by_label("Password" if english else "Kata sandi").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in" if english else "Masuk").click()


def test_a_topic_is_light(new_page: NewPage) -> None:
    """Everything that the first look at a topic fetches, as it goes over the wire."""
    page = new_page(width=360, height=740, touch=True)
    page.goto(_TIPS)
    path = page.get_by_role("link", name=_TOPIC).get_attribute("href")
    fresh = new_page(width=360, height=740, touch=True)
    session = fresh.context.new_cdp_session(fresh)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    fresh.goto(str(path), wait_until="networkidle")
    # At least three: other tests answer in it too.
    expect(fresh.locator("article").nth(2)).to_be_visible()
    assert len(sizes) >= 5
    assert sum(sizes) <= _HEAVIEST


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_everybody_can_use_it(new_page: NewPage, look: Look, language: str) -> None:
    """Axe finds nothing on what is public."""
    page = new_page(**look)
    page.goto(f"/forum?lang={language}")
    for name in ("index", "topic", "search", "register", "missing"):
        if name == "topic":
            page.goto(_TIPS)
            page.get_by_role("link", name=_TOPIC).click()
        elif name != "index":
            page.goto({"search": "/forum/cari?q=kasir", "register": "/daftar", "missing": "/forum/tidak/ada"}[name])
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", language)
        picture(page, f"forum-{name}-{language}-{look['width']}")
        assert faults(page) == [], name


def test_writing_with_javascript(new_page: NewPage, server: Server) -> None:
    """What will be hidden is told before, drafts survive, answers appear by themselves, reactions need no new page."""
    page = new_page()
    page.goto(_TIPS)
    page.get_by_role("link", name=_TOPIC).click()
    topic = page.url
    page.get_by_role("main").get_by_role("link", name="Masuk").click()
    text = page.get_by_label("Balasan Anda")
    # On a slow line, it is typed before what keeps it has come.
    with held_back(page, "**/forum-*.js"):
        _sign_in(page, server, "customer")
        expect(page).to_have_url(topic)
        text.fill("Kami juga. Hubungi 0812-5550-1234 kalau perlu.")
    expect(page.locator("[data-preview]")).to_contain_text("nomor telepon")
    expect(page.locator("[data-saved]")).to_contain_text("tersimpan")
    page.reload()
    expect(text).to_have_value("Kami juga. Hubungi 0812-5550-1234 kalau perlu.")
    picture(page, "forum-writing")
    assert faults(page) == []

    page.get_by_role("button", name="Kirim balasan").click()
    mine = page.locator("article", has_text="Kami juga. Hubungi")
    expect(mine.locator(".hidden-value")).to_have_text("nomor telepon 1")
    expect(text).to_have_value("")
    assert page.url.startswith(topic)

    first = page.locator("#p2")
    like = first.get_by_role("button", name="Suka")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(first.get_by_role("button", name="Suka")).to_have_attribute("aria-pressed", "true")

    first.get_by_role("link", name="Balas").click()
    expect(text).to_have_value(re.compile(r"^> @[a-z0-9-]+ #2\n> "))
    page.get_by_role("button", name="Kirim balasan").click()
    expect(page.locator("article blockquote").last).to_be_visible()

    # On a slow line, the title is typed before what looks for it has come.
    with held_back(page, "**/similar-*.js"):
        page.goto("/forum/baru")
        page.get_by_label("Judul").fill("Cara menutup kasir tiap malam")
        page.get_by_label("Tulisan Anda").fill("Apa saja yang diperiksa?")
        page.get_by_role("button", name="Terbitkan").click()
        assert page.evaluate("document.querySelector('select').validity.valueMissing")
        page.get_by_label("Kategori").select_option(label="Kiat dan cara")
    expect(page.locator("[data-similar-list]")).to_contain_text(_TOPIC)
    assert faults(page) == []
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.get_by_role("heading", name="Cara menutup kasir tiap malam")).to_be_visible()


def test_answers_of_others_appear(new_page: NewPage, server: Server) -> None:
    """Without loading the page anew; who reads needs no account."""
    reader = new_page()
    reader.clock.install()
    reader.goto(_CLINICS)
    reader.get_by_role("link", name="Resep racikan").click()
    # All of it, and what asks for answers has begun to wait.
    reader.wait_for_load_state("domcontentloaded")
    before = reader.locator("article").count()
    writer = new_page()
    writer.goto("/masuk?next=" + reader.url.removeprefix(server.url))
    _sign_in(writer, server, "agent")
    writer.get_by_label("Balasan Anda").fill("Satuannya bungkus.")
    writer.get_by_role("button", name="Kirim balasan").click()
    expect(writer.locator("article", has_text="Satuannya bungkus.")).to_be_visible()
    reader.clock.fast_forward(60_000)
    expect(reader.locator("article")).to_have_count(before + 1)
    expect(reader.locator("article").last).to_contain_text("Satuannya bungkus.")


def test_an_answer_is_shown_once(new_page: NewPage, server: Server) -> None:
    """Also where the page was just asking for news when its reader answered."""
    page = new_page(width=360, height=300)
    page.clock.install()
    enter(page, server.sign_ins["agent"], _TIPS)
    page.get_by_role("link", name=_TOPIC).click()
    page.get_by_label("Balasan Anda").fill("Cukup sekali saja.")
    asked: list[Route] = []
    page.route("**/kabar?*", lambda route: asked.append(route))
    with page.expect_request("**/kabar?*"):
        page.clock.fast_forward(60_000)
    # The page asks for its own answer once that is there.
    with page.expect_request("**/kabar?*"):
        page.get_by_role("button", name="Kirim balasan").click()
    # Who has gone on reading above is told of news only.
    page.evaluate("scrollTo(0, 0)")
    news, own = asked
    news.continue_()
    expect(page.get_by_role("button", name="1 balasan baru")).to_be_visible()
    own.continue_()
    expect(page.locator("[data-saved]")).to_have_text("Balasan terkirim.")
    expect(page.locator("article", has_text="Cukup sekali saja.")).to_have_count(1)


def test_a_draft_on_its_way_does_not_outlive_what_was_sent(new_page: NewPage, server: Server) -> None:
    """What was sent is not offered again as something that one is writing."""
    page = new_page()
    page.clock.install()
    enter(page, server.sign_ins["agent"], _CLINICS)
    page.get_by_role("link", name="Resep racikan").click()
    text = page.get_by_label("Balasan Anda")
    text.fill("Sudah terkirim semuanya.")
    expect(page.locator("[data-saved]")).to_contain_text("tersimpan")
    with _answered(page, "PUT"), _answered(page, "DELETE"), held_back(page, "**/me/drafts"):
        with page.expect_request("**/me/drafts"):
            page.clock.fast_forward(60_000)
        page.get_by_role("button", name="Kirim balasan").click()
        expect(page.locator("article", has_text="Sudah terkirim semuanya.")).to_be_visible()
    kept = page.request.get("/api/v1/me/drafts").json()["data"]["items"]
    assert not [draft for draft in kept if "Sudah terkirim" in draft["text"]]


def _answered(page: Page, method: str) -> AbstractContextManager[object]:
    """Wait for the answer to something that is asked about drafts meanwhile."""
    return page.expect_response(lambda answer: answer.request.method == method and "/me/drafts" in answer.url)


def test_a_wide_table_is_moved_by_keys(new_page: NewPage, server: Server) -> None:
    """On a phone: what scrolls is what can be reached, and the page itself stays as wide as it is."""
    page = new_page(width=360, height=740)
    enter(page, server.sign_ins["agent"], _CLINICS)
    page.get_by_role("link", name="Resep racikan").click()
    rows = ("Bahan", "---", "Takaran")
    page.get_by_label("Balasan Anda").fill("\n".join("|" + f" {row} |" * 9 for row in rows))
    page.get_by_role("button", name="Kirim balasan").click()
    table = page.locator("article .table-scroll").last
    expect(table.get_by_role("columnheader")).to_have_count(9)
    assert faults(page) == []
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")


def test_everything_works_without_javascript(browser: Browser, server: Server) -> None:
    """Register, begin a topic, answer, react, keep, search and sign out: on a phone, in English."""
    context = browser.new_context(
        base_url=server.url, viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="en-GB"
    )
    page = context.new_page()
    page.goto("/forum")
    page.get_by_role("link", name="New topic").click()
    page.get_by_role("link", name="Register").last.click()
    page.get_by_label("E-mail address").fill("toko-tanpa-skrip@contoh.example")
    page.get_by_label("Password").fill("pendek")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("E-mail address")).to_have_value("toko-tanpa-skrip@contoh.example")
    page.get_by_label("Password").fill("kuda laut biru tua")
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Category").select_option(label="Kasir dan toko")
    page.get_by_label("Title").fill("Laci kasir tidak mau terbuka")
    page.get_by_label("Your text").fill("Sejak pagi laci kasir macet. Apa yang harus diperiksa lebih dulu?")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Laci kasir tidak mau terbuka")).to_be_visible()

    page.goto(_TIPS)
    page.get_by_role("link", name=_TOPIC).click()
    post = page.locator("#p1")
    post.get_by_role("button", name="Like").click()
    expect(post.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    post.locator("summary").last.click()
    post.get_by_role("button", name="Bookmark").click()
    page.get_by_label("Your reply").fill("x" * 10 + " terima kasih, sangat membantu.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("article").last).to_contain_text("sangat membantu")
    page.goto("/forum/penanda")
    expect(page.get_by_role("link", name=_TOPIC)).to_be_visible()
    page.get_by_role("searchbox").fill("antrean dokter")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".finds li").first).to_contain_text("antrean")
    page.locator("header summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    context.close()
