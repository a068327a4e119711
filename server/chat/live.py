"""What a process keeps in memory of a conversation that is in use. Everything here can be rebuilt from the store."""

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from server.chat.model import Conversation, Message, Status, waiting_after
from server.kernel.taught import NOTHING, Taught
from server.kernel.text import Numbering

RECENT = 100
SAVED_WITHIN_S = 30.0
"""No progress stays unsaved longer, unless the store is away."""

_QUIET_S = 3.0
_MANY = 50
_REMEMBERED_IDS = 128


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A conversation as stored, with what is needed to go on from it.

    Attributes:
        conversation: the record; its `last_seq` may lag behind the messages.
        numbers: `LABEL:digest` -> N up to `conversation.last_seq`.
        newer: the messages after `conversation.last_seq`, ascending.
        taught: what people taught it to hide, as stored (`kernel.taught`).
    """

    conversation: Conversation
    numbers: dict[str, int]
    newer: tuple[Message, ...]
    taught: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is saved of a conversation from time to time. After a crash it is rebuilt from the messages.

    Attributes:
        conversation: the record.
        numbers: the entries of the numbering that are not saved yet.
        reopened: whether the status must be written too.
    """

    conversation: Conversation
    numbers: dict[str, int]
    reopened: bool


@dataclass(slots=True)
class LiveConversation:
    """The working state of one conversation.

    `next_seq` and `numbering` run ahead of what is stored while a group of messages is being written. When writing
    fails the state is marked `stale` and read again before it is used.
    """

    conversation: Conversation
    numbering: Numbering
    next_seq: int
    taught: Taught = NOTHING
    readings: int = 0
    """How often it was read again from the store."""
    recent: deque[Message] = field(default_factory=lambda: deque(maxlen=RECENT))
    touched: int = 0
    """How often a stored message became another; what was read before that is not kept."""
    stale: bool = False
    dirty: bool = False
    dirty_since: float = 0.0
    changed_at: float = 0.0
    saved_seq: int = 0
    told_at: float = -math.inf
    """When its progress was last told, on the event loop's clock."""
    told_row: tuple[Status, str | None, datetime | None] | None = None
    """What the queue was last told of it: its status, who has it, since when its customer waits."""
    reopened: bool = False
    """Whether a message of the customer opened it again since progress was last saved."""
    turned: bool = False
    """Whether one did since that was last told."""
    tail: "asyncio.Future[None] | None" = None
    """Resolved when the send before has taken its place; keeps the order of arrival though redaction overtakes."""
    sent: "OrderedDict[tuple[str, str], asyncio.Future[Message]]" = field(default_factory=OrderedDict)
    """(author, client_message_id) -> the message or its being made, so that a repeat waits for the first."""

    @classmethod
    def of(cls, snapshot: Snapshot) -> "LiveConversation":
        """Make the working state from what is stored."""
        live = cls(snapshot.conversation, Numbering(), 1)
        live.restore(snapshot)
        return live

    def restore(self, snapshot: Snapshot) -> None:
        """Begin again from what is stored."""
        self.conversation = snapshot.conversation
        self.numbering = Numbering(snapshot.numbers)
        self.taught = Taught.of(snapshot.taught)
        self.readings += 1
        self.recent.clear()
        self.stale = False
        self.saved_seq = snapshot.conversation.last_seq
        for message in snapshot.newer:
            self.take_over(message)
        self.next_seq = self.conversation.last_seq + 1

    def take_over(self, message: Message) -> None:
        """Take over a stored message, whoever stored it. Those at or before `last_seq` are known already.

        The customer's message opens a closed conversation again and begins the waiting time; anybody else's ends it.
        """
        if message.seq <= self.conversation.last_seq:
            return
        for hidden, number in message.hidden:
            self.numbering.learn(hidden, number)
        self.recent.append(message)
        before = self.conversation
        by_customer = message.author_id == before.customer_id
        again = by_customer and before.status is Status.CLOSED
        self.reopened, self.turned = self.reopened or again, self.turned or again
        self.conversation = replace(
            before,
            last_seq=message.seq,
            last_message_at=message.created_at,
            waiting_since=waiting_after(before, message.author_id, message.created_at),
            status=Status.OPEN if by_customer else before.status,
            read_marks={**before.read_marks, message.author_id: message.seq},
        )
        self._note_first(message, by_customer=by_customer)

    def _note_first(self, message: Message, *, by_customer: bool) -> None:
        """Remember when the customer first wrote, and when somebody first answered that."""
        known = self.conversation
        if by_customer:
            if known.first_asked_at is None:
                self.conversation = replace(known, first_asked_at=message.created_at)
        elif known.first_answer_at is None and known.first_asked_at is not None:
            self.conversation = replace(known, first_answer_at=message.created_at)

    def take_changed(self, message: Message) -> None:
        """Put a message that was changed in the place of what it was, wherever that is still known."""
        self.touched += 1
        for index, known in enumerate(self.recent):
            if known.seq == message.seq:
                self.recent[index] = message
        key = (message.author_id, message.client_message_id)
        if key in self.sent:
            self.sent[key] = asyncio.get_running_loop().create_future()
            self.sent[key].set_result(message)

    def mark_read(self, account_id: str, seq: int) -> bool:
        """Move a read mark forward; says whether it moved."""
        seq = min(seq, self.conversation.last_seq)
        if seq <= self.conversation.read_marks.get(account_id, 0):
            return False
        self.conversation = replace(self.conversation, read_marks={**self.conversation.read_marks, account_id: seq})
        return True

    def mark_delivered(self, account_id: str, seq: int) -> bool:
        """Move forward what has come to an account's devices; says whether it moved. What is read has come."""
        seq = min(seq, self.conversation.last_seq)
        marks = self.conversation.delivered_marks
        if seq <= max(marks.get(account_id, 0), self.conversation.read_marks.get(account_id, 0)):
            return False
        self.conversation = replace(self.conversation, delivered_marks={**marks, account_id: seq})
        return True

    def is_due(self, at: float) -> bool:
        """Whether progress should be saved at a moment of the event loop's clock.

        Saving costs as much as several messages, so a busy conversation waits until many have come, a quiet one until
        it has been quiet for a while, and none longer than `SAVED_WITHIN_S`, on which starting again relies.
        """
        if not self.dirty:
            return False
        unsaved = self.conversation.last_seq - self.saved_seq
        quiet = at - self.changed_at >= _QUIET_S
        return quiet or unsaved >= _MANY or at - self.dirty_since >= SAVED_WITHIN_S / 2

    def is_news_to_queue(self) -> bool:
        """Say whether what the queue shows has changed since this was last asked."""
        row = self.conversation.status, self.conversation.assignee_id, self.conversation.waiting_since
        before, self.told_row = self.told_row, row
        return row != before

    def touch(self, at: float) -> None:
        """Count it as changed at a moment of the event loop's clock."""
        self.changed_at = at
        if not self.dirty:
            self.dirty, self.dirty_since = True, at

    def progress(self) -> Progress:
        """Give what is to be saved, and count it as saved."""
        progress = Progress(self.conversation, self.numbering.fresh(), self.reopened)
        self.dirty = self.reopened = False
        self.saved_seq = self.conversation.last_seq
        return progress

    def restore_progress(self, progress: Progress) -> None:
        """Count it as not saved after all."""
        self.dirty = True
        self.reopened = self.reopened or progress.reopened
        self.numbering.unsaved(progress.numbers)

    def remembered(self, after_seq: int, limit: int) -> list[Message] | None:
        """Give the messages after `after_seq` if memory holds all of them, else None."""
        if after_seq >= self.conversation.last_seq:
            return []
        if not self.recent or self.recent[0].seq > after_seq + 1:
            return None
        return [message for message in self.recent if message.seq > after_seq][:limit]

    def reading(self) -> tuple[int, int]:
        """Give what has to be the same after messages were read from the store, for `remember` to keep them."""
        return self.readings, self.touched

    def remember(self, found: Sequence[Message], before: tuple[int, int]) -> bool:
        """Keep messages that were read and that end where memory begins, or at the last one; say whether.

        Args:
            found: without gaps, ascending.
            before: what `reading` gave before they were read.
        """
        if self.stale or before != self.reading() or not found:
            return False
        known = [message for message in self.recent if message.seq > found[-1].seq]
        following = known[0].seq if known else self.conversation.last_seq + 1
        if found[-1].seq + 1 != following or found[-1].seq - found[0].seq + 1 != len(found):
            return False
        self.recent = deque([*found, *known], maxlen=RECENT)
        return True

    def forget_messages(self) -> None:
        """Keep none: what is stored is another now, or may be."""
        self.touched += 1
        self.recent.clear()

    def remember_sending(self, key: tuple[str, str], outcome: "asyncio.Future[Message]") -> None:
        """Remember who sent what under which id; the oldest are forgotten (the store still knows them)."""
        self.sent[key] = outcome
        while len(self.sent) > _REMEMBERED_IDS:
            self.sent.popitem(last=False)
