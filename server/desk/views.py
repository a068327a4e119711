"""The desk's things in their wire form. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from server.chat.model import Conversation, View
from server.chat.schemas import RedactionOut, conversation_out, person
from server.desk import clocks
from server.desk.agents import Agent
from server.desk.lists import Counted
from server.desk.model import Case, Filter, Note, Row, SavedView
from server.desk.office import Canned, Macro, Step
from server.desk.office_schemas import (
    DeskAgentOut,
    DeskCannedOut,
    DeskLabel,
    DeskPolicy,
    DeskSettings,
    MacroOut,
    MacroStep,
)
from server.desk.schemas import CaseItem, CaseOut, CasePromise, CaseView, NoteOut, ViewFilter
from server.desk.settings import LabelInfo, Settings
from server.kernel.actor import Actor


def case_out(case: Case, now: datetime, *, reads: bool) -> CaseOut:
    """Give a case.

    Args:
        case: which.
        now: for how it stands with promises.
        reads: whether its receiver may read the conversation.
    """
    promises = [
        CasePromise(
            aim=aim.value,
            timing=clocks.timing(hand, now),
            due_at=None if hand.met_at is not None or hand.left is not None else hand.due_at,
            met_at=hand.met_at,
        )
        for aim, hand in case.clock.hands.items()
    ]
    return CaseOut(
        id=case.id,
        labels=list(case.labels),
        priority=case.priority,
        snoozed_until=case.snoozed_until,
        first_response_at=case.first_response_at,
        closed_at=case.closed_at,
        rating=case.rating if reads else None,
        merged_into=case.merged_into,
        split_from=case.split_from,
        promises=promises,
        notes=case.notes if reads else None,
        feedback_id=case.feedback_id if reads else None,
        feedback_asked=case.asked,
    )


def item_out(row: Row, people: Mapping[str, Actor], view: View, viewer_id: str, now: datetime) -> CaseItem:
    """Give a conversation and its case, as much as its receiver sees."""
    return CaseItem(
        conversation=conversation_out(row.conversation, people, view, viewer_id),
        case=case_out(row.case, now, reads=view is not View.ROW),
    )


def note_out(note: Note, authors: Mapping[str, Actor]) -> NoteOut:
    """Give a note."""
    return NoteOut(
        id=note.id,
        conversation_id=note.conversation_id,
        number=note.number,
        after_seq=note.after_seq,
        author=person(authors.get(note.author_id), note.author_id),
        text=note.text.value,
        redactions=[RedactionOut(placeholder=item.placeholder, label=item.label) for item in note.redactions],
        created_at=note.created_at,
    )


def filter_out(wanted: Filter) -> ViewFilter:
    """Give what a saved view shows."""
    return ViewFilter(
        status=None if wanted.status is None else wanted.status.value,
        assignee=wanted.assignee,
        label=wanted.label,
        priority=wanted.priority,
        waiting=wanted.waiting,
        snoozed=wanted.snoozed,
        sort=wanted.sort,
    )


def view_out(counted: Counted, account_id: str) -> CaseView:
    """Give a view with its count."""
    if counted.saved is None:
        return CaseView(
            id=counted.id, built_in=True, name=None, filter=None, shared=True, own=False, count=counted.count
        )
    return saved_out(counted.saved, counted.count, account_id)


def saved_out(view: SavedView, count: int | None, account_id: str) -> CaseView:
    """Give a saved view."""
    return CaseView(
        id=view.id,
        built_in=False,
        name=view.name.value,
        filter=filter_out(view.filter),
        shared=view.shared,
        own=view.owner_id == account_id,
        count=count,
    )


def canned_out(canned: Canned) -> DeskCannedOut:
    """Give a ready answer."""
    return DeskCannedOut(
        id=canned.id,
        shortcut=canned.shortcut,
        title=canned.title.value,
        text=canned.text.value,
        updated_at=canned.updated_at,
    )


def macro_out(macro: Macro) -> MacroOut:
    """Give a macro."""
    return MacroOut(
        id=macro.id,
        title=macro.title.value,
        steps=[_step_out(step) for step in macro.steps],
        updated_at=macro.updated_at,
    )


def _step_out(step: Step) -> MacroStep:
    return MacroStep(
        kind=step.kind,
        canned_id=step.canned_id,
        label=step.label,
        priority=step.priority,
        hours=step.hours,
        agent_id=step.agent_id,
    )


def steps_of(steps: Sequence[MacroStep]) -> list[Step]:
    """Read the steps of a macro."""
    return [Step(item.kind, item.canned_id, item.label, item.priority, item.hours, item.agent_id) for item in steps]


def agent_out(agent: Agent) -> DeskAgentOut:
    """Give an agent."""
    return DeskAgentOut(
        id=agent.desk.account_id,
        display_name=agent.display_name,
        status=agent.desk.status,
        online=agent.online,
        skills=sorted(agent.desk.skills),
        capacity=agent.desk.capacity,
        load=agent.load,
        waiting=agent.waiting,
    )


def label_out(label: LabelInfo) -> DeskLabel:
    """Give a label."""
    return DeskLabel(
        key=label.key, name=label.name.value, colour=label.colour, skill=label.skill, archived=label.archived
    )


def settings_out(settings: Settings) -> DeskSettings:
    """Give the settings."""
    return DeskSettings(
        policies={
            priority: DeskPolicy(first_response=policy.first_response, resolution=policy.resolution)
            for priority, policy in settings.policies.items()
        },
        warn_at=settings.warn_at,
        escalate_after=list(settings.escalate_after),
        assigning=settings.assigning,
        labels=[label_out(label) for _, label in sorted(settings.labels.items())],
        changed_at=settings.changed_at,
    )


def named(conversations: Sequence[Row]) -> list[Conversation]:
    """Give the conversations of some rows."""
    return [row.conversation for row in conversations]
