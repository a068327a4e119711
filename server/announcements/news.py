"""Product news: told to everybody on a page, and by notice and letter to those alone who agreed to `marketing`.

Whose consent stands is asked at the moment of telling, and by the mail queue once more when a letter goes out (promise
P4). What a crash interrupts goes on at the next start; only a crash in between lets somebody be told twice.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.text import Numbering, RawText, RedactedText
from server.kernel.waiting import news_within
from server.markup import SafeHtml, render

logger = logging.getLogger("amanah.news")

PURPOSE: Final = "marketing"
MAX_TITLE: Final = 120
MAX_NEWS: Final = 4000
ON_A_PAGE: Final = 20
_GROUP: Final = 50
_AGAIN_S: Final = 30.0
_SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class News:
    """A piece of news, durable and redacted.

    Attributes:
        id: opaque.
        number: dense from 1; its address.
        title: redacted.
        text: Markdown, redacted.
        html: as it is shown.
        by: account of staff.
        at: aware, UTC.
        sending: whether people are still to be told.
        told: how many were.
    """

    id: str
    number: int
    title: RedactedText
    text: RedactedText
    html: SafeHtml
    by: str
    at: datetime
    sending: bool = True
    told: int = 0

    @property
    def path(self) -> str:
        """Its address."""
        return f"/kabar/{self.number}"


class NewsStore(Protocol):
    """What is needed of the store."""

    async def next_news(self) -> int: ...
    async def last_news(self) -> int: ...
    async def insert_news(self, news: News) -> None: ...
    async def find_news(self, number: int) -> News | None: ...
    async def find_news_id(self, news_id: str) -> News | None: ...
    async def news_window(self, above: int, up_to: int) -> list[News]: ...
    async def unsent_news(self) -> list[News]: ...
    async def untold(self, news_id: str, account_ids: Sequence[str]) -> list[str]: ...
    async def told(self, news_id: str, account_ids: Sequence[str]) -> None: ...
    async def sent(self, news_id: str) -> None: ...
    async def forget_reader(self, account_id: str) -> None: ...


class Agreements(Protocol):
    """Knows who agreed to what, read anew."""

    async def agreed(self, purpose: str) -> list[str]: ...
    async def stands(self, account_id: str, purpose: str) -> bool: ...


class NewsTeller(Protocol):
    """Tells people that there is news, without content. Called again after a crash."""

    async def tell_of_news(self, account_ids: Sequence[str], news_id: str) -> None: ...


class ProductNews:
    """Product news.

    Args:
        store: where all is kept.
        intake: the gate.
        agreements: who agreed to what.
        teller: tells people.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: NewsStore,
        intake: Intake,
        agreements: Agreements,
        teller: NewsTeller,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._intake = intake
        self._agreements = agreements
        self._teller = teller
        self._audit = audit
        self._clock = clock
        self._wake = asyncio.Event()
        self._work = Background()

    def start(self) -> None:
        """Go on telling, with what waited when the last process ended."""
        self._work.start(self._go_on(), name="product-news")

    async def close(self) -> None:
        """Stop; what is under way goes on at the next start."""
        await self._work.stop()

    async def publish(self, actor: Actor, title: RawText, text: RawText) -> News:
        """Tell everybody, and those who agreed by notice and letter.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
        """
        news_id, numbering, now = new_id(), Numbering(), self._clock()
        heading = await self._words(actor, title, news_id, "title", MAX_TITLE, numbering)
        body = await self._words(actor, text, news_id, "text", MAX_NEWS, numbering)
        number = await self._store.next_news()
        news = News(news_id, number, heading, body, render(body), actor.account_id, now)
        entry = AuditEntry("announcements:news:published", actor.account_id, (news_id,), now)
        async with self._audit.promises.around([entry]):
            await self._store.insert_news(news)
        self._wake.set()
        return news

    async def page(self, before: int | None = None) -> Sequence[News]:
        """Give some, the newest first.

        Args:
            before: number after which the page begins; None for the first.
        """
        last = await self._store.last_news() if before is None else before - 1
        return await self._store.news_window(max(0, last - ON_A_PAGE), last)

    async def find(self, number: int) -> News:
        """Give one.

        Raises:
            NotFound: there is none.
        """
        news = await self._store.find_news(number)
        if news is None:
            raise NotFound
        return news

    async def forget(self, account_id: str) -> None:
        """Forget that somebody was told of anything: their account goes."""
        await self._store.forget_reader(account_id)

    # --- telling ---------------------------------------------------------------------------------------------------

    async def _go_on(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.round()
            except Exception as error:
                logger.warning("news can't be told at the moment: %s", type(error).__name__)
            await news_within(self._wake, _AGAIN_S)

    async def round(self) -> None:
        """Tell those who agreed of everything that they were not told of yet.

        Raises:
            Unavailable: the store does not answer; the rest is told later.
        """
        for news in sorted(await self._store.unsent_news(), key=lambda one: one.number):
            counts = {"people": await self._tell(news)}
            await self._store.sent(news.id)
            entry = AuditEntry("announcements:news:sent", _SYSTEM, (news.id,), self._clock(), counts)
            await self._audit.append([entry])

    async def _tell(self, news: News) -> int:
        agreed, told = await self._agreements.agreed(PURPOSE), 0
        for start in range(0, len(agreed), _GROUP):
            untold = await self._store.untold(news.id, agreed[start : start + _GROUP])
            # Somebody may have withdrawn while others were told.
            now = [account for account in untold if await self._agreements.stands(account, PURPOSE)]
            await self._teller.tell_of_news(now, news.id)
            await self._store.told(news.id, now)
            told += len(now)
        return told

    async def _words(
        self, actor: Actor, raw: RawText, scope: str, field: str, longest: int, numbering: Numbering
    ) -> RedactedText:
        template = await self._intake.admit(raw, scope=scope, field=field, max_length=longest, sender=actor.account_id)
        return template.fill(numbering).text
