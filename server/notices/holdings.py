"""What notices keep of people: what they were told, how they want to be told, and their devices."""

from collections.abc import Sequence
from typing import Final

from server.kernel.holdings import Fate
from server.notices.service import Notices
from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_OWNED: Final = (
    Owned(
        "notices",
        "account_id",
        "notices",
        "messages",
        {"kind": "kind", "object_type": "about", "at": "at", "count": "count"},
        rule="notice",
    ),
    Owned("notice_desks", "_id", "notice_choices", "messages", {"choices": "choices"}, rule="notice:desk"),
    Owned("push_subscriptions", "account_id", "push_devices", "messages", {"made_at": "made_at"}, rule="notice:push"),
)


class NoticeHoldings(OwnedHoldings):
    """Fills `kernel.holdings.Holdings`.

    Args:
        database: where.
        notices: remembers how much is unread.
    """

    def __init__(self, database: Database, notices: Notices) -> None:
        super().__init__("notices", database, _OWNED, ("notices", "notice_desks", "push_subscriptions"))
        self._notices = notices

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`. A digest that was to be sent goes with the desk."""
        fates = await super().erase(person_id)
        self._notices.forget(person_id)
        return fates
