"""Traces say what kind of work was done, never with what: ids, names, attributes, what is left of a foreign header."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from server.telemetry.exporting import FileExporter
from server.telemetry.spans import Context, Kind, Span, clean, clean_method, new_context, otlp, parse_parent
from server.telemetry.tracing import Tracer, parent_header
from tests.privacy.canaries import CANARIES, traces_in

_TRACE, _SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
_HEADER = f"00-{_TRACE}-{_SPAN}-01"


class _Shelf:
    """Keeps what is handed on, or takes nothing."""

    def __init__(self, *, takes: bool = True) -> None:
        self.spans: list[Span] = []
        self.takes = takes

    async def export(self, spans: Sequence[Span]) -> bool:
        self.spans += spans if self.takes else ()
        return self.takes

    async def close(self) -> None:
        """Nothing is held."""


def _span(name: str, **attributes: str | int) -> Span:
    named = {key.replace("_", "."): value for key, value in attributes.items()}
    return Span(new_context(), "", name, Kind.SERVER, 1_000, 50, named)


def test_a_parent_is_read_and_written() -> None:
    """As W3C Trace Context says, level 1."""
    parent = parse_parent(_HEADER)
    assert parent == Context(_TRACE, _SPAN, True)
    assert parent.header() == _HEADER
    unsampled = parse_parent(f"00-{_TRACE}-{_SPAN}-00")
    assert unsampled is not None
    assert not unsampled.sampled
    child = new_context(parent)
    assert (child.trace_id, len(child.span_id), child.sampled) == (_TRACE, 16, True)
    assert child.span_id != _SPAN


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        f"00-{_TRACE}-{_SPAN}",
        f"01-{_TRACE}-{_SPAN}-01",
        f"00-{'0' * 32}-{_SPAN}-01",
        f"00-{_TRACE}-{'0' * 16}-01",
        f"00-{_TRACE.upper()}-{_SPAN}-01",
        # A telephone number with noughts before it.
        "00-00000000000000000006281290713648-" + _SPAN + "-01",
        f"00-{_TRACE}-0006281290713648-01",
        f"00-{_TRACE}-{_SPAN}-01-budi@contoh.id",
    ],
)
def test_what_is_no_parent(header: str) -> None:
    """Nor is one whose ids nobody drew by chance."""
    assert parse_parent(header) is None


def test_nothing_foreign_is_in_a_span() -> None:
    """What looks like an identifier, has an odd form or no name of ours does not leave."""
    for canary in CANARIES:
        kept, _ = clean(_span("GET /saran/{number}", note=canary.sentence))
        assert kept is not None
        assert kept.attributes == {}
        told = orjson.dumps(otlp([kept], "amanah", "1"))
        assert traces_in(told, [canary]) == {}
    assert clean(_span("GET /saran/budi@contoh.id")) == (None, "email")
    assert clean(_span("GET <script>")) == (None, "unknown")
    whole = _span("GET /saran/{number}", http_route="/saran/{number}")
    assert clean(whole) == (whole, "")
    assert clean_method("BUDI") == "_OTHER"


async def test_work_within_work_is_one_trace() -> None:
    """Spans tell of each other; a failure is told by its type."""
    shelf = _Shelf()
    tracer = Tracer(shelf)
    with tracer.span("outer") as outer:
        assert outer is not None
        assert parent_header() == {"traceparent": outer.context.header()}
        with pytest.raises(ValueError, match="budi"), tracer.span("inner"):
            raise ValueError("budi@contoh.id")
    assert parent_header() == {}
    await tracer.close()
    inner, around = shelf.spans
    assert (inner.context.trace_id, inner.parent_id) == (around.context.trace_id, around.context.span_id)
    assert (inner.failed, dict(inner.attributes)) == (True, {"error.type": "ValueError"})
    assert not around.failed
    assert b"budi" not in orjson.dumps(otlp(shelf.spans, "amanah", "1"))


async def test_a_callers_trace_goes_on_only_where_that_was_said() -> None:
    """Otherwise anybody could write what they like into ours."""
    shelf = _Shelf()
    for continues in (False, True):
        tracer = Tracer(shelf, continues=continues)
        with tracer.span("work", parent=_HEADER):
            pass
        await tracer.close()
    assert [span.context.trace_id == _TRACE for span in shelf.spans] == [False, True]
    assert [span.parent_id for span in shelf.spans] == ["", _SPAN]


async def test_a_share_is_kept_and_what_does_not_leave_is_counted() -> None:
    """Nothing waits for a collector."""
    shelf = _Shelf()
    chances = iter((0.1, 0.9))
    tracer = Tracer(shelf, share=0.5, chance=lambda: next(chances))
    for _ in range(2):
        with tracer.span("work"):
            pass
    await tracer.close()
    assert len(shelf.spans) == 1
    refusing = Tracer(_Shelf(takes=False))
    for _ in range(3):
        with refusing.span("work"):
            pass
    await refusing.close()
    assert refusing.lost == {"refused": 3}


async def test_without_a_place_nothing_is_traced() -> None:
    """It is off."""
    tracer = Tracer(None)
    with tracer.span("work") as span:
        assert span is None
    assert not tracer.on


async def test_a_file_takes_lines_and_is_begun_anew(tmp_path: Path) -> None:
    """Readable by its owner alone; one older file stays."""
    path = tmp_path / "traces.jsonl"
    exporter = FileExporter(path, "1", most=2_000)
    for _ in range(12):
        assert await exporter.export([_span("work")])
    lines = await asyncio.to_thread(path.read_bytes)
    assert all(orjson.loads(line)["resourceSpans"] for line in lines.splitlines())
    assert path.stat().st_mode & 0o777 == 0o600
    there = await asyncio.to_thread(lambda: sorted(file.name for file in tmp_path.iterdir()))
    assert there == ["traces.1.jsonl", "traces.jsonl"]
    assert not await FileExporter(tmp_path / "nowhere" / "x", "1").export([_span("work")])
