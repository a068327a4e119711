"""What the use cases about files need from outside, as Protocols. `attaching` decides who fills them."""

from collections.abc import Sequence
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


class Conversations(Protocol):
    """Knows who takes part in conversations now."""

    async def person_of(self, conversation_id: str) -> str:
        """Say whose it is. Raises `NotFound`."""
        ...

    async def takes_part(self, actor: Actor, conversation_id: str) -> bool:
        """Whether they may write in it: its customer, who has it, and whom they brought in."""
        ...

    async def may_read(self, actor: Actor, conversation_id: str) -> bool:
        """Whether they may read it, by way of exception too."""
        ...

    async def note_reading(self, actor: Actor, conversation_id: str) -> None:
        """Insist that they may read it, and write down that they are about to. Raises `NotFound`, `Unavailable`."""
        ...

    async def was_sent(self, conversation_id: str, account_id: str, client_message_id: str) -> bool:
        """Whether a message of theirs is there."""
        ...


class SignedIn(Protocol):
    """Knows who is signed in."""

    async def actor_of(self, account_id: str, session_id: str) -> Actor | None:
        """Give the account whose session this is; None when it has ended."""
        ...
