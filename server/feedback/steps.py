"""How an item looks after a step of its handling: state, history and clock together. Pure."""

from dataclasses import replace
from datetime import datetime

from server.feedback.model import MOST_HISTORY, Item, Priority, State, Step
from server.feedback.ports import ClockKeeper


def moved(item: Item, to: State, at: datetime, by: str | None, clocks: ClockKeeper) -> Item:
    """Give an item that came to another state; whether it may is the caller's affair.

    The first step stays in the history, whatever comes after it.
    """
    history = (*item.history, Step(to, at, by))
    if len(history) > MOST_HISTORY:
        history = (history[0], *history[1 - MOST_HISTORY :])
    after = replace(item, state=to, history=history, changed_at=at)
    if item.clock is None:
        return after
    clock = clocks.follow(item.clock, item.kind, item.state, to, at)
    return replace(after, clock=clock, due=clocks.due(clock))


def prioritised(item: Item, priority: Priority, at: datetime, clocks: ClockKeeper) -> Item:
    """Give an item that is wanted at another pace."""
    after = replace(item, priority=priority)
    if item.clock is None:
        return after
    clock = clocks.reprioritise(item.clock, item.kind, priority, at)
    return replace(after, clock=clock, due=clocks.due(clock))
