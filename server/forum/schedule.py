"""Scheduled topics appear at their time, also after a restart: the store holds when each is due."""

import asyncio
import logging
from datetime import datetime
from typing import Any, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.consequences import Consequences
from server.forum.events import TopicChanged, TopicPosted
from server.forum.model import Post, PostState, Topic, TopicState
from server.forum.writing import TopicWriter
from server.kernel.background import Background
from server.kernel.errors import Conflict
from server.kernel.ports import Clock, EventSink

logger = logging.getLogger(__name__)

_LOOK_S = 15.0
"""How late a topic may appear."""


class ScheduleStore(Protocol):
    """What is needed of the store of topics."""

    async def due_until(self, moment: datetime) -> list[Topic]: ...
    async def next_bump(self) -> int: ...


class PostStore(Protocol):
    """What is needed of the store of posts."""

    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...


class Writers(Protocol):
    """Who may write."""

    async def may_write(self, account_id: str) -> bool: ...


class Schedule:
    """Publishes what is due; what somebody scheduled who may not write at its time waits until they may."""

    def __init__(
        self,
        topics: ScheduleStore,
        posts: PostStore,
        writer: TopicWriter,
        writers: Writers,
        consequences: Consequences,
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
    ) -> None:
        self._topics = topics
        self._posts = posts
        self._writer = writer
        self._writers = writers
        self._consequences = consequences
        self._audit = audit
        self._sink = sink
        self._clock = clock
        self._background = Background()

    def start(self) -> None:
        """Begin to look."""
        self._background.start(self._look_now_and_then(), name="forum-schedule")

    async def close(self) -> None:
        """End."""
        await self._background.stop()

    async def publish_due(self) -> int:
        """Publish what is due; give how many topics appeared.

        Raises:
            Unavailable: the store does not answer.
        """
        appeared = 0
        for topic in await self._topics.due_until(self._clock()):
            if await self._writers.may_write(topic.author_id):
                appeared += await self._publish(topic)
        return appeared

    async def _publish(self, topic: Topic) -> bool:
        first = await self._posts.find_post(topic.id, 1)
        if first is None:
            # Its author's request ended half-way: when it comes again it is written and appears at the next look.
            return False
        shown = topic.state is TopicState.SCHEDULED and first.state is PostState.PUBLISHED
        now = self._clock()
        fields: dict[str, Any] = {}
        if shown:
            bump = await self._topics.next_bump()
            fields = {"state": TopicState.PUBLISHED.value, "bump": bump, "active_at": now}
        elif topic.state is TopicState.SCHEDULED:
            fields = {"state": (TopicState.HELD if first.state is PostState.HELD else TopicState.HIDDEN).value}

        def make(current: Topic) -> dict[str, Any]:
            if current.state is not topic.state:
                raise Conflict
            return fields

        # First, so that a crash in between has it counted anew.
        await self._consequences.again(topic.id)
        try:
            changed = await self._writer.change(topic.id, make, gone=("due",))
        except Conflict:
            return False
        if shown:
            await self._audit.append(
                [AuditEntry("forum:topic:published", topic.author_id, (topic.id,), now, {"number": topic.number})]
            )
            self._consequences.count(topic.category_id, topics=1, posts=1)
            await self._consequences.again(topic.id)
            await self._sink.publish([TopicPosted(changed, first), TopicChanged(changed)])
        return shown

    async def _look_now_and_then(self) -> None:
        while True:
            try:
                await self.publish_due()
            except Exception as error:
                logger.warning("publishing scheduled topics failed: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_S)
