"""Rows of lists as JSON, kept until anything that they show is another. Must not know who may see what."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic_core import to_json

from server.chat.model import Conversation, View
from server.chat.names import ids_in
from server.chat.schemas import conversation_out
from server.kernel.actor import Actor

_KEPT: Final = 5_000
"""Each is about a kilobyte."""

_Names = tuple[Actor | None, ...]


class Rows:
    """What was written last of each conversation.

    Args:
        kept: how many at most.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._known: OrderedDict[tuple[str, View, str], tuple[Conversation, _Names, bytes]] = OrderedDict()

    def page(
        self,
        listed: Sequence[tuple[Conversation, View]],
        people: Mapping[str, Actor],
        viewer_id: str,
        next_cursor: str | None,
    ) -> bytes:
        """Give what `ConversationPage` gives as JSON.

        Args:
            listed: conversations, and how much of each is seen.
            people: those of `shown_in` them, for display.
            viewer_id: for whom unread messages are counted.
            next_cursor: where the list goes on.
        """
        rows = b",".join([self._of(item, view, people, viewer_id) for item, view in listed])
        return b'{"items":[' + rows + b'],"next_cursor":' + to_json(next_cursor) + b"}"

    def forget(self) -> None:
        """Keep nothing: something of it was erased."""
        self._known.clear()

    def _of(self, conversation: Conversation, view: View, people: Mapping[str, Actor], viewer_id: str) -> bytes:
        # A row of the queue is the same for everybody.
        key = (conversation.id, view, "" if view is View.ROW else viewer_id)
        names = tuple(people.get(account_id) for account_id in shown_in(conversation, view))
        known = self._known.get(key)
        if known is not None and known[0] is conversation and known[1] == names:
            self._known.move_to_end(key)
            return known[2]
        body = conversation_out(conversation, people, view, viewer_id).model_dump_json().encode()
        self._known[key] = conversation, names, body
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
        return body


def shown_in(conversation: Conversation, view: View) -> Sequence[str]:
    """Give the accounts whose names are seen in a row: of what one does not take part in, who has it."""
    if view is not View.ROW:
        return sorted(ids_in(conversation))
    return (conversation.assignee_id,) if conversation.assignee_id else ()
