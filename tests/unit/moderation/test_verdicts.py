"""The policy on redacted texts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.verdicts import ACCEPTED, MAX_LINKS, Outcome, judge


@pytest.mark.parametrize("text", ["halo", ".", "😀", "⟦PHONE:1⟧", "\u200ba", "٣", "https://a.example " * MAX_LINKS])
def test_what_can_be_seen_is_accepted(text: str) -> None:
    """One visible character is enough."""
    assert judge(text) == ACCEPTED


@pytest.mark.parametrize("text", ["", " ", "\u00a0\u2028\u200b", "\x07\x1b", "\U000e0041", "\ufdd0", "\ue000"])
def test_what_can_t_be_seen_is_refused(text: str) -> None:
    """Separators, control, format, private and unassigned characters leave no ink."""
    assert (judge(text).outcome, judge(text).reason) == (Outcome.REFUSE, "required")


def test_more_links_than_anybody_needs() -> None:
    """Both schemes count."""
    spam = "http://a.example " * MAX_LINKS + "https://b.example"
    assert (judge(spam).outcome, judge(spam).reason) == (Outcome.REFUSE, "too_many_links")


@given(st.text(max_size=60))
def test_every_text_has_a_verdict(text: str) -> None:
    """Refused for want of ink exactly when every character is a separator or of category C."""
    inkless = all(unicodedata.category(character)[0] in "ZC" for character in text)
    assert (judge(text).reason == "required") is inkless
