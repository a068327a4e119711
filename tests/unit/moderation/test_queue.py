"""The life of a review item, step by step and under random steps of everybody."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from moderation.queue import (
    SANCTIONS,
    WAITING,
    Case,
    Decision,
    Effect,
    Ruling,
    State,
    StepRefused,
    Why,
    appeal,
    can_appeal,
    claim,
    decide,
    effect_of,
    fits,
    release,
    report,
    sanction_of,
)
from moderation.queue import rule as rule_on

_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_CLAIM = timedelta(minutes=30)
_APPEAL = timedelta(days=30)
_AUTHOR = "author"
_PEOPLE = (_AUTHOR, "m1", "m2", "m3")

_AFTER: dict[State, set[State]] = {
    State.OPEN: {State.CLAIMED, State.DECIDED},
    State.CLAIMED: {State.OPEN, State.CLAIMED, State.DECIDED},
    State.DECIDED: {State.APPEALED},
    State.APPEALED: {State.UPHELD, State.OVERTURNED},
    State.UPHELD: set(),
    State.OVERTURNED: set(),
}


def _refusal(step: object, *arguments: object) -> Why:
    with pytest.raises(StepRefused) as caught:
        step(*arguments)  # type: ignore[operator]  # any of the steps
    return caught.value.why


@pytest.mark.parametrize(("held", "what"), list(product((False, True), Decision)))
def test_each_decision_has_its_effect(held: bool, what: Decision) -> None:
    """What is public is hidden and what was held is rejected; approved and edited texts are shown."""
    case = Case(_AUTHOR, held)
    if not fits(case, what):
        assert (held, what) in {(True, Decision.HIDE), (False, Decision.REJECT)}
        assert _refusal(decide, case, "m1", what, _NOW) is Why.UNFIT
        return
    done = decide(case, "m1", what, _NOW)
    shown = what in {Decision.APPROVE, Decision.EDIT}
    assert effect_of(done) is (Effect.PUBLISH if shown else Effect.REJECT if held else Effect.HIDE)
    assert sanction_of(done) is (what if what in SANCTIONS else None)
    assert can_appeal(done, _NOW, _APPEAL) is (what is not Decision.APPROVE)


def test_nobody_moderates_their_own_matter() -> None:
    """Neither as the author, nor as a reporter, nor the appeal of their own decision."""
    case = report(Case(_AUTHOR, held=False), "m2")
    for who, why in ((_AUTHOR, Why.OWN_TEXT), ("m2", Why.OWN_REPORT)):
        assert _refusal(claim, case, who, _NOW, _CLAIM) is why
        assert _refusal(decide, case, who, Decision.APPROVE, _NOW) is why
    appealed = appeal(decide(case, "m1", Decision.HIDE, _NOW), _AUTHOR, _NOW, _APPEAL)
    assert _refusal(rule_on, appealed, "m1", Ruling.UPHOLD, _NOW) is Why.OWN_DECISION
    assert _refusal(rule_on, appealed, _AUTHOR, Ruling.OVERTURN, _NOW) is Why.OWN_TEXT
    assert _refusal(rule_on, appealed, "m2", Ruling.OVERTURN, _NOW) is Why.OWN_REPORT
    assert _refusal(report, case, _AUTHOR) is Why.OWN_TEXT


def test_a_claim_keeps_others_away_for_a_while() -> None:
    """Until it is given back, or too old."""
    case = claim(Case(_AUTHOR, held=True), "m1", _NOW, _CLAIM)
    assert _refusal(decide, case, "m2", Decision.APPROVE, _NOW) is Why.TAKEN
    assert _refusal(claim, case, "m2", _NOW, _CLAIM) is Why.TAKEN
    assert _refusal(release, case, "m2") is Why.TAKEN
    assert decide(release(case, "m1"), "m2", Decision.APPROVE, _NOW).state is State.DECIDED
    assert decide(case, "m2", Decision.APPROVE, _NOW + _CLAIM).state is State.DECIDED
    assert _refusal(release, Case(_AUTHOR, held=True), "m1") is Why.STATE


def test_there_is_one_appeal_within_a_time() -> None:
    """By the author, against what was decided against them."""
    done = decide(Case(_AUTHOR, held=False), "m1", Decision.SUSPEND, _NOW)
    assert _refusal(appeal, done, "m1", _NOW, _APPEAL) is Why.NOT_THEIRS
    assert _refusal(appeal, done, _AUTHOR, _NOW + _APPEAL + timedelta(seconds=1), _APPEAL) is Why.LATE
    appealed = appeal(done, _AUTHOR, _NOW + _APPEAL, _APPEAL)
    assert _refusal(appeal, appealed, _AUTHOR, _NOW, _APPEAL) is Why.STATE
    kept = rule_on(appealed, "m2", Ruling.UPHOLD, _NOW)
    undone = rule_on(appealed, "m2", Ruling.OVERTURN, _NOW)
    assert (effect_of(kept), sanction_of(kept)) == (Effect.HIDE, Decision.SUSPEND)
    assert (effect_of(undone), sanction_of(undone)) == (Effect.PUBLISH, None)
    assert _refusal(appeal, kept, _AUTHOR, _NOW, _APPEAL) is Why.STATE
    approved = decide(Case(_AUTHOR, held=False), "m1", Decision.APPROVE, _NOW)
    assert _refusal(appeal, approved, _AUTHOR, _NOW, _APPEAL) is Why.FAVOURABLE


class Lives(RuleBasedStateMachine):
    """Everybody tries everything at any time; the rules hold at every moment."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case(_AUTHOR, held=False)
        self.now = _NOW
        self.steps: list[tuple[State, State]] = []
        self.decisions = self.appeals = self.rulings = 0

    def _try(self, after: Case | None) -> bool:
        if after is None:
            return False
        self.steps.append((self.case.state, after.state))
        self.case = after
        return True

    @precondition(lambda self: self.case.state is State.OPEN and not self.case.reporters)
    @rule(held=st.booleans())
    def comes_as(self, held: bool) -> None:
        self.case = Case(_AUTHOR, held, state=self.case.state)

    @rule(minutes=st.integers(0, 60 * 24 * 40))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(who=st.sampled_from(_PEOPLE))
    def claims(self, who: str) -> None:
        self._try(_or_none(claim, self.case, who, self.now, _CLAIM))

    @rule(who=st.sampled_from(_PEOPLE))
    def releases(self, who: str) -> None:
        self._try(_or_none(release, self.case, who))

    @rule(who=st.sampled_from(_PEOPLE))
    def reports(self, who: str) -> None:
        before = self.case
        after = _or_none(report, before, who)
        if after is not None:
            assert before.state in WAITING
            assert after.state is before.state
            self.case = after

    @rule(who=st.sampled_from(_PEOPLE), what=st.sampled_from(Decision))
    def decides(self, who: str, what: Decision) -> None:
        before = self.case
        if self._try(_or_none(decide, before, who, what, self.now)):
            self.decisions += 1
            assert who != _AUTHOR
            assert who not in before.reporters
            assert before.claim is None or before.claim.by == who or before.claim.until <= self.now

    @rule(who=st.sampled_from(_PEOPLE))
    def appeals_it(self, who: str) -> None:
        if self._try(_or_none(appeal, self.case, who, self.now, _APPEAL)):
            self.appeals += 1
            assert who == _AUTHOR

    @rule(who=st.sampled_from(_PEOPLE), what=st.sampled_from(Ruling))
    def rules(self, who: str, what: Ruling) -> None:
        before = self.case
        if self._try(_or_none(rule_on, before, who, what, self.now)):
            self.rulings += 1
            assert before.decided is not None
            assert who not in {_AUTHOR, before.decided.by, *before.reporters}

    @invariant()
    def only_known_steps_were_taken(self) -> None:
        assert all(after in _AFTER[before] for before, after in self.steps)

    @invariant()
    def each_comes_once_at_most(self) -> None:
        assert max(self.decisions, self.appeals, self.rulings) <= 1
        assert self.decisions >= self.appeals >= self.rulings

    @invariant()
    def what_is_written_fits_the_state(self) -> None:
        case = self.case
        assert (case.claim is not None) == (case.state is State.CLAIMED)
        assert (case.decided is None) == (case.state in WAITING)
        assert (case.appealed_at is not None) == (case.state in {State.APPEALED, State.UPHELD, State.OVERTURNED})
        assert (case.ruled is not None) == (case.state in {State.UPHELD, State.OVERTURNED})
        assert (effect_of(case) is Effect.NONE) == (case.state in WAITING)


def _or_none(step: object, *arguments: object) -> Case | None:
    try:
        after = step(*arguments)  # type: ignore[operator]  # any of the steps
    except StepRefused:
        return None
    assert isinstance(after, Case)
    return after


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
