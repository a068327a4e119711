"""Work that goes on for as long as its owner does, in one task. It knows nothing of what the work is."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


class Background:
    """At most one task, begun and ended with its owner."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Begin.

        Args:
            work: goes on until it is cancelled.
            name: of the task.
        """
        self._task = asyncio.create_task(work, name=name)

    async def stop(self) -> None:
        """Cancel it and wait until it has ended; nothing where none was begun."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
