"""The checkpoints as a file beside the embedded store, one signed note behind another: ready to be handed out.

Only ever appended to. Whoever can change the store alone can't take a checkpoint back unseen.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from server.audit.note import notes_in

_PRIVATE_FILE = 0o600


class CheckpointFile:
    """Reads the file and appends to it.

    Args:
        path: made with mode 0600 when it is first written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[str] | None:
        """Give the notes in it, None when there is no file."""
        try:
            return notes_in(self._path.read_bytes().decode("utf-8", "replace"))
        except FileNotFoundError:
            return None

    def append(self, expected: int, notes: Sequence[str]) -> bool:
        """Append notes, if as many are there as expected; several processes may try at once.

        Returns:
            False when there are more or fewer.

        Raises:
            OSError: it can't be written.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _PRIVATE_FILE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if len(self.read() or ()) != expected:
                return False
            os.write(descriptor, "".join(f"{note}\n" for note in notes).encode())
            os.fsync(descriptor)
            return True
        finally:
            os.close(descriptor)
