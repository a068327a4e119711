"""What one was told, over HTTP; the same form over Socket.IO."""

from collections.abc import Sequence

from server.kernel.wire import Moment, Schema
from server.notices.model import Kind, Notice
from server.notices.service import Notices
from server.web.endpoint import Call, Endpoint
from server.web.paging import PageQuery, next_cursor, place_of


class ObjectOut(Schema):
    """What something is about."""

    type: str
    id: str


class NotificationOut(Schema):
    """That something happened. It says nothing of what was said."""

    id: str
    kind: Kind
    object: ObjectOut
    at: Moment


class NotificationPage(Schema):
    """Some notifications, newest first; `next_cursor` is null at the end."""

    items: list[NotificationOut]
    next_cursor: str | None


class NotificationNews(Schema):
    """What `notify:new` carries."""

    notification: NotificationOut


def notification_out(notice: Notice) -> NotificationOut:
    """Give the wire form of a notice."""
    return NotificationOut(
        id=notice.id,
        kind=notice.kind,
        object=ObjectOut(type=notice.object_type, id=notice.object_id),
        at=notice.at,
    )


def endpoints(service: Notices) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def list_notices(call: Call) -> NotificationPage:
        query: PageQuery = call.query
        found = await service.list(call.actor, before_id=place_of(query.cursor), limit=query.limit + 1)
        items = [notification_out(notice) for notice in found[: query.limit]]
        return NotificationPage(items=items, next_cursor=next_cursor([item.id for item in found], query.limit))

    return (
        Endpoint(
            "GET",
            "/api/v1/me/notifications",
            "What one was told, newest first",
            list_notices,
            NotificationPage,
            query=PageQuery,
        ),
    )
