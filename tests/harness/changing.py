"""What takes part in changing messages, on the real store and behind the real gate. Its process may end at any step."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from nlp.pool import RedactorPool
from server.audit.content import ContentReport, TextKind
from server.audit.parts import AuditParts
from server.audit.promises import PromiseBook
from server.audit.store import MongoAuditStore
from server.chat.changes import Changes
from server.chat.events import MessageChanged
from server.chat.model import Message
from server.chat.reach import Reach
from server.chat.store import MongoChatStore
from server.chat.trail import TEXT_ACTIONS
from server.kernel.actor import Actor, Role
from server.kernel.disclosure import Purpose
from server.kernel.text import RawText
from server.limits import Unlimited
from server.privacy.glass import Register
from server.storage.mongo import Database
from tests.harness.correcting import AGENT, CUSTOMER, KEY, TALK, Chat, Crash, People, now

HELPER = Actor("helper", Role.AGENT, "", "Rekan")
_KEYS = {"audit": KEY, "audit-checkpoints": bytes(range(1, 33))}


class Willing:
    """Everybody has agreed; and who looks is not this suite's affair."""

    async def require(self, _account_id: str, _purpose: str) -> None:
        """They have."""

    async def record(self, _actor: Actor, *, person_id: str, action: str, object_id: str, purpose: Purpose) -> None:
        """Nobody asks."""


def nothing() -> None:
    """What mostly happens meanwhile."""


class Turnstile(Unlimited):
    """Something may happen when a change is counted: before it waits for its turn."""

    meanwhile: Callable[[], None] = staticmethod(nothing)

    async def spend(self, _limit: str, _key: str) -> None:
        """Count nothing."""
        self.meanwhile()


class Onlookers(People):
    """Something may happen when their names are asked for: while a text is at the gate."""

    meanwhile: Callable[[], None] = staticmethod(nothing)

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Those who are asked for."""
        self.meanwhile()
        return await super().actors(account_ids)


class MortalChanges(MongoChatStore):
    """A store whose process ends before one of the commands of a change is given."""

    left: int | None = None

    def _step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash

    async def begin_change(self, conversation_id: str, seq: int, numbers: Mapping[str, int]) -> tuple[int, list[int]]:
        self._step()
        return await super().begin_change(conversation_id, seq, numbers)

    async def amend(self, message: Message) -> bool:
        self._step()
        stored = await super().amend(message)
        self._step()
        return stored


class ChangingChat(Chat):
    """The parts of chat that take part in a change; the conversation is the agent's."""

    def __init__(self, database: Database, pool: RedactorPool) -> None:
        super().__init__(database, pool)
        self.changing = MortalChanges(database)
        willing = Willing()
        self.turnstile, self.onlookers = Turnstile(), Onlookers()
        self.changes = Changes(
            self.changing,
            Reach(Register(now), willing),
            self.registry,
            self.writer,
            self.intake,
            self.audit,
            self.heard,
            self.onlookers,
            willing,
            self.turnstile,
            now,
        )

    async def edit(self, seq: int, text: str, actor: Actor = CUSTOMER, *, revision: int = 0) -> Message:
        """Give a message another text."""
        return await self.changes.edit(actor, TALK, seq, revision, RawText(text))

    async def stored(self, seq: int) -> Message:
        """A message as it is stored."""
        [message] = await self.store.messages(TALK, seq - 1, seq)
        return message

    @property
    def changed(self) -> list[MessageChanged]:
        """The changes that were told, in order."""
        return [event for event in self.heard.events if isinstance(event, MessageChanged)]


@asynccontextmanager
async def changing_chat(
    database: Database, pool: RedactorPool, *, helpers: Sequence[Actor] = ()
) -> AsyncIterator[ChangingChat]:
    """The parts, started, with the agent in charge; at the end everything they do in the background is done."""
    await database["conversations"].update_one(
        {"_id": TALK},
        {"$set": {"assignee_id": AGENT.account_id, "participant_ids": [helper.account_id for helper in helpers]}},
    )
    chat = ChangingChat(database, pool)
    chat.writer.start()
    await chat.registry.start()
    await chat.corrections.start()
    try:
        yield chat
    finally:
        await chat.corrections.close()
        await chat.writer.close()
        await chat.registry.close()
        await chat.audit.close()


async def content_of(database: Database, folder: Path) -> ContentReport:
    """Compare the stored texts with the trail, as an operator does after the next start, when promises are settled."""
    parts = AuditParts.build(MongoAuditStore(database), _KEYS.__getitem__, folder, days=0)
    try:
        await PromiseBook(parts.trail, parts.store, lambda: now().replace(year=now().year + 1)).settle()
        kinds = [TextKind("message", TEXT_ACTIONS, MongoChatStore(database))]
        _, content = await parts.verify_content(kinds)
        return content
    finally:
        await parts.close()
