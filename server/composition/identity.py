"""Builds everything about who people are: accounts, sessions, visits and their mail. For `parts` only."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from server.accounts.attempts import Attempts
from server.accounts.correspondence import Correspondence
from server.accounts.letters import LetterRules, Letters
from server.accounts.passwords import Passwords
from server.accounts.recovery import Recovery
from server.accounts.service import AccountService
from server.accounts.sessions import Sessions
from server.accounts.staff import Staff
from server.accounts.store import ACCOUNT_COLLECTIONS, MongoAccountStore
from server.audit.service import AuditTrail
from server.config import Settings
from server.factors.codes import OneTimeCodes
from server.factors.store import FACTOR_COLLECTIONS, MongoFactorStore
from server.federation.store import FEDERATION_COLLECTIONS
from server.kernel.background import Background
from server.kernel.ports import Clock, Delays, Limiter, PersonSealer, SpanFinder
from server.kernel.retention import Spared
from server.keyring import Keyring
from server.notify.composing import Composer
from server.notify.service import MailQueue
from server.notify.smtp import MailServer, SmtpCarrier
from server.notify.store import MAIL_COLLECTIONS, MongoLetterStore
from server.storage.mongo import Database
from server.visits.service import VisitLog
from server.visits.store import VISIT_COLLECTIONS, MongoVisitStore
from server.web.catalogue import Catalogues

logger = logging.getLogger("amanah")

IDENTITY_COLLECTIONS = (
    *ACCOUNT_COLLECTIONS,
    *VISIT_COLLECTIONS,
    *MAIL_COLLECTIONS,
    *FACTOR_COLLECTIONS,
    *FEDERATION_COLLECTIONS,
)

_DAY_S = 24 * 3600.0
_AGAIN_S = 600.0


@dataclass(frozen=True, slots=True)
class Identity:
    """The running services about people."""

    accounts: AccountService
    sessions: Sessions
    recovery: Recovery
    passwords: Passwords
    visits: VisitLog
    codes: OneTimeCodes
    factor_store: MongoFactorStore
    staff: Staff
    limiter: Limiter
    correspondence: Correspondence | None
    """Letters for other capabilities; None where no mail is set up."""

    mail: MailQueue | None
    """Where all letters wait; None likewise."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What these services stand on.

    Attributes:
        settings: all settings.
        database: where everything is kept.
        keyring: keys of the installation.
        sealer: keys of people.
        finder: looks at display names.
        audit: the trail.
        limiter: rate limits.
        delays: growing delays.
        clock: the time.
    """

    settings: Settings
    database: Database
    keyring: Keyring
    sealer: PersonSealer
    finder: SpanFinder
    audit: AuditTrail
    limiter: Limiter
    delays: Delays
    clock: Clock


def passwords_of(settings: Settings, keyring: Keyring) -> Passwords:
    """Build the password hasher with every pepper there has been."""
    peppers = {number: keyring.derive(f"passwords/pepper/{number}") for number in range(1, settings.pepper + 1)}
    return Passwords(peppers, company=settings.company_name)


def sessions_of(settings: Settings, store: MongoAccountStore, clock: Clock) -> Sessions:
    """Build the sessions."""
    return Sessions(
        store,
        clock,
        customer_lifetime=timedelta(days=settings.session_days),
        staff_lifetime=timedelta(hours=settings.staff_session_hours),
        staff_must=settings.staff_second_factor == "required",
    )


@asynccontextmanager
async def open_identity(ground: Ground, catalogues: Catalogues | None) -> AsyncIterator[Identity]:
    """Build and start these services; stop them in reverse order.

    Args:
        ground: what they stand on.
        catalogues: texts of letters; None for a command, which sends none and sweeps nothing.
    """
    settings, database, keyring, clock = ground.settings, ground.database, ground.keyring, ground.clock
    async with AsyncExitStack() as stack:
        passwords = passwords_of(settings, keyring)
        stack.callback(passwords.close)
        store = MongoAccountStore(database, ground.sealer, keyring.index("accounts"))
        sessions = sessions_of(settings, store, clock)
        visits = VisitLog(
            MongoVisitStore(database, ground.sealer),
            clock,
            keyring.derive("visits"),
            full_for=timedelta(days=settings.visit_days),
        )
        queue = await stack.enter_async_context(_open_mail(ground, catalogues)) if catalogues else None
        letters = Letters(store, queue, ground.limiter, clock, _rules(settings))
        stack.push_async_callback(letters.settle)
        stack.push_async_callback(visits.settle)
        attempts = Attempts(ground.limiter, ground.delays, visits)
        factor_store = MongoFactorStore(database, ground.sealer)
        codes = _codes(ground, factor_store, visits)
        accounts = AccountService(
            store,
            sessions,
            passwords,
            ground.finder,
            ground.audit,
            ground.limiter,
            attempts,
            visits,
            letters,
            codes,
            clock,
        )
        recovery = Recovery(store, sessions, passwords, letters, ground.audit, ground.limiter, clock)
        staff = Staff(store, sessions, accounts, ground.audit, clock)
        post = Correspondence(store, queue, ground.limiter, settings.public_url) if queue else None
        yield Identity(
            accounts,
            sessions,
            recovery,
            passwords,
            visits,
            codes,
            factor_store,
            staff,
            ground.limiter,
            post,
            queue,
        )


def _codes(ground: Ground, store: MongoFactorStore, visits: VisitLog) -> OneTimeCodes:
    key = ground.keyring.derive("factors/recovery")
    company = ground.settings.company_name
    return OneTimeCodes(store, key, ground.audit, ground.limiter, visits, ground.clock, company)


def _rules(settings: Settings) -> LetterRules:
    return LetterRules(
        public_url=settings.public_url,
        verification=settings.email_verification == "required",
        link_lifetime=timedelta(minutes=settings.link_minutes),
    )


@asynccontextmanager
async def _open_mail(ground: Ground, catalogues: Catalogues) -> AsyncIterator[MailQueue | None]:
    settings = ground.settings
    if not settings.smtp_url:
        yield None
        return
    server = MailServer.parse(settings.smtp_url, settings.mail_from, settings.company_name)
    queue = MailQueue(
        MongoLetterStore(ground.database, ground.keyring.sealer("mail")),
        SmtpCarrier(server, ground.clock),
        Composer(catalogues, settings.company_name),
        ground.clock,
    )
    await queue.start()
    try:
        yield queue
    finally:
        await queue.close()


@asynccontextmanager
async def open_sweeping(visits: VisitLog, accounts: AccountService, spared: Spared) -> AsyncIterator[None]:
    """Begin to drop old visits, and accounts that nobody verified.

    Args:
        visits: the visit log.
        accounts: the accounts.
        spared: says whose visits stay for a legal hold; so this begins when holds are known, and not before.
    """
    sweeping = Background()
    sweeping.start(_sweep_daily(visits, accounts, spared), name="identity-sweep")
    try:
        yield
    finally:
        await sweeping.stop()


async def _sweep_daily(visits: VisitLog, accounts: AccountService, spared: Spared) -> None:
    """At the start and every day after: drop what was kept long enough."""
    while True:
        pause_s = _DAY_S
        try:
            changed = await visits.sweep(spared)
            if changed:
                logger.info("full addresses and old visits dropped: %d", changed)
            gone = await accounts.sweep()
            if gone:
                logger.info("accounts that nobody verified dropped: %d", gone)
        except Exception as error:
            logger.warning("dropping what is old failed: %s", type(error).__name__)
            pause_s = _AGAIN_S
        await asyncio.sleep(pause_s)
