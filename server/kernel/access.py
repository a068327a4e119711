"""Who may call what: the pure half of authorisation that every capability shares.

Two questions, answered in this order for each operation over HTTP and Socket.IO:

1. Whom is the operation for at all? `Access` names a set of roles; anybody else is refused before the thing is looked
   for, so the refusal says nothing about it.
2. Where the operation names a thing: what may this role do with one of its own, and with somebody else's? `Rule` says
   it. Where the answer is no, a thing that is somebody else's answers exactly like one that does not exist.

Declared on the operation itself (`Endpoint.access`, `Endpoint.rule`, `ClientEvent.rule`), published in the API
document, written out in `docs/access.md`, and held against the running server by `tests/security`. Must not know any
capability: what "own" means for a conversation is `chat.model`'s affair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from server.kernel.actor import STAFF_ROLES, Role


class Access(StrEnum):
    """Whom an operation is for."""

    PUBLIC = "public"
    """Anybody; credentials are not even looked at, unless the operation shows those whom it recognises more."""
    SIGNED_IN = "signed_in"
    """Anybody with a session."""
    MEMBER = "member"
    """Anybody with an account to sign in to; not visitors."""
    CUSTOMER = "customer"
    """Those whom support is for."""
    STAFF = "staff"
    DESK = "desk"
    """Those who answer conversations or hand them out."""
    AGENT = "agent"
    MODERATOR = "moderator"
    CURATOR = "curator"
    """Those who set the rules of public places."""
    PRIVACY_OFFICER = "privacy_officer"
    OVERSIGHT = "oversight"
    """Those who have to say when something went wrong with data."""
    ADMIN = "admin"


ROLES: Final[Mapping[Access, frozenset[Role]]] = MappingProxyType(
    {
        Access.PUBLIC: frozenset(Role),
        Access.SIGNED_IN: frozenset(Role),
        Access.MEMBER: frozenset(Role) - {Role.VISITOR},
        Access.CUSTOMER: frozenset({Role.VISITOR, Role.CUSTOMER}),
        Access.STAFF: STAFF_ROLES,
        Access.DESK: frozenset({Role.AGENT, Role.ADMIN}),
        Access.AGENT: frozenset({Role.AGENT}),
        Access.MODERATOR: frozenset({Role.MODERATOR}),
        Access.CURATOR: frozenset({Role.MODERATOR, Role.ADMIN}),
        Access.PRIVACY_OFFICER: frozenset({Role.PRIVACY_OFFICER}),
        Access.OVERSIGHT: frozenset({Role.PRIVACY_OFFICER, Role.ADMIN}),
        Access.ADMIN: frozenset({Role.ADMIN}),
    }
)


def can_call(access: Access, role: Role) -> bool:
    """Whether somebody of this role may call at all."""
    return role in ROLES[access]


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be done with the thing that an operation names.

    Attributes:
        kind: what it is, `conversation`, `session`; tests know how to make one of each kind.
        own: roles that may do it with a thing of their own; the others are told that they may not.
        others: roles that may do it with somebody else's; for the others it does not exist.
        known: whether everybody may know of it, so that those others are told that they may not.
    """

    kind: str
    own: frozenset[Role]
    others: frozenset[Role] = frozenset()
    known: bool = False


class Whose(StrEnum):
    """Whose the named thing is."""

    OWN = "own"
    OTHERS = "others"
    NOBODYS = "none"
    """There is no such thing."""


class Verdict(StrEnum):
    """What the table says of one call."""

    ALLOWED = "allowed"
    REFUSED = "not_permitted"
    UNKNOWN = "not_found"


def verdict(access: Access, rule: Rule | None, role: Role, whose: Whose) -> Verdict:
    """Say what somebody of a role is told who calls an operation about a thing.

    Args:
        access: whom the operation is for.
        rule: what may be done with the thing it names; None where it names none.
        role: of the caller.
        whose: the thing's relation to the caller; of no meaning without a rule.
    """
    if not can_call(access, role):
        return Verdict.REFUSED
    if rule is None:
        return Verdict.ALLOWED
    if whose is Whose.OWN:
        return Verdict.ALLOWED if role in rule.own else Verdict.REFUSED
    if whose is Whose.OTHERS and role in rule.others:
        return Verdict.ALLOWED
    if whose is Whose.OTHERS and rule.known:
        return Verdict.REFUSED
    return Verdict.UNKNOWN
