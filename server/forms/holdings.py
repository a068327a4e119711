"""What is kept of people in sealed forms: that there is one, and its values under the person's own key."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from server.forms.model import Form
from server.kernel.holdings import Fate, Held, Piece
from server.kernel.wire import rfc3339
from server.sealed.service import Sealed


class FormStore(Protocol):
    """What this needs of the store; see `store.MongoFormStore`."""

    async def of_person(self, person_id: str) -> list[Form]: ...
    async def of_conversation(self, conversation_id: str) -> list[Form]: ...
    async def remove(self, form_id: str) -> None: ...


class FormHoldings:
    """Fills `kernel.holdings.Holdings`, for forms and for the sealed store under them."""

    name: Final = "forms"
    collections: Final = ("forms", "sealed_records", "sealed_reveals")

    def __init__(self, store: FormStore, sealed: Sealed) -> None:
        self._store = store
        self._sealed = sealed

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        count = len(await self._store.of_person(person_id))
        return (Held("forms", count, "support"),) if count else ()

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`."""
        for form in await self._store.of_person(person_id):
            document = {
                "form": form.template_id,
                "version": form.version,
                "made_at": rfc3339(form.made_at),
                "filled_at": rfc3339(form.filled_at) if form.filled_at else None,
                "consented_at": rfc3339(form.consented_at) if form.consented_at else None,
                "withdrawn_at": rfc3339(form.withdrawn_at) if form.withdrawn_at else None,
                "note": form.note.value if form.note else None,
                "values": dict(await self._sealed.own(form.id)),
            }
            yield Piece(f"forms/{form.id}.json", document, "export.about.form")

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        count = len(await self._store.of_person(person_id))
        return (Fate("forms", count),) if count else ()

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`. Values first: a record that a crash leaves without its form is found by its person."""
        for record_id in await self._sealed.of_person(person_id):
            await self._sealed.forget(record_id)
        forms = await self._store.of_person(person_id)
        for form in forms:
            await self._remove(form)
        return (Fate("forms", len(forms)),)

    async def forget_conversation(self, conversation_id: str) -> int:
        """Remove the forms of one conversation, with their values; give how many. Safe to repeat."""
        forms = await self._store.of_conversation(conversation_id)
        for form in forms:
            await self._remove(form)
        return len(forms)

    async def _remove(self, form: Form) -> None:
        await self._sealed.forget(form.id)
        await self._store.remove(form.id)
