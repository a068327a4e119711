"""What is kept of people in files: those of their conversations and of their feedback, each under their own key."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from server.files.model import State, StoredFile, content_name
from server.kernel.holdings import Fate, Held, Piece
from server.kernel.ports import PersonSealer
from server.keyring import decrypt
from server.sealed.personal import FILE_KEY, Kept, PersonalValues

_PIECE: Final = 65_536


class FileStore(Protocol):
    """What this needs of the store; see `store.MongoFileStore`."""

    async def of_person(self, person_id: str) -> list[StoredFile]: ...
    async def content(self, name: str) -> bytes | None: ...


class Remover(Protocol):
    """Removes files; see `service.FileService`."""

    async def forget_person(self, person_id: str) -> int: ...


class Looks(Protocol):
    """Knows who was shown what is sealed; see `sealed.revealing.Revealing`."""

    async def forget(self, record_id: str) -> None: ...


class FileHoldings:
    """Fills `kernel.holdings.Holdings`.

    Args:
        store: where files are.
        files: removes them.
        looks: knows who was shown one of them.
        sealer: opens them.
    """

    name: Final = "files"
    collections: Final = ("files", "file_content.files", "file_content.chunks")

    def __init__(self, store: FileStore, files: Remover, looks: Looks, sealer: PersonSealer) -> None:
        self._store = store
        self._files = files
        self._looks = looks
        self._values = PersonalValues(sealer)

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        count = len(await self._store.of_person(person_id))
        return (Held("files", count, "support"),) if count else ()

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`. One file at a time is in memory; its name is as it passed the gate."""
        for file in await self._store.of_person(person_id):
            if file.state is not State.UPLOADED:
                yield Piece(f"files/{file.id}/{file.name.value}", self._bytes(file), "export.about.file")

    async def _bytes(self, file: StoredFile) -> AsyncIterator[bytes]:
        name = content_name(file.id, small=False)
        sealed = await self._store.content(name)
        key = await self._values.open(Kept(FILE_KEY, file.person_id, file.key, file.id))
        if sealed is None or key is None:
            # It went while the export was made.
            return
        content = await asyncio.to_thread(decrypt, key, sealed, name.encode())
        for start in range(0, len(content), _PIECE):
            yield content[start : start + _PIECE]

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        count = len(await self._store.of_person(person_id))
        return (Fate("files", count),) if count else ()

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        for file in await self._store.of_person(person_id):
            # Before the file: afterwards nobody would know whose the look was.
            await self._looks.forget(file.id)
        return (Fate("files", await self._files.forget_person(person_id)),)
