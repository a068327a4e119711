"""Builds retention: the rules of all capabilities, their runs, legal holds. For `parts` and `upkeep` only."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from server.accounts import retention as accounts
from server.announcements import retention as announcements
from server.attachments import retention as attachments
from server.audit import rules as audit_rules
from server.audit.retention import Retention
from server.chat import retention as chat
from server.chat.store import MongoChatStore
from server.composition.holding_content import ContentHoldings
from server.composition.identity import Ground, Identity
from server.composition.talks import Talks
from server.config import Settings, SettingsError
from server.desk import retention as desk
from server.factors import retention as factors
from server.federation import retention as federation
from server.feedback import retention as feedback
from server.feedback.removal import Aged
from server.feedback.removal_store import MongoRemovalStore
from server.feedback.store import MongoItemStore
from server.files import retention as files
from server.files.service import FileService
from server.files.store import MongoFileStore
from server.forms import retention as forms
from server.forum import retention as forum
from server.identify import retention as identify
from server.incidents import retention as incidents
from server.incidents.store import MongoIncidentRemoval
from server.insight import retention as insight
from server.insight.store import MongoInsightStore
from server.intake import Intake
from server.kernel.actor import Role
from server.kernel.ports import Clock, Directory
from server.kernel.retention import Spared, Sweeper, Times, nothing_held
from server.notices import retention as notices
from server.notify import retention as notify
from server.people import retention as people
from server.privacy import retention as privacy
from server.promises import retention as promises
from server.publication import retention as publication
from server.publication.store import MongoPermissionStore
from server.retention import api, rules
from server.retention.holds import LegalHolds, Named
from server.retention.model import HoldKind, RunReport, require_known, times_of
from server.retention.pages import RetentionPages
from server.retention.runs import SYSTEM, RetentionRuns
from server.retention.store import MongoRetentionStore
from server.review import retention as review
from server.rights import retention as rights
from server.sealed import retention as sealed
from server.search import retention as search
from server.signals import retention as signals
from server.storage.mongo import Database
from server.storage.stock import MongoStock
from server.surveys import retention as surveys
from server.surveys.store import MongoSurveyStore
from server.telemetry import retention as telemetry
from server.training import retention as training
from server.vault import retention as vault
from server.visits import retention as visits
from server.web.endpoint import Endpoint
from server.web.site.frame import Site
from server.webhooks import retention as webhooks

_LONGEST_NUMBER = 10


@dataclass(frozen=True, slots=True)
class Hands:
    """What removes things, where a capability does so itself.

    Attributes:
        visits: visits, hour by hour.
        images: images that no text shows.
        files: files that nothing took.
        records: values of sealed records.
        trail: the oldest part of the audit trail.
        visitors: knows visitors.
        end: ends a conversation with all that hangs on it.
        feedback: removes items, and links to their senders.
    """

    visits: visits.Log
    images: attachments.Images
    files: files.FilesKept
    records: sealed.Records
    trail: Retention
    visitors: chat.Visitors
    end: chat.End
    feedback: feedback.Remover


def sweepers_of(settings: Settings, database: Database, hands: Hands) -> tuple[Sweeper, ...]:
    """Build what carries out every rule, in the order in which that is done: what hangs on others comes later.

    Raises:
        SettingsError: the operator names a rule that there is not.
    """
    stock, times = MongoStock(database), times_of(settings.retention)
    found: tuple[Sweeper, ...] = (
        chat.retention(chat.OldConversations(MongoChatStore(database), hands.visitors, times), hands.end),
        desk.retention(),
        forms.retention(),
        sealed.retention(stock, hands.records, times),
        files.retention(stock, hands.files),
        *_of_public_places(stock, times, database, hands),
        *_of_people(stock, times, settings, hands),
        insight.retention(MongoInsightStore(database)),
        signals.retention(stock),
        training.retention(),
        publication.retention(MongoPermissionStore(database)),
        promises.retention(),
        telemetry.retention(stock, times),
        webhooks.retention(stock),
        identify.retention(stock),
        rules.retention(stock, times),
        incidents.retention(stock, MongoIncidentRemoval(database), times),
        audit_rules.retention(hands.trail, settings.audit_days),
    )
    try:
        require_known(times, [rule for sweeper in found for rule in sweeper.rules])
    except ValueError as error:
        raise SettingsError(f"AMANAH_RETENTION {error}") from None
    return found


def _of_public_places(stock: MongoStock, times: Times, database: Database, hands: Hands) -> tuple[Sweeper, ...]:
    return (
        forum.retention(stock),
        search.retention(),
        review.retention(stock, times),
        attachments.retention(stock, hands.images),
        feedback.retention(stock, feedback.OldItems(MongoRemovalStore(database), times), hands.feedback),
        surveys.retention(MongoSurveyStore(database), times),
        announcements.retention(),
    )


def _of_people(stock: MongoStock, times: Times, settings: Settings, hands: Hands) -> tuple[Sweeper, ...]:
    return (
        notices.retention(stock, times),
        notify.retention(stock),
        visits.retention(stock, hands.visits, settings.visit_days),
        factors.retention(stock),
        federation.retention(stock),
        privacy.retention(stock, times),
        rights.retention(stock, times),
        people.retention(stock),
        accounts.retention(stock),
        vault.retention(),
    )


def visitors_of(identity: Identity) -> chat.Visitors:
    """Build what knows visitors."""

    async def visitors(account_ids: Sequence[str]) -> frozenset[str]:
        found = await identity.accounts.actors(account_ids)
        return frozenset(account_id for account_id, actor in found.items() if actor.role is Role.VISITOR)

    return visitors


@asynccontextmanager
async def open_holds(ground: Ground, identity: Identity, intake: Intake) -> AsyncIterator[LegalHolds]:
    """Build and start legal holds, before anything that asks them.

    Raises:
        Unavailable: the store does not answer.
    """
    talks, items = MongoChatStore(ground.database), MongoItemStore(ground.database)

    async def person(named: str) -> Named | None:
        if "@" in named:
            account = await identity.accounts.find_by_email(named)
            found = account.id if account is not None else ""
        else:
            found = named if named in await identity.accounts.actors([named]) else ""
        return Named(found, kin=await identity.accounts.kin(found)) if found else None

    async def find(kind: HoldKind, named: str) -> Named | None:
        if kind is HoldKind.PERSON:
            return await person(named)
        if kind is HoldKind.CONVERSATION:
            talk = await talks.load(named)
            return Named(named, talk.conversation.customer_id) if talk is not None else None
        number = named.removeprefix("#")
        digits = number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER
        item = await (items.find_numbered(int(number)) if digits else items.find_item(named))
        return Named(item.id, item.author_id or "") if item is not None else None

    holds = LegalHolds(MongoRetentionStore(ground.database), intake, find, ground.audit, ground.clock)
    await holds.start()
    try:
        yield holds
    finally:
        await holds.close()


def end_of(talks: Talks, content: ContentHoldings, service: FileService, database: Database) -> chat.End:
    """Build what ends a conversation with all that hangs on it; its customer is let go of last."""
    kept = MongoFileStore(database)

    async def end(conversation_id: str) -> None:
        customer_id = (await talks.conversation(conversation_id)).customer_id
        await content.chat.erase_texts(conversation_id)
        await content.desk.forget(await talks.conversation(conversation_id))
        await content.forms.forget_conversation(conversation_id)
        await service.remove(conversation_id, [file.id for file in await kept.of_person(customer_id)])
        await content.chat.detach(conversation_id)

    return end


@dataclass(frozen=True, slots=True)
class Retaining:
    """The running services."""

    holds: LegalHolds
    runs: RetentionRuns
    people: Directory
    clock: Clock

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.runs, self.holds, self.people)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        RetentionPages(site, self.runs, self.holds, self.people, self.clock).attach(app)


@asynccontextmanager
async def open_retention(
    ground: Ground, identity: Identity, holds: LegalHolds, hands: Hands
) -> AsyncIterator[Retaining]:
    """Build and start the runs; stop them at the end."""
    runs = RetentionRuns(
        sweepers_of(ground.settings, ground.database, hands),
        MongoRetentionStore(ground.database),
        holds.held,
        holds.refresh,
        ground.audit,
        ground.clock,
    )
    runs.start()
    try:
        yield Retaining(holds, runs, identity.accounts, ground.clock)
    finally:
        await runs.close()


class OnlyCounting:
    """Stands where a capability removes by itself, for a command that only counts."""

    async def sweep(self, spared: Spared = nothing_held) -> int:
        """Remove nothing."""
        return 0

    async def drop_again(self, hours: Collection[int], spared: Spared, *, full: bool) -> int:
        """Drop nothing."""
        return 0


class KeepingFeedback:
    """Stands where feedback is removed, for a command that only counts."""

    async def finish(self) -> int:
        """Finish nothing."""
        return 0

    async def remove(self, item_id: str, goes: Callable[[Aged], bool]) -> bool:
        """Remove nothing."""
        return False

    async def unlink(self, item_id: str, goes: Callable[[Aged], bool]) -> bool:
        """Forget nobody."""
        return False


async def _end_nothing(_conversation_id: str) -> None:
    """Stands where conversations are ended, for a command that only counts."""


async def count_overdue(ground: Ground, identity: Identity, trail: Retention) -> RunReport:
    """Count what a run would remove, for the command line; the report is kept with the others.

    Raises:
        SettingsError: the operator names a rule that there is not.
        Unavailable: the store does not answer.
    """
    idle = OnlyCounting()
    hands = Hands(idle, idle, idle, idle, trail, visitors_of(identity), _end_nothing, KeepingFeedback())
    store = MongoRetentionStore(ground.database)
    held = frozenset(held_id for hold in await store.holds() if hold.stands for held_id in hold.held_ids)

    async def as_read() -> None:
        return None

    sweepers = sweepers_of(ground.settings, ground.database, hands)
    runs = RetentionRuns(sweepers, store, held.intersection, as_read, ground.audit, ground.clock)
    return await runs.dry_run(SYSTEM)
