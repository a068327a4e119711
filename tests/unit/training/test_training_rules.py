"""Training: marking, until when a pass holds, coverage; and that what ships can be learnt and passed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.kernel.actor import STAFF_ROLES, Role
from server.training.model import (
    Coverage,
    Lesson,
    Module,
    Pass,
    Policy,
    Question,
    Rules,
    State,
    holds,
    mark,
    share,
    state_of,
)
from server.training.modules import read_modules

_NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_RULES = Rules(80, timedelta(days=365), timedelta(days=14))
_POLICY = Policy(2, date(2026, 11, 20))
_MODULE = Module("basics", 1, 3, 5, frozenset({Role.AGENT}), {})


def _pass(days_ago: float, *, version: int = 3, policy: int = 2) -> Pass:
    return Pass("A", "basics", version, policy, 100, _NOW - timedelta(days=days_ago))


@pytest.mark.parametrize(
    ("held", "state"),
    [
        (None, State.NEVER),
        (_pass(0), State.CURRENT),
        (_pass(350), State.CURRENT),
        (_pass(351), State.ENDING),
        (_pass(364.9), State.ENDING),
        (_pass(365), State.EXPIRED),
        (_pass(1, version=2), State.OUTDATED),
        (_pass(10, policy=1), State.ENDING),
        (_pass(365, policy=1), State.EXPIRED),
    ],
)
def test_until_when_a_pass_holds(held: Pass | None, state: State) -> None:
    assert state_of(_MODULE, held, _POLICY, _RULES, _NOW) is state


def test_a_new_policy_asks_again_after_some_days() -> None:
    """Nobody is locked out at midnight, and nobody goes on for long by what no longer holds."""
    last = datetime(2026, 12, 3, 23, 59, tzinfo=UTC)
    assert holds(state_of(_MODULE, _pass(10, policy=1), _POLICY, _RULES, last))
    later = last + timedelta(minutes=1)
    assert state_of(_MODULE, _pass(10, policy=1), _POLICY, _RULES, later) is State.OUTDATED


def test_marking() -> None:
    asked = tuple(Question(str(number), "?", ("a", "b", "c"), number % 3, "!") for number in range(5))
    right = {question.key: question.right for question in asked}
    assert mark(asked, right).percent == 100
    assert mark(asked, right | {"0": 2}).percent == 80
    assert mark(asked, right | {"0": 2, "1": 0}).percent == 60
    assert mark(asked, {}).percent == 0
    assert mark(asked, right | {"0": 2}).right == {"0": False, "1": True, "2": True, "3": True, "4": True}


def test_coverage() -> None:
    assert share([Coverage("a", 1, 2), Coverage("b", 1, 1)]) == 66
    assert share([Coverage("a", 0, 3)]) == 0
    assert share([]) is None


def test_everybody_who_works_here_has_something_to_learn() -> None:
    modules = read_modules()
    for role in STAFF_ROLES:
        assert [module for module in modules if role in module.roles], role
    assert [module.key for module in modules if not module.roles] == ["everybody"]


@pytest.mark.parametrize("module", read_modules(), ids=lambda module: module.key)
def test_what_ships_can_be_learnt(module: Module) -> None:
    """Both languages ask the same, no option stands twice, and always choosing the same place does not pass."""
    lessons = [module.lessons[locale] for locale in ("id", "en")]
    assert [one.key for one in lessons[0].questions] == [one.key for one in lessons[1].questions]
    for lesson in lessons:
        assert all(len(set(question.options)) == len(question.options) for question in lesson.questions)
        assert all(question.why and question.text.endswith("?") for question in lesson.questions)
    for place in range(3):
        assert _marked_always(lessons[0], place) < 80


def _marked_always(lesson: Lesson, place: int) -> int:
    return mark(lesson.questions, {question.key: place for question in lesson.questions}).percent
