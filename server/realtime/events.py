"""What a client may say and what it is told, as declarations."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from server.kernel.access import Access, Rule
from server.kernel.actor import Actor


@dataclass(slots=True)
class Connection:
    """One live socket.

    Attributes:
        sid: Socket.IO's id of it.
        actor: who it belongs to, from the session.
        token: of the session, with which it is asked again whether it still lasts.
        locale: language for error messages.
        network: from which it was opened, for limits.
        rooms: rooms it has joined.
    """

    sid: str
    actor: Actor
    token: str = field(repr=False)
    locale: str
    network: str = field(default="", repr=False)
    rooms: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """An event that clients may emit.

    Attributes:
        name: wire name, `area:verb`.
        schema: of its one argument.
        handler: gives the ack's `data`.
        rule: what may be done with the thing that it names; None where it names none.
        access: whom it is for (`kernel.access`).
        network_limit: the limit that the connection's network is held to: the account's own and `_network`; or empty.
    """

    name: str
    schema: type[BaseModel]
    handler: Callable[[Connection, Any], Awaitable[dict[str, Any]]]
    rule: Rule | None = None
    access: Access = Access.SIGNED_IN
    network_limit: str = ""


@dataclass(frozen=True, slots=True)
class Emission:
    """Something to tell a room.

    Attributes:
        room: whom to tell.
        name: wire name.
        data: JSON-ready.
        skip_sid: a connection not to tell.
        skip_accounts: accounts not to tell, on none of their connections.
    """

    room: str
    name: str
    data: dict[str, Any]
    skip_sid: str | None = None
    skip_accounts: frozenset[str] = frozenset()


def account_room(account_id: str) -> str:
    """The room of all connections of one account."""
    return f"account:{account_id}"


AGENTS_ROOM = "agents"
"""The room of everybody who answers conversations."""
