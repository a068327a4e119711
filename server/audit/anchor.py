"""The anchor as a small file beside the embedded store: who can change the store alone can't shorten the trail unseen.

Rewritten in place, in one write that is shorter than a disk sector, after each block; never backwards, whichever of
several processes on the same folder comes last. Must not be ahead of the store.
"""

import fcntl
import os
from pathlib import Path

from server.audit.model import Anchor

_VERSION = "amanah-audit-anchor-1"
_PRIVATE_FILE = 0o600
_LENGTH = 192


class AnchorFile:
    """Reads and writes the file.

    Args:
        path: made with mode 0600 when it is first written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def read(self) -> Anchor | None:
        """What the file says.

        Returns:
            None when there is no file. An anchor that is not genuine when its content is not readable.
        """
        try:
            return _anchor(self._path.read_bytes())
        except FileNotFoundError:
            return None

    def write(self, anchor: Anchor) -> None:
        """Replace what the file says, unless that is further.

        Raises:
            OSError: it can't be written.
        """
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
        line = f"{_VERSION} {anchor.number} {anchor.mac} {anchor.seal}".ljust(_LENGTH - 1) + "\n"
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            if _anchor(os.pread(self._descriptor, _LENGTH, 0)).number <= anchor.number:
                os.pwrite(self._descriptor, line.encode("ascii"), 0)
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file, with what it says on the disk."""
        if self._descriptor is not None:
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None


def _anchor(content: bytes) -> Anchor:
    words = content.decode("ascii", "replace").split()
    if len(words) == 4 and words[0] == _VERSION and words[1].isascii() and words[1].isdecimal():
        return Anchor(int(words[1]), words[2], words[3])
    return Anchor(0, "", "")
