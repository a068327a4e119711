"""How long answers to surveys stay."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from server.kernel.retention import RetentionRule, Spared, Times, Way, Ways, stays
from server.surveys.model import Survey

_USUAL = 730


class Surveys(Protocol):
    """Where surveys are kept; `surveys.store` is."""

    async def all(self) -> list[Survey]: ...
    async def hanging(self, survey_id: str) -> dict[str, int]: ...
    async def clear(self, survey_id: str, kept: Collection[str] = ()) -> int: ...


def retention(surveys: Surveys, times: Times) -> Ways:
    """Give the rules: answers and invitations go so long after their survey's end; its question stays."""
    rule = RetentionRule(
        "survey:answer",
        ("survey_invitations", "survey_replies"),
        "research",
        times.of("survey:answer", _USUAL),
        "ending",
        "AMANAH_RETENTION",
        held_by=("account_id",),
    )
    keep = rule.keep or timedelta()

    async def over(now: datetime) -> list[str]:
        return [survey.id for survey in await surveys.all() if survey.ends_at < now - keep]

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        go = held = 0
        for survey_id in await over(now):
            hanging = await surveys.hanging(survey_id)
            kept = sum(hanging[account_id] for account_id in spared(hanging))
            go, held = go + sum(hanging.values()) - kept, held + kept
        return go, held

    async def sweep(now: datetime, spared: Spared) -> int:
        for survey_id in await over(now):
            gone = await surveys.clear(survey_id, spared(await surveys.hanging(survey_id)))
            if gone:
                return gone
        return 0

    return Ways(Way(rule, due, sweep), stays("survey:question", ("surveys",), "operation", "staff"))
