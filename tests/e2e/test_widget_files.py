"""Files in the widget that meet a slow line, none at all, or a customer who does something else meanwhile."""

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.e2e.screens import Desk, Widget, drawn
from tests.harness.images import photograph

pytestmark = pytest.mark.xdist_group("e2e")

_LIST: FilePayload = {"name": "daftar.txt", "mimeType": "text/plain", "buffer": b"daftar barang\nberas 5 kg\n"}
_AWAITED = "Pesan dikirim begitu berkasnya selesai diunggah."


def _choose(page: Page, *files: FilePayload) -> None:
    page.locator("input[type=file]").set_input_files(list(files))


def _choose_while(page: Page, held_up: str, file: FilePayload) -> list[Route]:
    """Choose a file whose way is held up at an address; gives what waits there."""
    held = list[Route]()
    page.route(held_up, lambda route: held.append(route))
    with page.expect_request(held_up):
        _choose(page, file)
    return held


def test_a_message_waits_for_its_file(widget: Widget) -> None:
    """Over a slow line the words are ready long before the picture is: they go together."""
    widget.agree()
    page = widget.page
    held = _choose_while(page, "**/attachments", _LIST)
    widget.send("ini daftarnya")
    expect(page.get_by_text(_AWAITED)).to_be_visible()
    expect(widget.waiting).to_have_count(0)

    # Who writes on has not finished: nothing goes by itself then.
    widget.composer.fill("ini daftarnya ya")
    expect(page.get_by_text(_AWAITED)).to_be_hidden()
    widget.composer.press("Enter")
    expect(page.get_by_text(_AWAITED)).to_be_visible()
    held[0].continue_()
    expect(widget.messages).to_have_text(["ini daftarnya ya"])
    expect(page.locator(".message.stored .file-name")).to_have_text("daftar.txt")
    expect(widget.composer).to_have_value("")


@pytest.mark.parametrize("writes_on", [False, True])
def test_a_message_waits_also_for_what_uploads_its_file(widget: Widget, writes_on: bool) -> None:
    """It is fetched with the first file, which may take long: what is sent meanwhile does not go without the file."""
    widget.agree()
    page = widget.page
    held = _choose_while(page, "**/uploads-*.js", _LIST)
    widget.send("ini daftarnya")
    expect(widget.composer).to_have_value("ini daftarnya")
    if writes_on:
        widget.composer.fill("ini daftarnya ya")
    held[0].continue_()
    if writes_on:
        # Who writes on has not finished.
        expect(page.locator(".upload")).to_have_count(1)
        expect(widget.composer).to_have_value("ini daftarnya ya")
        widget.composer.press("Enter")
    expect(widget.messages).to_have_text(["ini daftarnya ya" if writes_on else "ini daftarnya"])
    expect(page.locator(".message.stored .file-name")).to_have_text("daftar.txt")


def test_a_file_that_can_not_be_uploaded_yet_keeps_its_words_back(widget: Widget) -> None:
    widget.agree()
    page = widget.page
    page.route("**/uploads-*.js", lambda route: route.abort())
    _choose(page, _LIST)
    widget.send("ini daftarnya")
    expect(page.locator(".composer [role=alert]")).to_have_text("Tidak ada koneksi ke server.")
    page.unroute("**/uploads-*.js")
    # A browser asks for what it could not fetch again only with the page: until then the words can go alone.
    widget.composer.press("Enter")
    expect(widget.messages).to_have_text(["ini daftarnya"])
    expect(widget.composer).to_have_value("")


def test_a_refused_file_keeps_back_what_waits_for_it_and_nothing_later(widget: Widget) -> None:
    widget.agree()
    page = widget.page
    program: FilePayload = {
        "name": "program.exe",
        "mimeType": "application/octet-stream",
        "buffer": b"MZ\x90" + bytes(201),
    }
    held = _choose_while(page, "**/attachments", program)
    widget.send("ini berkasnya")
    expect(page.get_by_text(_AWAITED)).to_be_visible()
    held[0].continue_()
    expect(page.locator(".upload-error")).to_be_visible()
    expect(page.get_by_text(_AWAITED)).to_be_hidden()
    expect(widget.composer).to_have_value("ini berkasnya")

    # Its writer has seen that: the other file goes.
    page.unroute("**/attachments")
    _choose(page, _LIST)
    widget.composer.press("Enter")
    expect(widget.messages).to_have_text(["ini berkasnya"])
    expect(page.locator(".message.stored .file-name")).to_have_text("daftar.txt")


def test_a_file_chosen_offline_goes_when_there_is_a_connection(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    page = widget.page
    _choose(page, _LIST)
    expect(page.locator(".upload progress")).to_have_count(0)
    page.get_by_role("button", name="Lepas daftar.txt").click()
    page.context.set_offline(True)
    expect(widget.banner).to_contain_text("luring")
    _choose(page, _LIST)
    expect(page.locator(".upload-error")).to_have_text("Tidak ada koneksi ke server.")
    widget.send("ini daftarnya")
    expect(page.get_by_text(_AWAITED)).to_be_visible()

    page.context.set_offline(False)
    expect(widget.messages).to_have_text(["halo", "ini daftarnya"])
    expect(page.locator(".message.stored .file-name")).to_have_text("daftar.txt")


def test_files_stay_while_another_screen_is_looked_at(widget: Widget) -> None:
    widget.agree()
    widget.say("halo")
    page = widget.page
    _choose(page, _LIST)
    expect(page.locator(".upload")).to_contain_text("daftar.txt")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Percakapan sebelumnya").click()
    page.get_by_role("button", name="Kembali").click()
    expect(page.locator(".upload")).to_contain_text("daftar.txt")
    widget.send("")
    expect(page.locator(".message.stored .file-name")).to_have_text("daftar.txt")


def test_what_can_not_be_taken_is_told_at_once(widget: Widget) -> None:
    """Too many, too large, empty: nobody waits minutes for a refusal, and nothing is left out in silence."""
    widget.agree()
    page = widget.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/attachments") else None)
    large = {"name": "besar.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n" + bytes(10 * 1024 * 1024)}
    _choose(page, large, {**_LIST, "name": "kosong.txt", "buffer": b""})
    expect(page.locator(".upload-error")).to_have_text(
        ["Berkas ini terlalu besar: paling banyak 10 MB.", "Berkas ini kosong."]
    )
    expect(page.get_by_role("button", name="Coba lagi")).to_have_count(0)
    assert sent == []

    _choose(page, *({**_LIST, "name": f"daftar-{number}.txt"} for number in range(11)))
    expect(page.locator(".upload")).to_have_count(10)
    expect(page.get_by_text("Paling banyak 10 berkas dalam satu pesan; 3 tidak diambil.")).to_be_visible()


def test_a_photograph_that_is_too_large_is_made_smaller(widget: Widget) -> None:
    """Telephones take larger ones than the server does. It stands upright afterwards, and its words go with it."""
    widget.agree()
    page = widget.page
    photo = photograph(2400, 1800)
    assert len(photo) > 8 * 1024 * 1024
    _choose(page, {"name": "IMG_0001.jpeg", "mimeType": "image/jpeg", "buffer": photo})
    expect(page.get_by_text("Diperkecil supaya bisa dikirim: aslinya lebih dari 8 MB.")).to_be_visible()
    widget.send("ini struknya")
    expect(widget.messages).to_have_text(["ini struknya"])
    picture = page.locator(".file-picture img")
    drawn(picture)
    assert picture.evaluate("image => image.naturalHeight > image.naturalWidth")

    # What only calls itself a picture is refused as what it is.
    _choose(page, {"name": "bukan.jpg", "mimeType": "image/jpeg", "buffer": bytes(9 * 1024 * 1024)})
    expect(page.locator(".upload-error")).to_have_text("Berkas ini terlalu besar: paling banyak 8 MB.")


def test_words_of_a_spreadsheet_are_pasted_as_words(widget: Widget) -> None:
    """Spreadsheets and word processors lay a picture of the words beside them."""
    widget.agree()
    widget.composer.focus()
    taken = widget.frame.evaluate(
        """(kinds) => kinds.map((kind) => {
            const data = new DataTransfer();
            if (kind === "cells") data.setData("text/plain", "beras\\t5 kg");
            data.setData("text/html", kind === "cells" ? "<table><tr><td>beras" : "<img>");
            data.items.add(new File([new Uint8Array([137, 80, 78, 71])], "image.png", { type: "image/png" }));
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            return !document.activeElement.dispatchEvent(event);
        })""",
        ["cells", "picture"],
    )
    assert taken == [False, True]
    expect(widget.frame.locator(".upload")).to_have_count(1)


def test_an_answer_elsewhere_is_told_and_led_to(widget: Widget, desk: Desk) -> None:
    """Several conversations are open, and the answer comes in one that is not on view, also after the page was left."""
    widget.agree()
    widget.say("kursi saya rusak")
    desk.take(widget)
    page = widget.page
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Percakapan sebelumnya").click()
    page.get_by_role("button", name="Mulai percakapan baru").click()
    widget.say("soal lain")
    page.reload()
    expect(widget.messages).to_have_text(["soal lain"])
    desk.say("Boleh kirim fotonya?")
    expect(widget.banner.filter(has_text="1 pesan baru di percakapan lain.")).to_be_visible()
    page.reload()
    expect(widget.messages).to_have_text(["soal lain"])
    widget.frame.get_by_role("button", name="Buka", exact=True).click()
    expect(widget.messages).to_have_text(["kursi saya rusak", "Boleh kirim fotonya?"])
    expect(widget.frame.get_by_text("di percakapan lain")).to_have_count(0)


def test_a_pictures_address_that_is_too_old_is_asked_for_anew(widget: Widget) -> None:
    """Addresses are good for minutes, and a picture further up may come into sight much later."""
    page = widget.page
    page.clock.install()
    widget.agree()
    dot = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
        b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
    )
    _choose(page, {"name": "titik.png", "mimeType": "image/png", "buffer": dot})
    widget.send("")
    picture = page.locator(".file-picture img")
    expect(picture).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/links") else None)
    # As the browser does when the server refuses the address: once it is too old, not over and over.
    picture.dispatch_event("error")
    page.clock.fast_forward("06:00")
    with page.expect_response("**/attachments/links") as answered:
        picture.dispatch_event("error")
    assert answered.value.ok
    picture.dispatch_event("error")
    expect(picture).to_be_visible()
    assert len(asked) == 1
