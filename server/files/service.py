"""Use cases about files of conversations: take one in, give it to a message, show it, let go of it.

Knows neither HTTP nor MongoDB, and nobody's file in the clear longer than one call takes. Must not log a name.
"""

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.files.kinds import marked_family_of, may_be_text, text_of
from server.files.model import (
    KEPT_UNSENT,
    MIB,
    MOST_WAITING,
    Cleaned,
    Family,
    Refused,
    Sealing,
    Sizes,
    State,
    StoredFile,
    can_claim,
)
from server.files.names import file_name
from server.files.ports import Cleaner, Conversations, FileStore, Scanner
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.attached import MOST_WITH_A_MESSAGE, Attached
from server.kernel.background import Background
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted, RateLimited
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Consents, Limiter, PersonSealer
from server.kernel.text import Hidden, Numbering, RawText, RedactedTemplate
from server.keyring import encrypt, random_key

logger = logging.getLogger("amanah.files")

_PURPOSE: Final = "support_chat"
_AT_ONCE: Final = 24
"""Files that are taken in at the same time: each may be in memory twice."""

_READ_AT_ONCE: Final = 2
_BUSY_S: Final = 5
_SWEEP_S: Final = 600.0
_MOST_NAME: Final = 1_000


class FileService:
    """Files. Fills `kernel.attached.Attachments`.

    Args:
        store: where they are kept.
        cleaner: leaves behind what nobody needs.
        scanner: looks for what does harm; None where the operator runs none.
        intake: the gate.
        sealer: keys of people.
        consents: knows whether a customer agreed to the chat.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
        sizes: the largest that are taken.
    """

    def __init__(
        self,
        store: FileStore,
        cleaner: Cleaner,
        scanner: Scanner | None,
        intake: Intake,
        sealer: PersonSealer,
        consents: Consents,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        sizes: Sizes,
    ) -> None:
        self._store = store
        self._cleaner = cleaner
        self._scanner = scanner
        self._intake = intake
        self._sealer = sealer
        self._consents = consents
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._sizes = sizes
        self._conversations: Conversations | None = None
        self._taking = 0
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)
        self._sweeper = Background()

    def ask(self, conversations: Conversations) -> None:
        """Ask these who takes part; conversations are built after the files that they show."""
        self._conversations = conversations

    def start(self) -> None:
        """Begin to remove what no message took. Call `ask` before."""
        self._sweeper.start(self._sweep_now_and_then(), name="files")

    async def close(self) -> None:
        """End."""
        await self._sweeper.stop()

    # --- taking in -------------------------------------------------------------------------------------------------

    async def require_upload(self, actor: Actor, conversation_id: str) -> None:
        """Insist that somebody may upload a file for a conversation now: asked before a byte of it is read.

        Raises:
            NotFound, NotPermitted: they do not take part.
            ConsentRequired: a customer has withdrawn from the chat.
            RateLimited: too many, or all at once.
            InvalidInput: too many of theirs wait for their messages.
        """
        talks = self._talks
        if not await talks.takes_part(actor, conversation_id):
            raise NotPermitted if await talks.may_read(actor, conversation_id) else NotFound
        if not actor.is_staff:
            await self._consents.require(actor.account_id, _PURPOSE)
        if self._taking >= _AT_ONCE:
            raise RateLimited(retry_after=_BUSY_S)
        await self._limiter.spend("file", actor.account_id)
        if len(await self._store.waiting_of(actor.account_id)) >= MOST_WAITING:
            raise _refused("files_waiting")

    async def add(
        self, actor: Actor, conversation_id: str, data: bytes, *, words: RawText, of_a_paper: bool, sealed: bool
    ) -> Attached:
        """Take a file in. It waits an hour for a message; until then only its sender can name it.

        Args:
            actor: who sends it, after `require_upload`.
            conversation_id: for which conversation.
            data: the file.
            words: the words of its name (`names.words_of`).
            of_a_paper: whether they say that it is a paper about somebody.
            sealed: whether the sender says that it shows what identifies somebody.

        Raises:
            InvalidInput: it can't be taken; `file` says why.
            RateLimited: too much in a day.
            RedactionUnavailable, Unavailable: nobody looked at it. Nothing was kept.
        """
        self._taking += 1
        try:
            family = self._family(data)
            for _ in range(math.ceil(len(data) / MIB)):
                await self._limiter.spend("file_mib", actor.account_id)
            try:
                if self._scanner is not None:
                    await self._scanner.require_clean(data)
                cleaned = await self._cleaner.clean(data)
            except Refused as refusal:
                raise _refused(refusal.reason) from None
            file_id = new_id()
            name = await self._name(words, file_id)
            told = of_a_paper or any(isinstance(part, Hidden) for part in name.parts)
            async with self._reading:
                kept, sealing = await self._read(cleaned, family, file_id, actor, by_sender=sealed, by_name=told)
            return await self._keep(actor, conversation_id, file_id, name, kept, sealing)
        finally:
            self._taking -= 1

    def _family(self, data: bytes) -> Family:
        """Say what a file is, without reading to its end what is too long to be taken."""
        family = marked_family_of(data)
        if family is None and not may_be_text(data):
            raise _refused("file_not_allowed")
        if len(data) > self._sizes.most(family or Family.TEXT):
            raise _refused("file_too_large")
        if family is None and text_of(data) is None:
            raise _refused("file_not_allowed")
        return family or Family.TEXT

    async def _name(self, words: RawText, file_id: str) -> RedactedTemplate:
        if not len(words):
            return RedactedTemplate(())
        return await self._intake.admit(words, scope=file_id, field="file", max_length=_MOST_NAME)

    async def _read(
        self, cleaned: Cleaned, family: Family, file_id: str, actor: Actor, *, by_sender: bool, by_name: bool
    ) -> tuple[Cleaned, Sealing | None]:
        """Have the gate look at what can be read: a text is redacted, of other files it is asked whether to seal."""
        if family is Family.TEXT:
            template = await self._intake.redact_document(RawText(cleaned.text), scope=file_id, sender=actor.account_id)
            shown = template.fill(Numbering()).text
            kept = replace(cleaned, data=shown.value.encode(), text="")
            return kept, Sealing.SENDER if by_sender else None
        sealing = Sealing.SENDER if by_sender else Sealing.NAME if by_name else None
        if sealing is None and cleaned.unread:
            sealing = Sealing.UNREAD
        if sealing is None and cleaned.text.strip():
            found = await self._intake.identifies(RawText(cleaned.text), sender=actor.account_id)
            sealing = Sealing.FOUND if found else None
        return replace(cleaned, text=""), sealing

    async def _keep(
        self,
        actor: Actor,
        conversation_id: str,
        file_id: str,
        name: RedactedTemplate,
        kept: Cleaned,
        sealing: Sealing | None,
    ) -> Attached:
        person_id = await self._talks.person_of(conversation_id)
        key, now = random_key(), self._clock()
        file = StoredFile(
            id=file_id,
            conversation_id=conversation_id,
            person_id=person_id,
            owner_id=actor.account_id,
            made_at=now,
            name=file_name(name, kept.media_type),
            media_type=kept.media_type,
            size=len(kept.data),
            picture=kept.picture,
            small=len(kept.small),
            sealing=sealing,
            key=await self._sealer.seal(person_id, key_field(file_id), key),
            waiting_since=now,
        )
        # Known of before its content is there, so that what a crash leaves behind is found and removed.
        await self._store.insert(file)
        try:
            for content, small in ((kept.data, False), (kept.small, True)):
                if content:
                    place = content_name(file_id, small=small)
                    sealed = await asyncio.to_thread(encrypt, key, content, place.encode())
                    await self._store.put_content(place, sealed)
        except DomainError:
            await self._drop(file)
            raise
        await self._record("files:file:stored", actor.account_id, [file], length=file.size)
        return file.attached

    async def withdraw(self, actor: Actor, file_id: str) -> None:
        """Take back an upload that no message has.

        Raises:
            NotFound: there is no such file, or it is somebody else's.
            Conflict: a message has it; that is what is to be deleted then.
        """
        file = (await self._store.find([file_id])).get(file_id)
        if file is None or file.owner_id != actor.account_id:
            raise NotFound
        if file.state is not State.UPLOADED:
            raise Conflict
        await self._let_go([file], actor.account_id)

    # --- with messages ---------------------------------------------------------------------------------------------

    async def claim(
        self, actor: Actor, conversation_id: str, client_message_id: str, file_ids: Sequence[str]
    ) -> tuple[Attached, ...]:
        """Take files for a message that is about to be written. See `kernel.attached.Attachments`."""
        if len(file_ids) > MOST_WITH_A_MESSAGE:
            raise InvalidInput(fields={"attachment_ids": "too_many"})
        message_key = _message_key(actor.account_id, client_message_id)
        found = await self._store.find(file_ids)
        for file_id in file_ids:
            file = found.get(file_id)
            if file is None or not await self._claim_one(file, actor, conversation_id, message_key):
                raise InvalidInput(fields={"attachment_ids": "unknown_file"})
        if len(set(file_ids)) != len(file_ids):
            raise InvalidInput(fields={"attachment_ids": "unknown_file"})
        return tuple(found[file_id].attached for file_id in file_ids)

    async def _claim_one(self, file: StoredFile, actor: Actor, conversation_id: str, message_key: str) -> bool:
        if not can_claim(file, actor.account_id, conversation_id):
            return False
        if file.message_key == message_key:
            return True
        if file.message_key is not None and await self._was_sent(file):
            return False
        if await self._store.claim(file.id, file.message_key, message_key, self._clock()):
            return True
        # Somebody was quicker: this very message, sent twice, or another.
        now = (await self._store.find([file.id])).get(file.id)
        return now is not None and now.message_key == message_key

    async def posted(self, conversation_id: str, file_ids: Sequence[str]) -> None:
        """Take note that their message is durable. See `kernel.attached.Attachments`."""
        for file in (await self._store.find(file_ids)).values():
            if file.conversation_id == conversation_id and file.state is not State.POSTED:
                await self._store.replace(replace(file, state=State.POSTED, waiting_since=None))

    async def remove(self, conversation_id: str, file_ids: Sequence[str]) -> None:
        """Remove files because their message was deleted. See `kernel.attached.Attachments`."""
        found = (await self._store.find(file_ids)).values()
        await self._let_go([file for file in found if file.conversation_id == conversation_id], "system")

    async def move(self, conversation_id: str, to_conversation_id: str, file_ids: Sequence[str]) -> None:
        """Let files stand in another conversation. See `kernel.attached.Attachments`."""
        person_id = await self._talks.person_of(to_conversation_id)
        for file in (await self._store.find(file_ids)).values():
            if file.conversation_id == conversation_id:
                await self._hand(file, person_id, to_conversation_id)

    # --- with people -----------------------------------------------------------------------------------------------

    async def hand_over(self, conversation_id: str, from_account_id: str, to_account_id: str) -> int:
        """Seal the files of a conversation for another person: a visitor's, who now has an account. Safe to repeat.

        Returns:
            How many they were.
        """
        files = [
            file for file in await self._store.of_person(from_account_id) if file.conversation_id == conversation_id
        ]
        for file in files:
            await self._hand(file, to_account_id, conversation_id)
        return len(files)

    async def forget_person(self, person_id: str) -> int:
        """Remove all files of a customer's conversations, whoever uploaded them. Safe to repeat.

        Returns:
            How many they were.
        """
        files = await self._store.of_person(person_id)
        await self._let_go(files, "system")
        return len(files)

    async def _hand(self, file: StoredFile, person_id: str, conversation_id: str) -> None:
        sealed = file.key
        owner_id = file.owner_id
        if person_id != file.person_id:
            key = await self._sealer.open(file.person_id, key_field(file.id), file.key)
            if key is None:
                return
            sealed = await self._sealer.seal(person_id, key_field(file.id), key)
            owner_id = person_id if owner_id == file.person_id else owner_id
        changed = replace(file, person_id=person_id, owner_id=owner_id, conversation_id=conversation_id, key=sealed)
        if changed != file:
            await self._store.replace(changed)

    # --- time ------------------------------------------------------------------------------------------------------

    async def sweep(self) -> int:
        """Remove what no message took for an hour; give how many."""
        left: list[StoredFile] = []
        for file in await self._store.waiting(self._clock() - KEPT_UNSENT):
            if file.state is State.CLAIMED and await self._was_sent(file):
                await self._store.replace(replace(file, state=State.POSTED, waiting_since=None))
            else:
                left.append(file)
        await self._let_go(left, "system")
        return len(left)

    async def _was_sent(self, file: StoredFile) -> bool:
        account_id, _, client_message_id = (file.message_key or "").partition("/")
        return await self._talks.was_sent(file.conversation_id, account_id, client_message_id)

    async def _sweep_now_and_then(self) -> None:
        while True:
            try:
                await self.sweep()
            except DomainError:
                logger.warning("the store did not answer; files without a message are looked for again later")
            await asyncio.sleep(_SWEEP_S)

    # --- inside ----------------------------------------------------------------------------------------------------

    @property
    def _talks(self) -> Conversations:
        if self._conversations is None:
            raise NotFound
        return self._conversations

    async def _let_go(self, files: Sequence[StoredFile], by: str) -> None:
        for file in files:
            await self._drop(file)
            await self._record("files:file:removed", by, [file])

    async def _drop(self, file: StoredFile) -> None:
        await self._store.remove(file.id, [content_name(file.id, small=small) for small in (False, True)])

    async def _record(self, action: str, by: str, files: Sequence[StoredFile], **counts: int) -> None:
        objects = tuple(file.id for file in files)
        await self._audit.append(
            [AuditEntry(action=action, actor_id=by, objects=objects, at=self._clock(), counts=counts)]
        )


def key_field(file_id: str) -> str:
    """What a file's key is bound to beside the person."""
    return f"files/key/{file_id}"


def content_name(file_id: str, *, small: bool) -> str:
    """What a piece of content is stored under, and its encryption bound to."""
    return f"{file_id}:{'small' if small else 'whole'}"


def _message_key(account_id: str, client_message_id: str) -> str:
    return f"{account_id}/{client_message_id}"


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(fields={"file": reason})
