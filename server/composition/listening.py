"""Builds feedback: giving, the board, votes, comments, and what staff do with it. For `parts` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.accounts.staff import Staff
from server.attachments.service import Attachments
from server.composition.identity import Ground, Identity
from server.composition.reviewing import Review
from server.feedback import api, desk_api, handling_api, sending_api
from server.feedback.admission import Admission
from server.feedback.board import Board
from server.feedback.comment_store import COMMENT_COLLECTIONS, MongoCommentStore
from server.feedback.comments import Comments
from server.feedback.consequences import Consequences
from server.feedback.desk import Desk
from server.feedback.desk_store import DESK_COLLECTIONS, MongoDeskStore
from server.feedback.giving import Giving
from server.feedback.handling import Handling
from server.feedback.items import Items
from server.feedback.mark_store import MARK_COLLECTIONS, MongoMarkStore
from server.feedback.merging import Merging
from server.feedback.model import Item
from server.feedback.page_frame import address_of
from server.feedback.portability import Portability
from server.feedback.ports import (
    Abstaining,
    Announcer,
    ClockKeeper,
    Fileless,
    Files,
    Screened,
    Timeless,
    Told,
    Triage,
    Unannounced,
)
from server.feedback.reading import BoardQuery
from server.feedback.register import Register
from server.feedback.removal import Removal
from server.feedback.removal_store import REMOVAL_COLLECTIONS, MongoRemovalStore
from server.feedback.reviewing import TARGET, ReviewedFeedback
from server.feedback.sending import Sending
from server.feedback.store import ITEM_COLLECTIONS, MongoItemStore
from server.feedback.votes import Votes
from server.feedback.writing import ItemWriter
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.relay import Relay
from server.kernel.restraint import Restraints, Unrestrained
from server.kernel.screening import Outcome, Submission
from server.kernel.text import Hidden, Numbering, RedactedTemplate
from server.notices.model import Kind
from server.notices.service import Notices
from server.people.service import People
from server.search.beside import Idea
from server.search.service import SearchService
from server.web.endpoint import Endpoint

LISTENING_COLLECTIONS = (
    *ITEM_COLLECTIONS,
    *COMMENT_COLLECTIONS,
    *MARK_COLLECTIONS,
    *DESK_COLLECTIONS,
    *REMOVAL_COLLECTIONS,
)

_IMAGES_OF = "feedback."
"""Begins the names of texts of feedback, as images know them."""


class AgentNames:
    """Knows those who handle feedback, by the names that staff know each other by."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff

    async def __call__(self) -> list[tuple[str, str]]:
        """Give account and display name of each.

        Raises:
            Unavailable: the store does not answer.
        """
        return [(account.id, account.display_name) for account in await self._staff.agents()]


@dataclass(frozen=True, slots=True)
class Listening:
    """The running services of feedback."""

    store: MongoItemStore
    texts: MongoCommentStore
    corrections: MongoDeskStore
    board: Board
    items: Items
    giving: Giving
    votes: Votes
    comments: Comments
    sending: Sending
    handling: Handling
    merging: Merging
    desk: Desk
    register: Register
    portability: Portability
    reviewed: ReviewedFeedback
    consequences: Consequences
    removal: Removal
    writer: ItemWriter
    clocks: ClockKeeper
    agents: AgentNames
    restraints: Restraints

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (
            *api.endpoints(self.items, self.giving, self.desk),
            *api.item_endpoints(self.items, self.votes, self.comments),
            *sending_api.endpoints(self.sending, self.portability),
            *handling_api.endpoints(self.items, self.handling, self.merging, self.votes, self.register),
            *desk_api.endpoints(self.desk),
        )


class _Texts(Protocol):
    """Knows who may read the texts that show images."""

    async def may_read(self, actor: Actor | None, target_id: str) -> bool: ...


class AllTexts:
    """The texts of the forum and of feedback, for whoever shows images.

    Args:
        posts: those of the forum.
        feedback: those of feedback.
    """

    def __init__(self, posts: _Texts, feedback: _Texts) -> None:
        self._posts = posts
        self._feedback = feedback

    async def may_read(self, actor: Actor | None, target_id: str) -> bool:
        """Whether somebody can see a text where it stands now."""
        if target_id.startswith(_IMAGES_OF):
            return await self._feedback.may_read(actor, target_id.removeprefix(_IMAGES_OF))
        return await self._posts.may_read(actor, target_id)


class FeedbackScreening:
    """Fills `feedback.ports.Screening`: what is public is looked at like a post in the forum."""

    def __init__(self, review: Review) -> None:
        self._review = review

    async def screen(
        self, actor: Actor, item_id: str, text: RedactedTemplate, *, opening: bool, edit: bool
    ) -> Screened:
        """Decide about a text.

        Raises:
            RateLimited: more texts than somebody of their level may write.
        """
        submission = Submission(
            target_type=TARGET,
            place=item_id,
            category_id=TARGET,
            text=text.fill(Numbering()).text,
            hidden=sum(isinstance(part, Hidden) for part in text.parts),
            opening=opening,
            edit=edit,
        )
        found = await self._review.screening.screen(actor, submission)
        return Screened(
            refused=found.outcome is Outcome.REFUSE,
            held=found.outcome is Outcome.HOLD,
            reasons=found.reasons,
            censor=found.censor,
        )

    async def held(self, target_id: str, author_id: str, reasons: Sequence[str]) -> None:
        """Put a stored text before the moderators.

        Raises:
            Unavailable: the store does not answer; the caller repeats it.
        """
        await self._review.service.hold(TARGET, target_id, author_id, reasons)


class FeedbackNotices:
    """Fills `feedback.ports.Notifier` by notices, which say nothing of what was written."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def tell_of_item(self, account_ids: Sequence[str], why: Told, item_id: str) -> None:
        """Tell some accounts of an item.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        await self._notices.tell(account_ids, Kind(why.value), TARGET, item_id)

    async def forget_item(self, account_ids: Sequence[str], item_id: str, since: datetime) -> None:
        """Take back what some accounts were told of an item that goes: fills `feedback.removal.Told`.

        Raises:
            Unavailable: it is not known to be done.
        """
        await self._notices.withdraw(account_ids, TARGET, item_id, since)


class _Items(Protocol):
    """Where items are kept."""

    async def find_item(self, item_id: str) -> Item | None: ...


class ItemPlaces:
    """Knows where items are to be seen: by their numbers alone."""

    def __init__(self, items: _Items) -> None:
        self._items = items

    async def __call__(self, item_id: str) -> str | None:
        """Give the address of an item, or None where there is none."""
        item = await self._items.find_item(item_id)
        return f"/saran/{item.number}" if item else None


class BoardIdeas:
    """Fills `search.beside.Ideas` by the board, which holds nothing but what is public."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def fitting(self, terms: Sequence[str], most: int) -> Sequence[Idea]:
        """Give public items that fit.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._board.look()
        rows, _ = self._board.page(BoardQuery(terms=tuple(terms), limit=most))
        found = rows or [row for row, _ in self._board.similar(terms, most)]
        return [Idea(row.id, row.number, address_of(row), row.title, row.status.value, row.votes) for row in found]


@asynccontextmanager
async def open_listening(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    people: People,
    attachments: Attachments,
    review: Review,
    notices: Notices,
    relay: Relay,
    posts: _Texts,
    search: SearchService,
    *,
    triage: Triage | None = None,
    restraints: Restraints | None = None,
    clocks: ClockKeeper | None = None,
    announcer: Announcer | None = None,
    files: Files | None = None,
) -> AsyncIterator[Listening]:
    """Build and start the services; stop them in reverse order.

    Raises:
        Unavailable: the store does not answer.
    """
    listening = _build(
        ground,
        identity,
        intake,
        people,
        attachments,
        review,
        notices,
        relay,
        triage or Abstaining(),
        restraints or Unrestrained(),
        clocks or Timeless(),
        announcer or Unannounced(),
        files or Fileless(),
    )
    notices.lead(TARGET, ItemPlaces(listening.store))
    attachments.ask(AllTexts(posts, listening.reviewed))
    search.also(BoardIdeas(listening.board))
    await listening.desk.start()
    await listening.board.start()
    await listening.merging.start()
    await listening.removal.finish()
    await review.also(TARGET, listening.reviewed)
    await listening.consequences.start(listening.votes, listening.comments)
    try:
        yield listening
    finally:
        await listening.consequences.close()


def _build(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    people: People,
    attachments: Attachments,
    review: Review,
    notices: Notices,
    relay: Relay,
    triage: Triage,
    restraints: Restraints,
    clocks: ClockKeeper,
    announcer: Announcer,
    files: Files,
) -> Listening:
    audit, limiter, clock, keyring = ground.audit, ground.limiter, ground.clock, ground.keyring
    store, marks = MongoItemStore(ground.database), MongoMarkStore(ground.database)
    texts, desks = MongoCommentStore(ground.database), MongoDeskStore(ground.database)
    board = Board(store)
    writer = ItemWriter(store, board)
    screening, told = FeedbackScreening(review), FeedbackNotices(notices)
    admission = Admission(intake, people, screening, attachments, clock)
    consequences = Consequences(
        store,
        texts,
        board,
        identity.accounts,
        triage,
        screening,
        attachments,
        files,
        told,
        announcer,
    )
    writer.drawer = consequences
    codes = keyring.index("feedback/code")
    items = Items(store, marks, board, people, intake, limiter)
    desk = Desk(desks, admission, audit, clock)
    votes = Votes(marks, items, writer, admission, keyring.index("feedback/network"), audit, relay, limiter, clock)
    comments = Comments(
        texts, items, writer, admission, people, clocks, files, consequences, audit, relay, limiter, clock
    )
    handling = Handling(
        store,
        desks,
        items,
        writer,
        admission,
        intake,
        desk,
        identity.accounts,
        clocks,
        audit,
        relay,
        limiter,
        clock,
    )
    return Listening(
        store=store,
        texts=texts,
        corrections=desks,
        board=board,
        items=items,
        giving=Giving(
            store,
            desks,
            board,
            admission,
            intake,
            clocks,
            files,
            consequences,
            codes,
            keyring.derive("feedback/code"),
            audit,
            relay,
            limiter,
            clock,
        ),
        votes=votes,
        comments=comments,
        sending=Sending(store, codes, items, comments, writer, admission, clocks, audit, relay, limiter, clock),
        handling=handling,
        merging=Merging(marks, desks, items, votes, writer, audit, relay, limiter, clock),
        desk=desk,
        register=Register(store, audit, limiter, clock),
        portability=Portability(store, texts, limiter),
        reviewed=ReviewedFeedback(items, comments, texts, handling, writer, admission),
        consequences=consequences,
        removal=Removal(
            store,
            texts,
            MongoRemovalStore(ground.database),
            writer,
            votes,
            attachments,
            files,
            told,
            audit,
            relay,
            clock,
        ),
        writer=writer,
        clocks=clocks,
        agents=AgentNames(identity.staff),
        restraints=restraints,
    )
