"""Counting signals, and giving them out. Must not see more of a text than its classes, nor keep who said what."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from nlp.labels import Label
from server.kernel.actor import Actor, Role
from server.kernel.errors import InvalidInput, NotPermitted
from server.kernel.ports import Clock
from server.signals.model import Counted, SaidBy, Signal, SignalCode, SignalKind, Surface, Traits

MOST_DAYS = 400


class SignalStore(Protocol):
    """Where counters are kept; `signals.store` says what each does."""

    async def mark(self, mark: bytes, at: datetime) -> bool: ...
    async def add(self, signal: Signal) -> None: ...
    async def between(self, first: str, last: str) -> Sequence[Counted]: ...


class SignalService:
    """All signals of one database.

    Args:
        store: where they are counted.
        key: 32 bytes, in no store: of the marks by which a repetition is told.
        model: name and version of the redactor in use.
        clock: the present moment.
    """

    def __init__(self, store: SignalStore, key: bytes, model: str, clock: Clock) -> None:
        self._store = store
        self._key = key
        self._model = model
        self._clock = clock

    async def count(
        self,
        actor: Actor,
        kind: SignalKind,
        label: Label,
        surface: Surface,
        *,
        subject: Sequence[str],
        traits: Traits,
        code: SignalCode | None = None,
    ) -> bool:
        """Count what somebody says about one piece of one text; the same person about the same piece once.

        A crash in the middle may lose the one signal; none is ever counted twice.

        Args:
            actor: who says it.
            kind: what.
            label: that the piece has, or should have.
            surface: where the text stands.
            subject: what names the piece: ids and placeholders, never content. Kept as a keyed digest only.
            traits: its classes.
            code: what it is instead.

        Returns:
            Whether it was not counted before.
        """
        at = self._clock()
        named = "\0".join([actor.account_id, kind.value, *subject])
        if not await self._store.mark(hmac.digest(self._key, named.encode(), hashlib.sha256)[:16], at):
            return False
        who = SaidBy.STAFF if actor.is_staff else SaidBy.WRITER
        await self._store.add(
            Signal(at.date().isoformat(), kind, label, surface, who, self._model, traits, code),
        )
        return True

    async def read(self, actor: Actor, first: date | None, last: date | None) -> list[Counted]:
        """Give the counters of some days to a privacy officer, ordered.

        Args:
            actor: who asks.
            first: the first day; None for as far back as `MOST_DAYS` allow.
            last: the last day; None for today.

        Raises:
            NotPermitted: somebody else asks.
            InvalidInput: the days are in the wrong order or too many.
        """
        if actor.role is not Role.PRIVACY_OFFICER:
            raise NotPermitted
        return await counted(self._store, first, last, self._clock().date())


async def counted(store: SignalStore, first: date | None, last: date | None, today: date) -> list[Counted]:
    """Give the counters of some days, ordered; see `SignalService.read`.

    Raises:
        InvalidInput: the days are in the wrong order or too many.
    """
    end = last or today
    begin = first or date.fromordinal(max(1, end.toordinal() - MOST_DAYS + 1))
    if begin > end or (end - begin).days >= MOST_DAYS:
        raise InvalidInput(fields={"from": "out_of_range"})
    found = await store.between(begin.isoformat(), end.isoformat())
    return sorted(found, key=lambda item: item.signal.key)
