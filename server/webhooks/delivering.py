"""Brings what happened to the hooks that want to hear of it, and tries again until it is taken or hopeless.

What is queued survives a kill. Several processes may work on one queue: each delivery is taken by one of them, for as
long as a try may last. Receivers hear of everything at least once, in no certain order. Never logs an address.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import orjson

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.background import Background
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.waiting import news_within
from server.kernel.wire import rfc3339
from server.webhooks.model import (
    Answer,
    Delivery,
    Disabled,
    EventType,
    Facts,
    Hook,
    Outcome,
    Progress,
    settled,
    verdict,
)
from server.webhooks.signing import signed_headers

logger = logging.getLogger("amanah.webhooks")

_LOOK_S: Final = 5.0
"""How long the queue is left alone at most: another process may have put something into it."""
_AGAIN_S: Final = 15.0
_LEASE: Final = timedelta(seconds=60)
"""Several times what a try may last."""
_REMEMBERED: Final = timedelta(seconds=5)
_IN_A_ROW: Final = 20
_REST: Final = timedelta(seconds=10)
"""How long a receiver that did not take something is left alone, however much waits for it."""
_CHANCES: Final = 1_000


class Sender(Protocol):
    """Talks to receivers; `webhooks.client` does."""

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one message. Never raises for what the receiver does."""
        ...


class Contents(Protocol):
    """Knows the redacted texts of what happened to something."""

    async def of(self, event: EventType, subject: str) -> Mapping[str, Any] | None:
        """Give what everybody may read of it at this moment; None where nobody may, or it is gone."""
        ...


class Bell(Protocol):
    """Tells administrators."""

    async def hook_disabled(self, hook_id: str) -> None:
        """Tell that a hook hears of nothing any more."""
        ...


class DeliveryStore(Protocol):
    """Where hooks and deliveries are kept; `webhooks.store` says what each does."""

    async def all(self) -> list[Hook]: ...
    async def find(self, hook_id: str) -> Hook | None: ...
    async def set_failing(self, hook_id: str, since: datetime | None) -> None: ...
    async def disable(self, hook_id: str, reason: Disabled) -> bool: ...
    async def enqueue(self, deliveries: Sequence[Delivery]) -> None: ...
    async def due(self, now: datetime) -> list[Delivery]: ...
    async def claim(self, delivery: Delivery, until: datetime) -> bool: ...
    async def update(self, delivery: Delivery) -> None: ...


class Deliveries:
    """The queue and the work on it.

    Args:
        store: hooks and deliveries.
        sender: talks to receivers.
        contents: redacted texts, read when something is sent: what was taken away meanwhile is not sent.
        bell: tells administrators.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self, store: DeliveryStore, sender: Sender, contents: Contents, bell: Bell, audit: AuditTrail, clock: Clock
    ) -> None:
        self._store = store
        self._sender = sender
        self._contents = contents
        self._bell = bell
        self._audit = audit
        self._clock = clock
        self._news = asyncio.Event()
        self._work = Background()
        self._hooks: list[Hook] = []
        self._known_until: datetime | None = None
        self._resting: dict[str, datetime] = {}

    def start(self) -> None:
        """Go to work, with what waited when the last process ended."""
        self._work.start(self._go_on(), name="webhooks")

    async def close(self) -> None:
        """Stop; what is under way is tried again later."""
        await self._work.stop()

    def forget(self) -> None:
        """Read the hooks again before the next event: one was changed."""
        self._known_until = None

    def wake(self) -> None:
        """Look at the queue at once."""
        self._news.set()

    async def tell(self, event: EventType, subject: str, facts: Facts) -> None:
        """Queue an event for whoever wants to hear of it. Durable on return.

        Args:
            event: what happened.
            subject: id of what it happened to.
            facts: ids, numbers and states; never a text.

        Raises:
            Unavailable: the store does not answer; nobody hears of it.
        """
        hooks = [hook for hook in await self._all() if hook.hears(event)]
        if hooks:
            await self.queue([self.made(hook, event, subject, facts) for hook in hooks])

    def made(self, hook: Hook, event: EventType, subject: str, facts: Facts) -> Delivery:
        """Make a delivery that is due at once."""
        now = self._clock()
        return Delivery(new_id(), hook.id, event, subject, facts, now, now)

    async def queue(self, deliveries: Sequence[Delivery]) -> None:
        """Queue deliveries."""
        await self._store.enqueue(deliveries)
        self._news.set()

    async def _all(self) -> list[Hook]:
        now = self._clock()
        if self._known_until is None or now >= self._known_until:
            self._hooks = await self._store.all()
            self._known_until = now + _REMEMBERED
        return self._hooks

    # --- work ------------------------------------------------------------------------------------------------------

    async def _go_on(self) -> None:
        while True:
            self._news.clear()
            pause = _LOOK_S
            try:
                if await self.round():
                    continue
            except Exception as error:
                logger.warning("webhooks can't be worked on: %s", type(error).__name__)
                pause = _AGAIN_S
            await news_within(self._news, pause)

    async def round(self) -> int:
        """Try once what is due; give how much of it was tried. One hook's receivers wait for no other's."""
        by_hook: dict[str, list[Delivery]] = {}
        for delivery in await self._store.due(self._clock()):
            by_hook.setdefault(delivery.hook_id, []).append(delivery)
        return sum(await asyncio.gather(*(self._serve(hook_id, due) for hook_id, due in by_hook.items())))

    async def _serve(self, hook_id: str, due: Sequence[Delivery]) -> int:
        """Send a hook what is due for it, one after the other, until one is not taken."""
        hook = await self._store.find(hook_id)
        answers: list[Answer] = []
        rests = self._resting.get(hook_id, self._clock()) > self._clock()
        wanted = [delivery for delivery in due if not rests or _is_asked_for(delivery)]
        for delivery in wanted[:_IN_A_ROW]:
            if not await self._store.claim(delivery, self._clock() + _LEASE):
                continue
            if hook is None or (hook.disabled is not None and delivery.event is not EventType.TEST):
                await self._store.update(replace(delivery, progress=Progress.FAILED, due_at=None))
                continue
            answers.append(await self._try(hook, delivery))
            if answers[-1].outcome is not Outcome.TAKEN:
                self._resting[hook_id] = self._clock() + _REST
                break
            self._resting.pop(hook_id, None)
        if hook is not None and answers:
            await self._judge(hook, answers)
        return len(answers)

    async def _try(self, hook: Hook, delivery: Delivery) -> Answer:
        now = self._clock()
        body = orjson.dumps(await self._message(hook, delivery))
        answer = await self._sender.send(hook.url, signed_headers(hook.signing(now), delivery.id, now, body), body)
        chance = secrets.randbelow(_CHANCES) / _CHANCES
        progress, due_at = settled(delivery, answer, self._clock(), chance)
        if delivery.event is EventType.TEST and progress is Progress.WAITING:
            # Whoever presses the button looks at what comes of it now.
            progress, due_at = Progress.FAILED, None
        tried = replace(
            delivery,
            progress=progress,
            due_at=due_at,
            tries=delivery.tries + 1,
            outcome=answer.outcome,
            status=answer.status,
            tried_at=now,
        )
        await self._store.update(tried)
        return answer

    async def _message(self, hook: Hook, delivery: Delivery) -> dict[str, Any]:
        data: dict[str, Any] = dict(delivery.facts)
        content = (
            await self._contents.of(delivery.event, delivery.subject) if hook.content and delivery.subject else None
        )
        if content is not None:
            data["content"] = dict(content)
        return {"type": delivery.event.value, "timestamp": rfc3339(delivery.at), "data": data}

    async def _judge(self, hook: Hook, answers: Sequence[Answer]) -> None:
        reason = verdict(hook, answers, self._clock())
        if reason is not None and hook.disabled is None:
            await self._disable(hook, reason)
            return
        failing = answers[-1].outcome is not Outcome.TAKEN
        since = (hook.failing_since or self._clock()) if failing else None
        if any(answer.outcome is Outcome.TAKEN for answer in answers) and failing:
            since = self._clock()
        if since != hook.failing_since:
            await self._store.set_failing(hook.id, since)
            self.forget()

    async def _disable(self, hook: Hook, reason: Disabled) -> None:
        self.forget()
        if await self._store.disable(hook.id, reason):
            logger.warning("webhook %s was disabled: %s", hook.id, reason)
            await self._audit.append([AuditEntry("webhooks:hook:disabled", "system", (hook.id,), self._clock())])
            await self._bell.hook_disabled(hook.id)


def _is_asked_for(delivery: Delivery) -> bool:
    """Whether an administrator waits to see what comes of it."""
    return delivery.event is EventType.TEST or (delivery.asked_at is not None and delivery.tries == 0)
