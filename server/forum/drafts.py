"""Drafts of topics and answers, kept on the server so that another device has them.

They are redacted like everything that is kept. What was hidden stays behind its placeholder when its author goes on
writing and sends the text (`restoring`): a draft remembers for each number a label and a keyed digest, never a value.

The digests are those of the topic that the draft is for, so that the same value gets the same number there. The numbers
are the draft's own: with the topic's, a draft would tell whoever tries numbers which of them are hidden in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from server.forum.admission import MAX_TITLE
from server.forum.restoring import NEW_TOPIC, held_in_numbers
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import Numbering, RawText, RedactedText, Redaction, template_of

MOST_DRAFTS = 50
KEPT = timedelta(days=90)
_MOST_NUMBERS = 200
"""Hidden values that a draft remembers beyond those that stand in it."""

_NOTHING = template_of(())


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft.

    Attributes:
        account_id: whose.
        place: `new` for a topic, or the id of the topic that it answers.
        title: redacted; empty for an answer.
        text: redacted; may be empty.
        redactions: the placeholders in it.
        saved_at: when.
        scope: of the digests: id of the topic, or the one that the topic is to have.
        numbers: `LABEL:digest` -> N: what its placeholders stand for, also those that another device still shows.
    """

    account_id: str
    place: str
    title: RedactedText
    text: RedactedText
    redactions: tuple[Redaction, ...]
    saved_at: datetime
    scope: str
    numbers: Mapping[str, int] = field(default_factory=dict, repr=False)


class DraftStore(Protocol):
    """What is needed of the store."""

    async def save_draft(self, draft: Draft, expires_at: datetime) -> None: ...
    async def find_draft(self, account_id: str, place: str) -> Draft | None: ...
    async def drafts(self, account_id: str) -> list[Draft]: ...
    async def remove_draft(self, account_id: str, place: str) -> None: ...


class Drafts:
    """Drafts of their own for everybody."""

    def __init__(self, store: DraftStore, intake: Intake, limiter: Limiter, clock: Clock) -> None:
        self._store = store
        self._intake = intake
        self._limiter = limiter
        self._clock = clock

    async def save(self, actor: Actor, place: str, title: RawText, text: RawText) -> Draft:
        """Keep a draft in the place of what was kept there.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate. What was kept before stays.
            Conflict: the actor keeps too many.
            RateLimited: too many.
        """
        await self._limiter.spend("forum_draft", actor.account_id)
        if not len(title) and not len(text):
            raise InvalidInput(fields={"text": "required"})
        kept = await self._store.drafts(actor.account_id)
        if len(kept) >= MOST_DRAFTS and place not in {draft.place for draft in kept}:
            raise Conflict
        before = next((draft for draft in kept if draft.place == place), None)
        scope = place if place != NEW_TOPIC else (before.scope if before else "") or new_id()
        names = (actor.display_name,)
        known = held_in_numbers(before.numbers if before else {})
        head = (
            await self._intake.admit(
                title, scope=scope, field="title", max_length=MAX_TITLE, known_names=names, known=known
            )
            if len(title)
            else _NOTHING
        )
        body = (
            await self._intake.admit(text, scope=scope, known_names=names, sender=actor.account_id, known=known)
            if len(text)
            else _NOTHING
        )
        # Numbers go on from one time to the next: what another device shows means the same for as long as possible.
        numbering = Numbering(before.numbers if before else {})
        numbered, below = head.fill(numbering), body.fill(numbering)
        now = self._clock()
        redactions = tuple(dict.fromkeys((*numbered.redactions, *below.redactions)))
        inside = {hidden.key: number for hidden, number in (*numbered.hidden, *below.hidden)}
        numbers = {**(before.numbers if before else {}), **inside}
        draft = Draft(
            actor.account_id,
            place,
            numbered.text,
            below.text,
            redactions,
            now,
            scope,
            numbers if len(numbers) <= _MOST_NUMBERS else inside,
        )
        await self._store.save_draft(draft, now + KEPT)
        return draft

    async def list(self, actor: Actor) -> Sequence[Draft]:
        """Give what the actor keeps, newest first."""
        return sorted(await self._store.drafts(actor.account_id), key=lambda draft: draft.saved_at, reverse=True)

    async def get(self, actor: Actor, place: str) -> Draft:
        """Give the draft for a place.

        Raises:
            NotFound: there is none.
        """
        draft = await self._store.find_draft(actor.account_id, place)
        if draft is None:
            raise NotFound
        return draft

    async def remove(self, actor: Actor, place: str) -> None:
        """Forget the draft for a place, if there is one."""
        await self._store.remove_draft(actor.account_id, place)
