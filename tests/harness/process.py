"""`amanah` as the operator runs it: child processes with a data directory of their own. Replaces nothing in them."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.storage.embedded import running_store_url

PATIENCE_S = 60.0
"""How long a condition may take on a busy machine before a test gives it up. Not a measure of speed."""

STORE_PATIENCE_S = 120.0
"""How long the tests' own client waits for the store: what many tests leave behind at once is dropped one by one."""

_POLL_S = 0.02
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = Path(sys.executable).with_name("amanah")
_READY = "listening on "


async def eventually(
    condition: Callable[[], Awaitable[bool] | bool], what: str, *, patience_s: float = PATIENCE_S
) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it does not within the patience.
    """
    deadline = time.monotonic() + patience_s
    while True:
        answer = condition()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert time.monotonic() < deadline, f"not within {patience_s:.0f} s: {what}"
        await asyncio.sleep(_POLL_S)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left behind."""

    status: int
    output: str
    errors: str


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child: no setting of the machine's, only the given ones.

    A child keeps the bytecode of what it imports, whatever the machine's habit: a suite starts a hundred of them, and
    compiling the project anew takes half of a start.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AMANAH_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **inherited,
        "AMANAH_REDACTOR_WORKERS": "1",
        "AMANAH_TRAINING": "off",
        "AMANAH_REDACTOR_DEADLINE_MS": "15000",
        **settings,
    }


async def started(*arguments: str, settings: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    """Start a command; whoever calls this sees to its end."""
    return await asyncio.create_subprocess_exec(
        _COMMAND,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(settings or {}),
        cwd=_ROOT,
    )


async def amanah(*arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> Finished:
    """Run a command to its end."""
    process = await started(*arguments, settings=settings)
    # Some look through all that a suite has left in its store.
    output, errors = await asyncio.wait_for(process.communicate(stdin), 2 * PATIENCE_S)
    return Finished(process.returncode or 0, output.decode(), errors.decode())


class ServerProcess:
    """One `amanah serve` on the loopback interface.

    Args:
        folder: for this server alone; the data directory and the log are made in it.
        settings: `AMANAH_*` variables.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = folder / "data"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.log_file = folder / "server.log"
        self.settings = dict(settings or {})
        self.port = 0
        self._process: asyncio.subprocess.Process | None = None
        self._read_from = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def store_url(self) -> str:
        """Address of its embedded store, with the credentials."""
        url = running_store_url(self.data_dir)
        assert url is not None
        return url

    def log(self) -> str:
        """Everything that it has printed and logged."""
        return self.log_file.read_text("utf-8", "replace")

    def kept(self) -> dict[str, bytes]:
        """All files of its data directory, by name; not those that go while this looks: the store makes files anew."""
        found: dict[str, bytes] = {}
        for path in self.data_dir.rglob("*"):
            with suppress(FileNotFoundError):
                if path.is_file():
                    found[path.name] = path.read_bytes()
        return found

    async def start(self) -> None:
        """Start it and wait for its ready line. After a stop or a kill: on the same data and port."""
        self._read_from = self.log_file.stat().st_size if self.log_file.exists() else 0
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                _COMMAND,
                "serve",
                "--port",
                str(self.port),
                "--data-dir",
                str(self.data_dir),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env=environment({**self.settings, "TMPDIR": str(self.temporary)}),
                cwd=_ROOT,
            )
        await eventually(self._is_ready, "the server is ready", patience_s=2 * PATIENCE_S)

    def _is_ready(self) -> bool:
        assert self._process is not None
        fresh = self.log_file.read_bytes()[self._read_from :].decode("utf-8", "replace")
        assert self._process.returncode is None, "the server ended while starting:\n" + fresh[-2000:]
        for line in fresh.splitlines(keepends=True):
            if line.startswith(_READY) and line.endswith("\n"):
                self.port = int(line.rpartition(":")[2])
                return True
        return False

    def children(self, word: str) -> list[int]:
        """Process ids of its children whose command line has a word in it."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in found if word in _command_line(int(pid))]

    @property
    def worker_pids(self) -> list[int]:
        """The redactor's worker processes."""
        return self.children("nlp.worker")

    @property
    def engine_pids(self) -> list[int]:
        """The embedded store's process."""
        return self.children("secantusd")

    async def stop(self) -> int:
        """Ask it to end; give the exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), PATIENCE_S)

    async def kill(self) -> None:
        """End it without warning, as `kill -9` does."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def command(self, *arguments: str, stdin: bytes = b"") -> Finished:
        """Run another `amanah` command on its data."""
        return await amanah(*arguments, "--data-dir", str(self.data_dir), stdin=stdin, settings=self.settings)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""
