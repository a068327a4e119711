"""What follows from items and comments, in the background: images, moderators, triage, and who and what is told.

`pending` was stored with the change itself, so what a crash leaves undone is done at the next start; whoever was told
before may be told again then. Must not decide anything.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from nlp.terms import terms_of
from server.attachments.model import Audience
from server.feedback.announced import EVENT
from server.feedback.board import Board
from server.feedback.comments import person_of
from server.feedback.field_store import Document, proposal_out
from server.feedback.model import Comment, Item, Sight, Similar, State, can_read, keeps_files
from server.feedback.ports import Announcer, Files, Images, Notifier, Screening, Told, Triage, TriageAway
from server.feedback.records import Pending
from server.kernel.actor import STAFF_ROLES, Actor, Role
from server.kernel.background import Background
from server.kernel.errors import DomainError
from server.kernel.ports import Directory
from server.kernel.rounds import Rounds

logger = logging.getLogger("amanah.feedback")

_MEND_S: Final = 30.0
_GROUP: Final = 20
_MOST_DUPLICATES: Final = 5
_MOST_DOUBLED: Final = 7
"""Doublings of the time after which triage is asked again: an hour at the most."""
_OF_COMMENT: Final = "."


class ItemStore(Protocol):
    """What is needed of the store of items."""

    async def pending(self) -> list[Pending]: ...
    async def find_pending(self, item_ids: Sequence[str]) -> list[Pending]: ...
    async def drawn(self, done: Pending) -> None: ...
    async def told(self, done: Pending) -> None: ...
    async def propose(self, item: Item, proposal: Document) -> bool: ...
    async def find_item(self, item_id: str) -> Item | None: ...


class CommentStore(Protocol):
    """What is needed of the store of comments."""

    async def pending(self) -> list[tuple[Comment, tuple[str, ...], bool, int]]: ...
    async def comments(self, item_id: str, seqs: Iterable[int]) -> list[Comment]: ...
    async def drawn(self, comment: Comment, version: int, *, told: bool) -> None: ...


class Voters(Protocol):
    """Knows who wants to hear of an item, and counts what a crash left."""

    async def concerned(self, item: Item) -> list[str]: ...
    async def mend(self) -> int: ...


class Recounter(Protocol):
    """Counts an item's comments anew."""

    async def recount(self, item_id: str) -> Item: ...


class Consequences:
    """Draws them, some at a time, in one task."""

    def __init__(
        self,
        items: ItemStore,
        comments: CommentStore,
        board: Board,
        directory: Directory,
        triage: Triage,
        screening: Screening,
        images: Images,
        files: Files,
        notifier: Notifier,
        announcer: Announcer,
    ) -> None:
        self._items = items
        self._comments = comments
        self._board = board
        self._directory = directory
        self._triage = triage
        self._screening = screening
        self._images = images
        self._files = files
        self._notifier = notifier
        self._announcer = announcer
        self._unasked: dict[str, tuple[int, int]] = {}
        self._rounds = Rounds(self._draw_group, _GROUP)
        self._mending = Background()
        self._voters: Voters | None = None

    async def start(self, voters: Voters, recounter: Recounter) -> None:
        """Mend what a crash left, then begin to work.

        Raises:
            Unavailable: the store does not answer.
        """
        self._voters = voters
        left = await self._comments.pending()
        for item_id in sorted({comment.item_id for comment, *_ in left}):
            await recounter.recount(item_id)
        self._rounds.remember(comment.id for comment, *_ in left)
        self._rounds.remember(item.item.id for item in await self._items.pending())
        self._rounds.start(name="feedback-consequences")
        self._mending.start(self._mend(voters), name="feedback-votes")

    async def close(self) -> None:
        """Finish what waits, as far as the store answers, then end."""
        await self._mending.stop()
        await self._rounds.close()

    def draw(self, item_id: str) -> None:
        """Remember that an item has changed."""
        self._rounds.remember([item_id])

    def draw_comment(self, comment: Comment) -> None:
        """Remember that a comment has changed."""
        self._rounds.remember([comment.id])

    async def settle(self) -> None:
        """Wait until nothing is left to do."""
        await self._rounds.settle()

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _mend(self, voters: Voters) -> None:
        while True:
            try:
                await voters.mend()
            except DomainError as error:
                logger.warning("votes could not be counted anew: %s", error.code)
            self.ask_again()
            await asyncio.sleep(_MEND_S)

    def ask_again(self) -> None:
        """Draw once more what triage could not be asked about, each less often the more often that was in vain."""
        for item_id, (tries, rounds) in list(self._unasked.items()):
            self._unasked[item_id] = tries, rounds - 1
            if rounds <= 1:
                self._rounds.remember([item_id])

    async def _draw_group(self, ids: Sequence[str]) -> None:
        items = [identity for identity in ids if _OF_COMMENT not in identity]
        for pending in await self._items.find_pending(items) if items else ():
            try:
                await self._draw_item(pending)
            except DomainError:
                raise
            except Exception as error:
                # One item's fault must not stop the others; it is tried again at the next start.
                logger.error("drawing an item's consequences failed: %s", type(error).__name__)
        wanted = {identity for identity in ids if _OF_COMMENT in identity}
        for comment, reasons, told, version in await self._comments.pending() if wanted else ():
            if comment.id not in wanted:
                continue
            try:
                await self._draw_comment(comment, reasons, version, told=told)
            except DomainError:
                raise
            except Exception as error:
                logger.error("drawing a comment's consequences failed: %s", type(error).__name__)

    async def _draw_item(self, pending: Pending) -> None:
        item = pending.item
        shown = item.attachment_ids if keeps_files(item.sight) else ()
        await self._draw_files(item, item, None)
        if not keeps_files(item.sight):
            for comment in await self._comments.comments(item.id, range(1, item.last_seq + 1)):
                await self._draw_files(item, comment, None)
        if item.author_id is not None:
            await self._images.shown(item.author_id, text_id(item.id), shown, _audience(item, item.sight))
            if pending.reasons and item.sight in {Sight.HELD, Sight.SHOWN}:
                await self._screening.held(item.id, item.author_id, pending.reasons)
        for told in pending.tell:
            why, _, rest = told.partition(":")
            if why == EVENT:
                _, what, detail = (*rest.split(":", 2), "")[:3]
                await self._announcer.of_item(item, what, detail)
            else:
                await self._tell(item, Told(why), rest)
        # Nobody waits for triage, nor is told again when it is asked again.
        await self._items.told(pending)
        if item.proposal is not None or item.state is not State.RECEIVED or await self._asked(item):
            self._unasked.pop(item.id, None)
            await self._items.drawn(replace(pending, tell=()))

    async def _asked(self, item: Item) -> bool:
        """Have something proposed; False where triage is to be asked again."""
        try:
            await self._propose(item)
        except TriageAway:
            tries = self._unasked.get(item.id, (0, 0))[0]
            self._unasked[item.id] = tries + 1, 2 ** min(tries, _MOST_DOUBLED)
            return False
        return True

    async def _propose(self, item: Item) -> None:
        proposal = await self._triage.propose(item.id, item.title, item.text)
        if proposal is None:
            return
        terms = terms_of(f"{item.title.value}\n{item.text.value}")
        alike = self._board.similar(terms, _MOST_DUPLICATES, but=item.id)
        found = tuple(Similar(row.id, row.number, round(likeness, 3)) for row, likeness in alike)
        document = proposal_out(replace(proposal, duplicates=found))
        if document is not None and not await self._items.propose(item, document):
            # It has changed meanwhile: then the next form is looked at.
            self._rounds.remember([item.id])

    async def _draw_comment(self, comment: Comment, reasons: Sequence[str], version: int, *, told: bool) -> None:
        item = await self._items.find_item(comment.item_id)
        if item is None:
            return
        shown = comment.attachment_ids if keeps_files(comment.sight) else ()
        if comment.files:
            actors = await self._directory.actors([comment.author_id] if comment.author_id else [])
            await self._draw_files(item, comment, person_of(item, comment, actors.get(comment.author_id or "")))
        if comment.author_id is not None:
            audience = Audience.STAFF if comment.note else _audience(item, comment.sight)
            await self._images.shown(comment.author_id, text_id(comment.id), shown, audience)
            if reasons and comment.sight in {Sight.HELD, Sight.SHOWN}:
                await self._screening.held(comment.id, comment.author_id, reasons)
        tells = comment.sight is Sight.SHOWN and not comment.note and not told
        if tells:
            await self._announcer.of_comment(item, comment)
            await self._tell(item, Told.COMMENT, comment.author_id or "")
        await self._comments.drawn(comment, version, told=tells)

    async def _draw_files(self, item: Item, text: Item | Comment, person_id: str | None) -> None:
        """Let files stand where they were sent, or go with what was taken back."""
        ids = [file.id for file in text.files]
        if ids and keeps_files(text.sight) and keeps_files(item.sight):
            await self._files.settle(item.id, ids, person_id)
        elif ids:
            await self._files.remove(item.id, ids)

    async def _tell(self, item: Item, why: Told, by: str) -> None:
        """Tell those who want to hear of an item, may read it, and did not cause it."""
        if why in {Told.ASSIGNED, Told.DUE}:
            wanted = [item.assignee_id] if item.assignee_id else []
        else:
            voters = await self._voters.concerned(item) if self._voters else []
            # Whoever handles it hears of what its sender and others do, not of what colleagues do for them.
            handles = [item.assignee_id] if item.assignee_id else []
            wanted = [*voters, *handles]
        actors = await self._directory.actors([who for who in dict.fromkeys(wanted) if who != by])
        readers = [who for who, actor in actors.items() if _may_hear(actor, item)]
        if readers:
            await self._notifier.tell_of_item(readers, why, item.id)


def _may_hear(actor: Actor, item: Item) -> bool:
    return can_read(actor, item) and (item.is_public or actor.role not in STAFF_ROLES or actor.role is Role.AGENT)


def text_id(of: str) -> str:
    """Give the name under which images know a text: apart from the forum's."""
    return f"feedback.{of}"


def _audience(item: Item, sight: Sight) -> Audience:
    """For whom images are at the most; who looks is asked for at each look besides."""
    if sight is not Sight.SHOWN or item.sight is not Sight.SHOWN:
        return Audience.STAFF
    return Audience.EVERYBODY if item.is_public else Audience.MEMBERS
