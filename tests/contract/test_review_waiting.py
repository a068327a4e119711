"""Who hears that something waits for a moderator, on the real store."""

from collections.abc import AsyncIterator

import pytest

from moderation.queue import Decision
from server.kernel.actor import Role
from server.kernel.text import RawText
from server.review.model import Category, Decisive
from server.review.waiting import WaitingPlace
from server.storage.mongo import Database
from tests.harness.reviewing import ReviewParts, reviewing


@pytest.fixture
async def parts(database: Database) -> AsyncIterator[ReviewParts]:
    """Moderation on an empty store."""
    async with reviewing(database) as running:
        yield running


async def test_those_hear_who_may_decide(parts: ReviewParts) -> None:
    """Not the author, not who reported it, not who decided what is appealed."""
    first, second, third = (parts.town.account(Role.MODERATOR) for _ in range(3))
    author = parts.town.account()
    own = await parts.held(first)
    assert parts.town.rung == [(second.account_id, own.id), (third.account_id, own.id)]
    parts.town.rung.clear()
    target_id = parts.shelf.put(author, "kirim kode masuk")
    await parts.flag(second, target_id, Category.SCAM)
    (item,) = await parts.store.of_target(f"post:{target_id}")
    assert parts.town.rung == [(first.account_id, item.id), (third.account_id, item.id)]
    parts.town.rung.clear()
    await parts.service.decide(first, item.id, Decision.HIDE, Decisive(category=Category.SCAM))
    await parts.service.appeal(author, item.id, RawText("bukan penipuan"))
    assert parts.town.rung == [(third.account_id, item.id)]


async def test_a_notice_leads_to_the_item_or_to_the_queue(parts: ReviewParts) -> None:
    """To the queue where the item is decided, or gone."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    place, item = WaitingPlace(parts.store), await parts.held(author)
    assert await place(item.id) == f"/moderasi/{item.id}"
    await parts.service.decide(moderator, item.id, Decision.REJECT, Decisive())
    assert await place(item.id) == "/moderasi"
    await parts.service.appeal(author, item.id, RawText("mohon ditinjau"))
    assert await place(item.id) == f"/moderasi/{item.id}"
    assert await place("tidak-ada") == "/moderasi"


async def test_an_item_rings_once(parts: ReviewParts) -> None:
    """Not at each report of it."""
    moderator, author = parts.town.account(Role.MODERATOR), parts.town.account()
    target_id = parts.shelf.put(author, "kirim kode masuk")
    for _ in range(3):
        await parts.flag(parts.town.account(), target_id)
    assert [who for who, _ in parts.town.rung] == [moderator.account_id]
