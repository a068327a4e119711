"""Builds identity by the word of embedding sites. For `parts` only."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.composition.identity import Ground, Identity
from server.identify import api, tokens
from server.identify.service import IdentifyService
from server.identify.store import IDENTIFY_COLLECTIONS as IDENTIFY_COLLECTIONS
from server.identify.store import MongoSiteStore
from server.web.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Identifying:
    """The running service."""

    service: IdentifyService

    def endpoints(self) -> Sequence[Endpoint]:
        """Give its endpoints."""
        return api.endpoints(self.service)


def build_identifying(ground: Ground, identity: Identity) -> Identifying:
    """Build it."""
    settings = ground.settings
    return Identifying(
        IdentifyService(
            MongoSiteStore(ground.database, ground.keyring.sealer("sites")),
            tokens,
            ground.keyring.derive("sites/people"),
            settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}",
            identity.accounts,
            ground.audit,
            ground.limiter,
            ground.clock,
        )
    )
