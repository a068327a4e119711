"""Which pieces of a stored message may be hidden, and what the message is afterwards."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from nlp.placeholders import PLACEHOLDER
from server.chat.hiding import MOST_HIDDEN, label_of, piece_of, with_cuts
from server.chat.model import Message
from server.kernel.errors import InvalidInput
from server.kernel.text import Cut, Hidden, RedactedText, redactions_of

_KNOWN = ((Hidden(Label.PHONE, "aa"), 1),)
_TEXT = "WA ⟦PHONE:1⟧, atas nama (Wagiyem) 🙏 ya"


def _message(text: str = _TEXT) -> Message:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Message("c", 1, "k", "a", RedactedText(text), _KNOWN, redactions_of(_KNOWN), at)


def test_edges_are_taken_off() -> None:
    start, end = _TEXT.index(" (Wag"), _TEXT.index(" ya")
    assert piece_of(RedactedText(_TEXT), start, end, Label.PERSON) == (_TEXT.index("Wag"), _TEXT.index(")"))


def test_the_signs_of_a_secret_belong_to_it() -> None:
    text = RedactedText("sandi !Xq7! ya")
    assert piece_of(text, 5, 12, Label.SECRET) == (6, 11)


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (0, 99, {"end": "out_of_range"}),
        (4, 4, {"end": "out_of_range"}),
        (5, 4, {"end": "out_of_range"}),
        (-1, 4, {"end": "out_of_range"}),
        (12, 14, {"start": "required"}),
        (0, 5, {"start": "not_allowed"}),
        (3, 12, {"start": "not_allowed"}),
        (4, 9, {"start": "not_allowed"}),
        (9, 18, {"start": "not_allowed"}),
        (0, 30, {"start": "not_allowed"}),
    ],
)
def test_a_piece_that_can_not_be_hidden_is_refused(start: int, end: int, reason: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        piece_of(RedactedText(_TEXT), start, end, Label.PERSON)
    assert dict(refused.value.fields) == reason


def test_a_piece_may_be_so_long_and_no_longer() -> None:
    text = RedactedText("a" * 300)
    assert piece_of(text, 0, MOST_HIDDEN, Label.ADDRESS) == (0, MOST_HIDDEN)
    with pytest.raises(InvalidInput):
        piece_of(text, 0, MOST_HIDDEN + 1, Label.ADDRESS)


@given(st.integers(-2, len(_TEXT) + 2), st.integers(-2, len(_TEXT) + 2), st.sampled_from(Label))
def test_whatever_is_accepted_leaves_every_placeholder_whole(start: int, end: int, label: Label) -> None:
    """And the piece is gone, one revision later."""
    message = _message()
    try:
        first, last = piece_of(message.text, start, end, label)
    except InvalidInput:
        return
    after = with_cuts(message, [Cut(first, last, Hidden(label, "bb"), 7)])
    assert after.text.value == _TEXT[:first] + f"⟦{label.value}:7⟧" + _TEXT[last:]
    assert "⟦PHONE:1⟧" in [hit[0] for hit in PLACEHOLDER.finditer(after.text.value)]
    assert {item.placeholder for item in after.redactions} == {"⟦PHONE:1⟧", f"⟦{label.value}:7⟧"}
    assert (after.revision, after.seq, after.created_at) == (1, message.seq, message.created_at)


def test_a_placeholder_of_the_message_has_a_label() -> None:
    assert label_of(_message(), "⟦PHONE:1⟧") is Label.PHONE
    with pytest.raises(InvalidInput):
        label_of(_message(), "⟦PHONE:2⟧")
