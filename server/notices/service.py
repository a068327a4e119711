"""Use cases of notices: tell people, list what one was told."""

from collections.abc import Sequence
from typing import Protocol

from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink, Limiter
from server.notices.model import Kind, Notice, NoticeMade


class NoticeStore(Protocol):
    """What the service needs from its store."""

    async def insert(self, notices: Sequence[Notice]) -> None: ...
    async def newest(self, account_id: str, before_id: str | None, limit: int) -> list[Notice]: ...


class Notices:
    """What people are told."""

    def __init__(self, store: NoticeStore, sink: EventSink, limiter: Limiter, clock: Clock) -> None:
        self._store = store
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def tell(self, account_ids: Sequence[str], kind: Kind, object_type: str, object_id: str) -> None:
        """Tell some accounts. Durable on return; who is there has heard of it.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        at = self._clock()
        notices = [Notice(new_id(), account_id, kind, object_type, object_id, at) for account_id in account_ids]
        if notices:
            await self._store.insert(notices)
            await self._sink.publish([NoticeMade(notice) for notice in notices])

    async def list(self, actor: Actor, *, before_id: str | None, limit: int) -> Sequence[Notice]:
        """Give what the actor was told, newest first.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        return await self._store.newest(actor.account_id, before_id, limit)
