"""One-time codes of an authenticator app, and the recovery codes beside them. Never logs one, accepts none twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.factors.model import (
    ENROLMENT,
    Codes,
    enrolment_uri,
    is_one_time_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    normal_code,
    recovery_digest,
    recovery_digests,
    spelled,
)
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, InvalidInput
from server.kernel.ports import Clock, Limiter


class Familiar(Protocol):
    """Knows from where an account is used."""

    async def is_familiar(self, account_id: str, caller: Caller) -> bool:
        """Say whether the account was signed in from this device, or without one from this network."""
        ...


class CodeStore(Protocol):
    """What the service needs from its store; `factors.store` says what each does."""

    async def find_codes(self, account_id: str) -> Codes | None: ...
    async def has_secret(self, account_id: str) -> bool: ...
    async def set_pending(self, account_id: str, secret: bytes, at: datetime) -> None: ...
    async def activate(
        self, account_id: str, pending_at: datetime, secret: bytes, step: int, recovery: Sequence[str], now: datetime
    ) -> bool: ...
    async def use_step(self, account_id: str, step: int) -> bool: ...
    async def use_recovery(self, account_id: str, digest: str) -> bool: ...
    async def replace_recovery(self, account_id: str, recovery: Sequence[str]) -> bool: ...
    async def delete_codes(self, account_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that waits for its first code. Shown to its owner and nobody else."""

    secret: str
    uri: str

    def __repr__(self) -> str:
        return "<Enrolment>"


class OneTimeCodes:
    """Sets up and accepts codes. Fills `accounts.service.SecondFactors`.

    Args:
        store: where they are kept.
        digest_key: for recovery codes; in no store.
        audit: the audit trail.
        limiter: rate limits.
        familiar: from where accounts are used.
        clock: the time.
        issuer: what the app shows beside the code.
    """

    def __init__(
        self,
        store: CodeStore,
        digest_key: bytes,
        audit: AuditTrail,
        limiter: Limiter,
        familiar: Familiar,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._familiar = familiar
        self._store = store
        self._digest_key = digest_key
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._issuer = issuer

    async def is_demanded(self, account_id: str) -> bool:
        """Whether a password alone does not open a session of this account."""
        return await self._store.has_secret(account_id)

    async def accept(self, account_id: str, typed: str, caller: Caller) -> bool:
        """Use up a code of the app or a recovery code; False when it is wrong, or was used before.

        All strangers share what may be tried of an account. From where the account is used there is an allowance of
        its own, and recovery codes, which are too long to be guessed, have one for each network: so whoever knows the
        password and tries codes can't keep the owner out.

        Raises:
            RateLimited: too many codes were tried.
        """
        code = normal_code(typed)
        if is_one_time_code(code):
            known = await self._familiar.is_familiar(account_id, caller)
            whose = f"{account_id} {caller.device or caller.network}" if known else account_id
            await self._limiter.spend("second_factor", whose)
            await self._limiter.spend("second_factor_day", whose)
            codes = await self._store.find_codes(account_id)
            step = matching_step(codes.secret, code, self._clock()) if codes and codes.secret else None
            return step is not None and await self._store.use_step(account_id, step)
        await self._limiter.spend("recovery_code", f"{account_id} {caller.network}")
        used = await self._store.use_recovery(account_id, recovery_digest(self._digest_key, account_id, code))
        if used:
            await self._audit.append([self._entry("factors:recovery:used", account_id)])
        return used

    async def begin(self, actor: Actor, label: str) -> Enrolment:
        """Show a new secret. It counts from its first code on; until then a former one does.

        Args:
            actor: whose.
            label: what the app shows: the owner's own address.

        Raises:
            Conflict: begun twice at the same moment.
            RateLimited: too often.
        """
        await self._limiter.spend("enrolment", actor.account_id)
        secret = new_secret()
        await self._store.set_pending(actor.account_id, secret, self._clock())
        return Enrolment(spelled(secret), enrolment_uri(secret, issuer=self._issuer, label=label))

    async def complete(self, actor: Actor, typed: str) -> list[str]:
        """Set the app up with its first code; give the recovery codes, which are never shown again.

        Raises:
            Conflict: no secret waits, or it has waited too long.
            InvalidInput: the code is wrong.
            RateLimited: too many codes were tried.
        """
        await self._limiter.spend("second_factor", actor.account_id)
        codes = await self._store.find_codes(actor.account_id)
        now = self._clock()
        if codes is None or codes.pending is None or codes.pending_at is None or now - codes.pending_at >= ENROLMENT:
            raise Conflict(fields={"totp": "not_begun"})
        step = matching_step(codes.pending, normal_code(typed), now)
        if step is None:
            raise InvalidInput(fields={"code": "wrong_code"})
        recovery = new_recovery_codes()
        digests = recovery_digests(self._digest_key, actor.account_id, recovery)
        if not await self._store.activate(actor.account_id, codes.pending_at, codes.pending, step, digests, now):
            raise Conflict(fields={"totp": "not_begun"})
        await self._audit.append([self._entry("factors:totp:added", actor.account_id)])
        return recovery

    async def renew_recovery(self, actor: Actor) -> list[str]:
        """Make new recovery codes; the former ones are void.

        Raises:
            Conflict: no app is set up.
        """
        recovery = new_recovery_codes()
        digests = recovery_digests(self._digest_key, actor.account_id, recovery)
        if not await self._store.replace_recovery(actor.account_id, digests):
            raise Conflict(fields={"totp": "not_begun"})
        await self._audit.append([self._entry("factors:recovery:renewed", actor.account_id)])
        return recovery

    async def remove(self, actor: Actor) -> None:
        """Take the app and its recovery codes away. Whether that may be is the caller's affair."""
        if await self._store.delete_codes(actor.account_id):
            await self._audit.append([self._entry("factors:totp:removed", actor.account_id)])

    async def state(self, account_id: str) -> Codes | None:
        """Give what is set up."""
        return await self._store.find_codes(account_id)

    def _entry(self, action: str, account_id: str) -> AuditEntry:
        return AuditEntry(action=action, actor_id=account_id, objects=(account_id,), at=self._clock())
