"""Tells the affected, some dozens at a time, and officers as the clock of the law runs. Goes on where a kill broke off.

Whoever was told stands in the store before the next dozens are: written to again are at most those who were on their
way in the moment of a kill, and their letter has the same id, so that it waits once and mail programs know it again.
One server at a time, whoever holds the lease.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.incidents.model import ENDED, Clock, Incident, Telling
from server.kernel.background import Background
from server.kernel.ids import new_id
from server.kernel.ports import Clock as Time

logger = logging.getLogger("amanah.incidents")

_LOOK_S: Final = 20.0
_LEASE: Final = timedelta(minutes=2)
_AT_ONCE: Final = 50
_SYSTEM: Final = "system"


class Watched(Protocol):
    """Where incidents are kept; `incidents.store` says what each does."""

    async def all(self) -> list[Incident]: ...
    async def find(self, incident_id: str) -> Incident | None: ...
    async def replace(self, after: Incident) -> bool: ...
    async def people(self, incident_id: str) -> frozenset[str]: ...
    async def told(self, incident_id: str) -> frozenset[str]: ...
    async def set_told(
        self, incident_id: str, account_ids: Sequence[str], mailed: Collection[str], at: datetime
    ) -> None: ...
    async def take_lease(self, holder: str, now: datetime, until: datetime) -> bool: ...


class Post(Protocol):
    """Writes to people."""

    async def write_all(self, incident_id: str, account_ids: Sequence[str]) -> frozenset[str]:
        """Put the letter of an incident to some into the queue; give who has an address. Safe to repeat."""
        ...


class Alarm(Protocol):
    """Tells privacy officers, without content."""

    async def clock(self, incident_id: str, *, late: bool) -> None:
        """The time of the law is nearly over, or is."""
        ...


class IncidentWatch:
    """The watch.

    Args:
        store: of incidents.
        post: writes to people.
        alarm: tells officers.
        audit: the trail.
        clock: the time.
    """

    def __init__(self, store: Watched, post: Post, alarm: Alarm, audit: AuditTrail, clock: Time) -> None:
        self._store = store
        self._post = post
        self._alarm = alarm
        self._audit = audit
        self._clock = clock
        self._holder = new_id()
        self._watch = Background()

    def start(self) -> None:
        """Begin to watch."""
        self._watch.start(self._go_on(), name="incidents")

    async def close(self) -> None:
        """End; what is under way is gone on with by the next."""
        await self._watch.stop()

    async def round(self) -> int:
        """Tell whom has to be told by now; give how many letters and alarms that were.

        Raises:
            Unavailable: the store does not answer.
        """
        now = self._clock()
        if not await self._store.take_lease(self._holder, now, now + _LEASE):
            return 0
        done = 0
        for incident in await self._store.all():
            if incident.telling is Telling.GOING_ON:
                done += await self._tell(incident)
            done += await self._warn(incident)
        return done

    async def _go_on(self) -> None:
        while True:
            try:
                await self.round()
            except Exception as error:
                logger.warning("incidents can't be watched for now: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_S)

    async def _tell(self, incident: Incident) -> int:
        told = await self._store.told(incident.id)
        left = sorted(await self._store.people(incident.id) - told)
        for first in range(0, len(left), _AT_ONCE):
            await self._tell_some(incident, left[first : first + _AT_ONCE])
            now = self._clock()
            await self._store.take_lease(self._holder, now, now + _LEASE)
        everybody = len(await self._store.told(incident.id))
        await self._put(incident, telling=Telling.DONE, told=everybody)
        counts = {"number": incident.number, "people": everybody}
        await self._audit.append([AuditEntry("incidents:people:told", _SYSTEM, (incident.id,), self._clock(), counts)])
        return len(left)

    async def _tell_some(self, incident: Incident, account_ids: Sequence[str]) -> None:
        mailed = await self._post.write_all(incident.id, account_ids)
        await self._store.set_told(incident.id, account_ids, mailed, self._clock())

    async def _warn(self, incident: Incident) -> int:
        now = self._clock()
        due = incident.warnings_due(now) if incident.state not in ENDED else 0
        if due <= incident.warned:
            return 0
        await self._alarm.clock(incident.id, late=incident.clock(now) is Clock.LATE)
        await self._put(incident, warned=due)
        counts = {"number": incident.number, "late": int(due > 1)}
        await self._audit.append([AuditEntry("incidents:clock:warned", _SYSTEM, (incident.id,), now, counts)])
        return 1

    async def _put(
        self,
        incident: Incident,
        *,
        telling: Telling | None = None,
        told: int | None = None,
        warned: int | None = None,
    ) -> None:
        """Write what the watch alone writes, whatever officers change meanwhile."""
        for _ in range(_AT_ONCE):
            before = await self._store.find(incident.id)
            if before is None:
                return
            after = replace(
                before,
                telling=before.telling if telling is None else telling,
                told=before.told if told is None else told,
                warned=before.warned if warned is None else warned,
                revision=before.revision + 1,
            )
            if await self._store.replace(after):
                return
