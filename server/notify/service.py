"""The mail queue: what is put into it survives a kill, and is tried until it is handed over or hopeless.

One process works on it; several would send some letters twice. Never logs an address or a letter.
"""

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from server.kernel.errors import Unavailable
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.waiting import news_within
from server.notify.composing import Composer
from server.notify.model import GIVEN_UP_AFTER, PURPOSES, NewLetter, QueuedLetter, Written, is_hopeless, pause_after

logger = logging.getLogger("amanah.mail")

Permission = Callable[[str, str], Awaitable[bool]]
"""Says of an account and a purpose whether its data may be used for it now."""

_AT_ONCE = 4
_LAST_S = 1.0
"""How long letters that are under way may take at the end."""

_LOOK_S = 1.0
"""How long the queue is left alone at most, for the clock may be set."""


@dataclass(frozen=True, slots=True)
class MailStats:
    """Counts since the start; `waiting` is of now.

    Attributes:
        waiting: letters that are to go out, those under way among them.
        sent: letters that the mail server took.
        postponed: attempts that failed and are repeated.
        dropped: letters that were refused for good, or given up.
    """

    waiting: int
    sent: int
    postponed: int
    dropped: int


class Refused(Exception):
    """The mail server will never take this letter: there is no such mailbox, or it takes no such mail."""


class Undeliverable(Exception):
    """The letter could not be handed over now."""


class Carrier(Protocol):
    """Hands letters to a mail server."""

    async def carry(self, written: Written) -> None:
        """Hand a letter over.

        Raises:
            Refused: it is no use to try again.
            Undeliverable: it may be tried again.
        """
        ...


class LetterStore(Protocol):
    """Where letters wait."""

    async def insert(self, queued: QueuedLetter, *, held: bool = False) -> None: ...
    async def insert_all(self, letters: Sequence[QueuedLetter]) -> list[QueuedLetter]: ...
    async def release(self, letter_id: str, due_at: datetime) -> bool: ...
    async def drop_held(self, before: datetime) -> int: ...
    async def find(self, letter_id: str) -> QueuedLetter | None: ...
    async def postpone(self, queued: QueuedLetter) -> None: ...
    async def delete(self, letter_id: str) -> None: ...
    async def waiting(self) -> Sequence[tuple[datetime, str]]: ...


class MailQueue:
    """Fills `kernel.ports.Mailer`.

    Args:
        store: where letters wait.
        carrier: hands them over.
        composer: puts them into words, as late as possible: the store holds names and values only.
        clock: the time.
    """

    def __init__(self, store: LetterStore, carrier: Carrier, composer: Composer, clock: Clock) -> None:
        self._store = store
        self._carrier = carrier
        self._composer = composer
        self._clock = clock
        self._permission: Permission | None = None
        self._due: list[tuple[datetime, str]] = []
        self._news = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._trying: set[asyncio.Task[None]] = set()
        self._sent = self._postponed = self._dropped = 0

    @property
    def stats(self) -> MailStats:
        """How the queue does."""
        return MailStats(len(self._due) + len(self._trying), self._sent, self._postponed, self._dropped)

    async def mail(
        self, letter: str, *, account_id: str, to: str, locale: str, values: Mapping[str, str] | None = None
    ) -> None:
        """See `kernel.ports.Mailer`."""
        now = self._clock()
        queued = QueuedLetter(new_id(), letter, account_id, to, locale, dict(values or {}), now, now)
        await self._store.insert(queued)
        self._await(queued)

    async def mail_all(self, letter: str, letters: Sequence[NewLetter]) -> None:
        """Put many of one letter into the queue in one command; all of them survive a kill from then on.

        Raises:
            Unavailable: it is not known which are in the queue; with ids of their own they may be given again.
        """
        now = self._clock()
        queued = [
            QueuedLetter(one.id or new_id(), letter, one.account_id, one.to, one.locale, dict(one.values), now, now)
            for one in letters
        ]
        for fresh in await self._store.insert_all(queued) if queued else ():
            self._await(fresh)

    async def hold(
        self, letter: str, *, letter_id: str, account_id: str, to: str, locale: str, values: Mapping[str, str]
    ) -> None:
        """Put a letter into the queue that is not sent before it is let go. The same id again has no effect."""
        now = self._clock()
        await self._store.insert(
            QueuedLetter(letter_id, letter, account_id, to, locale, dict(values), now, now), held=True
        )

    async def release(self, letter_id: str) -> None:
        """Let a letter go; nothing where it is gone, or was let go before."""
        now = self._clock()
        if await self._store.release(letter_id, now):
            heapq.heappush(self._due, (now, letter_id))
            self._news.set()

    def permit(self, permission: Permission) -> None:
        """Say who knows whether people agree to letters that need it; until then none of these goes out."""
        self._permission = permission

    async def start(self) -> None:
        """Take up what waited when the last process ended, and go to work."""
        await self._store.drop_held(self._clock() - GIVEN_UP_AFTER)
        self._due = list(await self._store.waiting())
        heapq.heapify(self._due)
        self._worker = asyncio.create_task(self._work(), name="mail")

    async def close(self) -> None:
        """Stop; what is under way is tried again by the next process."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        if self._trying:
            # What a mail server takes just now is noted, for it would be sent again. One that hangs is not waited for.
            await asyncio.wait(self._trying, timeout=_LAST_S)
        trying = list(self._trying)
        for task in trying:
            task.cancel()
        await asyncio.gather(*trying, return_exceptions=True)

    def _await(self, queued: QueuedLetter) -> None:
        heapq.heappush(self._due, (queued.due_at, queued.id))
        self._news.set()

    async def _work(self) -> None:
        while True:
            self._news.clear()
            now = self._clock()
            # Each by itself: the mail server may think long about one of them.
            while self._due and self._due[0][0] <= now and len(self._trying) < _AT_ONCE:
                task = asyncio.create_task(self._try(heapq.heappop(self._due)[1]), name="letter")
                self._trying.add(task)
                task.add_done_callback(self._tried)
            idle = not self._due or len(self._trying) == _AT_ONCE
            pause = _LOOK_S if idle else (self._due[0][0] - now).total_seconds()
            await news_within(self._news, min(max(pause, 0.01), _LOOK_S))

    def _tried(self, task: asyncio.Task[None]) -> None:
        self._trying.discard(task)
        self._news.set()

    async def _try(self, letter_id: str) -> None:
        """Try a letter once; whatever happens, it is either gone or waits again."""
        try:
            queued = await self._store.find(letter_id)
            if queued is not None:
                await self._deliver(queued)
        except Exception as error:
            if not isinstance(error, Unavailable):
                logger.error("a letter can't be worked on: %s", type(error).__name__)
            heapq.heappush(self._due, (self._clock() + pause_after(3), letter_id))

    async def _may_go(self, queued: QueuedLetter) -> bool:
        """Whether a letter may go out now: a consent may have been withdrawn since it was written.

        Raises:
            Unavailable: nobody can say at the moment.
        """
        purpose = PURPOSES.get(queued.letter)
        if purpose is None:
            return True
        if self._permission is None:
            raise Unavailable
        return await self._permission(queued.account_id, purpose)

    async def _deliver(self, queued: QueuedLetter) -> None:
        if not await self._may_go(queued):
            await self._store.delete(queued.id)
            return
        try:
            await self._carrier.carry(self._composer.write(queued))
            self._sent += 1
        except Refused:
            self._dropped += 1
            logger.warning("letter %s was refused for good and is dropped", queued.id)
        except Undeliverable:
            now = self._clock()
            if not is_hopeless(queued, now):
                attempts = queued.attempts + 1
                later = replace(queued, attempts=attempts, due_at=now + pause_after(attempts))
                await self._store.postpone(later)
                self._await(later)
                self._postponed += 1
                return
            self._dropped += 1
            logger.warning("letter %s was dropped after %d attempts", queued.id, queued.attempts)
        await self._store.delete(queued.id)
