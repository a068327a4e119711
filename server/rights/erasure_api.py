"""Erasure over HTTP: what it would do, ask for it, take it back, and the proof of it by its secret."""

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.holdings import Fate, Why
from server.kernel.wire import Empty, Moment, Schema
from server.rights.erasure import Erasures, Signed
from server.rights.erasure_model import Erasure
from server.web.endpoint import Access, Call, Endpoint, Reply

REGISTERED: Final = timedelta(days=366)
"""How long officers see what was done."""

_OFFICE: Final = "/api/v1/privacy/erasures"

_WORK: Final = Rule("erasure", own=frozenset(), others=frozenset({Role.PRIVACY_OFFICER}))

State = Literal["none", "waiting", "held", "running", "done"]


class FateOut(Schema):
    """What becomes of one kind of thing: how many go, how many stay without anything that leads to the person."""

    kind: str
    gone: int
    stays: int
    why: Why | None


class ErasureReply(Schema):
    """One's own erasure and what it would do. `held`: a legal hold keeps it waiting."""

    state: State
    asked_at: Moment | None
    due_at: Moment | None
    cooling_days: int
    preview: list[FateOut]


class ErasureAsked(Schema):
    """An erasure that was asked for. `secret` is shown this once: with it the proof is asked for, by whoever has it."""

    reference: str
    secret: Annotated[str, Field(repr=False)]
    due_at: Moment


class ProofSecret(Schema):
    """The secret that was given when the erasure was asked for."""

    secret: Annotated[str, Field(min_length=8, max_length=100, repr=False)]


class ProofReply(Schema):
    """How an erasure stands; once it is done, the statement and its Ed25519 signature over exactly that text.

    `signature` and `public_key` are Base64.
    """

    reference: str
    state: State
    asked_at: Moment
    done_at: Moment | None
    fates: list[FateOut]
    statement: str | None
    signature: str | None
    public_key: str | None


class FailureOut(Schema):
    """Where an erasure last failed, how often in a row, and when it is tried again by itself.

    `step` is the name of a capability, or `doors`, `plan`, `keys`. `hurried`: an officer has let it go on since.
    """

    step: str
    at: Moment
    tries: int
    again_at: Moment
    hurried: bool


class RegisteredOut(Schema):
    """One erasure as privacy officers see it: never whose."""

    reference: str
    state: State
    asked_at: Moment
    due_at: Moment | None
    done_at: Moment | None
    erased: int
    kept: int
    failed: FailureOut | None = None


class RegisterReply(Schema):
    """What waits, what is under way, and what was done within a year, newest first."""

    items: list[RegisteredOut]


class ErasureRecordReply(Schema):
    """One erasure with what it does, or would do as things stand; of one that is done, the signed proof."""

    erasure: ProofReply
    due_at: Moment | None
    failed: FailureOut | None


class TriesIn(Schema):
    """How often the erasure had failed when the caller looked."""

    tries: Annotated[int, Field(ge=1, le=1_000_000)]


async def state_of(erasures: Erasures, erasure: Erasure | None) -> State:
    """Say how an erasure stands."""
    if erasure is None:
        return "none"
    if erasure.state.value == "waiting":
        return "held" if await erasures.waits_for_hold(erasure.account_id) else "waiting"
    return "running"


def _fates(fates: Sequence[Fate]) -> list[FateOut]:
    return [FateOut(kind=fate.kind, gone=fate.gone, stays=fate.stays, why=fate.why) for fate in fates]


async def proof_out(erasures: Erasures, found: Erasure | Signed) -> ProofReply:
    """Give the wire form of a proof, or of an erasure that is not done."""
    if isinstance(found, Erasure):
        return ProofReply(
            reference=found.reference,
            state=await state_of(erasures, found),
            asked_at=found.asked_at,
            done_at=None,
            fates=_fates(found.fates),
            statement=None,
            signature=None,
            public_key=None,
        )
    return ProofReply(
        reference=found.proof.reference,
        state="done",
        asked_at=found.proof.asked_at,
        done_at=found.proof.done_at,
        fates=_fates(found.proof.fates),
        statement=found.text,
        signature=base64.b64encode(found.signature).decode(),
        public_key=base64.b64encode(found.public_key).decode(),
    )


async def _register(erasures: Erasures) -> RegisterReply:
    going, done = await erasures.register(REGISTERED)
    return RegisterReply(
        items=[
            *[
                RegisteredOut(
                    reference=item.reference,
                    state=await state_of(erasures, item),
                    asked_at=item.asked_at,
                    due_at=item.due_at,
                    done_at=None,
                    erased=sum(fate.gone for fate in item.fates),
                    kept=sum(fate.stays for fate in item.fates),
                    failed=_failed(item),
                )
                for item in going
            ],
            *(
                RegisteredOut(
                    reference=item.reference,
                    state="done",
                    asked_at=item.asked_at,
                    due_at=None,
                    done_at=item.done_at,
                    erased=sum(fate.gone for fate in item.fates),
                    kept=sum(fate.stays for fate in item.fates),
                )
                for item in done
            ),
        ]
    )


async def _registered(erasures: Erasures, call: Call) -> ErasureRecordReply:
    found = await erasures.get(call.actor, call.path["reference"])
    waits = found if isinstance(found, Erasure) else None
    return ErasureRecordReply(
        erasure=await proof_out(erasures, found),
        due_at=waits.due_at if waits else None,
        failed=_failed(waits) if waits else None,
    )


def _failed(erasure: Erasure) -> FailureOut | None:
    failed = erasure.failed
    if failed is None:
        return None
    return FailureOut(
        step=failed.step, at=failed.at, tries=failed.tries, again_at=failed.again_at, hurried=failed.hurried
    )


def office_endpoints(erasures: Erasures) -> Sequence[Endpoint]:
    """Declare the endpoints of privacy officers."""

    async def register(_: Call) -> RegisterReply:
        return await _register(erasures)

    async def get_one(call: Call) -> ErasureRecordReply:
        return await _registered(erasures, call)

    async def run_again(call: Call) -> ErasureRecordReply:
        body: TriesIn = call.body
        await erasures.run_again(call.actor, call.path["reference"], body.tries)
        return await _registered(erasures, call)

    one, officer = f"{_OFFICE}/{{reference}}", Access.PRIVACY_OFFICER
    return (
        Endpoint(
            "GET",
            _OFFICE,
            "Erasures that wait, go on and were done, without whose they are",
            register,
            RegisterReply,
            access=officer,
        ),
        Endpoint(
            "GET",
            one,
            "An erasure by its number: what it does, where it failed, its proof",
            get_one,
            ErasureRecordReply,
            access=officer,
            rule=_WORK,
        ),
        Endpoint(
            "POST",
            f"{one}/run",
            "Let an erasure that failed go on now",
            run_again,
            ErasureRecordReply,
            access=officer,
            rule=_WORK,
            body=TriesIn,
        ),
    )


def endpoints(erasures: Erasures) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def get_own(call: Call) -> ErasureReply:
        found = await erasures.standing(call.actor)
        return ErasureReply(
            state=await state_of(erasures, found),
            asked_at=found.asked_at if found else None,
            due_at=found.due_at if found else None,
            cooling_days=erasures.rules.cooling.days,
            preview=_fates(await erasures.preview(call.actor)),
        )

    async def ask(call: Call) -> Reply:
        asked = await erasures.ask(call.actor)
        data = ErasureAsked(reference=asked.erasure.reference, secret=asked.secret, due_at=asked.erasure.due_at)
        return Reply(data, session_token="")

    async def cancel(call: Call) -> Empty:
        await erasures.cancel(call.actor)
        return Empty()

    async def prove(call: Call) -> ProofReply:
        return await proof_out(erasures, await erasures.proof(call.body.secret))

    return (
        Endpoint(
            "GET",
            "/api/v1/me/erasure",
            "What erasing one's own account would remove and what would stay, and whether it was asked for",
            get_own,
            ErasureReply,
            access=Access.CUSTOMER,
        ),
        Endpoint(
            "DELETE",
            "/api/v1/me",
            "Ask for one's own account and all that leads to oneself to be erased; all sessions end",
            ask,
            ErasureAsked,
            access=Access.CUSTOMER,
            status=202,
            fresh=True,
        ),
        Endpoint(
            "DELETE",
            "/api/v1/me/erasure",
            "Take the erasure of one's own account back, while it has not begun",
            cancel,
            Empty,
            access=Access.CUSTOMER,
        ),
        Endpoint(
            "POST",
            "/api/v1/privacy/erasure-proofs",
            "The signed proof of an erasure, by the secret that was given when it was asked for",
            prove,
            ProofReply,
            access=Access.PUBLIC,
            body=ProofSecret,
            network_limit="erasure_network",
        ),
    )
