"""Builds what keeps promises about feedback: terms, clocks, and the watch over deadlines. For `parts` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.composition.identity import Ground, Identity
from server.composition.listening import Listening
from server.feedback import promises_api
from server.feedback.deadlines import Deadline, Deadlines
from server.feedback.promise_store import PROMISE_COLLECTIONS as PROMISE_COLLECTIONS
from server.feedback.promise_store import MongoTermStore
from server.feedback.promises import Promises
from server.feedback.reviewing import TARGET
from server.feedback.terms import Terms
from server.notices.model import Kind
from server.notices.service import Notices
from server.web.endpoint import Endpoint

_KINDS = {
    Deadline.NEAR: Kind.FEEDBACK_DUE,
    Deadline.MISSED: Kind.FEEDBACK_LATE,
    Deadline.ESCALATED: Kind.FEEDBACK_LATE,
}


class DeadlineNotices:
    """Fills `feedback.deadlines.Alarm` by notices, which say nothing of what was written."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def ring(self, account_ids: Sequence[str], deadline: Deadline, item_id: str) -> None:
        """Tell some accounts of a promise about an item.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        await self._notices.tell(account_ids, _KINDS[deadline], TARGET, item_id)


@dataclass(frozen=True, slots=True)
class Promising:
    """The running services."""

    promises: Promises
    deadlines: Deadlines

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return promises_api.endpoints(self.promises)


async def promises_of(ground: Ground, identity: Identity) -> Promises:
    """Build what is promised, for whoever builds feedback.

    Raises:
        Unavailable: the store does not answer.
    """
    usual = Terms.of_setting(ground.settings.feedback_terms)
    role_of = identity.staff.role_of
    promises = Promises(MongoTermStore(ground.database), usual, role_of, ground.audit, ground.clock)
    await promises.refresh()
    return promises


@asynccontextmanager
async def open_deadlines(
    ground: Ground, identity: Identity, promises: Promises, listening: Listening, notices: Notices
) -> AsyncIterator[Promising]:
    """Build and start the watch; stop it at the end."""

    async def agents() -> Sequence[str]:
        return [account.id for account in await identity.staff.agents()]

    deadlines = Deadlines(
        listening.store, listening.writer, promises, DeadlineNotices(notices), agents, ground.audit, ground.clock
    )
    deadlines.start()
    try:
        yield Promising(promises, deadlines)
    finally:
        await deadlines.close()
