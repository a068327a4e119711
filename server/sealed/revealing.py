"""The one way in which something of a person's that is sealed is shown to somebody else (promises K3, A5 and S5).

Training first, then a limit, then a reason that passes the gate; then a line in the thing's own list, in the trail and
in the person's access log; and only then whatever asked opens anything. Whether somebody is of those who may look is
known by whoever keeps the thing, and asked before and after. Must not see a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.disclosure import AccessLog, Passes, Purpose
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import NumberedText, Numbering, RawText
from server.sealed.model import MAX_REASON, Reveal


class RevealStore(Protocol):
    """Keeps who was shown what; see `reveal_store.MongoRevealStore`."""

    async def insert(self, reveal: Reveal) -> None: ...
    async def of(self, record_id: str) -> list[Reveal]: ...
    async def hand_over(self, person_id: str, to_person_id: str) -> None: ...
    async def remove(self, record_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody is about to see.

    Attributes:
        record_id: id of the thing it belongs to.
        keys: what of it.
        person_id: in whose access log it is to stand.
        purpose: what for.
        action: what the access log calls it.
        lines: what the access log says was shown; a line for each.
    """

    record_id: str
    keys: tuple[str, ...]
    person_id: str
    purpose: Purpose
    action: str
    lines: tuple[str, ...]


class Revealing:
    """Insists on what a look needs, and writes it down.

    Args:
        store: of what was shown to whom.
        intake: the gate, for reasons.
        log: of who looked at what is a person's.
        passes: knows who has learnt how to keep data safe.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: RevealStore,
        intake: Intake,
        log: AccessLog,
        passes: Passes,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._intake = intake
        self._log = log
        self._passes = passes
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    async def reason(self, actor: Actor, scope: str, typed: RawText) -> NumberedText:
        """Take the reason of somebody who has learnt how to keep data safe and has not looked too often.

        Args:
            actor: who wants to look.
            scope: id of the thing; within it equal values have equal numbers.
            typed: in their words.

        Raises:
            NotPermitted: they have not learnt it, or no longer.
            RateLimited: more than anybody needs.
            InvalidInput, RedactionUnavailable: the reason; see the gate.
        """
        await self._passes.require(actor)
        await self._limiter.spend("reveal", actor.account_id)
        template = await self._intake.admit(
            typed, scope=scope, field="reason", max_length=MAX_REASON, sender=actor.account_id, in_words=True
        )
        return template.fill(Numbering())

    async def write_down(self, actor: Actor, sight: Sight, reason: NumberedText) -> Reveal:
        """Write down that somebody is about to see something; durable on return.

        Raises:
            Unavailable: it could not be, so it must not be shown.
        """
        reveal = Reveal(
            new_id(),
            sight.record_id,
            sight.keys,
            actor.account_id,
            actor.role,
            sight.purpose,
            reason.text,
            reason.redactions,
            self._clock(),
            sight.person_id,
        )
        entry = AuditEntry(
            action="sealed:field:revealed",
            actor_id=actor.account_id,
            objects=(sight.record_id, reveal.id),
            at=reveal.at,
            counts={"fields": len(sight.keys)},
        )
        async with self._audit.promises.around([entry]):
            await self._store.insert(reveal)
        for line in sight.lines:
            await self._log.record(
                actor, person_id=sight.person_id, action=sight.action, object_id=line, purpose=sight.purpose
            )
        return reveal

    async def of(self, record_id: str) -> Sequence[Reveal]:
        """Give who was shown what of a thing, oldest first."""
        return sorted(await self._store.of(record_id), key=lambda reveal: reveal.id)

    async def hand_over(self, _conversation_id: str, from_account_id: str, to_account_id: str) -> None:
        """Let what was shown of a visitor be of the account that they have now: a hold on it spares this too.

        Safe to repeat.
        """
        await self._store.hand_over(from_account_id, to_account_id)

    async def forget(self, record_id: str) -> None:
        """Remove who was shown what of a thing, and why, because its person is erased."""
        await self._store.remove(record_id)
