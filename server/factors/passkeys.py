"""Passkeys (WebAuthn level 3): add them, and find out who holds one. A used passkey has verified its owner, by
fingerprint or code, so it stands for both factors.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.factors.model import (
    CHALLENGE,
    MOST_PASSKEYS,
    Ceremony,
    Challenge,
    DeviceKind,
    Passkey,
    counts_up,
    digest_of,
)
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter

_TIMEOUT_MS = int(CHALLENGE.total_seconds() * 1000)


class PasskeyStore(Protocol):
    """What the service needs from its store; `factors.store` says what each does."""

    async def insert_passkey(self, passkey: Passkey) -> None: ...
    async def find_passkey(self, credential: bytes) -> Passkey | None: ...
    async def passkeys(self, account_id: str) -> list[Passkey]: ...
    async def use_passkey(self, passkey: Passkey, sign_count: int, at: datetime) -> bool: ...
    async def set_kind(self, account_id: str, passkey_id: str, kind: DeviceKind) -> bool: ...
    async def delete_passkey(self, account_id: str, passkey_id: str) -> bool: ...
    async def insert_challenge(self, challenge: Challenge) -> None: ...
    async def take_challenge(self, digest: str, ceremony: Ceremony, holder: str) -> Challenge | None: ...


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are made for.

    Attributes:
        id: the host name of our address; a passkey is good for no other.
        origin: scheme, host and port, as browsers write them.
        name: what people know us by.
    """

    id: str
    origin: str
    name: str


class Passkeys:
    """Adds passkeys and recognises their holders.

    Args:
        store: where they are kept.
        party: who they are made for; None where our address is not known, which turns passkeys off.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self, store: PasskeyStore, party: RelyingParty | None, audit: AuditTrail, limiter: Limiter, clock: Clock
    ) -> None:
        self._store = store
        self._party = party
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    @property
    def offered(self) -> bool:
        """Whether this server knows its address, without which there are no passkeys."""
        return self._party is not None

    async def of_account(self, account_id: str) -> list[Passkey]:
        """Give an account's passkeys, oldest first."""
        return await self._store.passkeys(account_id)

    async def begin_adding(self, actor: Actor, label: str) -> dict[str, Any]:
        """Give the options with which a browser makes a passkey. The challenge is bound to the actor's session.

        Args:
            actor: whose.
            label: what the device shows beside it: the owner's own address or name.

        Raises:
            Conflict: passkeys are off, or the account has as many as it may.
            RateLimited: too often.
        """
        party = self._require_party()
        await self._limiter.spend("enrolment", actor.account_id)
        present = await self._store.passkeys(actor.account_id)
        if len(present) >= MOST_PASSKEYS:
            raise Conflict(fields={"passkey": "too_many"})
        options = generate_registration_options(
            rp_id=party.id,
            rp_name=party.name,
            user_id=actor.account_id.encode(),
            user_name=label,
            user_display_name=actor.display_name,
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(passkey.credential) for passkey in present],
        )
        await self._keep(options.challenge, Ceremony.REGISTER, actor.session_id)
        return _plain(options)

    async def add(self, actor: Actor, kind: DeviceKind, credential: Mapping[str, Any]) -> Passkey:
        """Take a passkey that a browser has made.

        Raises:
            InvalidInput: it does not answer a challenge of this session, or not properly.
            Conflict: it is there already, or passkeys are off.
        """
        party = self._require_party()
        with _refusing(InvalidInput(fields={"credential": "not_accepted"})):
            challenge = await self._take(credential, Ceremony.REGISTER, actor.session_id)
            made = verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=party.id,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        passkey = Passkey(
            id=new_id(),
            account_id=actor.account_id,
            credential=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            kind=kind,
            synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            created_at=self._clock(),
            used_at=None,
        )
        await self._store.insert_passkey(passkey)
        await self._audit.append([self._entry("factors:passkey:added", passkey)])
        return passkey

    async def begin_sign_in(self, browser: str, network: str) -> dict[str, Any]:
        """Give the options with which a browser asks for any passkey of ours. The challenge is bound to the browser.

        Args:
            browser: the random key in the browser's cookie.
            network: for limits.

        Raises:
            Conflict: passkeys are off.
            RateLimited: too many from this network.
        """
        await self._limiter.spend("challenge", network)
        options = generate_authentication_options(
            rp_id=self._require_party().id,
            timeout=_TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        await self._keep(options.challenge, Ceremony.SIGN_IN, browser)
        return _plain(options)

    async def begin_confirming(self, actor: Actor) -> dict[str, Any]:
        """Give the options with which the actor shows one of their own passkeys again.

        Raises:
            Conflict: passkeys are off, or there is none.
            RateLimited: too often.
        """
        party = self._require_party()
        await self._limiter.spend("challenge", actor.account_id)
        present = await self._store.passkeys(actor.account_id)
        if not present:
            raise Conflict(fields={"passkey": "none"})
        options = generate_authentication_options(
            rp_id=party.id,
            timeout=_TIMEOUT_MS,
            allow_credentials=[PublicKeyCredentialDescriptor(passkey.credential) for passkey in present],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        await self._keep(options.challenge, Ceremony.CONFIRM, actor.session_id)
        return _plain(options)

    async def holder(self, ceremony: Ceremony, holder: str, credential: Mapping[str, Any]) -> str:
        """Give the account whose passkey this is, and use up the challenge.

        Args:
            ceremony: what the challenge was given out for.
            holder: the session or browser to which.
            credential: what the browser answered.

        Raises:
            NotAuthenticated: unknown, not verified, a used, foreign or old challenge, or a counter that stands still.
            Conflict: passkeys are off.
        """
        party = self._require_party()
        with _refusing(NotAuthenticated()):
            challenge = await self._take(credential, ceremony, holder)
            passkey = await self._store.find_passkey(base64url_to_bytes(str(credential["rawId"])))
            if passkey is None:
                raise NotAuthenticated
            # The counter is ours to judge: the library's refusal does not say that it was the counter.
            shown = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=party.id,
                expected_origin=party.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
            owner = credential["response"].get("userHandle")
            if owner is not None and base64url_to_bytes(str(owner)) != passkey.account_id.encode():
                raise NotAuthenticated
        if not counts_up(passkey.sign_count, shown.new_sign_count):
            await self._audit.append([self._entry("factors:passkey:suspected", passkey)])
            raise NotAuthenticated
        if not await self._store.use_passkey(passkey, shown.new_sign_count, self._clock()):
            raise NotAuthenticated
        return passkey.account_id

    async def set_kind(self, actor: Actor, passkey_id: str, kind: DeviceKind) -> None:
        """Say what a passkey lives on.

        Raises:
            NotFound: the actor has no such passkey.
        """
        if not await self._store.set_kind(actor.account_id, passkey_id, kind):
            raise NotFound

    async def remove(self, actor: Actor, passkey_id: str) -> None:
        """Remove a passkey. Whether that may be is the caller's affair.

        Raises:
            NotFound: the actor has no such passkey.
        """
        if not await self._store.delete_passkey(actor.account_id, passkey_id):
            raise NotFound
        await self._audit.append(
            [AuditEntry("factors:passkey:removed", actor.account_id, (actor.account_id, passkey_id), self._clock())]
        )

    def _require_party(self) -> RelyingParty:
        if self._party is None:
            raise Conflict(fields={"passkey": "not_offered"})
        return self._party

    async def _keep(self, challenge: bytes, ceremony: Ceremony, holder: str) -> None:
        expires_at = self._clock() + CHALLENGE
        await self._store.insert_challenge(
            Challenge(digest_of(challenge), ceremony, digest_of(holder.encode()), expires_at)
        )

    async def _take(self, credential: Mapping[str, Any], ceremony: Ceremony, holder: str) -> bytes:
        """Give the challenge that an answer is to, if it was given to this holder and nobody has answered it."""
        said = json.loads(base64url_to_bytes(str(credential["response"]["clientDataJSON"])))
        challenge = base64url_to_bytes(str(said["challenge"]))
        kept = await self._store.take_challenge(digest_of(challenge), ceremony, digest_of(holder.encode()))
        if not holder or kept is None or kept.expires_at <= self._clock():
            raise NotAuthenticated
        return challenge

    def _entry(self, action: str, passkey: Passkey) -> AuditEntry:
        return AuditEntry(action, passkey.account_id, (passkey.account_id, passkey.id), self._clock())


@contextmanager
def _refusing(refusal: Exception) -> Iterator[None]:
    """What an answer may be wrong in: its parts come from a browser, and the library raises what it happens on.

    Python's JSON gives up on thousands of nested brackets with a `RecursionError`.
    """
    try:
        yield
    except (WebAuthnException, NotAuthenticated, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise refusal from None


def _plain(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(options_to_json(options))
    return plain
