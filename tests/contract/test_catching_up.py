"""What a crash leaves between a stored message and the trail is told at the next start, once, on the real store."""

from dataclasses import replace
from datetime import UTC, datetime

from nlp.pool import RedactorPool
from server.chat.model import Message
from server.chat.store import MongoChatStore
from server.kernel.text import Numbering, template_of
from server.storage.mongo import Database
from tests.harness.correcting import CUSTOMER, TALK, Chat, running_chat


def _left_behind(after: Message, number: int) -> Message:
    """A message as the writer stores it, whose process ended before anything else."""
    text = template_of((f"tersimpan {number}",)).fill(Numbering()).text
    now = datetime.now(UTC)
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return replace(after, seq=after.seq + number, client_message_id=f"left-{number}", text=text, created_at=at)


async def _posted(chat: Chat) -> list[tuple[str, str, int]]:
    return [
        (entry.actor_id, entry.objects[0], entry.counts["seq"])
        for entry in await chat.audit.recent(24 * 3600)
        if entry.action == "chat:message:posted"
    ]


async def test_what_was_stored_and_not_told_is_told_at_the_next_start(stored: Database, pool: RedactorPool) -> None:
    """Of a conversation that the trail names; what was told before is not told again."""
    async with running_chat(stored, pool) as chat:
        first = await chat.send("halo")
        store = MongoChatStore(stored)
    await store.insert_messages([_left_behind(first, number) for number in (1, 2)])
    async with running_chat(stored, pool) as again:
        assert await _posted(again) == [(CUSTOMER.account_id, TALK, seq) for seq in (1, 2, 3)]
        assert (await again.live()).conversation.last_seq == 3
        assert (await again.audit.verify()).ok
    async with running_chat(stored, pool) as third:
        assert [seq for _, _, seq in await _posted(third)] == [1, 2, 3]


async def test_also_where_the_trail_names_nothing(stored: Database, pool: RedactorPool) -> None:
    """A first message, or one after long silence: looked for in the newest conversations."""
    text = template_of(("pertama",)).fill(Numbering()).text
    now = datetime.now(UTC)
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    await MongoChatStore(stored).next_number()
    await MongoChatStore(stored).insert_messages([Message(TALK, 1, "left", CUSTOMER.account_id, text, (), (), at)])
    async with running_chat(stored, pool) as chat:
        assert await _posted(chat) == [(CUSTOMER.account_id, TALK, 1)]
        assert (await chat.live()).conversation.last_seq == 1
