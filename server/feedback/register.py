"""The register of complaints for auditors: every complaint with what became of it and when, redacted. CSV or JSON.

Holds nothing that is not redacted; whose a complaint is, it names by a number that means something within one export
only, and of files no more than how many there are. Must not say who may have it.
"""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import orjson

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.model import Item, Kind, State
from server.kernel.actor import Actor
from server.kernel.errors import RedactionUnavailable, Unavailable
from server.kernel.ports import Clock, Limiter
from server.kernel.publishing import PublicationGate, PublicUse
from server.kernel.text import joined
from server.kernel.wire import rfc3339

CSV: Final = "text/csv"
JSON: Final = "application/json"
_WINDOW: Final = 256
_COLUMNS: Final = (
    "number",
    "received_at",
    "area",
    "priority",
    "state",
    "title",
    "text",
    "sender",
    "handler",
    "acknowledged_at",
    "answered_at",
    "resolved_at",
    "answer",
    "reopened",
    "rating",
    "attachments",
    "withheld",
)
_TEXTS: Final = ("title", "text", "answer")
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell."""


class ItemStore(Protocol):
    """What is needed of the store."""

    async def last_number(self) -> int: ...
    async def numbered_window(self, above: int, up_to: int) -> list[Item]: ...


class Register:
    """Writes the register. Complaints whose texts identify somebody without their permission are told without texts."""

    def __init__(self, store: ItemStore, audit: AuditTrail, limiter: Limiter, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._gate: PublicationGate | None = None

    def guard(self, gate: PublicationGate) -> None:
        """Say what every text passes; until then no register is written."""
        self._gate = gate

    async def export(
        self, actor: Actor, form: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[bytes]:
        """Give the register of complaints that were received in a span of time.

        Args:
            actor: who asks; an entry in the trail says so.
            form: `CSV` or `JSON`.
            since: the first moment, or None for the beginning.
            until: the moment after the last, or None for now.

        Raises:
            RateLimited: too often.
            Unavailable: nobody looks at what leaves yet.
        """
        if self._gate is None:
            raise Unavailable
        await self._limiter.spend("feedback_export", actor.account_id)
        await self._audit.append([AuditEntry("feedback:register:exported", actor.account_id, (), self._clock())])
        rows = self._rows(self._gate, since, until)
        return _as_csv(rows) if form == CSV else _as_json(rows)

    async def _rows(
        self, gate: PublicationGate, since: datetime | None, until: datetime | None
    ) -> AsyncIterator[Mapping[str, Any]]:
        people: dict[str, int] = {}
        top = await self._store.last_number()
        for above in range(0, top, _WINDOW):
            window = await self._store.numbered_window(above, min(above + _WINDOW, top))
            for item in sorted(window, key=lambda item: item.number):
                if item.kind is not Kind.COMPLAINT:
                    continue
                if (since and item.created_at < since) or (until and item.created_at >= until):
                    continue
                yield await _fit(gate, item, _row(item, people))


async def _fit(gate: PublicationGate, item: Item, row: dict[str, Any]) -> dict[str, Any]:
    """Give a row without its texts where the gate refuses them; nobody can say: likewise."""
    texts = [joined(item.title, item.text), *([item.response.text] if item.response else [])]
    people = [item.author_id] if item.author_id else []
    try:
        verdicts = [await gate.examine(PublicUse.REGISTER, text, people, object_id=item.id) for text in texts]
        withheld = not all(verdict.allowed for verdict in verdicts)
    except RedactionUnavailable:
        withheld = True
    return {**row, **dict.fromkeys(_TEXTS, ""), "withheld": True} if withheld else row


def _row(item: Item, people: dict[str, int]) -> dict[str, Any]:
    answered = _reached(item, State.ANSWERED) or (item.response.at if item.response else None)
    values = (
        item.number,
        rfc3339(item.created_at),
        item.area or "",
        item.priority.value,
        item.state.value,
        item.title.value,
        item.text.value,
        _named(people, item.author_id),
        _named(people, item.assignee_id),
        _moment(_reached(item, State.ACKNOWLEDGED)),
        _moment(answered),
        _moment(_reached(item, State.RESOLVED)),
        item.response.text.value if item.response else "",
        item.reopened,
        item.rating.stars if item.rating else None,
        len(item.files),
        False,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _named(people: dict[str, int], account_id: str | None) -> int | None:
    return people.setdefault(account_id, len(people) + 1) if account_id else None


def _reached(item: Item, state: State) -> datetime | None:
    return next((step.at for step in item.history if step.state is state), None)


def _moment(at: datetime | None) -> str:
    return rfc3339(at) if at else ""


async def _as_csv(rows: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    yield b"\xef\xbb\xbf" + _line(_COLUMNS)
    async for row in rows:
        yield _line(tuple(_cell(row[name]) for name in _COLUMNS))


def _line(cells: tuple[Any, ...]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


async def _as_json(rows: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    opening = first = b'{"complaints":['
    async for row in rows:
        yield opening + orjson.dumps(row)
        opening = b",\n"
    yield (first if opening is first else b"") + b"]}"
