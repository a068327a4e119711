"""Training over HTTP: one's own standing, and for staff how many of all hold what they need."""

from collections.abc import Sequence

from server.kernel.wire import Moment, Schema
from server.training.model import State, share
from server.training.service import Training
from server.web.endpoint import Access, Call, Endpoint


class StandingOut(Schema):
    """How the caller stands with a module; `ends_at` is null without a pass."""

    module: str
    title: str
    state: State
    ends_at: Moment | None


class StandingReply(Schema):
    """All modules that the caller has to learn."""

    modules: list[StandingOut]


class CoverageOut(Schema):
    """How many of those who need a module hold it now."""

    module: str
    title: str
    holding: int
    needing: int


class CoverageReply(Schema):
    """Module by module, and all together in per cent; null where nobody needs any."""

    modules: list[CoverageOut]
    percent: int | None


def endpoints(training: Training) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def get_own(call: Call) -> StandingReply:
        return StandingReply(
            modules=[
                StandingOut(
                    module=one.module.key,
                    title=one.module.lessons[call.locale].title,
                    state=one.state,
                    ends_at=one.ends_at,
                )
                for one in await training.standing(call.actor)
            ]
        )

    async def get_coverage(call: Call) -> CoverageReply:
        found = await training.coverage()
        return CoverageReply(
            modules=[
                CoverageOut(
                    module=one.module,
                    title=training.module(one.module).lessons[call.locale].title,
                    holding=one.holding,
                    needing=one.needing,
                )
                for one in found
            ],
            percent=share(found),
        )

    return (
        Endpoint(
            "GET",
            "/api/v1/me/training",
            "What one has to learn, and how one stands with it",
            get_own,
            StandingReply,
            access=Access.STAFF,
        ),
        Endpoint(
            "GET",
            "/api/v1/training/coverage",
            "How many of the staff hold what they need; numbers only",
            get_coverage,
            CoverageReply,
            access=Access.STAFF,
        ),
    )
