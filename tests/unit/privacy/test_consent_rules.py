"""Choices about purposes: the last one stands, consent is never presumed, a new text asks again."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from server.privacy.model import PURPOSES, Basis, Choice, may_use, standing
from server.web.catalogue import LOCALES

_AT = datetime(2026, 3, 1, tzinfo=UTC)


@st.composite
def _ledgers(draw: st.DrawFn) -> list[Choice]:
    steps = draw(st.lists(st.tuples(st.sampled_from(sorted(PURPOSES)), st.booleans(), st.integers(1, 2)), max_size=12))
    ledger = [Choice("a", number, *step, _AT) for number, step in enumerate(steps, start=1)]
    return draw(st.permutations(ledger))


@given(_ledgers())
def test_the_last_choice_stands(ledger: list[Choice]) -> None:
    """Whatever order the store gives them in."""
    for purpose, choice in standing(ledger).items():
        assert choice.number == max(item.number for item in ledger if item.purpose == purpose)
    assert set(standing(ledger)) == {item.purpose for item in ledger}


@given(_ledgers(), st.sampled_from(sorted(PURPOSES)))
def test_no_consent_without_a_yes_to_the_present_text(ledger: list[Choice], purpose: str) -> None:
    """Default off; an old yes does not count; a request needs no consent but can be withdrawn."""
    rule, last = PURPOSES[purpose], standing(ledger).get(purpose)
    if rule.basis is Basis.CONSENT:
        expected = last is not None and last.granted and last.version == rule.version
    else:
        expected = last is None or last.granted
    assert may_use(purpose, ledger) is expected


def test_nothing_is_agreed_to_at_first() -> None:
    """Only what was asked for is allowed."""
    allowed = {purpose for purpose in PURPOSES if may_use(purpose, [])}
    assert allowed == {purpose for purpose, rule in PURPOSES.items() if rule.basis is Basis.REQUEST}
    assert {"research", "marketing"} <= set(PURPOSES) - allowed
    assert LOCALES == ("id", "en")
