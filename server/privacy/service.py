"""Use cases: choose, see one's choices, see what would be hidden."""

from collections.abc import Sequence
from typing import Protocol

from nlp.spans import Span
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput
from server.kernel.ports import Clock, Limiter
from server.kernel.text import NumberedText, RawText
from server.privacy.model import PURPOSES, Choice, standing

_ATTEMPTS = 5


class ChoiceStore(Protocol):
    """What the service needs from its store."""

    async def choices(self, account_id: str) -> list[Choice]: ...

    async def insert(self, choice: Choice) -> None:
        """Insert; raises `Conflict` when the number is taken."""
        ...


class PrivacyService:
    """Consents and previews."""

    def __init__(self, store: ChoiceStore, intake: Intake, audit: AuditTrail, limiter: Limiter, clock: Clock) -> None:
        self._store = store
        self._intake = intake
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    async def choices(self, actor: Actor) -> dict[str, Choice]:
        """Give the actor's standing choices by purpose; purposes never chosen are absent."""
        return standing(await self._store.choices(actor.account_id))

    async def choose(self, actor: Actor, purpose: str, granted: bool) -> dict[str, Choice]:
        """Add a choice to the ledger.

        Raises:
            InvalidInput: there is no such purpose.
        """
        if purpose not in PURPOSES:
            raise InvalidInput(fields={"purpose": "not_allowed"})
        for _ in range(_ATTEMPTS):
            earlier = await self._store.choices(actor.account_id)
            number = max((choice.number for choice in earlier), default=0) + 1
            choice = Choice(actor.account_id, number, purpose, granted, PURPOSES[purpose].version, self._clock())
            try:
                await self._store.insert(choice)
            except Conflict:
                continue
            await self._audit.append(
                [
                    AuditEntry(
                        action="privacy:consent:granted" if granted else "privacy:consent:withdrawn",
                        actor_id=actor.account_id,
                        objects=(purpose,),
                        counts={"version": choice.version},
                        at=choice.at,
                    )
                ]
            )
            return standing([*earlier, choice])
        raise Conflict

    async def preview(self, actor: Actor, text: RawText) -> tuple[NumberedText, Sequence[Span]]:
        """Say what would be hidden in a text. Stores and logs nothing.

        Raises:
            RateLimited, InvalidInput, RedactionUnavailable: see the gate.
        """
        await self._limiter.spend("preview", actor.account_id)
        names = () if actor.role is Role.VISITOR else (actor.display_name,)
        return await self._intake.preview(text, known_names=names, sender=actor.account_id)
