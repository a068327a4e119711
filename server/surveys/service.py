"""Use cases of surveys: making one, asking those who agreed, answering once, telling what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.insight.answers import Answer, Answers, Budget, Question
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Consents
from server.kernel.text import Numbering, RawText, RedactedText
from server.surveys.model import (
    LIFETIMES,
    MAX_COMMENT,
    MAX_QUESTION,
    MAX_TITLE,
    PURPOSE,
    STEPS,
    Reply,
    Scale,
    Survey,
    comments_to_show,
    groups,
    net_promoters,
)

_SCORE: Final = "score"


class SurveyStore(Protocol):
    """What is needed of `surveys.store`."""

    async def insert(self, survey: Survey) -> None: ...
    async def find(self, survey_id: str) -> Survey | None: ...
    async def all(self) -> list[Survey]: ...
    async def invite(self, survey_id: str, account_ids: Sequence[str]) -> list[str]: ...
    async def is_invited(self, survey_id: str, account_id: str) -> bool: ...
    async def reply(self, reply: Reply) -> bool: ...
    async def has_replied(self, survey_id: str, account_id: str) -> bool: ...
    async def replies(self, survey_id: str) -> list[Reply]: ...
    async def asked_of(self, account_id: str) -> list[str]: ...
    async def forget(self, account_id: str) -> None: ...


class Agreements(Consents, Protocol):
    """Knows who agreed to what."""

    async def agreed(self, purpose: str) -> list[str]:
        """Give those whose consent for a purpose stands now."""
        ...


class Inviter(Protocol):
    """Asks people to answer, without content."""

    async def ask_for_answer(self, account_ids: Sequence[str], survey_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Results:
    """What is told of a survey that is over.

    Attributes:
        scores: people by what they chose, protected; None for a survey without a scale.
        net: net promoter score, where it can be told.
        comments: for staff, redacted; none where too few wrote any.
        budget: what is spent of the survey's privacy budget.
    """

    scores: Answer | None
    net: int | None
    comments: Sequence[RedactedText]
    budget: Budget


class Surveys:
    """Surveys.

    Args:
        store: where all is kept.
        intake: the gate.
        agreements: who agreed to what. Asked when people are invited, when they answer, and by the mail queue when a
            letter goes out.
        inviter: asks people.
        answers: protects what is told.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: SurveyStore,
        intake: Intake,
        agreements: Agreements,
        inviter: Inviter,
        answers: Answers,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._intake = intake
        self._agreements = agreements
        self._inviter = inviter
        self._answers = answers
        self._audit = audit
        self._clock = clock

    # --- making and asking -----------------------------------------------------------------------------------------

    async def make(self, actor: Actor, title: RawText, question: RawText, scale: Scale, days: int) -> Survey:
        """Make a survey. Nobody is asked yet.

        Raises:
            InvalidInput: a text is refused, or it is to last otherwise than is offered.
            RedactionUnavailable: nothing was taken in.
        """
        if days not in LIFETIMES:
            raise InvalidInput(fields={"days": "not_allowed"})
        survey_id, numbering, now = new_id(), Numbering(), self._clock()
        survey = Survey(
            survey_id,
            await self._words(actor, title, survey_id, "title", MAX_TITLE, numbering),
            await self._words(actor, question, survey_id, "question", MAX_QUESTION, numbering),
            scale,
            actor.account_id,
            now,
            now + timedelta(days=days),
        )
        await self._store.insert(survey)
        await self._note("surveys:survey:made", actor, survey_id)
        return survey

    async def invite(self, actor: Actor, survey_id: str) -> int:
        """Ask everybody whose consent stands now and who was not asked before; give how many.

        Raises:
            NotFound: there is no such survey.
            Conflict: it is over.
        """
        survey = await self._get(survey_id)
        if not survey.is_open(self._clock()):
            raise Conflict
        asked = await self._store.invite(survey_id, await self._agreements.agreed(PURPOSE))
        await self._inviter.ask_for_answer(asked, survey_id)
        await self._note("surveys:survey:sent", actor, survey_id, {"people": len(asked)})
        return len(asked)

    async def all(self) -> list[Survey]:
        """Give all surveys, the newest first."""
        return await self._store.all()

    # --- answering -------------------------------------------------------------------------------------------------

    async def open(self, actor: Actor, survey_id: str) -> tuple[Survey, bool]:
        """Give a survey to whoever was asked, and whether they have answered it.

        Raises:
            NotFound: there is none, or they were not asked.
        """
        survey = await self._get(survey_id)
        if not await self._store.is_invited(survey_id, actor.account_id):
            raise NotFound
        return survey, await self._store.has_replied(survey_id, actor.account_id)

    async def own(self, actor: Actor) -> list[tuple[Survey, bool]]:
        """Give the surveys that somebody was asked to answer and that go on, and whether they have answered each."""
        now = self._clock()
        found = [await self._store.find(survey_id) for survey_id in await self._store.asked_of(actor.account_id)]
        open_ = sorted((one for one in found if one and one.is_open(now)), key=lambda one: one.ends_at)
        return [(one, await self._store.has_replied(one.id, actor.account_id)) for one in open_]

    async def forget(self, account_id: str) -> None:
        """Forget what somebody was asked, and what they answered: their account goes.

        What was told of a survey before stays as it is: it tells of nobody.
        """
        await self._store.forget(account_id)

    async def reply(self, actor: Actor, survey_id: str, score: int | None, comment: RawText | None) -> None:
        """Answer, once.

        Raises:
            NotFound: see `open`.
            ConsentRequired: their consent does not stand any more.
            Conflict: they have answered, or it is over.
            InvalidInput: the score is none of its scale, nothing was said, or the comment is refused.
            RedactionUnavailable: nothing was taken in.
        """
        survey, replied = await self.open(actor, survey_id)
        if replied or not survey.is_open(self._clock()):
            raise Conflict
        await self._agreements.require(actor.account_id, PURPOSE)
        if (score is None) is bool(STEPS[survey.scale]) or (score is not None and score not in STEPS[survey.scale]):
            raise InvalidInput(fields={"score": "required"})
        if comment is None and survey.scale is Scale.TEXT:
            raise InvalidInput(fields={"comment": "required"})
        words = None
        if comment is not None:
            # A scope of its own: that two comments name the same person is nobody's business.
            words = await self._words(
                actor, comment, f"{survey_id}:{actor.account_id}", "comment", MAX_COMMENT, Numbering()
            )
        if not await self._store.reply(Reply(survey_id, actor.account_id, score, words)):
            raise Conflict
        await self._note("surveys:survey:answered", actor, survey_id)

    # --- results ---------------------------------------------------------------------------------------------------

    async def find(self, survey_id: str) -> Survey:
        """Give a survey to staff.

        Raises:
            NotFound: there is none.
        """
        return await self._get(survey_id)

    async def results(self, actor: Actor, survey_id: str) -> Results | None:
        """Say what came of a survey; None while it goes on: what was told is not told anew when more have answered.

        Raises:
            NotFound: there is no such survey.
            Unavailable: the store does not answer, or no noise could be drawn.
        """
        survey = await self._get(survey_id)
        if survey.is_open(self._clock()):
            return None
        replies = await self._store.replies(survey_id)
        scores = await self._scores(actor, survey, replies) if STEPS[survey.scale] else None
        net = net_promoters(scores.table.cells) if scores and survey.scale is Scale.NPS else None
        comments = comments_to_show(replies, self._answers.rules.smallest)
        return Results(scores, net, comments, (await self._answers.budgets([survey.budget]))[0])

    async def _scores(self, actor: Actor, survey: Survey, replies: Sequence[Reply]) -> Answer:
        question = Question(f"survey:{survey.id}:{_SCORE}", (survey.budget,))

        async def count() -> Mapping[str, Mapping[str, int]]:
            return {question.id: groups(survey.scale, replies)}

        return (await self._answers.ask(actor, [question], count))[question.id]

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _get(self, survey_id: str) -> Survey:
        survey = await self._store.find(survey_id)
        if survey is None:
            raise NotFound
        return survey

    async def _words(
        self, actor: Actor, raw: RawText, scope: str, field: str, longest: int, numbering: Numbering
    ) -> RedactedText:
        template = await self._intake.admit(raw, scope=scope, field=field, max_length=longest, sender=actor.account_id)
        return template.fill(numbering).text

    async def _note(self, action: str, actor: Actor, survey_id: str, counts: Mapping[str, int] | None = None) -> None:
        # Who answered is not noted: it would be kept for longer than what they answered.
        who = "member" if action.endswith(":answered") else actor.account_id
        await self._audit.append([AuditEntry(action, who, (survey_id,), self._clock(), counts or {})])
