"""Builds the rights of people: to know what is kept, take it along, correct and restrict it. For `parts` only."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from server.composition.identity import Ground, Identity
from server.intake import Intake
from server.kernel.disclosure import Passes
from server.kernel.fresh import FreshWindow
from server.kernel.holdings import Holdings
from server.notices.model import Kind
from server.notices.service import Notices
from server.privacy.access_log import AccessLog
from server.rights import api
from server.rights.export import Exports
from server.rights.knowing import Knowing
from server.rights.links import RequestLinks
from server.rights.office import Office
from server.rights.office_pages import WORK, OfficePages
from server.rights.pages import Rights, RightsPages
from server.rights.restraint_store import RESTRAINT_COLLECTIONS, MongoRestraintStore
from server.rights.restraints import StandingRestraints
from server.rights.service import REQUEST_PATH, Requests
from server.rights.signing import ExportSigner
from server.rights.store import REQUEST_COLLECTIONS, MongoRequestStore
from server.web.catalogue import Catalogues
from server.web.endpoint import Endpoint
from server.web.site.frame import Site

RIGHTS_COLLECTIONS = (*RESTRAINT_COLLECTIONS, *REQUEST_COLLECTIONS)

_OWN, _WORK = "rights_request", "rights_work"
_KINDS: Mapping[str, Kind] = {
    "new": Kind.RIGHTS_REQUEST_NEW,
    "near": Kind.RIGHTS_REQUEST_DUE,
    "late": Kind.RIGHTS_REQUEST_LATE,
}


class RequestNotices:
    """Fills `rights.service.Bell` by notices, which say nothing of what was written.

    Args:
        identity: knows the privacy officers.
        notices: tells people; letters go out as each of them wants, of a person's own request at once.
    """

    def __init__(self, identity: Identity, notices: Notices) -> None:
        self._identity = identity
        self._notices = notices
        notices.lead(_OWN, _place_of(REQUEST_PATH))
        notices.lead(_WORK, _place_of(WORK))

    async def tell_person(self, account_id: str, request_id: str) -> None:
        """See `rights.service.Bell`."""
        await self._notices.tell([account_id], Kind.RIGHTS_REQUEST, _OWN, request_id)

    async def tell_officers(self, what: str, request_id: str) -> None:
        """See `rights.service.Bell`."""
        officers = await self._identity.staff.privacy_officers()
        await self._notices.tell(officers, _KINDS[what], _WORK, request_id)


@dataclass(frozen=True, slots=True)
class Righting:
    """The running services.

    Attributes:
        holdings: what is kept of people, capability by capability, in the order of an erasure: accounts last.
        restraints: what people have stopped.
        requests: requests about data; `figures` counts them.
        office: the officers' work list.
        rights: what people's pages show and do.
        identity: knows what staff is called.
    """

    holdings: tuple[Holdings, ...]
    restraints: StandingRestraints
    requests: Requests
    office: Office
    rights: Rights
    identity: Identity

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        rights = self.rights
        return (
            *api.endpoints(rights.knowing, rights.exports, rights.requests, rights.restraints),
            *api.office_endpoints(self.office),
        )

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        RightsPages(site, self.rights).attach(app)
        OfficePages(site, self.office, self.restraints, self._names, self.rights.clock).attach(app)

    async def _names(self, account_ids: Sequence[str]) -> Mapping[str, str]:
        found = await self.identity.accounts.actors(account_ids)
        return {account_id: actor.display_name for account_id, actor in found.items()}


@asynccontextmanager
async def open_restraints(ground: Ground) -> AsyncIterator[StandingRestraints]:
    """Build and start what knows what people have stopped, before anything that asks it.

    Raises:
        Unavailable: the store does not answer.
    """
    store = MongoRestraintStore(ground.database)
    alone = not ground.settings.mongo_url
    restraints = StandingRestraints(store, ground.audit, ground.limiter, ground.clock, alone=alone)
    await restraints.start()
    try:
        yield restraints
    finally:
        await restraints.close()


@asynccontextmanager
async def open_rights(
    ground: Ground,
    identity: Identity,
    holdings: Sequence[Holdings],
    restraints: StandingRestraints,
    intake: Intake,
    notices: Notices,
    log: AccessLog,
    passes: Passes,
    catalogues: Catalogues,
) -> AsyncIterator[Righting]:
    """Build and start the services; stop them in reverse order.

    Args:
        ground: what they stand on.
        identity: accounts.
        holdings: what every capability keeps of people, in the order of an erasure.
        restraints: what people have stopped.
        intake: the gate.
        notices: tells people.
        log: who looked at what.
        passes: who has learnt how to keep data safe.
        catalogues: texts of exports.

    Raises:
        Unavailable: the store does not answer.
    """
    settings, keyring, audit, clock = ground.settings, ground.keyring, ground.audit, ground.clock
    store = MongoRequestStore(ground.database, keyring.sealer("rights"))
    bell = RequestNotices(identity, notices)
    requests = Requests(
        store,
        intake,
        identity.correspondence,
        bell,
        RequestLinks(keyring.derive("rights/links")),
        keyring.index("rights/guests").of,
        audit,
        ground.limiter,
        clock,
    )

    async def belongs(address: str) -> bool:
        return await identity.accounts.find_by_email(address) is not None

    office = Office(store, requests, intake, bell, passes, belongs, audit, clock)
    signer = ExportSigner(keyring.derive("rights/export"))
    exports = Exports(holdings, signer, catalogues, log, audit, ground.limiter, clock, settings.company_name)
    freshness = FreshWindow(timedelta(minutes=settings.fresh_minutes), clock)
    knowing = Knowing(holdings, restraints, ground.limiter)
    rights = Rights(knowing, exports, requests, restraints, log, freshness, clock)
    office.start()
    try:
        yield Righting(tuple(holdings), restraints, requests, office, rights, identity)
    finally:
        await office.close()


def _place_of(root: str) -> Callable[[str], Awaitable[str | None]]:
    async def place(request_id: str) -> str | None:
        return f"{root}/{request_id}"

    return place
