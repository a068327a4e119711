"""Insight over HTTP: who sees figures, who shares reports, what a report says; the pages without JavaScript."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.harness.browsing import Tab
from tests.harness.people import World

_ZONE = ZoneInfo("Asia/Jakarta")


def _tab(world: World, token: str | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, token)


def _last_month() -> str:
    today = datetime.now(UTC).astimezone(_ZONE).date()
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


@pytest.mark.parametrize("role", ["agent", "moderator", "privacy_officer", "admin"])
async def test_staff_see_figures_and_take_them_along(world: World, role: str) -> None:
    staff = await world.person(role, "Uji")
    figures = (await staff.get("/insight", first="2026-01-01", last="2026-01-31")).data["figures"]
    assert (figures["first"], figures["last"], len(figures["volume"])) == ("2026-01-01", "2026-01-31", 31)
    assert set(figures["by"]) == {"kind", "area", "sentiment", "state", "waited", "promise"}
    file = await staff.get("/insight/export", first="2026-01-01", last="2026-01-31")
    assert file.headers["Content-Type"].startswith("text/csv")
    assert file.body.splitlines()[0] == b"day,kind,area,sentiment,state,waited,promise,items"


async def test_customers_see_no_figures(world: World) -> None:
    customer = await world.person("customer", "Uji")
    for path in ("/insight", "/insight/export", "/insight/reports"):
        assert (await customer.get(path)).code == "not_permitted"
    assert (await _tab(world, customer.token).get("/wawasan")).status == 403


async def test_a_span_that_is_none_is_refused(world: World) -> None:
    staff = await world.person("agent", "Uji")
    for first, last in (("2026-02-01", "2026-01-01"), ("2000-01-01", "2026-01-01")):
        refused = await staff.get("/insight", first=first, last=last)
        assert refused.reasons == {"first": "out_of_range"}


async def test_whoever_has_the_address_reads_a_report_until_it_is_void(world: World) -> None:
    """Nobody gave anything that month, and the report does not even say so."""
    agent, officer = await world.person("agent", "Uji"), await world.person("privacy_officer", "Uji")
    wanted = {"last_month": _last_month(), "months": 1, "days": 7}
    assert (await officer.post("/insight/reports", wanted)).code == "not_permitted"
    made = await agent.post("/insight/reports", wanted)
    assert made.status == 201
    report = made.data["report"]
    path = f"/insight/reports/{report['id']}"
    read = await world.http.get("/api/v1" + path)
    assert {table["name"] for table in read.data["tables"]} == {"kind", "area", "sentiment", "waited"}
    assert all(cell["people"] is None for table in read.data["tables"] for cell in table["cells"])
    assert read.data["budgets"][0]["name"] == f"month:{_last_month()}"
    assert report["id"] in [one["id"] for one in (await officer.get("/insight/reports")).data["reports"]]
    page = await _tab(world).get(f"/laporan/{report['id']}")
    assert (page.status, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "terlalu sedikit untuk disebut" in page.body.decode()
    assert (await officer.call("DELETE", path)).code == "not_permitted"
    assert (await agent.call("DELETE", path)).status == 200
    assert (await world.http.get("/api/v1" + path)).code == "not_found"
    assert (await _tab(world).get(f"/laporan/{report['id']}")).status == 404


async def test_figures_and_reports_by_forms(world: World) -> None:
    """Complete without JavaScript, in both languages."""
    tab = _tab(world, (await world.person("agent", "Uji")).token)
    assert 'role="img"' in await tab.open("/wawasan?dari=2026-01-01&sampai=2026-03-31")
    assert "Recurring topics" in await tab.open("/wawasan?lang=en")
    await tab.open("/wawasan?lang=id")
    assert (await tab.get("/wawasan?dari=2026-03-31&sampai=2026-01-01")).status == 400
    sent = {"act": "make", "month": _last_month(), "months": "1", "days": "30"}
    assert "Laporan masukan" in await tab.fill("/wawasan", sent)
    report = tab.path.rpartition("/")[2]
    this_month = f"{datetime.now(UTC).astimezone(_ZONE):%Y-%m}"
    assert (await tab.submit("/wawasan", {**sent, "month": this_month})).status == 400
    assert report not in await tab.fill("/wawasan", {"act": "withdraw", "report": report})
