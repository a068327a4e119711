"""Use cases around accounts: become a visitor, register, sign in and out, find out who is asking."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from server.accounts.model import (
    Account,
    Session,
    actor_of,
    can_see_name,
    holds_number,
    lifetime,
    normal_email,
    normal_name,
    require_password,
)
from server.accounts.passwords import Passwords
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor, Role
from server.kernel.errors import InvalidInput, NotAuthenticated
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter, SpanFinder

_TOKEN_BYTES = 32
_CACHED_SESSIONS = 10_000
_SEEN_STEP = timedelta(minutes=5)
_NOBODY = "nobody"
_LOCALES = frozenset({"id", "en"})


class AccountStore(Protocol):
    """What the service needs from its store."""

    async def insert_account(self, account: Account, password_hash: str | None) -> None:
        """Insert; raises `Conflict` when the address is taken."""
        ...

    async def find_account(self, account_id: str) -> Account | None: ...
    async def find_accounts(self, account_ids: Sequence[str]) -> list[Account]: ...
    async def find_credentials(self, email: str) -> tuple[Account, str | None] | None: ...
    async def set_password_hash(self, account_id: str, password_hash: str) -> None: ...
    async def insert_session(self, session: Session) -> None: ...
    async def find_session(self, token_hash: str) -> Session | None: ...
    async def extend_session(self, session: Session) -> None: ...
    async def delete_session(self, session_id: str) -> None: ...


class SessionEnded(Protocol):
    """Called after a session was ended, so that live connections end too."""

    async def __call__(self, session_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: the only place where a token is ever visible."""

    token: str
    account: Account
    session: Session

    def __repr__(self) -> str:
        return f"SignedIn(account={self.account!r})"


class AccountService:
    """Accounts and sessions.

    Args:
        store: where they are kept.
        passwords: Argon2id.
        finder: looks at display names, so that no telephone number or e-mail address passes as a name.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
        customer_lifetime: how long a customer's session lasts after its last use.
        staff_lifetime: the same for staff.
    """

    def __init__(
        self,
        store: AccountStore,
        passwords: Passwords,
        finder: SpanFinder,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        *,
        customer_lifetime: timedelta,
        staff_lifetime: timedelta,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._finder = finder
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._customer_lifetime = customer_lifetime
        self._staff_lifetime = staff_lifetime
        self._sessions: dict[str, tuple[Session, Account]] = {}
        self._accounts: dict[str, Account] = {}
        self._ended: list[SessionEnded] = []
        self._sign_outs = 0

    def on_session_ended(self, callback: SessionEnded) -> None:
        """Ask to be told when a session ends."""
        self._ended.append(callback)

    async def create_visitor(self, *, network: str, locale: str) -> SignedIn:
        """Make an anonymous account with a session. Its name is neutral and says nothing of the person.

        Raises:
            RateLimited: too many from this network.
        """
        await self._limiter.spend("visitor", network)
        account_id = new_id()
        name = f"Pengunjung {account_id[-4:].upper()}" if locale == "id" else f"Visitor {account_id[-4:].upper()}"
        account = Account(account_id, Role.VISITOR, name, None, _known_locale(locale), self._clock())
        await self._store.insert_account(account, None)
        await self._audit.append([self._entry("accounts:visitor:created", account.id)])
        return await self._open_session(account)

    async def register(
        self,
        *,
        email: str,
        password: str,
        display_name: str,
        locale: str,
        network: str,
        role: Role = Role.CUSTOMER,
    ) -> Account:
        """Make an account with e-mail and password.

        Raises:
            InvalidInput: a field is not acceptable; `fields` says which and why.
            Conflict: the address has an account.
            RateLimited: too many from this network.
        """
        await self._limiter.spend("account", network)
        address = normal_email(email)
        name = normal_name(display_name)
        require_password(password, email=address, display_name=name)
        if holds_number(name) or any(not can_see_name(span.label.value) for span in await self._finder.find(name)):
            raise InvalidInput(fields={"display_name": "identifier_in_name"})
        account = Account(new_id(), role, name, address, _known_locale(locale), self._clock())
        await self._store.insert_account(account, await self._passwords.hash(password))
        await self._audit.append([self._entry("accounts:account:created", account.id)])
        return account

    async def sign_in(self, *, email: str, password: str, network: str) -> SignedIn:
        """Open a session.

        Raises:
            NotAuthenticated: unknown address or wrong password, alike in text and time.
            RateLimited: too many attempts from this network or for this address.
        """
        await self._limiter.spend("sign_in_network", network)
        try:
            address = normal_email(email)
        except InvalidInput:
            address = ""
        # By network first, so that a stranger elsewhere can't lock somebody out with ten wrong passwords.
        whose = hashlib.sha256(address.encode()).hexdigest()
        await self._limiter.spend("sign_in_account", f"{network} {whose}")
        await self._limiter.spend("sign_in_address", whose)
        found = await self._store.find_credentials(address) if address else None
        account, encoded = found if found else (None, None)
        if not await self._passwords.verify(encoded, password) or account is None or encoded is None:
            # For unknown addresses too: the time of a write would tell them from the others.
            await self._audit.append([self._entry("accounts:sign_in:refused", account.id if account else _NOBODY)])
            raise NotAuthenticated
        if self._passwords.needs_rehash(encoded):
            await self._store.set_password_hash(account.id, await self._passwords.hash(password))
        signed_in = await self._open_session(account)
        await self._audit.append([self._entry("accounts:session:opened", account.id, signed_in.session.id)])
        return signed_in

    async def sign_out(self, actor: Actor) -> None:
        """End the actor's session; its live connections end with it."""
        await self._store.delete_session(actor.session_id)
        self._sign_outs += 1
        self._sessions = {k: v for k, v in self._sessions.items() if v[0].id != actor.session_id}
        for callback in self._ended:
            await callback(actor.session_id)
        await self._audit.append([self._entry("accounts:session:closed", actor.account_id, actor.session_id)])

    async def authenticate(self, token: str) -> Actor:
        """Say who holds a token.

        Raises:
            NotAuthenticated: unknown or expired.
        """
        session, account = await self._session_of(_hash(token))
        now = self._clock()
        if session.expires_at <= now:
            self._sessions.pop(session.token_hash, None)
            raise NotAuthenticated
        if now - session.seen_at >= _SEEN_STEP:
            session = replace(session, seen_at=now, expires_at=now + self._lifetime(account.role))
            self._remember(session, account)
            await self._store.extend_session(session)
        return actor_of(account, session.id)

    async def is_signed_in(self, token: str) -> bool:
        """Say whether a token is still good, without prolonging its session."""
        try:
            session, _ = await self._session_of(_hash(token))
        except NotAuthenticated:
            return False
        return session.expires_at > self._clock()

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
        missing = [account_id for account_id in set(account_ids) if account_id not in self._accounts]
        if missing:
            if len(self._accounts) > _CACHED_SESSIONS:
                self._accounts.clear()
            self._accounts.update({account.id: account for account in await self._store.find_accounts(missing)})
        return {key: actor_of(self._accounts[key]) for key in set(account_ids) if key in self._accounts}

    async def _session_of(self, token_hash: str) -> tuple[Session, Account]:
        cached = self._sessions.get(token_hash)
        if cached:
            return cached
        while True:
            sign_outs = self._sign_outs
            session = await self._store.find_session(token_hash)
            account = await self._store.find_account(session.account_id) if session else None
            if session is None or account is None:
                raise NotAuthenticated
            if sign_outs == self._sign_outs:
                self._remember(session, account)
                return session, account
            # Somebody signed out while this was read: it may be this session, and must not live on in memory.

    def _remember(self, session: Session, account: Account) -> None:
        if len(self._sessions) >= _CACHED_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        self._sessions[session.token_hash] = (session, account)

    async def _open_session(self, account: Account) -> SignedIn:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._clock()
        session = Session(new_id(), _hash(token), account.id, now, now, now + self._lifetime(account.role))
        await self._store.insert_session(session)
        self._remember(session, account)
        return SignedIn(token, account, session)

    def _lifetime(self, role: Role) -> timedelta:
        return lifetime(role, customer=self._customer_lifetime, staff=self._staff_lifetime)

    def _entry(self, action: str, account_id: str, *objects: str) -> AuditEntry:
        return AuditEntry(action=action, actor_id=account_id, objects=objects or (account_id,), at=self._clock())


def _hash(token: str) -> str:
    # A header may hold what is no text; it is an unknown token then, not a failure.
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


def _known_locale(locale: str) -> str:
    return locale if locale in _LOCALES else "id"
