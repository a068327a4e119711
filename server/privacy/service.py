"""Use cases: choose, see one's choices, see what would be hidden."""

from collections.abc import Sequence
from typing import Protocol

from nlp.spans import Span
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, ConsentRequired, InvalidInput
from server.kernel.ports import Clock, Limiter
from server.kernel.text import NumberedText, RawText
from server.privacy.model import PURPOSES, Choice, may_use, standing

_ATTEMPTS = 5
_REMEMBERED = 10_000


class ChoiceStore(Protocol):
    """What the service needs from its store."""

    async def choices(self, account_id: str) -> list[Choice]: ...
    async def of_purpose(self, purpose: str) -> list[Choice]: ...

    async def insert(self, choice: Choice) -> None:
        """Insert; raises `Conflict` when the number is taken."""
        ...


class ConsentLedger:
    """What people chose; the last choice of each is kept in memory, so that asking costs a message nothing."""

    def __init__(self, store: ChoiceStore, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._known: dict[str, list[Choice]] = {}

    async def standing(self, account_id: str) -> dict[str, Choice]:
        """Give a person's standing choices by purpose; purposes never chosen are absent."""
        return standing(await self._choices(account_id))

    async def require(self, account_id: str, purpose: str) -> None:
        """Insist that a person's data may be used for a purpose now.

        Raises:
            ConsentRequired: not agreed to, or withdrawn.
        """
        if not may_use(purpose, await self._choices(account_id)):
            raise ConsentRequired

    async def agreed(self, purpose: str) -> list[str]:
        """Give all whose data may be used for a purpose now; for one that needs no consent, who has ever chosen.

        Read anew, whatever is remembered: another process may have taken a withdrawal in.
        """
        people: dict[str, list[Choice]] = {}
        for choice in await self._store.of_purpose(purpose):
            people.setdefault(choice.account_id, []).append(choice)
        return sorted(account_id for account_id, choices in people.items() if may_use(purpose, choices))

    async def stands(self, account_id: str, purpose: str) -> bool:
        """Say whether a person's data may be used for a purpose at this very moment; read anew, likewise."""
        return may_use(purpose, await self._store.choices(account_id))

    async def choose(self, account_id: str, purpose: str, granted: bool) -> dict[str, Choice]:
        """Add a choice. It holds from the moment it is stored.

        Raises:
            InvalidInput: there is no such purpose.
        """
        if purpose not in PURPOSES:
            raise InvalidInput(fields={"purpose": "not_allowed"})
        for _ in range(_ATTEMPTS):
            earlier = await self._store.choices(account_id)
            number = max((choice.number for choice in earlier), default=0) + 1
            choice = Choice(account_id, number, purpose, granted, PURPOSES[purpose].version, self._clock())
            try:
                await self._store.insert(choice)
            except Conflict:
                continue
            self._known[account_id] = [*earlier, choice]
            await self._audit.append(
                [
                    AuditEntry(
                        action="privacy:consent:granted" if granted else "privacy:consent:withdrawn",
                        actor_id=account_id,
                        objects=(purpose,),
                        counts={"version": choice.version},
                        at=choice.at,
                    )
                ]
            )
            return standing([*earlier, choice])
        raise Conflict

    async def _choices(self, account_id: str) -> list[Choice]:
        known = self._known.get(account_id)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            # A choice that was made while this was read is the newer knowledge.
            known = self._known.setdefault(account_id, await self._store.choices(account_id))
        return known


class PrivacyService:
    """Consents and previews."""

    def __init__(self, ledger: ConsentLedger, intake: Intake, limiter: Limiter) -> None:
        self._ledger = ledger
        self._intake = intake
        self._limiter = limiter

    async def choices(self, actor: Actor) -> dict[str, Choice]:
        """Give the actor's standing choices by purpose; purposes never chosen are absent."""
        return await self._ledger.standing(actor.account_id)

    async def choose(self, actor: Actor, purpose: str, granted: bool) -> dict[str, Choice]:
        """Add a choice to the ledger.

        Raises:
            InvalidInput: there is no such purpose.
            RateLimited: more choices than anybody makes.
        """
        await self._limiter.spend("choice", actor.account_id)
        return await self._ledger.choose(actor.account_id, purpose, granted)

    async def preview(self, actor: Actor, text: RawText) -> tuple[NumberedText, Sequence[Span]]:
        """Say what would be hidden in a text. Stores and logs nothing.

        Raises:
            RateLimited, InvalidInput, RedactionUnavailable: see the gate.
        """
        await self._limiter.spend("preview", actor.account_id)
        names = () if actor.role is Role.VISITOR else (actor.display_name,)
        return await self._intake.preview(text, known_names=names, sender=actor.account_id)
