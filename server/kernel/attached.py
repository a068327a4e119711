"""Files that stand with messages: what a message knows of them, and what chat asks of whoever keeps them.

`server.files` fills the port; `server.composition.attaching` hands it out. Nothing here touches a file's content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from server.kernel.actor import Actor
from server.kernel.text import RedactedText

MOST_WITH_A_MESSAGE: Final = 10


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as a message shows it. Never changes, so a message may keep it as it is.

    Attributes:
        id: opaque.
        name: has passed the gate; its ending says what the content is.
        media_type: found from the content.
        size: of what is kept, in bytes.
        width: of an image, in pixels; else None.
        height: likewise.
        thumbnail: whether there is a small form of it.
        sealed: whether staff open it only who take part in the conversation, for a purpose that they state.
    """

    id: str
    name: RedactedText
    media_type: str
    size: int
    width: int | None
    height: int | None
    thumbnail: bool
    sealed: bool


class Attachments(Protocol):
    """Files of conversations, as chat sees them."""

    async def claim(
        self, actor: Actor, conversation_id: str, client_message_id: str, file_ids: Sequence[str]
    ) -> tuple[Attached, ...]:
        """Take files for a message that is about to be written. The same message again gets the same.

        Args:
            actor: who sends it; only files that they themselves uploaded count.
            conversation_id: where to; only files uploaded for this very conversation count.
            client_message_id: the sender's id of the message.
            file_ids: as the sender named them, in the order in which they are to stand.

        Raises:
            InvalidInput: `attachment_ids` is `too_many`, or names a file that is not there, somebody else's, for
                another conversation or in another message already: all of these are `unknown_file`.
        """
        ...

    async def posted(self, conversation_id: str, file_ids: Sequence[str]) -> None:
        """Take note that the message is durable. Call it after that, before the event goes out. Safe to repeat."""
        ...

    async def remove(self, conversation_id: str, file_ids: Sequence[str]) -> None:
        """Remove files for good, because their message was deleted. Safe to repeat."""
        ...

    async def move(self, conversation_id: str, to_conversation_id: str, file_ids: Sequence[str]) -> None:
        """Let files stand in another conversation, because their messages were moved there. Safe to repeat."""
        ...
