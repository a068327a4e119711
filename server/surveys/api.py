"""Surveys over HTTP: staff make, send and read them; whoever was asked answers, once."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.ports import Clock
from server.kernel.wire import Empty, Moment, Schema, TypedText
from server.surveys.model import LIFETIMES, STEPS, Scale, Survey
from server.surveys.service import Results, Surveys
from server.web.endpoint import Access, Call, Endpoint

_SURVEYS: Final = "/api/v1/surveys"
_SURVEY: Final = f"{_SURVEYS}/{{id}}"
_MEMBERS: Final = frozenset(Role) - {Role.VISITOR}
REPLY_RULE: Final = Rule("survey_reply", own=_MEMBERS)
"""A survey is its own for whoever was asked."""
SURVEY_RULE: Final = Rule("survey", own=frozenset({Role.AGENT, Role.ADMIN}), others=frozenset({Role.AGENT, Role.ADMIN}))


class SurveyOut(Schema):
    """A survey. `steps`: what can be chosen; none where one answers in words alone."""

    id: str
    path: str
    title: str
    question: str
    scale: Scale
    steps: list[int]
    open: bool
    ends_at: Moment


class OwnSurvey(Schema):
    """A survey as whoever was asked sees it."""

    survey: SurveyOut
    answered: bool


class OwnSurveys(Schema):
    """Those that one was asked to answer and that go on."""

    items: list[OwnSurvey]


class StaffSurvey(Schema):
    """A survey as staff see it."""

    survey: SurveyOut
    invited: int


class StaffSurveys(Schema):
    """All of them, the newest first."""

    items: list[StaffSurvey]


class SentReply(Schema):
    """How many people were asked by this."""

    asked: int


class NewSurvey(Schema):
    """One question; it goes on for so many days."""

    title: TypedText
    question: TypedText
    scale: Scale
    days: Annotated[int, Field(ge=min(LIFETIMES), le=max(LIFETIMES))]


class SurveyAnswer(Schema):
    """A step of the scale, and some words."""

    score: Annotated[int, Field(ge=0, le=10)] | None = None
    comment: TypedText | None = None


class ResultCell(Schema):
    """How many people chose something, with noise; null where they are too few to be told of."""

    name: str
    people: int | None


class ResultsReply(Schema):
    """What came of a survey that is over, and null before: what was told is not told anew when more have answered.

    `smallest`: people that a group must have to be told of. `spent` and `left`: of the survey's privacy budget.
    """

    over: bool
    cells: list[ResultCell]
    smallest: int | None
    net: int | None
    comments: list[str]
    spent: float | None
    left: float | None


def endpoints(surveys: Surveys, clock: Clock) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_of_staff(surveys, clock), *_of_members(surveys, clock))


def _of_staff(surveys: Surveys, clock: Clock) -> Sequence[Endpoint]:
    async def every(_: Call) -> StaffSurveys:
        return StaffSurveys(items=[_staff(one, clock) for one in await surveys.all()])

    async def make(call: Call) -> StaffSurvey:
        body: NewSurvey = call.body
        return _staff(await surveys.make(call.actor, body.title, body.question, body.scale, body.days), clock)

    async def send(call: Call) -> SentReply:
        return SentReply(asked=await surveys.invite(call.actor, call.path["id"]))

    async def results(call: Call) -> ResultsReply:
        return _results(await surveys.results(call.actor, call.path["id"]))

    return (
        Endpoint("GET", _SURVEYS, "All surveys", every, StaffSurveys, Access.DESK),
        Endpoint(
            "POST",
            _SURVEYS,
            "Make a survey; nobody is asked yet",
            make,
            StaffSurvey,
            Access.DESK,
            body=NewSurvey,
            status=201,
        ),
        Endpoint(
            "POST",
            f"{_SURVEY}/send",
            "Ask everybody whose consent for research stands now and who was not asked before",
            send,
            SentReply,
            Access.DESK,
            rule=SURVEY_RULE,
        ),
        Endpoint(
            "GET",
            f"{_SURVEY}/results",
            "What came of a survey that is over, protected by k and differential privacy",
            results,
            ResultsReply,
            Access.DESK,
            rule=SURVEY_RULE,
        ),
    )


def _of_members(surveys: Surveys, clock: Clock) -> Sequence[Endpoint]:
    async def own(call: Call) -> OwnSurveys:
        return OwnSurveys(items=[_own(*found, clock) for found in await surveys.own(call.actor)])

    async def show(call: Call) -> OwnSurvey:
        return _own(*await surveys.open(call.actor, call.path["id"]), clock)

    async def reply(call: Call) -> Empty:
        body: SurveyAnswer = call.body
        await surveys.reply(call.actor, call.path["id"], body.score, body.comment)
        return Empty()

    return (
        Endpoint("GET", "/api/v1/me/surveys", "Surveys that one was asked to answer", own, OwnSurveys, Access.MEMBER),
        Endpoint(
            "GET", _SURVEY, "A survey that one was asked to answer", show, OwnSurvey, Access.MEMBER, rule=REPLY_RULE
        ),
        Endpoint(
            "POST",
            f"{_SURVEY}/reply",
            "Answer, once",
            reply,
            Empty,
            Access.MEMBER,
            body=SurveyAnswer,
            rule=REPLY_RULE,
            status=201,
        ),
    )


def _out(survey: Survey, clock: Clock) -> SurveyOut:
    return SurveyOut(
        id=survey.id,
        path=survey.path,
        title=survey.title.value,
        question=survey.question.value,
        scale=survey.scale,
        steps=list(STEPS[survey.scale]),
        open=survey.is_open(clock()),
        ends_at=survey.ends_at,
    )


def _staff(survey: Survey, clock: Clock) -> StaffSurvey:
    return StaffSurvey(survey=_out(survey, clock), invited=survey.invited)


def _own(survey: Survey, answered: bool, clock: Clock) -> OwnSurvey:
    return OwnSurvey(survey=_out(survey, clock), answered=answered)


def _results(found: Results | None) -> ResultsReply:
    if found is None:
        return ResultsReply(over=False, cells=[], smallest=None, net=None, comments=[], spent=None, left=None)
    cells = found.scores.table.cells if found.scores else {}
    return ResultsReply(
        over=True,
        cells=[ResultCell(name=name, people=people) for name, people in cells.items()],
        smallest=found.scores.smallest if found.scores else None,
        net=found.net,
        comments=[comment.value for comment in found.comments],
        spent=found.budget.spent_milli / 1000,
        left=found.budget.left_milli / 1000,
    )
