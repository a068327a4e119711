"""Builds what shows that people are who they say, beside their passwords: second factors and the identity provider.

For `parts` only.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from server.composition.identity import Ground, Identity
from server.config import Settings
from server.factors.passkeys import Passkeys, RelyingParty
from server.factors.service import FactorService
from server.federation.client import ProviderClient
from server.federation.model import Client
from server.federation.pages import BACK
from server.federation.service import FederationService
from server.federation.store import MongoFederationStore
from server.kernel.fresh import FreshWindow


@dataclass(frozen=True, slots=True)
class Proofs:
    """The running services. `federation` is None where no provider is set up."""

    factors: FactorService
    federation: FederationService | None


@asynccontextmanager
async def open_proofs(ground: Ground, identity: Identity) -> AsyncIterator[Proofs]:
    """Build these services.

    Args:
        ground: what they stand on.
        identity: accounts and sessions.
    """
    settings, clock = ground.settings, ground.clock
    passkeys = Passkeys(identity.factor_store, party_of(settings), ground.audit, ground.limiter, clock)
    ways = MongoFederationStore(ground.database)
    factors = FactorService(
        identity.factor_store,
        identity.codes,
        passkeys,
        identity.accounts,
        identity.sessions,
        ways,
        ground.audit,
        ground.limiter,
        freshness_of(ground),
        clock,
        staff_must=settings.staff_second_factor == "required",
    )
    client = client_of(settings)
    if client is None:
        yield Proofs(factors, None)
        return
    async with ProviderClient(client) as provider:
        yield Proofs(
            factors,
            FederationService(
                ways,
                provider,
                client,
                ground.keyring.derive("federation/links"),
                identity.accounts,
                identity.codes,
                ground.audit,
                ground.limiter,
                clock,
            ),
        )


def freshness_of(ground: Ground) -> FreshWindow:
    """How long a sign-in counts as recent."""
    return FreshWindow(timedelta(minutes=ground.settings.fresh_minutes), ground.clock)


def party_of(settings: Settings) -> RelyingParty | None:
    """For whom passkeys are made. They belong to a host name, so there are none without one, nor for a bare address."""
    parts = urlsplit(settings.public_url)
    host = parts.hostname or ""
    if not host or _is_address(host):
        return None
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc}", settings.company_name)


def client_of(settings: Settings) -> Client | None:
    """Who we are to the identity provider, where one is set up."""
    if not settings.oidc_issuer:
        return None
    return Client(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        secret=settings.oidc_client_secret,
        redirect_uri=settings.public_url.rstrip("/") + BACK,
        name=settings.oidc_name,
        longest=timedelta(hours=settings.staff_session_hours),
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
