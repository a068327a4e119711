"""Customers who left: who is told, when, and how often. On the real store, with a clock of the tests' own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from nlp.pool import RedactorPool
from server.chat.events import MessagePosted, MessagesRead
from server.chat.silence import Silences
from server.kernel.actor import Actor, Role
from server.kernel.errors import Unavailable
from server.storage.mongo import Database
from tests.harness.changing import ChangingChat, changing_chat
from tests.harness.correcting import AGENT, CUSTOMER, TALK, now

PATIENCE = timedelta(minutes=10)


class Calls:
    """Remembers who was told, and that it was read."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self.away = False

    async def tell(self, account_id: str, conversation_id: str) -> None:
        """Remember."""
        if self.away:
            raise Unavailable
        self.made.append(("tell", account_id))
        assert conversation_id == TALK

    async def settle(self, account_id: str, conversation_id: str) -> None:
        """Remember."""
        self.made.append(("settle", account_id))
        assert conversation_id == TALK


class Names:
    """One customer, of a role that the test says."""

    def __init__(self, role: Role) -> None:
        self._role = role

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Those who are asked for."""
        known: Mapping[str, Actor] = {
            "customer": replace(CUSTOMER, role=self._role),
            "agent": AGENT,
        }
        return {account_id: known[account_id] for account_id in account_ids if account_id in known}


class Watched:
    """A chat whose unread answers are watched; time is the test's."""

    def __init__(self, chat: ChangingChat, role: Role = Role.CUSTOMER) -> None:
        self.chat = chat
        self.calls = Calls()
        self.at: datetime = now()
        self.silences = Silences(chat.store, chat.registry, self.calls, Names(role), lambda: self.at, PATIENCE)

    async def say(self, text: str, actor: Actor) -> None:
        """Send, and let it be heard."""
        await self.silences.posted(MessagePosted(await self.chat.send(text, actor), actor))

    async def read(self) -> None:
        """The customer reads all there is."""
        live = await self.chat.live()
        live.mark_read("customer", live.conversation.last_seq)
        self.chat.registry.touch(live)
        await self.silences.read(MessagesRead(TALK, "customer", live.conversation.last_seq))

    async def wait(self, minutes: float) -> list[tuple[str, str]]:
        """Let time pass; give what was told of since the last time."""
        self.at += timedelta(minutes=minutes)
        await self.silences.look()
        made, self.calls.made = self.calls.made, []
        return made


@asynccontextmanager
async def _watched(database: Database, pool: RedactorPool, role: Role = Role.CUSTOMER) -> AsyncIterator[Watched]:
    async with changing_chat(database, pool) as chat:
        if await chat.store.last_number() == 0:
            # The one conversation has this number.
            assert await chat.store.next_number() == 1
        watched = Watched(chat, role)
        await watched.silences.start()
        try:
            yield watched
        finally:
            await watched.silences.close()


async def test_once_for_each_silence(stored: Database, pool: RedactorPool) -> None:
    """After some minutes, not again until they have read, then again."""
    async with _watched(stored, pool) as watched:
        await watched.say("halo kak", CUSTOMER)
        assert await watched.wait(60) == []
        await watched.say("sudah kami cek", AGENT)
        assert await watched.wait(9) == []
        await watched.say("mohon ditunggu", AGENT)
        assert await watched.wait(2) == [("tell", "customer")]
        await watched.say("sudah beres", AGENT)
        assert await watched.wait(600) == []
        await watched.read()
        assert await watched.wait(0) == [("settle", "customer")]
        await watched.say("ada lagi?", AGENT)
        assert await watched.wait(11) == [("settle", "customer"), ("tell", "customer")]
        await watched.say("tidak, terima kasih", CUSTOMER)
        assert await watched.wait(60) == [("settle", "customer")]


async def test_who_reads_in_time_is_not_told(stored: Database, pool: RedactorPool) -> None:
    """Nor who answers."""
    async with _watched(stored, pool) as watched:
        await watched.say("sudah kami cek", AGENT)
        await watched.read()
        assert watched.silences.waiting == []
        await watched.say("satu lagi", AGENT)
        await watched.say("baik kak", CUSTOMER)
        assert await watched.wait(60) == []


async def test_a_restart_forgets_nothing_and_tells_nothing_twice(stored: Database, pool: RedactorPool) -> None:
    """What waits is found again; what was told stays told."""
    async with _watched(stored, pool) as watched:
        await watched.say("sudah kami cek", AGENT)
    async with _watched(stored, pool) as again:
        assert again.silences.waiting == [TALK]
        assert await again.wait(11) == [("tell", "customer")]
    async with _watched(stored, pool) as later:
        assert later.silences.waiting == []
        await later.say("satu lagi", AGENT)
        assert await later.wait(60) == []
        await later.read()
        assert await later.wait(0) == [("settle", "customer")]


async def test_visitors_have_no_address(stored: Database, pool: RedactorPool) -> None:
    """Nobody is told, and nothing waits for ever."""
    async with _watched(stored, pool, Role.VISITOR) as watched:
        await watched.say("sudah kami cek", AGENT)
        assert await watched.wait(60) == []
        assert watched.silences.waiting == []


async def test_what_fails_is_tried_again(stored: Database, pool: RedactorPool) -> None:
    """A store that is away for a moment costs nobody their letter."""
    async with _watched(stored, pool) as watched:
        await watched.say("sudah kami cek", AGENT)
        watched.calls.away = True
        assert await watched.wait(11) == []
        watched.calls.away = False
        assert await watched.wait(2) == [("tell", "customer")]
