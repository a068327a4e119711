"""What the use cases of notices need from others: where notices and wishes are kept, who writes letters, who wakes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from server.notices.model import Choice, Desk, Kind, Notice, Pace


class NoticeStore(Protocol):
    """Where notices are kept; `notices.store` says what each does."""

    async def insert(self, notices: Sequence[Notice]) -> None: ...
    async def delete(self, notice_ids: Sequence[str]) -> None: ...
    async def close(self, notice_ids: Sequence[str]) -> None: ...
    async def open_ones(self, group: str, account_ids: Sequence[str]) -> list[Notice]: ...
    async def find(self, notice_id: str) -> Notice | None: ...
    async def about(self, account_id: str, object_type: str, object_id: str, since: datetime) -> list[Notice]: ...
    async def set_read(self, notice_id: str) -> bool: ...
    async def newest(self, account_id: str, before_id: str | None, limit: int) -> list[Notice]: ...


class DeskStore(Protocol):
    """Where desks are kept; `notices.desk_store` says what each does."""

    async def desks(self, account_ids: Sequence[str]) -> dict[str, Desk]: ...
    async def add(self, unread: Mapping[str, int], waiting: Mapping[str, tuple[Pace, datetime]]) -> None: ...
    async def read_all(self, account_id: str, up_to: str) -> None: ...
    async def choose(self, account_id: str, choices: Mapping[Kind, Choice]) -> None: ...


class Postman(Protocol):
    """Writes to people without knowing what about; `accounts.correspondence` fills it."""

    async def write_all(
        self,
        account_ids: Sequence[str],
        letter: str,
        links: Callable[[str, str], Mapping[str, str]],
        *,
        limited: bool = True,
    ) -> frozenset[str]:
        """Put a letter to many into the queue.

        Args:
            account_ids: to whom.
            letter: which.
            links: give for an account and a language name -> path of ours.
            limited: whether it may be left out where an account has got many.

        Returns:
            The accounts to which one was sent; the others have no verified address, or too many.
        """
        ...


class Pusher(Protocol):
    """Wakes the devices of people."""

    def push(self, account_ids: Sequence[str]) -> None:
        """Wake those that they have added; never waits."""
        ...
