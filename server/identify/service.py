"""Use cases: administrators register sites and change their keys; a site's word opens a session for one of its people.

A site's people are accounts of their own here, found by a keyed digest of site and subject. No claim ever leads into an
account that was made in another way. Must not know transports.
"""

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from server.accounts.model import FactorState
from server.accounts.sessions import SignedIn
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.identify.model import (
    MOST_KEYS,
    MOST_SITES,
    Distrust,
    Header,
    KeyKind,
    Person,
    Site,
    SiteKey,
    person_of,
)
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter

logger = logging.getLogger("amanah.identify")

_SECRET_BYTES = 32
"""RFC 7518, 3.2: a key for HS256 has at least 256 bits."""

_NOBODY = "nobody"
_TRIES = 8


class SiteStore(Protocol):
    """What the service needs from its store; `identify.store` says what each does."""

    async def insert(self, site: Site) -> None: ...
    async def change(self, site: Site) -> bool: ...
    async def all(self) -> list[Site]: ...
    async def find(self, site_id: str) -> Site | None: ...
    async def delete(self, site_id: str) -> None: ...
    async def use(self, digest: str, until: datetime) -> bool: ...
    async def find_link(self, digest: str) -> str | None: ...
    async def insert_link(self, digest: str, site_id: str, account_id: str, at: datetime) -> None: ...


class Signatures(Protocol):
    """Reads and checks tokens and keys; `identify.tokens` says what each does."""

    def header_of(self, token: str) -> Header: ...
    def claims_of(self, token: str, key: SiteKey) -> Mapping[str, Any]: ...
    def public_key_of(self, pem: str) -> tuple[KeyKind, str]: ...


class Accounts(Protocol):
    """What is needed of `accounts.service`."""

    async def ensure_customer(self, account_id: str, display_name: str, locale: str) -> None: ...
    async def enter(
        self, account_id: str, caller: Caller, factor: FactorState, *, proved_at: datetime | None = None
    ) -> SignedIn: ...


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A site with a key whose secret is shown this once; empty for a public key, which has none."""

    site: Site
    kid: str
    secret: str = field(repr=False)


class IdentifyService:
    """Sites and their people.

    Args:
        store: sites, links, used tokens.
        signatures: checks tokens and keys.
        link_key: for the digests under which people of sites are kept; in no store.
        audience: this server's address, as `aud` has to say it.
        accounts: accounts and sessions.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: SiteStore,
        signatures: Signatures,
        link_key: bytes,
        audience: str,
        accounts: Accounts,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._signatures = signatures
        self._link_key = link_key
        self.audience = audience
        self._accounts = accounts
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    # --- for sites' people -----------------------------------------------------------------------------------------

    async def identify(self, token: str, caller: Caller) -> SignedIn:
        """Open a session for whom a site vouches. A token opens one session, no more.

        Raises:
            NotAuthenticated: the token is none of a registered site's, not for us, not of now, or was used before.
            RateLimited: too many from this network.
        """
        await self._limiter.spend("challenge", caller.network)
        try:
            site, person = await self._person(token)
        except Distrust as distrust:
            logger.warning("a site's word was refused: %s", distrust.rule)
            await self._note("identify:person:refused", _NOBODY, _NOBODY)
            raise NotAuthenticated from None
        account_id = await self._account_of(site, person)
        return await self._accounts.enter(account_id, caller, FactorState.NONE)

    async def _person(self, token: str) -> tuple[Site, Person]:
        header = self._signatures.header_of(token)
        site = await self._store.find(header.site_id)
        if site is None or not site.enabled:
            raise Distrust("the site is not registered, or its word does not hold")
        key = site.key(header.kid)
        if key is None:
            raise Distrust("the key is not one of the site's that hold")
        person = person_of(self._signatures.claims_of(token, key), site.id, self.audience, self._clock())
        # Only what a site has signed is remembered, so that nobody else can fill the store.
        if not await self._store.use(self._digest("token", site.id, person.number), person.expires_at):
            raise Distrust("the token was used before")
        return site, person

    async def _account_of(self, site: Site, person: Person) -> str:
        digest = self._digest("person", site.id, person.subject)
        account_id = await self._store.find_link(digest)
        if account_id is None:
            account_id = new_id()
            try:
                await self._store.insert_link(digest, site.id, account_id, self._clock())
                await self._note("identify:person:linked", account_id, site.id)
            except Conflict:
                # Two tabs at the same moment: the other one was quicker.
                account_id = await self._store.find_link(digest) or account_id
        # Also for one that is known: a crash may have left a link whose account was not made.
        await self._accounts.ensure_customer(account_id, person.name, person.locale)
        return account_id

    def _digest(self, what: str, site_id: str, value: str) -> str:
        """Keyed: a subject may be an address or a customer number, and need not be known here."""
        whose = f"{what}:{len(site_id)}:{site_id}:{value}"
        return hmac.new(self._link_key, whose.encode("utf-8", "backslashreplace"), sha256).hexdigest()

    # --- for administrators ----------------------------------------------------------------------------------------

    async def all(self) -> list[Site]:
        """Give all sites, in the order of their making."""
        return await self._store.all()

    async def register(self, actor: Actor, label: str) -> Site:
        """Register a site, without a key yet.

        Raises:
            Conflict: there are too many, or one is called that.
        """
        sites = await self._store.all()
        if len(sites) >= MOST_SITES or any(site.label == label for site in sites):
            raise Conflict(fields={"label": "taken" if len(sites) < MOST_SITES else "too_many"})
        site = Site(new_id(), label, True, (), self._clock(), actor.account_id)
        await self._store.insert(site)
        await self._note("identify:site:created", actor.account_id, site.id)
        return site

    async def change(self, actor: Actor, site_id: str, *, enabled: bool) -> Site:
        """Let a site's word hold, or not.

        Raises:
            NotFound: there is none.
            Conflict: others change it all the time.
        """
        return await self._change(actor, site_id, "identify:site:changed", lambda site: replace(site, enabled=enabled))

    async def delete(self, actor: Actor, site_id: str) -> None:
        """Delete a site; its people's accounts stay theirs, and are found by nobody's word any more.

        Raises:
            NotFound: there is none.
        """
        await self._get(site_id)
        await self._store.delete(site_id)
        await self._note("identify:site:deleted", actor.account_id, site_id)

    async def add_key(self, actor: Actor, site_id: str, public_key: str | None) -> MadeKey:
        """Give a site one more key: the public half of its own, or a secret that is made here and shown this once.

        Raises:
            NotFound: there is no such site.
            InvalidInput: it is no public key of a kind that is taken.
            Conflict: it has as many keys as one may have; revoke one first.
        """
        await self._get(site_id)
        if public_key is None:
            kind, value = KeyKind.SECRET, secrets.token_urlsafe(_SECRET_BYTES)
        else:
            kind, value = self._signatures.public_key_of(public_key)
        key = SiteKey(new_id(), kind, value, self._clock())

        def add(site: Site) -> Site:
            if len(site.keys) >= MOST_KEYS:
                raise Conflict(fields={"public_key": "too_many"})
            if any(known.value == value for known in site.keys):
                raise InvalidInput(fields={"public_key": "taken"})
            return replace(site, keys=(*site.keys, key))

        site = await self._change(actor, site_id, "identify:key:created", add)
        return MadeKey(site, key.kid, value if public_key is None else "")

    async def revoke_key(self, actor: Actor, site_id: str, kid: str) -> Site:
        """Let a key hold no longer, at once.

        Raises:
            NotFound: there is no such site or key.
            Conflict: others change the site all the time.
        """

        def revoke(site: Site) -> Site:
            if site.key(kid) is None:
                raise NotFound
            return replace(site, keys=tuple(key for key in site.keys if key.kid != kid))

        return await self._change(actor, site_id, "identify:key:revoked", revoke)

    async def _get(self, site_id: str) -> Site:
        site = await self._store.find(site_id)
        if site is None:
            raise NotFound
        return site

    async def _change(self, actor: Actor, site_id: str, action: str, change: Callable[[Site], Site]) -> Site:
        """Change a site as it is now: of two administrators neither brings back what the other has just revoked."""
        for _ in range(_TRIES):
            site = await self._get(site_id)
            changed = replace(change(site), revision=site.revision + 1)
            if await self._store.change(changed):
                await self._note(action, actor.account_id, site_id)
                return changed
        raise Conflict

    async def _note(self, action: str, actor_id: str, thing: str) -> None:
        await self._audit.append([AuditEntry(action, actor_id, (thing,), self._clock())])
