"""Product news over HTTP: everybody reads, staff write."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.announcements.news import News, ProductNews
from server.kernel.wire import Moment, Schema, TypedSubject, TypedText
from server.web.endpoint import Access, Call, Endpoint

_NEWS = "/api/v1/news"


class NewsOut(Schema):
    """A piece of news."""

    id: str
    number: int
    path: str
    title: str
    text: str
    html: str
    at: Moment


class NewsReply(Schema):
    """A piece of news."""

    news: NewsOut


class NewsList(Schema):
    """Some, the newest first; `next_cursor` is null at the end."""

    items: list[NewsOut]
    next_cursor: str | None


class NewsQuery(Schema):
    """Where the page begins."""

    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")] | None = None


class NewNews(Schema):
    """What is told: to everybody, and by notice and letter to those who agreed to `marketing`."""

    title: TypedSubject
    text: TypedText


def endpoints(news: ProductNews) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def page(call: Call) -> NewsList:
        query: NewsQuery = call.query
        found = await news.page(int(query.cursor) if query.cursor else None)
        last = found[-1].number if found else 1
        return NewsList(items=[_out(one) for one in found], next_cursor=str(last) if last > 1 else None)

    async def publish(call: Call) -> NewsReply:
        body: NewNews = call.body
        return NewsReply(news=_out(await news.publish(call.actor, body.title, body.text)))

    return (
        Endpoint(
            "GET",
            _NEWS,
            "Product news",
            page,
            NewsList,
            Access.PUBLIC,
            query=NewsQuery,
            network_limit="page_network",
        ),
        Endpoint(
            "POST",
            _NEWS,
            "Tell product news, also by notice and letter to those who agreed to that",
            publish,
            NewsReply,
            Access.DESK,
            body=NewNews,
            status=201,
        ),
    )


def _out(news: News) -> NewsOut:
    return NewsOut(
        id=news.id,
        number=news.number,
        path=news.path,
        title=news.title.value,
        text=news.text.value,
        html=news.html.value,
        at=news.at,
    )
