"""One run of the embedded engine as a child process: start, wait until it answers, stop.

The engine is GPL-2.0: it is only ever a separate program that is spoken to over the wire protocol; never import it.
Its log may quote documents when it meets a fault of its own, so nothing of a line but level and logger is passed on.
"""

import asyncio
import logging
import os
import re
import signal
import sys
import time
from contextlib import suppress
from enum import Enum
from pathlib import Path
from urllib.parse import quote

from server.kernel.errors import Unavailable
from server.storage.directory import DataDirectory
from server.storage.errors import EmbeddedEngineMissing, StoreRefused
from server.storage.mongo import open_client, ping

logger = logging.getLogger(__name__)

PROGRAM = "secantusd-py"
USER = "amanah"
_LAUNCHER = Path(__file__).with_name("launcher.py")
_LOG_LINE = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL) ([\w.]+):")
_POLL_SECONDS = 0.02
# A directory with a long write-ahead log is replayed before the engine answers.
_READY_SECONDS = 120.0
_STOP_SECONDS = 30.0
_CHUNK = 65_536


class StartResult(Enum):
    """How a start ended."""

    READY = "ready"
    PORT_TAKEN = "port taken"
    DIRECTORY_BUSY = "directory busy"
    FAILED = "failed"


def find_program() -> Path:
    """The engine's program beside this interpreter.

    Raises:
        EmbeddedEngineMissing: the extra is not installed.
    """
    program = Path(sys.executable).parent / PROGRAM
    if not program.is_file():
        raise EmbeddedEngineMissing(
            f"{PROGRAM} is not installed beside {sys.executable}: install the extra `embedded` "
            "(pip install 'amanah[embedded]') or set AMANAH_MONGO_URL"
        )
    return program


def engine_url(port: int, password: str | None) -> str:
    """The address of the engine on this machine, with what durability needs (retryable writes slow it down)."""
    access = f"{USER}:{quote(password, safe='')}@" if password else ""
    login = "authSource=admin&authMechanism=SCRAM-SHA-256&" if password else ""
    options = "directConnection=true&retryWrites=false&w=majority&journal=true&maxPoolSize=32"
    return f"mongodb://{access}127.0.0.1:{port}/?{login}{options}"


class Engine:
    """One child process.

    Args:
        directory: where its files are.
        port: loopback port to listen on.
        cache_mb: its page cache, in MiB.
        password: of the user it must ask for; None starts it without access control, to make that user.
    """

    def __init__(self, directory: DataDirectory, *, port: int, cache_mb: int, password: str | None) -> None:
        self._directory = directory
        self._port = port
        self._cache_mb = cache_mb
        self._password = password
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._seen = StartResult.FAILED

    @property
    def url(self) -> str:
        """Where it answers."""
        return engine_url(self._port, self._password)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    async def start(self) -> StartResult:
        """Start it and wait until it accepts the credentials.

        Raises:
            EmbeddedEngineMissing: the program is not there.
        """
        command = self._command(find_program())
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(self._directory),
            # Its own session: Ctrl-C at a terminal reaches us alone, and we end it after our last write.
            start_new_session=True,
        )
        self._reader = asyncio.create_task(self._read_log(self._process), name="engine-log")
        if await self._answers():
            return StartResult.READY
        await self.stop()
        return self._seen

    async def wait(self) -> int:
        """Wait for its end.

        Returns:
            The exit status; negative for a signal.
        """
        if self._process is None:
            return 0
        status = await self._process.wait()
        if self._reader is not None:
            await self._reader
        return status

    async def stop(self) -> None:
        """Ask it to close its files, and kill it if it has not within 30 s. Harmless when it has ended."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self.wait(), _STOP_SECONDS)
        except TimeoutError:
            logger.warning("the embedded store did not stop in %d s and is killed", _STOP_SECONDS)
            self._process.kill()
            await self.wait()

    def kill(self) -> None:
        """End it at once. What it acknowledged is in its journal. Harmless when it has ended."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def _command(self, program: Path) -> list[str]:
        arguments = {
            "--config": str(self._directory.engine_config),
            "--host": "127.0.0.1",
            "--port": str(self._port),
            "--storage-path": str(self._directory.engine_home),
            "--cache-size": f"{self._cache_mb}M",
            "--noop-heartbeat-seconds": "10",
            "--oplog-retention-seconds": "86400",
            "--oplog-max-entries": "200000",
            "--log-level": "WARNING",
        }
        command = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), str(program)]
        command += [word for pair in arguments.items() for word in pair]
        # Without it acknowledged writes are lost on kill -9 (ADR 0003).
        command.append("--sync-on-commit")
        if self._password is not None:
            command.append("--auth")
        return command

    async def _answers(self) -> bool:
        """Poll the port until it takes connections, then prove by the credentials that it is this engine's."""
        until = time.monotonic() + _READY_SECONDS
        while self.pid is not None and time.monotonic() < until:
            if await _accepts(self._port):
                break
            await asyncio.sleep(_POLL_SECONDS)
        while self.pid is not None and time.monotonic() < until:
            client = open_client(self.url, embedded=True)
            try:
                await ping(client)
                return self.pid is not None
            except Unavailable:
                await asyncio.sleep(_POLL_SECONDS)
            except StoreRefused:
                logger.warning("the embedded store does not accept its password")
                return False
            finally:
                client.close()
        return False

    async def _read_log(self, process: asyncio.subprocess.Process) -> None:
        """Keep the pipe empty; remember why a start failed; report levels, never the words."""
        if process.stderr is None:
            return
        rest = b""
        while chunk := await process.stderr.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-_CHUNK:]
            for line in lines:
                self._note(line.decode("utf-8", "replace"))

    def _note(self, line: str) -> None:
        if "Address already in use" in line:
            self._seen = StartResult.PORT_TAKEN
        elif "already being managed by another process" in line:
            self._seen = StartResult.DIRECTORY_BUSY
        elif origin := log_origin(line):
            logger.warning("embedded store: %s from %s", *origin)


def kill_orphans(directory: DataDirectory) -> int:
    """Kill the engines of servers that are gone. Only for who holds the directory's lock: then there is no other.

    What they acknowledged is in their journal, so nothing is lost. Where there is no `/proc` none is found.

    Returns:
        How many there were.
    """
    ours = f"--storage-path\0{directory.engine_home}\0".encode()
    killed = 0
    for process in Path("/proc").glob("[0-9]*"):
        # It may have ended meanwhile, or be somebody else's.
        with suppress(OSError):
            if ours in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
    return killed


def log_origin(line: str) -> tuple[str, str] | None:
    """Level and logger of a line of the engine's log: all of it that may be passed on.

    Returns:
        None for anything but the head of a warning or an error.
    """
    match = _LOG_LINE.match(line)
    return (match.group(1), match.group(2)) if match else None


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _environment(directory: DataDirectory) -> dict[str, str]:
    """What the child may see: nothing of ours, so no key or password reaches it."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ") if name in os.environ}
    return {**inherited, "HOME": str(directory.root), "SECANTUS_CHECKPOINT_SECONDS": "30", "PYTHONUNBUFFERED": "1"}
