"""How a post's text is written down: the fields that an edit replaces. Pure."""

from typing import Any

from server.forum.model import Post


def text_fields(post: Post) -> dict[str, Any]:
    """Give the fields that an edit writes."""
    return {
        "text": post.text.value,
        "hidden": [[hidden.label.value, hidden.digest, number] for hidden, number in post.hidden],
        "html": post.html.value,
        "mentions": list(post.mentions),
        "quotes": list(post.quotes),
    }


def contact_fields(post: Post) -> dict[str, Any]:
    """Give what marks the contacts that a post shows; nothing where it shows none, for then the field is to go."""
    return {"contacts": list(post.contacts)} if post.contacts else {}
