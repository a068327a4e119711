"""What staff may ask to become of an item, and what that makes of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from server.feedback.admission import show
from server.feedback.model import Item, Priority, Response, State, Visibility
from server.feedback.ports import Told
from server.kernel.actor import Actor
from server.kernel.text import NumberedText, RawText

_ANSWERS: Final = frozenset({State.RECEIVED, State.ACKNOWLEDGED, State.IN_PROGRESS, State.WAITING})
"""From where the official answer takes an item on to `ANSWERED` of itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of an item; what is None stays.

    Attributes:
        state: to which state.
        priority: how soon.
        assignee_id: who handles it; an empty text for nobody.
        area: key of a product area; an empty text for none.
        tags: words under which it is found.
        visibility: whom it is for; staff may only close what was open, or open what nobody is known to have sent.
        response: the official answer.
        changelog: what was changed because of it, for everybody.
    """

    state: State | None = None
    priority: Priority | None = None
    assignee_id: str | None = None
    area: str | None = None
    tags: Sequence[RawText] | None = None
    visibility: Visibility | None = None
    response: RawText | None = None
    changelog: RawText | None = None


def state_after(found: Item, change: Change) -> State | None:
    """Give the state that a change brings an item to; None where it stays."""
    if change.state is not None or change.response is None:
        return change.state
    return State.ANSWERED if found.state in _ANSWERS else None


def placed(item: Item, change: Change, tags: tuple[str, ...] | None) -> Item:
    """Give an item with what a change says of who has it, where it belongs and whom it is for."""
    if change.assignee_id is not None:
        item = replace(item, assignee_id=change.assignee_id or None)
    if change.area is not None:
        item = replace(item, area=change.area or None)
    if tags is not None:
        item = replace(item, tags=tags)
    if change.visibility is not None:
        item = replace(item, visibility=change.visibility)
    return item


def response_of(numbered: NumberedText, actor: Actor, now: datetime) -> Response:
    """Give an official text of staff's."""
    return Response(numbered.text, numbered.hidden, show(numbered.text), actor.account_id, now)


def said(change: Change) -> dict[str, int]:
    """What was changed, for the trail: names only."""
    fields = {
        "state": change.state,
        "priority": change.priority,
        "assignee": change.assignee_id,
        "area": change.area,
        "tags": change.tags,
        "visibility": change.visibility,
        "response": change.response,
        "changelog": change.changelog,
    }
    return {name: 1 for name, value in fields.items() if value is not None}


def told_of(item: Item, change: Change, actor: Actor) -> list[str]:
    """Of what its readers are to be told: the weightiest alone, and the new assignee."""
    told: list[str] = []
    if change.changelog is not None:
        told.append(Told.CHANGELOG)
    elif change.response is not None:
        told.append(Told.ANSWER)
    elif change.state is not None and change.state is not item.state:
        told.append(Told.STATE)
    if change.assignee_id and change.assignee_id != item.assignee_id:
        told.append(Told.ASSIGNED)
    return [f"{why}:{actor.account_id}" for why in told]
