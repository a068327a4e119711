"""Feedback that is there already: items of any day, as the server's own store writes them."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from server.feedback.model import Item, Kind, Sight, default_visibility
from server.feedback.store import MongoItemStore
from server.kernel.ids import new_id
from server.kernel.text import Numbering, template_of
from server.markup import render


async def given(store: MongoItemStore, at: datetime, kind: Kind = Kind.COMPLAINT, **changes: Any) -> Item:
    """Give feedback at a moment; give the item.

    Args:
        store: of items.
        at: when.
        kind: what it is.
        changes: other fields of it.
    """
    text = template_of(["Struk kemarin tidak keluar dari mesin kasir."]).fill(Numbering()).text
    item = Item(
        id=new_id(),
        number=await store.next_number(),
        kind=kind,
        title=text,
        text=text,
        hidden=(),
        redactions=(),
        html=render(text),
        visibility=default_visibility(kind),
        sight=Sight.SHOWN,
        author_id=None,
        created_at=at,
        changed_at=at,
        change=await store.next_change(),
    )
    item = replace(item, **changes)
    assert await store.insert_item(item, sha256(item.id.encode()).digest()[:16], {})
    return item
