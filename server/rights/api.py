"""The rights of people over HTTP: what is kept, a copy of it, requests, restrictions; and the officers' work list."""

from collections.abc import Sequence

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.holdings import Held
from server.kernel.restraint import Use
from server.kernel.retention import RetentionRule
from server.kernel.wire import Empty, Moment, Schema, TypedText
from server.rights.export import MEDIA_TYPE, Exports
from server.rights.knowing import Knowing
from server.rights.model import Kind, Reason, Request, State
from server.rights.office import Office
from server.rights.restraints import StandingRestraints
from server.rights.service import Requests
from server.web.endpoint import Access, Call, Download, Endpoint

_OWN = Rule("rights_request", own=frozenset(Role))
_WORK = Rule("rights_request", own=frozenset(), others=frozenset({Role.PRIVACY_OFFICER}))
_ME = "/api/v1/me"
_WORK_LIST = "/api/v1/privacy/requests"


class HeldOut(Schema):
    """One kind of thing that is kept of the caller; `rule` names the retention rule that ends it, or is empty; `days`
    is how long it stays from what `since` says, null where it stays until then."""

    capability: str
    kind: str
    count: int
    purpose: str
    rule: str
    days: int | None
    since: str


class DataReply(Schema):
    """What is kept of the caller, by kinds and counts, and what they have stopped. Who saw it, visits and choices are
    at `/me/access-log`, `/me/visits` and `/me/consents`."""

    kept: list[HeldOut]
    stopped: list[Use]


class StepOut(Schema):
    """When a request came into a state."""

    state: State
    at: Moment


class RequestOut(Schema):
    """A request about data, as its person sees it. `due_at` is until when it has to be answered."""

    id: str
    kind: Kind
    state: State
    text: str
    made_at: Moment
    due_at: Moment | None
    steps: list[StepOut]
    answer: str | None
    reason: Reason | None
    revision: int


class RequestReply(Schema):
    """One request."""

    request: RequestOut


class RequestsReply(Schema):
    """The caller's requests, the newest first."""

    requests: list[RequestOut]


class RequestIn(Schema):
    """What is asked for; a text is needed for `other` alone."""

    kind: Kind
    text: TypedText


class RestraintIn(Schema):
    """Whether a use of the caller's data is to be stopped."""

    use: Use
    stopped: bool


class RestraintsReply(Schema):
    """What the caller has stopped."""

    stopped: list[Use]


class NoteOut(Schema):
    """What an officer wrote down for officers."""

    by: str
    at: Moment
    text: str


class WorkOut(Schema):
    """A request as officers see it. `person_id` is empty for somebody without an account."""

    request: RequestOut
    person_id: str
    holder: str
    late: bool
    notes: list[NoteOut]


class WorkReply(Schema):
    """One request of the work list."""

    work: WorkOut


class WorkListReply(Schema):
    """What waits for an answer, what is due first at the top."""

    waiting: list[WorkOut]


class SeenIn(Schema):
    """Which revision the officer saw; another answers `conflict`, and says in `request` what happened."""

    revision: int


class WordsIn(Schema):
    """A note, or an answer."""

    revision: int
    text: TypedText


class RefusalIn(Schema):
    """Why a request is refused, with words for the person."""

    revision: int
    reason: Reason
    text: TypedText


class KeyReply(Schema):
    """The public key that exports are signed with, as PEM."""

    public_key: str


def endpoints(
    knowing: Knowing, exports: Exports, requests: Requests, restraints: StandingRestraints
) -> Sequence[Endpoint]:
    """Declare the endpoints of people."""

    async def get_data(call: Call) -> DataReply:
        known = await knowing.about(call.actor)
        return DataReply(
            kept=[_held(kept.name, one, known.rules.get(one.rule)) for kept in known.kept for one in kept.held],
            stopped=sorted(known.restraints),
        )

    async def export(call: Call) -> Download:
        return Download(MEDIA_TYPE, exports.name(), await exports.export(call.actor, call.locale))

    async def key(_call: Call) -> KeyReply:
        return KeyReply(public_key=exports.signer.public_pem)

    async def own(call: Call) -> RequestsReply:
        return RequestsReply(requests=[_out(one) for one in await requests.own(call.actor)])

    async def make(call: Call) -> RequestReply:
        body: RequestIn = call.body
        made = await requests.make(call.actor, body.kind, body.text, locale=call.locale)
        return RequestReply(request=_out(made))

    async def get_one(call: Call) -> RequestReply:
        return RequestReply(request=_out(await requests.own_one(call.actor, call.path["id"])))

    async def withdraw(call: Call) -> RequestReply:
        return RequestReply(request=_out(await requests.withdraw(call.actor, call.path["id"])))

    async def stopped(call: Call) -> RestraintsReply:
        return RestraintsReply(stopped=sorted(restraints.of(call.actor.account_id)))

    async def stop(call: Call) -> RestraintsReply:
        body: RestraintIn = call.body
        await restraints.choose(call.actor, body.use, stopped=body.stopped)
        return await stopped(call)

    one = f"{_ME}/requests/{{id}}"
    return (
        Endpoint("GET", f"{_ME}/data", "What is kept of the caller: kinds, counts, purposes", get_data, DataReply),
        Endpoint(
            "GET",
            f"{_ME}/export",
            "All that is kept of the caller, as a signed ZIP",
            export,
            Empty,
            fresh=True,
            downloads=(MEDIA_TYPE,),
        ),
        Endpoint(
            "GET",
            "/api/v1/privacy/export-key",
            "The public key that exports are signed with",
            key,
            KeyReply,
            access=Access.PUBLIC,
        ),
        Endpoint("GET", f"{_ME}/requests", "The caller's requests about their data", own, RequestsReply),
        Endpoint(
            "POST",
            f"{_ME}/requests",
            "Make a request about one's data; it is answered within 3 x 24 hours",
            make,
            RequestReply,
            body=RequestIn,
            status=201,
        ),
        Endpoint("GET", one, "How far a request is", get_one, RequestReply, rule=_OWN),
        Endpoint("POST", f"{one}/withdraw", "Take back a request", withdraw, RequestReply, rule=_OWN),
        Endpoint(
            "GET", f"{_ME}/restraints", "Which uses of their data the caller has stopped", stopped, RestraintsReply
        ),
        Endpoint(
            "PUT",
            f"{_ME}/restraints",
            "Stop a use of one's data, or allow it again; holds at once",
            stop,
            RestraintsReply,
            body=RestraintIn,
        ),
    )


def office_endpoints(office: Office) -> Sequence[Endpoint]:
    """Declare the endpoints of privacy officers."""

    async def waiting(call: Call) -> WorkListReply:
        return WorkListReply(waiting=[_work(one) for one in await office.waiting(call.actor)])

    async def get_one(call: Call) -> WorkReply:
        return _work_reply(await office.get(call.actor, call.path["id"]))

    async def take(call: Call) -> WorkReply:
        body: SeenIn = call.body
        return _work_reply(await office.take(call.actor, call.path["id"], body.revision))

    async def release(call: Call) -> WorkReply:
        body: SeenIn = call.body
        return _work_reply(await office.release(call.actor, call.path["id"], body.revision))

    async def note(call: Call) -> WorkReply:
        body: WordsIn = call.body
        return _work_reply(await office.note(call.actor, call.path["id"], body.revision, body.text))

    async def answer(call: Call) -> WorkReply:
        body: WordsIn = call.body
        return _work_reply(await office.answer(call.actor, call.path["id"], body.revision, body.text))

    async def refuse(call: Call) -> WorkReply:
        body: RefusalIn = call.body
        return _work_reply(await office.refuse(call.actor, call.path["id"], body.revision, body.reason, body.text))

    one, officer = f"{_WORK_LIST}/{{id}}", Access.PRIVACY_OFFICER
    return (
        Endpoint("GET", _WORK_LIST, "Requests that wait, due first", waiting, WorkListReply, access=officer),
        Endpoint("GET", one, "A request, for officers", get_one, WorkReply, access=officer, rule=_WORK),
        Endpoint("POST", f"{one}/take", "Take a request", take, WorkReply, access=officer, rule=_WORK, body=SeenIn),
        Endpoint(
            "POST",
            f"{one}/release",
            "Give a request back to the other officers",
            release,
            WorkReply,
            access=officer,
            rule=_WORK,
            body=SeenIn,
        ),
        Endpoint(
            "POST",
            f"{one}/notes",
            "Write a note for officers",
            note,
            WorkReply,
            access=officer,
            rule=_WORK,
            body=WordsIn,
        ),
        Endpoint(
            "POST", f"{one}/answer", "Answer a request", answer, WorkReply, access=officer, rule=_WORK, body=WordsIn
        ),
        Endpoint(
            "POST",
            f"{one}/refuse",
            "Refuse a request, with a reason",
            refuse,
            WorkReply,
            access=officer,
            rule=_WORK,
            body=RefusalIn,
        ),
    )


def _held(capability: str, one: Held, rule: RetentionRule | None) -> HeldOut:
    return HeldOut(
        capability=capability,
        kind=one.kind,
        count=one.count,
        purpose=one.purpose,
        rule=one.rule,
        days=rule.keep.days if rule and rule.keep else None,
        since=rule.since if rule else "person",
    )


def _out(request: Request) -> RequestOut:
    return RequestOut(
        id=request.id,
        kind=request.kind,
        state=request.state,
        text=request.text.value,
        made_at=request.made_at,
        due_at=request.due_at,
        steps=[StepOut(state=step.state, at=step.at) for step in request.steps],
        answer=request.answer.value if request.answer else None,
        reason=request.reason,
        revision=request.revision,
    )


def _work_reply(request: Request) -> WorkReply:
    return WorkReply(work=_work(request))


def _work(request: Request) -> WorkOut:
    return WorkOut(
        request=_out(request),
        person_id=request.person_id,
        holder=request.holder,
        late=request.warned > 1,
        notes=[NoteOut(by=note.by, at=note.at, text=note.text.value) for note in request.notes],
    )
