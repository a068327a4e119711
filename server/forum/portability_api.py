"""One's own posts as a file, over HTTP."""

from collections.abc import Sequence

from server.forum.portability import MEDIA, Kind, Portability
from server.kernel.wire import Empty, Schema
from server.web.endpoint import Access, Call, Download, Endpoint


class ExportQuery(Schema):
    """In which form: `json` or `markdown`."""

    format: Kind = Kind.JSON


def endpoints(service: Portability) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def export(call: Call) -> Download:
        query: ExportQuery = call.query
        ending = "md" if query.format is Kind.MARKDOWN else "json"
        chunks = await service.export(call.actor, query.format)
        return Download(MEDIA[query.format], f"forum.{ending}", chunks)

    return (
        Endpoint(
            "GET",
            "/api/v1/me/forum-export",
            "One's own posts in the forum, as a file",
            export,
            Empty,
            Access.MEMBER,
            query=ExportQuery,
            downloads=tuple(MEDIA.values()),
        ),
    )
