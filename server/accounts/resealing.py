"""Moving accounts from one key for all to a key for each: what the first migration does to them.

Until then every name and address was sealed under a key derived from the master key. Safe to repeat at any point.
"""

import logging
from collections.abc import Sequence
from typing import Final

from server.kernel.ports import PersonSealer
from server.keyring import Keyring, KeyringError, Sealer
from server.storage.mongo import Database, Document, translate_errors
from server.storage.slices import raw, slices

logger = logging.getLogger(__name__)

_SEALED: Final = (("name", "accounts/name"), ("email", "accounts/email"))
_LOOKED_AT: Final = 20


async def find_first_root(database: Database, candidates: Sequence[Keyring]) -> Keyring | None:
    """Find the keys that the accounts of an older version were sealed with.

    Args:
        database: of that version.
        candidates: what could be.

    Returns:
        None when there are no accounts.

    Raises:
        KeyringError: there are accounts, and no candidate opens them.
    """
    async with translate_errors():
        some = await database["accounts"].find({}).limit(_LOOKED_AT).to_list(None)
    for ring in candidates:
        if any(_opened(ring.sealer("accounts"), document, "name") is not None for document in some):
            return ring
    if some:
        raise KeyringError("the accounts were sealed with another master key: put back the one they were made with")
    return None


async def reseal_accounts(database: Database, root: Keyring, sealer: PersonSealer) -> int:
    """Seal names and addresses anew, each account's under a key of its own. No server works on the database.

    Args:
        database: of an older version, or one in which this was begun.
        root: the keys that they were sealed with.
        sealer: the new way.

    Returns:
        How many accounts were changed.
    """
    changed = damaged = 0
    old = root.sealer("accounts")
    async for piece in slices(raw(database, "accounts"), None):
        for item in piece:
            document: Document = dict(item)
            fields: Document | None = {}
            if await sealer.make_key(document["_id"]) or not await _is_done(sealer, document):
                fields = await _resealed(old, sealer, document)
            if fields:
                async with translate_errors():
                    await database["accounts"].update_one({"_id": document["_id"]}, {"$set": fields})
                changed += 1
            elif fields is None:
                damaged += 1
    if damaged:
        logger.error("%d accounts do not open with the master key and are left as they are", damaged)
    return changed


async def _is_done(sealer: PersonSealer, document: Document) -> bool:
    try:
        await sealer.open(document["_id"], _SEALED[0][1], document["name"])
    except KeyringError:
        return False
    return True


async def _resealed(old: Sealer, sealer: PersonSealer, document: Document) -> Document | None:
    """What to store in place of what is sealed the old way; None when that does not open."""
    fields: Document = {}
    for stored, field in _SEALED:
        if stored in document:
            value = _opened(old, document, stored)
            if value is None:
                return None
            fields[stored] = await sealer.seal(document["_id"], field, value)
    return fields


def _opened(old: Sealer, document: Document, stored: str) -> str | None:
    try:
        return old.open(document[stored], f"{document['_id']}/{stored}")
    except KeyringError:
        return None
