"""Ready answers and macros: what agents would otherwise write or do again and again.

Texts go through the gate when they are kept. A macro does its steps one after the other, as if its user did them, and
stops at the first that is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.custody import Custody
from server.chat.model import Conversation, can_be_assigned
from server.chat.service import ChatService
from server.desk.agents import AgentRoles
from server.desk.door import Door
from server.desk.handling import ME, QUEUE, CaseWish, Handling
from server.desk.model import Priority, StepKind
from server.desk.settings import DeskSettings
from server.desk.variables import filled
from server.intake import Intake
from server.kernel.access import Rule
from server.kernel.actor import Actor, Role
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.text import Numbering, RawText, RedactedText, template_of
from server.kernel.wire import MAX_SUBJECT, MAX_TEXT

CANNED_RULE: Final = Rule(
    "desk_canned", own=frozenset({Role.AGENT, Role.ADMIN}), others=frozenset({Role.AGENT, Role.ADMIN})
)
MACRO_RULE: Final = Rule(
    "desk_macro", own=frozenset({Role.AGENT, Role.ADMIN}), others=frozenset({Role.AGENT, Role.ADMIN})
)
MOST: Final = 500
_NO_TEXT: Final = template_of(()).fill(Numbering()).text


@dataclass(frozen=True, slots=True)
class Canned:
    """A ready answer: what is typed after the `/`, a title, a text with variables."""

    id: str
    shortcut: str
    title: RedactedText
    text: RedactedText
    by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a macro does, with what it needs for it."""

    kind: StepKind
    canned_id: str | None = None
    label: str | None = None
    priority: Priority | None = None
    hours: int | None = None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Macro:
    """Several steps under one name."""

    id: str
    title: RedactedText
    steps: tuple[Step, ...]
    by: str
    updated_at: datetime


_NEEDS: Final[Mapping[StepKind, str]] = {
    StepKind.ANSWER: "canned_id",
    StepKind.LABEL: "label",
    StepKind.UNLABEL: "label",
    StepKind.PRIORITY: "priority",
    StepKind.SNOOZE: "hours",
    StepKind.ASSIGN: "agent_id",
}


class OfficeStore(Protocol):
    """Where they are kept; `office_store` says what each does."""

    async def canned(self) -> list[Canned]: ...
    async def put_canned(self, canned: Canned) -> bool: ...
    async def remove_canned(self, canned_id: str) -> bool: ...
    async def macros(self) -> list[Macro]: ...
    async def put_macro(self, macro: Macro) -> None: ...
    async def remove_macro(self, macro_id: str) -> bool: ...


class Office:
    """The use cases."""

    def __init__(
        self,
        store: OfficeStore,
        door: Door,
        chat: ChatService,
        custody: Custody,
        handling: Handling,
        settings: DeskSettings,
        agents: AgentRoles,
        intake: Intake,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._door = door
        self._chat = chat
        self._custody = custody
        self._handling = handling
        self._settings = settings
        self._agents = agents
        self._intake = intake
        self._audit = audit
        self._clock = clock

    # --- ready answers ---------------------------------------------------------------------------------------------

    async def canned(self) -> list[Canned]:
        """Give all ready answers, by shortcut."""
        return sorted(await self._store.canned(), key=lambda item: item.shortcut)

    async def add_canned(self, actor: Actor, shortcut: str, title: RawText, text: RawText) -> Canned:
        """Keep an answer ready.

        Raises:
            InvalidInput: the shortcut is taken, there are too many, or see the gate.
            RedactionUnavailable: see the gate.
        """
        if len(await self._store.canned()) >= MOST:
            raise InvalidInput(fields={"shortcut": "too_many"})
        await self._settings.require_key(actor, shortcut, "shortcut")
        canned = Canned(new_id(), shortcut, _NO_TEXT, _NO_TEXT, actor.account_id, self._clock())
        return await self._keep(actor, canned, title, text)

    async def change_canned(
        self, actor: Actor, canned_id: str, shortcut: str | None, title: RawText | None, text: RawText | None
    ) -> Canned:
        """Change one; what is None stays.

        Raises:
            NotFound: there is none.
            InvalidInput, RedactionUnavailable: see `add_canned`.
        """
        before = await self._canned(canned_id)
        if shortcut is not None and shortcut != before.shortcut:
            await self._settings.require_key(actor, shortcut, "shortcut")
        changed = replace(before, shortcut=shortcut or before.shortcut, by=actor.account_id, updated_at=self._clock())
        return await self._keep(actor, changed, title, text)

    async def _keep(self, actor: Actor, canned: Canned, title: RawText | None, text: RawText | None) -> Canned:
        numbering = Numbering()
        if title is not None:
            canned = replace(canned, title=await self._admitted(actor, title, canned.id, "title", numbering))
        if text is not None:
            canned = replace(canned, text=await self._admitted(actor, text, canned.id, "text", numbering))
        if not await self._store.put_canned(canned):
            raise InvalidInput(fields={"shortcut": "taken"})
        await self._note("desk:canned:kept", actor, canned.id)
        return canned

    async def remove_canned(self, actor: Actor, canned_id: str) -> None:
        """Remove one.

        Raises:
            NotFound: there is none.
        """
        if not await self._store.remove_canned(canned_id):
            raise NotFound
        await self._note("desk:canned:removed", actor, canned_id)

    async def fill(self, actor: Actor, canned_id: str, case_id: str) -> str:
        """Give the text of an answer with its variables filled in, to go on writing in.

        Raises:
            NotFound: there is no such answer, or the actor may not read the conversation.
        """
        canned = await self._canned(canned_id)
        conversation = await self._door.read(actor, case_id)
        return await self._filled(actor, canned, conversation)

    async def _filled(self, actor: Actor, canned: Canned, conversation: Conversation) -> str:
        people = await self._door.people([conversation])
        customer = people.get(conversation.customer_id)
        known = customer is not None and customer.role is not Role.VISITOR
        values = {
            # A visitor's neutral name addresses nobody.
            "customer": customer.display_name if customer is not None and known else "",
            "agent": actor.display_name,
            # What has no subject is called by its number: the sentence around it goes on as it was meant.
            "subject": conversation.subject.value if conversation.subject is not None else f"#{conversation.number}",
            "number": str(conversation.number),
        }
        return filled(canned.text.value, values)

    async def _canned(self, canned_id: str) -> Canned:
        for canned in await self._store.canned():
            if canned.id == canned_id:
                return canned
        raise NotFound

    # --- macros ----------------------------------------------------------------------------------------------------

    async def macros(self) -> list[Macro]:
        """Give all macros, by title."""
        return sorted(await self._store.macros(), key=lambda item: (item.title.value.casefold(), item.id))

    async def put_macro(
        self, actor: Actor, macro_id: str | None, title: RawText | None, steps: Sequence[Step] | None
    ) -> Macro:
        """Make a macro, or change one; what is None stays.

        Raises:
            NotFound: there is none.
            InvalidInput: a step lacks what it needs, there are too many macros, or see the gate.
            RedactionUnavailable: see the gate.
        """
        known = {macro.id: macro for macro in await self._store.macros()}
        if macro_id is None:
            if len(known) >= MOST or title is None or steps is None:
                raise InvalidInput(fields={"title": "too_many" if len(known) >= MOST else "required"})
            macro = Macro(new_id(), _NO_TEXT, (), actor.account_id, self._clock())
        elif macro_id in known:
            macro = replace(known[macro_id], by=actor.account_id, updated_at=self._clock())
        else:
            raise NotFound
        if steps is not None:
            macro = replace(macro, steps=tuple([await self._checked(step) for step in steps]))
        if title is not None:
            macro = replace(macro, title=await self._admitted(actor, title, macro.id, "title", Numbering()))
        await self._store.put_macro(macro)
        await self._note("desk:macro:kept", actor, macro.id)
        return macro

    async def _checked(self, step: Step) -> Step:
        """A step with what it needs and nothing else. What it names is there: it holds no word of somebody's own.

        Raises:
            InvalidInput: it lacks what it needs, or there is no such thing.
        """
        needed = _NEEDS.get(step.kind)
        if needed is None:
            return Step(step.kind)
        value = getattr(step, needed)
        if value is None:
            raise InvalidInput(fields={"steps": "malformed"})
        known = True
        if needed == "canned_id":
            known = any(canned.id == value for canned in await self._store.canned())
        elif needed == "label":
            known = value in self._settings.now.labels
        elif needed == "agent_id" and value not in {ME, QUEUE}:
            known = can_be_assigned(await self._agents.role_of(value))
        if not known:
            raise InvalidInput(fields={"steps": "not_allowed"})
        return _only(step, needed)

    async def remove_macro(self, actor: Actor, macro_id: str) -> None:
        """Remove one.

        Raises:
            NotFound: there is none.
        """
        if not await self._store.remove_macro(macro_id):
            raise NotFound
        await self._note("desk:macro:removed", actor, macro_id)

    async def run(self, actor: Actor, case_id: str, macro_id: str, client_id: str) -> tuple[int, str | None]:
        """Do a macro's steps in a case. What was said once is not said again under the same `client_id`.

        Returns:
            How many steps were done, and the code of what stopped it, or None.

        Raises:
            NotFound: there is no such macro or case.
        """
        macro = next((item for item in await self._store.macros() if item.id == macro_id), None)
        if macro is None:
            raise NotFound
        await self._door.listed(actor, case_id)
        await self._note("desk:macro:run", actor, case_id, macro_id)
        for index, step in enumerate(macro.steps):
            try:
                await self._do(actor, case_id, step, f"{client_id[:48]}-m{index}")
            except DomainError as error:
                return index, error.code
        return len(macro.steps), None

    async def _do(self, actor: Actor, case_id: str, step: Step, client_id: str) -> None:
        match step.kind:
            case StepKind.ANSWER:
                canned = await self._canned(step.canned_id or "")
                conversation = await self._door.written(actor, case_id)
                text = RawText(await self._filled(actor, canned, conversation))
                await self._chat.send(actor, case_id, client_id, text)
            case StepKind.LABEL | StepKind.UNLABEL:
                await self._handling.label(actor, case_id, step.label or "", on=step.kind is StepKind.LABEL)
            case StepKind.PRIORITY:
                await self._handling.change(actor, case_id, CaseWish(priority=step.priority))
            case StepKind.SNOOZE:
                until = self._clock() + timedelta(hours=step.hours or 1)
                await self._handling.change(actor, case_id, CaseWish(snoozed_until=until))
            case StepKind.ASSIGN:
                await self._handling.assign(actor, case_id, step.agent_id or "me")
            case StepKind.RELEASE:
                await self._custody.release(actor, case_id)
            case StepKind.CLOSE:
                await self._custody.close(actor, case_id)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _admitted(
        self, actor: Actor, typed: RawText, scope: str, name: str, numbering: Numbering
    ) -> RedactedText:
        longest = MAX_SUBJECT if name == "title" else MAX_TEXT
        template = await self._intake.admit(typed, scope=scope, field=name, sender=actor.account_id, max_length=longest)
        return template.fill(numbering).text

    async def _note(self, action: str, actor: Actor, *objects: str) -> None:
        await self._audit.append([AuditEntry(action, actor.account_id, objects, self._clock())])


def _only(step: Step, needed: str) -> Step:
    """The step with the one field that its kind needs."""
    return Step(
        step.kind,
        canned_id=step.canned_id if needed == "canned_id" else None,
        label=step.label if needed == "label" else None,
        priority=step.priority if needed == "priority" else None,
        hours=step.hours if needed == "hours" else None,
        agent_id=step.agent_id if needed == "agent_id" else None,
    )
