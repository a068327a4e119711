"""Retention and legal holds over HTTP, for privacy officers."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from server.kernel.ports import Directory
from server.kernel.wire import Moment, Schema, TypedText
from server.retention.holds import LegalHolds
from server.retention.model import HOLD_RULE, Hold, HoldKind, RunReport
from server.retention.runs import RetentionRuns
from server.web.endpoint import Access, Call, Endpoint

_RETENTION: Final = "/api/v1/privacy/retention"
_RUNS: Final = f"{_RETENTION}/runs"
_HOLDS: Final = f"{_RETENTION}/holds"
_SHOWN: Final = 20


class RetentionRuleOut(Schema):
    """How long one kind of thing stays.

    `days`: null where no time ends it; `since` then says what does. `setting`: variable that changes it, or empty.
    `unheld`: why it obeys no legal hold; empty where it obeys.
    """

    name: str
    collections: list[str]
    purpose: str
    days: int | None
    since: str
    setting: str
    by_store: bool
    unheld: str


class RetentionLine(Schema):
    """What one rule came to; `overdue`: counted after the run, or, in a dry run, what would go."""

    rule: str
    gone: int
    overdue: int
    held: int
    failed: bool


class RetentionRunOut(Schema):
    """A run. `proven`: whether it shows that nothing outlives its rule, but for holds."""

    id: str
    dry: bool
    began_at: Moment
    ended_at: Moment | None
    resumed: int
    gone: int
    overdue: int
    held: int
    proven: bool
    lines: list[RetentionLine]


class RetentionReply(Schema):
    """All rules, and the last run that came to its end."""

    rules: list[RetentionRuleOut]
    last: RetentionRunOut | None


class RetentionRunsReply(Schema):
    """The last runs, the newest first."""

    items: list[RetentionRunOut]


class RetentionAsked(Schema):
    """Whether only to count."""

    dry: bool


class RetentionRunReply(Schema):
    """The dry run; null where a run was begun that goes on by itself."""

    run: RetentionRunOut | None


class HoldOut(Schema):
    """A legal hold. `heirs`: other accounts of a held person, on whom it is too."""

    id: str
    kind: HoldKind
    object_id: str
    reason: str
    by: str | None
    set_at: Moment
    review_at: Moment
    lifted_at: Moment | None
    heirs: list[str]


class HoldReply(Schema):
    """A legal hold."""

    hold: HoldOut


class HoldsReply(Schema):
    """All legal holds, those that stand first."""

    items: list[HoldOut]


class NewHold(Schema):
    """What is held, and why. `object`: an id, a number of feedback, or the address of a person."""

    kind: HoldKind
    object: Annotated[str, Field(min_length=1, max_length=254)]
    reason: TypedText
    review_at: Moment


class HoldReview(Schema):
    """Until when it is to be looked at again."""

    review_at: Moment


def endpoints(runs: RetentionRuns, holds: LegalHolds, people: Directory) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_of_runs(runs), *_of_holds(holds, people))


def _of_runs(runs: RetentionRuns) -> Sequence[Endpoint]:
    async def show(_: Call) -> RetentionReply:
        last = await runs.last()
        rules = [
            RetentionRuleOut(
                name=rule.name,
                collections=list(rule.collections),
                purpose=rule.purpose,
                days=rule.keep.days if rule.keep is not None else None,
                since=rule.since,
                setting=rule.setting,
                by_store=rule.by_store,
                unheld=rule.unheld,
            )
            for rule in runs.rules
        ]
        return RetentionReply(rules=rules, last=_run(last) if last else None)

    async def latest(_: Call) -> RetentionRunsReply:
        return RetentionRunsReply(items=[_run(run) for run in await runs.latest(_SHOWN)])

    async def ask(call: Call) -> RetentionRunReply:
        body: RetentionAsked = call.body
        if body.dry:
            return RetentionRunReply(run=_run(await runs.dry_run(call.actor.account_id)))
        await runs.begin(call.actor.account_id)
        return RetentionRunReply(run=None)

    officer = Access.PRIVACY_OFFICER
    return (
        Endpoint("GET", _RETENTION, "How long what is kept stays, and the last run", show, RetentionReply, officer),
        Endpoint("GET", _RUNS, "The last runs, dry ones too", latest, RetentionRunsReply, officer),
        Endpoint(
            "POST",
            _RUNS,
            "Count what a run would remove, or begin one",
            ask,
            RetentionRunReply,
            officer,
            body=RetentionAsked,
        ),
    )


def _of_holds(holds: LegalHolds, people: Directory) -> Sequence[Endpoint]:
    async def out(found: Sequence[Hold]) -> list[HoldOut]:
        names = await people.actors(sorted({hold.by for hold in found}))
        return [_hold(hold, names[hold.by].display_name if hold.by in names else None) for hold in found]

    async def every(call: Call) -> HoldsReply:
        return HoldsReply(items=await out(await holds.all(call.actor)))

    async def make(call: Call) -> HoldReply:
        body: NewHold = call.body
        hold = await holds.set(call.actor, body.kind, body.object.strip(), body.reason, body.review_at)
        return HoldReply(hold=(await out([hold]))[0])

    async def lift(call: Call) -> HoldReply:
        return HoldReply(hold=(await out([await holds.lift(call.actor, call.path["id"])]))[0])

    async def review(call: Call) -> HoldReply:
        body: HoldReview = call.body
        return HoldReply(hold=(await out([await holds.prolong(call.actor, call.path["id"], body.review_at)]))[0])

    officer = Access.PRIVACY_OFFICER
    return (
        Endpoint("GET", _HOLDS, "All legal holds, those that stand first", every, HoldsReply, officer),
        Endpoint(
            "POST",
            _HOLDS,
            "Let something stay, whatever its rule says and whoever asks for its erasure",
            make,
            HoldReply,
            officer,
            body=NewHold,
            status=201,
        ),
        Endpoint("POST", f"{_HOLDS}/{{id}}/lift", "Let a legal hold end", lift, HoldReply, officer, rule=HOLD_RULE),
        Endpoint(
            "POST",
            f"{_HOLDS}/{{id}}/review",
            "Say after a review that a legal hold goes on",
            review,
            HoldReply,
            officer,
            body=HoldReview,
            rule=HOLD_RULE,
        ),
    )


def _run(run: RunReport) -> RetentionRunOut:
    return RetentionRunOut(
        id=run.id,
        dry=run.dry,
        began_at=run.began_at,
        ended_at=run.ended_at,
        resumed=run.resumed,
        gone=run.gone,
        overdue=run.overdue,
        held=run.held,
        proven=run.proven,
        lines=[
            RetentionLine(rule=one.rule, gone=one.gone, overdue=one.overdue, held=one.held, failed=one.failed)
            for one in run.lines
        ],
    )


def _hold(hold: Hold, by: str | None) -> HoldOut:
    return HoldOut(
        id=hold.id,
        kind=hold.kind,
        object_id=hold.object_id,
        reason=hold.reason.value,
        by=by,
        set_at=hold.set_at,
        review_at=hold.review_at,
        lifted_at=hold.lifted_at,
        heirs=list(hold.heirs),
    )
