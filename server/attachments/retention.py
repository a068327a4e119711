"""How long images stay that no text shows."""

from datetime import datetime
from typing import Protocol

from server.attachments.model import KEPT_LOOSE
from server.kernel.retention import RetentionRule, Spared, Stock, Way, Ways, stays


class Images(Protocol):
    """What removes images; `attachments.service` does."""

    async def sweep(self, spared: Spared) -> int: ...


def retention(stock: Stock, images: Images) -> Ways:
    """Give the rules: an image goes with the last text that shows it, and a day."""
    rule = RetentionRule("image:loose", ("attachments",), "community", KEPT_LOOSE, "unused", held_by=("owner_id",))

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        go = held = 0
        async for window in stock.older("attachments", "loose_since", now - KEPT_LOOSE, ("owner_id",)):
            kept = spared({str(one["owner_id"]) for one in window})
            mine = sum(one["owner_id"] not in kept for one in window)
            go, held = go + mine, held + len(window) - mine
        return go, held

    async def sweep(now: datetime, spared: Spared) -> int:
        return await images.sweep(spared)

    return Ways(Way(rule, due, sweep), stays("image:shown", ("attachments", "attachment_parts"), "community", "whole"))
