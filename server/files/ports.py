"""What the use cases about files need from outside, as Protocols. `attaching` decides who fills them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from server.files.model import Cleaned, StoredFile
from server.kernel.actor import Actor


class FileStore(Protocol):
    """Keeps files; `store.MongoFileStore` says what each does."""

    async def insert(self, file: StoredFile) -> None: ...
    async def replace(self, file: StoredFile) -> None: ...
    async def claim(self, file_id: str, before: str | None, message_key: str, now: datetime) -> bool: ...
    async def find(self, file_ids: Sequence[str]) -> dict[str, StoredFile]: ...
    async def waiting_of(self, owner_id: str) -> list[StoredFile]: ...
    async def waiting(self, before: datetime) -> list[StoredFile]: ...
    async def of_person(self, person_id: str) -> list[StoredFile]: ...
    async def remove(self, file_id: str, contents: Sequence[str]) -> None: ...
    async def put_content(self, name: str, sealed: bytes) -> None: ...
    async def content(self, name: str) -> bytes | None: ...


class Cleaner(Protocol):
    """Leaves behind what nobody needs."""

    async def clean(self, data: bytes) -> Cleaned:
        """Give what is left of a file. Raises `Refused`."""
        ...


class Scanner(Protocol):
    """Looks for what does harm."""

    async def require_clean(self, data: bytes) -> None:
        """Insist that a file is clean. Raises `Refused`, or `Unavailable` when nobody says so."""
        ...


class Circles(Protocol):
    """Knows who belongs to what files stand in, now: to conversations, and to feedback."""

    async def require_part(self, actor: Actor, circle_id: str) -> None:
        """Insist that they may write there, and bring files.

        Raises:
            NotFound, NotPermitted: they may not.
            ConsentRequired: a customer has withdrawn from what it is part of.
        """
        ...

    async def person_of(self, circle_id: str, owner_id: str) -> str:
        """Say under whose key a file is to lie that somebody brings there. Raises `NotFound`."""
        ...

    async def opener(self, actor: Actor, circle_id: str) -> Callable[[StoredFile], bool]:
        """Give what says which files there they may open, sealed ones for a purpose that they state."""
        ...

    async def note_reading(self, actor: Actor, circle_id: str) -> None:
        """Insist that they may read there, and write down that they are about to. Raises `NotFound`, `Unavailable`."""
        ...

    async def was_sent(self, circle_id: str, owner_id: str, message_id: str) -> bool:
        """Whether what they wrote, and claimed files for, is there."""
        ...


class SignedIn(Protocol):
    """Knows who is signed in."""

    async def actor_of(self, account_id: str, session_id: str) -> Actor | None:
        """Give the account whose session this is; None when it has ended."""
        ...
