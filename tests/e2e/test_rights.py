"""Rights in Chromium: a copy is got, opened and checked; a request meets two officers at once; axe, phones."""

import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults

pytestmark = pytest.mark.xdist_group("e2e")

_OFFICER = re.compile(r"privacy_officer\s+(\S+@\S+)\s+(\S+)")


@pytest.mark.parametrize("look", LOOKS)
def test_a_copy_is_got_opened_and_checked(new_page: NewPage, server: Server, look: Look, tmp_path: Path) -> None:
    """The archive opens, its sums and its signature fit, and its pages can be read by everybody."""
    page = new_page(**look)
    enter(page, server.sign_ins["customer"], "/privasi")
    assert faults(page) == []
    with page.expect_download() as coming:
        page.get_by_role("button", name="Ambil salinan data saya").click()
    path = tmp_path / "copy.zip"
    coming.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        manifest = archive.read("manifest.json")
        key = load_pem_public_key(archive.read("public-key.pem"))
        assert isinstance(key, Ed25519PublicKey)
        key.verify(archive.read("manifest.sig"), manifest)
        for one in json.loads(manifest)["files"]:
            assert sha256(archive.read(one["path"])).hexdigest() == one["sha256"]
        archive.extractall(tmp_path / "copy")
    published = page.request.get("/api/v1/privacy/export-key").json()["data"]["public_key"]
    assert (tmp_path / "copy" / "public-key.pem").read_text() == published
    page.goto((tmp_path / "copy" / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Salinan data Anda")
    page.get_by_role("link", name="Akun: nama, alamat, bahasa").click()
    expect(page.get_by_role("main")).to_contain_text(server.sign_ins["customer"][0])


@pytest.mark.parametrize("look", LOOKS)
def test_a_request_meets_two_officers_at_once(new_page: NewPage, server: Server, look: Look) -> None:
    """The second is told what the first did and keeps what was typed; the person sees each step and the answer."""
    person, first, second = new_page(**look), new_page(**look), new_page(**look)
    officers = _OFFICER.findall("".join(server.log))
    text = f"Mohon nama usaha kami diperbaiki, lebar {look['width']}."
    enter(person, server.sign_ins["customer"], "/privasi")
    person.get_by_label("Jenis permintaan").select_option("correction")
    person.get_by_label("Permintaan Anda").fill(text)
    person.get_by_role("button", name="Kirim permintaan").click()
    expect(person.get_by_role("main")).to_contain_text("Dijawab paling lambat")
    assert faults(person) == []
    work = "/petugas/permintaan/" + person.url.rpartition("/")[2]

    enter(first, officers[0], "/petugas/permintaan")
    assert faults(first) == []
    for officer, who in ((first, officers[0]), (second, officers[1])):
        if officer is second:
            enter(second, who, "/petugas/permintaan")
        officer.goto(work)
        expect(officer.get_by_role("main")).to_contain_text(text)
    assert faults(second) == []
    first.get_by_role("button", name="Saya kerjakan").click()
    expect(first.locator("#holder")).to_be_visible()
    second.get_by_label("Jawaban untuk orangnya").fill("Sudah kami perbaiki.")
    second.get_by_role("button", name="Jawab dan selesaikan").click()
    expect(second.get_by_role("main")).to_contain_text("Petugas lain sudah mengambil")
    expect(second.get_by_label("Jawaban untuk orangnya")).to_have_value("Sudah kami perbaiki.")
    assert faults(second) == []
    first.get_by_label("Jawaban untuk orangnya").fill("Nama usaha sudah diperbaiki.")
    first.get_by_role("button", name="Jawab dan selesaikan").click()
    expect(first.locator("#state")).to_have_text("Selesai")

    person.reload()
    expect(person.locator("#answer")).to_contain_text("Nama usaha sudah diperbaiki.")
    assert faults(person) == []


def test_what_somebody_stops_shows_on_the_page_and_in_english(new_page: NewPage, server: Server) -> None:
    """Without JavaScript's help, in both languages."""
    page = new_page()
    enter(page, server.sign_ins["customer"], "/privasi")
    box = page.get_by_label("Masukan saya tidak dihitung")
    box.check()
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("status").filter(has_text="Tersimpan")).to_be_visible()
    expect(box).to_be_checked()
    box.uncheck()
    # The page says already that it is stored: what shows that it is once more is the answer.
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Simpan").click()
    expect(box).not_to_be_checked()
    page.goto("/privasi?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data and your rights")
    assert faults(page) == []
    page.goto("/privasi/tanpa-akun?lang=id")
    assert faults(page) == []
