"""Second factors and the pure rules about them: one-time codes, recovery codes, passkeys, challenges."""

import hmac
import re
import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S = 30
"""Seconds for which a code stands (RFC 6238, 5.2)."""

_DIGITS = 6
_SECRET_BYTES = 20
_DRIFT = (0, -1, 1)
"""Steps that are accepted: this one and its neighbours, for clocks that go wrong and fingers that are slow."""

RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that looks like something else. Ten characters are 50 bits."""

_MISREAD = str.maketrans("OIL", "011")
_BETWEEN = re.compile(r"[\s-]+")

ENROLMENT = timedelta(minutes=15)
"""How long a secret that was shown waits for its first code."""

CHALLENGE = timedelta(minutes=5)
MOST_PASSKEYS = 10


class DeviceKind(StrEnum):
    """What a passkey lives on, as its owner says. With its date it is the passkey's name, so nothing is typed."""

    PHONE = "phone"
    COMPUTER = "computer"
    TABLET = "tablet"
    SECURITY_KEY = "security_key"
    OTHER = "other"


class Ceremony(StrEnum):
    """What a challenge was given out for; it is good for nothing else."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of one account.

    Attributes:
        secret: of the authenticator app, as bytes; None where none is set up.
        since: when it was set up.
        last_step: number of the last step of which a code was used.
        pending: a secret that was shown and not confirmed yet.
        pending_at: when it was shown.
        recovery_left: how many recovery codes are unused.
    """

    secret: bytes | None
    since: datetime | None
    last_step: int
    pending: bytes | None
    pending_at: datetime | None
    recovery_left: int

    def __repr__(self) -> str:
        return f"Codes(set_up={self.secret is not None}, recovery_left={self.recovery_left})"


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey.

    Attributes:
        id: opaque id.
        account_id: whose it is.
        credential: the authenticator's id of it.
        public_key: COSE key.
        sign_count: the authenticator's counter at its last use; 0 where it has none.
        kind: what it lives on.
        synced: whether it is backed up, and so may be on several devices.
        created_at: when it was added.
        used_at: when it was last used.
    """

    id: str
    account_id: str
    credential: bytes
    public_key: bytes
    sign_count: int
    kind: DeviceKind
    synced: bool
    created_at: datetime
    used_at: datetime | None

    def __repr__(self) -> str:
        return f"Passkey(id={self.id!r}, account_id={self.account_id!r})"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge that waits for its answer.

    Attributes:
        digest: SHA-256 of it, in hexadecimal.
        ceremony: what for.
        holder: digest of the session or browser that it was given to.
        expires_at: when it is void.
    """

    digest: str
    ceremony: Ceremony
    holder: str
    expires_at: datetime


def new_secret() -> bytes:
    """Make a secret for an authenticator app: 160 bits (RFC 4226, 4)."""
    return secrets.token_bytes(_SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """Give a secret as people type it: base 32."""
    return b32encode(secret).decode()


def enrolment_uri(secret: bytes, *, issuer: str, label: str) -> str:
    """Give the `otpauth:` address that authenticator apps read."""
    query = {"secret": spelled(secret), "issuer": issuer, "algorithm": "SHA1", "digits": _DIGITS, "period": STEP_S}
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(label, safe='')}?{urlencode(query, quote_via=quote)}"


def step_of(moment: datetime) -> int:
    """Number of the step that a moment lies in."""
    return int(moment.timestamp()) // STEP_S


def code_of(secret: bytes, step: int) -> str:
    """Give the code of a step (RFC 6238)."""
    return TOTP(secret, _DIGITS, SHA1(), STEP_S).generate(step * STEP_S).decode()  # noqa: S303 (RFC 6238's default)


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """Give the step that a code belongs to, or None. Takes as long for wrong codes as for right ones."""
    found = None
    for drift in _DRIFT:
        step = step_of(now) + drift
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode()):
            found = step
    return found


def normal_code(typed: str) -> str:
    """Give a code without what stands between its groups, in capitals."""
    return _BETWEEN.sub("", typed).upper()


def is_one_time_code(code: str) -> bool:
    """Whether a normal code has the form of an app's; what has not may be a recovery code."""
    return len(code) == _DIGITS and code.isascii() and code.isdigit()


def new_recovery_codes() -> list[str]:
    """Make recovery codes as they are shown, `XXXXX-XXXXX`."""
    half = _RECOVERY_LENGTH // 2
    codes = ("".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def recovery_digest(key: bytes, account_id: str, typed: str) -> str:
    """Give the keyed digest under which a recovery code is kept: HMAC-SHA-256, bound to the account."""
    code = normal_code(typed).translate(_MISREAD)
    return hmac.new(key, f"{account_id}:{code}".encode(), sha256).hexdigest()


def recovery_digests(key: bytes, account_id: str, codes: Sequence[str]) -> list[str]:
    """The same for several."""
    return [recovery_digest(key, account_id, code) for code in codes]


def digest_of(value: bytes) -> str:
    """SHA-256 in hexadecimal, for random values that only their holder knows."""
    return sha256(value).hexdigest()


def counts_up(before: int, now: int) -> bool:
    """Whether an authenticator's counter went on (WebAuthn 3, 7.2 step 22): one that stands still was copied.

    Authenticators without a counter say 0 each time.
    """
    return now > before or (now == 0 and before == 0)
