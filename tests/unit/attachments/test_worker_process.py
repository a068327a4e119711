"""What runs a worker: it believes no more than the form of what comes back, and ends what writes on and on.

The workers here are a module of Python's own that copies what it reads (`quopri`).
"""

from server.worker_process import WorkerProcess

_MIB = 1024 * 1024


def _copying(most_out: int = _MIB) -> WorkerProcess:
    return WorkerProcess("quopri", deadline_s=300, most_out=most_out)


async def test_a_line_and_what_comes_after_it() -> None:
    """The line is read, the bytes are left as they are."""
    assert await _copying().work(b'{"lengths": [4]}\nsisa') == ({"lengths": [4]}, b"sisa")


async def test_what_says_too_much_says_nothing() -> None:
    """Its process is ended instead of kept in memory."""
    said = b'{"lengths": [4]}\n' + b"huruf\n" * 100_000
    answer = await _copying().work(said)
    assert answer is not None
    assert len(answer[1]) == 600_000
    assert await _copying(most_out=300_000).work(said) is None


async def test_what_has_another_form_says_nothing() -> None:
    """No JSON, no object, no process."""
    for said in (b"", b"bukan\n", b"[1, 2]\nsisa", b"\xff\xfe\n"):
        assert await _copying().work(said) is None
    assert await WorkerProcess("server.no_such_worker", deadline_s=300, most_out=_MIB).work(b"{}\n") is None


async def test_what_takes_too_long_is_ended() -> None:
    """Whatever it was doing."""
    assert await WorkerProcess("quopri", deadline_s=0, most_out=_MIB).work(b"{}\n") is None
