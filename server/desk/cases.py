"""The desk's cases, kept in step with what happens in conversations, and written in the background many at a time.

What happens is heard, applied in memory and written within a moment; a message that changes nothing of its case costs
nothing. What a crash lost is found at the start: open conversations are compared with their cases. Several processes
may write: who finds another's state applies its own step to that. Must not know who may do what.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, Protocol

from server.chat.events import ConversationChanged, ConversationRated, MessagePosted
from server.chat.model import Conversation, Status
from server.desk.board import Board
from server.desk.entry import Entry, Make, is_news
from server.desk.model import Case, CaseChanged, Row
from server.desk.steps import Steps
from server.kernel.background import Background
from server.kernel.errors import DomainError, NotFound, Unavailable
from server.kernel.ports import Clock, EventSink
from server.kernel.waiting import news_within

logger = logging.getLogger("amanah.desk")

Heard = ConversationChanged | ConversationRated | MessagePosted

_WINDOW: Final = 2_000
_TRIES: Final = 8
_GROUP: Final = 200
_KEPT: Final = 2_000
"""Closed cases that stay in memory."""

_ROUND_S: Final = 1.0
_PAUSE_S: Final = 0.3


class CaseStore(Protocol):
    """Where cases are kept; `case_store` says what each does."""

    async def find(self, case_ids: Sequence[str]) -> dict[str, Case]: ...
    async def open_ones(self) -> list[Case]: ...
    async def save(self, changes: Sequence[tuple[Case, Case]]) -> set[str]: ...


class Conversations(Protocol):
    """Reads conversations, whoever asks; `chat.store` does."""

    async def last_number(self) -> int: ...
    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]: ...


class Talks(Protocol):
    """Gives one conversation as it is now."""

    async def __call__(self, conversation_id: str) -> Conversation: ...


class Cases:
    """All of them. Listens through `hear_message` and `hear_conversation`.

    Args:
        store: where they are kept.
        conversations: all of them, for the start.
        talks: gives one as it is now.
        steps: what becomes of cases.
        sink: hears of changes.
        clock: the time.
    """

    def __init__(
        self,
        store: CaseStore,
        conversations: Conversations,
        talks: Talks,
        steps: Steps,
        sink: EventSink,
        clock: Clock,
    ) -> None:
        self.board = Board()
        self._store = store
        self._conversations = conversations
        self._talks = talks
        self._steps = steps
        self._sink = sink
        self._clock = clock
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._dirty: dict[str, Entry] = {}
        self._arrivals: dict[str, list[Heard]] = {}
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._background = Background()
        self._first: list[Callable[[Collection[str]], Awaitable[None]]] = []
        self._written: list[Callable[[Case, Row], None]] = []

    def before_saving(self, work: Callable[[Collection[str]], Awaitable[None]]) -> None:
        """Do something before closed cases are written: what a restart makes up for only where a case is open."""
        self._first.append(work)

    def on_written(self, listener: Callable[[Case, Row], None]) -> None:
        """Ask to be told of every case that was written: what it was before, and what it is."""
        self._written.append(listener)

    # --- beginning and end -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Read what is open, make up for what a crash lost, then begin to work in the background.

        Raises:
            Unavailable: the store does not answer.
        """
        known = {case.id: case for case in await self._store.open_ones()}
        last = await self._conversations.last_number()
        found: dict[str, Conversation] = {}
        for above in range(0, last, _WINDOW):
            for item in await self._conversations.in_window(above, above + _WINDOW, Status.OPEN):
                found[item.id] = item
        missing = [case_id for case_id in found if case_id not in known]
        known |= await self._store.find(missing)
        for conversation in found.values():
            self._begin(conversation, known.get(conversation.id))
        for case_id in known.keys() - found.keys():
            # Closed while nobody wrote it down.
            self._begin(await self._talks(case_id), known[case_id])
        self.board.closed = max(0, last - len(self.board))
        await self.flush()
        self._background.start(self._work(), name="desk-cases")

    async def close(self) -> None:
        """Write what waits."""
        await self._background.stop()
        try:
            await self._settle()
        except DomainError:
            logger.warning("the desk's last changes are not written; they are found at the next start")

    def _begin(self, conversation: Conversation, case: Case | None) -> Entry:
        """Take a case into memory and make up for what it missed."""
        base = case or Case(conversation.id, conversation.number)
        is_open = conversation.status is Status.OPEN
        entry = Entry(conversation, base, base, base.is_open if base.revision else is_open)
        self._entries[conversation.id] = entry
        if case is None:
            # Written even where nothing else is to be said of it: that it is there.
            entry.makes.append(lambda item: item)
            self._dirty[conversation.id] = entry
        waiting, seq = conversation.waiting_since, conversation.last_seq
        if waiting is not None:
            self._do(entry, lambda item: self._steps.said(item, by_customer=True, seq=seq, at=waiting))
        elif conversation.last_message_at is not None:
            answered = conversation.last_message_at
            self._do(entry, lambda item: self._steps.said(item, by_customer=False, seq=seq, at=answered))
        self._follow(entry, conversation)
        return entry

    # --- hearing ---------------------------------------------------------------------------------------------------

    async def hear_conversation(self, event: ConversationChanged) -> None:
        """A conversation is so now."""
        conversation = event.conversation
        entry = self._entries.get(conversation.id)
        if entry is not None:
            self._follow(entry, conversation)
        elif conversation.last_seq == 0 and not event.progress and conversation.status is Status.OPEN:
            self._begin(conversation, None)
            self._news.set()
        else:
            self._arrive(conversation.id, event)

    async def hear_message(self, event: MessagePosted) -> None:
        """Somebody wrote."""
        entry = self._entries.get(event.message.conversation_id)
        if entry is None:
            self._arrive(event.message.conversation_id, event)
            return
        self._hear(entry, event)

    async def hear_rating(self, event: ConversationRated) -> None:
        """A customer said how it was."""
        conversation = event.conversation
        entry = self._entries.get(conversation.id)
        if entry is None:
            self._arrive(conversation.id, event)
        else:
            self._rate(entry, event)

    def _rate(self, entry: Entry, event: ConversationRated) -> None:
        rating = event.conversation.rating
        score = None if rating is None else rating.score
        self._do(entry, lambda case: replace(case, rating=score))

    def _hear(self, entry: Entry, event: MessagePosted) -> None:
        message = event.message
        by_customer = message.author_id == entry.conversation.customer_id
        case = entry.case
        if by_customer and case.snoozed_until is None and case.clock.has_begun:
            return
        if not by_customer and case.first_response_at is not None:
            return
        seq, at = message.seq, message.created_at
        self._do(entry, lambda item: self._steps.said(item, by_customer=by_customer, seq=seq, at=at))

    def _arrive(self, case_id: str, event: Heard) -> None:
        self._arrivals.setdefault(case_id, []).append(event)
        self._news.set()

    def _follow(self, entry: Entry, conversation: Conversation) -> None:
        """Take over what a conversation is now."""
        entry.conversation = conversation
        at = self._clock()
        self._do(entry, lambda item: self._steps.followed(item, conversation, at))
        self._show(entry)

    def _do(self, entry: Entry, make: Make) -> None:
        """Take a step that is written within a moment."""
        if entry.apply(make):
            self._dirty[entry.case.id] = entry
            self._show(entry)
            self._news.set()

    def _show(self, entry: Entry) -> None:
        is_open = entry.row.is_open
        self.board.closed += entry.was_open - is_open
        entry.was_open = is_open
        self.board.put(entry.row)
        self._entries.move_to_end(entry.case.id)

    # --- for the use cases -----------------------------------------------------------------------------------------

    async def row(self, conversation: Conversation) -> Row:
        """Give a conversation with its case.

        Raises:
            Unavailable: the store does not answer.
        """
        entry = await self._entry(conversation)
        return Row(conversation, entry.case)

    async def rows(self, conversations: Sequence[Conversation]) -> list[Row]:
        """Give conversations with their cases, in the same order."""
        missing = [item.id for item in conversations if item.id not in self._entries]
        found = await self._store.find(missing) if missing else {}
        for item in conversations:
            if item.id not in self._entries and item.id in found:
                self._entries[item.id] = Entry(item, found[item.id], found[item.id], found[item.id].is_open)
        known = {item.id: self._entries.get(item.id) for item in conversations}
        rows = []
        for item in conversations:
            entry = known[item.id]
            rows.append(Row(item, entry.case if entry is not None else Case(item.id, item.number)))
        self._forget()
        return rows

    async def fresh(self, conversation: Conversation) -> Row:
        """Give a case as it is stored, with what was done to it here since: another process may have written it.

        Raises:
            Unavailable: the store does not answer.
        """
        entry = await self._entry(conversation)
        found = (await self._store.find([conversation.id])).get(conversation.id)
        if found is not None and found.revision > entry.base.revision:
            entry.rebase(found, entry.makes)
            self._show(entry)
        return entry.row

    async def change(self, conversation: Conversation, make: Make) -> Row:
        """Change a case; durable when this returns.

        Raises:
            Unavailable: it is not known whether it is stored.
            DomainError: whatever the step raises; nothing is changed then.
        """
        entry = await self._entry(conversation)
        if entry.apply(make):
            self._dirty[conversation.id] = entry
            try:
                await self.flush()
            except DomainError:
                entry.rebase(entry.base, [item for item in entry.makes if item is not make])
                raise
            finally:
                self._show(entry)
        return entry.row

    async def _entry(self, conversation: Conversation) -> Entry:
        entry = self._entries.get(conversation.id)
        if entry is None:
            found = (await self._store.find([conversation.id])).get(conversation.id)
            # Somebody may have been quicker while this was read.
            entry = self._entries.get(conversation.id) or self._begin(conversation, found)
        return entry

    # --- writing ---------------------------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Write everything that waits to be written.

        Raises:
            Unavailable: it is not known what is stored.
        """
        async with self._turn:
            waiting = list(self._dirty.values())
            closing = {entry.case.id for entry in waiting if entry.base.is_open and not entry.case.is_open}
            if closing:
                for work in self._first:
                    await work(closing)
            for start in range(0, len(waiting), _GROUP):
                await self._write(waiting[start : start + _GROUP])

    async def _write(self, entries: Sequence[Entry]) -> None:
        changed: list[Row] = []
        left = list(entries)
        for _ in range(_TRIES):
            left = [entry for entry in left if entry.makes]
            if left:
                left = await self._try(left, changed)
        if left:
            raise Unavailable
        for entry in entries:
            if not entry.makes:
                self._dirty.pop(entry.case.id, None)
        self._forget()
        if changed:
            await self._sink.publish([CaseChanged(row) for row in changed])

    async def _try(self, entries: Sequence[Entry], changed: list[Row]) -> list[Entry]:
        """Write once; give those that another process had written meanwhile, as they are now."""
        pairs = [
            (entry.base, replace(entry.case, revision=entry.base.revision + 1), len(entry.makes)) for entry in entries
        ]
        refused = await self._store.save([(before, after) for before, after, _ in pairs])
        for entry, (before, after, count) in zip(entries, pairs, strict=True):
            if after.id in refused:
                continue
            entry.rebase(after, entry.makes[count:])
            row = Row(entry.conversation, after)
            for listener in self._written:
                listener(before, row)
            if is_news(before, after):
                changed.append(row)
        behind = [entry for entry in entries if entry.case.id in refused]
        fresh = await self._store.find(sorted(refused)) if refused else {}
        for entry in behind:
            base = fresh.get(entry.case.id) or Case(entry.conversation.id, entry.conversation.number)
            entry.rebase(base, entry.makes)
            self._show(entry)
        return behind

    async def _settle(self) -> None:
        """Take in what arrived for cases that were not in memory, wake those whose time has come, and write."""
        arrivals, self._arrivals = self._arrivals, {}
        if arrivals:
            found = await self._store.find([case_id for case_id in arrivals if case_id not in self._entries])
            for case_id, events in arrivals.items():
                await self._take_in(case_id, found.get(case_id), events)
        now = self._clock()
        for row in self.board.snoozed():
            if row.case.snoozed_until is not None and row.case.snoozed_until <= now:
                self._do(self._entries[row.case.id], lambda case: self._steps.woken(case, now))
        await self.flush()

    async def _take_in(self, case_id: str, case: Case | None, events: Sequence[Heard]) -> None:
        entry = self._entries.get(case_id)
        if entry is None:
            try:
                conversation = await self._talks(case_id)
            except NotFound:
                return
            entry = self._entries.get(case_id) or self._begin(conversation, case)
        for event in events:
            if isinstance(event, MessagePosted):
                self._hear(entry, event)
            elif isinstance(event, ConversationRated):
                self._rate(entry, event)
            else:
                self._follow(entry, event.conversation)

    async def _work(self) -> None:
        while True:
            await news_within(self._news, _ROUND_S)
            self._news.clear()
            try:
                await self._settle()
            except DomainError:
                logger.warning("the desk's cases can't be written; it will be tried again")
            except Exception as error:
                logger.error("keeping the desk's cases failed: %s", type(error).__name__)
            # What comes close together is written together.
            await asyncio.sleep(_PAUSE_S)

    def _forget(self) -> None:
        """Let closed cases go that were not used for long."""
        spare = len(self._entries) - len(self.board) - _KEPT
        if spare <= 0:
            return
        for case_id in list(self._entries)[: spare * 2]:
            if self.board.get(case_id) is None and not self._entries[case_id].makes:
                del self._entries[case_id]
