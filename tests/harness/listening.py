"""Feedback on a real store without HTTP, and processes of it that are killed between two steps."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from nlp.spans import Span
from server.attachments.model import Audience
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.composition.listening import LISTENING_COLLECTIONS
from server.feedback.admission import Admission
from server.feedback.board import Board
from server.feedback.comment_store import MongoCommentStore
from server.feedback.comments import Comments
from server.feedback.consequences import Consequences
from server.feedback.desk import Desk
from server.feedback.desk_store import MongoDeskStore
from server.feedback.giving import Giving, NewItem
from server.feedback.handling import Handling
from server.feedback.items import Items
from server.feedback.mark_store import MongoMarkStore
from server.feedback.merging import Merging
from server.feedback.model import Comment, Item, Kind
from server.feedback.ports import Abstaining, ClockKeeper, Fileless, Screened, Timeless, Told, Triage
from server.feedback.removal import Removal
from server.feedback.removal_store import MongoRemovalStore
from server.feedback.sending import Sending
from server.feedback.store import MongoItemStore
from server.feedback.votes import Votes
from server.feedback.writing import ItemWriter
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.kernel.text import RawText, RedactedTemplate
from server.limits import Unlimited
from server.people.model import Persona, Standing
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.keys import RING

KEY = b"k" * 32
AGENT = Actor("petugas", Role.AGENT, "s", "Petugas")


def person(account_id: str | None = None) -> Actor:
    """Somebody with an account."""
    return Actor(account_id or new_id(), Role.CUSTOMER, "s", "Pembeli")


class Nothing:
    """Finds no identifier: what is hidden has tests of its own."""

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        """Find nothing."""
        return []


class Crowd:
    """Accounts and personas for whatever id there is; nobody is silenced."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]:
        """Give everybody a handle."""
        return {key: Persona(key, f"orang-{key}") for key in account_ids}

    async def standing(self, actor: Actor) -> Standing:
        """Give a newcomer's."""
        return Standing()

    async def find(self, handle: str) -> str | None:
        """Nobody is mentioned."""
        return None

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Give agents their role."""
        return {key: AGENT if key == AGENT.account_id else person(key) for key in account_ids}


@dataclass
class Neighbours:
    """What is told, and what is shown to moderators."""

    told: list[tuple[str, Told, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    held_ids: list[str] = field(default_factory=list)
    announced: list[tuple[str, str, str]] = field(default_factory=list)

    async def tell_of_item(self, account_ids: Sequence[str], why: Told, item_id: str) -> None:
        """Remember."""
        self.told += [(account, why, item_id) for account in account_ids]

    async def of_item(self, item: Item, what: str, detail: str) -> None:
        """Remember."""
        self.announced.append((item.id, what, detail))

    async def of_comment(self, item: Item, comment: Comment) -> None:
        """Remember."""
        self.announced.append((item.id, "commented", str(comment.seq)))

    async def forget_item(self, account_ids: Sequence[str], item_id: str, since: datetime) -> None:
        """Forget what some were told of an item."""
        self.told = [one for one in self.told if one[2] != item_id or one[0] not in account_ids]

    async def publish(self, events: Sequence[Event]) -> None:
        """Remember."""
        self.events += events

    async def screen(
        self, actor: Actor, item_id: str, text: RedactedTemplate, *, opening: bool, edit: bool
    ) -> Screened:
        """Let everything through."""
        return Screened()

    async def held(self, target_id: str, author_id: str, reasons: Sequence[str]) -> None:
        """Remember."""
        self.held_ids.append(target_id)

    async def require_showable(
        self, actor: Actor, attachment_ids: Sequence[str], *, confidential: bool = False
    ) -> None:
        """There are no images."""

    async def shown(self, owner_id: str, text_id: str, attachment_ids: Sequence[str], audience: Audience) -> None:
        """There are no images."""


class Killed(BaseException):
    """The process is gone."""


class Steps:
    """Counts the writes of a process to the store, and ends it before one of them."""

    def __init__(self) -> None:
        self.left: int | None = None

    def take(self) -> None:
        """Count one."""
        if self.left is None:
            return
        if self.left == 0:
            raise Killed
        self.left -= 1


_WRITES = frozenset(
    {
        "insert_item", "replace_item", "count", "insert_vote", "begin_retracting", "remove_vote", "counted",
        "remove_votes_from", "insert_follow", "remove_follow", "remove_follows_from", "begin_merge", "end_merge",
        "insert_comment", "replace_comment", "weigh", "put_ring", "begin", "end", "clear", "delete", "forget_sender",
    }
)  # fmt: skip  # names, read across


class Mortal:
    """A store whose writes can be the last thing that a process does not do any more."""

    def __init__(self, store: Any, steps: Steps) -> None:
        self._store = store
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in _WRITES:
            return found

        async def write(*args: Any, **more: Any) -> Any:
            self._steps.take()
            return await found(*args, **more)

        return write


class Process:
    """One process of feedback."""

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        neighbours: Neighbours,
        clocks: ClockKeeper | None = None,
        triage: Triage | None = None,
    ) -> None:
        self.steps = Steps()
        self.now = datetime(2046, 11, 5, 3, tzinfo=UTC)
        self.neighbours = neighbours
        limiter, crowd, clock = Unlimited(), Crowd(), lambda: self.now
        self.store = MongoItemStore(database)
        self.marks = MongoMarkStore(database)
        store, marks = Mortal(self.store, self.steps), Mortal(self.marks, self.steps)
        texts, desks = Mortal(MongoCommentStore(database), self.steps), Mortal(MongoDeskStore(database), self.steps)
        self.board = Board(store)
        intake = Intake(Nothing(), KEY)
        admission = Admission(intake, crowd, neighbours, neighbours, clock)
        self.consequences = Consequences(
            store,
            texts,
            self.board,
            crowd,
            triage or Abstaining(),
            neighbours,
            neighbours,
            Fileless(),
            neighbours,
            neighbours,
        )
        writer = self.writer = ItemWriter(store, self.board)
        writer.drawer = self.consequences
        codes, clocks = RING.index("feedback/code"), clocks or Timeless()
        self.items = Items(store, marks, self.board, crowd, intake, limiter)
        self.desk = Desk(desks, admission, audit, clock)
        networks = RING.index("feedback/network")
        self.votes = Votes(marks, self.items, writer, admission, networks, audit, neighbours, limiter, clock)
        self.comments = Comments(
            texts,
            self.items,
            writer,
            admission,
            crowd,
            clocks,
            Fileless(),
            self.consequences,
            audit,
            neighbours,
            limiter,
            clock,
        )
        self.giving = Giving(
            store,
            desks,
            self.board,
            admission,
            intake,
            clocks,
            Fileless(),
            self.consequences,
            codes,
            KEY,
            audit,
            neighbours,
            limiter,
            clock,
        )
        self.sending = Sending(
            store, codes, self.items, self.comments, writer, admission, clocks, audit, neighbours, limiter, clock
        )
        self.handling = Handling(
            store,
            desks,
            self.items,
            writer,
            admission,
            intake,
            self.desk,
            crowd,
            clocks,
            audit,
            neighbours,
            limiter,
            clock,
        )
        self.merging = Merging(marks, desks, self.items, self.votes, writer, audit, neighbours, limiter, clock)
        self.removals = MongoRemovalStore(database)
        self.removal = Removal(
            store,
            texts,
            Mortal(self.removals, self.steps),
            writer,
            self.votes,
            neighbours,
            Fileless(),
            neighbours,
            audit,
            neighbours,
            clock,
        )

    async def give(self, actor: Actor | None = None, kind: Kind = Kind.SUGGESTION, **fields: Any) -> Item:
        """Give something."""
        new = NewItem(kind, RawText("Antrean panjang"), RawText("Tambahkan kasir di akhir pekan."), **fields)
        return (await self.giving.give(actor or person(), new, network="192.0.2.7")).item

    async def vote(self, actor: Actor, item_id: str, *, given: bool = True, network: str = "") -> None:
        """Vote, each from a network of their own where none is said."""
        await self.votes.vote(actor, item_id, given=given, network=network or actor.account_id)

    async def get(self, item_id: str) -> Item:
        """Read an item."""
        item = await self.store.find_item(item_id)
        assert item is not None
        return item

    async def voters(self, item_id: str) -> Collection[str]:
        """Give who voted for an item."""
        return sorted(vote.account_id for vote in await self.marks.votes_of_item(item_id))

    async def start(self) -> None:
        """Mend what another process left."""
        await self.board.start()
        await self.merging.start()
        await self.removal.finish()
        self.now += timedelta(minutes=5)
        await self.votes.mend()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Process"]:
        """Around which the background works."""
        await self.start()
        await self.consequences.start(self.votes, self.comments)
        try:
            yield self
        finally:
            self.steps.left = None
            await self.consequences.close()


class House:
    """A database in which processes come and go."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.audit = AuditTrail(MongoAuditStore(database), KEY)
        self.neighbours = Neighbours()

    def process(self, clocks: ClockKeeper | None = None, triage: Triage | None = None) -> Process:
        """Begin another process."""
        return Process(self.database, self.audit, self.neighbours, clocks, triage)


@asynccontextmanager
async def house_in(database: Database) -> AsyncIterator[House]:
    """Prepare a database."""
    await apply(database, (*LISTENING_COLLECTIONS, *AUDIT_COLLECTIONS))
    house = House(database)
    try:
        yield house
    finally:
        await house.audit.close()
