"""What one was told and how one wants to be told, over HTTP; the form of a notice over Socket.IO."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from server.kernel.wire import Empty, Moment, Schema
from server.notices.model import LOCKED, NOTICE_RULE, SUBSCRIPTION_RULE, Choice, Kind, Notice, Pace
from server.notices.push import MAX_ENDPOINT, Push, Subscription
from server.notices.sections import Section, section_of
from server.notices.service import Notices
from server.web.endpoint import Access, Call, Endpoint
from server.web.paging import PageQuery, next_cursor, place_of


class ObjectOut(Schema):
    """What something is about."""

    type: str
    id: str


class NotificationOut(Schema):
    """That something happened, `count` times since it was last read. It says nothing of what was said."""

    id: str
    kind: Kind
    object: ObjectOut
    at: Moment
    count: int
    read: bool


class NotificationPage(Schema):
    """Some notifications, newest first; `next_cursor` is null at the end. `unread` counts all of them."""

    items: list[NotificationOut]
    next_cursor: str | None
    unread: int


class NotificationNews(Schema):
    """What `notify:new` carries."""

    notification: NotificationOut
    unread: int


class NotificationsRead(Schema):
    """What `notify:read` carries: how many are left."""

    unread: int


class UnreadReply(Schema):
    """How many are left."""

    unread: int


class OpenedReply(Schema):
    """Where a notification leads, as a path of this server."""

    path: str


class ChoiceOut(Schema):
    """How one is told of a kind, which belongs to a `section`. Where `locked`, only `push` can be changed."""

    kind: Kind
    section: Section
    in_app: bool
    mail: Pace
    push: bool
    locked: bool


class ChoicesReply(Schema):
    """How one is told of everything that concerns one; kinds of one section stand side by side."""

    choices: list[ChoiceOut]


class ChoiceIn(Schema):
    """What is to be changed of a kind; what is left out stays."""

    kind: Kind
    in_app: bool | None = None
    mail: Pace | None = None
    push: bool | None = None


class PushDevice(Schema):
    """A device that is woken as long as its session lasts; `id` is not its address. `current`: it is this session's."""

    id: str
    made_at: Moment
    current: bool


class PushReply(Schema):
    """One's devices, and the key for `PushManager.subscribe`."""

    public_key: str
    items: list[PushDevice]


class PushDeviceReply(Schema):
    """A device that is woken from now on."""

    device: PushDevice


class NewPushDevice(Schema):
    """The `endpoint` of a browser's push subscription; its keys are not needed, for pushes carry nothing."""

    endpoint: Annotated[str, Field(max_length=MAX_ENDPOINT, repr=False)]


def notification_out(notice: Notice) -> NotificationOut:
    """Give the wire form of a notice."""
    return NotificationOut(
        id=notice.id,
        kind=notice.kind,
        object=ObjectOut(type=notice.object_type, id=notice.object_id),
        at=notice.at,
        count=notice.count,
        read=notice.read,
    )


def endpoints(service: Notices, push: Push) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_reading(service), *_choosing(service), *_devices(push))


def _reading(service: Notices) -> Sequence[Endpoint]:
    async def list_notices(call: Call) -> NotificationPage:
        query: PageQuery = call.query
        found = await service.list(call.actor, before_id=place_of(query.cursor), limit=query.limit + 1)
        items = [notification_out(notice) for notice in found[: query.limit]]
        unread = await service.unread(call.actor)
        cursor = next_cursor([item.id for item in found], query.limit)
        return NotificationPage(items=items, next_cursor=cursor, unread=unread)

    async def open_notice(call: Call) -> OpenedReply:
        return OpenedReply(path=await service.open(call.actor, call.path["id"]))

    async def mark_read(call: Call) -> UnreadReply:
        return UnreadReply(unread=await service.mark_read(call.actor, call.path["id"]))

    async def mark_all_read(call: Call) -> UnreadReply:
        await service.mark_all_read(call.actor)
        return UnreadReply(unread=0)

    return (
        Endpoint(
            "GET",
            "/api/v1/me/notifications",
            "What one was told, newest first",
            list_notices,
            NotificationPage,
            query=PageQuery,
        ),
        Endpoint(
            "POST",
            "/api/v1/me/notifications/{id}/open",
            "Count one as seen and say where it leads",
            open_notice,
            OpenedReply,
            body=Empty,
            rule=NOTICE_RULE,
        ),
        Endpoint(
            "POST",
            "/api/v1/me/notifications/{id}/read",
            "Count one as seen",
            mark_read,
            UnreadReply,
            body=Empty,
            rule=NOTICE_RULE,
        ),
        Endpoint("POST", "/api/v1/me/notifications/read", "Count all as seen", mark_all_read, UnreadReply, body=Empty),
    )


def _choosing(service: Notices) -> Sequence[Endpoint]:
    async def choices(call: Call) -> ChoicesReply:
        return _choices_out(await service.choices(call.actor))

    async def choose(call: Call) -> ChoicesReply:
        body: ChoiceIn = call.body
        changed = await service.choose(call.actor, body.kind, in_app=body.in_app, mail=body.mail, push=body.push)
        return _choices_out(changed)

    return (
        Endpoint(
            "GET",
            "/api/v1/me/notification-choices",
            "How one is told of what",
            choices,
            ChoicesReply,
            Access.MEMBER,
        ),
        Endpoint(
            "PUT",
            "/api/v1/me/notification-choices",
            "Choose how one is told of a kind",
            choose,
            ChoicesReply,
            Access.MEMBER,
            body=ChoiceIn,
        ),
    )


def _devices(push: Push) -> Sequence[Endpoint]:
    async def devices(call: Call) -> PushReply:
        found = await push.list(call.actor)
        return PushReply(public_key=push.public_key, items=[_push_device(call, item) for item in found])

    async def add(call: Call) -> PushDeviceReply:
        return PushDeviceReply(device=_push_device(call, await push.add(call.actor, call.body.endpoint)))

    async def remove(call: Call) -> Empty:
        await push.remove(call.actor, call.path["id"])
        return Empty()

    return (
        Endpoint("GET", "/api/v1/me/push", "One's devices that are woken", devices, PushReply, Access.MEMBER),
        Endpoint(
            "POST",
            "/api/v1/me/push",
            "Have this browser woken from now on",
            add,
            PushDeviceReply,
            Access.MEMBER,
            body=NewPushDevice,
            status=201,
        ),
        Endpoint(
            "DELETE",
            "/api/v1/me/push/{id}",
            "Have a device woken no more",
            remove,
            Empty,
            Access.MEMBER,
            rule=SUBSCRIPTION_RULE,
        ),
    )


def _choices_out(choices: Mapping[Kind, Choice]) -> ChoicesReply:
    return ChoicesReply(
        choices=[
            ChoiceOut(
                kind=kind,
                section=section_of(kind),
                in_app=choice.in_app,
                mail=choice.mail,
                push=choice.push,
                locked=kind in LOCKED,
            )
            for kind, choice in choices.items()
        ]
    )


def _push_device(call: Call, subscription: Subscription) -> PushDevice:
    current = subscription.session_id == call.actor.session_id
    return PushDevice(id=subscription.id, made_at=subscription.made_at, current=current)
