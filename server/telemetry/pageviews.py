"""Which pages are looked at, and from where people come: counted by day, without cookies and without telling anybody
apart afterwards.

A visitor is a digest under a salt that lives in memory for one day and is then gone: neither it nor the digest is ever
stored, so nobody can find out later whether a certain person was here. What is stored are counts. A site that people
come from is named only once enough different visitors came from it; until then it is one of "other".
"""

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit

from server.kernel.ports import Clock
from server.logs import looks_like

OTHER: Final = "other"
"""All sites that too few come from."""
DIRECT: Final = "direct"
"""From nowhere that is told."""

_PROGRAMS: Final = ("/api/", "/assets/", "/socket.io/", "/healthz", "/readyz", "/metrics", "none")
_OK: Final = 200
_HOST: Final = re.compile(r"(?=.{4,60}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.)+[a-z]{2,20}")
_DIGITS: Final = re.compile(r"[0-9]{4,}")
_MOST_VISITORS: Final = 200_000
_MOST_HOSTS: Final = 500
_DIGEST: Final = 8


class Count(StrEnum):
    """What a count is of."""

    PAGE = "page"
    SITE = "site"
    VISITORS = "visitors"


Key = tuple[date, Count, str]
"""Day, of what, and its name: a route's template, a host, or empty for visitors."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of some days.

    Attributes:
        pages: how often each was looked at, most first; those below the least number are left out.
        sites: how many visitors a day came from each, summed, most first.
        days: day -> how many visitors; None for fewer than the least number.
        few: how often pages were looked at that are left out.
    """

    pages: Sequence[tuple[str, int]]
    sites: Sequence[tuple[str, int]]
    days: Sequence[tuple[date, int | None]]
    few: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A request, as far as counting looks at it. Nothing of it is kept.

    Attributes:
        route: its template.
        method: of HTTP.
        status: that it was answered with.
        referrer: what the browser says where it comes from.
        address: network address, or what stands for one.
        agent: what the browser calls itself.
        own_host: the host that was asked.
        private: whether the browser asks not to be told apart (`Sec-GPC`, `DNT`).
    """

    route: str
    method: str
    status: int
    referrer: str
    address: str
    agent: str
    own_host: str
    private: bool


class ViewStore(Protocol):
    """Keeps counts; see `store.MongoTelemetryStore`."""

    async def add_views(self, counts: Mapping[Key, int]) -> None: ...
    async def views(self, first: date, last: date) -> Mapping[Key, int]: ...


def site_of(referrer: str, own_host: str) -> str:
    """Give the host that somebody comes from; `direct` for none and for our own, `other` for one that can't be told.

    A host is somebody's own words too: with digits in a row or in an odd form it is told to nobody.
    """
    try:
        host = (urlsplit(referrer).hostname or "").lower()
    except ValueError:
        return OTHER
    if not host or host == own_host.partition(":")[0].lower():
        return DIRECT
    if not _HOST.fullmatch(host) or _DIGITS.search(host) or looks_like(host):
        return OTHER
    return host.removeprefix("www.")


class PageViews:
    """Counts.

    Args:
        store: where counts are kept.
        clock: the time.
        least: fewest of whom anything is told.
    """

    def __init__(self, store: ViewStore, clock: Clock, least: int) -> None:
        self._store = store
        self._clock = clock
        self._least = least
        self._waiting: Counter[Key] = Counter()
        self._begin(clock().date())

    def __repr__(self) -> str:
        return f"<PageViews {self._day}>"

    def seen(self, seen: Seen) -> None:
        """Count a page that was shown to a person; anything else is none."""
        route = seen.route
        if seen.status != _OK or seen.method != "GET" or route.startswith(_PROGRAMS) or "." in route:
            return
        today = self._clock().date()
        if today != self._day:
            self._end_day()
            self._begin(today)
        self._waiting[today, Count.PAGE, route] += 1
        if seen.private:
            return
        who = hashlib.blake2b(f"{seen.address}\0{seen.agent}".encode(), key=self._salt, digest_size=_DIGEST).digest()
        if who not in self._visitors and len(self._visitors) < _MOST_VISITORS:
            self._visitors.add(who)
            self._waiting[today, Count.VISITORS, ""] += 1
            self._come_from(today, site_of(seen.referrer, seen.own_host))

    def _come_from(self, today: date, site: str) -> None:
        if site in {OTHER, DIRECT} or (site not in self._sites and len(self._sites) >= _MOST_HOSTS):
            self._waiting[today, Count.SITE, site if site == DIRECT else OTHER] += 1
            return
        self._sites[site] += 1
        if self._sites[site] == self._least:
            self._waiting[today, Count.SITE, site] += self._least
        elif self._sites[site] > self._least:
            self._waiting[today, Count.SITE, site] += 1

    async def flush(self) -> None:
        """Write what was counted.

        Raises:
            Unavailable: the store does not answer; what was counted is written the next time.
        """
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, Counter()
        try:
            await self._store.add_views(waiting)
        except BaseException:
            self._waiting.update(waiting)
            raise

    async def end(self) -> None:
        """Write everything, also what is too little to be told by name, before the server ends."""
        self._end_day()
        await self.flush()

    async def figures(self, days: int) -> Figures:
        """Give the counts of the last days, today among them."""
        last = self._clock().date()
        first = last - timedelta(days=days - 1)
        counts = await self._store.views(first, last)
        pages, sites, visitors = Counter[str](), Counter[str](), Counter[date]()
        for (day, kind, name), count in counts.items():
            if kind is Count.PAGE:
                pages[name] += count
            elif kind is Count.SITE:
                sites[name] += count
            else:
                visitors[day] += count
        told = [(name, count) for name, count in pages.most_common() if count >= self._least]
        return Figures(
            told,
            [(name, count) for name, count in sites.most_common() if count >= self._least],
            [(day, count if count >= self._least else None) for day, count in sorted(visitors.items(), reverse=True)],
            sum(count for count in pages.values() if count < self._least),
        )

    def _begin(self, day: date) -> None:
        """A day begins with a salt of its own; with it, whoever was here before can't be recognised."""
        self._day = day
        self._salt = secrets.token_bytes(32)
        self._visitors: set[bytes] = set()
        self._sites: Counter[str] = Counter()

    def _end_day(self) -> None:
        few = sum(count for count in self._sites.values() if count < self._least)
        if few:
            self._waiting[self._day, Count.SITE, OTHER] += few
        self._sites.clear()
        self._visitors.clear()
