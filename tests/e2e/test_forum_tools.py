"""Images, following and suggestions in Chromium: with and without JavaScript, on a phone and on a desktop."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults, held_back, picture
from tests.harness.images import png

pytestmark = pytest.mark.xdist_group("e2e")

_TOPIC = "Daftar periksa tutup kasir yang kami pakai tiap malam"
_PASTE = """(field, data) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "tempel.png", { type: "image/png" }));
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(params=[1366, 360], ids=["desktop", "phone"])
def plain(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """A page without JavaScript."""
    width: int = request.param
    viewport = {"width": width, "height": 740}
    context = browser.new_context(
        base_url=server.url,
        viewport={"width": viewport["width"], "height": viewport["height"]},
        java_script_enabled=False,
        locale="id-ID",
    )
    yield context.new_page()
    context.close()


def _topic_path(page: Page) -> str:
    # Its category: other suites begin so many topics that this one leaves the forum's first page.
    page.goto("/forum/k/kiat")
    return str(page.get_by_role("link", name=_TOPIC).get_attribute("href"))


def _file(width: int) -> FilePayload:
    """An image; each width is another one."""
    return {"name": "laci.png", "mimeType": "image/png", "buffer": png(width, 80)}


@pytest.mark.parametrize("look", LOOKS)
def test_an_image_in_an_answer(new_page: NewPage, server: Server, look: Look) -> None:
    """Chosen, refused until it was looked at, attached; pasted; what was typed stays all the while."""
    page = new_page(**look)
    path = _topic_path(page)
    enter(page, server.sign_ins["agent"], path)
    text = page.get_by_label("Balasan Anda")
    text.fill(f"Lihat gambar ini, lebar {look['width']}.")
    page.get_by_text("Tambahkan gambar").click()
    attach = page.get_by_role("button", name="Lampirkan")
    said = page.locator("[data-image-said]")
    attach.click()
    expect(said).to_have_text("Pilih gambarnya dahulu.")
    page.get_by_label("Berkas gambar").set_input_files(_file(int(look["width"])))
    expect(page.locator(".fold .attached img")).to_be_visible()
    attach.click()
    expect(said).to_contain_text("centang pernyataan ini")
    page.get_by_label("Apa yang terlihat di gambar").fill("Laci kasir [terbuka]")
    page.get_by_label("Sudah saya periksa").check()
    picture(page, f"tools-image-{look['width']}")
    assert faults(page) == []
    attach.click()
    expect(page.locator(".field > .attached")).to_contain_text("Gambar dilampirkan.")
    value = text.input_value()
    assert value.startswith(f"Lihat gambar ini, lebar {look['width']}.\n\n![Laci kasir terbuka](/lampiran/")
    # Pasted: it waits for a look, and sending takes it along.
    text.evaluate(_PASTE, base64.b64encode(png(int(look["width"]), 90)).decode())
    page.get_by_label("Sudah saya periksa").check()
    page.get_by_role("button", name="Kirim balasan").click()
    sent = page.locator("article", has_text=f"Lihat gambar ini, lebar {look['width']}.")
    expect(sent.locator("img[src^='/lampiran/']")).to_have_count(2)
    expect(text).to_have_value("")


def test_a_file_that_is_no_image(new_page: NewPage, server: Server) -> None:
    """The server's reason is told; text and draft stay."""
    page = new_page()
    path = _topic_path(page)
    enter(page, server.sign_ins["agent"], path)
    text = page.get_by_label("Balasan Anda")
    text.fill("Tulisan yang tetap ada.")
    page.get_by_text("Tambahkan gambar").click()
    wrong: FilePayload = {"name": "laci.png", "mimeType": "image/png", "buffer": b"bukan gambar"}
    page.get_by_label("Berkas gambar").set_input_files(wrong)
    page.get_by_label("Sudah saya periksa").check()
    page.get_by_role("button", name="Lampirkan").click()
    expect(page.locator("[data-image-said]")).to_contain_text("Ini bukan gambar")
    expect(text).to_have_value("Tulisan yang tetap ada.")


def test_an_image_without_javascript(plain: Page, server: Server) -> None:
    """Attached first, then sent."""
    path = _topic_path(plain)
    enter(plain, server.sign_ins["agent"], path)
    width = (plain.viewport_size or {"width": 0})["width"]
    plain.get_by_label("Balasan Anda").fill(f"Tanpa skrip, lebar {width}.")
    plain.get_by_text("Tambahkan gambar").click()
    plain.get_by_label("Berkas gambar").set_input_files(_file(width + 1))
    plain.get_by_role("button", name="Lampirkan").click()
    expect(plain.get_by_label("Balasan Anda")).to_have_value(f"Tanpa skrip, lebar {width}.")
    expect(plain.locator("#image_confirmed-reason")).to_be_visible()
    plain.get_by_label("Berkas gambar").set_input_files(_file(width + 1))
    plain.get_by_label("Sudah saya periksa").check()
    plain.get_by_role("button", name="Lampirkan").click()
    expect(plain.get_by_text("Gambar sudah ada di akhir tulisan Anda.")).to_be_visible()
    picture(plain, f"tools-image-plain-{width}")
    plain.get_by_role("button", name="Kirim balasan").click()
    sent = plain.locator("article", has_text=f"Tanpa skrip, lebar {width}.")
    expect(sent.locator("img[src^='/lampiran/']")).to_have_count(1)


@pytest.mark.parametrize("look", LOOKS)
def test_following_places(new_page: NewPage, server: Server, look: Look) -> None:
    """A category by its button, found again in the list, and left there."""
    page = new_page(**look)
    enter(page, server.sign_ins["customer"], "/forum")
    page.get_by_role("link", name="Kasir dan toko").first.click()
    page.get_by_role("button", name="Ikuti kategori").click()
    expect(page.get_by_role("button", name="Berhenti mengikuti")).to_be_visible()
    picture(page, f"tools-category-{look['width']}")
    assert faults(page) == []
    page.goto("/forum/diikuti")
    expect(page.get_by_role("link", name="Kasir dan toko")).to_be_visible()
    picture(page, f"tools-followed-{look['width']}")
    assert faults(page) == []
    page.get_by_role("button", name="Berhenti mengikuti Kasir dan toko").click()
    expect(page.get_by_role("link", name="Kasir dan toko")).to_have_count(0)


def test_following_without_javascript(plain: Page, server: Server) -> None:
    """The same buttons."""
    enter(plain, server.sign_ins["customer"], "/forum")
    plain.get_by_role("link", name="Kiat dan cara").first.click()
    plain.get_by_role("button", name="Ikuti kategori").click()
    plain.goto("/forum/diikuti")
    plain.get_by_role("button", name="Berhenti mengikuti Kiat dan cara").click()
    expect(plain.get_by_role("link", name="Kiat dan cara")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_suggestions_while_typing(new_page: NewPage, look: Look) -> None:
    """By keyboard: down, up, away with Escape, there with Enter; Enter without a choice searches."""
    page = new_page(**look)
    page.goto("/forum")
    field = page.get_by_role("combobox", name="Cari")
    field.press_sequentially("daftar per")
    option = page.get_by_role("option", name=_TOPIC)
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    picture(page, f"tools-suggestions-{look['width']}")
    assert faults(page) == []
    field.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    field.press("ArrowUp")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(field).to_have_value("daftar per")
    field.press_sequentially("i")
    expect(option).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(_TOPIC)
    field.fill("struk")
    field.press("Enter")
    page.wait_for_url("**/cari?q=struk")
    expect(page.get_by_role("combobox")).to_have_count(2)


def test_a_late_answer_does_not_drop_the_suggestion_that_was_chosen(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/forum")
    field = page.get_by_role("combobox", name="Cari")
    field.press_sequentially("daftar")
    option = page.get_by_role("option", name=_TOPIC)
    expect(option).to_be_visible()
    option.evaluate("option => option.id = 'from-before'")
    with held_back(page, "**/suggestions?*"):
        field.press_sequentially(" per")
        for _ in range(page.get_by_role("option").count()):
            field.press("ArrowDown")
            if option.get_attribute("aria-selected") == "true":
                break
    expect(page.locator("#from-before")).to_have_count(0)
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(_TOPIC)


def test_a_suggestion_is_taken_with_the_pointer(new_page: NewPage) -> None:
    """A tap is enough; the list goes when one looks elsewhere."""
    page = new_page(width=360, height=740, touch=True, dark=True)
    page.goto("/forum")
    field = page.get_by_role("combobox", name="Cari")
    field.press_sequentially("daftar")
    expect(page.get_by_role("option", name=_TOPIC)).to_be_visible()
    field.blur()
    expect(page.get_by_role("listbox")).to_have_count(0)
    field.press_sequentially(" per")
    page.get_by_role("option", name=_TOPIC).tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text(_TOPIC)


def test_searching_without_javascript(plain: Page) -> None:
    """The box is a plain form."""
    plain.goto("/forum")
    field = plain.get_by_role("searchbox")
    field.fill("kasir")
    field.press("Enter")
    expect(plain.get_by_role("link", name=_TOPIC)).to_be_visible()
