"""The data directory of one machine: who owns it, the engine's password and address. No database code here."""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.private_files import PRIVATE_DIRECTORY, PRIVATE_FILE, replace_private
from server.storage.errors import DataDirectoryInUse, ForeignDirectory, NoData


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The paths inside a data directory, and the small private files among them.

    Args:
        root: made with mode 0700 when absent. The mode of one that exists is left alone (it may be shared on purpose);
            what is made inside is private anyway.
    """

    root: Path

    @property
    def lock(self) -> Path:
        """Held by the one server that owns the directory."""
        return self.root / "amanah.lock"

    @property
    def audit_anchor(self) -> Path:
        """Made by every server, also by one that has its store elsewhere."""
        return self.root / "audit.anchor"

    @property
    def engine_home(self) -> Path:
        """The engine's files."""
        return self.root / "store"

    @property
    def engine_config(self) -> Path:
        """An empty file: without one the engine reads others in the working directory and in /etc."""
        return self.root / "store.toml"

    @property
    def engine_password(self) -> Path:
        """There only when the engine knows the user with this password."""
        return self.root / "store.password"

    @property
    def engine_port(self) -> Path:
        """The loopback port of the engine, while a server holds the lock."""
        return self.root / "store.port"

    @property
    def used(self) -> bool:
        """Whether a server has kept data by it: has a store in it, or an audit trail in a store elsewhere."""
        return self.engine_password.exists() or self.audit_anchor.exists()

    def make(self) -> None:
        """Create what is missing."""
        self.root.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        self.engine_home.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
        self.engine_home.chmod(PRIVATE_DIRECTORY)
        replace_private(self.engine_config, b"")

    def read_password(self) -> str | None:
        """The engine's password, or None when the engine has no user yet."""
        return _read_text(self.engine_password)

    def read_port(self) -> int | None:
        """The engine's port as last written, or None."""
        text = _read_text(self.engine_port)
        return int(text) if text and text.isdecimal() else None


def require_own(root: Path) -> None:
    """Refuse to work on the data directory of another user: files made there would be closed to its server.

    Raises:
        ForeignDirectory: it is another user's.
    """
    directory = DataDirectory(root)
    for made in (directory.lock, directory.audit_anchor):
        # One that can't even be looked at says so itself when it is opened.
        with suppress(OSError):
            owner = made.stat().st_uid
            if owner != os.geteuid():
                raise ForeignDirectory(f"the data directory {root} is that of user {owner}: run this as that user")


def require_used(root: Path) -> None:
    """Refuse a data directory without data: what only looks at data would find an empty store, and all in order.

    Raises:
        NoData: no server has kept anything by it.
    """
    if not DataDirectory(root).used:
        raise NoData(f"there is no data in AMANAH_DATA_DIR={root}: is it the right folder?")


class DirectoryLock:
    """Says that one server owns a data directory. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock without waiting.

        Raises:
            DataDirectoryInUse: another process has it.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise DataDirectoryInUse(f"another server is using the data directory {self._path.parent}") from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def held_elsewhere(self) -> bool:
        """Whether some process holds the lock now."""
        try:
            self.acquire()
        except DataDirectoryInUse:
            return True
        self.release()
        return False


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text("ascii").strip() or None
    except FileNotFoundError:
        return None
