"""Builds what takes images in and serves them. For `app` only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.attachments.service import Attachments
from server.attachments.store import MongoAttachmentStore
from server.attachments.workshop import Workshop
from server.identity import Ground
from server.people.service import People


@asynccontextmanager
async def open_attachments(ground: Ground, people: People) -> AsyncIterator[Attachments]:
    """Build and start it.

    Args:
        ground: what it stands on.
        people: knows who may attach images.
    """
    attachments = Attachments(
        MongoAttachmentStore(ground.database),
        Workshop(),
        people,
        ground.keyring,
        ground.audit,
        ground.limiter,
        ground.clock,
    )
    await attachments.start()
    try:
        yield attachments
    finally:
        await attachments.close()
