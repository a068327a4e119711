"""Where a request comes from. Made by the transport, which knows what to believe of a request; never logged."""

from dataclasses import dataclass

MAX_AGENT = 400
"""How much of a user agent is looked at and kept. Browsers need some 150 characters."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The other end of a request. `repr` shows none of it, for all of it is personal data or was typed.

    Attributes:
        network: IPv4 address or IPv6 /64, the key for limits.
        address: the full IP address.
        agent: the user agent as sent, at most `MAX_AGENT` characters.
        device: id from a device cookie that this server gave out, or empty.
    """

    network: str
    address: str = ""
    agent: str = ""
    device: str = ""

    def __repr__(self) -> str:
        return "<Caller>"


NOBODY = Caller("command line")
"""Who works at the server itself."""
