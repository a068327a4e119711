"""What was promised runs out while an agent looks elsewhere; and what came of promises, as a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage, Server
from tests.e2e.looking import enter, faults
from tests.e2e.screens import Desk, Widget

pytestmark = pytest.mark.xdist_group("e2e")

_AWAY = """() => {
  window.told = [];
  window.Notification = class {
    static permission = "granted";
    constructor(words, options) { window.told.push([words, Object.keys(options).join()]); }
    close() {}
  };
  localStorage.setItem("amanah.desk.alerts", "on");
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
}"""
"""An agent who has allowed notices of the desktop, and looks at something else."""
_CALL = """async ([method, path, body]) => {
  const sent = body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch("/api/v1" + path, { method, ...sent });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).data;
}"""
_ALL_DAY = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def _told(page: Page, words: str) -> None:
    page.wait_for_function("words => window.told.some((one) => one.join() === words + ',tag')", arg=words)


def test_who_looks_elsewhere_is_told_of_a_promise(
    new_page: NewPage, server: Server, widget: Widget, desk: Desk
) -> None:
    admin = new_page()
    enter(admin, server.sign_ins["admin"], "/desk/settings")
    hours = admin.evaluate(_CALL, ["GET", "/support/hours/setting", None])
    before = admin.evaluate(_CALL, ["GET", "/desk/settings", None])["settings"]
    short = {**before["policies"], "normal": {"first_response": 20, "resolution": None}}
    always = {**hours["hours"], "country": "", "week": _ALL_DAY, "days": {}}
    admin.evaluate(_CALL, ["PUT", "/support/hours/setting", {"hours": always}])
    # A hundredth of twenty minutes: soon, and long before it is too late for a warning.
    admin.evaluate(_CALL, ["PATCH", "/desk/settings", {"policies": short, "warn_at": 1}])
    try:
        desk.page.evaluate(_AWAY)
        widget.agree()
        widget.say("Apakah ada orang?")
        desk.take(widget)
        _told(desk.page, "Janji waktu sebuah percakapan hampir lewat.")
        row = desk.page.locator("li.row").filter(has=desk.queued(widget.conversation_id))
        expect(row).to_contain_text("segera")
        expect(desk.page.locator(".pane .sla-warning")).to_contain_text("Jawaban pertama dalam")
        desk.say("Ada, kami baca dulu.")
        expect(row).not_to_contain_text("segera")
        expect(desk.page.locator(".pane .sla")).to_have_count(0)
    finally:
        old = {"policies": before["policies"], "warn_at": before["warn_at"]}
        admin.evaluate(_CALL, ["PATCH", "/desk/settings", old])
        admin.evaluate(_CALL, ["PUT", "/support/hours/setting", hours])


def test_figures_are_a_file_for_the_reader_s_spreadsheet(desk: Desk) -> None:
    page = desk.page
    page.goto("/desk/figures")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Per hari").click()
    assert waiting.value.suggested_filename.startswith("per-hari-")
    lines = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("\ufeffHari;Dibuka;Ditutup;")
    assert len(lines) == 1 + 30


def test_an_administrator_sets_when_support_answers(new_page: NewPage, server: Server) -> None:
    page = new_page(width=390, height=844)
    enter(page, server.sign_ins["admin"], "/desk/settings")
    before = page.evaluate(_CALL, ["GET", "/support/hours/setting", None])
    try:
        page.get_by_role("button", name="Jam layanan").click()
        monday, days = page.get_by_label("Senin"), page.get_by_label("Hari dengan jam sendiri")
        monday.fill("17:00-08:00")
        page.get_by_role("button", name="Simpan", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text="tidak dapat dipakai")).to_be_visible()
        monday.fill("08:00-12:00, 13:00-17:00")
        days.fill("2030-12-24 08:00-12:00\n2030-12-31")
        page.get_by_label("Tutup pada hari libur nasional").uncheck()
        assert faults(page) == []
        page.get_by_role("button", name="Simpan", exact=True).click()
        expect(page.locator(".notice")).to_contain_text("Tersimpan")
        page.reload()
        page.get_by_role("button", name="Jam layanan").click()
        expect(monday).to_have_value("08:00-12:00, 13:00-17:00")
        expect(days).to_have_value("2030-12-24 08:00-12:00\n2030-12-31")
        expect(page.get_by_label("Tutup pada hari libur nasional")).not_to_be_checked()
    finally:
        page.evaluate(_CALL, ["PUT", "/support/hours/setting", before])
