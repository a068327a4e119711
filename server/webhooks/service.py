"""Use cases of webhooks, for administrators: register, change, rotate, try out, look at what was sent.

A secret is shown once, when it is made. Must not know transports.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.webhooks.delivering import Deliveries
from server.webhooks.model import (
    MOST_HOOKS,
    OLD_SECRET,
    AddressRules,
    Delivery,
    Disabled,
    EventType,
    Hook,
    Progress,
    Secret,
)
from server.webhooks.signing import new_secret


class HookStore(Protocol):
    """Where hooks and deliveries are kept; `webhooks.store` says what each does."""

    async def put(self, hook: Hook) -> None: ...
    async def all(self) -> list[Hook]: ...
    async def find(self, hook_id: str) -> Hook | None: ...
    async def delete(self, hook_id: str) -> None: ...
    async def update(self, delivery: Delivery) -> None: ...
    async def find_delivery(self, delivery_id: str) -> Delivery | None: ...
    async def newest(self, hook_id: str, before_id: str | None, limit: int) -> list[Delivery]: ...


@dataclass(frozen=True, slots=True)
class Made:
    """A hook with a secret that is shown this once."""

    hook: Hook
    secret: str = field(repr=False)


class Webhooks:
    """What administrators do with hooks.

    Args:
        store: hooks and deliveries.
        deliveries: the queue.
        rules: which addresses can be one.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: HookStore,
        deliveries: Deliveries,
        rules: AddressRules,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._rules = rules
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    async def all(self) -> list[Hook]:
        """Give all hooks, in the order of their making."""
        return await self._store.all()

    async def register(self, actor: Actor, url: str, events: Collection[EventType], *, content: bool) -> Made:
        """Make a hook.

        Raises:
            InvalidInput: the address can't be one, or there is nothing to hear of.
            Conflict: there are too many.
            RateLimited: too often.
        """
        await self._limiter.spend("webhook", actor.account_id)
        self._require(url, events)
        if len(await self._store.all()) >= MOST_HOOKS:
            raise Conflict(fields={"url": "too_many"})
        secret = new_secret()
        now = self._clock()
        hook = Hook(new_id(), url, frozenset(events), content, (Secret(secret),), now, actor.account_id)
        await self._put(actor, hook, "webhooks:hook:created")
        return Made(hook, secret)

    async def change(
        self,
        actor: Actor,
        hook_id: str,
        *,
        url: str | None = None,
        events: Collection[EventType] | None = None,
        content: bool | None = None,
        enabled: bool | None = None,
    ) -> Hook:
        """Change a hook; what is None stays. Enabling one that failed begins anew.

        Raises:
            NotFound: there is none.
            InvalidInput: see `register`.
            RateLimited: too often.
        """
        await self._limiter.spend("webhook", actor.account_id)
        before = await self.get(hook_id)
        after = replace(
            before,
            url=before.url if url is None else url,
            events=before.events if events is None else frozenset(events),
            content=before.content if content is None else content,
        )
        self._require(after.url, after.events)
        if enabled is not None:
            kept = before.disabled or Disabled.BY_ADMIN
            after = replace(after, disabled=None if enabled else kept, failing_since=None)
        await self._put(actor, after, "webhooks:hook:changed")
        return after

    async def rotate(self, actor: Actor, hook_id: str) -> Made:
        """Give a hook a new secret; the former one signs too for a day.

        Raises:
            NotFound: there is none.
            RateLimited: too often.
        """
        await self._limiter.spend("webhook", actor.account_id)
        hook = await self.get(hook_id)
        secret = new_secret()
        former = replace(hook.secrets[0], until=self._clock() + OLD_SECRET)
        after = replace(hook, secrets=(Secret(secret), former))
        await self._put(actor, after, "webhooks:hook:rotated")
        return Made(after, secret)

    async def delete(self, actor: Actor, hook_id: str) -> None:
        """Delete a hook and its log.

        Raises:
            NotFound: there is none.
        """
        await self.get(hook_id)
        await self._store.delete(hook_id)
        self._deliveries.forget()
        await self._record(actor, "webhooks:hook:deleted", hook_id)

    async def test(self, actor: Actor, hook_id: str) -> Delivery:
        """Send a hook a message that says nothing, also one that is disabled. It is tried once.

        Raises:
            NotFound: there is none.
            RateLimited: too often.
        """
        await self._limiter.spend("webhook", actor.account_id)
        hook = await self.get(hook_id)
        delivery = self._deliveries.made(hook, EventType.TEST, "", {"webhook_id": hook.id})
        await self._deliveries.queue([delivery])
        await self._record(actor, "webhooks:hook:tested", hook_id, delivery.id)
        return delivery

    async def log(self, hook_id: str, *, before_id: str | None, limit: int) -> Sequence[Delivery]:
        """Give what was sent to a hook, newest first.

        Raises:
            NotFound: there is no such hook.
        """
        await self.get(hook_id)
        return await self._store.newest(hook_id, before_id, limit)

    async def repeat(self, actor: Actor, delivery_id: str) -> Delivery:
        """Send again what was sent, or was not taken: the same message with the same id.

        Raises:
            NotFound: there is none.
            Conflict: it waits already, or its hook hears of nothing.
            RateLimited: too often.
        """
        await self._limiter.spend("webhook", actor.account_id)
        delivery = await self._store.find_delivery(delivery_id)
        if delivery is None:
            raise NotFound
        hook = await self.get(delivery.hook_id)
        if delivery.progress is Progress.WAITING or hook.disabled is not None:
            raise Conflict(fields={"delivery": "not_now"})
        now = self._clock()
        again = replace(delivery, progress=Progress.WAITING, due_at=now, asked_at=now, tries=0)
        await self._store.update(again)
        self._deliveries.wake()
        await self._record(actor, "webhooks:delivery:repeated", delivery.hook_id, delivery_id)
        return again

    async def get(self, hook_id: str) -> Hook:
        """Give a hook.

        Raises:
            NotFound: there is none.
        """
        hook = await self._store.find(hook_id)
        if hook is None:
            raise NotFound
        return hook

    def _require(self, url: str, events: Collection[EventType]) -> None:
        refusal = self._rules.refusal(url)
        if refusal is not None:
            raise InvalidInput(fields={"url": refusal})
        if not set(events) - {EventType.TEST}:
            raise InvalidInput(fields={"events": "required"})

    async def _put(self, actor: Actor, hook: Hook, action: str) -> None:
        await self._store.put(hook)
        self._deliveries.forget()
        await self._record(actor, action, hook.id)

    async def _record(self, actor: Actor, action: str, *objects: str) -> None:
        await self._audit.append([AuditEntry(action, actor.account_id, objects, self._clock())])
