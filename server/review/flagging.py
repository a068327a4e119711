"""Reporting a text: once by each person, weighed by trust; from a weight on the text is hidden until somebody looks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from moderation import flags, queue
from moderation.flags import Weighed
from moderation.policy import Policy, flag_limit
from moderation.queue import Case, Decision, State, StepRefused
from moderation.trust import Power
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import STAFF_ROLES, Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import Numbering, RawText
from server.notices.model import Kind
from server.people.model import Persona
from server.review.consequences import Targets, take
from server.review.figures import Figures
from server.review.model import (
    MAX_NOTE,
    URGENT,
    Category,
    Item,
    Note,
    People,
    Phase,
    Reliability,
    Report,
    Reviewable,
    ReviewSubject,
    Teller,
)
from server.review.sanctions import Sanctions
from server.review.waiting import Bell


class FlagStore(Protocol):
    """What the service needs from its store."""

    async def insert(self, item: Item) -> bool: ...
    async def save(self, item: Item) -> bool: ...
    async def of_target(self, target: str) -> list[Item]: ...
    async def insert_report(self, report: Report) -> bool: ...
    async def reports(self, target: str) -> list[Report]: ...
    async def reliability(self, account_ids: Sequence[str]) -> dict[str, Reliability]: ...


class Flagging:
    """Use cases of those who report."""

    def __init__(
        self,
        store: FlagStore,
        targets: Targets,
        sanctions: Sanctions,
        people: People,
        figures: Figures,
        intake: Intake,
        notices: Teller,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        policy: Policy,
        bell: Bell,
    ) -> None:
        self._bell = bell
        self._store = store
        self._targets = targets
        self._sanctions = sanctions
        self._people = people
        self._figures = figures
        self._intake = intake
        self._notices = notices
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._policy = policy

    async def report(
        self, actor: Actor, target_type: str, target_id: str, category: Category, note: RawText | None
    ) -> Report:
        """Report a text.

        Raises:
            InvalidInput: there is no such kind of thing, or the note was refused by the gate.
            NotFound: there is none, or none that the actor may see.
            NotPermitted: it is the actor's own, or they may not report (yet).
            Conflict: the actor has reported it before.
            RateLimited: more than somebody of their level may in a day.
            RedactionUnavailable, Unavailable: nothing was reported.
        """
        kind = self._targets.known.get(target_type)
        if kind is None:
            raise InvalidInput(fields={"target_type": "not_allowed"})
        subject = await self._readable(actor, kind, target_id)
        if subject.author_id == actor.account_id:
            raise NotPermitted(fields={"target": "own_text"})
        level = await self._level(actor, category)
        await self._limiter.spend(flag_limit(level), actor.account_id)
        target = f"{target_type}:{target_id}"
        words = await self._note(actor, note, target_id)
        known = (await self._store.reliability([actor.account_id])).get(actor.account_id, Reliability())
        weight = flags.weight(level, known.agreed, known.disagreed, self._policy, by_staff=_is_staff(actor))
        report = Report(
            target_type, target_id, actor.account_id, category, words, weight, subject.revision, self._clock()
        )
        if not await self._store.insert_report(report):
            raise Conflict(fields={"target": "already_reported"})
        item = await self._add(target, report, subject)
        await self._figures.count(f"flag_{category.value}", report.at)
        objects = (item.id,) if item is not None else ()
        await self._audit.append([AuditEntry("review:flag:made", actor.account_id, objects, report.at)])
        if item is not None:
            await self._hide_if_heavy(kind, item, subject)
        return report

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _readable(self, actor: Actor, kind: Reviewable, target_id: str) -> ReviewSubject:
        subject = await kind.find(target_id)
        if subject is None or not subject.is_public or not await kind.may_read(actor, target_id):
            raise NotFound
        return subject

    async def _level(self, actor: Actor, category: Category) -> int:
        """The level of somebody who may report. Of what harms with each minute anybody may tell."""
        await self._sanctions.require_voice(actor)
        standing = await self._people.standing(actor)
        if not standing.may(Power.FLAG) and category not in URGENT and not _is_staff(actor):
            raise NotPermitted(fields={"account": "too_new"})
        return standing.level

    async def _note(self, actor: Actor, note: RawText | None, scope: str) -> Note | None:
        if note is None or len(note) == 0:
            return None
        template = await self._intake.admit(
            note, scope=f"flag/{scope}", field="note", max_length=MAX_NOTE, sender=actor.account_id
        )
        words = template.fill(Numbering())
        return Note(words.text, words.redactions)

    async def _add(self, target: str, report: Report, subject: ReviewSubject) -> Item | None:
        """Put a report into the item that waits, or begin one; None where a moderator has cleared this very text."""
        while True:
            items = await self._store.of_target(target)
            waiting = next((item for item in items if item.phase is Phase.WAITING), None)
            if waiting is None:
                if any(_cleared(item) and item.revision >= subject.revision for item in items):
                    return None
                item = self._fresh(report, subject)
                if await self._store.insert(item):
                    await self._opened(item)
                    return item
                continue
            try:
                case = queue.report(waiting.case, report.reporter_id)
            except StepRefused:
                continue
            reasons = tuple(sorted({*waiting.reasons, _reason(report)}))
            changed = replace(
                waiting,
                case=case,
                reasons=reasons,
                weight=waiting.weight + report.weight,
                version=waiting.version + 1,
            )
            if await self._store.save(changed):
                return changed

    def _fresh(self, report: Report, subject: ReviewSubject) -> Item:
        return Item(
            id=new_id(),
            target_type=report.target_type,
            target_id=report.target_id,
            case=Case(subject.author_id, held=False, reporters=frozenset({report.reporter_id})),
            reasons=(_reason(report),),
            revision=subject.revision,
            created_at=self._clock(),
            weight=report.weight,
        )

    async def _opened(self, item: Item) -> None:
        objects = (item.id, item.case.author_id)
        await self._audit.append([AuditEntry("review:item:opened", "system", objects, item.created_at)])
        await self._bell.ring(item)

    async def _hide_if_heavy(self, kind: Reviewable, item: Item, subject: ReviewSubject) -> None:
        if item.auto_hidden or not subject.is_public:
            return
        reports = [one for one in await self._store.reports(item.target) if one.reporter_id in item.case.reporters]
        people = await self._people.personas([subject.author_id, *(one.reporter_id for one in reports)])
        author = people.get(subject.author_id)
        weighed = [Weighed(one.weight, one.category in URGENT, _of_staff(people, one.reporter_id)) for one in reports]
        level, by_staff = (author.level, author.role in STAFF_ROLES) if author is not None else (0, False)
        if not flags.hides(weighed, level, self._policy, author_is_staff=by_staff):
            return
        if not await self._store.save(replace(item, auto_hidden=True, version=item.version + 1)):
            # Somebody looks at it at this moment: the next report hides it, if it is still to be decided.
            return
        await take(kind.hide, item.target_id)
        now = self._clock()
        await self._notices.tell([subject.author_id], Kind.MODERATION_DECISION, "review_hidden", item.id)
        await self._figures.count("hidden_by_flags", now)
        await self._audit.append([AuditEntry("review:text:hidden", "system", (item.id, subject.author_id), now)])


def _cleared(item: Item) -> bool:
    """Whether a moderator found nothing wrong with a text."""
    decided = item.case.decided
    favourable = decided is not None and decided.what in {Decision.APPROVE, Decision.EDIT}
    return favourable or item.case.state is State.OVERTURNED


def _reason(report: Report) -> str:
    return f"flag_{report.category.value}"


def _is_staff(actor: Actor) -> bool:
    return actor.role in STAFF_ROLES


def _of_staff(people: Mapping[str, Persona], account_id: str) -> bool:
    persona = people.get(account_id)
    return persona is not None and persona.role in STAFF_ROLES
