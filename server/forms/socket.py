"""How what happens to sealed forms is told: ids only, to whoever has the conversation open and to its person."""

from collections.abc import Sequence
from typing import Any

from server.chat.socket import room_of
from server.forms.events import FormFilled, FormRevealed, FormWithdrawn
from server.realtime.events import Emission, account_room
from server.realtime.fanout import Fanout


def translate(fanout: Fanout) -> None:
    """Say how these events look on the wire."""
    fanout.translate(FormFilled, _filled)
    fanout.translate(FormRevealed, _revealed)
    fanout.translate(FormWithdrawn, _withdrawn)


async def _filled(event: FormFilled) -> Sequence[Emission]:
    return _told("form:filled", event, {})


async def _revealed(event: FormRevealed) -> Sequence[Emission]:
    return _told("form:revealed", event, {"fields": list(event.fields)})


async def _withdrawn(event: FormWithdrawn) -> Sequence[Emission]:
    return _told("form:withdrawn", event, {})


def _told(name: str, event: FormFilled | FormRevealed | FormWithdrawn, more: dict[str, Any]) -> Sequence[Emission]:
    data = {"form_id": event.form_id, "conversation_id": event.conversation_id, **more}
    return (
        Emission(room_of(event.conversation_id), name, data, skip_accounts=frozenset({event.person_id})),
        Emission(account_room(event.person_id), name, data),
    )
