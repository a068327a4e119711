"""An erasure from asking to proof. Pure: no store, no clock, no name of anybody.

Source of the right: UU No. 27/2022, articles 8 and 43 to 45; GDPR, article 17 alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from server.kernel.holdings import Fate

STEPS: Final = frozenset({"doors", "plan", "keys"})
"""Steps of an erasure beside the holdings: no more sessions, what is to be done, the end of the keys."""

_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_DOUBLINGS: Final = 10


class ErasureState(StrEnum):
    """Where an erasure stands."""

    WAITING = "waiting"
    """Its time has not come, or a legal hold keeps it waiting."""
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an erasure is not through: the step at which it last failed.

    Attributes:
        step: name of a holding, or one of `STEPS`.
        at: when; aware, UTC.
        tries: how often it has failed in a row.
        again_at: when it is tried again by itself.
        hurried: whether an officer has said since that it is to go on now.
    """

    step: str
    at: datetime
    tries: int
    again_at: datetime
    hurried: bool = False


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that is not done yet.

    Attributes:
        account_id: whose. Nothing keeps it once it is done.
        reference: number that stands on the proof; of no use for finding anybody.
        secret_hash: SHA-256 of the secret with which the proof is asked for; empty for one that is done again after an
            older copy of the data was brought back.
        state: waiting or running.
        asked_at: aware, UTC.
        due_at: from when on it may begin.
        done: names of the holdings that are through.
        fates: what it was to do, as seen when it began; nothing before.
        again: whether it was done before, on data that a backup brought back.
        failed: where it last failed; None where it has not, or has come further since.
    """

    account_id: str
    reference: str
    secret_hash: str = field(repr=False)
    state: ErasureState
    asked_at: datetime
    due_at: datetime
    done: tuple[str, ...] = ()
    fates: tuple[Fate, ...] = ()
    again: bool = False
    failed: Failure | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What stays of an erasure: that it was done, with no word of whose it was.

    Attributes:
        reference: number.
        secret_hash: SHA-256 of the secret with which it is asked for.
        asked_at: aware, UTC.
        done_at: aware, UTC.
        fates: what went and what stayed.
    """

    reference: str
    secret_hash: str = field(repr=False)
    asked_at: datetime
    done_at: datetime
    fates: tuple[Fate, ...]


def due_from(asked_at: datetime, cooling: timedelta, *, at_once: bool) -> datetime:
    """Say from when on an erasure may begin; visitors have nothing to sign in with, so nothing to take back with."""
    return asked_at if at_once else asked_at + cooling


def again_from(now: datetime, tries: int) -> datetime:
    """Say when one that failed is tried again by itself: each time after twice as long, an hour at most.

    Args:
        now: when it failed.
        tries: how often it had failed before.
    """
    return now + min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(tries, _DOUBLINGS)))


def added(fates: Sequence[Fate]) -> tuple[Fate, ...]:
    """Add up what several holdings say of the same kind; what nothing happens to is left out."""
    sums: dict[str, Fate] = {}
    for fate in fates:
        before = sums.get(fate.kind, Fate(fate.kind, 0))
        sums[fate.kind] = Fate(
            fate.kind, before.gone + fate.gone, before.stays + fate.stays, fate.why if fate.stays else before.why
        )
    return tuple(fate for fate in sums.values() if fate.gone or fate.stays)


def statement(company: str, proof: Proof) -> str:
    """Give the text that is signed: one fact a line, so that anybody can read it and any program can check it."""
    lines = [
        "amanah erasure proof 1",
        f"company: {' '.join(company.split())}",
        f"reference: {proof.reference}",
        f"asked: {_shown(proof.asked_at)}",
        f"done: {_shown(proof.done_at)}",
    ]
    for fate in sorted(proof.fates, key=lambda fate: fate.kind):
        why = f" ({fate.why.value})" if fate.why is not None and fate.stays else ""
        lines.append(f"{fate.kind}: {fate.gone} erased, {fate.stays} kept without anybody{why}")
    return "\n".join(lines) + "\n"


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
