"""The promises with their evidence, for anybody. Holds no id, and no figure that one person could be seen in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

from server.kernel.access import Access
from server.kernel.wire import Moment, Schema
from server.promises.evidence import Evidence, Kept
from server.promises.model import CLAUSES, Fact, Kind
from server.promises.words import Words
from server.web.endpoint import Call, Endpoint


class FactOut(Schema):
    """One piece of evidence.

    `number` is set for the kinds count, number and percent, `at` for moment and day, `yes` for yes; all three are null
    where it is not told because too few people stand behind it, or not known yet.
    """

    name: str
    part: str
    kind: Kind
    number: int | None
    at: Moment | None
    yes: bool | None


class PromiseOut(Schema):
    """A promise: what it says, what keeps it, how to see for oneself, and the evidence.

    `checked_at` is null while something was never checked; `failing_since` is null where all could be checked.
    """

    id: str
    title: str
    says: str
    control: str
    check: list[str]
    evidence: list[FactOut]
    checked_at: Moment | None
    failing_since: Moment | None


class PromisesReply(Schema):
    """All promises; figures about people below `least` are not told."""

    promises: list[PromiseOut]
    least: int


def endpoints(evidence: Evidence, words: Mapping[str, Mapping[str, Words]], least: int) -> Sequence[Endpoint]:
    """Declare the endpoint."""

    async def get_promises(call: Call) -> PromisesReply:
        said = words[call.locale]
        return PromisesReply(
            promises=[_promise(evidence.kept(clause), said[clause.id]) for clause in CLAUSES], least=least
        )

    return (
        Endpoint(
            "GET",
            "/api/v1/privacy/promises",
            "Every promise with what keeps it and its living evidence",
            get_promises,
            PromisesReply,
            access=Access.PUBLIC,
        ),
    )


def _promise(kept: Kept, words: Words) -> PromiseOut:
    return PromiseOut(
        id=kept.clause.id,
        title=words.title,
        says=words.says,
        control=words.control,
        check=list(words.check),
        evidence=[_fact(fact) for fact in kept.facts],
        checked_at=kept.checked_at,
        failing_since=kept.failing_since,
    )


def _fact(fact: Fact) -> FactOut:
    value = fact.value
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return FactOut(
        name=fact.name,
        part=fact.part,
        kind=fact.kind,
        number=value if is_number else None,
        at=moment_of(value) if isinstance(value, date) else None,
        yes=value if isinstance(value, bool) else None,
    )


def moment_of(value: date) -> datetime:
    """Give a moment as it is, and a day as the moment at which it begins."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
