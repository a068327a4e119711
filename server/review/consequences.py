"""What follows from a decision or a ruling: for the text, its author, who reported it, the classifier, the figures.

An item carries `settled=False` from the write of the decision until all this is done, so what a crash interrupts is
done at the next start. Each step is safe to repeat; only figures and notices may come twice after a crash.
"""

import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from moderation import queue
from moderation.classifier import Classifier
from moderation.queue import SANCTIONS, Decision, Effect, State, effect_of
from moderation.trust import Deed
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.errors import Conflict, NotFound
from server.kernel.ports import Clock
from server.notices.model import Kind
from server.review.figures import Figures
from server.review.model import UNWANTED, Item, People, Reviewable, ReviewSubject, Teller, is_outdated
from server.review.sanctions import Sanctions

logger = logging.getLogger(__name__)

_SPAM, _HAM = "spam", "ham"
_TRIES = 3


class ConsequenceStore(Protocol):
    """What they need from the store."""

    async def save(self, item: Item) -> bool: ...
    async def find(self, item_id: str) -> Item | None: ...
    async def unsettled(self) -> list[Item]: ...
    async def count_reports(self, account_ids: Sequence[str], agreed: int, disagreed: int) -> None: ...
    async def lessons(self) -> bytes | None: ...
    async def save_lessons(self, counts: bytes) -> None: ...


class Targets:
    """The kinds of texts that can be reviewed, each with the capability that knows it."""

    def __init__(self) -> None:
        self._kinds: dict[str, Reviewable] = {}

    def register(self, target_type: str, reviewable: Reviewable) -> None:
        """Let a kind of text be reviewed."""
        self._kinds[target_type] = reviewable

    @property
    def known(self) -> Mapping[str, Reviewable]:
        """All kinds."""
        return self._kinds

    def get(self, target_type: str) -> Reviewable:
        """Give who knows a kind.

        Raises:
            NotFound: nobody does.
        """
        found = self._kinds.get(target_type)
        if found is None:
            raise NotFound
        return found

    async def find(self, item: Item) -> ReviewSubject | None:
        """Give what an item is about; None where it is gone."""
        kind = self._kinds.get(item.target_type)
        return await kind.find(item.target_id) if kind is not None else None


class _Step(Protocol):
    """A step of a `Reviewable`."""

    def __call__(self, target_id: str, *, revision: int | None = None) -> Awaitable[None]: ...


async def take(step: _Step, target_id: str, *, revision: int | None = None) -> None:
    """Change whether a text is shown, unless its author has taken it back: then nothing of it is to be seen anyway.

    Args:
        step: of the text's `Reviewable`.
        target_id: which text.
        revision: the only one of which it is true; None for whichever is there.

    Raises:
        Conflict: the text is another one.
    """
    for _ in range(_TRIES):
        try:
            await step(target_id, revision=revision)
        except Conflict as conflict:
            if is_outdated(conflict):
                raise
            # Or somebody changed it at the same moment.
            continue
        except NotFound:
            pass
        return


class Consequences:
    """Draws them."""

    def __init__(
        self,
        store: ConsequenceStore,
        targets: Targets,
        sanctions: Sanctions,
        people: People,
        classifier: Classifier,
        figures: Figures,
        notices: Teller,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._targets = targets
        self._sanctions = sanctions
        self._people = people
        self._classifier = classifier
        self._figures = figures
        self._notices = notices
        self._audit = audit
        self._clock = clock

    async def settle(self) -> None:
        """Do what a crash left undone.

        Raises:
            Unavailable: the store does not answer.
        """
        for item in await self._store.unsettled():
            await self.draw(item)

    async def draw(self, item: Item) -> Item:
        """Draw all consequences of an item as it was written; give it as it is then.

        Of a decision about a text that was changed while it was made nothing follows: the item is open again.

        Raises:
            Unavailable: the store does not answer; the rest is done at the next start.
        """
        subject = await self._targets.find(item)
        if subject is not None:
            try:
                await self._change_text(item)
            except Conflict:
                opened = await self._reopen(item, subject)
                if opened is not None:
                    return opened
                # Another item waits with the new text: this decision stands, about the one that is gone.
        await self._about_author(item)
        lesson = await self._teach(item, subject)
        await self._about_reporters(item)
        await self._record(item)
        return await self._settled(item, lesson)

    async def _settled(self, item: Item, lesson: str) -> Item:
        """Write that all is done, over whatever the author may have added meanwhile."""
        drawn = item
        while True:
            settled = replace(item, lesson=lesson, settled=True, version=item.version + 1)
            if await self._store.save(settled):
                return settled
            item = await self._store.find(item.id) or settled
            if item.version == settled.version or (item.case.ruled is not None and drawn.case.ruled is None):
                # It is gone, or there is a ruling: what follows from that is drawn by who made it.
                return item

    async def _change_text(self, item: Item) -> None:
        kind = self._targets.get(item.target_type)
        steps = {Effect.PUBLISH: kind.publish, Effect.HIDE: kind.hide, Effect.REJECT: kind.reject}
        step = steps.get(effect_of(item.case))
        if step is not None:
            # Neither side can change a text while there is an appeal about it.
            await take(step, item.target_id, revision=item.revision if item.case.state is State.DECIDED else None)

    async def _reopen(self, item: Item, subject: ReviewSubject) -> Item | None:
        """Take a decision back; None where the item can't wait again."""
        fresh = await self._targets.find(item) or subject
        opened = replace(
            item,
            case=queue.reopen(item.case),
            revision=fresh.revision,
            category=None,
            note=None,
            until=None,
            settled=True,
            version=item.version + 1,
        )
        if not await self._store.save(opened):
            return None
        await self._audit.append([AuditEntry("review:item:reopened", "system", (item.id,), self._clock())])
        return opened

    async def _about_author(self, item: Item) -> None:
        decided = item.case.decided
        if decided is None:
            return
        author = item.case.author_id
        if item.case.state is State.DECIDED:
            if decided.what in SANCTIONS:
                await self._sanctions.apply(author, item.id, decided.what, item.until, decided.by)
            if decided.what is not Decision.APPROVE:
                self._people.count(author, Deed.FLAGGED)
        elif item.case.state is State.OVERTURNED and item.case.ruled is not None:
            await self._sanctions.lift(author, item.id, item.case.ruled.by)
            self._people.count(author, Deed.FLAGGED, -1)

    async def _teach(self, item: Item, subject: ReviewSubject | None) -> str:
        """Teach the classifier what was decided, or take back what an appeal has overturned."""
        decided = item.case.decided
        if decided is None or subject is None:
            return item.lesson
        if item.case.state is State.OVERTURNED and item.lesson:
            self._classifier.unlearn(subject.text.value, spam=item.lesson == _SPAM)
            lesson = ""
        elif item.case.state is State.DECIDED and not item.lesson and decided.what is not Decision.EDIT:
            lesson = _HAM if decided.what is Decision.APPROVE else _SPAM if item.category in UNWANTED else ""
            if lesson:
                self._classifier.learn(subject.text.value, spam=lesson == _SPAM)
        else:
            return item.lesson
        await self._store.save_lessons(self._classifier.lessons.pack())
        return lesson

    async def _about_reporters(self, item: Item) -> None:
        decided, reporters = item.case.decided, sorted(item.case.reporters)
        if decided is None or not reporters:
            return
        agreed = decided.what is not Decision.APPROVE
        if item.case.state is State.DECIDED:
            await self._store.count_reports(reporters, int(agreed), int(not agreed))
            deed, by = (Deed.FLAGS_AGREED if agreed else Deed.FLAGS_DISAGREED), 1
        elif item.case.state is State.OVERTURNED:
            await self._store.count_reports(reporters, -1, 1)
            deed, by = Deed.FLAGS_AGREED, -1
        else:
            return
        for reporter in reporters:
            self._people.count(reporter, deed, by)

    async def _record(self, item: Item) -> None:
        """Tell the author, count, and write it down."""
        case = item.case
        if case.decided is None:
            return
        if case.ruled is not None:
            await self._notices.tell([case.author_id], Kind.MODERATION_DECISION, "review_ruling", item.id)
            await self._figures.count(f"appeal_{case.state.value}", case.ruled.at)
            entry = AuditEntry("review:appeal:ruled", case.ruled.by, (item.id, case.author_id), case.ruled.at)
        elif case.state is State.DECIDED:
            # Who was held and is published, or was reported and cleared, is told too: it explains the wait.
            if item.case.held or item.auto_hidden or case.decided.what is not Decision.APPROVE:
                await self._notices.tell([case.author_id], Kind.MODERATION_DECISION, "review_item", item.id)
            await self._figures.count(f"decision_{case.decided.what.value}", case.decided.at)
            entry = AuditEntry("review:item:decided", case.decided.by, (item.id, case.author_id), case.decided.at)
        else:
            return
        await self._audit.append([entry])
