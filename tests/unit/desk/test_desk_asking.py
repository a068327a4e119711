"""What a customer can be asked about is what the feedback board takes."""

from typing import get_args

from server.desk.schemas import FeedbackKind
from server.feedback.model import Kind


def test_the_kinds_are_those_of_the_feedback_board() -> None:
    assert set(get_args(FeedbackKind)) == {kind.value for kind in Kind}
