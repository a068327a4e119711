"""What the use cases need from outside, as Protocols. `app` decides who fills them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from nlp.spans import Span
from server.kernel.actor import Actor
from server.kernel.events import Event


class Clock(Protocol):
    """The time, so that rules about time can be tested."""

    def __call__(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        ...


class SpanFinder(Protocol):
    """Finds identifiers. Fails by raising, never by giving fewer spans."""

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        """Find every identifier: spans in code points, sorted, without overlap.

        Raises:
            RedactionUnavailable: nothing can be said about this text at the moment.
        """
        ...


class EventSink(Protocol):
    """Takes what happened, after it is durable."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Hand the events on, in order. Must not raise for a receiver that is gone."""
        ...


class Limiter(Protocol):
    """Counts uses against limits."""

    async def spend(self, limit: str, key: str) -> None:
        """Count one use.

        Args:
            limit: name of a configured limit, `message`, `sign_in`, ...
            key: whom it counts for; an account id or a network, never typed text.

        Raises:
            RateLimited: the limit is used up; says how long to wait.
        """
        ...


class Consents(Protocol):
    """Knows for which purposes a person's data may be used."""

    async def require(self, account_id: str, purpose: str) -> None:
        """Insist that it may.

        Raises:
            ConsentRequired: the person has not agreed, or has withdrawn.
        """
        ...


class Directory(Protocol):
    """Looks accounts up for display."""

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Give the accounts that exist, by id; `session_id` is empty."""
        ...
