"""Use cases about images: take one in, show it, let go of it. Sees the store and the workshop only as Protocols.

Pictures do not pass the gate: what is written or seen in them nobody hides. So only those whom a trust level allows it
may show any in public, who attaches one says that they have looked, and until a text with it is public only they and
moderators see it. In confidence, to those who handle a complaint, everybody may show what it is about.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from moderation.trust import Power
from server.attachments.model import (
    KEPT_LOOSE,
    MOST_IN_A_TEXT,
    Attachment,
    Audience,
    Picture,
    attachment_id,
    bound,
    can_view,
)
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import InvalidInput, NotFound, NotPermitted, Unavailable
from server.kernel.ports import Clock, Limiter
from server.kernel.retention import Spared, nothing_held
from server.keyring import Keyring, decrypt, encrypt
from server.people.model import Standing

logger = logging.getLogger("amanah.attachments")

_PART_BYTES: Final = 512 * 1024
_SWEEP_S: Final = 3600.0


class AttachmentStore(Protocol):
    """Keeps images; see `store.MongoAttachmentStore`."""

    async def put(self, attachment: Attachment) -> None: ...
    async def find(self, attachment_ids: Sequence[str]) -> dict[str, Attachment]: ...
    async def shown_by(self, text_id: str) -> dict[str, Attachment]: ...
    async def of_owner(self, owner_id: str) -> list[Attachment]: ...
    async def loose(self, before: datetime) -> list[Attachment]: ...
    async def remove(self, attachment_id: str, parts: Sequence[str]) -> None: ...
    async def put_part(self, name: str, sealed: bytes) -> None: ...
    async def parts(self, names: Sequence[str]) -> list[bytes] | None: ...


class Remaker(Protocol):
    """Makes images anew."""

    async def remake(self, data: bytes) -> tuple[Picture, Picture]:
        """Give the whole and the small form. Raises `InvalidInput`."""
        ...


class Standings(Protocol):
    """Knows what people's conduct lets them do."""

    async def standing(self, actor: Actor) -> Standing: ...


class Texts(Protocol):
    """Knows who may read the texts that show images, where they stand now."""

    async def may_read(self, actor: Actor | None, target_id: str) -> bool: ...


class Attachments:
    """Images.

    Args:
        store: where they are kept.
        remaker: makes them anew.
        standings: knows who may attach any.
        keyring: gives the keys that they are sealed and named with.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: AttachmentStore,
        remaker: Remaker,
        standings: Standings,
        keyring: Keyring,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._remaker = remaker
        self._standings = standings
        self._sealing = keyring.derive("attachments/seal")
        self._naming = keyring.derive("attachments/name")
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        # What is read, changed and written, or removed, is not to be changed meanwhile.
        self._turn = asyncio.Lock()
        self._sweeper = Background()
        self._texts: Texts | None = None

    def ask(self, texts: Texts) -> None:
        """Ask, whenever somebody looks, who may read a text: its place may be closed without word of each text."""
        self._texts = texts

    async def start(self, spared: Spared = nothing_held) -> None:
        """Begin to remove what no text shows.

        Args:
            spared: says whose stay for a legal hold.
        """
        self._sweeper.start(self._sweep_now_and_then(spared), name="attachments")

    async def close(self) -> None:
        """End."""
        await self._sweeper.stop()

    async def may_add(self, actor: Actor) -> bool:
        """Whether somebody's standing lets them attach images."""
        standing = await self._standings.standing(actor)
        return standing.may_write(self._clock()) and standing.may(Power.IMAGES)

    async def add(self, actor: Actor, data: bytes, *, confirmed: bool, confidential: bool = False) -> Attachment:
        """Take an image in. Only they and moderators see it until a public text shows it.

        Args:
            actor: who attaches it.
            data: a file.
            confirmed: whether they said that it shows nobody who would not want it, and no number.
            confidential: whether it is for those who handle what they send in confidence: no level is asked then.

        Raises:
            NotPermitted: their standing does not allow it.
            InvalidInput: it is not confirmed, or no image that can be taken; `fields` says why.
            RateLimited: too many.
        """
        if not confirmed:
            raise InvalidInput(fields={"confirmed": "required"})
        if not confidential and not await self.may_add(actor):
            raise NotPermitted
        await self._limiter.spend("attachment", actor.account_id)
        full, small = await self._remaker.remake(data)
        now = self._clock()
        key = attachment_id(self._naming, actor.account_id, full.data)
        async with self._turn:
            before = (await self._store.find([key])).get(key)
            attachment = replace(
                before or _new(key, actor.account_id, now, full, small),
                loose_since=None if before and before.texts else now,
            )
            await self._store.put(attachment)
            for name, piece in (*_pieces(key, "f", full.data), *_pieces(key, "k", small.data)):
                await self._store.put_part(name, encrypt(self._sealing, piece, name.encode()))
        await self._record("attachments:image:stored", actor.account_id, key, length=attachment.length)
        return attachment

    async def view(self, attachment_id: str, *, small: bool, actor: Actor | None) -> tuple[Attachment, bytes]:
        """Give an image's bytes.

        Args:
            attachment_id: which.
            small: the form that texts show, in place of the whole.
            actor: who looks, or None for somebody who is not signed in.

        Raises:
            NotFound: there is none, or none that they may see.
        """
        attachment = (await self._store.find([attachment_id])).get(attachment_id)
        if attachment is None or not await self._may_view(actor, attachment):
            raise NotFound
        return attachment, await self._content(attachment, small=small)

    async def _content(self, attachment: Attachment, *, small: bool) -> bytes:
        count = attachment.small_parts if small else attachment.full_parts
        names = [_name(attachment.id, "k" if small else "f", number) for number in range(count)]
        sealed = await self._store.parts(names)
        if sealed is None:
            raise NotFound
        pieces = zip(names, sealed, strict=True)
        return b"".join(decrypt(self._sealing, piece, name.encode()) for name, piece in pieces)

    async def find(self, attachment_id: str, actor: Actor | None) -> Attachment:
        """Give what is known of an image.

        Raises:
            NotFound: there is none, or none that they may see.
        """
        attachment = (await self._store.find([attachment_id])).get(attachment_id)
        if attachment is None or not await self._may_view(actor, attachment):
            raise NotFound
        return attachment

    async def require_showable(
        self, actor: Actor, attachment_ids: Sequence[str], *, confidential: bool = False
    ) -> None:
        """Insist that somebody may show images in a text of theirs.

        Args:
            actor: whose text it is.
            attachment_ids: the images.
            confidential: whether the text is for those alone who handle it.

        Raises:
            InvalidInput: there are too many, one is gone or not for them to see, or their level opens none in public.
        """
        if attachment_ids and not confidential and not await self.may_add(actor):
            raise InvalidInput(fields={"text": "images_later"})
        if len(attachment_ids) > MOST_IN_A_TEXT:
            raise InvalidInput(fields={"text": "too_many_images"})
        found = await self._store.find(attachment_ids)
        for key in attachment_ids:
            if key not in found or not await self._may_view(actor, found[key]):
                raise InvalidInput(fields={"text": "unknown_image"})

    async def shown(self, owner_id: str, text_id: str, attachment_ids: Sequence[str], audience: Audience) -> None:
        """Take note which images a text shows now, and whom it is for. Safe to repeat.

        Only images of the text's own author are bound to it: who shows another's can't keep it when that one goes.

        Args:
            owner_id: whose text it is.
            text_id: which.
            attachment_ids: what it shows; nothing when it is gone.
            audience: who may read it.
        """
        now = self._clock()
        async with self._turn:
            found = await self._store.shown_by(text_id)
            found |= await self._store.find([key for key in attachment_ids if key not in found])
            for attachment in found.values():
                if attachment.owner_id == owner_id:
                    there = attachment.id in attachment_ids
                    changed = bound(attachment, text_id, audience if there else None, now)
                    if changed != attachment:
                        await self._store.put(changed)

    async def sweep(self, spared: Spared = nothing_held) -> int:
        """Remove images that no text shows for long enough, unless their owner is held; give how many."""
        async with self._turn:
            loose = await self._store.loose(self._clock() - KEPT_LOOSE)
            kept = spared({attachment.owner_id for attachment in loose})
            gone = [attachment for attachment in loose if attachment.owner_id not in kept]
            for attachment in gone:
                await self._remove(attachment)
        return len(gone)

    async def of_owner(self, owner_id: str) -> Sequence[Attachment]:
        """Give somebody's images, shown or not, whoever asks."""
        return await self._store.of_owner(owner_id)

    async def content_of(self, attachment: Attachment) -> bytes:
        """Give the whole image, whoever asks.

        Raises:
            NotFound: its bytes are gone.
        """
        return await self._content(attachment, small=False)

    async def forget_owner(self, owner_id: str) -> int:
        """Remove all images of somebody who is erased, whatever texts show them; give how many. Safe to repeat."""
        async with self._turn:
            gone = await self._store.of_owner(owner_id)
            for attachment in gone:
                await self._remove(attachment)
        return len(gone)

    async def _remove(self, attachment: Attachment) -> None:
        names = [_name(attachment.id, "f", number) for number in range(attachment.full_parts)]
        names += [_name(attachment.id, "k", number) for number in range(attachment.small_parts)]
        await self._store.remove(attachment.id, names)
        await self._record("attachments:image:removed", "system", attachment.id)

    async def _may_view(self, actor: Actor | None, attachment: Attachment) -> bool:
        if self._texts is None:
            return can_view(actor, attachment)
        if can_view(actor, replace(attachment, texts=(), audiences=())):
            return True
        # What stands written of a text's audience is older than where the text stands: its topic may have been moved,
        # or its category opened or closed, without word of each text.
        for text in attachment.texts:
            if await self._texts.may_read(actor, text):
                return True
        return False

    async def _sweep_now_and_then(self, spared: Spared) -> None:
        while True:
            try:
                await self.sweep(spared)
            except Unavailable:
                logger.warning("the store did not answer; loose images are looked for again later")
            await asyncio.sleep(_SWEEP_S)

    async def _record(self, action: str, by: str, attachment_id: str, **counts: int) -> None:
        entry = AuditEntry(action=action, actor_id=by, objects=(attachment_id,), at=self._clock(), counts=counts)
        await self._audit.append([entry])


def _new(key: str, owner_id: str, now: datetime, full: Picture, small: Picture) -> Attachment:
    return Attachment(
        id=key,
        owner_id=owner_id,
        made_at=now,
        full_size=(full.width, full.height),
        small_size=(small.width, small.height),
        full_parts=len(list(_pieces(key, "f", full.data))),
        small_parts=len(list(_pieces(key, "k", small.data))),
        length=len(full.data) + len(small.data),
    )


def _name(key: str, form: str, number: int) -> str:
    return f"{key}:{form}:{number}"


def _pieces(key: str, form: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    for number, start in enumerate(range(0, len(data), _PART_BYTES)):
        yield _name(key, form, number), data[start : start + _PART_BYTES]
