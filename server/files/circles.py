"""The circles of feedback, by name: files stand in one as those of a conversation stand in that. Pure."""

from typing import Final

FEEDBACK: Final = "feedback."
"""Begins the names of these circles; an id of a conversation has no dot."""

NEW_FEEDBACK: Final = f"{FEEDBACK}new"
"""Where a file waits for what is being written: its sender is the whole circle."""


def of_item(item_id: str) -> str:
    """Give the circle of an item, and of what is written under it."""
    return f"{FEEDBACK}{item_id}"


def item_of(circle_id: str) -> str | None:
    """Give the item of a circle; None where it is none of feedback, or not of an item yet."""
    if circle_id == NEW_FEEDBACK or not circle_id.startswith(FEEDBACK):
        return None
    return circle_id.removeprefix(FEEDBACK)
