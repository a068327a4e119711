"""The moderators' desk: what waits, taking it, deciding. Of two who decide at once one wins; the other is told how.

What may follow what is `moderation.queue`; what follows from it is `review.consequences`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from moderation import queue
from moderation.policy import Policy
from moderation.queue import Case, Decision, Ruling, State, StepRefused, Why
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import STAFF_ROLES, Actor
from server.kernel.disclosure import Passes
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Directory, Limiter
from server.kernel.text import Numbering, RawText
from server.review.consequences import Consequences, Targets
from server.review.figures import Figures
from server.review.model import MAX_NOTE, Decisive, Item, Note, Phase, Report, ReviewSubject, outdated
from server.review.waiting import Bell

_MOST_DAYS: Final = 3_650
_STATES: Final = {
    State.OPEN: "review_open",
    State.CLAIMED: "review_claimed",
    State.DECIDED: "review_decided",
    State.APPEALED: "review_appealed",
    State.UPHELD: "review_upheld",
    State.OVERTURNED: "review_overturned",
}
"""state -> the reason that whoever comes too late is told."""


class ItemStore(Protocol):
    """What the service needs from its store."""

    async def insert(self, item: Item) -> bool: ...
    async def save(self, item: Item) -> bool: ...
    async def find(self, item_id: str) -> Item | None: ...
    async def of_target(self, target: str) -> list[Item]: ...
    async def newest(self, phase: Phase, before_id: str | None, limit: int) -> list[Item]: ...
    async def newest_of_author(self, author_id: str, before_id: str | None, limit: int) -> list[Item]: ...
    async def reports(self, target: str) -> list[Report]: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """An item with all that a moderator needs to decide it.

    Attributes:
        item: as it is kept.
        subject: the text; None where it is gone.
        reports: what reporters said.
        earlier: decided items about the same text.
    """

    item: Item
    subject: ReviewSubject | None
    reports: tuple[Report, ...]
    earlier: tuple[Item, ...]


class ReviewService:
    """Use cases of moderators and of authors."""

    def __init__(
        self,
        store: ItemStore,
        targets: Targets,
        consequences: Consequences,
        figures: Figures,
        intake: Intake,
        directory: Directory,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        policy: Policy,
        bell: Bell,
        passes: Passes,
    ) -> None:
        self._bell = bell
        self._passes = passes
        self._store = store
        self._targets = targets
        self._consequences = consequences
        self._figures = figures
        self._intake = intake
        self._directory = directory
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self.policy = policy

    # --- looking ---------------------------------------------------------------------------------------------------

    async def newest(self, actor: Actor, phase: Phase, *, before_id: str | None, limit: int) -> Sequence[Item]:
        """Give one of the desk's lists, newest first. What the actor wrote is left to others: `is_for`.

        Raises:
            NotPermitted: the actor has not learnt how to keep data safe.
            RateLimited: the actor reads more than anybody can.
        """
        await self._passes.require(actor)
        await self._limiter.spend("reading", actor.account_id)
        return await self._store.newest(phase, before_id, limit)

    @staticmethod
    def is_for(actor: Actor, item: Item) -> bool:
        """Whether an item is to be shown to a moderator at all: not one about their own text."""
        return item.case.author_id != actor.account_id

    async def subjects(self, items: Sequence[Item]) -> list[ReviewSubject | None]:
        """Give what items are about, in the same order."""
        return [await self._targets.find(item) for item in items]

    async def open(self, actor: Actor, item_id: str) -> Opened:
        """Give an item to look at.

        Raises:
            NotFound: there is none.
            NotPermitted: it is about the actor's own text, or they have not learnt how to keep data safe.
            RateLimited: the actor reads more than anybody can.
        """
        await self._passes.require(actor)
        await self._limiter.spend("reading", actor.account_id)
        item = await self._get(item_id)
        if item.case.author_id == actor.account_id:
            raise NotPermitted(fields={"item": "own_text"})
        others = await self._store.of_target(item.target)
        earlier = tuple(other for other in others if other.id != item.id and other.phase is not Phase.WAITING)
        reports = tuple(await self._store.reports(item.target))
        return Opened(item, await self._targets.find(item), reports, earlier)

    # --- moderators ------------------------------------------------------------------------------------------------

    async def claim(self, actor: Actor, item_id: str) -> Item:
        """Take an item; nobody else decides it for a while.

        Raises:
            NotFound: there is none.
            NotPermitted: it is the actor's own matter.
            Conflict: somebody else has it, or it is decided; `fields` says which.
        """
        item = await self._get(item_id)
        lasts = timedelta(minutes=self.policy.claim_minutes)
        case = _step(item, lambda: queue.claim(item.case, actor.account_id, self._clock(), lasts))
        taken = await self._save(replace(item, case=case, version=item.version + 1))
        await self._append("review:item:claimed", actor, taken)
        return taken

    async def release(self, actor: Actor, item_id: str) -> Item:
        """Give an item back undecided.

        Raises:
            NotFound: there is none.
            Conflict: the actor does not have it.
        """
        item = await self._get(item_id)
        if item.case.author_id == actor.account_id:
            raise NotPermitted(fields={"item": "own_text"})
        case = _step(item, lambda: queue.release(item.case, actor.account_id))
        given = await self._save(replace(item, case=case, version=item.version + 1))
        await self._append("review:item:released", actor, given)
        return given

    async def decide(self, actor: Actor, item_id: str, what: Decision, said: Decisive) -> Item:
        """Decide an item, claimed before or not. All that follows is done on return.

        Raises:
            NotFound: there is none.
            NotPermitted: it is the actor's own matter.
            Conflict: somebody was quicker, or the text was changed; `fields` says how it stands now.
            InvalidInput: the decision does not fit, or a text was refused by the gate.
            RedactionUnavailable, Unavailable: nothing was decided.
        """
        await self._passes.require(actor)
        item = await self._get(item_id)
        now = self._clock()
        _step(item, lambda: queue.decide(item.case, actor.account_id, what, now))
        until = await self._until(item, what, said, now)
        seen = await self._seen(item, said)
        note = await self._note(actor, said.note, item, "note")
        if what is Decision.EDIT:
            item, seen = await self._rewrite(actor, item, said, seen)
        case = _step(item, lambda: queue.decide(item.case, actor.account_id, what, now))
        decided = await self._save(
            replace(
                item,
                case=case,
                revision=seen,
                category=said.category,
                note=note,
                until=until,
                settled=False,
                version=item.version + 1,
            )
        )
        drawn = await self._consequences.draw(decided)
        if drawn.phase is Phase.WAITING:
            raise outdated()
        return drawn

    async def rule(self, actor: Actor, item_id: str, what: Ruling, note: RawText | None) -> Item:
        """Decide an appeal; never of one's own decision. All that follows is done on return.

        Raises:
            NotFound, NotPermitted, Conflict, InvalidInput, RedactionUnavailable, Unavailable: see `decide`.
        """
        await self._passes.require(actor)
        item = await self._get(item_id)
        _step(item, lambda: queue.rule(item.case, actor.account_id, what, self._clock()))
        words = await self._note(actor, note, item, "note")
        case = _step(item, lambda: queue.rule(item.case, actor.account_id, what, self._clock()))
        ruled = await self._save(replace(item, case=case, ruling_note=words, settled=False, version=item.version + 1))
        return await self._consequences.draw(ruled)

    # --- authors ---------------------------------------------------------------------------------------------------

    async def own(self, actor: Actor, item_id: str) -> Item:
        """Give what was decided about one of the actor's own texts.

        Raises:
            NotFound: there is none, or it is about somebody else's text.
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        item = await self._get(item_id)
        if item.case.author_id != actor.account_id:
            raise NotFound
        return item

    async def mine(self, actor: Actor, *, before_id: str | None, limit: int) -> Sequence[Item]:
        """Give what was decided about the actor's own texts, newest first, and what is held.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        return await self._store.newest_of_author(actor.account_id, before_id, limit)

    async def appeal(self, actor: Actor, item_id: str, text: RawText) -> Item:
        """Ask for another moderator's look at a decision about one's own text.

        Raises:
            NotFound: there is none, or it is about somebody else's text.
            Conflict: there is nothing to appeal, no longer, or not again; `fields` says which.
            InvalidInput, RedactionUnavailable, Unavailable: nothing was done.
            RateLimited: too often.
        """
        await self._limiter.spend("appeal", actor.account_id)
        item = await self._get(item_id)
        within = timedelta(days=self.policy.appeal_days)
        now = self._clock()
        case = _step(item, lambda: queue.appeal(item.case, actor.account_id, now, within))
        words = await self._note(actor, text, item, "text")
        appealed = await self._save(replace(item, case=case, appeal=words, version=item.version + 1))
        await self._append("review:appeal:made", actor, appealed)
        await self._figures.count("appeal_made", now)
        await self._bell.ring(appealed)
        return appealed

    # --- what comes in ---------------------------------------------------------------------------------------------

    async def hold(self, target_type: str, target_id: str, author_id: str, reasons: Sequence[str]) -> None:
        """Put a text before the moderators. Harmless when repeated.

        Raises:
            Unavailable: the store does not answer; the caller repeats it.
        """
        subject = await self._targets.get(target_type).find(target_id)
        if subject is None:
            return
        item = Item(
            id=new_id(),
            target_type=target_type,
            target_id=target_id,
            case=Case(author_id, held=subject.is_held),
            reasons=tuple(reasons),
            revision=subject.revision,
            created_at=self._clock(),
        )
        known = await self._store.of_target(item.target)
        if any(other.revision >= subject.revision for other in known) or not await self._store.insert(item):
            return
        if subject.is_held:
            await self._figures.count("held", item.created_at)
        entry = AuditEntry("review:item:opened", "system", (item.id, author_id), item.created_at)
        await self._audit.append([entry])
        await self._bell.ring(item)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _get(self, item_id: str) -> Item:
        item = await self._store.find(item_id)
        if item is None:
            raise NotFound
        return item

    async def _save(self, item: Item) -> Item:
        """Write the next version, or tell how the item stands now."""
        if await self._store.save(item):
            return item
        raise _told((await self._get(item.id)).case.state)

    async def _seen(self, item: Item, said: Decisive) -> int:
        """Give the revision that is decided about: the one that was looked at, or that is there now.

        What follows is done to this one only: a held text may be changed by its author at any moment.
        """
        subject = await self._targets.get(item.target_type).find(item.target_id)
        if subject is None:
            return item.revision
        if said.revision is not None and subject.revision != said.revision:
            raise outdated()
        return subject.revision

    async def _rewrite(self, actor: Actor, item: Item, said: Decisive, seen: int) -> tuple[Item, int]:
        """Change the text itself; give its new revision. The item is claimed before: nobody else decides meanwhile."""
        if said.text is None:
            raise InvalidInput(fields={"text": "required"})
        lasts = timedelta(minutes=self.policy.claim_minutes)
        case = _step(item, lambda: queue.claim(item.case, actor.account_id, self._clock(), lasts))
        taken = await self._save(replace(item, case=case, version=item.version + 1))
        return taken, await self._targets.get(item.target_type).rewrite(item.target_id, said.text, actor, revision=seen)

    async def _until(self, item: Item, what: Decision, said: Decisive, now: datetime) -> datetime | None:
        """When a sanction ends. Staff is not sanctioned here: that is for those who administer it."""
        if what in queue.SANCTIONS:
            author = (await self._directory.actors([item.case.author_id])).get(item.case.author_id)
            if author is not None and author.role in STAFF_ROLES:
                raise InvalidInput(fields={"decision": "not_for_staff"})
        usual = {Decision.SILENCE: self.policy.silence_days, Decision.SUSPEND: self.policy.suspend_days}.get(what)
        if usual is None:
            return None
        days = usual if said.days is None else said.days
        if not 1 <= days <= _MOST_DAYS:
            raise InvalidInput(fields={"days": "out_of_range"})
        return now + timedelta(days=days)

    async def _note(self, actor: Actor, text: RawText | None, item: Item, field: str) -> Note | None:
        if text is None or (len(text) == 0 and field == "note"):
            return None
        template = await self._intake.admit(
            text, scope=item.id, field=field, max_length=MAX_NOTE, sender=actor.account_id
        )
        words = template.fill(Numbering())
        return Note(words.text, words.redactions)

    async def _append(self, action: str, actor: Actor, item: Item) -> None:
        await self._audit.append([AuditEntry(action, actor.account_id, (item.id,), self._clock())])


class _Step(Protocol):
    def __call__(self) -> Case: ...


def _step(item: Item, step: _Step) -> Case:
    """Take a step of the state machine, in the words of the domain."""
    try:
        return step()
    except StepRefused as refused:
        raise _refusal(refused.why, item.case.state) from None


def _refusal(why: Why, state: State) -> DomainError:
    match why:
        case Why.OWN_TEXT | Why.OWN_REPORT | Why.OWN_DECISION:
            return NotPermitted(fields={"item": why.value})
        case Why.NOT_THEIRS:
            return NotFound()
        case Why.UNFIT:
            return InvalidInput(fields={"decision": "not_allowed"})
        case Why.LATE | Why.FAVOURABLE:
            return Conflict(fields={"state": f"appeal_{why.value}"})
        case _:
            return _told(state)


def _told(state: State) -> Conflict:
    return Conflict(fields={"state": _STATES[state]})
