"""Short keys of what authors name themselves. Pure."""

import hashlib
import os


def client_key(author_id: str, client_id: str | None) -> bytes:
    """Give one short key for an author's own id of a post or a topic; a random one where they gave none."""
    if client_id is None:
        return os.urandom(16)
    return hashlib.sha256(f"{author_id}\0{client_id}".encode()).digest()[:16]
