"""Notices over Socket.IO: to the account that is told, and to its other windows what it has read."""

from collections.abc import Sequence

from server.notices.api import NotificationNews, NotificationsRead, notification_out
from server.notices.model import NoticeMade, NoticesRead
from server.realtime.events import Emission, account_room
from server.realtime.fanout import Fanout


async def _made(event: NoticeMade) -> Sequence[Emission]:
    news = NotificationNews(notification=notification_out(event.notice), unread=event.unread)
    return (Emission(account_room(event.notice.account_id), "notify:new", news.model_dump(mode="json")),)


async def _read(event: NoticesRead) -> Sequence[Emission]:
    left = NotificationsRead(unread=event.unread)
    return (Emission(account_room(event.account_id), "notify:read", left.model_dump(mode="json")),)


def translate(fanout: Fanout) -> None:
    """Say how notices look on the wire."""
    fanout.translate(NoticeMade, _made)
    fanout.translate(NoticesRead, _read)
