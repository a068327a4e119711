"""Fills a store with support conversations: what the chat's store would have written of messages one after the other.

Documents are made by the store's own makers and go in in groups, past the services: no redaction (the texts hold
nothing to hide), no trail, nobody is told. What grows with the years is what is closed: what is open at one time is
as much in a small store as in a large one, the newest messages' conversations.
"""

import random
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bench.pouring import Pouring
from bench.sayings import Sayings
from server.chat.model import Conversation, Message, Status
from server.chat.store import conversation_document, message_document
from server.desk.pieces import pieces_of
from server.desk.reading_in import ReadingIn
from server.desk.search_store import piece_document
from server.kernel.ids import new_id
from server.kernel.text import Numbering, RedactedText, template_of
from server.storage.mongo import Database

_GROUP: Final = 5_000
_MEAN_MESSAGES: Final = 40
_LONGEST: Final = 2_000
_OPEN: Final = 6_400
_APART: Final = timedelta(seconds=31)


class ChatFilling:
    """Fills.

    Args:
        database: of a server that is started again before it is asked for anything.
        customers: account ids of whose the conversations are.
        agents: account ids of who answers.
        seed: the same writes the same texts.
    """

    def __init__(self, database: Database, customers: Sequence[str], agents: Sequence[str], *, seed: int = 1) -> None:
        self._database = database
        self._customers = customers
        self._agents = agents
        self._sayings = Sayings(seed)
        self._chance = random.Random(seed)
        self._pouring = Pouring(database)
        self._pieces = 0
        self.conversations: list[Conversation] = []
        """What was written, as it stands at the end."""

    async def fill(self, messages: int, told: Callable[[int], None] = lambda _: None) -> None:
        """Write so many messages more, in conversations of some dozens; then set the counter.

        Args:
            messages: how many, at least.
            told: is called with how many are written.
        """
        before = await self._database.counters.find_one({"_id": "conversations"})
        indexed = await self._database.counters.find_one({"_id": "desk_search"})
        self._pieces = int(indexed["value"]) if indexed else 0
        number = int(before["value"]) if before else 0
        at = datetime.now(UTC).replace(microsecond=0) - messages * _APART
        written = 0
        while written < messages:
            number += 1
            count = min(_LONGEST, 2 + int(self._chance.expovariate(1 / (_MEAN_MESSAGES - 2))))
            conversation, said = self._conversation(number, count, at, is_open=written >= messages - _OPEN)
            at += count * _APART
            written += count
            self._pouring.put("conversations", [conversation_document(conversation, {})])
            self._pouring.put("messages", [message_document(message) for message in said])
            for share in pieces_of(conversation, said):
                self._pieces += 1
                self._pouring.put("desk_search", [piece_document(share, self._pieces)])
            self.conversations.append(conversation)
            if self._pouring.waits >= _GROUP:
                await self._pouring.pour()
                told(written)
        await self._pouring.finish()
        await self._database.counters.update_one({"_id": "conversations"}, {"$max": {"value": number}}, upsert=True)
        await self._database.counters.update_one({"_id": "desk_search"}, {"$max": {"value": self._pieces}}, upsert=True)
        # Nothing is left to take in: the server that is measured is not to work on what is filled here.
        done = {"holder": "", "until": at, "last": "0"}
        await self._database.desk_leases.update_one({"_id": ReadingIn.name}, {"$set": done}, upsert=True)
        told(written)

    def _conversation(
        self, number: int, count: int, begun: datetime, *, is_open: bool
    ) -> tuple[Conversation, list[Message]]:
        """A conversation in which customer and agent speak by turns."""
        identity, customer, agent = new_id(), self._chance.choice(self._customers), self._chance.choice(self._agents)
        said: list[Message] = []
        for seq in range(1, count + 1):
            author = customer if seq % 2 or self._chance.random() < 0.2 else agent
            text, at = _words(self._sayings.sentence()), begun + seq * _APART
            said.append(Message(identity, seq, secrets.token_hex(12), author, text, (), (), at))
        last = said[-1]
        waits = is_open and last.author_id == customer
        conversation = Conversation(
            id=identity,
            number=number,
            subject=_words(self._sayings.title()),
            redactions=(),
            status=Status.OPEN if is_open else Status.CLOSED,
            customer_id=customer,
            assignee_id=agent,
            last_seq=count,
            last_message_at=last.created_at,
            waiting_since=last.created_at if waits else None,
            created_at=begun,
            read_marks={customer: count, agent: count},
        )
        return conversation, said


def _words(text: str) -> RedactedText:
    """A text in which there is nothing to hide."""
    return template_of((text,)).fill(Numbering()).text
