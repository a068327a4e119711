"""What becomes of forms when their conversation becomes another account's, or their message is deleted."""

from datetime import datetime
from typing import Final, Protocol

from server.chat.events import MessageChanged
from server.forms.model import Form
from server.kernel.ports import Clock
from server.sealed.service import Sealed

_SYSTEM: Final = "system"


class FormStore(Protocol):
    """What this needs of the store; see `store.MongoFormStore`."""

    async def find(self, form_id: str) -> Form | None: ...
    async def of_conversation(self, conversation_id: str) -> list[Form]: ...
    async def withdraw(self, form_id: str, at: datetime) -> bool: ...
    async def hand_over(self, form_id: str, from_id: str, to_id: str) -> None: ...


class Following:
    """Lets forms follow their conversation. Fills `chat.adoption.Belongings`."""

    def __init__(self, store: FormStore, sealed: Sealed, clock: Clock) -> None:
        self._store = store
        self._sealed = sealed
        self._clock = clock

    async def hand_over(self, conversation_id: str, from_account_id: str, to_account_id: str) -> None:
        """Give the forms of a conversation to the account that their person has now, under its key. Safe to repeat.

        Raises:
            NotFound: that account has no key any more.
            Conflict, Unavailable: not all were handed over; do it again.
        """
        for form in await self._store.of_conversation(conversation_id):
            if form.person_id == from_account_id:
                await self._sealed.hand_over(form.id, to_account_id)
                await self._store.hand_over(form.id, from_account_id, to_account_id)

    async def message_changed(self, event: MessageChanged) -> None:
        """Take a form back whose message was deleted: what nobody sees any more its person could not take back."""
        message = event.message
        if message.form is None or message.deleted_at is None:
            return
        form = await self._store.find(message.form)
        if form is not None and form.withdrawn_at is None:
            await self._sealed.erase(_SYSTEM, form.id)
            await self._store.withdraw(form.id, self._clock())
            await self._sealed.erase(_SYSTEM, form.id)
