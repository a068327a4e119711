"""Ports around looking at people's data: who was let in by way of exception, and the log of who looked.

Whatever shows staff something of a person's (a conversation, later a revealed field or an export) calls `AccessLog`
before it shows it. `server.privacy` fills both; `server.composition.parts` hands them out.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from server.kernel.actor import Actor


class Purpose(StrEnum):
    """What somebody looks at a person's data for. People read these in their access log."""

    SUPPORT = "support"
    """To answer them: the ordinary case."""
    COVER = "cover"
    """To stand in for a colleague who is away."""
    COMPLAINT = "complaint"
    SECURITY = "security"
    """To look into abuse, fraud or a breach."""
    LEGAL = "legal"
    """A duty by law, or a request of the person themselves."""
    QUALITY = "quality"
    TECHNICAL = "technical"
    DELIVERY = "delivery"
    """To bring goods or letters to them."""
    BILLING = "billing"
    """To be paid, and for nothing else (promise P3)."""
    REGISTRATION = "registration"
    """To register them for what they asked for, at a clinic for instance."""
    INVOICE = "invoice"
    """To make out an invoice in their name."""


SEALED_PURPOSES = frozenset({Purpose.DELIVERY, Purpose.BILLING, Purpose.REGISTRATION, Purpose.INVOICE})
"""What people fill sealed forms for. A conversation is never opened for one of these."""


class Passes(Protocol):
    """Knows who has learnt how to keep data safe (promise A5)."""

    async def require(self, actor: Actor) -> None:
        """Insist on it, before somebody reveals, moderates or reads by way of exception.

        Raises:
            NotPermitted: their training is not complete or not current; `fields` says `training_due`.
        """
        ...


class Grants(Protocol):
    """Who may read a conversation that is not theirs, for now. Asked on every use, so it answers from memory."""

    def purpose(self, account_id: str, conversation_id: str) -> Purpose | None:
        """Give what for, or None where there is no grant or it is over."""
        ...

    def holders(self, conversation_id: str) -> Sequence[str]:
        """Give the accounts that may read it now."""
        ...

    def conversations(self, account_id: str) -> Sequence[str]:
        """Give what an account may read now."""
        ...


class AccessLog(Protocol):
    """Remembers who looked at what of whom."""

    async def record(self, actor: Actor, *, person_id: str, action: str, object_id: str, purpose: Purpose) -> None:
        """Record that somebody is about to see something. Durable on return; repeats within an hour are only counted.

        Args:
            actor: who looks; in which session.
            person_id: account of the person whose it is.
            action: `kind:verb`, one of `server.privacy.access_log.ACTIONS`.
            object_id: id of the conversation, form, export.
            purpose: what for.

        Raises:
            Unavailable: it could not be recorded, so it must not be shown.
        """
        ...
