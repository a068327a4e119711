"""Pieces of work as traces tell of them, and what may be in them. Pure.

A span names the kind of work, never what it was done with: a route's template, an event's name, a status, the type of
an exception. Names and attributes are taken from lists of our own; what is not on them never becomes a part of a span.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

from server.logs import looks_like

Value = str | int
"""What an attribute may be."""

METHODS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
"""RFC 9110 and 5789; what a client calls otherwise is `_OTHER`, as OpenTelemetry says."""

ATTRIBUTES: Final = frozenset(
    {"http.request.method", "http.route", "http.response.status_code", "error.type", "messaging.operation.name"}
)
"""Names of attributes, as in OpenTelemetry's semantic conventions."""

_PARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NOTHING_32: Final = "0" * 32
_NOTHING_16: Final = "0" * 16
_TEXT: Final = re.compile(r"[A-Za-z0-9_.:/{}*\- ]{1,120}")
_RANDOM_IDS: Final = re.compile(r"[a-f]")


class Kind(Enum):
    """What a span is in relation to others; the numbers are OTLP's."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3


@dataclass(frozen=True, slots=True)
class Context:
    """Where in which trace one is.

    Attributes:
        trace_id: 32 hexadecimal digits.
        span_id: 16 of them.
        sampled: whether spans of this trace are kept.
    """

    trace_id: str
    span_id: str
    sampled: bool = True

    def header(self) -> str:
        """Give it as a `traceparent` (W3C Trace Context, level 1)."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of work that is over.

    Attributes:
        context: its own ids.
        parent_id: id of the span that it is a part of; empty for the first of a trace.
        name: what kind of work; see `clean_name`.
        kind: in relation to others.
        began_ns: nanoseconds since 1970, UTC.
        lasted_ns: nanoseconds.
        attributes: by name, of `ATTRIBUTES`.
        failed: whether it went wrong for a reason of ours.
    """

    context: Context
    parent_id: str
    name: str
    kind: Kind
    began_ns: int
    lasted_ns: int
    attributes: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    failed: bool = False


def new_context(parent: Context | None = None, *, sampled: bool = True) -> Context:
    """Make the context of a new span: within its parent's trace, or in a trace of its own."""
    if parent is not None:
        return Context(parent.trace_id, secrets.token_hex(8), parent.sampled)
    return Context(secrets.token_hex(16), secrets.token_hex(8), sampled)


def parse_parent(header: str) -> Context | None:
    """Read a `traceparent`; None for what is none, and for ids that nobody drew by chance.

    Sixteen random bytes are never digits alone (once in some millions of traces, which then begins anew): such an id
    may be somebody's number in another dress.
    """
    found = _PARENT.fullmatch(header.strip())
    if found is None:
        return None
    trace_id, span_id, flags = found.groups()
    if trace_id == _NOTHING_32 or span_id == _NOTHING_16:
        return None
    if not (_RANDOM_IDS.search(trace_id) and _RANDOM_IDS.search(span_id)) or looks_like(f"{trace_id} {span_id}"):
        return None
    return Context(trace_id, span_id, bool(int(flags, 16) & 1))


def clean_method(method: str) -> str:
    """Give an HTTP method, or what stands for all that is none."""
    return method if method in METHODS else "_OTHER"


def clean(span: Span) -> tuple[Span | None, str]:
    """Give a span as it may leave, and what it lost: empty, or what its name or an attribute looked like.

    Returns:
        None for a span whose name can't be told; otherwise the span, without the attributes that can't.
    """
    fault = _fault(span.name)
    if fault:
        return None, fault
    kept = {name: value for name, value in span.attributes.items() if name in ATTRIBUTES and not _fault(value)}
    if len(kept) == len(span.attributes):
        return span, ""
    lost = next(_fault(value) or "attribute" for name, value in span.attributes.items() if name not in kept)
    return Span(
        span.context,
        span.parent_id,
        span.name,
        span.kind,
        span.began_ns,
        span.lasted_ns,
        MappingProxyType(kept),
        span.failed,
    ), lost


def _fault(value: Value) -> str:
    if isinstance(value, int):
        return ""
    return looks_like(value) or ("" if _TEXT.fullmatch(value) else "unknown")


def otlp(spans: list[Span], service: str, version: str) -> dict[str, object]:
    """Give spans as OTLP/JSON (opentelemetry-proto 1.x, `ExportTraceServiceRequest`)."""
    resource = {"attributes": [_attribute("service.name", service), _attribute("service.version", version)]}
    scope = {"name": "amanah", "version": version}
    return {
        "resourceSpans": [
            {"resource": resource, "scopeSpans": [{"scope": scope, "spans": [_otlp_span(span) for span in spans]}]}
        ]
    }


def _otlp_span(span: Span) -> dict[str, object]:
    told: dict[str, object] = {
        "traceId": span.context.trace_id,
        "spanId": span.context.span_id,
        "name": span.name,
        "kind": span.kind.value,
        "startTimeUnixNano": str(span.began_ns),
        "endTimeUnixNano": str(span.began_ns + span.lasted_ns),
        "attributes": [_attribute(name, value) for name, value in sorted(span.attributes.items())],
        "status": {"code": 2} if span.failed else {},
    }
    if span.parent_id:
        told["parentSpanId"] = span.parent_id
    return told


def _attribute(name: str, value: Value) -> dict[str, object]:
    told: dict[str, object] = {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}
    return {"key": name, "value": told}
