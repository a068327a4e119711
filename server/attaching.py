"""Builds what takes images and files in and serves them. For `app` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.attachments.service import Attachments
from server.attachments.store import MongoAttachmentStore
from server.attachments.workshop import Workshop
from server.chat.model import Action
from server.chat.service import ChatService
from server.config import Settings
from server.files import api as files_api
from server.files import workshop
from server.files.links import Links
from server.files.model import MIB, Sizes
from server.files.scanner import ClamScanner
from server.files.service import FileService
from server.files.showing import FileViews
from server.files.store import MongoFileStore
from server.identity import Ground, Identity
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.disclosure import AccessLog
from server.kernel.ports import Consents
from server.people.service import People
from server.web.endpoint import Endpoint


@asynccontextmanager
async def open_attachments(ground: Ground, people: People) -> AsyncIterator[Attachments]:
    """Build and start it.

    Args:
        ground: what it stands on.
        people: knows who may attach images.
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
    await attachments.start()
    try:
        yield attachments
    finally:
        await attachments.close()


def sizes_of(settings: Settings) -> Sizes:
    """Give the largest files of conversations that are taken."""
    return Sizes(
        image=settings.attachment_mib * MIB, document=settings.document_mib * MIB, text=settings.text_file_kib * 1024
    )


@asynccontextmanager
async def open_files(ground: Ground, intake: Intake, consents: Consents) -> AsyncIterator[FileService]:
    """Build what keeps files of conversations, before conversations are; `show_files` starts it."""
    scanner = ClamScanner(ground.settings.clamav_url) if ground.settings.clamav_url else None
    files = FileService(
        MongoFileStore(ground.database),
        workshop.Workshop(),
        scanner,
        intake,
        ground.sealer,
        consents,
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
    """The running services about files of conversations."""

    files: FileService
    views: FileViews
    sizes: Sizes

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return files_api.endpoints(self.files, self.views, self.sizes.largest)


def show_files(
    ground: Ground, files: FileService, chat: ChatService, identity: Identity, access_log: AccessLog
) -> Filing:
    """Tell files of the conversations that they stand in, start them, and build what shows them."""
    talks = _Talks(chat)
    files.ask(talks)
    files.start()
    views = FileViews(
        MongoFileStore(ground.database),
        ground.sealer,
        talks,
        _SignedIn(identity),
        access_log,
        Links(ground.keyring.derive("files/links")),
        ground.limiter,
        ground.clock,
    )
    return Filing(files, views, sizes_of(ground.settings))


class _Talks:
    """Conversations in the words of files."""

    def __init__(self, chat: ChatService) -> None:
        self._chat = chat

    async def person_of(self, conversation_id: str) -> str:
        return await self._chat.person_of(conversation_id)

    async def takes_part(self, actor: Actor, conversation_id: str) -> bool:
        return await self._chat.may(actor, Action.POST, conversation_id)

    async def may_read(self, actor: Actor, conversation_id: str) -> bool:
        return await self._chat.may(actor, Action.READ, conversation_id)

    async def note_reading(self, actor: Actor, conversation_id: str) -> None:
        await self._chat.require_reader(actor, conversation_id)

    async def was_sent(self, conversation_id: str, account_id: str, client_message_id: str) -> bool:
        return await self._chat.was_sent(conversation_id, account_id, client_message_id)


class _SignedIn:
    """Sessions in the words of files."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def actor_of(self, account_id: str, session_id: str) -> Actor | None:
        sessions = await self._identity.sessions.of_account(account_id)
        if not any(session.id == session_id for session in sessions):
            return None
        return (await self._identity.accounts.actors([account_id])).get(account_id)
