"""Lessons, their questions, and the pass that answering them gives: pure rules about who needs which and until when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from server.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class Question:
    """One question in one language.

    Attributes:
        key: the same in all languages.
        text: what is asked.
        options: what can be answered.
        right: place of the right answer among them.
        why: why it is.
    """

    key: str
    text: str
    options: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A module in one language.

    Attributes:
        title: its heading.
        text: paragraphs; those that begin with `- ` are points of a list.
        questions: about it.
    """

    title: str
    text: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """A module.

    Attributes:
        key: its name in addresses.
        order: its place among the others.
        version: rises with each change of meaning; who passed another one is asked again.
        minutes: about how long it takes.
        roles: for whom it is; for nobody: for whoever likes to learn; no answer is kept.
        lessons: locale -> its text.
    """

    key: str
    order: int
    version: int
    minutes: int
    roles: frozenset[Role]
    lessons: Mapping[str, Lesson]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator has set.

    Attributes:
        pass_percent: of the questions that have to be answered rightly.
        lasts: for how long a pass holds.
        grace: for how long passes that were made under the policy before still hold once a new one does.
        reminder: how long before its end a pass is said to end soon.
    """

    pass_percent: int
    lasts: timedelta
    grace: timedelta
    reminder: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Pass:
    """That somebody has passed a module.

    Attributes:
        account_id: who.
        module: key of it.
        version: of the module.
        policy: number of the privacy policy that held.
        percent: rightly answered.
        at: aware, UTC.
    """

    account_id: str
    module: str
    version: int
    policy: int
    percent: int
    at: datetime


class State(StrEnum):
    """How somebody stands with a module."""

    NEVER = "never"
    CURRENT = "current"
    ENDING = "ending"
    """It holds and ends soon."""
    EXPIRED = "expired"
    OUTDATED = "outdated"
    """The module or the privacy policy is another one now."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The privacy policy that holds.

    Attributes:
        number: of the version.
        effective: since when.
    """

    number: int
    effective: date


def state_of(module: Module, held: Pass | None, policy: Policy, rules: Rules, now: datetime) -> State:
    """Say how somebody stands with a module."""
    if held is None:
        return State.NEVER
    if held.version != module.version:
        return State.OUTDATED
    if held.policy != policy.number and now.date() >= policy.effective + rules.grace:
        return State.OUTDATED
    left = held.at + rules.lasts - now
    if left <= timedelta(0):
        return State.EXPIRED
    return State.ENDING if left <= rules.reminder or held.policy != policy.number else State.CURRENT


def holds(state: State) -> bool:
    """Whether a pass in this state opens what it is needed for."""
    return state in {State.CURRENT, State.ENDING}


@dataclass(frozen=True, slots=True)
class Marked:
    """An attempt, marked.

    Attributes:
        percent: rightly answered, rounded down.
        right: key of a question -> whether it was.
    """

    percent: int
    right: Mapping[str, bool]


def mark(questions: Sequence[Question], answers: Mapping[str, int]) -> Marked:
    """Mark answers: key of a question -> place of the chosen option. What is not answered is not right."""
    right = {question.key: answers.get(question.key) == question.right for question in questions}
    return Marked(100 * sum(right.values()) // max(1, len(right)), right)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of those who need a module hold it."""

    module: str
    holding: int
    needing: int


def share(coverage: Iterable[Coverage]) -> int | None:
    """Give the percentage of passes that are held of all that are needed, rounded down; None where none is needed."""
    counted = list(coverage)
    needing = sum(one.needing for one in counted)
    return 100 * sum(one.holding for one in counted) // needing if needing else None
