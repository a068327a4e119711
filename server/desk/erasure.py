"""Use case of taking out of the desk what it keeps beside a conversation whose customer is erased.

Notes, what the customer was asked, what the conversation is found by, and what its case says in words go. The case
itself stays for the figures: who of the staff answered, and when. Safe to repeat. Knows neither HTTP nor MongoDB.
"""

from dataclasses import replace
from typing import Final, Protocol

from server.chat.model import Conversation
from server.desk.cases import Cases
from server.desk.indexing import Indexer
from server.desk.pieces import Share, block_of, notes_id, person_key, piece_id

_SPARE: Final = 8
"""Notes that a crash left uncounted are within so many."""


class ErasingStore(Protocol):
    """Removes what stands beside conversations; `erasure_store` says what each does."""

    async def remove_notes(self, note_ids: list[str]) -> int: ...
    async def remove_ask(self, conversation_id: str) -> None: ...
    async def remove_own(self, account_id: str) -> None: ...


class DeskErasure:
    """The use case.

    Args:
        store: removes.
        indexer: keeps what conversations are found by.
        cases: the cases.
    """

    def __init__(self, store: ErasingStore, indexer: Indexer, cases: Cases) -> None:
        self._store = store
        self._indexer = indexer
        self._cases = cases

    async def notes(self, conversation: Conversation) -> int:
        """Say how many notes there are beside a conversation."""
        return (await self._cases.row(conversation)).case.notes

    async def forget(self, conversation: Conversation) -> int:
        """Remove all beside a conversation that was emptied; give how many notes went.

        Raises:
            Unavailable: it is not known what was done; do it again.
        """
        count = (await self._cases.row(conversation)).case.notes
        numbers = range(1, count + _SPARE + 1)
        gone = await self._store.remove_notes([f"{conversation.id}.n{number}" for number in numbers])
        await self._store.remove_ask(conversation.id)
        # What waits to be written is of before; what is written now takes its place.
        await self._indexer.flush([conversation.id])
        await self._indexer.put(_blank(conversation))
        await self._cases.change(
            conversation,
            lambda case: replace(case, labels=(), feedback_id=None, asked=False, notes=0, snoozed_until=None),
        )
        return gone

    async def forget_own(self, account_id: str) -> None:
        """Remove what somebody who was of the staff once set up for themselves."""
        await self._store.remove_own(account_id)


def _blank(conversation: Conversation) -> list[Share]:
    """Everything that a conversation is found by, with nothing but those of the staff who take part."""
    staff = {conversation.assignee_id, *conversation.participant_ids} - {None}
    keys = frozenset(person_key(account_id) for account_id in staff if account_id)
    blocks = range(block_of(conversation.last_seq) + 1) if conversation.last_seq else range(0)
    ids = [*(piece_id(conversation.id, block) for block in blocks), notes_id(conversation.id)]
    return [Share(identity, conversation.id, keys, conversation.last_seq, whole=True) for identity in ids]
