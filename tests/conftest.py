"""Fixtures that several suites share. The store is always a real one: the embedded engine, or the MongoDB of
`AMANAH_TEST_MONGO_URL`.
"""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # pytest-xdist ships no types

from server.storage.embedded import EmbeddedStore
from server.storage.mongo import Client, Database, open_client
from tests.harness.people import World
from tests.harness.process import STORE_PATIENCE_S, ServerProcess

MONGO_URL = "AMANAH_TEST_MONGO_URL"

# How long an example takes, to make or to try, says something of the machine and nothing of the code: `bench/` has the
# speed.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


_TOGETHER = {
    "tests/e2e/": "browser",
    "tests/realtime/test_failures.py": "limited",
    "tests/http/test_command_line.py": "limited",
    "tests/security/test_access_exceptions.py": "limited",
}
"""Files whose tests share a server that one process starts once; every other file stands for itself."""

_LONGEST_FIRST = ("tests/e2e/", "tests/realtime/test_chaos.py", *_TOGETHER, "tests/privacy/")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known also to a run without pytest-xdist, and keep bytecode for the next process that tests."""
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    config.addinivalue_line("markers", "xdist_group(name): tests that run in the same process (pytest-xdist)")


class ByServer(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Keeps the tests of a file, or of files that share a server, in one process.

    pytest-xdist 3.8's own `loadgroup` has no effect under pytest 9.2, which no longer reads the node ids it changes.
    """

    def _split_scope(self, nodeid: str) -> str:
        shared = (group for start, group in _TOGETHER.items() if nodeid.startswith(start))
        return next(shared, str(super()._split_scope(nodeid)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByServer:
    """Whatever `--dist` says."""
    config.option.loadscopereorder = False
    return ByServer(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that the processes end together."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST_FIRST))


@pytest.fixture(scope="session")
def embedded() -> bool:
    """Whether the suite runs on the embedded engine."""
    return MONGO_URL not in os.environ


@pytest.fixture(scope="session")
async def mongo_url(embedded: bool, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Address of a store with its credentials: one embedded engine per test process, or the given MongoDB."""
    if not embedded:
        yield os.environ[MONGO_URL]
        return
    store = EmbeddedStore(tmp_path_factory.mktemp("store"), cache_mb=128)
    try:
        yield await store.start()
    finally:
        await store.stop()


@pytest.fixture(scope="session")
async def mongo_client(mongo_url: str, embedded: bool) -> AsyncIterator[Client]:
    """One client per test process."""
    client = open_client(mongo_url, embedded=embedded, socket_timeout_s=STORE_PATIENCE_S)
    yield client
    client.close()


@pytest.fixture
async def database(mongo_client: Client) -> AsyncIterator[Database]:
    """A fresh database; its name is `database.name`."""
    name = f"amanah_test_{uuid4().hex}"
    yield mongo_client[name]
    await mongo_client.drop_database(name)


@pytest.fixture(scope="session")
def source_root() -> Path:
    """The folder that the packages are in."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
async def browserless() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client that keeps no cookies and opens as many connections as it is asked to."""
    # One connection a request: a server may close one after a refusal, just when the next request goes out on it.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    # Long: the access matrix asks thousands of things at once, and each of hundreds of officers is told of some.
    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout
    ) as session:
        yield session


@pytest.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """The real server with its own embedded store and without rate limits; one per test process."""
    server = ServerProcess(tmp_path_factory.mktemp("server"), {"AMANAH_LIMITS": "off"})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def world(running: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    """That server, and the making of fresh people for one test."""
    async with World(running, browserless) as world:
        yield world


@pytest.fixture(scope="session")
async def limited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server as it is delivered, with its rate limits, which tests may kill, stop and start again.

    Whoever uses it stands in `_TOGETHER` and leaves it running.
    """
    server = ServerProcess(tmp_path_factory.mktemp("limited"))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def strict(limited: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    """That server, and the making of fresh people for one test."""
    async with World(limited, browserless) as world:
        yield world
