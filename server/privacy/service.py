"""Use cases: choose, see one's choices, see what would be hidden."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from nlp.spans import Span
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.background import Background
from server.kernel.errors import Conflict, ConsentRequired, InvalidInput, NotFound
from server.kernel.ports import Clock, Limiter
from server.kernel.restraint import Restraints, Unrestrained, Use
from server.kernel.text import NumberedText, RawText
from server.kernel.wire import rfc3339
from server.privacy.model import ARTICLE, ORIGIN, PURPOSES, Basis, Choice, Chooser, may_use, standing
from server.privacy.purposes import PurposeTexts, PurposeVersion, read_texts
from server.statements import Statements

logger = logging.getLogger("amanah.privacy")

_ATTEMPTS: Final = 5
_REMEMBERED: Final = 10_000
_LOOK_S: Final = 0.5
"""How long another process may not know of a withdrawal from what needs no consent."""


class ChoiceStore(Protocol):
    """What the service needs from its store."""

    async def choices(self, account_id: str) -> list[Choice]: ...
    async def of_purpose(self, purpose: str) -> list[Choice]: ...
    async def guarded(self, account_id: str) -> datetime | None: ...
    async def all_guarded(self) -> dict[str, datetime]: ...
    async def mark(self) -> None: ...
    async def marked(self) -> int: ...

    async def insert(self, choice: Choice) -> None:
        """Insert; raises `Conflict` when the number is taken."""
        ...


@dataclass(frozen=True, slots=True)
class PurposeFigures:
    """How many people stand how with a purpose; no more than counts.

    Attributes:
        granted: whose own last choice is a yes to the present text.
        withdrawn: whose own last choice is a no.
        outdated: who said yes to a former text and are asked again.
        standing: of whose data the use is allowed now: with guardians where there are any.
    """

    granted: int
    withdrawn: int
    outdated: int
    standing: int


class ConsentLedger:
    """What people chose.

    What needs no consent is answered from memory, so that asking costs a message nothing; another process says when
    something is different, and memory is emptied. What needs consent is read anew each time, whoever asks.
    """

    def __init__(self, store: ChoiceStore, audit: AuditTrail, clock: Clock, texts: PurposeTexts | None = None) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self.texts = texts or read_texts()
        self._known: dict[str, list[Choice]] = {}
        self._epoch = 0
        self._marked = -1
        self._work = Background()
        self._restraints: Restraints = Unrestrained()

    def heed(self, restraints: Restraints) -> None:
        """Count no consent of people who have restricted all use of what is theirs, for as long as they do."""
        self._restraints = restraints

    # --- other processes -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Follow what other processes take in."""
        self._work.start(self._follow(), name="consents")

    async def close(self) -> None:
        """Stop following."""
        await self._work.stop()

    async def catch_up(self) -> None:
        """Forget what is remembered, if something was chosen elsewhere.

        Raises:
            Unavailable: the store does not answer.
        """
        marked = await self._store.marked()
        if marked != self._marked:
            self._marked = marked
            self._drop()

    async def changed(self, account_id: str) -> None:
        """Take note that somebody's consents are different for another reason than a choice.

        Raises:
            Unavailable: the store does not answer.
        """
        self._known.pop(account_id, None)
        self._epoch += 1
        await self._store.mark()

    async def _follow(self) -> None:
        while True:
            try:
                await self.catch_up()
            except Exception as error:
                # Whoever can't hear of a withdrawal remembers nothing.
                self._drop()
                logger.warning("choices made elsewhere can't be followed: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_S)

    def _drop(self) -> None:
        self._known.clear()
        self._epoch += 1

    # --- asking ----------------------------------------------------------------------------------------------------

    async def standing(self, account_id: str) -> dict[str, Choice]:
        """Give a person's standing choices by purpose; purposes never chosen are absent."""
        return standing(await self._choices(account_id))

    async def history(self, account_id: str) -> list[Choice]:
        """Give all of a person's choices in order, the guardian's too; read anew."""
        return sorted(await self._store.choices(account_id), key=lambda choice: choice.number)

    async def require(self, account_id: str, purpose: str) -> None:
        """Insist that a person's data may be used for a purpose now.

        Raises:
            ConsentRequired: not agreed to, or withdrawn.
            KeyError: there is no such purpose.
        """
        if PURPOSES[purpose].basis is Basis.CONSENT:
            allowed = await self.stands(account_id, purpose)
        else:
            allowed = may_use(purpose, await self._choices(account_id))
        if not allowed:
            raise ConsentRequired

    async def agreed(self, purpose: str) -> list[str]:
        """Give all whose data may be used for a purpose now; for one that needs no consent, who has ever chosen.

        Read anew, whatever is remembered: another process may have taken a withdrawal in.
        """
        people, guarded = await self._of_purpose(purpose), await self._store.all_guarded()
        return sorted(
            one
            for one, choices in people.items()
            if may_use(purpose, choices, guarded.get(one)) and not self._is_stopped(one, purpose)
        )

    async def stands(self, account_id: str, purpose: str) -> bool:
        """Say whether a person's data may be used for a purpose at this very moment; read anew, likewise.

        Raises:
            KeyError: there is no such purpose.
        """
        choices = await self._store.choices(account_id)
        if self._is_stopped(account_id, purpose) or not may_use(purpose, choices):
            return False
        return may_use(purpose, choices, await self._store.guarded(account_id))

    async def figures(self) -> dict[str, PurposeFigures]:
        """Count people by purpose; of those who never chose nothing is known."""
        guarded, found = await self._store.all_guarded(), {}
        for name, rule in PURPOSES.items():
            people = await self._of_purpose(name)
            last = [own[name] for choices in people.values() if name in (own := standing(choices))]
            found[name] = PurposeFigures(
                granted=sum(one.granted and one.version == rule.version for one in last),
                withdrawn=sum(not one.granted for one in last),
                outdated=sum(one.granted and one.version != rule.version for one in last),
                standing=sum(may_use(name, choices, guarded.get(who)) for who, choices in people.items()),
            )
        return found

    def _is_stopped(self, account_id: str, purpose: str) -> bool:
        """Answering them goes on: they asked for it, and may say so by withdrawing."""
        return PURPOSES[purpose].basis is Basis.CONSENT and self._restraints.stands(account_id, Use.ALL)

    # --- choosing --------------------------------------------------------------------------------------------------

    async def choose(
        self, account_id: str, purpose: str, granted: bool, *, locale: str = "id", by: Chooser = Chooser.PERSON
    ) -> dict[str, Choice]:
        """Add a choice. It holds from the moment it is stored, in other processes a moment later.

        Raises:
            InvalidInput: there is no such purpose.
        """
        if purpose not in PURPOSES:
            raise InvalidInput(fields={"purpose": "not_allowed"})
        shown = self.texts.present(purpose)
        for _ in range(_ATTEMPTS):
            earlier = await self.history(account_id)
            choice = Choice(
                account_id=account_id,
                number=earlier[-1].number + 1 if earlier else 1,
                purpose=purpose,
                granted=granted,
                version=shown.number,
                at=self._clock(),
                text=shown.digest,
                locale=locale,
                by=by,
                prev=earlier[-1].digest if earlier else ORIGIN,
            )
            try:
                await self._store.insert(choice)
            except Conflict:
                continue
            await self.changed(account_id)
            await self._audit.append([_entry(choice)])
            return standing([*earlier, choice])
        raise Conflict

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _of_purpose(self, purpose: str) -> dict[str, list[Choice]]:
        people: dict[str, list[Choice]] = {}
        for choice in await self._store.of_purpose(purpose):
            people.setdefault(choice.account_id, []).append(choice)
        return people

    async def _choices(self, account_id: str) -> list[Choice]:
        known = self._known.get(account_id)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            epoch = self._epoch
            known = await self._store.choices(account_id)
            if epoch == self._epoch:
                # Nothing was chosen, here or elsewhere, while this was read.
                self._known[account_id] = known
        return known


def _entry(choice: Choice) -> AuditEntry:
    """What the trail is told: with the digest, no choice can be changed without the trail saying otherwise."""
    return AuditEntry(
        action="privacy:consent:granted" if choice.granted else "privacy:consent:withdrawn",
        actor_id=choice.account_id if choice.by is Chooser.PERSON else choice.by.value,
        objects=(choice.purpose, choice.digest),
        counts={"number": choice.number, "version": choice.version},
        at=choice.at,
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt for a choice.

    Attributes:
        choice: which.
        shown: the text that was shown; None for one that this server does not have any more.
        note: signed statement of it (`server.statements`).
        key: the public key.
    """

    choice: Choice
    shown: PurposeVersion | None
    note: str
    key: str


class PrivacyService:
    """Consents, their receipts, and previews.

    Args:
        ledger: of choices.
        intake: the gate.
        limiter: rate limits.
        statements: signs receipts.
    """

    def __init__(self, ledger: ConsentLedger, intake: Intake, limiter: Limiter, statements: Statements) -> None:
        self._ledger = ledger
        self._intake = intake
        self._limiter = limiter
        self._statements = statements

    @property
    def ledger(self) -> ConsentLedger:
        """What people chose."""
        return self._ledger

    async def choices(self, actor: Actor) -> dict[str, Choice]:
        """Give the actor's standing choices by purpose; purposes never chosen are absent."""
        return await self._ledger.standing(actor.account_id)

    async def choose(self, actor: Actor, purpose: str, granted: bool, locale: str = "id") -> dict[str, Choice]:
        """Add a choice to the ledger.

        Raises:
            InvalidInput: there is no such purpose.
            RateLimited: more choices than anybody makes; withdrawals have a larger limit of their own.
        """
        if granted:
            await self._limiter.spend("choice", actor.account_id)
        else:
            await self._limiter.spend("withdrawal", actor.account_id)
        return await self._ledger.choose(actor.account_id, purpose, granted, locale=locale)

    async def history(self, actor: Actor) -> list[Choice]:
        """Give all of the actor's choices, the newest first."""
        return (await self._ledger.history(actor.account_id))[::-1]

    async def receipt(self, actor: Actor, number: int) -> Receipt:
        """Sign what was chosen, when, and about which text.

        Raises:
            NotFound: the actor has no such choice.
        """
        found = next((one for one in await self._ledger.history(actor.account_id) if one.number == number), None)
        if found is None:
            raise NotFound
        shown = self._ledger.texts.find(found.purpose, found.version)
        if shown is not None and found.text and shown.digest != found.text:
            shown = None
        return Receipt(found, shown, self._statements.sign(_stated(found, shown)), self._statements.described)

    async def preview(self, actor: Actor, text: RawText) -> tuple[NumberedText, Sequence[Span]]:
        """Say what would be hidden in a text. Stores and logs nothing.

        Raises:
            RateLimited, InvalidInput, RedactionUnavailable: see the gate.
        """
        await self._limiter.spend("preview", actor.account_id)
        names = () if actor.role is Role.VISITOR else (actor.display_name,)
        return await self._intake.preview(text, known_names=names, sender=actor.account_id)


def _stated(choice: Choice, shown: PurposeVersion | None) -> dict[str, Any]:
    """What a receipt says: the choice, and the text as it was shown."""
    stated: dict[str, Any] = {
        "kind": "consent",
        "person": choice.account_id,
        "number": choice.number,
        "purpose": choice.purpose,
        "basis": f"UU 27/2022 art. 20(2)({ARTICLE[PURPOSES[choice.purpose].basis]})",
        "granted": choice.granted,
        "by": choice.by.value,
        "at": rfc3339(choice.at),
        "version": choice.version,
        "text_digest": choice.text,
        "previous": choice.prev,
        "digest": choice.digest,
    }
    if shown is not None:
        words = shown.words.get(choice.locale) or shown.words["id"]
        stated |= {"language": choice.locale or "id", "title": words.title, "text": list(words.text)}
    return stated
