"""Counts of pages: without cookies, under a salt of the day, and nothing named that few have in common."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from server.kernel.errors import Unavailable
from server.telemetry.pageviews import DIRECT, OTHER, Count, Key, PageViews, Seen, site_of
from tests.privacy.canaries import CANARIES, traces_in

_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_DAY = _NOON.date()


class _Shelf:
    """Keeps counts, or fails."""

    def __init__(self) -> None:
        self.counts: dict[Key, int] = {}
        self.down = False

    async def add_views(self, counts: Mapping[Key, int]) -> None:
        if self.down:
            raise Unavailable
        for key, count in counts.items():
            self.counts[key] = self.counts.get(key, 0) + count

    async def views(self, first: date, last: date) -> Mapping[Key, int]:
        return {key: count for key, count in self.counts.items() if first <= key[0] <= last}


class _Place:
    """Counting, with a clock to turn."""

    def __init__(self, least: int = 3) -> None:
        self.now = _NOON
        self.shelf = _Shelf()
        self.views = PageViews(self.shelf, lambda: self.now, least)

    def see(
        self, who: int, route: str = "/forum", referrer: str = "", *, private: bool = False, status: int = 200
    ) -> None:
        address = f"203.0.113.{who}"
        self.views.seen(Seen(route, "GET", status, referrer, address, "Peramban", "toko.contoh.id:8080", private))

    def count(self, kind: Count, name: str = "", day: date = _DAY) -> int:
        return self.shelf.counts.get((day, kind, name), 0)


async def test_pages_visitors_and_sites_are_counted() -> None:
    """A visitor once a day; a site by name once enough came from it."""
    place = _Place()
    for who in range(4):
        for _ in range(2):
            place.see(who, referrer="https://www.berita.contoh.com/artikel/budi?q=0812")
    place.see(9, referrer="https://kecil.contoh.com/")
    place.see(10)
    place.see(11, referrer="https://toko.contoh.id/forum")
    await place.views.flush()
    assert place.count(Count.PAGE, "/forum") == 11
    assert place.count(Count.VISITORS) == 7
    assert place.count(Count.SITE, "berita.contoh.com") == 4
    assert place.count(Count.SITE, DIRECT) == 2
    assert place.count(Count.SITE, "kecil.contoh.com") == 0
    await place.views.end()
    assert place.count(Count.SITE, OTHER) == 1
    assert "budi" not in repr(place.shelf.counts)


async def test_who_was_here_yesterday_is_somebody_else_today() -> None:
    """The salt went with its day, and what was too little was counted among others."""
    place = _Place()
    place.see(1, referrer="https://kecil.contoh.com/")
    before = place.views._salt
    place.now += timedelta(days=1)
    place.see(1)
    await place.views.flush()
    assert place.views._salt != before
    assert (place.count(Count.VISITORS), place.count(Count.VISITORS, day=_DAY + timedelta(days=1))) == (1, 1)
    assert place.count(Count.SITE, OTHER) == 1


async def test_who_asks_not_to_be_counted_is_not() -> None:
    """Only the page is; programs, files, errors and other methods never are."""
    place = _Place()
    place.see(1, private=True, referrer="https://berita.contoh.com/")
    for route in ("/api/v1/me", "/assets/x", "/healthz", "/sitemap.xml", "none"):
        place.see(2, route)
    place.see(3, status=404)
    await place.views.flush()
    assert place.shelf.counts == {(_DAY, Count.PAGE, "/forum"): 1}


async def test_figures_tell_of_no_few() -> None:
    """Pages and sites below the least number are left out, days say that they were fewer."""
    place = _Place(least=3)
    for who in range(3):
        place.see(who)
    place.see(1, "/janji")
    place.now += timedelta(days=1)
    place.see(1)
    await place.views.flush()
    figures = await place.views.figures(30)
    assert figures.pages == [("/forum", 4)]
    assert figures.few == 1
    assert [count for _, count in figures.days] == [None, 3]
    assert figures.sites == [(DIRECT, 4)]


async def test_nothing_is_lost_to_a_store_that_is_down() -> None:
    """It is written the next time."""
    place = _Place()
    place.see(1)
    place.shelf.down = True
    with pytest.raises(Unavailable):
        await place.views.flush()
    place.shelf.down = False
    await place.views.flush()
    assert place.count(Count.PAGE, "/forum") == 1


@pytest.mark.parametrize(
    ("referrer", "site"),
    [
        ("", DIRECT),
        ("https://toko.contoh.id/saran/7", DIRECT),
        ("https://WWW.Berita.Contoh.com:443/a?b=c", "berita.contoh.com"),
        ("https://budi:rahasia@berita.contoh.com/", "berita.contoh.com"),
        ("https://081290713648.contoh.com/", OTHER),
        ("https://203.0.113.7/", OTHER),
        ("https://[2001:db8::1/", OTHER),
        ("https://intranet/", OTHER),
        ("https://budi_s.contoh.com/", OTHER),
        ("bukan alamat", DIRECT),
    ],
)
def test_sites_are_hosts_in_an_ordinary_form(referrer: str, site: str) -> None:
    """Without port, name, password and path; numbers are told to nobody."""
    assert site_of(referrer, "toko.contoh.id:8080") == site


def test_what_identifies_is_no_site() -> None:
    """Whatever somebody puts there."""
    for canary in CANARIES:
        for referrer in (canary.sentence, f"https://contoh.com/{canary.sentence}", f"https://{canary.sentence}/"):
            assert traces_in(site_of(referrer, "toko.contoh.id").encode(), [canary]) == {}
