"""Notices on the real store and mail server: counting, grouping, letters, digests."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from server.kernel.errors import InvalidInput, NotFound
from server.limits import SlidingLimiter, Unlimited
from server.notices.digests import Digests
from server.notices.model import Kind, NoticeMade, Pace
from server.storage.mongo import Database
from tests.harness.telling import ROOT, TellingParts, telling


@pytest.fixture
async def parts(database: Database, tmp_path: Path) -> AsyncIterator[TellingParts]:
    """The parts on an empty store."""
    async with telling(database, tmp_path) as running:
        yield running


async def test_what_is_unread_is_counted(parts: TellingParts) -> None:
    """One by one and all at once; for nobody else; and the other windows hear of it."""
    (actor, _), (other, _) = await parts.account(), await parts.account()
    for number in range(5):
        await parts.notices.tell([actor.account_id, other.account_id], Kind.FORUM_MENTION, "post", f"t.{number}")
    assert (await parts.notices.unread(actor), await parts.notices.unread(other)) == (5, 5)
    made = [event.unread for event in parts.heard.events if isinstance(event, NoticeMade)]
    assert made == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    found = await parts.notices.list(actor, before_id=None, limit=3)
    assert [notice.object_id for notice in found] == ["t.4", "t.3", "t.2"]
    assert await parts.notices.mark_read(actor, found[1].id) == 4
    assert await parts.notices.mark_read(actor, found[1].id) == 4
    with pytest.raises(NotFound):
        await parts.notices.mark_read(other, found[0].id)
    assert [notice.read for notice in await parts.notices.list(actor, before_id=None, limit=3)] == [False, True, False]
    await parts.notices.mark_all_read(actor)
    assert await parts.notices.unread(actor) == 0
    assert all(notice.read for notice in await parts.notices.list(actor, before_id=None, limit=9))
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.9")
    assert (await parts.notices.unread(actor), await parts.notices.unread(other)) == (1, 5)


async def test_many_of_one_kind_are_one_until_they_are_read(parts: TellingParts) -> None:
    """Answers in a topic, counted; told again they are not told twice; after reading a new one begins."""
    actor, _ = await parts.account()
    for seq in (2, 3, 3, 4, 2):
        await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", f"t.{seq}")
    (notice,) = await parts.notices.list(actor, before_id=None, limit=9)
    assert (notice.count, notice.object_id, await parts.notices.unread(actor)) == (3, "t.2", 1)
    await parts.notices.mark_all_read(actor)
    await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", "t.5")
    first, second = await parts.notices.list(actor, before_id=None, limit=9)
    assert (first.count, first.object_id, second.count, await parts.notices.unread(actor)) == (1, "t.5", 3, 1)
    await parts.notices.mark_read(actor, first.id)
    await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", "t.6")
    assert [item.count for item in await parts.notices.list(actor, before_id=None, limit=9)] == [1, 1, 3]


async def test_a_notice_leads_where_its_capability_says(parts: TellingParts) -> None:
    """And is read by that; where nobody knows, to the list."""
    actor, _ = await parts.account()

    async def place(object_id: str) -> str | None:
        return f"/forum/t/1/x#{object_id}" if object_id == "t.2" else None

    parts.notices.lead("post", place)
    for seq in (2, 3):
        await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", f"t.{seq}")
    gone, there = await parts.notices.list(actor, before_id=None, limit=9)
    assert await parts.notices.open(actor, there.id) == "/forum/t/1/x#t.2"
    assert await parts.notices.open(actor, gone.id) == "/pemberitahuan"
    assert await parts.notices.unread(actor) == 0


async def test_an_opened_conversation_is_mailed_at_once_and_says_nothing(parts: TellingParts) -> None:
    """To the person, whatever they have chosen and however many letters they got; it can't be stopped."""
    actor, email = await parts.account()
    parts.build(SlidingLimiter())
    await parts.queue.start()
    with pytest.raises(InvalidInput):
        await parts.notices.choose(actor, Kind.BREAK_GLASS_OPENED, mail=Pace.OFF)
    for number in range(7):
        await parts.notices.tell([actor.account_id], Kind.BREAK_GLASS_OPENED, "conversation", f"c{number}")
    assert await parts.mailed(email) == 7
    letter = parts.sink.to(email)[0]
    assert letter.link == f"{ROOT}/akun#access"
    assert letter.message["List-Unsubscribe"] is None
    assert "c0" not in letter.text
    await parts.queue.close()


async def test_letters_at_once_are_stopped_with_one_request(parts: TellingParts) -> None:
    """RFC 8058: both headers, one address that needs nothing else; in the person's language."""
    actor, email = await parts.account(locale="en")
    await parts.notices.choose(actor, Kind.FORUM_MENTION, mail=Pace.IMMEDIATE)
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.1")
    assert await parts.mailed(email) == 1
    (letter,) = parts.sink.to(email)
    address = str(letter.message["List-Unsubscribe"]).strip("<>")
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address.startswith(f"{ROOT}/unsubscribe?t=")
    assert address in letter.text
    assert f'href="{address}"' in letter.html
    assert f"{ROOT}/pemberitahuan" in letter.text
    token = address.partition("?t=")[2]
    assert parts.notices.stops(token) is Kind.FORUM_MENTION
    assert await parts.notices.stop(token)
    assert await parts.notices.stop(token)
    assert not await parts.notices.stop(token[:-1] + ("y" if token.endswith("x") else "x"))
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.2")
    assert await parts.mailed(email) == 1
    assert (await parts.notices.choices(actor))[Kind.FORUM_QUOTE].mail is Pace.DAILY


async def test_who_gets_many_letters_gets_the_rest_once_a_day(parts: TellingParts) -> None:
    """Nobody's mailbox is filled, and nothing is lost."""
    actor, email = await parts.account()
    parts.build(SlidingLimiter())
    await parts.queue.start()
    await parts.notices.choose(actor, Kind.FORUM_MENTION, mail=Pace.IMMEDIATE)
    for number in range(8):
        await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", f"t.{number}")
    assert await parts.mailed(email) == 5
    desk = (await parts.desks.desks([actor.account_id]))[actor.account_id]
    assert desk.pending == {Pace.DAILY: 3}
    await parts.queue.close()


async def test_no_letters_to_addresses_that_nobody_has_shown_to_be_theirs(parts: TellingParts) -> None:
    """Somebody else may have registered with them."""
    actor, email = await parts.account(verified=False)
    await parts.notices.tell([actor.account_id], Kind.BREAK_GLASS_OPENED, "conversation", "c")
    assert await parts.mailed(email) == 0
    assert await parts.notices.unread(actor) == 1


async def test_a_digest_goes_out_once(parts: TellingParts) -> None:
    """In the morning, with a number and nothing else; not before, and not again."""
    actor, email = await parts.account()
    for number in range(3):
        await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", f"t.{number}")
    assert await parts.digests.send_due() == 0
    due = (await parts.desks.desks([actor.account_id]))[actor.account_id].due[Pace.DAILY]
    parts.clock.now = due
    assert await parts.digests.send_due() == 1
    assert await parts.digests.send_due() == 0
    assert await parts.mailed(email) == 1
    (letter,) = parts.sink.to(email)
    assert ": 3." in letter.text
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    parts.clock.now += timedelta(days=2)
    assert await parts.digests.send_due() == 0
    await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", "t.9")
    parts.clock.now += timedelta(days=1)
    assert await parts.digests.send_due() == 1
    assert await parts.mailed(email) == 2


async def test_a_digest_of_what_was_read_or_stopped_is_not_sent(parts: TellingParts) -> None:
    """There is nothing to tell of, or nobody who wants it."""
    (reader, first), (stopper, second) = await parts.account(), await parts.account()
    await parts.notices.tell([reader.account_id, stopper.account_id], Kind.FORUM_TOPIC, "post", "t.1")
    await parts.notices.mark_all_read(reader)
    address = parts.notices.links_of_digest(stopper.account_id, Pace.WEEKLY)("id")["unsubscribe"]
    assert await parts.notices.stop(address.partition("?t=")[2])
    parts.clock.now += timedelta(days=8)
    assert await parts.digests.send_due() == 0
    assert (await parts.mailed(first), await parts.mailed(second)) == (0, 0)
    assert await parts.database["mail_queue"].find_one({}) is None


@pytest.mark.parametrize("step", ["hold", "claim", "release", "finish"])
async def test_a_kill_between_two_steps_sends_neither_twice_nor_never(parts: TellingParts, step: str) -> None:
    """Whatever a process had done when it ended, the next brings it to its end, and a third finds nothing to do."""
    actor, email = await parts.account()
    await parts.notices.tell([actor.account_id], Kind.FORUM_QUOTE, "post", "t.1")
    parts.clock.now += timedelta(days=1)

    class _Killed(Exception):
        pass

    class _Mortal:
        """Passes everything on; the process ends once the named step is done."""

        def __init__(self, inner: object) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            method = getattr(self._inner, name)

            async def call(*arguments: object, **options: object) -> object:
                answer = await method(*arguments, **options)
                if name == step:
                    raise _Killed
                return answer

            return call

    dying = Digests(_Mortal(parts.desks), _Mortal(parts.post), parts.notices.links_of_digest, parts.clock)  # type: ignore[arg-type]  # passes all on
    with pytest.raises(_Killed):
        await dying.send_due()
    await parts.queue.close()
    for _ in range(2):
        parts.build(Unlimited())
        await parts.queue.start()
        await parts.digests.recover()
        await parts.digests.send_due()
        assert await parts.mailed(email) == 1
        await parts.queue.close()
    await parts.queue.start()


async def test_letters_that_were_never_let_go_are_dropped(parts: TellingParts) -> None:
    """After days nobody claims them any more."""
    actor, email = await parts.account()
    links = parts.notices.links_of_digest(actor.account_id, Pace.DAILY)
    await parts.post.hold(actor.account_id, "digest_daily", links, letter_id="d1", values={"count": "1"})
    await parts.post.hold(actor.account_id, "digest_daily", links, letter_id="d1", values={"count": "1"})
    await parts.queue.close()
    parts.clock.now += timedelta(days=3)
    parts.build(Unlimited())
    await parts.queue.start()
    await parts.post.release("d1")
    assert await parts.mailed(email) == 0
    assert await parts.database["mail_queue"].find_one({}) is None


async def test_of_a_wave_the_first_wakes_and_a_digest_tells_of_the_rest(parts: TellingParts) -> None:
    """One notice that counts, one letter and one push until it is read; then the next one begins a wave."""
    actor, email = await parts.account()
    await parts.push.add(actor, f"{parts.service.origin}/moderator")
    await parts.notices.choose(actor, Kind.MODERATION_WAITING, mail=Pace.IMMEDIATE)
    for number in range(4):
        await parts.notices.tell([actor.account_id], Kind.MODERATION_WAITING, "review_waiting", f"r{number}")
    await parts.service.count(1)
    (notice,) = await parts.notices.list(actor, before_id=None, limit=9)
    assert (notice.count, notice.object_id, await parts.notices.unread(actor)) == (4, "r0", 1)
    assert await parts.mailed(email) == 1
    assert (await parts.desks.desks([actor.account_id]))[actor.account_id].pending == {Pace.DAILY: 3}
    await parts.notices.mark_all_read(actor)
    await parts.notices.tell([actor.account_id], Kind.MODERATION_WAITING, "review_waiting", "r9")
    await parts.service.count(2)
    assert await parts.mailed(email) == 2
    assert len(parts.service.pushed) == 2
    # Who wants no list of them has no waves either.
    await parts.notices.choose(actor, Kind.MODERATION_WAITING, in_app=False)
    await parts.notices.mark_all_read(actor)
    await parts.notices.tell([actor.account_id], Kind.MODERATION_WAITING, "review_waiting", "r10")
    assert (await parts.desks.desks([actor.account_id]))[actor.account_id].pending == {Pace.DAILY: 1}
    assert await parts.mailed(email) == 2


async def test_an_answer_that_waits_is_mailed_once_until_it_is_read(parts: TellingParts) -> None:
    """Without a word of it, with the way to that conversation; seen there it is seen here, the next is told again."""
    actor, email = await parts.account()

    async def page(talk_id: str) -> str:
        return f"/widget?conversation={talk_id}"

    parts.notices.lead("talk", page)
    told = (actor.account_id, Kind.CHAT_ANSWER, "talk", "c1")
    for _ in range(3):
        await parts.notices.tell([actor.account_id], *told[1:])
    assert await parts.mailed(email) == 1
    letter = parts.sink.to(email)[0]
    assert f"{ROOT}/widget?conversation=c1" in letter.text
    assert letter.message["List-Unsubscribe"]
    assert await parts.notices.unread(actor) == 1
    await parts.notices.settle(*told)
    await parts.notices.settle(*told)
    assert await parts.notices.unread(actor) == 0
    await parts.notices.tell([actor.account_id], *told[1:])
    assert await parts.mailed(email) == 2
    await parts.notices.settle(actor.account_id, Kind.CHAT_ANSWER, "talk", "another")
    assert await parts.notices.unread(actor) == 1


async def test_who_wants_no_letters_about_answers_gets_none(parts: TellingParts) -> None:
    """The list still shows it."""
    actor, email = await parts.account()
    await parts.notices.choose(actor, Kind.CHAT_ANSWER, mail=Pace.OFF)
    await parts.notices.tell([actor.account_id], Kind.CHAT_ANSWER, "talk", "c1")
    assert await parts.mailed(email) == 0
    assert await parts.notices.unread(actor) == 1
