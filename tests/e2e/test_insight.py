"""Insight and the status page in Chromium, on a phone and on a desktop, in both languages; axe on every page of it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import LOOKS, Look, enter, faults

pytestmark = pytest.mark.xdist_group("e2e")


@pytest.mark.parametrize("look", LOOKS)
def test_figures_and_a_report_to_share(new_page: NewPage, server: Server, look: Look) -> None:
    """An agent looks at the charts and shares a report; a reader without an account understands why it is safe."""
    agent, reader = new_page(**look), new_page(**look)
    enter(agent, server.sign_ins["agent"], "/wawasan")
    chart = agent.get_by_role("img", name="Jenis", exact=True)
    expect(chart).to_be_visible()
    expect(agent.get_by_role("region", name="Tabel: Jenis")).to_be_visible()
    assert faults(agent) == []
    agent.get_by_role("button", name="Buat laporan").click()
    expect(agent.get_by_role("heading", level=1)).to_contain_text("Laporan masukan")
    address = agent.url
    reader.goto(address)
    expect(reader.get_by_role("heading", name="Mengapa angka ini tidak membuka siapa pun")).to_be_visible()
    expect(reader.get_by_role("table", name="Anggaran privasi")).to_contain_text("6")
    assert faults(reader) == []
    reader.goto(f"{address}?lang=en")
    expect(reader.get_by_role("heading", level=1)).to_contain_text("Feedback report")
    agent.goto("/wawasan")
    agent.locator("form", has=agent.locator(f"input[value='{address.rpartition('/')[2]}']")).get_by_role(
        "button"
    ).click()
    expect(agent.locator(f"a[href='/laporan/{address.rpartition('/')[2]}']")).to_have_count(0)
    assert reader.goto(address).status == 404  # type: ignore[union-attr]  # an address of ours has an answer


@pytest.mark.parametrize("look", LOOKS)
def test_a_disruption_is_told_and_ends(new_page: NewPage, server: Server, look: Look) -> None:
    """An agent tells; a customer who uses the service hears of it; everybody reads it."""
    agent, customer = new_page(**look), new_page(**look)
    name = f"Mesin kasir ukuran {look['width']}"
    enter(agent, server.sign_ins["agent"], "/status")
    agent.locator("summary", has_text="Tambah layanan").click()
    agent.get_by_label("Nama layanan").fill(name)
    agent.locator("form button", has_text="Tambah layanan").click()
    expect(agent.get_by_role("listitem").filter(has_text=name)).to_contain_text("Berjalan baik")
    assert faults(agent) == []

    enter(customer, server.sign_ins["customer"], "/status")
    customer.get_by_role("group", name="Layanan yang saya pakai").get_by_label(name).check()
    customer.get_by_role("button", name="Simpan pilihan").click()
    expect(customer.get_by_role("group", name="Layanan yang saya pakai").get_by_label(name)).to_be_checked()

    agent.locator("summary", has_text="Umumkan gangguan").click()
    form = agent.locator("form", has=agent.get_by_role("button", name="Umumkan gangguan"))
    form.get_by_label("Judul").fill("Struk keluar terlambat")
    form.get_by_label("Kabar").fill("Kami sedang mencari sebabnya.")
    form.get_by_label(name).check()
    form.get_by_role("button", name="Umumkan gangguan").click()
    expect(agent.get_by_role("heading", level=1)).to_have_text("Struk keluar terlambat")
    assert faults(agent) == []

    customer.goto("/pemberitahuan")
    expect(customer.get_by_role("main")).to_contain_text("Ada kabar tentang layanan yang Anda pakai")
    customer.goto("/status")
    expect(customer.get_by_role("listitem").filter(has_text=name).first).to_contain_text("Melambat")
    assert faults(customer) == []

    agent.get_by_label("Tahap").select_option("resolved")
    agent.get_by_label("Kabar").fill("Sudah pulih.")
    agent.get_by_role("button", name="Beri kabar terbaru").click()
    expect(agent.get_by_role("main")).to_contain_text("Sudah pulih.")
    customer.goto("/status")
    expect(customer.get_by_role("listitem").filter(has_text=name).first).to_contain_text("Berjalan baik")
