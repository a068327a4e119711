"""Notices over Socket.IO: one event, to the account that is told."""

from collections.abc import Sequence

from server.notices.api import NotificationNews, notification_out
from server.notices.model import NoticeMade
from server.realtime.events import Emission, account_room
from server.realtime.fanout import Fanout


async def _made(event: NoticeMade) -> Sequence[Emission]:
    news = NotificationNews(notification=notification_out(event.notice))
    return (Emission(account_room(event.notice.account_id), "notify:new", news.model_dump(mode="json")),)


def translate(fanout: Fanout) -> None:
    """Say how a notice looks on the wire."""
    fanout.translate(NoticeMade, _made)
