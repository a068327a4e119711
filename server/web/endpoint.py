"""An HTTP endpoint as a declaration: what it takes, what it gives, who may call it. Routes and OpenAPI come from it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from server.kernel.access import Access as Access
from server.kernel.access import Rule
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import NotAuthenticated
from server.web.uploads import Upload, UploadBody


@dataclass(frozen=True, slots=True)
class Call:
    """One request, parsed and checked.

    Attributes:
        body: an instance of the endpoint's `body` schema, or None.
        query: an instance of its `query` schema, or None.
        path: the path's variables.
        caller: where the call comes from.
        locale: `id` or `en`.
        signed_in: who calls, or None on public endpoints.
        browser: the random key that this browser was given a short while ago (`Reply.browser`), or empty.
        file: the body of an endpoint that takes a file.
        form: the body of an endpoint that takes an upload, not read yet; None elsewhere.
    """

    body: Any
    query: Any
    path: Mapping[str, str]
    caller: Caller
    locale: str
    signed_in: Actor | None
    browser: str = field(default="", repr=False)
    file: bytes = field(default=b"", repr=False)
    form: Upload | None = field(default=None, repr=False)

    @property
    def upload(self) -> Upload:
        """The form of an endpoint that takes an upload.

        Raises:
            TypeError: the endpoint declares none.
        """
        if self.form is None:
            raise TypeError("the endpoint takes no upload")
        return self.form

    @property
    def network(self) -> str:
        """The caller's network (IPv4 address, IPv6 /64), for limits."""
        return self.caller.network

    @property
    def actor(self) -> Actor:
        """Who calls.

        Raises:
            NotAuthenticated: nobody is signed in.
        """
        if self.signed_in is None:
            raise NotAuthenticated
        return self.signed_in


@dataclass(frozen=True, slots=True)
class Encoded:
    """An answer that is JSON already, made of pieces that are kept.

    Attributes:
        body: what the endpoint's `data` schema would have given, byte for byte.
    """

    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers when the declaration's status does not fit, or the session cookie changes.

    Attributes:
        data: instance of the endpoint's `data` schema, or what it would give.
        status: HTTP status; None for the declared one.
        session_token: set as the session cookie; an empty one deletes the cookie.
        session_s: for how many seconds the browser keeps it: as long as the session lasts.
        device: id for the device cookie; empty to leave that as it is.
        browser: a random key for this browser, kept for some minutes in a cookie that no script reads.
    """

    data: BaseModel | Encoded
    status: int | None = None
    session_token: str | None = None
    session_s: int | None = None
    device: str = ""
    browser: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file, sent while it is made.

    Attributes:
        media_type: one of those that the endpoint declares.
        name: of the file.
        chunks: its content. What it raises breaks the answer off, so that no half looks like a whole.
    """

    media_type: str
    name: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class FileBody:
    """A body that is a file.

    Attributes:
        types: media types under which it may come; what it is, is for the handler to find out.
        most: bytes.
    """

    types: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation.

    Attributes:
        method: HTTP method.
        path: aiohttp route pattern.
        summary: one line for the API document.
        handler: answers a call.
        data: schema of `data` in the answer.
        access: whom it is for (`kernel.access`).
        body: schema of the JSON body, or None where there is none.
        query: schema of the query string, or None.
        status: HTTP status of success.
        other_status: another status of success that the handler may choose.
        fresh: whether only somebody may call who proved who they are a short while ago (`kernel.fresh`).
        owing: whether a session may call that still owes a second factor; everything else is closed to it.
        rule: what may be done with the thing that the path names; needed where the path has a variable.
        recognise: whether a public operation looks at credentials, because members are shown more. Bad ones count as
            none.
        network_limit: the limit that the caller's network is held to: the account's own and `_network`; or empty.
        file: what file the body is, in place of JSON.
        upload: what form with a file the body is, in place of JSON; its handler reads it.
        downloads: media types of the file that it answers with, in place of JSON; its handler gives a `Download`.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Call], Awaitable[BaseModel | Reply | Download]]
    data: type[BaseModel]
    access: Access = Access.SIGNED_IN
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    other_status: int | None = None
    fresh: bool = False
    owing: bool = False
    rule: Rule | None = None
    recognise: bool = False
    network_limit: str = ""
    file: FileBody | None = None
    upload: UploadBody | None = None
    downloads: tuple[str, ...] = ()
