"""Builds the consent ledger, guardianships and their pages. For `parts` only."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from server.composition.identity import Ground, Identity
from server.intake import Intake
from server.kernel.background import Background
from server.privacy import api, guardian_api
from server.privacy.guardian_store import MongoGuardianStore
from server.privacy.guardians import Guardianships
from server.privacy.pages import ConsentPages
from server.privacy.service import ConsentLedger, PrivacyService
from server.privacy.store import MongoChoiceStore
from server.statements import Statements
from server.web.endpoint import Endpoint
from server.web.site.frame import Site

logger = logging.getLogger("amanah.privacy")

_DAY_S = 24 * 3600.0
_AGAIN_S = 600.0


@dataclass(frozen=True, slots=True)
class Consenting:
    """The running services.

    Attributes:
        privacy: choices, receipts and previews.
        guardianships: of people who can't agree alone.
        smallest: people without whom no figure is shown.
    """

    privacy: PrivacyService
    guardianships: Guardianships
    smallest: int

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (*api.endpoints(self.privacy), *guardian_api.endpoints(self.guardianships))

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        ConsentPages(site, self.privacy, self.guardianships, self.smallest).attach(app)


@asynccontextmanager
async def open_ledger(ground: Ground) -> AsyncIterator[ConsentLedger]:
    """Build the ledger; where several processes have one store, follow what the others take in."""
    ledger = ConsentLedger(MongoChoiceStore(ground.database), ground.audit, ground.clock)
    if ground.settings.mongo_url:
        ledger.start()
    try:
        yield ledger
    finally:
        await ledger.close()


@asynccontextmanager
async def open_consenting(
    ground: Ground, identity: Identity, intake: Intake, ledger: ConsentLedger
) -> AsyncIterator[Consenting]:
    """Build and start the rest; stop it at the end."""
    privacy = PrivacyService(ledger, intake, ground.limiter, Statements(ground.keyring.derive("receipts"), "receipts"))

    async def address_of(account_id: str) -> str | None:
        account = await identity.accounts.find_account(account_id)
        return account.email if account is not None else None

    guardianships = Guardianships(
        MongoGuardianStore(ground.database),
        ledger,
        ground.sealer,
        identity.correspondence,
        address_of,
        ground.limiter,
        ground.audit,
        ground.clock,
    )
    sweeping = Background()
    sweeping.start(_sweep_daily(guardianships), name="guardianships")
    try:
        yield Consenting(privacy, guardianships, ground.settings.report_group)
    finally:
        await sweeping.stop()


async def _sweep_daily(guardianships: Guardianships) -> None:
    """At the start and every day after: who is of age agrees alone."""
    while True:
        pause_s = _DAY_S
        try:
            await guardianships.sweep()
        except Exception as error:
            logger.warning("guardianships can't be looked through: %s", type(error).__name__)
            pause_s = _AGAIN_S
        await asyncio.sleep(pause_s)
