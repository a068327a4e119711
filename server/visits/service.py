"""Use cases around visits: write them down, show them to the person, forget the full values, know a device again.

Full addresses and user agents go to the store sealed and come out for the person only. Never logs either.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.ids import moment_of, new_id
from server.kernel.ports import Clock
from server.kernel.retention import Spared, nothing_held
from server.visits.model import HOUR, KEPT, Visit, device_of, hour_of, place_of

logger = logging.getLogger("amanah.visits")

_FIRST_WINDOW = 24
"""Hours that are read at first; each window without enough in it is followed by one twice as long."""

_LONGEST_WINDOW = 24 * 90
_AGAIN = 12
"""A session that is used after so many hours without is a visit again."""

_REMEMBERED = 20_000
_MOST_AT_ONCE = 64


class Familiarity(Enum):
    """What is known of where an account is signed in from."""

    FIRST = "first"
    """The account has never been signed in before."""

    KNOWN = "known"
    NEW = "new"


class VisitStore(Protocol):
    """Where visits and known devices are kept; `visits.store` says what each does."""

    async def insert(self, visit: Visit) -> None: ...
    async def between(self, account_id: str, first_hour: int, last_hour: int) -> list[Visit]: ...
    async def drop_full(self, hour: int, spared: Spared) -> int: ...
    async def drop(self, hour: int, spared: Spared) -> int: ...
    async def swept(self) -> Mapping[str, int]: ...
    async def set_swept(self, what: str, hour: int) -> None: ...
    async def known(self, digests: Sequence[str]) -> bool: ...
    async def has_known(self, account_id: str) -> bool: ...
    async def learn(self, account_id: str, digests: Sequence[str], at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Page:
    """Some visits, the latest first.

    Attributes:
        visits: of one person.
        has_more: whether there are earlier ones.
    """

    visits: list[Visit]
    has_more: bool


class VisitLog:
    """Who was here, when and from where.

    Args:
        store: where it is kept.
        clock: the time.
        key: for the digests by which devices are known again.
        full_for: how long full addresses and user agents are kept.
    """

    def __init__(self, store: VisitStore, clock: Clock, key: bytes, *, full_for: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self._full_for = full_for
        self._seen: dict[str, tuple[bytes, int]] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def record(self, account_id: str, session_id: str, caller: Caller) -> None:
        """Write down that a session was opened."""
        self._remember(session_id, caller)
        await self._store.insert(self._visit(account_id, session_id, caller, signed_in=True))

    def observe(self, actor: Actor, caller: Caller) -> None:
        """Take note that a session is in use; it is a visit of its own from elsewhere, or after half a day.

        Costs a look into memory; what is written is written beside the request.
        """
        before = self._seen.get(actor.session_id)
        after = self._remember(actor.session_id, caller)
        if before is None or (before[0] == after[0] and after[1] - before[1] < _AGAIN):
            return
        if len(self._writing) >= _MOST_AT_ONCE:
            logger.warning("too many visits at once: one was not written down")
            return
        visit = self._visit(actor.account_id, actor.session_id, caller, signed_in=False)
        task = asyncio.create_task(self._write(visit), name="visit")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def page(self, account_id: str, *, limit: int, before: str | None) -> Page:
        """Give a person's own visits, the latest first, with the full values that are still kept.

        Args:
            account_id: whose.
            limit: how many.
            before: id of the last one of the page before; None for the first page.
        """
        await self.settle()
        now = self._clock()
        oldest = hour_of(now - KEPT)
        last = hour_of(now) if before is None else min(hour_of(now), hour_of(moment_of(before)))
        span = _FIRST_WINDOW
        found: list[Visit] = []
        while last >= oldest and len(found) <= limit:
            first = max(oldest, last - span + 1)
            window = await self._store.between(account_id, first, last)
            earlier = [visit for visit in window if before is None or visit.id < before]
            found += sorted(earlier, key=lambda visit: visit.id, reverse=True)
            last, span = first - 1, min(2 * span, _LONGEST_WINDOW)
        return Page(found[:limit], len(found) > limit)

    async def is_familiar(self, account_id: str, caller: Caller) -> bool:
        """Say whether an account was signed in from this device, or for a caller without one from this network."""
        return await self._store.known([self._digest(account_id, *_traits(caller, caller.device)[0])])

    async def learn(self, account_id: str, caller: Caller, device: str, *, remember: bool = True) -> Familiarity:
        """Remember from where an account is signed in, and say whether that was known.

        Args:
            account_id: whose.
            caller: the request.
            device: id in the device cookie that the answer sets.
            remember: whether it is known from now on.
        """
        digests = [self._digest(account_id, *trait) for trait in _traits(caller, device)]
        if await self._store.known(digests):
            familiarity = Familiarity.KNOWN
        elif await self._store.has_known(account_id):
            familiarity = Familiarity.NEW
        else:
            familiarity = Familiarity.FIRST
        if remember:
            await self._store.learn(account_id, digests, self._clock())
        return familiarity

    async def sweep(self, spared: Spared = nothing_held) -> int:
        """Drop full values that are older than they may get, and visits that are older than a year.

        Works hour by hour and notes how far it came, so that it goes on there when it is interrupted. What a legal
        hold keeps is passed over; when it ends, `drop_again` is for what was.

        Args:
            spared: says who is held.

        Returns:
            How many visits were changed or deleted.
        """
        now = self._clock()
        swept = await self._store.swept()
        changed = 0
        for what, work, age in (("full", self._store.drop_full, self._full_for), ("all", self._store.drop, KEPT)):
            until = hour_of(now - age - HOUR)
            for hour in range(swept.get(what, until - 1) + 1, until + 1):
                changed += await work(hour, spared)
                await self._store.set_swept(what, hour)
            if what not in swept:
                await self._store.set_swept(what, until)
        return changed

    async def drop_again(self, hours: Collection[int], spared: Spared, *, full: bool) -> int:
        """Drop what a hold kept in some hours that were gone through before; give how many visits.

        Args:
            hours: whole hours since 1970.
            spared: says who is still held.
            full: whether full values only, or the visits.
        """
        work = self._store.drop_full if full else self._store.drop
        return sum([await work(hour, spared) for hour in sorted(hours)])

    async def settle(self) -> None:
        """Wait until everything observed is written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _write(self, visit: Visit) -> None:
        try:
            await self._store.insert(visit)
        except Exception as error:
            logger.warning("writing a visit down failed: %s", type(error).__name__)

    def _remember(self, session_id: str, caller: Caller) -> tuple[bytes, int]:
        if session_id not in self._seen and len(self._seen) >= _REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        trace = hashlib.blake2b(f"{caller.address}\0{caller.agent}".encode(), key=self._key, digest_size=8).digest()
        known = self._seen[session_id] = (trace, hour_of(self._clock()))
        return known

    def _visit(self, account_id: str, session_id: str, caller: Caller, *, signed_in: bool) -> Visit:
        return Visit(
            id=new_id(),
            account_id=account_id,
            session_id=session_id,
            at=self._clock(),
            signed_in=signed_in,
            device=device_of(caller.agent),
            place=place_of(caller.address or caller.network),
            address=caller.address,
            agent=caller.agent,
        )

    def _digest(self, account_id: str, kind: str, value: str) -> str:
        return hmac.new(self._key, f"{account_id}\0{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def _traits(caller: Caller, device: str) -> list[tuple[str, str]]:
    """By what a caller is known again: the device cookie if there is one, and network with kind of device.

    The first is what a correct password may rely on while others' failures hold the network up.
    """
    families = device_of(caller.agent)
    network = ("network", f"{caller.network} {families.browser} {families.system}")
    return [("device", device), network] if device else [network]
