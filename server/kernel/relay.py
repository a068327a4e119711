"""One event sink that hands on to several: live news, and whoever else listens. Knows nothing of what events say."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from server.kernel.events import Event
from server.kernel.ports import EventSink

logger = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)
Listener = Callable[[Any], Awaitable[None]]


class Relay:
    """Hands events on, in order: first to another sink, then to those who listen for their kind.

    Args:
        first: told of all events.
    """

    def __init__(self, first: EventSink) -> None:
        self._first = first
        self._listeners: dict[type[Event], list[Listener]] = {}

    def listen(self, kind: type[E], listener: Callable[[E], Awaitable[None]]) -> None:
        """Hear of a kind of event."""
        self._listeners.setdefault(kind, []).append(listener)

    async def publish(self, events: Sequence[Event]) -> None:
        """Hand the events on. A listener's failure is logged by type and stops nobody else."""
        await self._first.publish(events)
        for event in events:
            for listener in self._listeners.get(type(event), ()):
                try:
                    await listener(event)
                except Exception as error:
                    logger.error("hearing of %s failed: %s", type(event).__name__, type(error).__name__)
