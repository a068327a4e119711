"""Replaces itself by another program that ends when the process that asked for it ends.

Run as a script (`python -I -S launcher.py PARENT_PID PROGRAM ARGUMENTS...`), never imported. A death signal set before
`exec` stays in force after it, and setting it here needs no code between fork and exec in a process that has threads.
Must not import anything but the standard library.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>; the signal comes when the parent's forking thread ends, by any means


def main(arguments: list[str]) -> int:
    """Arm the death signal and become the program.

    Args:
        arguments: the parent's process id, the program's path, the program's arguments.

    Returns:
        1 when the parent is gone already. Otherwise it does not return.
    """
    parent, program = int(arguments[0]), arguments[1]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        return 1
    os.execv(program, arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
