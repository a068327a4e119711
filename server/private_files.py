"""Small files that only their owner may read, written so that a crash leaves the old one or the new one, whole.

Must not know what is in them.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

PRIVATE_FILE: Final = 0o600
PRIVATE_DIRECTORY: Final = 0o700


def replace_private(path: Path, content: bytes) -> None:
    """Write a file, or replace the one that is there.

    Raises:
        OSError: it can't be written; what was there is there.
    """
    temporary = _written_beside(path, content)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _keep_name(path)


def create_private(path: Path, content: bytes) -> bool:
    """Write a file where there is none, with the folders above it.

    Returns:
        False when there is one already, or somebody was quicker; it is left as it is.

    Raises:
        OSError: it can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
    temporary = _written_beside(path, content)
    try:
        # Unlike a rename a link never replaces, and unlike a file just opened it is never seen half-written.
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    _keep_name(path)
    return True


@contextmanager
def held(path: Path, *, shared: bool = False) -> Iterator[bool]:
    """Hold a lock file without waiting for it; the kernel lets go of it when the process ends, however it ends.

    Args:
        path: made when absent, with the folders above it.
        shared: whether others may hold it at once that also only share it.

    Yields:
        False when somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        taken = False
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            taken = True
        yield taken
    finally:
        os.close(descriptor)


def _written_beside(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _keep_name(path: Path) -> None:
    """See to it that the folder on the disk knows the file."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
