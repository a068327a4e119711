"""Who is asking. Built from a session, never from a payload."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account may do in general. Relations to a thing decide the rest."""

    VISITOR = "visitor"
    CUSTOMER = "customer"
    AGENT = "agent"
    MODERATOR = "moderator"
    PRIVACY_OFFICER = "privacy_officer"
    ADMIN = "admin"


STAFF_ROLES = frozenset({Role.AGENT, Role.MODERATOR, Role.PRIVACY_OFFICER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated account in one session.

    Attributes:
        account_id: opaque id of the account.
        role: the account's role when the session was looked up.
        session_id: opaque id of the session (not the token).
        display_name: the name others see; hidden in `repr` because it may be a person's name.
        fresh_at: when they last proved who they are in this session; None for an account that only is looked at.
        owes_factor: whether a second factor is still to be shown or set up before anything else can be done.
    """

    account_id: str
    role: Role
    session_id: str
    display_name: str
    fresh_at: datetime | None = None
    owes_factor: bool = False

    def __repr__(self) -> str:
        return f"Actor(account_id={self.account_id!r}, role={self.role.value!r})"

    @property
    def is_staff(self) -> bool:
        """Whether the account belongs to the company rather than to a customer."""
        return self.role in STAFF_ROLES
