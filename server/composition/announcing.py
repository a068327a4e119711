"""Builds what the company tells everybody: the status page, and product news. For `parts` only."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from server.accounts.correspondence import Correspondence
from server.announcements import api, news_api
from server.announcements.news import PURPOSE, ProductNews
from server.announcements.news_pages import NewsPages
from server.announcements.news_store import NEWS_COLLECTIONS, MongoNewsStore
from server.announcements.pages import StatusPages
from server.announcements.service import StatusBoard
from server.announcements.store import ANNOUNCEMENT_COLLECTIONS as STATUS_COLLECTIONS
from server.announcements.store import MongoStatusStore
from server.composition.identity import Ground, Identity
from server.intake import Intake
from server.notices.model import Kind
from server.notices.service import Notices
from server.privacy.service import ConsentLedger
from server.web.endpoint import Endpoint
from server.web.pages import ACCOUNT_PATHS
from server.web.site.frame import Site

ANNOUNCEMENT_COLLECTIONS = (*STATUS_COLLECTIONS, *NEWS_COLLECTIONS)

_OBJECT = "service_event"
_NEWS = "product_news"


@dataclass(frozen=True, slots=True)
class Announcing:
    """The running services."""

    status: StatusBoard
    news: ProductNews

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (*api.endpoints(self.status), *news_api.endpoints(self.news))

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        StatusPages(site, self.status).attach(app)
        NewsPages(site, self.news).attach(app)


class ServiceNotices:
    """Fills `announcements.service.Teller` by notices, which say nothing of what was written."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def tell_of_service(self, account_ids: Sequence[str], event_id: str) -> None:
        """Tell some accounts that there is something on the status page.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        await self._notices.tell(account_ids, Kind.SERVICE_DISRUPTION, _OBJECT, event_id)


class ServicePlaces:
    """Knows where events are to be seen."""

    def __init__(self, store: MongoStatusStore) -> None:
        self._store = store

    async def __call__(self, event_id: str) -> str | None:
        """Give the address of an event, or None where there is none."""
        found = await self._store.find_id(event_id)
        return found[0].path if found else None


class NewsLetters:
    """Fills `announcements.news.NewsTeller`: a notice, and a letter where mail is set up. Neither says what is told."""

    def __init__(self, store: MongoNewsStore, notices: Notices, post: Correspondence | None) -> None:
        self._store = store
        self._notices = notices
        self._post = post

    async def tell_of_news(self, account_ids: Sequence[str], news_id: str) -> None:
        """Tell some accounts.

        Raises:
            Unavailable: the store does not answer; some may have been told.
        """
        path = await self.place(news_id)
        if path is None or not account_ids:
            return
        await self._notices.tell(account_ids, Kind.PRODUCT_NEWS, _NEWS, news_id)
        for account_id in account_ids if self._post is not None else ():
            await self._write(account_id, path)

    async def _write(self, account_id: str, path: str) -> None:
        def links(locale: str) -> Mapping[str, str]:
            stop = self._notices.stop_path(account_id, Kind.PRODUCT_NEWS, locale)
            return {"link": path, "account": ACCOUNT_PATHS[locale], "unsubscribe": stop}

        if self._post is not None:
            await self._post.write(account_id, "news", links)

    async def place(self, news_id: str) -> str | None:
        """Give the address of a piece of news, or None where there is none."""
        news = await self._store.find_news_id(news_id)
        return news.path if news else None


@asynccontextmanager
async def open_announcing(
    ground: Ground, identity: Identity, intake: Intake, consents: ConsentLedger, notices: Notices
) -> AsyncIterator[Announcing]:
    """Build and start it; stop it at the end.

    Whoever stops letters of news withdraws the consent itself; the mail queue asks for it when a letter goes out.
    """
    store, news_store = MongoStatusStore(ground.database), MongoNewsStore(ground.database)
    notices.lead(_OBJECT, ServicePlaces(store))
    letters = NewsLetters(news_store, notices, identity.correspondence)
    notices.lead(_NEWS, letters.place)
    if identity.correspondence is not None:
        identity.correspondence.permit(consents.stands)

    async def withdraw(account_id: str) -> None:
        await consents.choose(account_id, PURPOSE, granted=False)

    notices.on_stopped(Kind.PRODUCT_NEWS, withdraw)
    status = StatusBoard(store, intake, ServiceNotices(notices), ground.audit, ground.clock)
    news = ProductNews(news_store, intake, consents, letters, ground.audit, ground.clock)
    news.start()
    try:
        yield Announcing(status, news)
    finally:
        await news.close()
