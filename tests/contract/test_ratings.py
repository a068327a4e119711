"""What customers say of conversations that are done, on the real store and behind the real gate."""

import pytest

from nlp.pool import RedactorPool
from server.chat.events import ConversationRated
from server.chat.rating import Ratings
from server.chat.reach import Reach
from server.kernel.errors import Conflict, NotFound, NotPermitted
from server.kernel.text import RawText
from server.limits import Unlimited
from server.privacy.glass import Register
from server.storage.mongo import Database
from tests.harness.changing import ChangingChat, Willing, changing_chat
from tests.harness.correcting import AGENT, CUSTOMER, OTHER, TALK, People, now


def _ratings(chat: ChangingChat) -> Ratings:
    willing = Willing()
    return Ratings(
        chat.store,
        Reach(Register(now), willing),
        chat.registry,
        chat.writer,
        chat.intake,
        chat.audit,
        chat.heard,
        People(),
        willing,
        Unlimited(),
        now,
    )


async def _closed(database: Database) -> None:
    await database["conversations"].update_one({"_id": TALK}, {"$set": {"status": "closed"}})


async def test_a_rating_is_kept_redacted(stored: Database, pool: RedactorPool) -> None:
    """With the conversation's own numbers, over a restart, told once; a correction reaches it too."""
    await _closed(stored)
    async with changing_chat(stored, pool) as chat:
        rated = await _ratings(chat).rate(CUSTOMER, TALK, 4, RawText("baik, titip jendela ke 0812-9071-3648"))
        assert rated.rating is not None
        assert rated.rating.text is not None
        assert rated.rating.text.value == "baik, titip jendela ke ⟦PHONE:1⟧"
        assert [event.conversation.rating for event in chat.heard.events if isinstance(event, ConversationRated)] == [
            rated.rating
        ]
    async with changing_chat(stored, pool) as again:
        assert (await again.live()).conversation.rating == rated.rating
        assert (await again.send("halo 0812-9071-3648, titip jendela")).text.value.startswith("halo ⟦PHONE:1⟧")
        await again.hide(1, "jendela", actor=AGENT)
        await again.corrections.finished()
        rating = (await again.live()).conversation.rating
        assert rating is not None
        assert rating.text is not None
        assert rating.text.value == "baik, titip ⟦PERSON:1⟧ ke ⟦PHONE:1⟧"


async def test_only_the_customer_and_only_once_it_is_done(stored: Database, pool: RedactorPool) -> None:
    """Said again, the last one holds."""
    async with changing_chat(stored, pool) as chat:
        ratings = _ratings(chat)
        with pytest.raises(Conflict):
            await ratings.rate(CUSTOMER, TALK, 5, None)
    await _closed(stored)
    async with changing_chat(stored, pool) as chat:
        ratings = _ratings(chat)
        with pytest.raises(NotPermitted):
            await ratings.rate(AGENT, TALK, 5, None)
        with pytest.raises(NotFound):
            await ratings.rate(OTHER, TALK, 5, None)
        await ratings.rate(CUSTOMER, TALK, 2, None)
        assert (await ratings.rate(CUSTOMER, TALK, 5, RawText(""))).rating is not None
        rating = (await chat.live()).conversation.rating
        assert rating is not None
        assert (rating.score, rating.text) == (5, None)
