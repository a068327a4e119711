"""What becomes of forms when their conversation becomes another account's, when their message goes on in another
conversation, and when it is deleted.
"""

from datetime import datetime
from typing import Final, Protocol

from server.chat.events import MessageChanged
from server.forms.model import Form, circle_of
from server.kernel.ports import Clock
from server.sealed.service import Sealed

_SYSTEM: Final = "system"


class FormStore(Protocol):
    """What this needs of the store; see `store.MongoFormStore`."""

    async def find(self, form_id: str) -> Form | None: ...
    async def of_conversation(self, conversation_id: str) -> list[Form]: ...
    async def withdraw(self, form_id: str, at: datetime) -> bool: ...
    async def hand_over(self, form_id: str, from_id: str, to_id: str) -> None: ...
    async def move(self, form_id: str, conversation_id: str, to_conversation_id: str) -> bool: ...


class Following:
    """Lets forms follow their conversation. Fills `chat.adoption.Belongings` and `chat.joining.Forms`."""

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

    async def move(self, form_id: str, conversation_id: str, to_conversation_id: str) -> None:
        """Let a form stand in another conversation of its person; see `chat.joining.Forms`. Safe to repeat.

        Whom its values may be shown to goes along: staff who take part where it stands now, and nobody else.

        Raises:
            Conflict, Unavailable: it is not known to be moved; do it again.
        """
        before, after = circle_of(conversation_id), circle_of(to_conversation_id)
        if await self._store.move(form_id, conversation_id, to_conversation_id):
            await self._sealed.regrant(form_id, before, after)

    async def message_changed(self, event: MessageChanged) -> None:
        """Take a form back whose message was deleted: what nobody sees any more its person could not take back."""
        message = event.message
        if message.form is None or message.deleted_at is None:
            return
        form = await self._store.find(message.form)
        # Where its message was only left behind as a trace, it stands elsewhere now.
        here = form is not None and form.conversation_id == message.conversation_id
        if form is not None and here and form.withdrawn_at is None:
            await self._sealed.erase(_SYSTEM, form.id)
            await self._store.withdraw(form.id, self._clock())
            await self._sealed.erase(_SYSTEM, form.id)
