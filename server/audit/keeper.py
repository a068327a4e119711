"""What the server does for the trail by itself: keeps promises, signs checkpoints, once a day cuts what is old enough.

Failures are logged and tried again: nobody waits for this.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from server.audit.checkpoints import Checkpoints, TrailContradicted
from server.audit.retention import Retention
from server.audit.service import AuditTrail
from server.kernel.errors import DomainError

logger = logging.getLogger(__name__)

_LOOK_S = 5.0
_MANY_BLOCKS = 1_000
_EVERY = timedelta(hours=1)
_CUT_EVERY = timedelta(days=1)
_LAST_S = 3.0
"""How long the end of the server waits for the last checkpoint; the next start makes it otherwise."""


class Keeper:
    """A task in the background.

    Args:
        trail: whose end moves.
        checkpoints: of that trail.
        retention: of that trail.
        clock: the present moment, aware.
    """

    def __init__(
        self,
        trail: AuditTrail,
        checkpoints: Checkpoints,
        retention: Retention,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._trail = trail
        self._checkpoints = checkpoints
        self._retention = retention
        self._clock = clock
        self._signed_at: datetime | None = None
        self._cut_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        self._checkpoints.follow(self._trail)
        self._task = asyncio.create_task(self._keep(), name="audit-keeper")

    async def close(self) -> None:
        """Sign what was appended last, and end."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        try:
            await asyncio.wait_for(self._sign(), _LAST_S)
        except TimeoutError:
            logger.warning("the last audit checkpoint is left to the next start")

    def is_due(self) -> bool:
        """Whether a checkpoint is due: at first, after many blocks, or after an hour in which something happened."""
        if self._signed_at is None:
            return True
        newest = self._checkpoints.newest
        waiting = self._trail.length - (newest.size if newest is not None else 0)
        return waiting >= _MANY_BLOCKS or (waiting > 0 and self._clock() - self._signed_at >= _EVERY)

    async def _keep(self) -> None:
        while True:
            await self._keep_promises()
            if self.is_due():
                await self._sign()
            if self._cut_at is None or self._clock() - self._cut_at >= _CUT_EVERY:
                await self._cut()
            await asyncio.sleep(_LOOK_S)

    async def _keep_promises(self) -> None:
        try:
            await self._trail.promises.settle()
        except DomainError:
            logger.warning("promised audit entries can't be appended for now")
        except Exception as error:
            logger.error("appending promised audit entries failed: %s", type(error).__name__)

    async def _sign(self) -> None:
        try:
            await self._checkpoints.make()
            self._signed_at = self._clock()
        except DomainError:
            logger.warning("the audit trail can't be signed for now")
        except TrailContradicted as contradiction:
            self._signed_at = self._clock()
            logger.error("the audit trail is not signed any more: %s; run `amanah audit verify`", contradiction.why)
        except Exception as error:
            self._signed_at = self._clock()
            logger.error("signing the audit trail failed: %s", type(error).__name__)

    async def _cut(self) -> None:
        began = self._clock()
        try:
            for cut in await self._retention.cut():
                logger.info("audit blocks %d to %d were removed under the retention rule", cut.first, cut.through)
        except DomainError:
            logger.warning("the audit trail can't be cut for now")
            return
        except TrailContradicted as contradiction:
            logger.error("the audit trail is not cut: %s; run `amanah audit verify`", contradiction.why)
        except Exception as error:
            logger.error("cutting the audit trail failed: %s", type(error).__name__)
        self._cut_at = began
