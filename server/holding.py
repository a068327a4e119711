"""Collects what every capability keeps of people, in the order of an erasure: accounts last. For `app` only."""

from server.identity import Ground, Identity
from server.kernel.holdings import Holdings


def holdings_of(ground: Ground, identity: Identity) -> tuple[Holdings, ...]:
    """Give all of them.

    Args:
        ground: what they stand on.
        identity: accounts, sessions, visits, mail.
    """
    return (*_of_content(ground), *_of_people(ground, identity))


def _of_content(_ground: Ground) -> tuple[Holdings, ...]:
    """What people wrote and sent: conversations, the desk, files, forms, the forum, search, pictures, moderation."""
    return ()


def _of_people(_ground: Ground, _identity: Identity) -> tuple[Holdings, ...]:
    """What is known of people themselves, and who they are at the very end."""
    return ()
