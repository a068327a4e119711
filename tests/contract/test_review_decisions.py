"""Decisions on the real store: two moderators at once, texts that change meanwhile, what outlives a crash."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from moderation import queue
from moderation.classifier import Lessons
from moderation.queue import Decision, Ruling, State
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.text import RawText
from server.review.model import Category, Decisive, Item
from server.storage.mongo import Database
from tests.harness.reviewing import POLICY, ReviewParts, reviewing


@pytest.fixture
async def parts(database: Database) -> AsyncIterator[ReviewParts]:
    """Moderation on an empty store."""
    async with reviewing(database) as running:
        yield running


async def test_of_two_moderators_at_once_one_wins(parts: ReviewParts) -> None:
    """Twenty items, two moderators each, opposite decisions: one is done, the other is told how it stands."""
    author = parts.town.account()
    moderators = [parts.town.account(Role.MODERATOR) for _ in range(2)]
    for _ in range(20):
        item = await parts.held(author)
        answers = await asyncio.gather(
            parts.service.decide(moderators[0], item.id, Decision.APPROVE, Decisive()),
            parts.service.decide(moderators[1], item.id, Decision.REJECT, Decisive(category=Category.SPAM)),
            return_exceptions=True,
        )
        lost = [answer for answer in answers if isinstance(answer, DomainError)]
        won = [answer for answer in answers if isinstance(answer, Item)]
        assert [type(error) for error in lost] == [Conflict]
        assert dict(lost[0].fields) == {"state": "review_decided"}
        assert won[0].case.decided is not None
        assert parts.state(item) == ("published" if won[0].case.decided.what is Decision.APPROVE else "rejected")
        kept = await parts.store.find(item.id)
        assert kept is not None
        assert (kept.case.decided, kept.settled) == (won[0].case.decided, True)
    assert (await parts.audit.verify()).ok


async def test_who_claims_first_keeps_it_for_a_while(parts: ReviewParts) -> None:
    """The second is told; after its time it is free again."""
    item = await parts.held(parts.town.account())
    first, second = (parts.town.account(Role.MODERATOR) for _ in range(2))
    answers = await asyncio.gather(
        *(parts.service.claim(one, item.id) for one in (first, second)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Item"]
    winner, loser = (first, second) if isinstance(answers[0], Item) else (second, first)
    with pytest.raises(Conflict) as caught:
        await parts.service.decide(loser, item.id, Decision.APPROVE, Decisive())
    assert dict(caught.value.fields) == {"state": "review_claimed"}
    parts.clock.now += timedelta(minutes=POLICY.claim_minutes)
    assert (await parts.service.decide(loser, item.id, Decision.APPROVE, Decisive())).case.state is State.DECIDED
    assert winner != loser


async def test_nobody_decides_their_own_matter(parts: ReviewParts) -> None:
    """A moderator who wrote it, or reported it, or decided what is appealed."""
    author = parts.town.account(Role.MODERATOR)
    item = await parts.held(author)
    with pytest.raises(NotPermitted):
        await parts.service.decide(author, item.id, Decision.APPROVE, Decisive())
    with pytest.raises(NotPermitted):
        await parts.service.open(author, item.id)
    reporter = parts.town.account(Role.MODERATOR)
    target_id = parts.shelf.put(parts.town.account(), "kirim OTP anda")
    await parts.flag(reporter, target_id)
    flagged = (await parts.store.of_target(f"post:{target_id}"))[0]
    with pytest.raises(NotPermitted) as caught:
        await parts.service.decide(reporter, flagged.id, Decision.HIDE, Decisive())
    assert dict(caught.value.fields) == {"item": "own_report"}


async def test_an_appeal_is_ruled_by_another_and_undoes_everything(parts: ReviewParts) -> None:
    """Text, sanction, lesson, figures; told each time; never twice."""
    author, first, second = parts.town.account(), *(parts.town.account(Role.MODERATOR) for _ in range(2))
    item = await parts.held(author, "promo bonus gratis untuk semua pelanggan setia")
    said = Decisive(category=Category.SPAM, note=RawText("ini iklan"), days=5)
    done = await parts.service.decide(first, item.id, Decision.SUSPEND, said)
    assert parts.state(item) == "rejected"
    standing = await parts.sanctions.of(author.account_id)
    assert standing.suspended_until == parts.clock.now + timedelta(days=5)
    assert (await parts.people.standing(author)).suspended_until == standing.suspended_until
    assert parts.town.ended == [author.account_id]
    assert (done.lesson, parts.classifier.lessons.spam) == ("spam", 1)
    with pytest.raises(NotPermitted) as caught:
        await parts.sanctions.require_voice(author)
    assert dict(caught.value.fields) == {"account": "suspended"}
    with pytest.raises(NotFound):
        await parts.service.appeal(parts.town.account(), item.id, RawText("bukan milik saya"))
    await parts.service.appeal(author, item.id, RawText("bukan iklan"))
    with pytest.raises(Conflict):
        await parts.service.appeal(author, item.id, RawText("sekali lagi"))
    with pytest.raises(NotPermitted):
        await parts.service.rule(first, item.id, Ruling.UPHOLD, None)
    ruled = await parts.service.rule(second, item.id, Ruling.OVERTURN, RawText("benar, maaf"))
    assert (ruled.case.state, parts.state(item)) == (State.OVERTURNED, "published")
    assert (await parts.sanctions.of(author.account_id)).may_write
    assert (await parts.people.standing(author)).suspended_until is None
    assert parts.classifier.lessons == Lessons()
    assert parts.town.told == [(author.account_id, "review_item"), (author.account_id, "review_ruling")]
    assert (await parts.audit.verify()).ok


async def test_a_moderator_changes_a_text(parts: ReviewParts) -> None:
    """Published as it was changed; without a text there is nothing to change."""
    moderator = parts.town.account(Role.MODERATOR)
    item = await parts.held(parts.town.account())
    with pytest.raises(InvalidInput):
        await parts.service.decide(moderator, item.id, Decision.EDIT, Decisive())
    await parts.service.decide(moderator, item.id, Decision.EDIT, Decisive(text=RawText("dua kata")))
    assert parts.shelf.texts[item.target_id].text.value == "8 huruf"
    assert parts.state(item) == "published"


async def test_staff_is_not_sanctioned_here(parts: ReviewParts) -> None:
    """Their texts are decided about like others'."""
    moderator, agent = parts.town.account(Role.MODERATOR), parts.town.account(Role.AGENT)
    item = await parts.held(agent)
    with pytest.raises(InvalidInput) as caught:
        await parts.service.decide(moderator, item.id, Decision.SILENCE, Decisive())
    assert dict(caught.value.fields) == {"decision": "not_for_staff"}
    await parts.service.decide(moderator, item.id, Decision.REJECT, Decisive())
    assert parts.state(item) == "rejected"


async def test_what_a_crash_left_is_done_at_the_next_start(parts: ReviewParts, database: Database) -> None:
    """The decision was written and nothing else; the next process draws all of it, once."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    item = await parts.held(author)
    until = parts.clock.now + timedelta(days=3)
    case = queue.decide(item.case, moderator.account_id, Decision.SILENCE, parts.clock.now)
    assert await parts.store.save(replace(item, case=case, until=until, settled=False, version=item.version + 1))
    again = ReviewParts(database, town=parts.town, shelf=parts.shelf, clock=parts.clock)
    await again.consequences.settle()
    await again.consequences.settle()
    kept = await again.store.find(item.id)
    assert kept is not None
    assert kept.settled
    assert parts.state(item) == "rejected"
    assert (await again.sanctions.of(author.account_id)).silenced_until == until
    assert parts.town.told == [(author.account_id, "review_item")]
    await again.audit.close()


async def test_random_steps_of_everybody_follow_the_machine(parts: ReviewParts) -> None:
    """Whatever is tried in whatever order: what is stored follows the machine, and refusals change nothing."""
    author, *moderators = (parts.town.account(role) for role in (Role.CUSTOMER, *[Role.MODERATOR] * 3))
    chance = random.Random(20261122)
    seen: set[State] = set()
    for _ in range(12):
        item = await parts.held(author)
        for _ in range(25):
            who = chance.choice(moderators)
            before = await parts.store.find(item.id)
            assert before is not None
            expected = None
            name = chance.choice(["claim", "release", "decide", "appeal", "rule"])
            with suppress(DomainError):
                expected = await _step(parts, name, before, author if name == "appeal" else who, chance)
            after = await parts.store.find(item.id)
            assert after is not None
            seen.add(after.case.state)
            if expected is None:
                assert after == before
            else:
                assert after == expected
                assert after.settled
                assert after.case.state in _AFTER[before.case.state]
    assert seen == set(State)
    assert (await parts.audit.verify()).ok


_AFTER = {
    State.OPEN: {State.CLAIMED, State.DECIDED},
    State.CLAIMED: {State.OPEN, State.CLAIMED, State.DECIDED},
    State.DECIDED: {State.APPEALED},
    State.APPEALED: {State.UPHELD, State.OVERTURNED},
}


async def _step(parts: ReviewParts, name: str, item: Item, who: Actor, chance: random.Random) -> Item:
    match name:
        case "claim":
            return await parts.service.claim(who, item.id)
        case "release":
            return await parts.service.release(who, item.id)
        case "decide":
            what = chance.choice([Decision.APPROVE, Decision.REJECT, Decision.WARN, Decision.SILENCE])
            return await parts.service.decide(who, item.id, what, Decisive())
        case "appeal":
            return await parts.service.appeal(who, item.id, RawText("mohon ditinjau lagi"))
        case _:
            return await parts.service.rule(who, item.id, chance.choice(list(Ruling)), None)


async def test_a_text_that_was_changed_is_not_decided_about(parts: ReviewParts) -> None:
    """Whatever the decision: nothing follows, nobody is told, and the item waits with the new text."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    for what in (Decision.APPROVE, Decision.REJECT, Decision.SUSPEND, Decision.EDIT):
        item = await parts.held(author)
        parts.shelf.change(item.target_id, "tulisan lain")
        with pytest.raises(Conflict) as caught:
            await parts.service.decide(moderator, item.id, what, Decisive(text=RawText("ganti"), revision=0))
        assert dict(caught.value.fields) == {"revision": "outdated"}
        await parts.service.decide(moderator, item.id, Decision.REJECT, Decisive(revision=1))
        assert parts.state(item) == "rejected"
    assert (await parts.sanctions.of(author.account_id)).may_write


async def test_a_text_that_changes_while_it_is_decided_about(parts: ReviewParts) -> None:
    """Between the look and the effect, before which the decision is written: it is taken back as a whole."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    for what in (Decision.APPROVE, Decision.SUSPEND):
        item = await parts.held(author)
        parts.shelf.at_next_step = lambda target=item.target_id: parts.shelf.change(target, "tulisan lain")
        said = Decisive(category=Category.SPAM, note=RawText("alasan"), revision=0)
        with pytest.raises(Conflict) as caught:
            await parts.service.decide(moderator, item.id, what, said)
        assert dict(caught.value.fields) == {"revision": "outdated"}
        kept = await parts.store.find(item.id)
        assert kept is not None
        assert (kept.case.state, kept.case.decided, kept.note, kept.until) == (State.OPEN, None, None, None)
        assert (kept.revision, kept.settled) == (1, True)
        assert parts.state(item) == "held"
        assert parts.town.told == []
        done = await parts.service.decide(moderator, item.id, Decision.APPROVE, Decisive(revision=1))
        assert (done.revision, parts.state(item)) == (1, "published")
        parts.town.told.clear()
    assert (await parts.sanctions.of(author.account_id)).may_write
    assert (await parts.audit.verify()).ok


async def test_a_decision_whose_text_waits_again_stands(parts: ReviewParts) -> None:
    """Reports of the new text have begun an item meanwhile: two can't wait, so this one is about what is gone."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    item = await parts.held(author)
    case = queue.decide(item.case, moderator.account_id, Decision.REJECT, parts.clock.now)
    decided = replace(item, case=case, settled=False, version=item.version + 1)
    assert await parts.store.save(decided)
    parts.shelf.change(item.target_id, "tulisan lain")
    await parts.service.hold("post", item.target_id, author.account_id, ("links",))
    await parts.consequences.settle()
    kept = await parts.store.find(item.id)
    assert kept is not None
    assert (kept.case.state, kept.settled) == (State.DECIDED, True)
    assert parts.state(item) == "held"
    (waiting,) = await parts.waiting(moderator)
    assert (waiting.revision, waiting.target) == (1, item.target)
