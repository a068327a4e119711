"""Builds what takes images and files in and serves them. For `parts` only."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from server.attachments.service import Attachments
from server.attachments.store import MongoAttachmentStore
from server.attachments.workshop import Workshop
from server.chat.model import Action
from server.chat.service import ChatService
from server.composition.identity import Ground, Identity
from server.config import Settings
from server.files import api as files_api
from server.files import workshop
from server.files.circles import FEEDBACK
from server.files.links import Links
from server.files.model import MIB, Sizes, StoredFile, needs_purpose
from server.files.ports import Circles
from server.files.scanner import ClamScanner
from server.files.service import FileService
from server.files.showing import FileViews
from server.files.store import MongoFileStore
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import NotFound, NotPermitted, Unavailable
from server.kernel.ports import Consents
from server.kernel.retention import Spared
from server.people.service import People
from server.sealed.revealing import Revealing
from server.web.endpoint import Endpoint

_CHAT: Final = "support_chat"
"""The purpose that customers agree to before they send anything into a conversation."""


@asynccontextmanager
async def open_attachments(ground: Ground, people: People, spared: Spared) -> AsyncIterator[Attachments]:
    """Build and start it.

    Args:
        ground: what it stands on.
        people: knows who may attach images.
        spared: says whose stay for a legal hold.
    """
    attachments = Attachments(
        MongoAttachmentStore(ground.database),
        Workshop(),
        people,
        ground.keyring,
        ground.audit,
        ground.limiter,
        ground.clock,
    )
    await attachments.start(spared)
    try:
        yield attachments
    finally:
        await attachments.close()


def sizes_of(settings: Settings) -> Sizes:
    """Give the largest files that are taken."""
    return Sizes(
        image=settings.attachment_mib * MIB, document=settings.document_mib * MIB, text=settings.text_file_kib * 1024
    )


@asynccontextmanager
async def open_files(ground: Ground, intake: Intake) -> AsyncIterator[FileService]:
    """Build what keeps files, before conversations and feedback are; `Filing.start` starts it."""
    scanner = ClamScanner(ground.settings.clamav_url) if ground.settings.clamav_url else None
    files = FileService(
        MongoFileStore(ground.database),
        workshop.Workshop(),
        scanner,
        intake,
        ground.sealer,
        ground.audit,
        ground.limiter,
        ground.clock,
        sizes_of(ground.settings),
    )
    try:
        yield files
    finally:
        await files.close()


@dataclass(frozen=True, slots=True)
class Filing:
    """The running services about files of conversations and of feedback."""

    files: FileService
    views: FileViews
    circles: "AllCircles"
    sizes: Sizes

    def start(self, feedback: Circles) -> None:
        """Tell files of the feedback that they stand in, too, and begin to remove what nothing took."""
        self.circles.bring(FEEDBACK, feedback)
        self.files.start()

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        largest = self.sizes.largest
        return (
            *files_api.endpoints(self.files, self.views, largest),
            *files_api.feedback_endpoints(self.files, self.views, largest),
        )


def show_files(
    ground: Ground, files: FileService, chat: ChatService, consents: Consents, identity: Identity, revealing: Revealing
) -> Filing:
    """Tell files of the conversations that they stand in, and build what shows them; `Filing.start` starts it."""
    circles = AllCircles(_Talks(chat, consents))
    files.ask(circles)
    views = FileViews(
        MongoFileStore(ground.database),
        ground.sealer,
        circles,
        _SignedIn(identity),
        revealing,
        Links(ground.keyring.derive("files/links")),
        ground.limiter,
        ground.clock,
    )
    return Filing(files, views, circles, sizes_of(ground.settings))


class AllCircles:
    """Fills `files.ports.Circles`: conversations, and whatever was brought, by how a circle's name begins.

    Args:
        talks: those whose names begin like no other's.
    """

    def __init__(self, talks: Circles) -> None:
        self._talks = talks
        self._others: dict[str, Circles | None] = {FEEDBACK: None}

    def bring(self, begin: str, circles: Circles) -> None:
        """Let others answer for the circles whose names begin like this; until then nobody does."""
        self._others[begin] = circles

    def _of(self, circle_id: str) -> Circles:
        for begin, circles in self._others.items():
            if circle_id.startswith(begin):
                if circles is None:
                    # Not built yet. Were it answered that nothing was sent, files would be removed.
                    raise Unavailable
                return circles
        return self._talks

    async def require_part(self, actor: Actor, circle_id: str) -> None:
        """Insist that somebody may bring files there."""
        await self._of(circle_id).require_part(actor, circle_id)

    async def person_of(self, circle_id: str, owner_id: str) -> str:
        """Say under whose key a file is to lie."""
        return await self._of(circle_id).person_of(circle_id, owner_id)

    async def opener(self, actor: Actor, circle_id: str) -> Callable[[StoredFile], bool]:
        """Give what says which files there somebody may open."""
        return await self._of(circle_id).opener(actor, circle_id)

    async def note_reading(self, actor: Actor, circle_id: str) -> None:
        """Insist that somebody may read there, and write down that they are about to."""
        await self._of(circle_id).note_reading(actor, circle_id)

    async def was_sent(self, circle_id: str, owner_id: str, message_id: str) -> bool:
        """Whether what claimed files is there."""
        return await self._of(circle_id).was_sent(circle_id, owner_id, message_id)


class _Talks:
    """Conversations in the words of files."""

    def __init__(self, chat: ChatService, consents: Consents) -> None:
        self._chat = chat
        self._consents = consents

    async def require_part(self, actor: Actor, circle_id: str) -> None:
        if not await self._chat.may(actor, Action.POST, circle_id):
            raise NotPermitted if await self._chat.may(actor, Action.READ, circle_id) else NotFound
        if not actor.is_staff:
            await self._consents.require(actor.account_id, _CHAT)

    async def person_of(self, circle_id: str, _owner_id: str) -> str:
        return await self._chat.person_of(circle_id)

    async def opener(self, actor: Actor, circle_id: str) -> Callable[[StoredFile], bool]:
        takes_part = await self._chat.may(actor, Action.POST, circle_id)
        reads = await self._chat.may(actor, Action.READ, circle_id)
        return lambda file: takes_part if needs_purpose(actor, file) else reads

    async def note_reading(self, actor: Actor, circle_id: str) -> None:
        await self._chat.require_reader(actor, circle_id)

    async def was_sent(self, circle_id: str, owner_id: str, message_id: str) -> bool:
        return await self._chat.was_sent(circle_id, owner_id, message_id)


class _SignedIn:
    """Sessions in the words of files."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def actor_of(self, account_id: str, session_id: str) -> Actor | None:
        sessions = await self._identity.sessions.of_account(account_id)
        if not any(session.id == session_id for session in sessions):
            return None
        return (await self._identity.accounts.actors([account_id])).get(account_id)
