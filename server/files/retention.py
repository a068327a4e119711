"""How long files stay that nothing took."""

from datetime import datetime
from typing import Protocol

from server.files.model import KEPT_UNSENT
from server.kernel.retention import RetentionRule, Spared, Stock, Way, Ways, stays


class FilesKept(Protocol):
    """What removes files; `files.service` does."""

    async def sweep(self) -> int: ...


def retention(stock: Stock, files: FilesKept) -> Ways:
    """Give the rules: a file goes with what it hangs on, and after an hour where it hangs on nothing."""
    rule = RetentionRule("file:waiting", ("files",), "support", KEPT_UNSENT, "made", unheld="unsent")

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        found = 0
        async for window in stock.older("files", "waiting_since", now - KEPT_UNSENT, ()):
            found += len(window)
        return found, 0

    async def sweep(now: datetime, spared: Spared) -> int:
        return await files.sweep()

    return Ways(
        Way(rule, due, sweep),
        stays("file:posted", ("files", "file_content.files", "file_content.chunks"), "support", "whole"),
    )
