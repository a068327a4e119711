"""What capabilities keep in collections whose documents name their person, as `kernel.holdings` wants it.

A capability declares which collections, by which field, and what of a document a person may take along; nothing that is
not named there ever gets into an export. What is sealed, cached or shared with others is the capability's own affair.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from server.kernel.holdings import Fate, Held, Piece
from server.kernel.wire import rfc3339
from server.storage.mongo import Collection, Database, Document, translate_errors

_A_PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class Owned:
    """One collection of which documents are a person's.

    Attributes:
        collection: its name.
        whose: the field that holds the person's id; an index makes it quick.
        kind: `Held.kind`.
        purpose: `Held.purpose`.
        shown: field of a document -> its name in an export; empty: digests, keys and the like, which say nothing.
        rule: `Held.rule`.
    """

    collection: str
    whose: str
    kind: str
    purpose: str
    shown: Mapping[str, str] = field(default_factory=dict)
    rule: str = ""


class OwnedHoldings:
    """Fills `kernel.holdings.Holdings` for a capability whose documents go altogether.

    Args:
        name: of the capability.
        database: where.
        owned: what is a person's.
        collections: all of the capability, those that hold nothing of anybody too.
    """

    def __init__(self, name: str, database: Database, owned: Sequence[Owned], collections: tuple[str, ...]) -> None:
        self._name = name
        self._database = database
        self._owned = owned
        self.collections = collections

    @property
    def name(self) -> str:
        """See `kernel.holdings.Holdings`."""
        return self._name

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `kernel.holdings.Holdings`."""
        return [Held(one.kind, await self.count(one, person_id), one.purpose, one.rule) for one in self._owned]

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `kernel.holdings.Holdings`."""
        for one in self._owned:
            if not one.shown:
                continue
            part, number = list[object](), 0
            async for document in self.documents(one, person_id):
                part.append(told(document, one.shown))
                if len(part) == _A_PIECE:
                    number += 1
                    yield Piece(self._path(one, number), part, f"held.{one.kind}")
                    part = []
            if part:
                yield Piece(self._path(one, number + 1), part, f"held.{one.kind}")

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        return [Fate(one.kind, await self.count(one, person_id)) for one in self._owned]

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        return [Fate(one.kind, await self.remove(one, person_id)) for one in self._owned]

    # --- for those who do more --------------------------------------------------------------------------------------

    @translate_errors()
    async def count(self, one: Owned, person_id: str) -> int:
        """Count a person's."""
        return int(await self._of(one).count_documents({one.whose: person_id}))

    async def documents(self, one: Owned, person_id: str) -> AsyncIterator[Document]:
        """Read a person's."""
        async with translate_errors():
            async for document in self._of(one).find({one.whose: person_id}):
                yield document

    @translate_errors()
    async def remove(self, one: Owned, person_id: str) -> int:
        """Remove a person's; give how many there were."""
        return int((await self._of(one).delete_many({one.whose: person_id})).deleted_count)

    def _of(self, one: Owned) -> Collection:
        return self._database[one.collection]

    def _path(self, one: Owned, number: int) -> str:
        return f"{self._name}/{one.kind}{f'-{number}' if number > 1 else ''}.json"


def told(document: Mapping[str, object], shown: Mapping[str, str]) -> dict[str, object]:
    """Give what an export says of a document."""
    return {name: _said(document.get(key)) for key, name in shown.items()}


def _said(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Mapping):
        return {str(key): _said(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_said(item) for item in value]
    if isinstance(value, bytes):
        raise TypeError("bytes of a document are not for an export: they are digests, or sealed")
    return value
