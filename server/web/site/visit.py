"""What a page's handler gets and gives: the visit, the page, and why a form was not taken. Renders nothing itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import NotAuthenticated, NotPermitted
from server.kernel.ports import Limiter
from server.web.endpoint import Reply
from server.web.requests import Authenticator, Devices, Observer, Origins
from server.web.site.caching import Piece
from server.web.site.forms import Form

_NO_FORM = Form({})

SetCookies = Callable[[web.Request, web.StreamResponse, Reply], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is signed in, as the head of a page shows it.

    Attributes:
        handle: the name that others see; empty where people have none.
        avatar: address of their picture, or empty.
        unread: notices not seen yet.
        moderates: whether the moderators' desk is for them.
        triages: whether the inbox of feedback is for them.
        administers: whether settings are for them.
        staff: whether figures about feedback are for them.
        oversees: whether the privacy officers' desk is for them.
        images: bytes of the largest image that they may attach to what they write; 0 for none.
    """

    handle: str = ""
    avatar: str = ""
    unread: int = 0
    moderates: bool = False
    triages: bool = False
    administers: bool = False
    staff: bool = False
    oversees: bool = False
    images: int = 0


class Greeter(Protocol):
    """Knows what the head of a page shows of whoever is signed in."""

    async def greet(self, actor: Actor) -> Reader:
        """Give it."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page.

    Attributes:
        request: as it came.
        locale: `id` or `en`.
        caller: where it comes from.
        actor: who is signed in, or None.
        owing: a session that is closed until a second factor is shown, or None.
        form: what was sent.
    """

    request: web.Request
    locale: str
    caller: Caller
    actor: Actor | None = None
    owing: Actor | None = None
    form: Form = _NO_FORM

    def __repr__(self) -> str:
        return "<Visit>"

    def require(self) -> Actor:
        """Give who is signed in.

        Raises:
            NotAuthenticated: nobody is.
        """
        if self.actor is None:
            raise NotAuthenticated
        return self.actor

    def require_access(self, access: Access) -> Actor:
        """Give who is signed in, if the page is for them.

        Raises:
            NotAuthenticated: nobody is signed in.
            NotPermitted: the page is for others.
        """
        actor = self.require()
        if not can_call(access, actor.role):
            raise NotPermitted
        return actor

    def number(self, name: str, *, least: int = 1, most: int = 999_999_999) -> int | None:
        """Give a number of the query, or None where it is none or out of bounds."""
        value = self.request.query.get(name, "")
        if not value.isascii() or not value.isdigit() or len(value) > len(str(most)):
            return None
        return int(value) if least <= int(value) <= most else None

    @property
    def part(self) -> Mapping[str, str]:
        """The variables of the path."""
        return self.request.match_info


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be shown.

    Attributes:
        template: name of the template.
        context: what it needs beside the frame's own.
        status: HTTP status.
        canonical: the page's one address, without host; empty for a page that nobody is to find.
        shows: names of what is seen on it (`PageCache`); where there are any, it may be kept for other readers.
        headers: further headers.
        piece: what stands where the template writes the frame's `piece_mark`; the same for many readers.
    """

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    canonical: str = ""
    shows: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    piece: Piece | None = None


Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]
Handler = Callable[[Visit], Awaitable[Page | web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not taken, in the reader's words.

    Attributes:
        status: HTTP status.
        message: the whole of it.
        fields: field name -> sentence beside the field.
        retry_after: seconds, where waiting helps.
    """

    status: int
    message: str
    fields: Mapping[str, str]
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """How the frame finds out who looks.

    Attributes:
        sessions: knows tokens.
        origins: which origins are ours.
        devices: knows browsers again.
        visits: takes note of who was here.
        limiter: rate limits.
        set_cookies: puts the cookies of a reply into a response.
    """

    sessions: Authenticator
    origins: Origins
    devices: Devices
    visits: Observer
    limiter: Limiter
    set_cookies: SetCookies
