"""Builds the staff desk: cases beside conversations, views, notes, handing out, promises. For `parts` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from server.chat.events import (
    ConversationChanged,
    ConversationRated,
    ConversationRenamed,
    MessageChanged,
    MessageCorrected,
    MessagePosted,
)
from server.chat.joining import Joining
from server.composition.identity import Ground, Identity
from server.composition.talks import Talks
from server.desk import api as desk_api
from server.desk import figures_api, joining_api, office_api, search_api
from server.desk.agents import Agents
from server.desk.api import CaseWriter
from server.desk.ask_store import ASK_COLLECTIONS, MongoAskStore
from server.desk.asking import Asking
from server.desk.backlog import Backlog
from server.desk.case_store import CASE_COLLECTIONS, MongoCaseStore
from server.desk.cases import Cases
from server.desk.door import Door
from server.desk.figure_store import FIGURE_COLLECTIONS, MongoFigureStore
from server.desk.figures import DeskFigures
from server.desk.handling import Handling
from server.desk.indexing import Indexer
from server.desk.lists import Lists
from server.desk.merging import Merging
from server.desk.notes import Notes
from server.desk.office import Office
from server.desk.office_store import OFFICE_COLLECTIONS, MongoOfficeStore
from server.desk.reading_in import ReadingIn
from server.desk.recent import Recent
from server.desk.retelling import Retelling
from server.desk.search_store import SEARCH_COLLECTIONS, MongoDeskSearchStore
from server.desk.searching import DeskSearch
from server.desk.settings import DeskSettings
from server.desk.socket import DeskSocket
from server.desk.steps import Steps
from server.desk.watch import Watch
from server.feedback.giving import Giving
from server.intake import Intake
from server.kernel.actor import Role
from server.kernel.attached import Attachments
from server.notices.model import Kind
from server.notices.service import Notices
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets
from server.web.endpoint import Endpoint

DESK_COLLECTIONS = (
    *CASE_COLLECTIONS,
    *OFFICE_COLLECTIONS,
    *SEARCH_COLLECTIONS,
    *FIGURE_COLLECTIONS,
    *ASK_COLLECTIONS,
)

_OBJECT = "case"


class DeskNotices:
    """Fills `desk.watch.Alarm` and the desk's `Teller`s by notices, which say nothing of what was written."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def due(self, account_ids: Sequence[str], case_id: str, *, late: bool) -> None:
        """Tell some accounts of a promise about a conversation.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        await self._notices.tell(account_ids, Kind.CASE_LATE if late else Kind.CASE_DUE, _OBJECT, case_id)

    async def given(self, account_id: str, case_id: str) -> None:
        """Tell an agent that a conversation is theirs now.

        Raises:
            Unavailable: they were not told, or it is not known.
        """
        await self._notices.tell([account_id], Kind.CASE_GIVEN, _OBJECT, case_id)


@dataclass(frozen=True, slots=True)
class Desking:
    """The running services."""

    cases: Cases
    lists: Lists
    handling: Handling
    notes: Notes
    office: Office
    agents: Agents
    settings: DeskSettings
    indexer: Indexer
    search: DeskSearch
    merging: Merging
    asking: Asking
    figures: DeskFigures
    writer: CaseWriter

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (
            *desk_api.endpoints(self.lists, self.handling, self.notes, self.writer),
            *office_api.endpoints(self.office, self.agents, self.settings),
            *search_api.endpoints(self.search, self.writer),
            *joining_api.endpoints(self.merging, self.asking, self.writer),
            *figures_api.endpoints(self.figures),
        )


@dataclass(frozen=True, slots=True)
class _Case:
    """What most of the desk stands on."""

    store: MongoCaseStore
    cases: Cases
    steps: Steps
    settings: DeskSettings
    offices: MongoOfficeStore
    door: Door
    notes: Notes
    alarm: DeskNotices


@asynccontextmanager
async def open_desk(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    talks: Talks,
    giving: Giving,
    files: Attachments | None,
    sockets: Sockets,
    fanout: Fanout,
) -> AsyncIterator[Desking]:
    """Build and start them; stop them in reverse order.

    Args:
        giving: takes feedback in.
        files: knows files in conversations.

    Raises:
        Unavailable: the store does not answer.
    """
    audit, limiter, clock = ground.audit, ground.limiter, ground.clock
    base = await _cases(ground, identity, intake, talks, fanout)
    cases, door, settings, offices = base.cases, base.door, base.settings, base.offices
    handling = Handling(
        door, cases, base.steps, settings, talks.custody, talks.chat, base.notes, base.alarm, audit, clock
    )
    agents = Agents(
        offices,
        base.store,
        identity.staff,
        cases,
        settings,
        talks.custody,
        base.alarm,
        audit,
        fanout,
        clock,
        sockets.is_online,
    )
    lists = Lists(cases, talks.chat, offices, identity.staff, intake, audit, limiter, clock)
    office = Office(offices, door, talks.chat, talks.custody, handling, settings, identity.staff, intake, audit, clock)
    writer = CaseWriter(door, clock)
    socket = DeskSocket(door, lists, base.notes, writer, sockets, lambda: cases.board.version, clock)
    socket.translate(fanout)
    indexer, search, backlogs = _search(ground, intake, talks, base)
    merging = _merging(ground, identity, intake, talks, base, files)
    asking_store = MongoAskStore(ground.database)
    asking = Asking(asking_store, door, cases, talks.chat, talks.numbers, giving, intake, audit, fanout, limiter, clock)
    figures = _figures(ground, identity, talks, base)
    watch = _watch(ground, identity, base, agents)
    talks.notices.lead(_OBJECT, _place)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(cases.close)
        await cases.start()
        stack.push_async_callback(indexer.close)
        await indexer.start([row.conversation for row in cases.board])
        for part in (watch, socket, search, figures):
            stack.push_async_callback(part.close)
            part.start()
        for backlog in backlogs:
            stack.push_async_callback(backlog.close)
            backlog.start()
        yield Desking(
            cases,
            lists,
            handling,
            base.notes,
            office,
            agents,
            settings,
            indexer,
            search,
            merging,
            asking,
            figures,
            writer,
        )


async def _cases(ground: Ground, identity: Identity, intake: Intake, talks: Talks, fanout: Fanout) -> _Case:
    """Cases and notes, which hear of conversations."""
    audit, limiter, clock = ground.audit, ground.limiter, ground.clock
    store, offices = MongoCaseStore(ground.database), MongoOfficeStore(ground.database)
    settings = DeskSettings(offices, lambda: talks.hours.calendar, intake, audit, clock)
    await settings.refresh()
    steps = Steps(settings.rules)
    cases = Cases(store, talks.store, talks.conversation, steps, fanout, clock)
    talks.relay.listen(ConversationChanged, cases.hear_conversation)
    talks.relay.listen(MessagePosted, cases.hear_message)
    talks.relay.listen(ConversationRated, cases.hear_rating)
    door = Door(talks.chat)
    notes = Notes(door, cases, store, talks.numbers, intake, identity.accounts, audit, fanout, limiter, clock)
    return _Case(store, cases, steps, settings, offices, door, notes, DeskNotices(talks.notices))


def _search(ground: Ground, intake: Intake, talks: Talks, base: _Case) -> tuple[Indexer, DeskSearch, list[Backlog]]:
    """The search and its index, which hear of messages, conversations and notes."""
    store = MongoDeskSearchStore(ground.database)
    # Where there may be other servers, what they write is not known here.
    recent = None if ground.settings.mongo_url else Recent()
    indexer = Indexer(store, talks.store, talks.conversation, recent)
    talks.relay.listen(MessagePosted, indexer.hear_message)
    talks.relay.listen(MessageChanged, indexer.hear_change)
    talks.relay.listen(MessageCorrected, indexer.hear_change)
    talks.relay.listen(ConversationChanged, indexer.hear_conversation)
    talks.relay.listen(ConversationRenamed, indexer.hear_subject)
    base.notes.on_written(indexer.hear_note)
    base.cases.before_saving(indexer.flush)
    search = DeskSearch(store, indexer, recent, talks.live, base.notes, base.cases, talks.chat, intake, ground.limiter)
    tasks = (ReadingIn(talks.store, indexer), Retelling(store, indexer))
    return indexer, search, [Backlog(task, base.offices, ground.clock) for task in tasks]


def _merging(
    ground: Ground, identity: Identity, intake: Intake, talks: Talks, base: _Case, files: Attachments | None
) -> Merging:
    """Two conversations as one, one as two."""
    joining = Joining(
        talks.store, talks.live, talks.writer, identity.accounts, ground.audit, talks.relay, ground.clock, files
    )
    return Merging(base.door, base.cases, talks.chat, talks.custody, joining, intake, ground.audit, ground.clock)


def _figures(ground: Ground, identity: Identity, talks: Talks, base: _Case) -> DeskFigures:
    """Figures, which hear of messages and cases."""
    store = MongoFigureStore(ground.database)
    figures = DeskFigures(
        store, identity.staff, base.cases.board, lambda: ZoneInfo(talks.hours.hours.zone), ground.clock
    )
    talks.relay.listen(MessagePosted, figures.hear_message)
    base.cases.on_written(figures.hear_case)
    return figures


def _watch(ground: Ground, identity: Identity, base: _Case, agents: Agents) -> Watch:
    """What looks at promises, and tells those whom they concern."""

    async def everybody() -> Sequence[str]:
        return [account.id for account in await identity.staff.agents()]

    async def admins() -> Sequence[str]:
        found = await identity.staff.everybody()
        return [account.id for account in found if account.role is Role.ADMIN and not account.is_disabled]

    return Watch(
        base.cases, base.settings, agents, base.offices, base.alarm, everybody, admins, ground.audit, ground.clock
    )


async def _place(_case_id: str) -> str:
    return "/desk"
