"""The conversations in use: read once, kept in memory, their progress told and saved in the background.

Everything here can be rebuilt from the store and the audit trail. Must not know who may do what.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Protocol
from weakref import WeakValueDictionary

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, Turn
from server.chat.live import RECENT, SAVED_WITHIN_S, LiveConversation, Progress, Snapshot
from server.chat.model import Conversation, Message, Status, message_id
from server.chat.trail import message_entry
from server.kernel.background import Background
from server.kernel.errors import DomainError, NotFound
from server.kernel.ports import EventSink

logger = logging.getLogger(__name__)

_LIVE = 10_000
_PAGES = 500
"""Conversations whose last messages stay in memory once somebody has read them: some 25 MB."""

_NEWS_S = 0.25
_NEWS_EVERY_S = 2.0
_LOOKED_AT = 1_000
"""How many of the newest conversations are looked at after a crash: some 30 commands to the store."""

_NAMED = 50


class ProgressStore(Protocol):
    """What the registry needs from the store."""

    async def load(self, conversation_id: str) -> Snapshot | None: ...
    async def save_progress(self, progress: Sequence[Progress]) -> None: ...
    async def last_number(self) -> int: ...
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]: ...
    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...
    async def texts(self, message_ids: Sequence[str]) -> Mapping[str, str]: ...
    async def conversations(self, conversation_ids: Sequence[str]) -> list[Conversation]: ...
    async def placed(self, places: Collection[tuple[str, int]]) -> list[Message]: ...


class LiveConversations:
    """All conversations in use.

    Args:
        store: where they are kept.
        audit: the trail.
        sink: hears of progress.
        alone: whether nobody else writes to the store; only then what was read once may be shown again from memory.
    """

    def __init__(self, store: ProgressStore, audit: AuditTrail, sink: EventSink, *, alone: bool = False) -> None:
        self._store = store
        self._alone = alone
        self._pages: OrderedDict[str, LiveConversation] = OrderedDict()
        self._audit = audit
        self._sink = sink
        self._live: OrderedDict[str, LiveConversation] = OrderedDict()
        self._loading: dict[str, asyncio.Task[LiveConversation]] = {}
        self._moved: dict[str, LiveConversation] = {}
        """What the next news are about."""
        self._unsaved: dict[str, LiveConversation] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._background = Background()

    def turn(self, conversation_id: str) -> asyncio.Lock:
        """Give what those hold one after the other who change stored messages of a conversation."""
        return self._turns.setdefault(conversation_id, asyncio.Lock())

    async def start(self) -> None:
        """Save what a crash left unsaved, then begin to work in the background.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._catch_up()
        self._background.start(self._tell_and_save(), name="chat-progress")

    async def close(self) -> None:
        """Save all progress."""
        await self._background.stop()
        with suppress(DomainError):
            await self.save(list(self._unsaved.values()))

    async def get(self, conversation_id: str) -> LiveConversation:
        """Give the working state of a conversation, reading it where it is not in memory or not up to date.

        Raises:
            NotFound: there is no such conversation.
        """
        live = self._live.get(conversation_id)
        if live is not None and not live.stale:
            self._live.move_to_end(conversation_id)
            return live
        task = self._loading.get(conversation_id)
        if task is None:
            task = asyncio.create_task(self._load(conversation_id, live))
            self._loading[conversation_id] = task
            task.add_done_callback(lambda done: self._loaded(conversation_id, done))
        return await asyncio.shield(task)

    def _loaded(self, conversation_id: str, task: "asyncio.Task[LiveConversation]") -> None:
        """Whoever asked may be gone: the outcome is looked at here, so that no error is left unseen."""
        del self._loading[conversation_id]
        if not task.cancelled():
            task.exception()

    async def _load(self, conversation_id: str, live: LiveConversation | None) -> LiveConversation:
        """Read a conversation, into its stale state where there is one (drafts on their way refer to it)."""
        snapshot = await self._store.load(conversation_id)
        if snapshot is None:
            raise NotFound
        if live is None:
            live = LiveConversation.of(snapshot)
        elif live.stale:
            live.restore(snapshot)
        self._live[conversation_id] = live
        while len(self._live) > _LIVE:
            oldest, candidate = next(iter(self._live.items()))
            if candidate.dirty or candidate.tail is not None:
                self._live.move_to_end(oldest)
                break
            del self._live[oldest]
        return live

    def current(self, stored: Conversation) -> Conversation:
        """The state in memory where there is one: the record in the store lags a little behind."""
        live = self._live.get(stored.id)
        return live.conversation if live else stored

    async def several(self, conversation_ids: Collection[str]) -> dict[str, Conversation]:
        """Give those conversations that there are, read with one command for each fifty that are not in memory."""
        known = {key: self._live[key].conversation for key in conversation_ids if key in self._live}
        missing = [key for key in conversation_ids if key not in known]
        for item in await self._store.conversations(missing) if missing else ():
            known[item.id] = self.current(item)
        return known

    async def placed(self, places: Collection[tuple[str, int]]) -> list[Message]:
        """Give messages by conversation and `seq`; in no order."""
        return await self._store.placed(places)

    async def window(self, live: LiveConversation, after_seq: int, up_to_seq: int) -> list[Message]:
        """Give the messages with `after_seq < seq <= up_to_seq`, ascending: from memory, or at most 100 of the store's.

        Raises:
            Unavailable: the store does not answer.
        """
        remembered = live.remembered(after_seq, RECENT)
        if remembered is not None:
            if live.conversation.id in self._pages:
                self._pages.move_to_end(live.conversation.id)
            return [message for message in remembered if message.seq <= up_to_seq]
        before = live.reading()
        found = await self._store.messages(live.conversation.id, after_seq, min(up_to_seq, after_seq + RECENT))
        if self._alone and live.remember(found, before):
            self._pages[live.conversation.id] = live
            self._pages.move_to_end(live.conversation.id)
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)[1].forget_messages()
        return found

    def touch(self, live: LiveConversation) -> None:
        """Its progress is to be told soon and to be saved at some time."""
        live.touch(asyncio.get_running_loop().time())
        self._moved[live.conversation.id] = live
        self._unsaved[live.conversation.id] = live

    async def _tell_and_save(self) -> None:
        while True:
            await asyncio.sleep(_NEWS_S)
            try:
                await self._tell()
                at = asyncio.get_running_loop().time()
                await self.save([live for live in self._unsaved.values() if live.is_due(at)])
            except DomainError:
                logger.warning("saving progress failed; it will be tried again")
            except Exception as error:
                logger.error("saving progress failed: %s", type(error).__name__)

    async def _tell(self) -> None:
        """Tell what moved on: at once after a while of quiet, then once for many messages."""
        at = asyncio.get_running_loop().time()
        due = [live for live in self._moved.values() if at - live.told_at >= _NEWS_EVERY_S]
        for live in due:
            del self._moved[live.conversation.id]
            live.told_at = at
        if due:
            await self._sink.publish([_news_of(live) for live in due])

    async def save(self, states: Sequence[LiveConversation]) -> None:
        """Save last `seq`, new numbers and read marks. After a crash they are rebuilt from the messages."""
        changed = [live for live in states if live.dirty and not live.stale]
        if not changed:
            return
        progress = [live.progress() for live in changed]
        try:
            await self._store.save_progress(progress)
        except BaseException:
            for live, item in zip(changed, progress, strict=True):
                live.restore_progress(item)
            raise
        for live in changed:
            if not live.dirty:
                self._unsaved.pop(live.conversation.id, None)

    async def _catch_up(self) -> None:
        """Tell and save what a crash left behind: messages that are stored, and neither told nor counted yet.

        That is looked for in every conversation that the end of the trail names, and in the newest ones, for the last
        message of one that was quiet before is in no trail. In older ones it is told when its sender repeats it.
        """
        entries = await self._audit.recent(SAVED_WITHIN_S * 2)
        about = [entry for entry in entries if entry.action.startswith("chat:message:")]
        told = {(entry.objects[0], entry.counts["seq"]) for entry in about if "seq" in entry.counts}
        untold: list[AuditEntry] = []
        for conversation_id in {entry.objects[0] for entry in about} | await self._left_behind():
            with suppress(NotFound):
                live = await self.get(conversation_id)
                newer = await self._store.messages(conversation_id, live.saved_seq, live.conversation.last_seq)
                untold += [
                    message_entry(self._audit, message)
                    for message in newer
                    if (conversation_id, message.seq) not in told
                ]
                if newer:
                    self.touch(live)
        if untold:
            logger.warning("messages that a crash left out of the trail: %d", len(untold))
            await self._audit.append(untold)

    async def _left_behind(self) -> set[str]:
        """Which of the newest conversations have a message that their record does not know of."""
        last = await self._store.last_number()
        found = await self._store.in_window(max(0, last - _LOOKED_AT), last, None)
        following = {message_id(item.id, item.last_seq + 1): item.id for item in found}
        asked = list(following)
        behind: set[str] = set()
        for start in range(0, len(asked), _NAMED):
            present = await self._store.texts(asked[start : start + _NAMED])
            behind |= {following[name] for name in present}
        return behind


def _news_of(live: LiveConversation) -> ConversationChanged:
    """Say how a conversation moved on, and whether its customer's message opened it again, once."""
    turn = Turn.REOPENED if live.turned and live.conversation.status is Status.OPEN else None
    live.turned = False
    return ConversationChanged(live.conversation, progress=True, queue=live.is_news_to_queue(), turn=turn)
