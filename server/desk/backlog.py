"""Works through what was there before some work was begun: the newest first, a few numbers at a time, all else first.

How far it came is remembered, for one process at a time, so a restart goes on. Must not know what the work is.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.kernel.background import Background
from server.kernel.errors import DomainError
from server.kernel.ids import new_id
from server.kernel.ports import Clock

logger = logging.getLogger("amanah.desk")

_LEASE: Final = timedelta(seconds=60)
_DONE: Final = "0"


class Progress(Protocol):
    """Remembers how far one process at a time has come; `office_store` does."""

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> str | None: ...
    async def note_turn(self, name: str, holder: str, account_id: str) -> None: ...


class Task(Protocol):
    """What is to be done with everything that has a number.

    Attributes:
        name: under which it is remembered how far it came.
        width: how many numbers at a time.
        pause_s: seconds between them, in which everything else gets its turn.
    """

    name: str
    width: int
    pause_s: float

    async def last_number(self) -> int:
        """Give the newest number when the task is begun."""

    async def take(self, above: int, up_to: int) -> None:
        """Do what is to be done with these numbers; done twice it does no harm.

        Raises:
            Unavailable: the store does not answer; it is done again after the next start.
        """


class Backlog:
    """One task over everything that was there before.

    Args:
        task: what is done.
        progress: remembers how far it came.
        clock: the time.
    """

    def __init__(self, task: Task, progress: Progress, clock: Clock) -> None:
        self._task = task
        self._progress = progress
        self._clock = clock
        self._holder = new_id()
        self._background = Background()

    def start(self) -> None:
        """Begin."""
        self._background.start(self._work(), name=self._task.name)

    async def close(self) -> None:
        """End; the next start goes on."""
        await self._background.stop()

    async def step(self) -> bool:
        """Take some numbers; say whether there are more.

        Raises:
            Unavailable: the store does not answer.
        """
        now = self._clock()
        noted = await self._progress.take_lease(self._task.name, self._holder, now, now + _LEASE)
        if noted is None or noted == _DONE:
            return False
        top = int(noted) if noted else await self._task.last_number()
        bottom = max(0, top - self._task.width)
        if bottom < top:
            await self._task.take(bottom, top)
        await self._progress.note_turn(self._task.name, self._holder, str(bottom))
        return bottom > 0

    async def _work(self) -> None:
        try:
            more = True
            while more:
                more = await self.step()
                await asyncio.sleep(self._task.pause_s)
        except DomainError:
            logger.warning("%s goes on after the next start: the store does not answer", self._task.name)
        except Exception as error:
            logger.error("%s failed: %s", self._task.name, type(error).__name__)
