"""What of a change other programs are told, read off an item before and after it. Pure.

It is stored with the change itself, in the list of what is still to be told: a crash loses none of it.
"""

from typing import Final

from server.feedback.model import Item, State

EVENT: Final = "event"
"""Begins what is told to programs, in the list where reasons to tell people stand too: `event:7:changed:received`."""
GIVEN: Final = f"{EVENT}:0:given"


def announced(before: Item, after: Item) -> list[str]:
    """Give what happened: `event:REVISION:WHAT`, or `event:REVISION:WHAT:DETAIL`.

    The item's revision tells apart what happens twice, for what was told is taken out of the list by its words.
    `changed` names the former state, `merged` the other item and, where it was taken out again, says `undone`.
    """
    found: list[str] = []
    if before.state is not after.state:
        if after.state is State.MERGED:
            found.append(f"merged:{after.merged_into}")
        elif before.state is State.MERGED:
            found.append(f"merged:{before.merged_into}:undone")
        else:
            found.append(f"changed:{before.state.value}")
    if before.sight is not after.sight:
        found.append("shown")
    if after.response is not None and after.response != before.response:
        found.append("answered")
    if after.changelog is not None and after.changelog != before.changelog:
        found.append("published")
    if after.rating is not None and after.rating != before.rating:
        found.append("rated")
    return [f"{EVENT}:{after.revision}:{what}" for what in found]
