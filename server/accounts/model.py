"""Accounts and sessions, and the pure rules about them."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from server.kernel.actor import STAFF_ROLES, Actor, Role
from server.kernel.contacts import MAX_EMAIL as MAX_EMAIL
from server.kernel.contacts import email_of
from server.kernel.errors import InvalidInput
from server.visits.model import Device, Place

MIN_PASSWORD = 10
MAX_PASSWORD = 256
MAX_CODE = 20
"""Length of the longest code with whatever people type between its groups."""
MAX_NAME = 60
_MOST_DIGITS_IN_NAME = 6


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
        is_verified: whether its owner has shown that mail to the address reaches them, where that is asked for.
        is_disabled: whether an administrator keeps its holder out.
        is_vouched: whether anybody but its holder says that the address is theirs: a followed link, or the operator.
    """

    id: str
    role: Role
    display_name: str
    email: str | None
    locale: str
    created_at: datetime
    is_verified: bool = True
    is_disabled: bool = False
    is_vouched: bool = True

    def __repr__(self) -> str:
        return f"Account(id={self.id!r}, role={self.role.value!r})"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an address is entered with. Nothing of it has to be unsealed, so it costs the same for every address.

    Attributes:
        account_id: whose address it is.
        password_hash: as `accounts.passwords` encodes it; None for an account without a password.
        is_verified: as of the account.
    """

    account_id: str
    password_hash: str | None = field(repr=False)
    is_verified: bool


class Purpose(StrEnum):
    """What a mailed link is for; it opens nothing else."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was mailed to somebody. Works once.

    Attributes:
        token_hash: SHA-256 of the token in it; the token itself is in the letter only.
        account_id: whose account it is about.
        purpose: what it is for.
        expires_at: until when it works.
        email: the new address that it confirms, for a change.
    """

    token_hash: str = field(repr=False)
    account_id: str
    purpose: Purpose
    expires_at: datetime
    email: str | None = field(default=None, repr=False)


class FactorState(StrEnum):
    """What became of the second factor in a session."""

    NONE = "none"
    """The account had none when the session began."""
    OWED = "owed"
    """The account has one, and it has not been shown yet."""
    GIVEN = "given"


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
        fresh_at: when its holder last proved who they are; None in sessions of earlier versions: when it began.
        device: from what it was opened, by family; None in sessions of earlier versions.
        place: from where, roughly; likewise.
        factor: whether a second factor was shown.
    """

    id: str
    token_hash: str
    account_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    fresh_at: datetime | None = None
    device: Device | None = None
    place: Place | None = None
    factor: FactorState = FactorState.NONE


def normal_email(typed: str) -> str:
    """Give the form under which an address is looked up.

    Raises:
        InvalidInput: it is not an e-mail address.
    """
    email = email_of(typed)
    if email is None:
        raise InvalidInput(fields={"email": "invalid_email"})
    return email


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


def owes_factor(role: Role, state: FactorState, *, staff_must: bool) -> bool:
    """Whether a session is closed until a second factor is shown, or set up by staff who must have one."""
    return state is FactorState.OWED or (staff_must and state is FactorState.NONE and role in STAFF_ROLES)


def actor_of(account: Account, session: Session | None = None, *, staff_must: bool = False) -> Actor:
    """Give the actor for an account in a session, or as others see it."""
    if session is None:
        return Actor(account.id, account.role, "", account.display_name)
    return Actor(
        account.id,
        account.role,
        session.id,
        account.display_name,
        session.fresh_at or session.created_at,
        owes_factor(account.role, session.factor, staff_must=staff_must),
    )
