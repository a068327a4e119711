"""Sessions: open, recognise, list and end them. Knows tokens by their hash only, and no password at all."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from server.accounts.model import Account, FactorState, Session, actor_of, lifetime
from server.kernel.actor import Actor, Role
from server.kernel.caller import Caller
from server.kernel.errors import NotAuthenticated, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.visits.model import device_of, place_of

MOST_SESSIONS = 50
"""Sessions an account has at the same time."""

_TOKEN_BYTES = 32
_CACHED = 10_000
_SEEN_STEP = timedelta(minutes=5)
_BELIEVED = timedelta(minutes=1)
"""For so long memory is believed: a command beside this server ends sessions in the store only."""


class SessionStore(Protocol):
    """What sessions need from their store."""

    async def find_account(self, account_id: str) -> Account | None: ...
    async def insert_session(self, session: Session) -> None: ...
    async def find_session(self, token_hash: str) -> Session | None: ...
    async def find_sessions(self, account_id: str) -> list[Session]: ...
    async def extend_session(self, session: Session) -> None: ...
    async def confirm_session(self, session: Session) -> None: ...
    async def delete_sessions(self, session_ids: Sequence[str]) -> None: ...


class SessionEnded(Protocol):
    """Called after a session was ended, so that live connections end too."""

    async def __call__(self, session_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: the only place where a token is ever visible.

    Attributes:
        token: the session's.
        account: whose it is.
        session: as it is kept.
        device: id for the device cookie; empty where none is to be set.
    """

    token: str
    account: Account
    session: Session
    device: str = ""

    def __repr__(self) -> str:
        return f"SignedIn(account={self.account!r})"


class Sessions:
    """All sessions; those in use are kept in memory.

    Args:
        store: where they are kept.
        clock: the time.
        customer_lifetime: how long a customer's session lasts after its last use.
        staff_lifetime: the same for staff.
        staff_must: whether staff need a second factor.
    """

    def __init__(
        self,
        store: SessionStore,
        clock: Clock,
        *,
        customer_lifetime: timedelta,
        staff_lifetime: timedelta,
        staff_must: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._customer_lifetime = customer_lifetime
        self._staff_lifetime = staff_lifetime
        self._staff_must = staff_must
        self._known: dict[str, tuple[Session, Account, datetime]] = {}
        self._listeners: list[SessionEnded] = []
        self._endings = 0

    def on_ended(self, callback: SessionEnded) -> None:
        """Ask to be told when a session ends."""
        self._listeners.append(callback)

    async def open(
        self,
        account: Account,
        caller: Caller,
        factor: FactorState = FactorState.NONE,
        *,
        proved_at: datetime | None = None,
    ) -> SignedIn:
        """Open a session with a new token; whatever token the caller had before plays no part in it.

        Args:
            account: whose.
            caller: from where.
            factor: what became of the second factor.
            proved_at: when its holder proved who they are; None for just now.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._clock()
        session = Session(
            new_id(),
            hash_of(token),
            account.id,
            now,
            now,
            now + self.lifetime(account.role),
            fresh_at=proved_at or now,
            device=device_of(caller.agent),
            place=place_of(caller.address or caller.network),
            factor=factor,
        )
        # Not remembered: the account may have been changed since it was read. It is read again at the first use.
        await self._store.insert_session(session)
        if account.role is not Role.VISITOR:
            await self._make_room(account.id)
        return SignedIn(token, account, session)

    async def _make_room(self, account_id: str) -> None:
        """End what was used longest ago when there are too many: nobody has so many devices."""
        over = (await self.of_account(account_id))[MOST_SESSIONS:]
        if over:
            await self.end([session.id for session in over])

    async def authenticate(self, token: str) -> Actor:
        """Say who holds a token, and count it as a use of the session.

        Raises:
            NotAuthenticated: unknown or expired.
        """
        session, account = await self._find(hash_of(token))
        now = self._clock()
        if session.expires_at <= now:
            self._known.pop(session.token_hash, None)
            raise NotAuthenticated
        if now - session.seen_at >= _SEEN_STEP:
            session = replace(session, seen_at=now, expires_at=now + self.lifetime(account.role))
            self._known[session.token_hash] = (session, account, self._known[session.token_hash][2])
            await self._store.extend_session(session)
        return actor_of(account, session, staff_must=self._staff_must)

    async def confirm(self, actor: Actor, *, factor: FactorState | None = None, fresh: bool = True) -> Session:
        """Note that the actor has proved again who they are; the session's live connections know at their next event.

        Args:
            actor: in the session that is meant.
            factor: what became of the second factor; None for no change.
            fresh: whether the session counts as signed in just now.

        Raises:
            NotAuthenticated: it has ended.
        """
        found = [item for item in await self._store.find_sessions(actor.account_id) if item.id == actor.session_id]
        if not found:
            raise NotAuthenticated
        session = replace(
            found[0], factor=factor or found[0].factor, fresh_at=self._clock() if fresh else found[0].fresh_at
        )
        await self._store.confirm_session(session)
        # Read again at its next use. Who is reading it from the store at this moment may have read the state before.
        self._endings += 1
        self._known.pop(session.token_hash, None)
        return session

    async def is_signed_in(self, token: str) -> bool:
        """Say whether a token is still good, without prolonging its session."""
        try:
            session, _ = await self._find(hash_of(token))
        except NotAuthenticated:
            return False
        return session.expires_at > self._clock()

    async def of_account(self, account_id: str) -> list[Session]:
        """Give an account's sessions that last, the one used last first."""
        now = self._clock()
        found = [session for session in await self._store.find_sessions(account_id) if session.expires_at > now]
        return sorted(found, key=lambda session: (session.seen_at, session.id), reverse=True)

    async def end(self, session_ids: Sequence[str]) -> None:
        """End sessions; their live connections end with them."""
        await self._store.delete_sessions(session_ids)
        self._endings += 1
        gone = set(session_ids)
        self._known = {key: value for key, value in self._known.items() if value[0].id not in gone}
        for session_id in session_ids:
            for callback in self._listeners:
                await callback(session_id)

    async def end_one(self, account_id: str, session_id: str) -> None:
        """End one session of an account.

        Raises:
            NotFound: it is over, or somebody else's.
        """
        if session_id not in {session.id for session in await self._store.find_sessions(account_id)}:
            raise NotFound
        await self.end([session_id])

    async def end_all(self, account_id: str, *, but: str = "") -> list[str]:
        """End all sessions of an account except one; give the ids of those that were ended."""
        ended = [session.id for session in await self._store.find_sessions(account_id) if session.id != but]
        if ended:
            await self.end(ended)
        return ended

    def forget(self, account_id: str) -> None:
        """Read the account again at the next use of its sessions, because it has changed."""
        self._endings += 1
        self._known = {key: value for key, value in self._known.items() if value[1].id != account_id}

    def lifetime(self, role: Role) -> timedelta:
        """Give how long a session of this role lasts after its last use."""
        return lifetime(role, customer=self._customer_lifetime, staff=self._staff_lifetime)

    async def _find(self, token_hash: str) -> tuple[Session, Account]:
        known = self._known.get(token_hash)
        # The absolute distance: a clock that was set back would have memory believed until it is there again.
        if known and abs(self._clock() - known[2]) < _BELIEVED:
            return known[0], known[1]
        while True:
            endings, read_at = self._endings, self._clock()
            session = await self._store.find_session(token_hash)
            account = await self._store.find_account(session.account_id) if session else None
            if session is None or account is None or account.is_disabled:
                self._known.pop(token_hash, None)
                raise NotAuthenticated
            if endings == self._endings:
                self._remember(session, account, read_at)
                return session, account
            # A session was ended while this was read: it may be this one, and must not live on in memory.

    def _remember(self, session: Session, account: Account, read_at: datetime) -> None:
        if session.token_hash not in self._known and len(self._known) >= _CACHED:
            self._known.pop(next(iter(self._known)))
        self._known[session.token_hash] = (session, account, read_at)


def hash_of(token: str) -> str:
    """Give the form in which a token is kept: SHA-256 in hexadecimal. Tokens have 256 random bits."""
    # A header may hold what is no text; it is an unknown token then, not a failure.
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()
