"""Use cases around accounts: become a visitor, register, sign in and out, change what an account is entered with."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from server.accounts.attempts import Attempt, Attempts
from server.accounts.cards import Cards
from server.accounts.letters import Letters
from server.accounts.model import (
    Account,
    Credentials,
    FactorState,
    actor_of,
    can_see_name,
    holds_number,
    normal_email,
    normal_name,
)
from server.accounts.passwords import Passwords
from server.accounts.sessions import Sessions, SignedIn
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor, Role
from server.kernel.caller import Caller
from server.kernel.errors import (
    Conflict,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    RateLimited,
    SecondFactorRequired,
)
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter, SpanFinder
from server.visits.service import Familiarity, VisitLog

UNVERIFIED = timedelta(days=6)
"""How long an account waits to be verified: a day less than until the store drops it, and leaves its key."""

_NOBODY = "nobody"
_LOCALES = frozenset({"id", "en"})


class AccountStore(Protocol):
    """What the service needs from its store."""

    async def insert_account(self, account: Account, password_hash: str | None) -> None:
        """Insert; raises `Conflict` when the address is taken."""
        ...

    async def find_account(self, account_id: str) -> Account | None: ...
    async def find_accounts(self, account_ids: Sequence[str]) -> list[Account]: ...
    async def find_credentials(self, email: str) -> Credentials | None: ...
    async def password_hash(self, account_id: str) -> str | None: ...
    async def renew_password_hash(self, account_id: str, before: str, after: str) -> bool: ...
    async def delete_unverified(self, account_id: str) -> None: ...
    async def drop_unverified(self, before: datetime) -> int: ...
    async def set_verified(self, account_id: str) -> bool: ...
    async def set_name(self, account_id: str, display_name: str) -> None: ...
    async def set_became(self, visitor_id: str, account_id: str) -> None: ...
    async def forget_became(self, account_id: str) -> None: ...
    async def kin(self, account_id: str) -> frozenset[str]: ...


class SecondFactors(Protocol):
    """Knows whether a password is enough."""

    async def is_demanded(self, account_id: str) -> bool:
        """Say whether an account shows a code too."""
        ...

    async def accept(self, account_id: str, typed: str, caller: Caller) -> bool:
        """Use up a code; False when it is wrong or was used before. Raises `RateLimited`."""
        ...


class AccountService:
    """Accounts and the ways into them.

    Args:
        store: where they are kept.
        sessions: opens and ends sessions.
        passwords: Argon2id, and what is too easy to guess.
        finder: looks at display names, so that no telephone number or e-mail address passes as a name.
        audit: the audit trail.
        limiter: rate limits.
        attempts: who may try to sign in.
        visits: who was here, from where.
        letters: what is sent to owners of addresses.
        factors: the codes that accounts show beside their password.
        clock: the time.
    """

    def __init__(
        self,
        store: AccountStore,
        sessions: Sessions,
        passwords: Passwords,
        finder: SpanFinder,
        audit: AuditTrail,
        limiter: Limiter,
        attempts: Attempts,
        visits: VisitLog,
        letters: Letters,
        factors: SecondFactors,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._passwords = passwords
        self._finder = finder
        self._audit = audit
        self._limiter = limiter
        self._attempts = attempts
        self._visits = visits
        self._letters = letters
        self._factors = factors
        self._clock = clock
        self._cards = Cards(store.find_accounts)

    async def create_visitor(self, *, caller: Caller, locale: str) -> SignedIn:
        """Make an anonymous account with a session. Its name is neutral and says nothing of the person.

        Raises:
            RateLimited: too many from this network.
        """
        await self._limiter.spend("visitor", caller.network)
        account_id = new_id()
        name = f"Pengunjung {account_id[-4:].upper()}" if locale == "id" else f"Visitor {account_id[-4:].upper()}"
        account = Account(account_id, Role.VISITOR, name, None, _known_locale(locale), self._clock())
        await self._store.insert_account(account, None)
        await self._audit.append([self._entry("accounts:visitor:created", account.id)])
        signed_in = await self._sessions.open(account, caller)
        await self._visits.record(account.id, signed_in.session.id, caller)
        return signed_in

    async def create_absent(self, account_id: str) -> None:
        """Make an account that nobody can enter, for the author of texts from elsewhere. Harmless when repeated."""
        if await self._store.find_accounts([account_id]):
            return
        account = Account(account_id, Role.VISITOR, "-", None, _known_locale("id"), self._clock())
        await self._store.insert_account(account, None)
        await self._audit.append([self._entry("accounts:absent:created", account.id)])

    async def ensure_customer(self, account_id: str, display_name: str, locale: str) -> None:
        """Make a customer's account without address or password, for whom another site vouches. Harmless when repeated.

        A name that is none, or holds an identifier, gives way to a neutral one.

        Raises:
            RedactionUnavailable: nothing can be said about the name at the moment.
        """
        if await self._store.find_accounts([account_id]):
            return
        try:
            name = await self.require_name(display_name)
        except InvalidInput:
            name = f"{'Customer' if locale == 'en' else 'Pelanggan'} {account_id[-4:].upper()}"
        account = Account(account_id, Role.CUSTOMER, name, None, _known_locale(locale), self._clock())
        with suppress(Conflict):
            await self._insert(account, None)

    async def register(
        self, *, email: str, password: str, display_name: str, locale: str, caller: Caller
    ) -> tuple[Account, bool]:
        """Make a customer's account with e-mail and password.

        Where addresses are verified, a taken one gets the same answer after the same time, and its owner a letter.

        Returns:
            The account, and whether it opens only after a link in a letter was followed.

        Raises:
            InvalidInput: a field is not acceptable; `fields` says which and why.
            Conflict: the address has an account, where addresses are not verified.
            RateLimited: too many from this network.
        """
        await self._limiter.spend("account", caller.network)
        account = await self._checked(email, password, display_name, locale, Role.CUSTOMER)
        encoded = await self._passwords.hash(password)
        if not self._letters.must_verify:
            account = replace(account, is_vouched=False)
            await self._insert(account, encoded)
            return account, False
        account = replace(account, is_verified=False)
        async with self._letters.unhurried():
            await self._register_quietly(account, account.email or "", encoded)
        return account, True

    async def create(self, *, email: str, password: str, display_name: str, locale: str, role: Role) -> Account:
        """Make an account of any role, for the operator, who vouches for the address.

        Raises:
            InvalidInput: a field is not acceptable; `fields` says which and why.
            Conflict: the address has an account.
        """
        account = await self._checked(email, password, display_name, locale, role)
        await self._insert(account, await self._passwords.hash(password))
        return account

    async def sign_in(
        self, *, email: str, password: str, caller: Caller, code: str | None = None, may_owe: bool = False
    ) -> SignedIn:
        """Open a session.

        Args:
            email: the account's address as typed.
            password: as typed.
            caller: from where.
            code: of the authenticator app, or a recovery code.
            may_owe: whether a session without the code that is needed opens, closed to everything but showing it: for
                pages without JavaScript, which can't keep a password until the code comes.

        Raises:
            NotAuthenticated: unknown or unverified address or wrong password, alike in text and time; or a wrong code.
            SecondFactorRequired: the password is right, and a code is needed too.
            RateLimited: too many attempts from this network or for this address.
        """
        try:
            address = normal_email(email)
        except InvalidInput:
            address = ""
        attempt = await self._attempts.admit(address, caller)
        found = await self._store.find_credentials(address) if address else None
        fits = await self._passwords.verify(found.password_hash if found else None, password)
        account = await self._store.find_account(found.account_id) if fits and found else None
        if account is None or account.is_disabled or not account.is_verified:
            # For unknown addresses too: the time of a write would tell them from the others.
            await self._audit.append([self._entry("accounts:sign_in:refused", found.account_id if found else _NOBODY)])
            if account is not None and not account.is_verified:
                self._letters.remind(account)
            await self._attempts.failed(attempt)
            raise NotAuthenticated
        try:
            await self._attempts.passed(attempt, account.id)
        except RateLimited:
            await self._audit.append([self._entry("accounts:sign_in:held", account.id)])
            raise
        factor = await self._second_factor(account.id, code, attempt, may_owe=may_owe)
        encoded = found.password_hash if found else None
        if encoded is not None and self._passwords.needs_rehash(encoded):
            renewed = await self._passwords.hash(password)
            encoded = renewed if await self._store.renew_password_hash(account.id, encoded, renewed) else encoded
        signed_in = await self.enter(account.id, caller, factor)
        if await self._store.password_hash(account.id) != encoded:
            # Set anew meanwhile, when this session was not there yet to be ended with the others.
            await self._sessions.end([signed_in.session.id])
            raise NotAuthenticated
        return signed_in

    async def _second_factor(
        self, account_id: str, code: str | None, attempt: Attempt, *, may_owe: bool
    ) -> FactorState:
        if not await self._factors.is_demanded(account_id):
            return FactorState.NONE
        if not code and may_owe:
            return FactorState.OWED
        if not code:
            await self._audit.append([self._entry("accounts:sign_in:unfinished", account_id)])
            raise SecondFactorRequired
        if not await self._factors.accept(account_id, code, attempt.caller):
            await self._audit.append([self._entry("accounts:sign_in:refused", account_id)])
            await self._attempts.failed(attempt)
            raise NotAuthenticated
        return FactorState.GIVEN

    async def enter(
        self, account_id: str, caller: Caller, factor: FactorState, *, proved_at: datetime | None = None
    ) -> SignedIn:
        """Open a session for somebody who has proved who they are, here or where this server trusts.

        Args:
            account_id: whose.
            caller: from where.
            factor: what became of the second factor.
            proved_at: when they proved it; None for just now.

        Raises:
            NotAuthenticated: the account is gone, kept out, or its address was never verified.
        """
        account = await self._store.find_account(account_id)
        if account is None or account.is_disabled or not account.is_verified:
            raise NotAuthenticated
        signed_in = await self._sessions.open(account, caller, factor, proved_at=proved_at)
        session = signed_in.session
        device = caller.device or new_id()
        await self._visits.record(account.id, session.id, caller)
        # Who still owes a code has not come in: the place they are at is not the account's yet.
        owed = factor is FactorState.OWED
        if await self._visits.learn(account.id, caller, device, remember=not owed) is Familiarity.NEW:
            await self._letters.new_device(account, session)
        await self._audit.append([self._entry("accounts:session:opened", account.id, session.id)])
        return replace(signed_in, device=device)

    async def came_in(self, account_id: str, caller: Caller) -> None:
        """Remember from where somebody came in who had owed a code."""
        await self._visits.learn(account_id, caller, caller.device)

    async def is_password(self, account_id: str, password: str) -> bool:
        """Say whether a password is an account's. Counting the attempts is the caller's affair."""
        account = await self._store.find_account(account_id)
        found = await self._store.find_credentials(account.email) if account and account.email else None
        return await self._passwords.verify(found.password_hash if found else None, password)

    async def find_account(self, account_id: str) -> Account | None:
        """Find an account."""
        return await self._store.find_account(account_id)

    async def require_name(self, display_name: str) -> str:
        """Give a display name as it is kept.

        Raises:
            InvalidInput: it is empty, too long, or holds what is no name.
            RedactionUnavailable: nothing can be said about it at the moment.
        """
        name = normal_name(display_name)
        if holds_number(name) or any(not can_see_name(span.label.value) for span in await self._finder.find(name)):
            raise InvalidInput(fields={"display_name": "identifier_in_name"})
        return name

    async def rename(self, actor: Actor, display_name: str) -> str:
        """Change the name of the actor's own account; give it as it is kept.

        Raises:
            InvalidInput, RedactionUnavailable: as `require_name`.
        """
        name = await self.require_name(display_name)
        await self._store.set_name(actor.account_id, name)
        self.forget(actor.account_id)
        self._sessions.forget(actor.account_id)
        await self._audit.append([self._entry("accounts:name:changed", actor.account_id)])
        return name

    async def find_by_email(self, email: str) -> Account | None:
        """Find the account of an address, for another capability that has made sure whose the address is."""
        try:
            found = await self._store.find_credentials(normal_email(email))
        except InvalidInput:
            return None
        return await self._store.find_account(found.account_id) if found else None

    async def became(self, visitor_id: str, account_id: str) -> None:
        """Take note that a visitor is somebody with an account from now on. Safe to repeat."""
        await self._store.set_became(visitor_id, account_id)

    async def kin(self, account_id: str) -> frozenset[str]:
        """Give the other accounts of the same person: whom a visitor became, and the visitors that somebody was."""
        return await self._store.kin(account_id)

    async def disown(self, account_id: str) -> None:
        """Forget which visitors somebody was, who goes."""
        await self._store.forget_became(account_id)

    async def vouch(self, actor_id: str, account_id: str) -> None:
        """Take the operator's word that an account's address is its holder's.

        Raises:
            NotFound: there is no such account.
        """
        if not await self._store.set_verified(account_id):
            raise NotFound
        entry = self._entry("accounts:address:verified", account_id)
        await self._audit.append([replace(entry, actor_id=actor_id)])

    async def sweep(self) -> int:
        """Delete accounts that nobody verified for six days, each with its key; give how many."""
        return await self._store.drop_unverified(self._clock() - UNVERIFIED)

    async def tell(self, account_id: str, letter: str) -> None:
        """Send word of a change to an account's owner."""
        account = await self._store.find_account(account_id)
        if account is not None:
            await self._letters.changed(letter, account)

    async def sign_out(self, actor: Actor) -> None:
        """End the actor's session; its live connections end with it."""
        await self._sessions.end([actor.session_id])
        await self._audit.append([self._entry("accounts:session:closed", actor.account_id, actor.session_id)])

    async def get_account(self, actor: Actor) -> Account:
        """Give the actor's own account.

        Raises:
            NotAuthenticated: it is gone.
        """
        account = await self._store.find_account(actor.account_id)
        if account is None:
            raise NotAuthenticated
        return account

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Give accounts for display, by id; those that don't exist are absent."""
        return {key: actor_of(account) for key, account in (await self._cards.of(account_ids)).items()}

    def forget(self, account_id: str) -> None:
        """Read an account again before it is next shown, because it has changed."""
        self._cards.forget(account_id)

    async def _checked(self, email: str, password: str, display_name: str, locale: str, role: Role) -> Account:
        address = normal_email(email)
        name = normal_name(display_name)
        await self._passwords.require_strong(password, own=(address, name))
        await self.require_name(name)
        return Account(new_id(), role, name, address, _known_locale(locale), self._clock())

    async def _insert(self, account: Account, encoded: str | None) -> None:
        await self._store.insert_account(account, encoded)
        await self._audit.append([self._entry("accounts:account:created", account.id)])

    async def _register_quietly(self, account: Account, email: str, encoded: str) -> None:
        """Make the account unless the address has one; one that nobody verified gives way to the newer one."""
        taken = await self._store.find_credentials(email)
        if taken is not None and not taken.is_verified:
            await self._store.delete_unverified(taken.account_id)
            taken = None
        if taken is None:
            try:
                await self._insert(account, encoded)
                await self._letters.verify(account)
                return
            except Conflict:
                taken = await self._store.find_credentials(email)
        if taken is not None:
            await self._letters.address_taken(taken.account_id)
            await self._audit.append([self._entry("accounts:account:refused", taken.account_id)])

    def _entry(self, action: str, account_id: str, *objects: str) -> AuditEntry:
        return AuditEntry(action=action, actor_id=account_id, objects=objects or (account_id,), at=self._clock())


def _known_locale(locale: str) -> str:
    return locale if locale in _LOCALES else "id"
