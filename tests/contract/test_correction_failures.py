"""Corrections when something fails or comes in between: a crash, the trail away, another process on the same store."""

import asyncio

import pytest

from nlp.labels import Label
from nlp.pool import RedactorPool
from server.kernel.errors import Conflict, Unavailable
from server.storage.mongo import Database
from tests.harness.correcting import AGENT, TALK, Chat, Crash, running_chat


@pytest.mark.parametrize("steps", range(9))
async def test_a_crash_is_made_good(stored: Database, pool: RedactorPool, steps: int) -> None:
    """Whatever the last command was: after the next start either nothing was done, or all of it, and nothing twice."""
    async with running_chat(stored, pool) as chat:
        await chat.send("pakjendela titip ke jendela")
        await chat.send("jendela siapa?", AGENT)
        chat.store.left = steps
        started = False
        try:
            await chat.hide(1, "jendela")
        except Crash:
            chat.store.left = None
            started = bool(await chat.store.unfinished_hidings())
        chat.store.left = None
        done = not started and "jendela" not in " ".join(await chat.texts())
    async with running_chat(stored, pool) as again:
        await again.corrections.finished()
        texts = await again.texts()
        if started or done:
            assert texts == ["pak⟦PERSON:1⟧ titip ke ⟦PERSON:1⟧", "⟦PERSON:1⟧ siapa?"]
            assert (await again.send("jendela")).text.value == "⟦PERSON:1⟧"
        elif texts[0].startswith("pakjendela"):
            assert texts == ["pakjendela titip ke jendela", "jendela siapa?"]
        assert await again.store.unfinished_hidings() == []
        assert (await again.audit.verify()).ok
        revisions = [message.revision for message in await again.store.messages(TALK, 0, 2)]
        assert max(revisions) <= 2


async def test_without_the_trail_nothing_is_rewritten(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trail comes first; the text is rewritten when it is asked again."""
    await chat.send("halo jendela")

    async def away(_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(chat.audit, "append", away)
    with pytest.raises(Unavailable):
        await chat.hide(1, "jendela")
    assert await chat.texts() == ["halo jendela"]
    monkeypatch.undo()
    assert (await chat.hide(1, "jendela")).message.text.value == "halo ⟦PERSON:1⟧"


async def test_two_processes_do_not_undo_each_other(chat: Chat, stored: Database, pool: RedactorPool) -> None:
    """The store decides: a text that was changed by somebody else is not written over."""
    await chat.send("halo jendela dan kelapa")
    async with running_chat(stored, pool) as other:
        await other.live()
        answers = await asyncio.gather(
            chat.hide(1, "jendela"), other.hide(1, "kelapa", Label.USERNAME), return_exceptions=True
        )
        assert {type(answer) for answer in answers if isinstance(answer, BaseException)} <= {Conflict}
        # Each goes on through the conversation by itself, and may come to the other's text in between.
        await asyncio.gather(chat.corrections.finished(), other.corrections.finished())
        [message] = await chat.store.messages(TALK, 0, 1)
        assert message.text.value.count("⟦") == message.revision >= 1
        for running, piece, label in ((chat, "jendela", Label.PERSON), (other, "kelapa", Label.USERNAME)):
            [message] = await chat.store.messages(TALK, 0, 1)
            if piece in message.text.value:
                await running.hide(1, piece, label, revision=message.revision)
        assert await chat.texts() == ["halo ⟦PERSON:1⟧ dan ⟦USERNAME:1⟧"]
