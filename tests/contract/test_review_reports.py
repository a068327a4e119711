"""Reports on the real store: what they weigh, who may make them, many at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from moderation.queue import Decision
from server.kernel.actor import Role
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.review.model import Category, Decisive
from server.storage.mongo import Database
from tests.harness.reviewing import POLICY, ReviewParts, reviewing


@pytest.fixture
async def parts(database: Database) -> AsyncIterator[ReviewParts]:
    """Moderation on an empty store."""
    async with reviewing(database) as running:
        yield running


async def test_reports_hide_from_a_weight_on_and_a_decision_counts_for_them(parts: ReviewParts) -> None:
    """Two reports of a scam by trusted people; a third from a moderator is enough alone. Once each."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    target_id = parts.shelf.put(author, "transfer dulu ya")
    reporters = [parts.town.account() for _ in range(6)]
    for place, reporter in enumerate(reporters, start=1):
        await parts.flag(reporter, target_id)
        hidden = parts.shelf.texts[target_id].state == "hidden"
        assert hidden is (place * POLICY.flag_weights[0] >= POLICY.flag_urgent_hide_at)
        if hidden:
            break
    parts.shelf.texts[target_id] = replace(parts.shelf.texts[target_id], is_public=True)
    with pytest.raises(Conflict) as caught:
        await parts.flag(reporters[0], target_id)
    assert dict(caught.value.fields) == {"target": "already_reported"}
    (item,) = await parts.waiting(moderator)
    assert (item.auto_hidden, item.reasons, len(item.case.reporters)) == (True, ("flag_scam",), 5)
    await parts.service.decide(moderator, item.id, Decision.APPROVE, Decisive())
    assert parts.shelf.texts[target_id].state == "published"
    known = await parts.store.reliability([one.account_id for one in reporters])
    assert [one.disagreed for one in known.values()] == [1] * 5
    # What a moderator has cleared is not brought up again, until it is changed.
    await parts.flag(reporters[5], target_id)
    assert await parts.waiting(moderator) == []


async def test_who_may_not_report(parts: ReviewParts) -> None:
    """One's own text, what one can't see, what is no kind of thing; newcomers tell of what harms only."""
    author, other = parts.town.account(), parts.town.account()
    target_id = parts.shelf.put(author, "halo")
    with pytest.raises(NotPermitted):
        await parts.flag(author, target_id)
    with pytest.raises(NotFound):
        await parts.flag(other, f"{new_id()}.1")
    with pytest.raises(InvalidInput):
        await parts.flagging.report(other, "account", target_id, Category.SCAM, None)
    with pytest.raises(NotPermitted) as caught:
        await parts.flag(other, target_id, Category.OFF_TOPIC)
    assert dict(caught.value.fields) == {"account": "too_new"}
    await parts.flag(other, target_id, Category.PERSONAL_DATA)


async def test_reports_at_the_same_moment_are_one_item(parts: ReviewParts) -> None:
    """None is lost, and none counts twice."""
    target_id = parts.shelf.put(parts.town.account(), "halo")
    reporters = [parts.town.account() for _ in range(12)]
    await asyncio.gather(*(parts.flag(one, target_id) for one in reporters))
    items = await parts.store.of_target(f"post:{target_id}")
    assert len(items) == 1
    assert items[0].case.reporters == {one.account_id for one in reporters}
    assert items[0].weight == pytest.approx(12 * POLICY.flag_weights[0])
