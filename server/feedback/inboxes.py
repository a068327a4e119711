"""Which item stands in which of staff's lists. Pure."""

from datetime import datetime

from server.feedback.model import Item, Sight, State, Visibility
from server.feedback.reading import Inbox, InboxQuery, is_open


def fits(item: Item, query: InboxQuery, me: str, now: datetime) -> bool:
    """Whether an item stands in a list.

    Args:
        item: it.
        query: the list, and what else is asked of its items.
        me: account of who looks.
        now: the present moment.
    """
    return _stands_in(item, query.inbox, me, now) and _has(item, query)


def _stands_in(item: Item, inbox: Inbox, me: str, now: datetime) -> bool:
    if inbox is Inbox.ALL:
        return True
    if not is_open(item):
        return False
    # What moderators have to look at first is theirs.
    waits = item.sight is Sight.HELD and item.visibility is Visibility.PUBLIC
    if inbox is Inbox.HELD:
        return waits and item.author_id is None
    if inbox is Inbox.NEW:
        return not item.triaged and item.state is State.RECEIVED and not (waits and item.author_id is None)
    if inbox is Inbox.MINE:
        return item.assignee_id == me
    if inbox is Inbox.WAITING:
        return item.state is State.WAITING
    if inbox is Inbox.OVERDUE:
        return item.due is not None and item.due <= now
    return True


def _has(item: Item, query: InboxQuery) -> bool:
    return (
        (query.kind is None or item.kind is query.kind)
        and (query.area is None or (item.area or "") == query.area)
        and (query.tag is None or query.tag in item.tags)
        and (query.state is None or item.state is query.state)
        and (query.priority is None or item.priority is query.priority)
        and (query.assignee_id is None or (item.assignee_id or "") == query.assignee_id)
    )
