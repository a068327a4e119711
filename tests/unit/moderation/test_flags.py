"""What reports weigh, and when they hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.flags import Weighed, hides, weight
from moderation.policy import Policy

_POLICY = Policy()


def test_trust_and_being_right_weigh() -> None:
    """More with the level, more with each report that was right, less with each that was not."""
    levels = [weight(level, 0, 0, _POLICY) for level in range(5)]
    assert levels == sorted(levels) == list(_POLICY.flag_weights)
    assert weight(1, 10, 0, _POLICY) > weight(1, 0, 0, _POLICY) > weight(1, 0, 10, _POLICY)
    assert weight(0, 0, 0, _POLICY, by_staff=True) >= _POLICY.flag_hide_at


@pytest.mark.parametrize(
    ("reports", "level", "hidden"),
    [
        ([], 0, False),
        ([Weighed(100.0)], 0, False),
        ([Weighed(4.0, by_staff=True)], 0, True),
        ([Weighed(4.0, by_staff=True)], 4, True),
        ([Weighed(2.0), Weighed(1.9)], 0, False),
        ([Weighed(2.0), Weighed(2.0)], 0, True),
        ([Weighed(2.0), Weighed(2.0)], 4, False),
        ([Weighed(1.3, urgent=True), Weighed(1.3, urgent=True)], 0, True),
        ([Weighed(1.3, urgent=True), Weighed(1.3)], 0, False),
        ([Weighed(0.5)] * 7, 0, False),
        ([Weighed(0.5)] * 8, 0, True),
    ],
)
def test_reports_hide_from_a_weight_on(reports: list[Weighed], level: int, hidden: bool) -> None:
    """Two people at least; sooner where each minute harms; later for whom many trust."""
    assert hides(reports, level, _POLICY) is hidden


def test_staff_is_never_hidden_by_reports() -> None:
    """A crowd can't silence the company's answers; a moderator can."""
    assert not hides([Weighed(50.0)] * 9, 0, _POLICY, author_is_staff=True)


@given(st.lists(st.floats(0, 5), max_size=8), st.floats(0, 5), st.integers(0, 4))
def test_one_more_report_never_unhides(weights: list[float], more: float, level: int) -> None:
    """Weighing is monotonous."""
    reports = [Weighed(item) for item in weights]
    assert hides([*reports, Weighed(more)], level, _POLICY) or not hides(reports, level, _POLICY)
