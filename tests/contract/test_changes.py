"""Edits, deletions and reactions on the real store, through the real gate: nothing of an earlier text stays, numbers
stay, of two who change at once one is told, and the trail fits whatever happens in between.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from nlp.pool import RedactorPool
from server.chat.model import changed_since
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.storage.mongo import Database
from tests.harness.changing import HELPER, ChangingChat, changing_chat, content_of
from tests.harness.correcting import AGENT, CUSTOMER, OFFICER, OTHER, TALK, Crash

PHONE = "0812-9071-3648"


async def _everything(database: Database) -> str:
    pieces = []
    for name in await database.list_collection_names():
        pieces += [repr(document) async for document in database[name].find({})]
    return "\n".join(pieces).casefold()


async def test_an_edit_takes_the_place_of_the_text(stored: Database, pool: RedactorPool, tmp_path: Path) -> None:
    """Through the gate; the earlier text is nowhere any more, but its place, id and time are."""
    async with changing_chat(stored, pool) as chat:
        before = await chat.send("kiriman belum sampai di gudang", key="sama")
        after = await chat.edit(1, f"kiriman sudah sampai, telepon {PHONE} ya")
        assert after.text.value == "kiriman sudah sampai, telepon ⟦PHONE:1⟧ ya"
        assert (after.id, after.created_at, after.client_message_id) == (before.id, before.created_at, "sama")
        assert (after.revision, after.version, after.edited_at is not None) == (1, 1, True)
        assert await chat.stored(1) == after
        live = await chat.live()
        assert live.remembered(0, 10) == [after]
        assert live.sent["customer", "sama"].result() == after
        assert [(event.message, event.changes) for event in chat.changed] == [(after, 1)]
    assert "belum" not in await _everything(stored)
    assert PHONE not in await _everything(stored)
    assert (await content_of(stored, tmp_path)).ok


async def test_placeholders_mean_what_they_meant(stored: Database, pool: RedactorPool) -> None:
    """Those that the writer was given; any other that they type is none."""
    async with changing_chat(stored, pool) as chat:
        await chat.send(f"telepon {PHONE}")
        await chat.send("telepon 0857-1123-9944", AGENT)
        after = await chat.edit(1, "telepon ⟦PHONE:1⟧ saja, bukan ⟦PHONE:2⟧")
        assert after.text.value.startswith("telepon ⟦PHONE:1⟧ saja, bukan ")
        assert [item.placeholder for item in after.redactions] == ["⟦PHONE:1⟧"]
        assert "⟦PHONE:2⟧" not in after.text.value
        # The same value keeps its number after the edit and a restart.
    async with changing_chat(stored, pool) as again:
        assert (await again.send(f"ulang {PHONE}")).text.value == "ulang ⟦PHONE:1⟧"


async def test_a_number_that_only_an_edit_gave_is_kept(stored: Database, pool: RedactorPool) -> None:
    """A process that ends before it saves progress must not give the same number to another value."""
    async with changing_chat(stored, pool) as chat:
        await chat.send("halo kak")
        await chat.registry.save([await chat.live()])
        await chat.edit(1, f"telepon {PHONE}")
        document = await stored["conversations"].find_one({"_id": TALK})
        assert document is not None
        assert [key.partition(":")[0] for key in document["numbers"]] == ["PHONE"]


async def test_only_who_wrote_it_edits(stored: Database, pool: RedactorPool) -> None:
    """Others may not; to who may not read, there is nothing."""
    async with changing_chat(stored, pool, helpers=[HELPER]) as chat:
        await chat.send("halo kak")
        for actor in (AGENT, HELPER):
            with pytest.raises(NotPermitted):
                await chat.edit(1, "lain", actor)
        for actor in (OTHER, OFFICER):
            with pytest.raises(NotFound):
                await chat.edit(1, "lain", actor)
        for seq in (0, 2, 10**14):
            with pytest.raises(NotFound):
                await chat.edit(seq, "lain")
        with pytest.raises(InvalidInput):
            await chat.edit(1, "  ")
        assert await chat.texts() == ["halo kak"]
        assert chat.changed == []


@pytest.mark.parametrize("place", ["turnstile", "onlookers"])
async def test_who_loses_it_meanwhile_changes_nothing_more(stored: Database, pool: RedactorPool, place: str) -> None:
    """Between their wish and its turn, or while their words are at the gate, they were let go."""
    async with changing_chat(stored, pool, helpers=[HELPER]) as chat:
        await chat.send("biar saya bantu", HELPER)
        live = await chat.live()
        kept = live.conversation

        def let_go() -> None:
            live.conversation = replace(kept, participant_ids=frozenset())

        getattr(chat, place).meanwhile = let_go
        wishes = [lambda: chat.edit(1, "tulisan orang luar", HELPER)]
        if place == "turnstile":
            wishes += [
                lambda: chat.changes.react(HELPER, TALK, 1, "👍", given=True),
                lambda: chat.changes.delete(HELPER, TALK, 1),
            ]
        for wish in wishes:
            live.conversation = kept
            with pytest.raises(NotFound):
                await wish()
        assert await chat.texts() == ["biar saya bantu"]
        assert chat.changed == []


async def test_of_two_who_edit_at_once_one_is_told(stored: Database, pool: RedactorPool, tmp_path: Path) -> None:
    """Two windows of one writer: the second has not seen what the first made of it."""
    async with changing_chat(stored, pool) as chat:
        await chat.send("halo kak")
        texts = ("halo pak", "halo bu")
        outcomes = await asyncio.gather(*(chat.edit(1, text) for text in texts), return_exceptions=True)
        assert sorted(type(item).__name__ for item in outcomes) == ["Conflict", "Message"]
        [kept] = await chat.texts()
        assert kept in texts
        assert (await chat.stored(1)).revision == 1
        assert len(chat.changed) == 1
        same = await chat.edit(1, kept, revision=1)
        assert same.revision == 1, "the same text again is no change"
    assert (await content_of(stored, tmp_path)).ok


async def test_two_processes_do_not_undo_each_other(stored: Database, pool: RedactorPool, tmp_path: Path) -> None:
    """Nobody waits for the other: the store decides."""
    async with changing_chat(stored, pool) as one, changing_chat(stored, pool) as other:
        await one.send("halo kak")
        await one.registry.save([await one.live()])
        outcomes = await asyncio.gather(one.edit(1, "satu"), other.edit(1, "dua"), return_exceptions=True)
        assert sum(isinstance(item, Conflict) for item in outcomes) <= 1
        stored_text = (await one.stored(1)).text.value
        told = {event.message.revision: event.message.text.value for event in (*one.changed, *other.changed)}
        assert told[max(told)] == stored_text
    assert (await content_of(stored, tmp_path)).ok


async def test_edits_during_corrections_show_nothing(stored: Database, pool: RedactorPool, tmp_path: Path) -> None:
    """While a value is hidden everywhere, others write it into their messages: none of them shows it in the end."""
    async with changing_chat(stored, pool) as chat:
        for number in range(12):
            await chat.send(f"pesan ke {number} tentang jendela")
        edits = [asyncio.create_task(chat.edit(seq, f"jendela nomor satu, baris {seq}")) for seq in range(2, 13)]
        hiding = asyncio.create_task(chat.hide(1, "jendela"))
        await asyncio.gather(hiding, *edits, return_exceptions=True)
        await chat.corrections.finished()
        assert [text for text in await chat.texts() if "jendela" in text] == []
        live = await chat.live()
        assert live.conversation.changes == len(chat.changed)
    assert "jendela" not in (await _everything(stored)).replace("perihal", "")
    assert (await content_of(stored, tmp_path)).ok


@pytest.mark.parametrize("steps", range(4))
async def test_a_crash_leaves_one_text_or_the_other(
    stored: Database, pool: RedactorPool, tmp_path: Path, steps: int
) -> None:
    """Whatever the last command was; the trail fits after the next start, and who comes back reads again."""
    async with changing_chat(stored, pool) as chat:
        await chat.send("lama sekali")
        chat.changing.left = steps
        try:
            await chat.edit(1, f"baru, telepon {PHONE}")
        except Crash:
            assert steps < 3
    async with changing_chat(stored, pool) as again:
        message = await again.stored(1)
        assert message.text.value == ("lama sekali" if steps < 2 else "baru, telepon ⟦PHONE:1⟧")
        conversation = (await again.live()).conversation
        if message.revision:
            assert changed_since(conversation, 0) == [1]
        assert (await again.edit(1, "sudah beres", revision=message.revision)).text.value == "sudah beres"
        assert (await again.send("telepon 0857-1123-9944")).text.value.startswith("telepon ⟦PHONE:")
    assert (await content_of(stored, tmp_path)).ok


async def test_a_deleted_message_keeps_its_place(stored: Database, pool: RedactorPool, tmp_path: Path) -> None:
    """And nothing else; repeating is harmless, and nobody changes it any more."""
    async with changing_chat(stored, pool) as chat:
        await chat.send("halo kak")
        await chat.send(f"rahasia sekali, telepon {PHONE}")
        await chat.changes.react(AGENT, TALK, 2, "👍", given=True)
        gone = await chat.changes.delete(CUSTOMER, TALK, 2)
        assert (gone.seq, gone.text.value, gone.redactions, dict(gone.reactions)) == (2, "", (), {})
        assert gone.deleted_at is not None
        assert await chat.changes.delete(CUSTOMER, TALK, 2) == gone
        with pytest.raises(Conflict):
            await chat.edit(2, "lagi", revision=gone.revision)
        with pytest.raises(NotFound):
            await chat.changes.react(AGENT, TALK, 2, "👍", given=True)
        assert [message.seq for message in await chat.store.messages(TALK, 0, 2)] == [1, 2]
        assert (await chat.send("lanjut")).seq == 3
    assert "rahasia" not in await _everything(stored)
    assert (await content_of(stored, tmp_path)).ok


async def test_who_has_the_conversation_deletes_what_others_wrote(stored: Database, pool: RedactorPool) -> None:
    """Whoever was brought in does not; nor does the customer what staff wrote."""
    async with changing_chat(stored, pool, helpers=[HELPER]) as chat:
        await chat.send("kata kata kasar")
        await chat.send("mohon maaf", AGENT)
        with pytest.raises(NotPermitted):
            await chat.changes.delete(HELPER, TALK, 1)
        with pytest.raises(NotPermitted):
            await chat.changes.delete(CUSTOMER, TALK, 2)
        with pytest.raises(NotFound):
            await chat.changes.delete(OTHER, TALK, 1)
        assert (await chat.changes.delete(AGENT, TALK, 1)).deleted_at is not None
        assert await chat.texts() == ["", "mohon maaf"]


async def test_reactions_add_up(stored: Database, pool: RedactorPool) -> None:
    """Each account each emoji once, many at the same moment too; taken back it is gone."""
    async with changing_chat(stored, pool, helpers=[HELPER]) as chat:
        await chat.send("terima kasih")
        given = [(actor, emoji) for actor in (CUSTOMER, AGENT, HELPER) for emoji in ("👍", "🙏", "❤️")]
        await asyncio.gather(
            *(chat.changes.react(actor, TALK, 1, emoji, given=True) for actor, emoji in (*given, *given))
        )
        message = await chat.stored(1)
        assert {emoji: set(by) for emoji, by in message.reactions.items()} == {
            emoji: {"customer", "agent", "helper"} for emoji in ("👍", "🙏", "❤️")
        }
        assert (message.version, message.revision) == (9, 0)
        versions = [event.message.version for event in chat.changed]
        assert versions == sorted(versions), "told in order"
        await chat.changes.react(AGENT, TALK, 1, "👍", given=False)
        after = await chat.changes.react(AGENT, TALK, 1, "👍", given=False)
        assert set(after.reactions["👍"]) == {"customer", "helper"}
        assert after.text.value == "terima kasih"


async def test_a_reaction_does_not_undo_a_correction(stored: Database, pool: RedactorPool) -> None:
    """Both at once, many times: the value is hidden, and every reaction is there."""
    async with changing_chat(stored, pool, helpers=[HELPER]) as chat:
        await chat.send("titip ke jendela")
        await chat.send("jendela lagi")
        reactions = [
            chat.changes.react(actor, TALK, seq, emoji, given=True)
            for seq in (1, 2)
            for actor in (CUSTOMER, AGENT, HELPER)
            for emoji in ("👍", "🎉")
        ]
        outcomes = await asyncio.gather(chat.hide(1, "jendela"), *reactions, return_exceptions=True)
        if isinstance(outcomes[0], Conflict):
            await chat.hide(1, "jendela")
        await chat.corrections.finished()
        assert await chat.texts() == ["titip ke ⟦PERSON:1⟧", "⟦PERSON:1⟧ lagi"]
        for seq in (1, 2):
            counts = {emoji: len(by) for emoji, by in (await chat.stored(seq)).reactions.items()}
            assert counts == {"👍": 3, "🎉": 3}


async def test_words_are_no_reaction(stored: Database, pool: RedactorPool) -> None:
    """Nor is anything else through which something could be said."""
    async with changing_chat(stored, pool) as chat:
        await chat.send("halo kak")
        for word in ("", "a", "ok", "👍👍", "1", "$set", "a.b", "👍 ", PHONE):
            with pytest.raises(InvalidInput):
                await chat.changes.react(CUSTOMER, TALK, 1, word, given=True)
        for emoji in ("👍", "🙏", "🎉", "😀", "🇮🇩"):
            await chat.changes.react(CUSTOMER, TALK, 1, emoji, given=True)
        with pytest.raises(InvalidInput):
            await chat.changes.react(CUSTOMER, TALK, 1, "🙃", given=True)


async def test_who_was_away_learns_what_changed(stored: Database, pool: RedactorPool) -> None:
    """By the number of changes: the messages themselves, or that it is too long ago."""
    async with changing_chat(stored, pool) as chat:
        for number in range(3):
            await chat.send(f"baris {number}", key=f"b{number}")
        known = (await chat.live()).conversation.changes
        await chat.edit(2, "baris lain")
        await chat.changes.react(AGENT, TALK, 3, "👍", given=True)
        await chat.changes.react(AGENT, TALK, 3, "🎉", given=True)
        conversation = (await chat.live()).conversation
        assert (known, conversation.changes) == (0, 3)
        assert changed_since(conversation, 0) == [2, 3]
        assert changed_since(conversation, 1) == [3]
        assert changed_since(conversation, 3) == []
        assert changed_since(conversation, 4) is None
        assert await _reread(chat, 0) == ["baris lain", "baris 2"]
    async with changing_chat(stored, pool) as again:
        assert changed_since((await again.live()).conversation, 1) == [3]


async def _reread(chat: ChangingChat, known: int) -> list[str]:
    seqs = changed_since((await chat.live()).conversation, known)
    assert seqs is not None
    return [message.text.value for message in await chat.store.named(TALK, seqs)]
