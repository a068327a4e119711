"""From what happened to who is told. Capabilities say what an event looks like on the wire; this tells the rooms."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from server.kernel.events import Event
from server.realtime.events import Emission
from server.realtime.sockets import Sockets

logger = logging.getLogger("amanah.realtime")

Translator = Callable[[Any], Awaitable[Sequence[Emission]]]


class Fanout:
    """The event sink: translates events and tells the rooms, in order."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self._translators: dict[type[Event], Translator] = {}

    def translate(self, kind: type[Event], translator: Translator) -> None:
        """Say how a kind of event looks on the wire."""
        self._translators[kind] = translator

    async def publish(self, events: Sequence[Event]) -> None:
        """Tell everybody concerned. A receiver's failure is logged by type and stops nobody else."""
        for event in events:
            translator = self._translators.get(type(event))
            if translator is None:
                continue
            try:
                for emission in await translator(event):
                    await self._sockets.emit(emission)
            except Exception as error:
                logger.error("telling of %s failed: %s", type(event).__name__, type(error).__name__)
