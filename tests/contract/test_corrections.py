"""Corrections on the real store, through the real gate: what is hidden is gone from everything that is stored, numbers
stay, a crash between any two steps is made good, and signals are counted once.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from nlp.labels import Label
from nlp.pool import RedactorPool
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.chat.corrections import Corrected, Corrections
from server.chat.events import ConversationChanged, MessageCorrected
from server.chat.hiding import Hiding
from server.chat.live import LiveConversation
from server.chat.model import Conversation, Message, Status, View
from server.chat.registry import LiveConversations
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.chat.writer import Draft, MessageWriter
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from server.kernel.events import Event
from server.kernel.text import Hidden, Numbering, RawText
from server.limits import Unlimited
from server.signals.model import SaidBy, ShapeClass, SignalCode, SignalKind, WordClass
from server.signals.service import SignalService
from server.signals.store import SIGNAL_COLLECTIONS, MongoSignalStore
from server.storage.mongo import Database
from server.storage.schema import apply

_KEY = bytes(range(32))
_CUSTOMER = Actor("customer", Role.CUSTOMER, "", "Toko Contoh")
_AGENT = Actor("agent", Role.AGENT, "", "Petugas")
_OTHER = Actor("other", Role.CUSTOMER, "", "Orang lain")
_OFFICER = Actor("officer", Role.PRIVACY_OFFICER, "", "Petugas privasi")
_TALK = "talk"


class Heard:
    """Keeps what happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, events: Sequence[Event]) -> None:
        """Keep it."""
        self.events += events

    @property
    def corrected(self) -> list[MessageCorrected]:
        """The corrections, in order."""
        return [event for event in self.events if isinstance(event, MessageCorrected)]


class People:
    """Everybody reads everything: who may is not this suite's affair. But there is only one conversation."""

    async def require_reader(self, _: Actor, conversation_id: str) -> Conversation:
        """Let them."""
        if conversation_id != _TALK:
            raise NotFound
        return _CONVERSATION

    def view(self, _: Actor, __: Conversation) -> View:
        """All of it."""
        return View.FULL

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Those who are asked for."""
        everybody = {actor.account_id: actor for actor in (_CUSTOMER, _AGENT, _OTHER)}
        return {account_id: everybody[account_id] for account_id in account_ids if account_id in everybody}


class Crash(BaseException):
    """The process ends."""


class Mortal(MongoChatStore):
    """A store whose process ends before one of its commands is given."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.left: int | None = None

    def _step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash

    async def begin_hiding(self, hiding: Hiding) -> None:
        self._step()
        await super().begin_hiding(hiding)

    async def teach(self, *arguments: Any) -> None:
        self._step()
        await super().teach(*arguments)

    async def rewrite(self, messages: Sequence[Message]) -> list[Message]:
        self._step()
        return await super().rewrite(messages)

    async def count_corrections(self, conversation_id: str, more: int) -> int:
        self._step()
        return await super().count_corrections(conversation_id, more)

    async def rewrite_subject(self, *arguments: Any) -> bool:
        self._step()
        return await super().rewrite_subject(*arguments)

    async def end_hiding(self, hiding_id: str) -> None:
        self._step()
        await super().end_hiding(hiding_id)


_CONVERSATION = Conversation(
    _TALK, 1, None, (), Status.OPEN, "customer", None, 0, None, None, datetime(2026, 3, 1, tzinfo=UTC)
)


def _now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Chat:
    """The parts of chat that take part in a correction."""

    def __init__(self, database: Database, pool: RedactorPool) -> None:
        self.heard = Heard()
        self.store = Mortal(database)
        self.audit = AuditTrail(MongoAuditStore(database), _KEY)
        self.intake = Intake(pool, _KEY)
        self.writer = MessageWriter(self.store, self.audit, self.heard)
        self.registry = LiveConversations(self.store, self.audit, self.heard)
        self.signals = SignalService(MongoSignalStore(database), _KEY, "names-1-0", _now)
        people = People()
        self.corrections = Corrections(
            self.store,
            people,
            self.registry,
            self.writer,
            self.intake,
            self.audit,
            self.heard,
            people,
            self.signals,
            Unlimited(),
            _now,
        )

    async def live(self) -> LiveConversation:
        """The conversation."""
        return await self.registry.get(_TALK)

    async def send(self, text: str, actor: Actor = _CUSTOMER, *, key: str | None = None) -> Message:
        """Store a message, the way the service does."""
        live = await self.live()
        taught = live.taught
        template = await self.intake.admit(RawText(text), scope=_TALK, taught=taught)
        outcome: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        key = key or f"k{live.next_seq}-{len(self.heard.events)}"
        live.remember_sending((actor.account_id, key), outcome)
        while taught is not live.taught:
            taught = live.taught
            template = await self.intake.cover(template, _TALK, taught)
        self.writer.submit(Draft(live, actor, key, template, _now(), outcome))
        message = await outcome
        self.registry.touch(live)
        return message

    async def hide(
        self, seq: int, piece: str, label: Label = Label.PERSON, *, actor: Actor = _AGENT, revision: int = 0
    ) -> Corrected:
        """Hide a piece of a message by what it is."""
        [message] = await self.store.messages(_TALK, seq - 1, seq)
        start = message.text.value.index(piece)
        return await self.corrections.hide(actor, _TALK, seq, revision, start, start + len(piece), label)

    async def texts(self) -> list[str]:
        """All that is stored."""
        live = await self.live()
        return [message.text.value for message in await self.store.messages(_TALK, 0, live.conversation.last_seq)]


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[RedactorPool]:
    redactor = RedactorPool(workers=1, deadline_s=30)
    await redactor.start()
    yield redactor
    await redactor.close()


@asynccontextmanager
async def _running(database: Database, pool: RedactorPool) -> AsyncIterator[Chat]:
    """The parts, started; at the end everything they do in the background is done."""
    chat = Chat(database, pool)
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


@pytest.fixture
async def stored(database: Database, pool: RedactorPool) -> Database:
    """A database with one conversation, whose subject is `perihal jendela`."""
    await apply(database, (*AUDIT_COLLECTIONS, *CHAT_COLLECTIONS, *SIGNAL_COLLECTIONS))
    store = MongoChatStore(database)
    template = await Intake(pool, _KEY).admit(RawText("perihal jendela"), scope=_TALK)
    numbered = template.fill(Numbering())
    assert numbered.text.value == "perihal jendela"
    conversation = Conversation(
        _TALK, 1, numbered.text, (), Status.OPEN, "customer", None, 0, None, None, datetime(2026, 3, 1, tzinfo=UTC)
    )
    await store.insert_conversation(conversation, {})
    return database


@pytest.fixture
async def chat(stored: Database, pool: RedactorPool) -> AsyncIterator[Chat]:
    async with _running(stored, pool) as running:
        yield running


async def _everything(database: Database) -> str:
    """All documents of all collections as one text."""
    pieces = []
    for name in await database.list_collection_names():
        pieces += [repr(document) async for document in database[name].find({})]
    return "\n".join(pieces).casefold()


async def test_it_is_hidden_everywhere_at_once(chat: Chat, stored: Database) -> None:
    """In the message, in all others whatever their case, and in the subject; under one number; told to everybody."""
    await chat.send("pesanan jendela belum sampai, kata JENDELA")
    await chat.send("Jendela yang mana? jendelai?", _AGENT)
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
    await chat.hide(1, "jendela", actor=_CUSTOMER)
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
    async with _running(stored, pool) as again:
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
    known = chat.intake.stand_in(Label.PERSON, "wagiyem KUSNANDARINI", _TALK)
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
    answers = await asyncio.gather(
        *(chat.hide(1, "jendela", actor=actor) for actor in (_AGENT, _CUSTOMER)), return_exceptions=True
    )
    assert sorted(type(answer) for answer in answers if isinstance(answer, BaseException)) == [Conflict]
    assert await chat.texts() == ["halo ⟦PERSON:1⟧ dan kelapa"]
    with pytest.raises(Conflict):
        await chat.hide(1, "kelapa", revision=0)
    assert (await chat.hide(1, "kelapa", revision=1)).message.text.value == "halo ⟦PERSON:1⟧ dan ⟦PERSON:2⟧"


async def test_a_piece_that_can_not_be_hidden_changes_nothing(chat: Chat, stored: Database) -> None:
    await chat.send("hp 0812-9071-3648 ya")
    for start, end in ((0, 5), (4, 8), (0, 99), (2, 3)):
        with pytest.raises(InvalidInput):
            await chat.corrections.hide(_AGENT, _TALK, 1, 0, start, end, Label.PERSON)
    assert await chat.texts() == ["hp ⟦PHONE:1⟧ ya"]
    assert await stored["unfinished_hidings"].find({}).to_list(None) == []
    assert not (await chat.live()).taught.values


async def test_who_may(chat: Chat) -> None:
    """A customer their own messages; and messages that are there."""
    await chat.send("halo jendela", _AGENT)
    with pytest.raises(NotPermitted):
        await chat.hide(1, "jendela", actor=_CUSTOMER)
    with pytest.raises(NotPermitted):
        await chat.corrections.dispute(_OTHER, _TALK, 1, "⟦PERSON:1⟧", None)
    for seq in (0, 2, 10**14):
        with pytest.raises(NotFound):
            await chat.corrections.hide(_AGENT, _TALK, seq, 0, 0, 4, Label.PERSON)
    with pytest.raises(NotFound):
        await chat.corrections.hide(_AGENT, "elsewhere", 1, 0, 0, 4, Label.PERSON)


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


@pytest.mark.parametrize("steps", range(9))
async def test_a_crash_is_made_good(stored: Database, pool: RedactorPool, steps: int) -> None:
    """Whatever the last command was: after the next start either nothing was done, or all of it, and nothing twice."""
    async with _running(stored, pool) as chat:
        await chat.send("pakjendela titip ke jendela")
        await chat.send("jendela siapa?", _AGENT)
        chat.store.left = steps
        started = False
        try:
            await chat.hide(1, "jendela")
        except Crash:
            chat.store.left = None
            started = bool(await chat.store.unfinished_hidings())
        chat.store.left = None
        done = not started and "jendela" not in " ".join(await chat.texts())
    async with _running(stored, pool) as again:
        await again.corrections.finished()
        texts = await again.texts()
        if started or done:
            assert texts == ["pak⟦PERSON:1⟧ titip ke ⟦PERSON:1⟧", "⟦PERSON:1⟧ siapa?"]
            assert (await again.send("jendela")).text.value == "⟦PERSON:1⟧"
        elif texts[0].startswith("pakjendela"):
            assert texts == ["pakjendela titip ke jendela", "jendela siapa?"]
        assert await again.store.unfinished_hidings() == []
        assert (await again.audit.verify()).ok
        revisions = [message.revision for message in await again.store.messages(_TALK, 0, 2)]
        assert max(revisions) <= 2


async def test_signals_are_counted_once_and_without_text(chat: Chat, stored: Database) -> None:
    """The same person about the same piece: once. Another person: again. Only officers read them."""
    await chat.send("nama saya Wagiyem Kusnandarini, titip Jendela")
    for actor in (_AGENT, _AGENT, _CUSTOMER, _CUSTOMER):
        await chat.corrections.dispute(actor, _TALK, 1, "⟦PERSON:1⟧", SignalCode.PLACE)
    await chat.hide(1, "Jendela", actor=_CUSTOMER)
    counted = await chat.signals.read(_OFFICER, None, None)
    wrongly = [item for item in counted if item.signal.kind is SignalKind.HIDDEN_WRONGLY]
    assert {(item.signal.who, item.count, item.signal.code) for item in wrongly} == {
        (SaidBy.STAFF, 1, SignalCode.PLACE),
        (SaidBy.WRITER, 1, SignalCode.PLACE),
    }
    [missed] = [item for item in counted if item.signal.kind is SignalKind.SHOULD_HAVE_BEEN_HIDDEN]
    assert (missed.count, missed.signal.who, missed.signal.label) == (1, SaidBy.WRITER, Label.PERSON)
    assert (missed.signal.traits.words, missed.signal.traits.shape) == (WordClass.ONE, ShapeClass.CAPITALISED)
    with pytest.raises(InvalidInput):
        await chat.corrections.dispute(_AGENT, _TALK, 1, "⟦PERSON:9⟧", None)
    for actor in (_AGENT, _CUSTOMER):
        with pytest.raises(NotPermitted):
            await chat.signals.read(actor, None, None)
    kept = [repr(item) async for item in stored["redaction_signals"].find({})]
    kept += [repr(item) async for item in stored["redaction_signal_marks"].find({})]
    assert len(kept) == 6
    for word in ("jendela", "wagiyem", "customer", "agent", _TALK):
        assert not [item for item in kept if word in item.lower()], word


async def test_days_are_bounded(chat: Chat) -> None:
    today = _now().date()
    assert await chat.signals.read(_OFFICER, today, today) == []
    for first, last in ((today, today.replace(year=today.year - 1)), (today.replace(year=today.year - 3), today)):
        with pytest.raises(InvalidInput):
            await chat.signals.read(_OFFICER, first, last)


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
    async with _running(stored, pool) as other:
        await other.live()
        answers = await asyncio.gather(
            chat.hide(1, "jendela"), other.hide(1, "kelapa", Label.USERNAME), return_exceptions=True
        )
        assert {type(answer) for answer in answers if isinstance(answer, BaseException)} <= {Conflict}
        # Each goes on through the conversation by itself, and may come to the other's text in between.
        await asyncio.gather(chat.corrections.finished(), other.corrections.finished())
        [message] = await chat.store.messages(_TALK, 0, 1)
        assert message.text.value.count("⟦") == message.revision >= 1
        for running, piece, label in ((chat, "jendela", Label.PERSON), (other, "kelapa", Label.USERNAME)):
            [message] = await chat.store.messages(_TALK, 0, 1)
            if piece in message.text.value:
                await running.hide(1, piece, label, revision=message.revision)
        assert await chat.texts() == ["halo ⟦PERSON:1⟧ dan ⟦USERNAME:1⟧"]


def test_a_lesson_survives_as_it_is() -> None:
    """What stands for a value is told from its entry."""
    hidden = Hidden(Label.PERSON, "0a1b")
    assert hidden.key == "PERSON:0a1b"
