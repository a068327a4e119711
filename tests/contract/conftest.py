"""What contract suites share."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from server.storage.mongo import Client, Database


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
