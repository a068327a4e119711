"""The composition root: builds and starts every part, and is the only file that knows them all. Serves nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from nlp.pool import RedactorPool
from server.accounts.service import AccountService
from server.attachments.service import Attachments
from server.audit.parts import AuditParts
from server.chat.events import MessageChanged
from server.composition.announcing import Announcing, open_announcing
from server.composition.attaching import Filing, open_attachments, open_files, show_files
from server.composition.community import Community, open_community
from server.composition.consenting import Consenting, open_consenting, open_ledger
from server.composition.desking import Desking, open_desk
from server.composition.enclosing import Enclosures, circles_of
from server.composition.erasing import Erasing, open_erasure
from server.composition.explaining import Explaining, build_explaining
from server.composition.holding import Known, holdings_of
from server.composition.holding_content import Content, content_holdings
from server.composition.hooking import Hooks, open_hooks
from server.composition.identifying import Identifying, build_identifying
from server.composition.identity import Ground, Identity, open_identity, open_sweeping
from server.composition.insighting import Insights, open_insight
from server.composition.keys import key_source
from server.composition.listening import Listening, open_listening
from server.composition.observing import Observing, open_observing
from server.composition.opening import COLLECTIONS, Gatekeeper, audit_of, now, open_database, prepare
from server.composition.permitting import ContactPlaces, Permitting, build_permitting
from server.composition.persons import open_people
from server.composition.pledging import Asked, Pledging, open_pledging
from server.composition.promising import Promising, open_deadlines, promises_of
from server.composition.proofs import Proofs, open_proofs
from server.composition.responding import Responding, open_responding
from server.composition.retaining import Hands, Retaining, end_of, open_holds, open_retention, visitors_of
from server.composition.reviewing import Review, build_review
from server.composition.righting import Righting, open_restraints, open_rights
from server.composition.sealing import Sealing, open_sealing, revealing_of
from server.composition.standing import Standings
from server.composition.surveying import Surveying, build_surveys
from server.composition.talks import Talks, open_talks
from server.composition.triaging import OFF, TakingBack, model_folder, pooled_triage
from server.config import Settings
from server.intake import Intake
from server.people.service import People
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets
from server.shared_limits import open_limits
from server.storage.mongo import Client
from server.vault.masters import Masters
from server.web.catalogue import Catalogues
from server.web.devices import DeviceCookies
from server.web.metrics import Metrics
from server.web.requests import Origins

MOST_CONNECTIONS = 100
"""Live connections of one account. Each costs memory, and all hear everything."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The running services, for the server, the command line and the demo."""

    accounts: AccountService
    identity: Identity
    proofs: Proofs
    devices: DeviceCookies
    talks: Talks
    consenting: Consenting
    permitting: Permitting
    people: People
    review: Review
    attachments: Attachments
    filing: Filing
    community: Community
    listening: Listening
    insights: Insights
    announcing: Announcing
    surveying: Surveying
    explaining: Explaining
    pledging: Pledging
    sealing: Sealing
    promising: Promising
    desking: Desking
    hooks: Hooks
    identifying: Identifying
    righting: Righting
    erasing: Erasing
    retaining: Retaining
    responding: Responding
    observing: Observing
    audit: AuditParts
    fanout: Fanout
    sockets: Sockets
    pool: RedactorPool
    client: Client
    metrics: Metrics
    catalogues: Catalogues


@asynccontextmanager
async def _starting(pool: RedactorPool) -> AsyncIterator["asyncio.Task[None]"]:
    """Start the redactor beside everything else, and close it at the end. Whoever needs it waits for the task."""
    starting = asyncio.create_task(pool.start())
    try:
        yield starting
    finally:
        # It may not have begun yet, as where the store is another server's: begun later, nobody would end it.
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await pool.close()


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Build and start every service; stop them in reverse order."""
    masters = Masters(key_source(settings))
    catalogues = Catalogues.load()
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        pool = RedactorPool(
            workers=settings.worker_count,
            deadline_s=settings.redactor_deadline_ms / 1000,
            triage_path=model_folder(settings.triage_model),
        )
        starting_pool = await stack.enter_async_context(_starting(pool))
        client, database = await stack.enter_async_context(
            open_database(settings, attach=False, begin=True, on_restart=metrics.store_restarted)
        )
        keys = await prepare(database, masters, settings)
        await starting_pool
        gate = Gatekeeper(pool)
        limiter, delays = await stack.enter_async_context(open_limits(settings, keys.ring, metrics.limits_away))
        kept = audit_of(database, keys.ring, settings)
        audit = kept.trail
        stack.push_async_callback(audit.close)
        stack.push_async_callback(kept.keeper.close)
        kept.keeper.start()
        ground = Ground(settings, database, keys.ring, keys.vault, gate, audit, limiter, delays, now)
        identity = await stack.enter_async_context(open_identity(ground, catalogues))
        accounts = identity.accounts
        proofs = await stack.enter_async_context(open_proofs(ground, identity))
        restraints = await stack.enter_async_context(open_restraints(ground))
        devices = DeviceCookies(keys.ring.derive("devices"))
        observing = await stack.enter_async_context(open_observing(ground, metrics, origins_of(settings)))
        sockets = Sockets(
            identity.sessions,
            catalogues,
            metrics,
            origins_of(settings),
            identity.visits,
            devices,
            observing,
            limiter,
            default_locale=settings.default_locale,
            most_connections=MOST_CONNECTIONS if settings.limits else 0,
        )
        identity.sessions.on_ended(sockets.end_session)
        fanout = Fanout(sockets)
        intake = Intake(gate, keys.ring.derive("placeholders"))
        consents = await stack.enter_async_context(open_ledger(ground))
        consents.heed(restraints)
        holds = await stack.enter_async_context(open_holds(ground, identity, intake))
        await stack.enter_async_context(open_sweeping(identity.visits, accounts, holds.held))
        files = await stack.enter_async_context(open_files(ground, intake))
        explaining = build_explaining(ground, identity)
        talks = await stack.enter_async_context(
            open_talks(ground, identity, intake, consents, sockets, fanout, explaining.training, files)
        )
        revealing = revealing_of(ground, intake, talks.access_log, explaining.training)
        filing = show_files(ground, files, talks.chat, consents, identity, revealing)
        consenting = await stack.enter_async_context(open_consenting(ground, identity, intake, consents))
        permitting = build_permitting(ground, identity, proofs, intake, talks)
        people = await stack.enter_async_context(open_people(ground, identity, intake, fanout))
        attachments = await stack.enter_async_context(open_attachments(ground, people, holds.held))
        review = await build_review(ground, identity, intake, people, talks.notices, explaining.training)
        hooks = await stack.enter_async_context(open_hooks(ground, identity, talks.notices, permitting.gate))
        hooks.conversations.listen(talks.relay)
        community = await stack.enter_async_context(
            open_community(
                ground,
                identity,
                intake,
                people,
                attachments,
                review,
                talks.notices,
                sockets,
                fanout,
                hooks.forum,
                permitting.book,
            )
        )
        permitting.contacts.show_in(ContactPlaces(community.categories))
        promises = await promises_of(ground, identity)
        listening = await stack.enter_async_context(
            open_listening(
                ground,
                identity,
                intake,
                people,
                attachments,
                review,
                talks.notices,
                community.relay,
                community.forum.reviewed,
                community.search,
                triage=pooled_triage(pool, database, restraints) if settings.triage_model != OFF else None,
                restraints=restraints,
                clocks=promises,
                announcer=hooks.feedback,
                files=Enclosures(files),
            )
        )
        filing.start(circles_of(listening))
        restraints.on_changed(TakingBack(listening.store, listening.writer, restraints))
        listening.register.guard(permitting.gate)
        insights = await stack.enter_async_context(open_insight(ground, community.relay, restraints))
        announcing = await stack.enter_async_context(open_announcing(ground, identity, intake, consents, talks.notices))
        promising = await stack.enter_async_context(
            open_deadlines(ground, identity, promises, listening, talks.notices)
        )
        desking = await stack.enter_async_context(
            open_desk(ground, identity, intake, talks, listening.giving, files, sockets, fanout)
        )
        desking.search.heed(restraints)
        sealing = await stack.enter_async_context(
            open_sealing(ground, identity, intake, talks.chat, revealing, fanout, holds.held)
        )
        talks.adoptions.bring(holds)
        talks.adoptions.bring(revealing)
        talks.adoptions.bring(files)
        talks.adoptions.bring(sealing.following)
        talks.relay.listen(MessageChanged, sealing.following.message_changed)
        desking.merging.bring(sealing.following)
        await talks.adoptions.start()
        Standings(people, talks.notices).listen(community.relay)
        content = content_holdings(
            ground, identity, Content(talks, desking, files, revealing, sealing, community, attachments, people)
        )
        righting = await stack.enter_async_context(
            open_rights(
                ground,
                identity,
                holdings_of(ground, identity, content.holdings, Known(listening, talks.notices, consents, restraints)),
                restraints,
                intake,
                talks.notices,
                talks.access_log,
                explaining.training,
                catalogues,
            )
        )
        erasing = await stack.enter_async_context(
            open_erasure(ground, identity, righting.holdings, holds, content.chat.of, listening.store.sent_by)
        )
        hands = Hands(
            identity.visits,
            attachments,
            files,
            sealing.sealed,
            kept.retention,
            visitors_of(identity),
            end_of(talks, content, files, database),
            listening.removal,
        )
        retaining = await stack.enter_async_context(open_retention(ground, identity, holds, hands))
        righting.rights.knowing.learn(retaining.runs.rules)
        responding = await stack.enter_async_context(open_responding(ground, identity, intake, talks.notices))
        forms = (spec.validator for spec in COLLECTIONS)
        asked = Asked(
            explaining,
            insights.desk.insight,
            consents,
            talks.access_log,
            talks.break_glass,
            righting.requests,
            retaining.runs,
            responding.incidents,
            tuple(forms),
        )
        pledging = await stack.enter_async_context(open_pledging(ground, kept, asked, intake, metrics))
        yield Parts(
            accounts,
            identity,
            proofs,
            devices,
            talks,
            consenting,
            permitting,
            people,
            review,
            attachments,
            filing,
            community,
            listening,
            insights,
            announcing,
            build_surveys(ground, identity, intake, consents, talks.notices, insights.answers),
            explaining,
            pledging,
            sealing,
            promising,
            desking,
            hooks,
            build_identifying(ground, identity),
            righting,
            erasing,
            retaining,
            responding,
            observing,
            kept,
            fanout,
            sockets,
            pool,
            client,
            metrics,
            catalogues,
        )


def origins_of(settings: Settings) -> Origins:
    """Give what decides which web pages may act for whoever is signed in."""
    return Origins(settings.public_url, settings.trusted_proxies)
