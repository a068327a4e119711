"""What passes between the pool and a worker: frames, requests, answers. Pure: no sockets, no processes.

A frame is a length of four bytes, big-endian, and so many bytes of JSON.

- A request: `[batch, [item, ...]]`. An item is `[text, [name, ...]]` for a text to redact, and `[text, null, areas]`
  for a redacted one to triage; areas are those that there are, null for all that the model knows.
- An answer: `[batch, [spans, proposal or null, ...]]`; a span is `[start, end, label's position, score, source]`, a
  proposal `[value, confidence, words]` for each task; null stands for a text that could not be worked on.
- A worker's first frame: `[0, null]` when it is ready, `[0, reason]` when it can't be.

Must never put any part of a text into an exception.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import orjson

from nlp.labels import LABELS
from nlp.spans import Span
from nlp.triage_proposal import TriageProposal, as_rows

LENGTH_BYTES: Final = 4
MAX_FRAME: Final = 8 * 1024 * 1024
"""Bytes. Far above any batch the pool sends; a longer one means that the other side is out of step."""

_POSITION: Final = {label: position for position, label in enumerate(LABELS)}


class FrameError(Exception):
    """The other side sent something that is not a frame of this protocol."""


class FrameBuffer:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """Take what arrived.

        Yields:
            The decoded content of each frame that is whole now.

        Raises:
            FrameError: too long a frame, or not JSON.
        """
        held = self._held
        held += data
        position = 0
        while len(held) - position >= LENGTH_BYTES:
            start = position + LENGTH_BYTES
            length = int.from_bytes(held[position:start], "big")
            if length > MAX_FRAME:
                raise FrameError("the frame is too long")
            if len(held) < start + length:
                break
            try:
                content = orjson.loads(bytes(held[start : start + length]))
            except orjson.JSONDecodeError:
                # The decoder's error holds the text.
                raise FrameError("the frame is not JSON") from None
            position = start + length
            yield content
        if position:
            del held[:position]


def encode_item(text: str, known_names: Sequence[str]) -> bytes:
    """One text with the names known for it, as a piece of a request.

    Raises:
        ValueError: the text has lone surrogates, or a name is not a string.
    """
    try:
        return orjson.dumps([text, list(known_names)])
    except orjson.JSONEncodeError:
        # `from None`: as above.
        raise ValueError("the text is not valid Unicode") from None


def encode_question(text: str, areas: Collection[str] | None) -> bytes:
    """One redacted text to triage, as a piece of a request.

    Raises:
        ValueError: the text has lone surrogates.
    """
    try:
        return orjson.dumps([text, None, None if areas is None else sorted(areas)])
    except orjson.JSONEncodeError:
        # `from None`: as above.
        raise ValueError("the text is not valid Unicode") from None


def encode_request(batch: int, items: Sequence[bytes]) -> bytes:
    """The frame of a request.

    Raises:
        FrameError: longer than the other side would take.
    """
    return _framed(b"[%d,[%b]]" % (batch, b",".join(items)))


def encode_answer(batch: int, found: Sequence[Sequence[Span] | TriageProposal | None]) -> bytes:
    """The frame of an answer."""
    return _framed(orjson.dumps([batch, [_answer(one) for one in found]]))


def _answer(found: Sequence[Span] | TriageProposal | None) -> Sequence[Sequence[Any]] | None:
    if found is None:
        return None
    if isinstance(found, TriageProposal):
        return as_rows(found)
    return [(span.start, span.end, _POSITION[span.label], span.score, span.source) for span in found]


def encode_greeting(reason: str | None) -> bytes:
    """A worker's first frame: no reason when it is ready, else why it can't be, without any text in it."""
    return _framed(orjson.dumps([0, reason]))


def decode_spans(rows: Sequence[Sequence[Any]]) -> list[Span]:
    """The spans of one text."""
    return [Span(start, end, LABELS[label], score, source) for start, end, label, score, source in rows]


def _framed(content: bytes) -> bytes:
    if len(content) > MAX_FRAME:
        raise FrameError("the frame is too long")
    return len(content).to_bytes(LENGTH_BYTES, "big") + content
