"""The frames between pool and worker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.frames import (
    LENGTH_BYTES,
    MAX_FRAME,
    FrameBuffer,
    FrameError,
    decode_spans,
    encode_answer,
    encode_greeting,
    encode_item,
    encode_request,
)
from nlp.labels import LABELS
from nlp.spans import Span

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SPANS = st.builds(
    Span,
    start=st.integers(0, 4000),
    end=st.integers(0, 4000),
    label=st.sampled_from(LABELS),
    score=st.floats(0, 1),
    source=st.sampled_from(["names", "phone"]),
)


@given(st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=3))), st.integers(1, 7))
def test_requests_arrive_whole_however_they_are_cut(items: list[tuple[str, list[str]]], step: int) -> None:
    frame = encode_request(3, [encode_item(text, names) for text, names in items]) + encode_greeting(None)
    buffer = FrameBuffer()
    arrived = [content for at in range(0, len(frame), step) for content in buffer.feed(frame[at : at + step])]
    assert arrived == [[3, [[text, names] for text, names in items]], [0, None]]


@given(st.lists(st.none() | st.lists(SPANS)))
def test_answers_arrive_as_they_were_given(found: list[list[Span] | None]) -> None:
    ((batch, rows),) = FrameBuffer().feed(encode_answer(9, found))
    assert batch == 9
    assert [None if row is None else decode_spans(row) for row in rows] == found


def test_nonsense_is_refused_without_quoting_it() -> None:
    with pytest.raises(FrameError):
        list(FrameBuffer().feed((MAX_FRAME + 1).to_bytes(LENGTH_BYTES, "big")))
    with pytest.raises(FrameError) as caught:
        list(FrameBuffer().feed((4).to_bytes(LENGTH_BYTES, "big") + b"Budi"))
    assert caught.value.__cause__ is None
    assert "Budi" not in repr(caught.value)
    with pytest.raises(FrameError):
        encode_request(1, [b"x" * MAX_FRAME])
    with pytest.raises(ValueError, match="not valid Unicode") as caught_value:
        encode_item("Budi \ud800", ())
    assert "Budi" not in repr(caught_value.value)
