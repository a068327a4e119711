"""Webhooks over HTTP, for administrators."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from server.kernel.wire import Empty, Moment, Schema
from server.web.endpoint import Access, Call, Endpoint
from server.web.paging import PageQuery, next_cursor, place_of
from server.webhooks.model import (
    DELIVERY_RULE,
    HOOK_RULE,
    MAX_URL,
    Delivery,
    Disabled,
    EventType,
    Hook,
    Outcome,
    Progress,
)
from server.webhooks.service import Made, Webhooks

_HOOKS = "/api/v1/webhooks"
_HOOK = f"{_HOOKS}/{{id}}"

Url = Annotated[str, Field(max_length=MAX_URL, repr=False)]
Events = Annotated[list[EventType], Field(max_length=len(EventType))]


class WebhookOut(Schema):
    """A webhook, without its secret."""

    id: str
    url: Url
    events: list[EventType]
    content: bool
    disabled: Disabled | None
    failing_since: Moment | None
    former_secret_until: Moment | None
    made_at: Moment


class WebhookList(Schema):
    """All of them."""

    items: list[WebhookOut]


class WebhookReply(Schema):
    """One of them."""

    webhook: WebhookOut


class WebhookSecretReply(Schema):
    """One with a new secret, which is shown this once."""

    webhook: WebhookOut
    secret: Annotated[str, Field(repr=False)]


class NewWebhook(Schema):
    """Where, of what, and whether redacted texts of public items go with it."""

    url: Url
    events: Events
    content: bool = False


class WebhookChange(Schema):
    """What is left out stays."""

    url: Annotated[str | None, Field(max_length=MAX_URL, repr=False)] = None
    events: Events | None = None
    content: bool | None = None
    enabled: bool | None = None


class DeliveryOut(Schema):
    """One event on its way, without what was sent."""

    id: str
    event: EventType
    at: Moment
    progress: Progress
    tries: int
    outcome: Outcome | None
    status: int | None
    tried_at: Moment | None
    next_try_at: Moment | None


class DeliveryReply(Schema):
    """One of them."""

    delivery: DeliveryOut


class DeliveryPage(Schema):
    """A page of the log, newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None


def endpoints(hooks: Webhooks) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_hook_endpoints(hooks), *_delivery_endpoints(hooks))


def _hook_endpoints(hooks: Webhooks) -> Sequence[Endpoint]:
    async def every(_: Call) -> WebhookList:
        return WebhookList(items=[_hook_out(hook) for hook in await hooks.all()])

    async def register(call: Call) -> WebhookSecretReply:
        body: NewWebhook = call.body
        return _made_out(await hooks.register(call.actor, body.url, body.events, content=body.content))

    async def change(call: Call) -> WebhookReply:
        body: WebhookChange = call.body
        hook = await hooks.change(
            call.actor,
            call.path["id"],
            url=body.url,
            events=body.events,
            content=body.content,
            enabled=body.enabled,
        )
        return WebhookReply(webhook=_hook_out(hook))

    async def delete(call: Call) -> Empty:
        await hooks.delete(call.actor, call.path["id"])
        return Empty()

    async def rotate(call: Call) -> WebhookSecretReply:
        return _made_out(await hooks.rotate(call.actor, call.path["id"]))

    admin: dict[str, Any] = {"access": Access.ADMIN, "fresh": True}
    return (
        Endpoint("GET", _HOOKS, "All webhooks", every, WebhookList, Access.ADMIN),
        Endpoint(
            "POST",
            _HOOKS,
            "Make a webhook; its secret is shown this once",
            register,
            WebhookSecretReply,
            body=NewWebhook,
            status=201,
            **admin,
        ),
        Endpoint("PATCH", _HOOK, "Change a webhook", change, WebhookReply, body=WebhookChange, rule=HOOK_RULE, **admin),
        Endpoint("DELETE", _HOOK, "Delete a webhook and its log", delete, Empty, rule=HOOK_RULE, **admin),
        Endpoint(
            "POST",
            f"{_HOOK}/secret",
            "Give a webhook a new secret; the former one signs too for a day",
            rotate,
            WebhookSecretReply,
            rule=HOOK_RULE,
            **admin,
        ),
    )


def _delivery_endpoints(hooks: Webhooks) -> Sequence[Endpoint]:
    async def test(call: Call) -> DeliveryReply:
        return DeliveryReply(delivery=_delivery_out(await hooks.test(call.actor, call.path["id"])))

    async def log(call: Call) -> DeliveryPage:
        query: PageQuery = call.query
        found = await hooks.log(call.path["id"], before_id=place_of(query.cursor), limit=query.limit + 1)
        items = [_delivery_out(delivery) for delivery in found[: query.limit]]
        return DeliveryPage(items=items, next_cursor=next_cursor([one.id for one in found], query.limit))

    async def repeat(call: Call) -> DeliveryReply:
        return DeliveryReply(delivery=_delivery_out(await hooks.repeat(call.actor, call.path["id"])))

    return (
        Endpoint(
            "POST",
            f"{_HOOK}/test",
            "Send a webhook a message that says nothing",
            test,
            DeliveryReply,
            Access.ADMIN,
            rule=HOOK_RULE,
            status=202,
        ),
        Endpoint(
            "GET",
            f"{_HOOK}/deliveries",
            "What was sent to a webhook in the last thirty days, without what it said",
            log,
            DeliveryPage,
            Access.ADMIN,
            query=PageQuery,
            rule=HOOK_RULE,
        ),
        Endpoint(
            "POST",
            "/api/v1/webhook-deliveries/{id}/repeat",
            "Send something again, with the same id",
            repeat,
            DeliveryReply,
            Access.ADMIN,
            rule=DELIVERY_RULE,
            status=202,
        ),
    )


def _made_out(made: Made) -> WebhookSecretReply:
    return WebhookSecretReply(webhook=_hook_out(made.hook), secret=made.secret)


def _hook_out(hook: Hook) -> WebhookOut:
    former = [secret.until for secret in hook.secrets[1:] if secret.until is not None]
    return WebhookOut(
        id=hook.id,
        url=hook.url,
        events=sorted(hook.events),
        content=hook.content,
        disabled=hook.disabled,
        failing_since=hook.failing_since,
        former_secret_until=max(former, default=None),
        made_at=hook.made_at,
    )


def _delivery_out(delivery: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=delivery.id,
        event=delivery.event,
        at=delivery.at,
        progress=delivery.progress,
        tries=delivery.tries,
        outcome=delivery.outcome,
        status=delivery.status,
        tried_at=delivery.tried_at,
        next_try_at=delivery.due_at,
    )
