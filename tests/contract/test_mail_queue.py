"""The mail queue on the real store and a real mail server: what goes out, when again, and what survives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.notify.composing import Composer
from server.notify.model import LETTERS, QueuedLetter
from server.notify.service import MailQueue
from server.notify.smtp import MailServer, MailSettingsError, SmtpCarrier
from server.notify.store import MAIL_COLLECTIONS, MongoLetterStore
from server.storage.mongo import Database
from server.storage.schema import apply
from server.web.catalogue import Catalogues
from tests.harness.keys import RING
from tests.harness.mail import MailSink, certificate
from tests.harness.process import PATIENCE_S, eventually

_TO = "ratna@contoh.example"
_VALUES = {
    "link": "https://bantuan.example/verifikasi?token=abc",
    "until": "2026-11-22 10:00 UTC",
    "at": "2026-11-22 08:00 UTC",
    "browser": "firefox",
    "system": "android",
    "network": "203.0.113.x",
    "count": "3",
    "account": "https://bantuan.example/akun",
    "transcript": "Pembeli: halo",
}


_LINKED = {
    *("verify", "reset", "change", "break_glass_opened", "notice", "digest_daily", "digest_weekly", "survey", "news"),
    *("chat_answer", "erasure_asked", "erasure_cancelled", "guardian", "incident", "request_confirm", "request_step"),
}


class _Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        moment = datetime.now(UTC) + self.ahead
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    """A mail server."""
    sink = MailSink()
    await sink.start()
    yield sink
    await sink.stop()


@pytest.fixture
def clock() -> _Clock:
    """The time."""
    return _Clock()


@pytest.fixture
async def store(database: Database) -> MongoLetterStore:
    """Where letters wait."""
    await apply(database, MAIL_COLLECTIONS)
    return MongoLetterStore(database, RING.sealer("mail"))


def _queue(store: MongoLetterStore, url: str, clock: _Clock) -> MailQueue:
    server = MailServer.parse(url, "bantuan@toko.example", "Toko Sumber Rejeki")
    return MailQueue(store, SmtpCarrier(server, clock), Composer(Catalogues.load(), "Toko Sumber Rejeki"), clock)


async def _anything(account_id: str, purpose: str) -> bool:
    return True


@pytest.fixture
async def queue(store: MongoLetterStore, sink: MailSink, clock: _Clock) -> AsyncIterator[MailQueue]:
    """A queue at work."""
    queue = _queue(store, sink.url, clock)
    queue.permit(_anything)
    await queue.start()
    yield queue
    await queue.close()


async def _mail(queue: MailQueue, letter: str = "verify", locale: str = "id") -> None:
    await queue.mail(letter, account_id="a1", to=_TO, locale=locale, values=_VALUES)


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_every_letter_can_be_written(queue: MailQueue, sink: MailSink, locale: str, database: Database) -> None:
    """In both languages, as text and as HTML, with nothing left to fill in; then it is gone from the store."""
    for number, letter in enumerate(LETTERS, 1):
        await _mail(queue, letter, locale)
        received = await sink.letter(_TO, number)
        message = received.message
        assert received.sender == "bantuan@toko.example"
        assert str(message["From"]) == "Toko Sumber Rejeki <bantuan@toko.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Content-Language"] == locale
        assert message["Message-ID"].endswith("@toko.example>")
        assert "Toko Sumber Rejeki" in message["Subject"]
        assert message.get_content_type() == "multipart/alternative"
        assert not set("{}") & set(received.text + message["Subject"])
        assert f'lang="{locale}"' in received.html
        assert (_VALUES["link"] in received.text) == (letter in _LINKED)

    async def is_empty() -> bool:
        return await database["mail_queue"].find_one({}) is None

    await eventually(is_empty, "the queue is empty")


async def test_the_store_holds_neither_address_nor_link(store: MongoLetterStore, database: Database) -> None:
    """Both are sealed together, bound to the letter."""
    queue = _queue(store, "smtp://127.0.0.1:9?tls=off", _Clock())
    await _mail(queue)
    document = await database["mail_queue"].find_one({})
    assert document is not None
    assert set(document) == {"_id", "letter", "account_id", "locale", "sealed", "created_at", "due_at", "attempts"}
    assert not any(secret in str(document) for secret in ("ratna", "token", "contoh.example"))


@pytest.mark.parametrize(("letter", "needed"), [("survey", "research"), ("news", "marketing")])
async def test_a_letter_that_needs_a_consent_asks_for_it_when_it_goes_out(
    store: MongoLetterStore, sink: MailSink, clock: _Clock, database: Database, letter: str, needed: str
) -> None:
    """However long it waited: who withdrew meanwhile gets none, and it waits for no better time."""
    await _mail(_queue(store, sink.url, clock), letter)
    asked: list[tuple[str, str]] = []

    async def withdrawn(account_id: str, purpose: str) -> bool:
        asked.append((account_id, purpose))
        return False

    successor = _queue(store, sink.url, clock)
    successor.permit(withdrawn)
    await successor.start()

    async def is_gone() -> bool:
        return await database["mail_queue"].find_one({}) is None

    await eventually(is_gone, "the letter is gone")
    await _mail(successor)
    assert "verifikasi" in (await sink.letter(_TO)).link
    await successor.close()
    assert asked == [("a1", needed)]
    assert len(sink.letters) == 1


async def test_a_letter_survives_the_end_of_the_process(store: MongoLetterStore, sink: MailSink, clock: _Clock) -> None:
    """What was put into the queue is taken up by whoever comes next."""
    await _mail(_queue(store, sink.url, clock))
    assert sink.letters == []
    successor = _queue(store, sink.url, clock)
    await successor.start()
    assert "verifikasi" in (await sink.letter(_TO)).link
    await successor.close()


async def test_a_letter_is_tried_again_with_growing_pauses(
    store: MongoLetterStore, queue: MailQueue, sink: MailSink, clock: _Clock
) -> None:
    """A mail server that says `later` gets it later, the same letter under the same id."""
    sink.answer_next("451 later", "451 later")
    await _mail(queue)
    pauses = []
    for tries in (1, 2):
        await eventually(_is_postponed(store, tries), "it waits")
        ((due_at, _),) = await store.waiting()
        pauses.append(due_at - clock())
        clock.ahead += timedelta(minutes=5)
    received = await sink.letter(_TO)
    assert sink.tries == 3
    assert timedelta(seconds=10) < pauses[0] < pauses[1]
    assert len(sink.letters) == 1
    assert received.message["Message-ID"]


def _is_postponed(store: MongoLetterStore, attempts: int) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        found = [await store.find(letter_id) for _, letter_id in await store.waiting()]
        return [queued.attempts for queued in found if queued] == [attempts]

    return holds


async def test_a_letter_waits_for_a_mail_server_that_is_away(
    store: MongoLetterStore, sink: MailSink, clock: _Clock
) -> None:
    """Nothing listens; then something does."""
    url = sink.url
    await sink.stop()
    queue = _queue(store, url, clock)
    await queue.start()
    await _mail(queue)
    await eventually(_is_postponed(store, 1), "it waits")
    await sink.start()
    clock.ahead += timedelta(minutes=5)
    await sink.letter(_TO)
    await queue.close()


async def test_a_slow_answer_is_waited_for(
    store: MongoLetterStore, queue: MailQueue, sink: MailSink, clock: _Clock
) -> None:
    """A letter whose content is looked into goes out once, and the others meanwhile."""
    looked_into = asyncio.Event()
    sink.think_about_next(looked_into)
    await _mail(queue)
    await eventually(lambda: sink.tries == 1, "the server has it")
    await queue.mail("verify", account_id="a2", to="sari@contoh.example", locale="id", values=_VALUES)
    await sink.letter("sari@contoh.example")
    await eventually(lambda: queue.stats.waiting == 1, "one waits")
    looked_into.set()
    await sink.letter(_TO)

    async def is_empty() -> bool:
        return not await store.waiting() and queue.stats.waiting == 0

    await eventually(is_empty, "both are out")
    assert (sink.tries, queue.stats.sent, queue.stats.postponed, queue.stats.dropped) == (2, 2, 0, 0)


async def test_a_server_that_hangs_does_not_keep_us(store: MongoLetterStore, clock: _Clock) -> None:
    """At the end of the process the line is cut: no goodbye is said whose answer would be waited for."""
    said: list[bytes] = []
    cut = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 surat.example\r\n")
        while line := await reader.readline():
            said.append(line.split()[0])
            if line.startswith(b"EHLO"):
                writer.write(b"250 surat.example\r\n")
        writer.close()
        cut.set()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    queue = _queue(store, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}?tls=off", clock)
    await queue.start()
    await _mail(queue)
    await eventually(lambda: said == [b"EHLO", b"MAIL"], "it hangs")
    await queue.close()
    await asyncio.wait_for(cut.wait(), PATIENCE_S)
    server.close()
    assert said == [b"EHLO", b"MAIL"]
    assert len(await store.waiting()) == 1


async def test_what_is_refused_for_good_is_dropped(store: MongoLetterStore, queue: MailQueue, sink: MailSink) -> None:
    """It would be refused again for ever."""
    sink.answer_next("550 no such mailbox")
    await _mail(queue)

    async def is_gone() -> bool:
        return sink.tries == 1 and not await store.waiting()

    await eventually(is_gone, "it is gone")
    assert sink.letters == []
    assert queue.stats.dropped == 1


async def test_what_nobody_takes_for_days_is_dropped(
    store: MongoLetterStore, queue: MailQueue, sink: MailSink, clock: _Clock
) -> None:
    """Its link has run out by then."""
    sink.answer_next("451 later", "451 later")
    await _mail(queue)
    await eventually(_is_postponed(store, 1), "it waits")
    clock.ahead += timedelta(days=3)

    async def is_gone() -> bool:
        return sink.tries == 2 and not await store.waiting()

    await eventually(is_gone, "it is gone")


async def test_starttls_and_a_login(store: MongoLetterStore, clock: _Clock, tmp_path: Path) -> None:
    """The connection is encrypted before a name or a letter is said, and the certificate is looked at."""
    context, trusted = certificate(tmp_path)
    sink = MailSink(tls=context, login=("kotak surat", "p@ss:w/rd"))
    await sink.start()
    address = f"smtp://kotak%20surat:p%40ss%3Aw%2Frd@127.0.0.1:{sink.port}"
    queue = _queue(store, f"{address}?ca={trusted}", clock)
    await queue.start()
    await _mail(queue)
    received = await sink.letter(_TO)
    assert received.tls
    await eventually(lambda: queue.stats.waiting == 0, "it is out")
    await queue.close()
    distrustful = _queue(store, address, clock)
    await distrustful.start()
    await _mail(distrustful)
    await eventually(_is_postponed(store, 1), "it waits")
    await distrustful.close()
    assert len(sink.letters) == 1
    await sink.stop()


async def test_without_starttls_nothing_is_said(store: MongoLetterStore, sink: MailSink, clock: _Clock) -> None:
    """`smtp://` means encrypted: a server, or somebody on the way, that does not offer it gets no letter."""
    queue = _queue(store, f"smtp://127.0.0.1:{sink.port}", clock)
    await queue.start()
    await _mail(queue)
    await eventually(_is_postponed(store, 1), "it waits")
    assert sink.letters == []
    await queue.close()


async def test_no_value_adds_a_header(store: MongoLetterStore, clock: _Clock, sink: MailSink) -> None:
    """An address with line ends, which no use case lets through, is not sent to either; the queue goes on."""
    queue = _queue(store, sink.url, clock)
    await queue.start()
    for address in ("a@contoh.example\r\nBcc: b@contoh.example", "a@contoh.example\nX: y", "a b@contoh.example"):
        await queue.mail("verify", account_id="a1", to=address, locale="id", values=_VALUES)
    await _mail(queue)
    received = await sink.letter(_TO)
    assert received.message["Bcc"] is None
    assert {letter.recipients for letter in sink.letters} == {(_TO,)}
    await queue.close()


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example", "a@toko.example"),
        ("smtp://", "a@toko.example"),
        ("smtp://mail.example?verify=off", "a@toko.example"),
        ("smtp://mail.example:none", "a@toko.example"),
        ("smtp://mail.example", "Toko"),
        ("smtp://mail.example", "a@toko.example\r\nBcc: b@toko.example"),
    ],
)
def test_settings_that_make_no_sense_are_refused(url: str, sender: str) -> None:
    """At the start, not with the first letter; and without quoting a password."""
    with pytest.raises(MailSettingsError) as refused:
        MailServer.parse(url.replace("//", "//u:rahasia@", 1) if url.endswith("example") else url, sender, "Toko")
    assert "rahasia" not in str(refused.value)


def test_letters_print_nothing() -> None:
    """They stand in tracebacks."""
    server = MailServer.parse("smtp://nama:rahasia@mail.example", "a@toko.example", "Toko")
    assert "rahasia" not in repr(server)
    assert "nama" not in repr(replace(server, port=25))


async def test_many_go_in_at_once_and_one_of_the_same_id_waits_once(store: MongoLetterStore, clock: _Clock) -> None:
    """Told again after a kill, those whose letter still waits get no second one."""
    now = clock()

    def letters(*names: str) -> list[QueuedLetter]:
        return [QueuedLetter(f"surat-{name}", "incident", name, _TO, "id", _VALUES, now, now) for name in names]

    assert len(await store.insert_all(letters("a1", "a2"))) == 2
    fresh = await store.insert_all(letters("a1", "a2", "a3"))
    assert [queued.account_id for queued in fresh] == ["a3"]
    assert sorted(letter_id for _, letter_id in await store.waiting()) == ["surat-a1", "surat-a2", "surat-a3"]
    found = await store.find("surat-a3")
    assert found == letters("a3")[0]
