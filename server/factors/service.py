"""Use cases around second factors that need the account and its sessions: show, confirm, sign in, remove, reset."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from server.accounts.model import Account, FactorState
from server.accounts.sessions import Sessions, SignedIn
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.factors.codes import Enrolment, OneTimeCodes
from server.factors.model import Ceremony, DeviceKind, Passkey
from server.factors.passkeys import Passkeys
from server.kernel.actor import STAFF_ROLES, Actor
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, NotPermitted, SecondFactorRequired
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Clock, Limiter

_NOBODY = "nobody"
SYSTEM = "operator"
"""The actor of what is done on the command line."""


class Accounts(Protocol):
    """What is needed of `accounts.service`."""

    async def get_account(self, actor: Actor) -> Account: ...
    async def find_account(self, account_id: str) -> Account | None: ...
    async def is_password(self, account_id: str, password: str) -> bool: ...
    async def enter(self, account_id: str, caller: Caller, factor: FactorState) -> SignedIn: ...
    async def tell(self, account_id: str, letter: str) -> None: ...
    async def came_in(self, account_id: str, caller: Caller) -> None: ...


class WholeStore(Protocol):
    """What is needed of `factors.store` beside what codes and passkeys need."""

    async def delete_codes(self, account_id: str) -> bool: ...
    async def delete_passkeys(self, account_id: str) -> int: ...


class Links(Protocol):
    """What is needed of `federation.store`: whom of the identity provider's an account belongs to."""

    async def delete_link(self, account_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Overview:
    """The second factors of an account as its owner sees them.

    Attributes:
        totp_since: when an authenticator app was set up, or None.
        recovery_left: how many recovery codes are unused.
        passkeys: oldest first.
        passkeys_offered: whether passkeys can be added here.
        required: whether the account must have a second factor.
        owed: whether this session is closed until one is shown or set up.
        fresh_until: until when this session counts as signed in just now.
    """

    totp_since: datetime | None
    recovery_left: int
    passkeys: tuple[Passkey, ...]
    passkeys_offered: bool
    required: bool
    owed: bool
    fresh_until: datetime


class FactorService:
    """Second factors.

    Args:
        store: where they are kept.
        codes: one-time codes.
        passkeys: passkeys.
        accounts: passwords and sessions.
        sessions: the sessions themselves.
        links: people of the identity provider.
        audit: the audit trail.
        limiter: rate limits.
        freshness: how long a sign-in counts as recent.
        clock: the time.
        staff_must: whether staff need a second factor.
    """

    def __init__(
        self,
        store: WholeStore,
        codes: OneTimeCodes,
        passkeys: Passkeys,
        accounts: Accounts,
        sessions: Sessions,
        links: Links,
        audit: AuditTrail,
        limiter: Limiter,
        freshness: FreshWindow,
        clock: Clock,
        *,
        staff_must: bool,
    ) -> None:
        self._store = store
        self._codes = codes
        self._passkeys = passkeys
        self._accounts = accounts
        self._sessions = sessions
        self._links = links
        self._audit = audit
        self._limiter = limiter
        self._freshness = freshness
        self._clock = clock
        self._staff_must = staff_must
        self._removing = asyncio.Lock()
        """Two who take one factor each away at the same moment would both see the other's still there."""

    @property
    def passkeys_offered(self) -> bool:
        """Whether this server knows its address, without which there are no passkeys."""
        return self._passkeys.offered

    async def overview(self, actor: Actor) -> Overview:
        """Show what the actor has."""
        codes = await self._codes.state(actor.account_id)
        fresh_at = actor.fresh_at or self._clock()
        return Overview(
            totp_since=codes.since if codes else None,
            recovery_left=codes.recovery_left if codes else 0,
            passkeys=tuple(await self._passkeys.of_account(actor.account_id)),
            passkeys_offered=self._passkeys.offered,
            required=self._is_required(actor),
            owed=actor.owes_factor,
            fresh_until=fresh_at + self._freshness.window,
        )

    # --- signing in and confirming ---------------------------------------------------------------------------------

    async def begin_sign_in(self, browser: str, network: str) -> dict[str, Any]:
        """Give the options with which a browser signs in; see `Passkeys.begin_sign_in`."""
        return await self._passkeys.begin_sign_in(browser, network)

    async def sign_in(self, browser: str, credential: Mapping[str, Any], caller: Caller) -> SignedIn:
        """Open a session for the holder of a passkey.

        Raises:
            NotAuthenticated: not one of ours, or not properly shown.
            RateLimited: too many from this network.
        """
        await self._limiter.spend("challenge", caller.network)
        try:
            account_id = await self._passkeys.holder(Ceremony.SIGN_IN, browser, credential)
        except NotAuthenticated:
            await self._note("factors:sign_in:refused", _NOBODY)
            raise
        return await self._accounts.enter(account_id, caller, FactorState.GIVEN)

    async def begin_confirming(self, actor: Actor) -> dict[str, Any]:
        """Give the options with which the actor confirms by passkey."""
        return await self._passkeys.begin_confirming(actor)

    async def confirm(
        self,
        actor: Actor,
        caller: Caller,
        *,
        password: str | None,
        code: str | None,
        credential: Mapping[str, Any] | None,
    ) -> datetime:
        """Take the same proof as for signing in: a passkey, or the password with a code where one is demanded.

        A code alone completes a session that owes it; how fresh the session is does not change by that.

        Returns:
            Until when the session counts as signed in just now.

        Raises:
            InvalidInput: nothing was given that could do.
            NotAuthenticated: what was given is wrong; nothing says which part.
            SecondFactorRequired: the password is right, and a code is needed too.
            RateLimited: too many attempts.
        """
        # By session: who has another session of the account can't use up what its owner may try.
        await self._limiter.spend("confirm", actor.session_id)
        fresh, factor = True, None
        if credential is not None:
            if await self._passkeys.holder(Ceremony.CONFIRM, actor.session_id, credential) != actor.account_id:
                raise NotAuthenticated
            factor = FactorState.GIVEN
        elif password is not None:
            factor = await self._password_and_code(actor, caller, password, code)
        elif code is not None and actor.owes_factor:
            fresh, factor = False, await self._code_alone(actor, caller, code)
        else:
            raise InvalidInput(fields={"password": "required"})
        session = await self._sessions.confirm(actor, factor=factor, fresh=fresh)
        if actor.owes_factor:
            await self._accounts.came_in(actor.account_id, caller)
        await self._note("factors:session:confirmed", actor.account_id, actor.session_id)
        return (session.fresh_at or session.created_at) + self._freshness.window

    async def _password_and_code(
        self, actor: Actor, caller: Caller, password: str, code: str | None
    ) -> FactorState | None:
        if not await self._accounts.is_password(actor.account_id, password):
            await self._refuse(actor)
        if not await self._codes.is_demanded(actor.account_id):
            return None
        if not code:
            raise SecondFactorRequired
        return await self._code_alone(actor, caller, code)

    async def _code_alone(self, actor: Actor, caller: Caller, code: str) -> FactorState:
        if not await self._codes.accept(actor.account_id, code, caller):
            await self._refuse(actor)
        return FactorState.GIVEN

    async def _refuse(self, actor: Actor) -> None:
        await self._note("factors:session:refused", actor.account_id, actor.session_id)
        raise NotAuthenticated

    # --- setting up and taking away --------------------------------------------------------------------------------

    async def begin_totp(self, actor: Actor) -> Enrolment:
        """Show a secret for an authenticator app; see `OneTimeCodes.begin`."""
        await self._require_open(actor)
        return await self._codes.begin(actor, await self._label(actor))

    async def complete_totp(self, actor: Actor, code: str) -> list[str]:
        """Set the app up; the session has shown a second factor by that. Gives the recovery codes."""
        await self._require_open(actor)
        recovery = await self._codes.complete(actor, code)
        await self._sessions.confirm(actor, factor=FactorState.GIVEN, fresh=False)
        await self._accounts.tell(actor.account_id, "factor_added")
        return recovery

    async def renew_recovery(self, actor: Actor) -> list[str]:
        """Make new recovery codes; see `OneTimeCodes.renew_recovery`."""
        recovery = await self._codes.renew_recovery(actor)
        await self._accounts.tell(actor.account_id, "factor_added")
        return recovery

    async def remove_totp(self, actor: Actor) -> None:
        """Take the app away.

        Raises:
            Conflict: it is the last second factor of somebody who must have one.
        """
        async with self._removing:
            if self._is_required(actor) and not await self._passkeys.of_account(actor.account_id):
                raise Conflict(fields={"totp": "last_factor"})
            await self._codes.remove(actor)
        await self._accounts.tell(actor.account_id, "factor_removed")

    async def begin_passkey(self, actor: Actor) -> dict[str, Any]:
        """Give the options with which a browser makes a passkey; see `Passkeys.begin_adding`."""
        await self._require_open(actor)
        return await self._passkeys.begin_adding(actor, await self._label(actor))

    async def add_passkey(self, actor: Actor, kind: DeviceKind, credential: Mapping[str, Any]) -> Passkey:
        """Take a passkey that a browser has made; the session has shown a second factor by that."""
        await self._require_open(actor)
        passkey = await self._passkeys.add(actor, kind, credential)
        await self._sessions.confirm(actor, factor=FactorState.GIVEN, fresh=False)
        await self._accounts.tell(actor.account_id, "factor_added")
        return passkey

    async def set_kind(self, actor: Actor, passkey_id: str, kind: DeviceKind) -> None:
        """Say what a passkey lives on; see `Passkeys.set_kind`."""
        await self._passkeys.set_kind(actor, passkey_id, kind)

    async def remove_passkey(self, actor: Actor, passkey_id: str) -> None:
        """Remove a passkey.

        Raises:
            NotFound: the actor has no such passkey.
            Conflict: it is the last second factor of somebody who must have one.
        """
        async with self._removing:
            present = await self._passkeys.of_account(actor.account_id)
            if passkey_id not in {passkey.id for passkey in present}:
                raise NotFound
            if self._is_required(actor) and len(present) == 1 and not await self._codes.is_demanded(actor.account_id):
                raise Conflict(fields={"passkey": "last_factor"})
            await self._passkeys.remove(actor, passkey_id)
        await self._accounts.tell(actor.account_id, "factor_removed")

    async def reset(self, actor_id: str, account_id: str) -> None:
        """Take away all second factors of an account and end its sessions, for somebody who has lost them.

        Whom of the identity provider's it belongs to is forgotten too. What stays is the password.

        Args:
            actor_id: the administrator, or `SYSTEM`.
            account_id: whose.

        Raises:
            NotPermitted: one's own factors are taken away one by one, under a fresh sign-in.
            NotFound: there is no such account.
        """
        if actor_id == account_id:
            raise NotPermitted
        if await self._accounts.find_account(account_id) is None:
            raise NotFound
        had_codes = await self._store.delete_codes(account_id)
        passkeys = await self._store.delete_passkeys(account_id)
        linked = await self._links.delete_link(account_id)
        ended = await self._sessions.end_all(account_id)
        await self._audit.append(
            [
                AuditEntry(
                    action="factors:account:reset",
                    actor_id=actor_id,
                    objects=(account_id,),
                    at=self._clock(),
                    counts={"totp": int(had_codes), "passkeys": passkeys, "links": int(linked), "sessions": len(ended)},
                )
            ]
        )
        await self._accounts.tell(account_id, "factor_removed")

    async def _require_open(self, actor: Actor) -> None:
        """Whoever owes a second factor and has one must show it, and can't set up another instead.

        Raises:
            SecondFactorRequired: so it is here.
        """
        if actor.owes_factor and (
            await self._codes.is_demanded(actor.account_id) or await self._passkeys.of_account(actor.account_id)
        ):
            raise SecondFactorRequired

    def _is_required(self, actor: Actor) -> bool:
        return self._staff_must and actor.role in STAFF_ROLES

    async def _label(self, actor: Actor) -> str:
        account = await self._accounts.get_account(actor)
        return account.email or account.display_name

    async def _note(self, action: str, account_id: str, *objects: str) -> None:
        await self._audit.append([AuditEntry(action, account_id, objects or (account_id,), self._clock())])
