"""What the middleware asks of those who watch how the server does: traces, reports of faults, counts of pages.

They are told of a request by its route's template and its method as it is known, never by its path.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from server.telemetry.spans import clean_method


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is for, in words of ours.

    Attributes:
        route: template of its route, or `none`.
        method: of HTTP, or `_OTHER`: a client could write anything there.
    """

    route: str
    method: str

    @classmethod
    def of(cls, request: web.Request) -> "Asked":
        """Read it from a request that was routed."""
        resource = request.match_info.route.resource
        return cls(resource.canonical if resource else "none", clean_method(request.method))


class Watching(Protocol):
    """Watches; `server.composition.observing` does."""

    def request(self, request: web.Request, asked: Asked) -> AbstractContextManager[Callable[[int], None]]:
        """Trace a request; what it gives is told the status."""
        ...

    def answered(self, request: web.Request, asked: Asked, status: int) -> None:
        """Take note that a request was answered."""
        ...

    def failed(self, error: BaseException, work: str) -> None:
        """Take note of an exception that nobody expected."""
        ...
