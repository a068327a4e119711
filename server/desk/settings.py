"""How the desk works: what is promised, which labels there are, how conversations find somebody. Changed by
administrators, kept in the store, taken up by every process within a minute.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.desk.clocks import Aim, Terms, WorkingTime
from server.desk.keys import require_key
from server.desk.model import Assigning, Priority
from server.desk.steps import Rules
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput
from server.kernel.ports import Clock
from server.kernel.text import Numbering, RawText, RedactedText
from server.kernel.wire import MAX_SUBJECT

MOST_LABELS_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Policy:
    """Working minutes in which something is promised; None for no promise."""

    first_response: int | None
    resolution: int | None


@dataclass(frozen=True, slots=True)
class LabelInfo:
    """A label.

    Attributes:
        key: stable.
        name: redacted, as staff see it.
        colour: place in the client's palette.
        skill: what who is to get such a conversation must know, or None.
        archived: whether it can't be put on any more.
    """

    key: str
    name: RedactedText
    colour: int
    skill: str | None
    archived: bool


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A label to make or change, as typed."""

    key: str
    name: RawText
    colour: int
    skill: str | None
    archived: bool


_USUAL: Final[Mapping[Priority, Policy]] = MappingProxyType(
    {
        Priority.LOW: Policy(240, 2_700),
        Priority.NORMAL: Policy(60, 1_080),
        Priority.HIGH: Policy(30, 540),
        Priority.URGENT: Policy(15, 240),
    }
)
"""With days of nine hours: an answer within four hours, one, a half, a quarter; done in five days, two, one, a half."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it.

    Attributes:
        policies: what is promised, by priority.
        warn_at: percent of the time after which those who have a case are warned.
        escalate_after: working minutes after a missed promise at which administrators are told.
        assigning: how a conversation that nobody has finds somebody.
        labels: by key.
        changed_at: when somebody last changed anything, or None.
        revision: counts changes.
    """

    policies: Mapping[Priority, Policy] = field(default_factory=lambda: _USUAL)
    warn_at: int = 75
    escalate_after: tuple[int, ...] = (30,)
    assigning: Assigning = Assigning.BY_HAND
    labels: Mapping[str, LabelInfo] = field(default_factory=dict)
    changed_at: datetime | None = None
    revision: int = 0

    def terms(self) -> dict[Priority, Terms]:
        """Give what is promised as clocks take it."""
        levels = [timedelta(minutes=minutes) for minutes in self.escalate_after]
        found = {}
        for priority in Priority:
            policy = self.policies.get(priority, Policy(None, None))
            minutes = {Aim.FIRST_RESPONSE: policy.first_response, Aim.RESOLUTION: policy.resolution}
            allowed = {aim: timedelta(minutes=count) for aim, count in minutes.items() if count is not None}
            found[priority] = Terms(allowed, self.warn_at, levels)
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be another; None stays. Labels are made or changed by their key, the others stay."""

    policies: Mapping[Priority, Policy] | None = None
    warn_at: int | None = None
    escalate_after: Sequence[int] | None = None
    assigning: Assigning | None = None
    labels: Sequence[NewLabel] = ()


class SettingStore(Protocol):
    """Where they are kept; `office_store` says what each does."""

    async def load_settings(self) -> Settings | None: ...
    async def save_settings(self, settings: Settings) -> bool: ...


class DeskSettings:
    """The settings that hold at the moment.

    Args:
        store: where they are kept.
        time: working time, as it is now.
        intake: the gate, for the names of labels.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: SettingStore,
        time: Callable[[], WorkingTime],
        intake: Intake,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._time = time
        self._intake = intake
        self._audit = audit
        self._clock = clock
        self._turn = asyncio.Lock()
        self._take(Settings())

    def _take(self, settings: Settings) -> None:
        self.now = settings
        self._terms = settings.terms()

    def rules(self) -> Rules:
        """Give what holds for cases."""
        return Rules(self._terms, self._time())

    async def refresh(self) -> None:
        """Take up what was changed, here or by another process.

        Raises:
            Unavailable: the store does not answer.
        """
        found = await self._store.load_settings()
        if found is not None and found.revision != self.now.revision:
            self._take(found)

    def require_label(self, key: str) -> None:
        """Insist that a label can be put on.

        Raises:
            InvalidInput: there is none, or not any more.
        """
        label = self.now.labels.get(key)
        if label is None or label.archived:
            raise InvalidInput(fields={"label": "not_allowed"})

    async def require_key(self, actor: Actor, key: str, field_name: str) -> None:
        """Insist that what somebody calls a label, a skill or a shortcut says nothing of anybody.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
        """
        await require_key(self._intake, key, field=field_name, sender=actor.account_id)

    async def change(self, actor: Actor, change: Change) -> Settings:
        """Change them.

        Raises:
            InvalidInput: something can't be used.
            Conflict: somebody else changed them at the same moment.
            RedactionUnavailable: see the gate.
        """
        async with self._turn:
            await self.refresh()
            before = self.now
            labels = dict(before.labels)
            known = {*labels, *(label.skill for label in labels.values())}
            for typed in change.labels:
                for key in {typed.key, typed.skill or typed.key} - known:
                    await self.require_key(actor, key, "labels")
                labels[typed.key] = await self._label(actor, typed)
            if len(labels) > MOST_LABELS_KEPT:
                raise InvalidInput(fields={"labels": "too_many"})
            after = replace(
                before,
                policies=before.policies if change.policies is None else {**before.policies, **change.policies},
                warn_at=before.warn_at if change.warn_at is None else change.warn_at,
                escalate_after=_levels(before, change),
                assigning=change.assigning or before.assigning,
                labels=labels,
                changed_at=self._clock(),
                revision=before.revision + 1,
            )
            if not await self._store.save_settings(after):
                raise Conflict
            self._take(after)
            counts = {"revision": after.revision}
            entry = AuditEntry("desk:settings:changed", actor.account_id, (), self._clock(), counts)
            await self._audit.append([entry])
            return after

    async def _label(self, actor: Actor, typed: NewLabel) -> LabelInfo:
        template = await self._intake.admit(
            typed.name, scope=f"label:{typed.key}", field="labels", max_length=MAX_SUBJECT, sender=actor.account_id
        )
        name = template.fill(Numbering()).text
        return LabelInfo(typed.key, name, typed.colour, typed.skill, typed.archived)


def _levels(before: Settings, change: Change) -> tuple[int, ...]:
    if change.escalate_after is None:
        return before.escalate_after
    if list(change.escalate_after) != sorted(set(change.escalate_after)):
        raise InvalidInput(fields={"escalate_after": "malformed"})
    return tuple(change.escalate_after)
