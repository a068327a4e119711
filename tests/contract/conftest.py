"""What contract suites share."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from nlp.pool import RedactorPool
from server.audit.store import AUDIT_COLLECTIONS
from server.storage.mongo import Client, Database
from server.storage.schema import apply
from tests.harness.correcting import Chat, running_chat, store_conversation
from tests.harness.trail_house import House


@pytest.fixture
async def target(mongo_client: Client) -> AsyncIterator[Database]:
    """A second fresh database, to restore into."""
    name = f"amanah_test_{uuid4().hex}"
    yield mongo_client[name]
    await mongo_client.drop_database(name)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Where an archive goes."""
    return tmp_path / "all.amanah"


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """An audit trail, empty."""
    await apply(database, AUDIT_COLLECTIONS)
    house = House(database, tmp_path)
    yield house
    await house.parts.trail.close()


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[RedactorPool]:
    """The redactor, in one worker."""
    redactor = RedactorPool(workers=1, deadline_s=30)
    await redactor.start()
    yield redactor
    await redactor.close()


@pytest.fixture
async def stored(database: Database, pool: RedactorPool) -> Database:
    """A database with one conversation, whose subject is `perihal jendela`."""
    await store_conversation(database, pool)
    return database


@pytest.fixture
async def chat(stored: Database, pool: RedactorPool) -> AsyncIterator[Chat]:
    """What corrects, running on it."""
    async with running_chat(stored, pool) as running:
        yield running
