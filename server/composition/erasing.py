"""Builds erasure: carries it out over what every capability keeps. For `parts` only."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from aiohttp import web

from server.accounts.correspondence import Correspondence
from server.accounts.sessions import Sessions
from server.accounts.store import MongoAccountStore
from server.composition.identity import Ground, Identity
from server.composition.keys import erased_file
from server.kernel.fresh import FreshWindow
from server.kernel.holdings import Holdings
from server.kernel.ports import Clock, Limiter, PersonSealer
from server.rights import erasure_api
from server.rights.erasure import Erasures, Rules
from server.rights.erasure_office_pages import ErasureOfficePages
from server.rights.erasure_pages import ErasurePages
from server.rights.erasure_store import ERASURE_COLLECTIONS as ERASURE_COLLECTIONS
from server.rights.erasure_store import MongoErasureStore
from server.vault.erased import ErasedFile
from server.web.endpoint import Endpoint
from server.web.site.frame import Site

_PAGE = "/privasi/hapus"


class Standing(Protocol):
    """Knows what is under a legal hold; see `retention.holds.LegalHolds`."""

    def held(self, ids: Collection[str]) -> frozenset[str]: ...
    def on_fewer(self, callback: Callable[[], None]) -> None: ...


class Named(Protocol):
    """A conversation, or feedback."""

    @property
    def id(self) -> str: ...


Things = Callable[[str], Awaitable[Sequence[Named]]]
"""Gives what of an account may be under a hold of its own."""


class PersonHolds:
    """Fills `rights.erasure.Holds`: one on a conversation or on feedback keeps its person waiting too."""

    def __init__(self, standing: Standing, things: Sequence[Things]) -> None:
        self._standing = standing
        self._things = things

    async def stands(self, account_id: str) -> bool:
        """See `Holds`."""
        if self._standing.held([account_id]):
            return True
        ids = [item.id for things in self._things for item in await things(account_id)]
        return bool(self._standing.held(ids))


class DisablingStore(Protocol):
    """Keeps accounts."""

    async def set_disabled(self, account_id: str, since: datetime | None) -> None: ...


class Doors:
    """Fills `rights.erasure.Entrance`."""

    def __init__(self, store: DisablingStore, sessions: Sessions, clock: Clock) -> None:
        self._store = store
        self._sessions = sessions
        self._clock = clock

    async def shut(self, account_id: str) -> None:
        """See `Entrance`."""
        await self._store.set_disabled(account_id, self._clock())
        await self.sign_out(account_id)

    async def sign_out(self, account_id: str) -> None:
        """See `Entrance`."""
        self._sessions.forget(account_id)
        await self._sessions.end_all(account_id)


class VaultKeys:
    """Fills `rights.erasure.Keys`."""

    def __init__(self, sealer: PersonSealer, erased: ErasedFile) -> None:
        self._sealer = sealer
        self._erased = erased

    async def destroy_key(self, account_id: str) -> None:
        """See `PersonSealer`."""
        await self._sealer.destroy_key(account_id)

    def erased(self) -> Sequence[str]:
        """See `Keys`."""
        return self._erased.ids()


class ErasureLetters:
    """Writes to a person what becomes of their account, while there is somebody to write to."""

    def __init__(self, post: Correspondence) -> None:
        self._post = post

    async def tell(self, account_id: str, letter: str, at: datetime) -> None:
        """See `rights.erasure.Tell`."""
        values = {"at": at.strftime("%Y-%m-%d %H:%M UTC")}
        await self._post.write(account_id, letter, lambda _: {"link": _PAGE}, limited=False, values=values)


@dataclass(frozen=True, slots=True)
class Erasing:
    """The running service."""

    erasures: Erasures
    freshness: FreshWindow
    limiter: Limiter
    clock: Clock

    def endpoints(self) -> Sequence[Endpoint]:
        """Give its endpoints."""
        return (*erasure_api.endpoints(self.erasures), *erasure_api.office_endpoints(self.erasures))

    def attach(self, site: Site, app: web.Application) -> None:
        """Put its pages into the application."""
        ErasurePages(site, self.erasures, self.freshness, self.limiter).attach(app)
        ErasureOfficePages(site, self.erasures, self.clock).attach(app)


@asynccontextmanager
async def open_erasure(
    ground: Ground, identity: Identity, holdings: Sequence[Holdings], standing: Standing, *things: Things
) -> AsyncIterator[Erasing]:
    """Build and start it; what a restored backup brought back is erased again before this gives anything.

    Args:
        ground: what it stands on.
        identity: accounts.
        holdings: what all capabilities keep, in the order of erasing.
        standing: legal holds.
        things: give what of an account may be under a hold of its own.

    Raises:
        Unavailable: the store does not answer.
    """
    settings, clock = ground.settings, ground.clock
    freshness = FreshWindow(timedelta(minutes=settings.fresh_minutes), clock)
    erasures = Erasures(
        MongoErasureStore(ground.database),
        holdings,
        PersonHolds(standing, things),
        Doors(
            MongoAccountStore(ground.database, ground.sealer, ground.keyring.index("accounts")),
            identity.sessions,
            clock,
        ),
        VaultKeys(ground.sealer, erased_file(settings)),
        ErasureLetters(identity.correspondence).tell if identity.correspondence else None,
        ground.keyring.derive("erasure/proofs"),
        ground.audit,
        ground.limiter,
        freshness,
        clock,
        Rules(timedelta(days=settings.erasure_days), settings.company_name),
        alone=not settings.mongo_url,
    )
    await erasures.start()
    standing.on_fewer(erasures.look)
    try:
        yield Erasing(erasures, freshness, ground.limiter, clock)
    finally:
        await erasures.close()
