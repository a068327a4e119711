"""What is left of an item whose words, or whose sender, go: for erasures and for retention alike. Pure."""

from dataclasses import replace

from server.feedback.model import Item, Rating
from server.kernel.text import ERASED_TITLE, UNSAID
from server.markup import render


def unsaid(item: Item) -> Item:
    """Give an item that says nothing any more, neither its sender's words nor what was made of them."""
    return replace(
        item,
        title=ERASED_TITLE,
        text=UNSAID,
        hidden=(),
        redactions=(),
        html=render(UNSAID),
        page=None,
        tags=(),
        proposal=None,
        rating=_stars(item.rating),
    )


def unlinked(item: Item) -> Item:
    """Give an item that says no more who sent it."""
    return replace(
        item,
        author_id=None,
        page=None,
        files=(),
        rating=_stars(item.rating),
        history=tuple(replace(step, by=None) if step.by == item.author_id else step for step in item.history),
    )


def _stars(rating: Rating | None) -> Rating | None:
    """Give how content somebody was, without their words."""
    return Rating(rating.stars, None, (), rating.at) if rating else None
