"""Connections are not turned away by a limit that is there for other programs."""

import resource
from collections.abc import Iterator

import pytest

from server.open_files import allow_connections


@pytest.fixture(autouse=True)
def _limit() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_all_that_the_machine_allows_is_taken() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    allow_connections()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)


def test_few_are_told_of(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The limit itself is not lowered here: nobody but root could raise it again."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    allow_connections()
    assert ["256 files may be open" in record.getMessage() for record in caplog.records] == [True]
