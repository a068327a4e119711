"""The embedded store: one engine per data directory, kept alive, behind a password, stopped cleanly.

Owns the directory for as long as it runs. Must not know what is stored in it.
"""

import asyncio
import logging
import secrets
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from server.private_files import replace_private
from server.storage.directory import DataDirectory, DirectoryLock
from server.storage.engine import USER, Engine, StartResult, engine_url, find_program, kill_orphans
from server.storage.errors import DataDirectoryInUse, EngineStartFailed, StorageError
from server.storage.mongo import has_failed, open_client, translate_errors

logger = logging.getLogger(__name__)

_ORPHAN_SECONDS = 30.0
_ORPHAN_PATIENCE_SECONDS = 10.0
"""How long the engine of a killed server may take to close its files before it is killed too."""

_ORPHAN_PAUSE_SECONDS = 0.5
_PORT_ATTEMPTS = 10
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_STEADY_SECONDS = 30.0
_PULSE_SECONDS = 2.0


def running_store_url(data_dir: Path) -> str | None:
    """The address of the store that a server is running on this directory now, for other commands on the machine.

    Returns:
        None when no server owns the directory, or its engine has not started yet.
    """
    directory = DataDirectory(data_dir)
    if not directory.lock.exists() or not DirectoryLock(directory.lock).held_elsewhere():
        return None
    port, password = directory.read_port(), directory.read_password()
    return engine_url(port, password) if port and password else None


class EmbeddedStore:
    """Runs the engine on a data directory.

    When the engine dies, or lives and can't work with its files any more, it is started again on the same port with
    the same password, so clients reconnect by themselves. When this process dies, even by kill -9, the kernel tells
    the engine to close its files and end.

    Args:
        data_dir: made when absent, mode 0700.
        cache_mb: the engine's page cache, in MiB.
        on_restart: is told of each time that the engine has to be started again.
    """

    def __init__(self, data_dir: Path, *, cache_mb: int = 512, on_restart: Callable[[], None] = lambda: None) -> None:
        self._directory = DataDirectory(data_dir)
        self._lock = DirectoryLock(self._directory.lock)
        self._cache_mb = cache_mb
        self._port = 0
        self._password: str | None = None
        self._engine: Engine | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._restarts = 0
        self._on_restart = on_restart

    @property
    def engine_pid(self) -> int | None:
        """The engine's process id while it runs."""
        return self._engine.pid if self._engine else None

    @property
    def restarts(self) -> int:
        """How often the engine had to be started again."""
        return self._restarts

    async def start(self) -> str:
        """Take the directory and start the engine.

        Must be called in the thread that lives as long as the process: the engine ends with it.

        Returns:
            A MongoDB URL with the credentials in it. Never log it.

        Raises:
            DataDirectoryInUse: another server has the directory.
            EmbeddedEngineMissing: the engine is not installed.
            EngineStartFailed: the engine does not come up.
        """
        find_program()
        self._directory.make()
        self._lock.acquire()
        try:
            self._password = self._directory.read_password() or await self._introduce_user()
            self._engine = await self._start_engine(self._password)
            if await _evict_strangers(self._engine):
                # A connection that one of them holds open ends with the engine.
                await self._engine.stop()
                self._engine = await self._start_engine(self._password)
            replace_private(self._directory.engine_port, str(self._port).encode("ascii"))
        except BaseException:
            if self._engine is not None:
                await self._engine.stop()
                self._engine = None
            self._lock.release()
            raise
        self._supervisor = asyncio.create_task(self._supervise(self._engine), name="engine-supervisor")
        return self._engine.url

    async def stop(self) -> None:
        """Stop the engine cleanly and let go of the directory. Harmless when not started."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervisor
            self._supervisor = None
        if self._engine is not None:
            await self._engine.stop()
            self._engine = None
        self._lock.release()

    async def _introduce_user(self) -> str:
        """First start: the engine can make a user only while it asks for none, so it runs once without.

        The password file is written when the user exists, so a crash in between only makes this happen again.
        """
        password = secrets.token_urlsafe(32)
        engine = await self._start_engine(None)
        try:
            client = open_client(engine.url, embedded=True)
            try:
                async with translate_errors():
                    known = await client.admin.command({"usersInfo": 1})
                    command = "updateUser" if any(user["user"] == USER for user in known["users"]) else "createUser"
                    roles = [{"role": "root", "db": "admin"}]
                    await client.admin.command({command: USER, "pwd": password, "roles": roles})
            finally:
                client.close()
        finally:
            await engine.stop()
        replace_private(self._directory.engine_password, password.encode("ascii"))
        return password

    async def _start_engine(self, password: str | None) -> Engine:
        """Start on a free port; wait while the engine of a killed server is still closing the files."""
        began = time.monotonic()
        attempts = 0
        while True:
            self._port = _free_port()
            engine = Engine(self._directory, port=self._port, cache_mb=self._cache_mb, password=password)
            try:
                result = await engine.start()
            except BaseException:
                await engine.stop()
                raise
            if result is StartResult.READY:
                return engine
            if result is StartResult.DIRECTORY_BUSY:
                waited = time.monotonic() - began
                if waited > _ORPHAN_SECONDS:
                    raise DataDirectoryInUse(f"an engine is still using the data directory {self._directory.root}")
                if waited > _ORPHAN_PATIENCE_SECONDS and kill_orphans(self._directory):
                    logger.warning("the engine of a server that is gone did not end by itself and was killed")
                await asyncio.sleep(_ORPHAN_PAUSE_SECONDS)
                continue
            attempts += 1
            if result is not StartResult.PORT_TAKEN or attempts >= _PORT_ATTEMPTS:
                raise EngineStartFailed(f"the embedded store did not start: {result.value}")

    async def _supervise(self, engine: Engine) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            status = await self._end_of(engine)
            if time.monotonic() - started > _STEADY_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            logger.error("the embedded store ended with status %d; starting it again in %.1f s", status, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            self._restarts += 1
            self._on_restart()
            engine = Engine(self._directory, port=self._port, cache_mb=self._cache_mb, password=self._password)
            self._engine = engine
            try:
                if await engine.start() is StartResult.READY:
                    logger.warning("the embedded store is back")
            except (OSError, StorageError) as error:
                logger.warning("the embedded store could not be started: %s", type(error).__name__)

    async def _end_of(self, engine: Engine) -> int:
        """Wait until an engine ends, and end it when it has failed within; give its exit status."""
        pulse = asyncio.create_task(self._feel_pulse(engine), name="engine-pulse")
        try:
            return await engine.wait()
        finally:
            pulse.cancel()
            with suppress(asyncio.CancelledError):
                await pulse

    async def _feel_pulse(self, engine: Engine) -> None:
        """End an engine that has failed within: once a write to its disk has failed, only a new start helps it."""
        client = open_client(engine.url, embedded=True)
        try:
            while True:
                if await has_failed(client):
                    break
                await asyncio.sleep(_PULSE_SECONDS)
        finally:
            client.close()
        free = shutil.disk_usage(self._directory.root).free >> 20
        logger.error("the embedded store can't work with its files and is ended; the disk has %d MiB free", free)
        engine.kill()


async def _evict_strangers(engine: Engine) -> bool:
    """Remove every user but ours, and say whether there was one.

    In the moment without access control another user of the machine can have made one.
    """
    client = open_client(engine.url, embedded=True)
    try:
        async with translate_errors():
            users = await client.admin["system.users"].find({}).to_list(None)
            strangers = [user for user in users if (user["user"], user["db"]) != (USER, "admin")]
            for user in strangers:
                await client[user["db"]].command({"dropUser": user["user"]})
    finally:
        client.close()
    if strangers:
        logger.error("removed %d users from the embedded store that this server had not made", len(strangers))
    return bool(strangers)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
