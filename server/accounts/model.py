"""Accounts and sessions, and the pure rules about them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.kernel.actor import Actor, Role
from server.kernel.errors import InvalidInput

MIN_PASSWORD = 10
MAX_PASSWORD = 256
MAX_EMAIL = 254
MAX_NAME = 60
_MOST_DIGITS_IN_NAME = 6

# The HTML standard's e-mail rule, without single-label domains: enough to catch typing errors; only a mail proves more.
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the services see it. `repr` shows neither name nor address.

    Attributes:
        id: opaque id.
        role: what it may do in general.
        display_name: what others see.
        email: None for visitors.
        locale: `id` or `en`.
        created_at: aware, UTC.
    """

    id: str
    role: Role
    display_name: str
    email: str | None
    locale: str
    created_at: datetime

    def __repr__(self) -> str:
        return f"Account(id={self.id!r}, role={self.role.value!r})"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in.

    Attributes:
        id: opaque id; the token itself is known to its holder only.
        token_hash: SHA-256 of the token, in hexadecimal. Tokens have 256 random bits, so a plain hash is enough.
        account_id: whose it is.
        created_at: when it began.
        seen_at: last use, to within a few minutes.
        expires_at: when it ends unless it is used.
    """

    id: str
    token_hash: str
    account_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def normal_email(typed: str) -> str:
    """Give the form under which an address is looked up.

    Raises:
        InvalidInput: it is not an e-mail address.
    """
    email = unicodedata.normalize("NFKC", typed).strip().lower()
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
        raise InvalidInput(fields={"email": "invalid_email"})
    return email


def require_password(password: str, *, email: str, display_name: str) -> None:
    """Check a new password: length only and not one's own name or address (NIST SP 800-63B-4, 3.1.1.2).

    Raises:
        InvalidInput: too short, too long, or too easy to guess from the account.
    """
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(fields={"password": "too_short"})
    if len(password) > MAX_PASSWORD:
        raise InvalidInput(fields={"password": "too_long"})
    folded = password.casefold()
    own = {email.partition("@")[0], email, display_name.casefold(), display_name.casefold().replace(" ", "")}
    if folded in own or len(set(folded)) < 4:
        raise InvalidInput(fields={"password": "too_easy"})


def normal_name(typed: str) -> str:
    """Give the display name as it is kept: one line, single spaces, no control or placeholder characters.

    Raises:
        InvalidInput: empty or too long.
    """
    visible = "".join(c for c in unicodedata.normalize("NFC", typed) if unicodedata.category(c)[0] != "C")
    name = " ".join(visible.translate({0x27E6: None, 0x27E7: None}).split())
    if not name:
        raise InvalidInput(fields={"display_name": "required"})
    if len(name) > MAX_NAME:
        raise InvalidInput(fields={"display_name": "too_long"})
    return name


def can_see_name(label: str) -> bool:
    """Whether a display name may hold this kind of identifier: a name, which is what it is for, and nothing else."""
    return label == "PERSON"


def holds_number(name: str) -> bool:
    """Whether a display name has more digits than any name has (`Toko 24 Jam`, `SDN 01 2024`).

    What a bare number of seven digits or more stands for can't be told, but it is somebody's or something's.
    """
    return sum(character.isdecimal() for character in name) > _MOST_DIGITS_IN_NAME


def lifetime(role: Role, *, customer: timedelta, staff: timedelta) -> timedelta:
    """Give how long a session of this role lasts after its last use."""
    return customer if role in {Role.VISITOR, Role.CUSTOMER} else staff


def actor_of(account: Account, session_id: str = "") -> Actor:
    """Give the actor for an account in a session."""
    return Actor(account.id, account.role, session_id, account.display_name)
