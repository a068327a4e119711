"""The desk's search over HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime

from server.chat.model import Status
from server.desk.api import ROOT, CaseWriter
from server.desk.schemas import DeskSearchHit, DeskSearchPage, DeskSearchQuery
from server.desk.searching import DeskSearch, Query
from server.web.endpoint import Access, Call, Endpoint


def endpoints(search: DeskSearch, writer: CaseWriter) -> Sequence[Endpoint]:
    """Declare the endpoint."""

    async def find(call: Call) -> DeskSearchPage:
        query: DeskSearchQuery = call.query
        found = await search.search(
            call.actor,
            Query(
                query.q,
                None if query.status is None else Status(query.status),
                query.label,
                _aware(query.from_),
                _aware(query.to),
                query.cursor,
                query.limit,
            ),
        )
        page = await writer.page(call.actor, [hit.row for hit in found.hits], found.cursor)
        return DeskSearchPage(
            items=[
                DeskSearchHit(
                    item=item,
                    kind=hit.kind,
                    seq=hit.place if hit.kind == "message" else None,
                    number=hit.place if hit.kind == "note" else None,
                    text=hit.text,
                    created_at=hit.at,
                )
                for item, hit in zip(page.items, found.hits, strict=True)
            ],
            next_cursor=found.cursor,
        )

    return (
        Endpoint(
            "GET",
            f"{ROOT}/search",
            "Places in conversations that the caller may read",
            find,
            DeskSearchPage,
            Access.DESK,
            query=DeskSearchQuery,
        ),
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A moment without a zone is meant in UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
