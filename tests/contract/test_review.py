"""Moderation on the real store: two moderators at once, appeals, sanctions, reports that hide, what outlives a crash.

The texts that are reviewed live in memory here; the forum's own are tested over HTTP.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from moderation import queue
from moderation.classifier import Classifier, Lessons
from moderation.policy import Policy
from moderation.queue import Decision, Ruling, State
from moderation.trust import TrustRules
from moderation.watched import Watch
from nlp.spans import Span
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.kernel.text import Numbering, RawText, template_of
from server.limits import Unlimited
from server.markup.html import SafeHtml
from server.notices.model import Kind
from server.people.model import PeopleRules
from server.people.service import People
from server.people.store import PEOPLE_COLLECTIONS, MongoPeopleStore
from server.review.consequences import Consequences, Targets
from server.review.figures import Figures
from server.review.flagging import Flagging
from server.review.model import Category, Decisive, Item, Phase, ReviewSubject
from server.review.sanctions import Sanctions
from server.review.service import ReviewService
from server.review.store import REVIEW_COLLECTIONS, MongoReviewStore
from server.review.words import WatchedWords
from server.storage.mongo import Database
from server.storage.schema import apply

_KEY = bytes(32)
_POLICY = Policy(spam_decisions=1)


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class _Town:
    """Accounts, what they were told, whose sessions ended, and a finder for texts that hold nothing."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self.told: list[tuple[str, str]] = []
        self.ended: list[str] = []

    def account(self, role: Role = Role.CUSTOMER) -> Actor:
        account_id = new_id()
        self.roles[account_id] = role
        return Actor(account_id, role, "s", "Uji")

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        return {key: Actor(key, self.roles[key], "", "Uji") for key in account_ids if key in self.roles}

    async def publish(self, events: Sequence[Event]) -> None:
        assert events

    async def require_name(self, display_name: str) -> str:
        return display_name

    async def rename(self, actor: Actor, display_name: str) -> str:
        return f"{display_name} {actor.account_id}"

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        assert text or known_names
        return []

    async def tell(self, account_ids: Sequence[str], kind: Kind, object_type: str, object_id: str) -> None:
        assert kind is Kind.MODERATION_DECISION
        assert object_id
        self.told += [(account_id, object_type) for account_id in account_ids]

    async def end_all(self, account_id: str, *, but: str = "") -> list[str]:
        assert not but
        self.ended.append(account_id)
        return []


@dataclass
class _Shelf:
    """Texts that can be reviewed."""

    texts: dict[str, ReviewSubject] = field(default_factory=dict)

    def put(self, author: Actor, text: str, *, held: bool = False) -> str:
        target_id = f"{new_id()}.1"
        words = template_of((text,)).fill(Numbering()).text
        state = "held" if held else "published"
        self.texts[target_id] = ReviewSubject(
            target_id, author.account_id, words, SafeHtml(""), "/", state, not held, held, datetime.now(UTC)
        )
        return target_id

    def _set(self, target_id: str, state: str) -> None:
        self.texts[target_id] = replace(
            self.texts[target_id], state=state, is_public=state == "published", is_held=state == "held"
        )

    async def find(self, target_id: str) -> ReviewSubject | None:
        return self.texts.get(target_id)

    async def may_read(self, actor: Actor, target_id: str) -> bool:
        return actor.role is not Role.VISITOR and target_id in self.texts

    async def publish(self, target_id: str) -> None:
        self._set(target_id, "published")

    async def hide(self, target_id: str) -> None:
        self._set(target_id, "hidden")

    async def reject(self, target_id: str) -> None:
        self._set(target_id, "rejected")

    async def rewrite(self, target_id: str, text: RawText, editor: Actor) -> None:
        assert editor.role is Role.MODERATOR
        words = template_of((f"{len(text)} huruf",)).fill(Numbering()).text
        before = self.texts[target_id]
        self.texts[target_id] = replace(before, text=words, revision=before.revision + 1)


class _Parts:
    """Moderation as a process has it."""

    def __init__(self, database: Database, *, town: _Town, shelf: _Shelf, clock: _Clock) -> None:
        self.town, self.shelf, self.clock = town, shelf, clock
        self.audit = AuditTrail(MongoAuditStore(database), _KEY)
        self.store = MongoReviewStore(database)
        intake = Intake(town, _KEY)
        rules = PeopleRules("Toko", trust=TrustRules())
        self.people = People(
            MongoPeopleStore(database), town, town, intake, town, town, self.audit, Unlimited(), clock, rules
        )
        self.targets = Targets()
        self.targets.register("post", shelf)
        self.figures = Figures(self.store, _POLICY.smallest_group, clock)
        self.sanctions = Sanctions(self.store, self.people, town, self.audit, clock)
        self.classifier = Classifier(_KEY, _POLICY.spam_decisions)
        self.consequences = Consequences(
            self.store,
            self.targets,
            self.sanctions,
            self.people,
            self.classifier,
            self.figures,
            town,
            self.audit,
            clock,
        )
        self.service = ReviewService(
            self.store,
            self.targets,
            self.consequences,
            self.figures,
            intake,
            town,
            self.audit,
            Unlimited(),
            clock,
            _POLICY,
        )
        self.flagging = Flagging(
            self.store,
            self.targets,
            self.sanctions,
            self.people,
            self.figures,
            intake,
            town,
            self.audit,
            Unlimited(),
            clock,
            _POLICY,
        )
        self.words = WatchedWords(self.store, intake, self.audit, clock)

    async def flag(self, who: Actor, target_id: str, category: Category = Category.SCAM) -> None:
        await self.flagging.report(who, "post", target_id, category, None)

    async def waiting(self, moderator: Actor) -> Sequence[Item]:
        return await self.service.newest(moderator, Phase.WAITING, before_id=None, limit=50)

    async def held(self, author: Actor, text: str = "tulisan yang ditahan") -> Item:
        target_id = self.shelf.put(author, text, held=True)
        await self.service.hold("post", target_id, author.account_id, ("links",))
        return next(item for item in await self.store.of_target(f"post:{target_id}"))

    def state(self, item: Item) -> str:
        return self.shelf.texts[item.target_id].state


@pytest.fixture
async def parts(database: Database) -> AsyncIterator[_Parts]:
    """Moderation on an empty store."""
    await apply(database, (*AUDIT_COLLECTIONS, *PEOPLE_COLLECTIONS, *REVIEW_COLLECTIONS))
    parts = _Parts(database, town=_Town(), shelf=_Shelf(), clock=_Clock())
    yield parts
    await parts.audit.close()


async def test_of_two_moderators_at_once_one_wins(parts: _Parts) -> None:
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


async def test_who_claims_first_keeps_it_for_a_while(parts: _Parts) -> None:
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
    parts.clock.now += timedelta(minutes=_POLICY.claim_minutes)
    assert (await parts.service.decide(loser, item.id, Decision.APPROVE, Decisive())).case.state is State.DECIDED
    assert winner != loser


async def test_nobody_decides_their_own_matter(parts: _Parts) -> None:
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


async def test_an_appeal_is_ruled_by_another_and_undoes_everything(parts: _Parts) -> None:
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


async def test_reports_hide_from_a_weight_on_and_a_decision_counts_for_them(parts: _Parts) -> None:
    """Two reports of a scam by trusted people; a third from a moderator is enough alone. Once each."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    target_id = parts.shelf.put(author, "transfer dulu ya")
    reporters = [parts.town.account() for _ in range(6)]
    for place, reporter in enumerate(reporters, start=1):
        await parts.flag(reporter, target_id)
        hidden = parts.shelf.texts[target_id].state == "hidden"
        assert hidden is (place * _POLICY.flag_weights[0] >= _POLICY.flag_urgent_hide_at)
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


async def test_who_may_not_report(parts: _Parts) -> None:
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


async def test_reports_at_the_same_moment_are_one_item(parts: _Parts) -> None:
    """None is lost, and none counts twice."""
    target_id = parts.shelf.put(parts.town.account(), "halo")
    reporters = [parts.town.account() for _ in range(12)]
    await asyncio.gather(*(parts.flag(one, target_id) for one in reporters))
    items = await parts.store.of_target(f"post:{target_id}")
    assert len(items) == 1
    assert items[0].case.reporters == {one.account_id for one in reporters}
    assert items[0].weight == pytest.approx(12 * _POLICY.flag_weights[0])


async def test_a_moderator_changes_a_text(parts: _Parts) -> None:
    """Published as it was changed; without a text there is nothing to change."""
    moderator = parts.town.account(Role.MODERATOR)
    item = await parts.held(parts.town.account())
    with pytest.raises(InvalidInput):
        await parts.service.decide(moderator, item.id, Decision.EDIT, Decisive())
    await parts.service.decide(moderator, item.id, Decision.EDIT, Decisive(text=RawText("dua kata")))
    assert parts.shelf.texts[item.target_id].text.value == "8 huruf"
    assert parts.state(item) == "published"


async def test_staff_is_not_sanctioned_here(parts: _Parts) -> None:
    """Their texts are decided about like others'."""
    moderator, agent = parts.town.account(Role.MODERATOR), parts.town.account(Role.AGENT)
    item = await parts.held(agent)
    with pytest.raises(InvalidInput) as caught:
        await parts.service.decide(moderator, item.id, Decision.SILENCE, Decisive())
    assert dict(caught.value.fields) == {"decision": "not_for_staff"}
    await parts.service.decide(moderator, item.id, Decision.REJECT, Decisive())
    assert parts.state(item) == "rejected"


async def test_what_a_crash_left_is_done_at_the_next_start(parts: _Parts, database: Database) -> None:
    """The decision was written and nothing else; the next process draws all of it, once."""
    author, moderator = parts.town.account(), parts.town.account(Role.MODERATOR)
    item = await parts.held(author)
    until = parts.clock.now + timedelta(days=3)
    case = queue.decide(item.case, moderator.account_id, Decision.SILENCE, parts.clock.now)
    assert await parts.store.save(replace(item, case=case, until=until, settled=False, version=item.version + 1))
    again = _Parts(database, town=parts.town, shelf=parts.shelf, clock=parts.clock)
    await again.consequences.settle()
    await again.consequences.settle()
    kept = await again.store.find(item.id)
    assert kept is not None
    assert kept.settled
    assert parts.state(item) == "rejected"
    assert (await again.sanctions.of(author.account_id)).silenced_until == until
    assert parts.town.told == [(author.account_id, "review_item")]
    await again.audit.close()


async def test_random_steps_of_everybody_follow_the_machine(parts: _Parts) -> None:
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


async def _step(parts: _Parts, name: str, item: Item, who: Actor, chance: random.Random) -> Item:
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


async def test_watched_words_are_kept_folded(parts: _Parts) -> None:
    """Set, found in disguise, read anew by another process, removed."""
    moderator = parts.town.account(Role.MODERATOR)
    await parts.words.set(moderator, RawText(" JUDI "), Watch.HOLD)
    await parts.words.set(moderator, RawText("judi"), Watch.BLOCK)
    assert [(entry.word, entry.action) for entry in parts.words.entries] == [("judi", Watch.BLOCK)]
    assert parts.words.list.sightings("ayo j u d 1")
    with pytest.raises(InvalidInput):
        await parts.words.set(moderator, RawText("!"), Watch.FLAG)
    await parts.words.remove(moderator, RawText("Judi"))
    with pytest.raises(NotFound):
        await parts.words.remove(moderator, RawText("judi"))
    assert parts.words.list.sightings("judi") == []


async def test_figures_show_no_small_group(parts: _Parts) -> None:
    """Four are fewer than five; five are five. A year is shown, not more."""
    for count, what in ((4, "decision_hide"), (5, "flag_scam")):
        for _ in range(count):
            await parts.figures.count(what, parts.clock.now)
    await parts.figures.count("held", parts.clock.now - timedelta(days=400))
    found = {(one.month, one.what): one.count for one in await parts.figures.read()}
    assert found == {("2026-11", "decision_hide"): None, ("2026-11", "flag_scam"): 5}
