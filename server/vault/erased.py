"""The list of those whose keys were destroyed, in a file beside the master key: what no restored backup can undo.

One opaque account id a line, only ever appended to. Must not hold anything else about a person.
"""

import os
from pathlib import Path
from typing import Final

from server.private_files import PRIVATE_DIRECTORY, PRIVATE_FILE

_END: Final = b"\n"


class ErasedFile:
    """Reads the list and adds to it.

    Args:
        path: made with mode 0600 at the first addition.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> list[str]:
        """Give all ids, oldest first. A line that a crash cut off is none: its addition was never confirmed.

        Raises:
            OSError: the file is there and can't be read.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        *lines, _ = content.split(_END)
        return [line.decode("ascii", "replace") for line in lines]

    def add(self, account_id: str) -> None:
        """Add an id; on the disk when this returns.

        Raises:
            OSError: it can't be written.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != _END
            os.write(descriptor, (_END if torn else b"") + account_id.encode("ascii") + _END)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
