"""Signing in at the identity provider: only staff who have an account already, and only where the provider vouches."""

import hmac
import logging
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

from server.accounts.model import Account, FactorState
from server.accounts.sessions import SignedIn
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.federation.model import (
    SIGN_IN,
    Answer,
    Client,
    Distrust,
    Identity,
    Metadata,
    State,
    authorization_url,
    derived,
    digest_of,
    identity_of,
    require_issuer,
    with_userinfo,
)
from server.kernel.actor import STAFF_ROLES
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, NotAuthenticated
from server.kernel.ports import Clock, Limiter

logger = logging.getLogger("amanah.federation")

_STATE_BYTES = 32
_NOBODY = "nobody"
_LONG_AGO = datetime.fromtimestamp(0, UTC)


class StateStore(Protocol):
    """What the service needs from its store; `federation.store` says what each does."""

    async def insert_state(self, state: State) -> None: ...
    async def take_state(self, digest: str, holder: str) -> State | None: ...
    async def find_link(self, digest: str) -> str | None: ...
    async def insert_link(self, digest: str, account_id: str, at: datetime) -> None: ...


class Accounts(Protocol):
    """What is needed of `accounts.service`."""

    async def find_account(self, account_id: str) -> Account | None: ...
    async def find_by_email(self, email: str) -> Account | None: ...
    async def enter(
        self, account_id: str, caller: Caller, factor: FactorState, *, proved_at: datetime | None = None
    ) -> SignedIn: ...


class Codes(Protocol):
    """Knows whether an account shows a code too."""

    async def is_demanded(self, account_id: str) -> bool: ...


class Redeemed(Protocol):
    """Claims whose signature fits, and the token for more."""

    @property
    def claims(self) -> Mapping[str, Any]: ...
    @property
    def access_token(self) -> str: ...


class Provider(Protocol):
    """The identity provider; `federation.client` says what each does."""

    async def metadata(self) -> Metadata: ...
    async def redeem(self, code: str, verifier: str) -> Redeemed: ...
    async def userinfo(self, access_token: str) -> object: ...


class FederationService:
    """Sign-in at one provider.

    Args:
        store: where ways and links are kept.
        provider: talks to it.
        client: who we are to it.
        link_key: for the digests under which people of the provider are kept; in no store.
        accounts: accounts and sessions.
        codes: one-time codes of our own.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: StateStore,
        provider: Provider,
        client: Client,
        link_key: bytes,
        accounts: Accounts,
        codes: Codes,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._provider = provider
        self._client = client
        self._link_key = link_key
        self._accounts = accounts
        self._codes = codes
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    @property
    def name(self) -> str:
        """What people know the provider by."""
        return self._client.name

    async def begin(self, browser: str, network: str, *, again: bool) -> str:
        """Give the address to send a browser to.

        Args:
            browser: the random key in its cookie.
            network: for limits.
            again: whether the person is to show anew who they are, even if the provider knows them.

        Raises:
            RateLimited: too many from this network.
            Unavailable: the provider does not answer.
            NotAuthenticated: what it says of itself can't be taken.
        """
        await self._limiter.spend("challenge", network)
        try:
            metadata = await self._provider.metadata()
        except Distrust as distrust:
            logger.error("the identity provider: %s", distrust.rule)
            raise NotAuthenticated from None
        state = secrets.token_urlsafe(_STATE_BYTES)
        await self._store.insert_state(State(digest_of(state), digest_of(browser), self._clock() + SIGN_IN))
        return authorization_url(self._client, metadata, state=state, browser=browser, again=again)

    async def finish(self, browser: str, answer: Answer, caller: Caller) -> SignedIn:
        """Open a session for whom the provider vouches.

        Raises:
            NotAuthenticated: another browser, another provider, a used or old state, a token that does not fit, or
                nobody of ours.
            RateLimited: too many from this network.
            Unavailable: the provider does not answer.
        """
        await self._limiter.spend("challenge", caller.network)
        try:
            identity = await self._identity(browser, answer)
            account = await self._account_of(identity)
        except Distrust as distrust:
            logger.warning("a sign-in at the identity provider was refused: %s", distrust.rule)
            await self._note("federation:sign_in:refused", _NOBODY)
            raise NotAuthenticated from None
        factor = FactorState.NONE
        if identity.multiple_factors:
            factor = FactorState.GIVEN
        elif await self._codes.is_demanded(account.id):
            factor = FactorState.OWED
        # Who was known to the provider already has not just shown who they are; it says when, or it counts as long ago.
        return await self._accounts.enter(account.id, caller, factor, proved_at=identity.proved_at or _LONG_AGO)

    async def _identity(self, browser: str, answer: Answer) -> Identity:
        state = await self._store.take_state(digest_of(answer.state), digest_of(browser))
        if not browser or state is None or state.expires_at <= self._clock():
            raise Distrust("the way back is not of a way that began in this browser")
        require_issuer(answer, await self._provider.metadata(), self._client.issuer)
        if not answer.code:
            raise Distrust("the provider let nobody in")
        redeemed = await self._provider.redeem(answer.code, derived(browser, answer.state, "verifier"))
        nonce = derived(browser, answer.state, "nonce")
        identity = identity_of(redeemed.claims, self._client, nonce=nonce, now=self._clock())
        if identity.email is None:
            said = await self._provider.userinfo(redeemed.access_token)
            identity = identity if said is None else with_userinfo(identity, said)
        return identity

    async def _account_of(self, identity: Identity) -> Account:
        """By the link, else by the address, which makes the link. Never makes an account, never lets customers in."""
        digest = self._digest(identity)
        linked = await self._store.find_link(digest)
        if linked is not None:
            return _staff(await self._accounts.find_account(linked))
        if identity.email is None or not identity.email_verified:
            raise Distrust("nobody is linked, and no verified address is said")
        account = _staff(await self._accounts.find_by_email(identity.email))
        if not account.is_vouched:
            raise Distrust("the account's address was only claimed by its holder")
        try:
            await self._store.insert_link(digest, account.id, self._clock())
        except Conflict:
            raise Distrust("the account is linked to somebody else") from None
        await self._note("federation:link:made", account.id)
        return account

    def _digest(self, identity: Identity) -> str:
        """Keyed: a subject may be an address or a staff number, and need not be known here."""
        whose = f"{len(self._client.issuer)}:{self._client.issuer}:{identity.subject}"
        return hmac.new(self._link_key, whose.encode("utf-8", "backslashreplace"), sha256).hexdigest()

    async def _note(self, action: str, account_id: str) -> None:
        await self._audit.append([AuditEntry(action, account_id, (account_id,), self._clock())])


def _staff(account: Account | None) -> Account:
    if account is None or account.role not in STAFF_ROLES or not account.is_verified:
        raise Distrust("no account of staff belongs to this person")
    return account
