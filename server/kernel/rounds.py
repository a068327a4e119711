"""Work that is remembered by name and done some at a time, in one task, until its owner closes. Knows nothing of it.

What is remembered is remembered elsewhere too, durably: here stands only what is to be looked at next. While the store
is away nothing is forgotten; an owner that closes then leaves the rest for the next start.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from server.kernel.errors import DomainError

_PAUSE_S: Final = 1.0


class Rounds:
    """At most one task.

    Args:
        work: does some of it, by its names; an error of the domain means that the store is away: all is tried again.
        group: names that are given to `work` at once, at most.
        more: whether there is something to do beside what was remembered; `work` is then called without names, too.
    """

    def __init__(
        self, work: Callable[[Sequence[str]], Awaitable[None]], group: int, more: Callable[[], bool] = lambda: False
    ) -> None:
        self._work = work
        self._group = group
        self._more = more
        self._waiting: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def start(self, *, name: str) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._go_on(), name=name)

    async def close(self) -> None:
        """Finish what waits, as far as the store answers, then end."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    def remember(self, names: Iterable[str] = ()) -> None:
        """Have something done; without names what `more` speaks of."""
        self._waiting |= dict.fromkeys(names)
        self._idle.clear()
        self._wake.set()

    async def settle(self) -> None:
        """Wait until nothing is left to do."""
        if self._task is not None:
            await self._idle.wait()

    async def _go_on(self) -> None:
        while True:
            if not self._waiting and not self._more():
                self._idle.set()
                if self._closing:
                    return
                self._wake.clear()
                await self._wake.wait()
                continue
            group = list(self._waiting)[: self._group]
            for name in group:
                del self._waiting[name]
            try:
                await self._work(group)
            except DomainError:
                if self._closing:
                    self._idle.set()
                    return
                self._waiting = {**dict.fromkeys(group), **self._waiting}
                await asyncio.sleep(_PAUSE_S)
