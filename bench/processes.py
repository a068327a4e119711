"""Start a server, wait for its ready line, and read the CPU time of its whole process tree."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CPU_OF_PROCESS = 2


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is ready.

    Attributes:
        process: its top process.
        url: where it listens.
    """

    process: "subprocess.Popen[str]"
    url: str

    def cpu_seconds(self) -> dict[str, float]:
        """Give user and system seconds so far of the process and all its living descendants, by role."""
        return cpu_seconds(self.process.pid)

    def memory_kib(self) -> int:
        """Give what the top process holds in memory, in KiB."""
        return rss_kib(self.process.pid)

    def ask(self) -> str:
        """Send it an empty line and give the line that it answers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def stop(self) -> None:
        """Ask it to end and wait."""
        self.process.terminate()
        self.process.wait(timeout=40)


def cpu_seconds(pid: int) -> dict[str, float]:
    """Give user and system seconds so far of a process and all its living descendants, by role."""
    seconds: dict[str, float] = {}
    for member in _tree(pid):
        try:
            used = time.clock_gettime(_clock_of(member))
            command = Path(f"/proc/{member}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            # It has ended meanwhile.
            continue
        role = "store" if "secantusd" in command else "redactor" if "nlp.worker" in command else "server"
        seconds[role] = seconds.get(role, 0.0) + used
    return seconds


def _clock_of(pid: int) -> int:
    """Give the clock that counts a process's CPU time in nanoseconds (clock_getcpuclockid(3)); /proc has hundredths."""
    return (~pid << 3) | _CPU_OF_PROCESS


def rss_kib(pid: int) -> int:
    """Give what a process holds in memory, in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def start(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Running:
    """Start `python -m module arguments` and wait until it prints `listening on URL`.

    Raises:
        RuntimeError: it ended before.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("listening on "):
            return Running(process, line.split()[-1])
    raise RuntimeError(f"{module} ended with status {process.wait()}")


def _tree(pid: int) -> Sequence[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for known in found:
        found.extend(children.get(known, []))
    return found
