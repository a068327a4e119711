"""Digests: letters that say once a day or week that there is something to read. Survives a kill, and never sends twice.

For each digest that is due: its letter, whose id is made of the account and the moment, is put into the mail queue
without being sent; then the digest is claimed in one write; then the letter is let go. Whatever is repeated after a
kill has no effect: a second letter has the same id, a claimed digest is due no more, and a letter that is gone can't
be let go again.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from server.kernel.background import Background
from server.kernel.ports import Clock
from server.notices.model import DEFAULTS, DIGESTS, Desk, Pace
from server.notices.schedule import letter_id

logger = logging.getLogger("amanah.notices")

_LOOK_S = 30.0


class DigestStore(Protocol):
    """What is needed of `notices.desk_store`."""

    async def due(self, pace: Pace, now: datetime) -> list[Desk]: ...
    async def unfinished(self, pace: Pace) -> list[Desk]: ...
    async def claim(self, account_id: str, pace: Pace, due: datetime, letter: str) -> bool: ...
    async def finish(self, account_id: str, pace: Pace) -> None: ...


class DigestPost(Protocol):
    """What is needed of `accounts.correspondence`."""

    async def hold(
        self,
        account_id: str,
        letter: str,
        links: Callable[[str], Mapping[str, str]],
        *,
        letter_id: str,
        values: Mapping[str, str],
    ) -> bool:
        """Put a letter into the queue that is not sent before it is let go; False where none can be sent."""
        ...

    async def release(self, letter_id: str) -> None:
        """Let a letter go; nothing where it is gone already."""
        ...


class Digests:
    """Sends digests.

    Args:
        store: which are due.
        post: the mail queue.
        links: gives what stands in the digest of an account.
        clock: the time.
    """

    def __init__(
        self,
        store: DigestStore,
        post: DigestPost,
        links: Callable[[str, Pace], Callable[[str], Mapping[str, str]]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._post = post
        self._links = links
        self._clock = clock
        self._work = Background()

    def start(self) -> None:
        """Finish what a process left unfinished, and go to work."""
        self._work.start(self._look_now_and_then(), name="digests")

    async def close(self) -> None:
        """Stop; what is under way is finished by the next process."""
        await self._work.stop()

    async def recover(self) -> None:
        """Let go what was claimed before a kill."""
        for pace in DIGESTS:
            for desk in await self._store.unfinished(pace):
                await self._release(desk.account_id, pace, desk.sending[pace])

    async def send_due(self) -> int:
        """Send what is due; give how many letters."""
        now = self._clock()
        sent = 0
        for pace in DIGESTS:
            for desk in await self._store.due(pace, now):
                sent += await self._send(desk, pace)
        return sent

    async def _send(self, desk: Desk, pace: Pace) -> bool:
        due = desk.due[pace]
        if all(desk.choice(kind).mail is not pace for kind in DEFAULTS):
            # Stopped since something began to wait.
            await self._store.claim(desk.account_id, pace, due, "")
            return False
        letter = letter_id(pace, desk.account_id, due)
        held = await self._post.hold(
            desk.account_id,
            f"digest_{pace.value}",
            self._links(desk.account_id, pace),
            letter_id=letter,
            values={"count": str(desk.pending.get(pace, 1))},
        )
        if not await self._store.claim(desk.account_id, pace, due, letter if held else ""):
            return False
        if held:
            await self._release(desk.account_id, pace, letter)
        return held

    async def _release(self, account_id: str, pace: Pace, letter: str) -> None:
        await self._post.release(letter)
        await self._store.finish(account_id, pace)

    async def _look_now_and_then(self) -> None:
        while True:
            try:
                await self.recover()
                sent = await self.send_due()
                if sent:
                    logger.info("digests sent: %d", sent)
            except Exception as error:
                logger.warning("digests are behind: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_S)
