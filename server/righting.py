"""Builds the rights of people: to know what is kept, take it along, correct, restrict, have it erased. For `app` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from server.identity import Ground, Identity
from server.kernel.holdings import Holdings
from server.rights.restraint_store import RESTRAINT_COLLECTIONS, MongoRestraintStore
from server.rights.restraints import StandingRestraints
from server.web.endpoint import Endpoint
from server.web.site.frame import Site

RIGHTS_COLLECTIONS = (*RESTRAINT_COLLECTIONS,)


@dataclass(frozen=True, slots=True)
class Righting:
    """The running services.

    Attributes:
        holdings: what is kept of people, capability by capability, in the order of an erasure: accounts last.
        restraints: what people have stopped.
    """

    holdings: tuple[Holdings, ...]
    restraints: StandingRestraints

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return ()

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""


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
) -> AsyncIterator[Righting]:
    """Build and start the services; stop them in reverse order.

    Args:
        ground: what they stand on.
        identity: accounts.
        holdings: what every capability keeps of people, in the order of an erasure.
        restraints: what people have stopped.

    Raises:
        Unavailable: the store does not answer.
    """
    yield Righting(tuple(holdings), restraints)
