"""Who sees a file, and what is written down when somebody does.

An address is asked for first (`links`), by somebody signed in; that is where what is sealed takes the one way of all
that is revealed (`sealed.revealing`): training, purpose, reason, the person's access log. Whoever then follows it
(`open`) must still be signed in there and still be allowed to open it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.files.links import Link, Links
from server.files.model import LINK_LASTS, SEALED_LINK_LASTS, State, StoredFile, content_name, needs_purpose
from server.files.ports import Circles, FileStore, SignedIn
from server.kernel.actor import Actor
from server.kernel.disclosure import Purpose
from server.kernel.errors import NotFound
from server.kernel.ports import Clock, Limiter, PersonSealer
from server.kernel.text import RawText
from server.keyring import decrypt
from server.sealed.personal import FILE_KEY, Kept, PersonalValues
from server.sealed.revealing import Revealing, Sight

OPENED: Final = "file:opened"
"""What the access log calls the opening of a sealed file."""

_CONTENT: Final = "content"
"""What is shown of a sealed file."""


@dataclass(frozen=True, slots=True)
class Look:
    """What staff open sealed files for.

    Attributes:
        purpose: what for.
        reason: in their words.
    """

    purpose: Purpose
    reason: RawText


@dataclass(frozen=True, slots=True)
class Shown:
    """The addresses of a file, for one account.

    Attributes:
        file_id: of which file.
        address: of the whole file.
        small_address: of its small form, or None without one.
        until: when they end.
    """

    file_id: str
    address: str
    small_address: str | None
    until: datetime


class FileViews:
    """Shows files.

    Args:
        store: where they are kept.
        sealer: keys of people.
        circles: know who opens what.
        signed_in: knows who is signed in.
        revealing: what every look at something sealed needs.
        links: makes addresses.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: FileStore,
        sealer: PersonSealer,
        circles: Circles,
        signed_in: SignedIn,
        revealing: Revealing,
        links: Links,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._values = PersonalValues(sealer)
        self._circles = circles
        self._signed_in = signed_in
        self._revealing = revealing
        self._links = links
        self._limiter = limiter
        self._clock = clock

    async def links(self, actor: Actor, circle_id: str, file_ids: Sequence[str], look: Look | None) -> list[Shown]:
        """Give addresses of files of a circle; of those that the actor may not open, or not like this, none.

        Args:
            actor: who wants to see them.
            circle_id: where they stand.
            file_ids: which.
            look: what staff want to see sealed ones for; each is written into the person's access log.

        Raises:
            NotFound: they may not read there.
            NotPermitted: a sealed one is asked for by somebody who has not learnt how to keep data safe.
            InvalidInput, RedactionUnavailable: the reason; see the gate.
            RateLimited: they ask more often than anybody looks.
            Unavailable: it could not be written down that they look.
        """
        await self._circles.note_reading(actor, circle_id)
        await self._limiter.spend("file_link", actor.account_id)
        found = await self._store.find(file_ids)
        may_open = await self._circles.opener(actor, circle_id)
        asked = [found[file_id] for file_id in dict.fromkeys(file_ids) if file_id in found]
        open_to_them = [file for file in asked if _is_there_for(actor, file, circle_id) and may_open(file)]
        if look is None:
            return [self._shown(actor, file) for file in open_to_them if not needs_purpose(actor, file)]
        shown: list[Shown] = []
        for file in open_to_them:
            if needs_purpose(actor, file) and not await self._is_revealed(actor, file, look):
                continue
            shown.append(self._shown(actor, file))
        return shown

    async def _is_revealed(self, actor: Actor, file: StoredFile, look: Look) -> bool:
        """Take the way of all that is revealed; False where they may not open it any more once their reason is read."""
        reason = await self._revealing.reason(actor, file.id, look.reason)
        # Asked again: the gate takes its time, and meanwhile the conversation may be another's.
        if not await self._may_open(actor, file):
            return False
        sight = Sight(file.id, (_CONTENT,), file.person_id, look.purpose, OPENED, (file.id,))
        await self._revealing.write_down(actor, sight, reason)
        return True

    async def open(self, link: Link, signature: str) -> tuple[StoredFile, bytes]:
        """Give a file to whoever holds an address of it.

        Args:
            link: what the address says; its `circle_id` is not in it and is filled in here.
            signature: that stands in the address.

        Raises:
            NotFound: the address was not made here or is over, its account is signed out or may not open the file
                any more, or it is gone: all answer alike.
        """
        file = (await self._store.find([link.file_id])).get(link.file_id)
        if file is None:
            raise NotFound
        meant = Link(file.id, file.circle_id, link.account_id, link.session_id, until=link.until, small=link.small)
        if not self._links.is_good(meant, signature, self._clock()):
            raise NotFound
        actor = await self._signed_in.actor_of(link.account_id, link.session_id)
        if actor is None or not await self._may_open(actor, file):
            raise NotFound
        return file, await self._content(file, small=link.small)

    async def content_of(self, circle_id: str, file_id: str) -> tuple[StoredFile, bytes]:
        """Give a file that stands in a circle, to whom the caller has found to be allowed to open it.

        Raises:
            NotFound: there is none.
        """
        file = (await self._store.find([file_id])).get(file_id)
        if file is None or file.circle_id != circle_id or file.state is State.UPLOADED:
            raise NotFound
        return file, await self._content(file, small=False)

    async def _may_open(self, actor: Actor, file: StoredFile) -> bool:
        if not _is_there_for(actor, file, file.circle_id):
            return False
        return (await self._circles.opener(actor, file.circle_id))(file)

    async def _content(self, file: StoredFile, *, small: bool) -> bytes:
        if small and not file.small:
            raise NotFound
        name = content_name(file.id, small=small)
        sealed = await self._store.content(name)
        key = await self._values.open(Kept(FILE_KEY, file.person_id, file.key, file.id))
        if sealed is None or key is None:
            raise NotFound
        return await asyncio.to_thread(decrypt, key, sealed, name.encode())

    def _shown(self, actor: Actor, file: StoredFile) -> Shown:
        lasts = SEALED_LINK_LASTS if file.sealing is not None else LINK_LASTS
        until = (self._clock() + lasts).replace(microsecond=0)

        def address(*, small: bool) -> str:
            return self._links.address(
                Link(file.id, file.circle_id, actor.account_id, actor.session_id, until=until, small=small)
            )

        return Shown(file.id, address(small=False), address(small=True) if file.small else None, until)


def _is_there_for(actor: Actor, file: StoredFile, circle_id: str) -> bool:
    """Whether a file is in that circle, and sent, or the actor's own upload."""
    if file.circle_id != circle_id:
        return False
    return file.state is not State.UPLOADED or file.owner_id == actor.account_id
