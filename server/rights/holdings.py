"""What rights themselves keep of people: their requests, and what they stopped. Requests stay as proof, without words.

Proof needs no name: of a request of somebody who was erased stay its kind, its times and how it ended.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final, Protocol

from server.kernel.holdings import Fate, Held, Piece, Why
from server.kernel.ports import Clock
from server.kernel.text import UNSAID
from server.kernel.wire import rfc3339
from server.rights.model import Request, State
from server.rights.restraints import StandingRestraints
from server.rights.service import ended

_PURPOSE: Final = "proof"


class RequestStore(Protocol):
    """What is needed of `rights.store`."""

    async def of_person(self, person_id: str) -> list[Request]: ...
    async def replace(self, after: Request) -> bool: ...


class RightsHoldings:
    """Fills `kernel.holdings.Holdings`.

    Args:
        requests: where requests are kept.
        restraints: what people have stopped.
        clock: the time.
    """

    collections: Final = ("rights_requests", "restraints")

    def __init__(self, requests: RequestStore, restraints: StandingRestraints, clock: Clock) -> None:
        self._requests = requests
        self._restraints = restraints
        self._clock = clock

    @property
    def name(self) -> str:
        """See `kernel.holdings.Holdings`."""
        return "rights"

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `kernel.holdings.Holdings`."""
        return (
            Held("requests", len(await self._requests.of_person(person_id)), _PURPOSE, "rights:request"),
            Held("restraints", len(self._restraints.of(person_id)), "consent", "rights:restraint"),
        )

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `kernel.holdings.Holdings`."""
        requests = await self._requests.of_person(person_id)
        if requests:
            yield Piece("rights/requests.json", [_told(one) for one in requests], "held.requests")
        stopped = self._restraints.of(person_id)
        if stopped:
            told = [{"use": use.value, "at": rfc3339(at)} for use, at in sorted(stopped.items())]
            yield Piece("rights/stopped.json", told, "held.restraints")

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        requests = await self._requests.of_person(person_id)
        return (
            Fate("requests", 0, len(requests), Why.PROOF if requests else None),
            Fate("restraints", len(self._restraints.of(person_id))),
        )

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        stayed = 0
        # Whoever writes one meanwhile makes `replace` fail: it is read again.
        while requests := await self._requests.of_person(person_id):
            for request in requests:
                stayed += await self._requests.replace(self._bare(request))
        gone = await self._restraints.forget(person_id)
        return (Fate("requests", 0, stayed, Why.PROOF if stayed else None), Fate("restraints", gone))

    def _bare(self, request: Request) -> Request:
        """A request without its person, its words and those of officers; one that waits is taken back by that."""
        closed = ended(request, State.WITHDRAWN, self._clock()) if request.is_waiting else request
        return replace(
            closed,
            person_id="",
            text=UNSAID,
            answer=None if closed.answer is None else UNSAID,
            notes=(),
            revision=request.revision + 1,
        )


def _told(request: Request) -> dict[str, object]:
    return {
        "kind": request.kind.value,
        "state": request.state.value,
        "text": request.text.value,
        "made_at": rfc3339(request.made_at),
        "due_at": rfc3339(request.due_at) if request.due_at else None,
        "steps": [{"state": step.state.value, "at": rfc3339(step.at)} for step in request.steps],
        "answer": request.answer.value if request.answer else None,
        "reason": request.reason.value if request.reason else None,
    }
