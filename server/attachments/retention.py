"""How long images stay that no text shows."""

from datetime import datetime
from typing import Protocol

from server.attachments.model import KEPT_LOOSE
from server.kernel.retention import RetentionRule, Spared, Stock, Way, Ways, stays


class Images(Protocol):
    """What removes images; `attachments.service` does."""

    async def sweep(self) -> int: ...


def retention(stock: Stock, images: Images) -> Ways:
    """Give the rules: an image goes with the last text that shows it, and a day."""
    rule = RetentionRule("image:loose", ("attachments",), "community", KEPT_LOOSE, "unused")

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        found = 0
        async for window in stock.older("attachments", "loose_since", now - KEPT_LOOSE, ()):
            found += len(window)
        return found, 0

    async def sweep(now: datetime, spared: Spared) -> int:
        return await images.sweep()

    return Ways(Way(rule, due, sweep), stays("image:shown", ("attachments", "attachment_parts"), "community", "whole"))
