"""What is kept of people's images. Must not know where they are shown."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from server.attachments.model import Attachment
from server.attachments.service import Attachments
from server.kernel.errors import NotFound
from server.kernel.holdings import Fate, Held, Piece

_PIECE: Final = 65_536


class ImageHoldings:
    """Fills `kernel.holdings.Holdings`."""

    name: Final = "attachments"
    collections: Final = ("attachments", "attachment_parts")

    def __init__(self, images: Attachments) -> None:
        self._images = images

    async def held(self, person_id: str) -> Sequence[Held]:
        """See `Holdings`."""
        count = len(await self._images.of_owner(person_id))
        return (Held("images", count, "community"),) if count else ()

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `Holdings`. One image at a time is in memory."""
        for attachment in await self._images.of_owner(person_id):
            yield Piece(f"images/{attachment.id}.webp", self._bytes(attachment), "export.about.image")

    async def _bytes(self, attachment: Attachment) -> AsyncIterator[bytes]:
        try:
            content = await self._images.content_of(attachment)
        except NotFound:
            # It went while the export was made.
            return
        for start in range(0, len(content), _PIECE):
            yield content[start : start + _PIECE]

    async def preview(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`."""
        count = len(await self._images.of_owner(person_id))
        return (Fate("images", count),) if count else ()

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `Holdings`. Also where somebody else's text shows them."""
        return (Fate("images", await self._images.forget_owner(person_id)),)
