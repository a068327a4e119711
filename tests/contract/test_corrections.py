"""Corrections on the real store, through the real gate: what is hidden is gone from everything that is stored, numbers
stay, and signals are counted once.
"""

import asyncio

import pytest

from nlp.labels import Label
from nlp.pool import RedactorPool
from server.chat.events import ConversationChanged
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.text import Hidden
from server.signals.model import SaidBy, ShapeClass, SignalCode, SignalKind, WordClass
from server.storage.mongo import Database
from tests.harness.correcting import AGENT, CUSTOMER, OFFICER, OTHER, TALK, Chat, now, running_chat


async def _everything(database: Database) -> str:
    """All documents of all collections as one text."""
    pieces = []
    for name in await database.list_collection_names():
        pieces += [repr(document) async for document in database[name].find({})]
    return "\n".join(pieces).casefold()


async def test_it_is_hidden_everywhere_at_once(chat: Chat, stored: Database) -> None:
    """In the message, in all others whatever their case, and in the subject; under one number; told to everybody."""
    await chat.send("pesanan jendela belum sampai, kata JENDELA")
    await chat.send("Jendela yang mana? jendelai?", AGENT)
    await chat.send("nomor hp 0812-9071-3648 ya")
    corrected = await chat.hide(1, "jendela")
    assert corrected.message.text.value == "pesanan ⟦PERSON:1⟧ belum sampai, kata ⟦PERSON:1⟧"
    assert (corrected.elsewhere, corrected.done) == (1, True)
    assert await chat.texts() == [
        "pesanan ⟦PERSON:1⟧ belum sampai, kata ⟦PERSON:1⟧",
        "⟦PERSON:1⟧ yang mana? jendelai?",
        "nomor hp ⟦PHONE:1⟧ ya",
    ]
    subject = (await chat.live()).conversation.subject
    assert subject is not None
    assert subject.value == "perihal ⟦PERSON:1⟧"
    assert "jendela" not in (await _everything(stored)).replace("jendelai", "")
    told = chat.heard.corrected
    assert {event.message.seq for event in told} == {1, 2}
    assert [event.corrections for event in told] == list(range(1, len(told) + 1))
    assert told[-1].corrections == (await chat.live()).conversation.corrections
    changed = [event for event in chat.heard.events if isinstance(event, ConversationChanged)]
    assert any(event.conversation.subject == subject for event in changed)


async def test_memory_shows_it_no_more(chat: Chat) -> None:
    """Neither the recent messages nor the answer to a repeated sending."""
    await chat.send("halo jendela", key="sama")
    await chat.hide(1, "jendela", actor=CUSTOMER)
    live = await chat.live()
    remembered = live.remembered(0, 10)
    assert remembered is not None
    assert [message.text.value for message in remembered] == ["halo ⟦PERSON:1⟧"]
    assert live.sent["customer", "sama"].result() == remembered[0]


async def test_later_messages_hide_it_too(chat: Chat, stored: Database, pool: RedactorPool) -> None:
    """Also after a restart, and the number is the same."""
    await chat.send("halo jendela, pesan 18 40 dus")
    await chat.hide(1, "jendela")
    await chat.hide(1, "18 40", Label.MEDICAL_RECORD, revision=1)
    assert (await chat.send("oh JENDELA! dan 1840")).text.value == "oh ⟦PERSON:1⟧! dan ⟦MEDICAL_RECORD:1⟧"
    async with running_chat(stored, pool) as again:
        assert (await again.send("jendela lagi (18-40)")).text.value == "⟦PERSON:1⟧ lagi (⟦MEDICAL_RECORD:1⟧)"


async def test_numbers_stay(chat: Chat) -> None:
    """A new value gets the label's next number; one that was hidden before keeps its own."""
    first = await chat.send("nama saya Wagiyem Kusnandarini, hp 0812-9071-3648")
    assert "⟦PERSON:1⟧" in first.text.value
    await chat.send("kemarin titip jendela")
    assert (await chat.hide(2, "jendela")).message.text.value == "kemarin titip ⟦PERSON:2⟧"
    third = await chat.send("nama saya Sumarlinah Oktaviandari")
    assert "⟦PERSON:3⟧" in third.text.value
    live = await chat.live()
    known = chat.intake.stand_in(Label.PERSON, "wagiyem KUSNANDARINI", TALK)
    assert live.numbering.number(known) == 1


async def test_what_is_sent_at_the_same_moment_is_hidden_as_well(chat: Chat) -> None:
    """Messages on their way while it is taught: none of them stays as it was."""
    await chat.send("halo jendela")
    sending = [asyncio.create_task(chat.send(f"{number} jendela", key=f"p{number}")) for number in range(120)]
    await asyncio.gather(*sending[:10])
    await chat.hide(1, "jendela")
    await asyncio.gather(*sending)
    await chat.corrections.finished()
    texts = await chat.texts()
    assert len(texts) == 121
    assert [text for text in texts if "⟦PERSON:1⟧" not in text] == []
    # Some were stored before and rewritten, some were stored without it: both ways were taken.
    assert 10 <= len({event.message.seq for event in chat.heard.corrected}) <= 121


async def test_it_may_be_asked_once_only(chat: Chat) -> None:
    """Offsets are about a revision: the second who asks is told that there is a newer one, and nothing changes."""
    await chat.send("halo jendela dan kelapa")
    asked = (chat.corrections.hide(actor, TALK, 1, 0, 5, 12, Label.PERSON) for actor in (AGENT, CUSTOMER))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(answer) for answer in answers if isinstance(answer, BaseException)) == [Conflict]
    assert await chat.texts() == ["halo ⟦PERSON:1⟧ dan kelapa"]
    with pytest.raises(Conflict):
        await chat.hide(1, "kelapa", revision=0)
    assert (await chat.hide(1, "kelapa", revision=1)).message.text.value == "halo ⟦PERSON:1⟧ dan ⟦PERSON:2⟧"


async def test_a_piece_that_can_not_be_hidden_changes_nothing(chat: Chat, stored: Database) -> None:
    await chat.send("hp 0812-9071-3648 ya")
    for start, end in ((0, 5), (4, 8), (0, 99), (2, 3)):
        with pytest.raises(InvalidInput):
            await chat.corrections.hide(AGENT, TALK, 1, 0, start, end, Label.PERSON)
    assert await chat.texts() == ["hp ⟦PHONE:1⟧ ya"]
    assert await stored["unfinished_hidings"].find({}).to_list(None) == []
    assert not (await chat.live()).taught.values


async def test_who_may(chat: Chat) -> None:
    """A customer their own messages; and messages that are there."""
    await chat.send("halo jendela", AGENT)
    with pytest.raises(NotPermitted):
        await chat.hide(1, "jendela", actor=CUSTOMER)
    with pytest.raises(NotPermitted):
        await chat.corrections.dispute(OTHER, TALK, 1, "⟦PERSON:1⟧", None)
    for seq in (0, 2, 10**14):
        with pytest.raises(NotFound):
            await chat.corrections.hide(AGENT, TALK, seq, 0, 0, 4, Label.PERSON)
    with pytest.raises(NotFound):
        await chat.corrections.hide(AGENT, "elsewhere", 1, 0, 0, 4, Label.PERSON)


async def test_a_part_of_a_word_is_hidden_where_it_stands(chat: Chat) -> None:
    """And as a word of its own elsewhere."""
    await chat.send("pakjendela datang")
    await chat.send("jendela pulang")
    assert (await chat.hide(1, "jendela")).message.text.value == "pak⟦PERSON:1⟧ datang"
    assert await chat.texts() == ["pak⟦PERSON:1⟧ datang", "⟦PERSON:1⟧ pulang"]


async def test_short_numbers_are_hidden_only_where_they_stand(chat: Chat) -> None:
    """Everything would be full of holes."""
    await chat.send("rumah nomor 17 ya")
    await chat.send("jumlah 17 dus")
    assert (await chat.hide(1, "17", Label.ADDRESS)).elsewhere == 0
    assert await chat.texts() == ["rumah nomor ⟦ADDRESS:1⟧ ya", "jumlah 17 dus"]


async def test_a_long_conversation_is_gone_through_to_its_end(chat: Chat) -> None:
    """More than one window, and the trail names each message that changed."""
    for _ in range(3):
        await asyncio.gather(*(chat.send(f"{number} jendela", key=f"a{number}-{_}") for number in range(40)))
    await chat.hide(7, "jendela")
    await chat.corrections.finished()
    assert all("⟦PERSON:1⟧" in text for text in await chat.texts())
    assert len(await chat.texts()) == 120
    entries = [entry for entry in await chat.audit.recent(60) if entry.action == "chat:message:corrected"]
    assert sorted(entry.counts["seq"] for entry in entries) == list(range(1, 121))
    assert {entry.counts["revision"] for entry in entries} == {1}


async def test_signals_are_counted_once_and_without_text(chat: Chat, stored: Database) -> None:
    """The same person about the same piece: once. Another person: again. Only officers read them."""
    await chat.send("nama saya Wagiyem Kusnandarini, titip Jendela")
    for actor in (AGENT, AGENT, CUSTOMER, CUSTOMER):
        await chat.corrections.dispute(actor, TALK, 1, "⟦PERSON:1⟧", SignalCode.PLACE)
    await chat.hide(1, "Jendela", actor=CUSTOMER)
    counted = await chat.signals.read(OFFICER, None, None)
    wrongly = [item for item in counted if item.signal.kind is SignalKind.HIDDEN_WRONGLY]
    assert {(item.signal.who, item.count, item.signal.code) for item in wrongly} == {
        (SaidBy.STAFF, 1, SignalCode.PLACE),
        (SaidBy.WRITER, 1, SignalCode.PLACE),
    }
    [missed] = [item for item in counted if item.signal.kind is SignalKind.SHOULD_HAVE_BEEN_HIDDEN]
    assert (missed.count, missed.signal.who, missed.signal.label) == (1, SaidBy.WRITER, Label.PERSON)
    assert (missed.signal.traits.words, missed.signal.traits.shape) == (WordClass.ONE, ShapeClass.CAPITALISED)
    with pytest.raises(InvalidInput):
        await chat.corrections.dispute(AGENT, TALK, 1, "⟦PERSON:9⟧", None)
    for actor in (AGENT, CUSTOMER):
        with pytest.raises(NotPermitted):
            await chat.signals.read(actor, None, None)
    kept = [repr(item) async for item in stored["redaction_signals"].find({})]
    kept += [repr(item) async for item in stored["redaction_signal_marks"].find({})]
    assert len(kept) == 6
    for word in ("jendela", "wagiyem", "customer", "agent", TALK):
        assert not [item for item in kept if word in item.lower()], word


async def test_days_are_bounded(chat: Chat) -> None:
    today = now().date()
    assert await chat.signals.read(OFFICER, today, today) == []
    for first, last in ((today, today.replace(year=today.year - 1)), (today.replace(year=today.year - 3), today)):
        with pytest.raises(InvalidInput):
            await chat.signals.read(OFFICER, first, last)


def test_a_lesson_survives_as_it_is() -> None:
    """What stands for a value is told from its entry."""
    hidden = Hidden(Label.PERSON, "0a1b")
    assert hidden.key == "PERSON:0a1b"
