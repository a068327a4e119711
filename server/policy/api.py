"""The privacy policy over HTTP: public, in both languages, each version with its days."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from server.kernel.errors import NotFound
from server.kernel.ports import Clock
from server.kernel.wire import Schema
from server.policy.model import Policy
from server.policy.versions import Policies
from server.web.endpoint import Access, Call, Endpoint


class PolicyQuery(Schema):
    """Which version; without it the one that holds today."""

    version: Annotated[int, Field(ge=1, le=10_000)] | None = None


class SectionOut(Schema):
    """One section. `text`: paragraphs; those that begin with `- ` are points of a list."""

    key: str
    title: str
    text: list[str]


class VersionOut(Schema):
    """When a version holds, and by when it is looked at again."""

    version: int
    effective: date
    review_by: date


class PolicyReply(Schema):
    """A version in the caller's language; `purposes`: purpose -> version of the text that explains it."""

    policy: VersionOut
    purposes: dict[str, int]
    sections: list[SectionOut]
    versions: list[VersionOut]


def _version(policy: Policy) -> VersionOut:
    return VersionOut(version=policy.number, effective=policy.effective, review_by=policy.review_by)


def endpoints(policies: Policies, clock: Clock) -> Sequence[Endpoint]:
    """Declare the endpoint."""

    async def get_policy(call: Call) -> PolicyReply:
        wanted = call.query.version
        policy = policies.on(clock().date()) if wanted is None else policies.find(wanted)
        if policy is None:
            raise NotFound
        return PolicyReply(
            policy=_version(policy),
            purposes=dict(policy.purposes),
            sections=[
                SectionOut(key=one.key, title=one.title, text=list(one.text)) for one in policy.sections[call.locale]
            ],
            versions=[_version(one) for one in policies.all],
        )

    return (
        Endpoint(
            "GET",
            "/api/v1/privacy/policy",
            "The privacy policy: the version that holds, or another one",
            get_policy,
            PolicyReply,
            query=PolicyQuery,
            access=Access.PUBLIC,
        ),
    )
