"""Use cases about files: take one in, give it to a message or to feedback, let go of it.

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
from server.files.circles import NEW_FEEDBACK
from server.files.examining import Examination, Examined, refused
from server.files.model import (
    KEPT_UNSENT,
    MIB,
    MOST_WAITING,
    Sizes,
    State,
    StoredFile,
    Uploader,
    can_claim,
    content_name,
    is_unknown,
    known,
)
from server.files.names import file_name
from server.files.ports import Circles, Cleaner, FileStore, Scanner
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.attached import MOST_WITH_A_MESSAGE, Attached
from server.kernel.background import Background
from server.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, RateLimited
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter, PersonSealer
from server.kernel.text import RawText
from server.keyring import encrypt, random_key
from server.sealed.personal import FILE_KEY, Kept, PersonalValues

logger = logging.getLogger("amanah.files")

_AT_ONCE: Final = 24
"""Files that are taken in at the same time: each may be in memory twice."""

_BUSY_S: Final = 5
_SWEEP_S: Final = 600.0


class FileService:
    """Files. Fills `kernel.attached.Attachments`.

    Args:
        store: where they are kept.
        cleaner: leaves behind what nobody needs (`examining`).
        scanner: looks for what does harm; None where the operator runs none.
        intake: the gate.
        sealer: keys of people.
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
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        sizes: Sizes,
    ) -> None:
        self._store = store
        self._examination = Examination(cleaner, scanner, intake, sizes)
        self._values = PersonalValues(sealer)
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._circles: Circles | None = None
        self._taking = 0
        self._sweeper = Background()

    def ask(self, circles: Circles) -> None:
        """Ask these who belongs where; conversations and feedback are built after the files that they show."""
        self._circles = circles

    def start(self) -> None:
        """Begin to remove what no message took. Call `ask` before."""
        self._sweeper.start(self._sweep_now_and_then(), name="files")

    async def close(self) -> None:
        """End."""
        await self._sweeper.stop()

    # --- taking in -------------------------------------------------------------------------------------------------

    async def require_upload(self, actor: Actor, circle_id: str) -> None:
        """Insist that somebody may bring a file to a circle now: asked before a byte of it is read.

        Raises:
            NotFound, NotPermitted: they do not take part.
            ConsentRequired: a customer has withdrawn from the chat.
            RateLimited: too many, or all at once.
            InvalidInput: too many of theirs wait for their messages.
        """
        await self._known_circles.require_part(actor, circle_id)
        await self.require_room(known(actor))

    async def require_room(self, by: Uploader) -> None:
        """Insist that somebody may bring a file now, wherever to.

        Raises:
            RateLimited: too many, or all at once.
            InvalidInput: too many of theirs wait.
        """
        if self._taking >= _AT_ONCE:
            raise RateLimited(retry_after=_BUSY_S)
        await self._limiter.spend("file", by.counted)
        if len(await self._store.waiting_of(by.id)) >= MOST_WAITING:
            raise refused("files_waiting")

    async def add(
        self, by: Uploader, circle_id: str, data: bytes, *, words: RawText, of_a_paper: bool, sealed: bool
    ) -> Attached:
        """Take a file in. It waits an hour for what it goes with; until then only its sender can name it.

        Args:
            by: who sends it, after `require_upload`, or `require_room` where they belong to the circle in any case.
            circle_id: for which conversation, or `NEW_FEEDBACK`.
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
            family = self._examination.family_of(data)
            for _ in range(math.ceil(len(data) / MIB)):
                await self._limiter.spend("file_mib", by.counted)
            file_id = new_id()
            found = await self._examination.examine(
                data,
                family,
                file_id=file_id,
                sender=by.id if by.known else "",
                words=words,
                of_a_paper=of_a_paper,
                sealed=sealed,
            )
            return await self._keep(by, circle_id, file_id, found)
        finally:
            self._taking -= 1

    async def _keep(self, by: Uploader, circle_id: str, file_id: str, found: Examined) -> Attached:
        person_id = await self._known_circles.person_of(circle_id, by.id)
        if not by.known:
            # A key for this one's files alone: no account's would do, for that would say whose they are.
            await self._values.make_key(person_id)
        key, now, kept = random_key(), self._clock(), found.kept
        file = StoredFile(
            id=file_id,
            circle_id=circle_id,
            person_id=person_id,
            owner_id=by.id,
            made_at=now,
            name=file_name(found.name, kept.media_type),
            media_type=kept.media_type,
            size=len(kept.data),
            picture=kept.picture,
            small=len(kept.small),
            sealing=found.sealing,
            key=await self._values.seal(FILE_KEY, person_id, key, file_id),
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
        await self._record("files:file:stored", by.in_trail, [file], length=file.size)
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
        return await self.claim_of(actor.account_id, conversation_id, client_message_id, file_ids)

    async def claim_of(
        self, owner_id: str, circle_id: str, message_id: str, file_ids: Sequence[str]
    ) -> tuple[Attached, ...]:
        """Take files for something that their owner is about to write. The same again gets the same.

        Raises:
            InvalidInput: see `kernel.attached.Attachments.claim`.
        """
        if len(file_ids) > MOST_WITH_A_MESSAGE:
            raise InvalidInput(fields={"attachment_ids": "too_many"})
        message_key = _message_key(owner_id, message_id)
        found = await self._store.find(file_ids)
        for file_id in file_ids:
            file = found.get(file_id)
            if file is None or not await self._claim_one(file, owner_id, circle_id, message_key):
                raise InvalidInput(fields={"attachment_ids": "unknown_file"})
        if len(set(file_ids)) != len(file_ids):
            raise InvalidInput(fields={"attachment_ids": "unknown_file"})
        return tuple(found[file_id].attached for file_id in file_ids)

    async def _claim_one(self, file: StoredFile, owner_id: str, circle_id: str, message_key: str) -> bool:
        if not can_claim(file, owner_id, circle_id):
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
            if file.circle_id == conversation_id and file.state is not State.POSTED:
                await self._store.replace(replace(file, state=State.POSTED, waiting_since=None))

    async def settle(self, circle_id: str, file_ids: Sequence[str], person_id: str | None = None) -> None:
        """Let files of new feedback stand where it is durable now. Safe to repeat.

        Args:
            circle_id: of the item.
            file_ids: which it has claimed.
            person_id: under whose key they are to lie from now on; None leaves them under their owners'.
        """
        for file in (await self._store.find(file_ids)).values():
            if file.circle_id not in {NEW_FEEDBACK, circle_id}:
                continue
            changed = await self._sealed_for(person_id or file.person_id, file)
            if changed is not None:
                changed = replace(changed, circle_id=circle_id, state=State.POSTED, waiting_since=None)
                if changed != file:
                    await self._store.replace(changed)

    async def find_waiting(self, owner_id: str, file_ids: Sequence[str]) -> tuple[Attached, ...]:
        """Give those of somebody's files that wait for what they are writing, in the order in which they are named."""
        found = await self._store.find(file_ids)
        files = (found.get(file_id) for file_id in dict.fromkeys(file_ids))
        return tuple(file.attached for file in files if file is not None and can_claim(file, owner_id, NEW_FEEDBACK))

    async def remove(self, conversation_id: str, file_ids: Sequence[str]) -> None:
        """Remove files because what they stood with was deleted. See `kernel.attached.Attachments`."""
        found = (await self._store.find(file_ids)).values()
        await self._let_go([file for file in found if file.circle_id == conversation_id], "system")

    async def move(self, conversation_id: str, to_conversation_id: str, file_ids: Sequence[str]) -> None:
        """Let files stand in another conversation. See `kernel.attached.Attachments`."""
        person_id = await self._known_circles.person_of(to_conversation_id, "")
        for file in (await self._store.find(file_ids)).values():
            if file.circle_id == conversation_id:
                await self._hand(file, person_id, to_conversation_id)

    # --- with people -----------------------------------------------------------------------------------------------

    async def hand_over(self, conversation_id: str, from_account_id: str, to_account_id: str) -> int:
        """Seal the files of a conversation for another person: a visitor's, who now has an account. Safe to repeat.

        Returns:
            How many they were.
        """
        files = [file for file in await self._store.of_person(from_account_id) if file.circle_id == conversation_id]
        for file in files:
            await self._hand(file, to_account_id, conversation_id)
        return len(files)

    async def forget_person(self, person_id: str) -> int:
        """Remove all files of a customer's conversations and feedback, whoever uploaded them. Safe to repeat.

        Returns:
            How many they were.
        """
        files = await self._store.of_person(person_id)
        await self._let_go(files, "system")
        return len(files)

    async def _hand(self, file: StoredFile, person_id: str, circle_id: str) -> None:
        sealed = await self._sealed_for(person_id, file)
        if sealed is None:
            return
        owner_id = person_id if file.owner_id == file.person_id else file.owner_id
        changed = replace(sealed, owner_id=owner_id, circle_id=circle_id)
        if changed != file:
            await self._store.replace(changed)

    async def _sealed_for(self, person_id: str, file: StoredFile) -> StoredFile | None:
        """Give a file under a person's key; None where its own was destroyed."""
        if person_id == file.person_id:
            return file
        key = await self._values.open(Kept(FILE_KEY, file.person_id, file.key, file.id))
        if key is None:
            return None
        sealed = await self._values.seal(FILE_KEY, person_id, key, file.id)
        return replace(file, person_id=person_id, key=sealed)

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
        return await self._known_circles.was_sent(file.circle_id, account_id, client_message_id)

    async def _sweep_now_and_then(self) -> None:
        while True:
            try:
                await self.sweep()
            except DomainError:
                logger.warning("the store did not answer; files without a message are looked for again later")
            await asyncio.sleep(_SWEEP_S)

    # --- inside ----------------------------------------------------------------------------------------------------

    @property
    def _known_circles(self) -> Circles:
        if self._circles is None:
            raise NotFound
        return self._circles

    async def _let_go(self, files: Sequence[StoredFile], by: str) -> None:
        for file in files:
            await self._drop(file)
            await self._record("files:file:removed", by, [file])

    async def _drop(self, file: StoredFile) -> None:
        await self._store.remove(file.id, [content_name(file.id, small=small) for small in (False, True)])
        if is_unknown(file.person_id) and not await self._store.of_person(file.person_id):
            await self._values.discard_key(file.person_id)

    async def _record(self, action: str, by: str, files: Sequence[StoredFile], **counts: int) -> None:
        objects = tuple(file.id for file in files)
        await self._audit.append(
            [AuditEntry(action=action, actor_id=by, objects=objects, at=self._clock(), counts=counts)]
        )


def _message_key(account_id: str, client_message_id: str) -> str:
    return f"{account_id}/{client_message_id}"
