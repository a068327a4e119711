"""Accounts for display, kept in memory. Those that several ask for at once are read together. Knows no store."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from server.accounts.model import Account

_KEPT: Final = 10_000
_AT_ONCE: Final = 50
"""What naming more in one command costs the embedded engine grows with their square."""

Find = Callable[[Sequence[str]], Awaitable[Sequence[Account]]]


class Cards:
    """What is known of accounts.

    Args:
        find: reads those that exist among some ids.
        kept: how many before all are let go.
    """

    def __init__(self, find: Find, kept: int = _KEPT) -> None:
        self._find = find
        self._kept = kept
        self._known: dict[str, Account] = {}
        self._wanted: set[str] = set()
        self._group: asyncio.Task[dict[str, Account]] | None = None
        """Reads what is wanted, as soon as what was wanted before is read."""
        self._turn = asyncio.Lock()
        self._changed: set[str] = set()
        """Those that became others while some are being read."""

    async def of(self, account_ids: Collection[str]) -> dict[str, Account]:
        """Give accounts by id; those that don't exist are absent.

        Raises:
            Unavailable: the store does not answer.
        """
        wanted = set(account_ids)
        missing = [account_id for account_id in wanted if account_id not in self._known]
        read = await self._read(missing) if missing else {}
        known = self._known
        return {key: known.get(key) or read[key] for key in wanted if key in known or key in read}

    def forget(self, account_id: str) -> None:
        """Read an account again before it is next shown, because it has changed."""
        self._known.pop(account_id, None)
        self._changed.add(account_id)

    async def _read(self, missing: Sequence[str]) -> dict[str, Account]:
        self._wanted.update(missing)
        if self._group is None:
            self._group = asyncio.create_task(self._read_together(), name="accounts-cards")
            # Whoever asked may be gone: the outcome is looked at, so that no error is left unseen.
            self._group.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._group)

    async def _read_together(self) -> dict[str, Account]:
        async with self._turn:
            wanted, self._wanted, self._group = self._wanted, set(), None
            self._changed.clear()
            found = {key: self._known[key] for key in wanted if key in self._known}
            missing = sorted(wanted - found.keys())
            for start in range(0, len(missing), _AT_ONCE):
                found |= {account.id: account for account in await self._find(missing[start : start + _AT_ONCE])}
            if len(self._known) > self._kept:
                self._known.clear()
            self._known.update({key: account for key, account in found.items() if key not in self._changed})
            return found
