"""The redactor's speed: beside bare `nlp.pipe` of the same pipeline, Presidio and lokal-id, in one run, on one thread.

    python -m bench.redaction [--messages 1024] [--rounds 5] [--without-peers]

Rounds alternate, so that a slow moment of the machine hits all of them. The peers run in a process and a Python of
their own (`bench/peers.py`); `make bench` installs them. All figures are CPU time of one thread: on a free core that is
wall time, on a busy one wall time tells of the others.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.chat import TEXTS
from nlp.pool import RedactorPool
from nlp.redactor import Redactor
from nlp.workerlink import ONE_THREAD

_BATCH = 32
_SINGLE = 200
"""Messages a round that are timed one by one."""
_TICK_S = 0.001
_PEERS_PYTHON = Path(__file__).parents[1] / ".venv" / "peers" / "bin" / "python"
_PEERS = ("presidio", "lokal-id")


class Peers:
    """The process in which the peers run. A context manager."""

    def __init__(self) -> None:
        command = [str(_PEERS_PYTHON), str(Path(__file__).with_name("peers.py"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.presidio: str = self._answer()["presidio"]

    def __enter__(self) -> "Peers":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def seconds(self, peer: str, texts: Sequence[str]) -> list[float]:
        """Give the CPU seconds of each text."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"peer": peer, "texts": list(texts)}) + "\n")
        self._process.stdin.flush()
        seconds: list[float] = self._answer()["cpu"]
        return seconds

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peers ended with status {self._process.wait()}")
        return json.loads(line)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Give the CPU seconds of this process for some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def batches(texts: Sequence[str]) -> list[Sequence[str]]:
    """Cut texts into batches of 32."""
    return [texts[first : first + _BATCH] for first in range(0, len(texts), _BATCH)]


def measure(messages: int, rounds: int, peers: Peers | None) -> str:
    """Measure and give the figures as lines."""
    load = cpu_seconds(Redactor.load)
    redactor = Redactor.load()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # A number in each text keeps caches of whole texts, if there are any, from answering.
    texts = [f"{TEXTS[index % len(TEXTS)]} {index}" for index in range(messages)]
    groups = batches(texts)
    whole: list[float] = []
    bare: list[float] = []
    single: dict[str, list[float]] = {"amanah": [], **{peer: [] for peer in _PEERS if peers}}
    for turn in range(rounds + 1):
        whole.append(cpu_seconds(lambda: [redactor.find(group) for group in groups]) / messages)
        bare.append(
            cpu_seconds(lambda: [list(redactor.pipeline.pipe(group, batch_size=_BATCH)) for group in groups]) / messages
        )
        some = [texts[(turn * _SINGLE + step) % messages] for step in range(_SINGLE)]
        spent = {"amanah": [cpu_seconds(lambda text=text: redactor.find([text])) for text in some]}
        spent |= {peer: peers.seconds(peer, some) for peer in _PEERS if peers}
        if turn:  # the first round warms up
            for name, seconds in spent.items():
                single[name] += seconds
    ratio = statistics.median(b / w for w, b in zip(whole[1:], bare[1:], strict=True))
    middle = statistics.median(whole[1:])
    lines = [
        f"batches of {_BATCH}: {1 / middle:.0f} messages/s a core, {middle * 1000:.2f} CPU ms a message",
        f"bare nlp.pipe:  {1 / statistics.median(bare[1:]):.0f} messages/s a core; the whole is {ratio:.2f} of it",
        f"load {load:.1f} CPU s, memory after loading {memory:.0f} MiB",
        "one message at a time, CPU ms: p50, p95, p99; p95 of ours in parts of it",
    ]
    ours = part(single["amanah"], 95)
    for name, seconds in single.items():
        p50, p95, p99 = (part(seconds, percent) * 1000 for percent in (50, 95, 99))
        lines.append(f"  {name:9}{p50:8.2f}{p95:8.2f}{p99:8.2f}   1/{part(seconds, 95) / ours:.1f}")
    if peers:
        lines.append(f"  (presidio-analyzer with {peers.presidio})")
    return "\n".join(lines)


async def stalls(messages: int) -> str:
    """Measure how long an event loop is held up while texts cross to the workers, beside how long it is without."""
    texts = [f"{TEXTS[index % len(TEXTS)]} {index}" for index in range(messages)]
    pool = RedactorPool(workers=1, deadline_s=10.0)
    await pool.start()
    try:
        idle = await _late(asyncio.sleep(2.0))
        busy = await _late(_feed(pool, iter(texts)))
    finally:
        await pool.close()
    rows = [
        f"  {name:9}{part(late, 50) * 1000:8.2f}{part(late, 99) * 1000:8.2f}{part(late, 100) * 1000:8.2f}"
        for name, late in (("idle", idle), ("busy", busy))
    ]
    return "\n".join(
        ("a timer of the event loop is late, ms: p50, p99, most (32 texts in flight to one worker)", *rows)
    )


async def _late(work: Awaitable[object]) -> list[float]:
    """Give how late a timer of one millisecond was, each time, while some work is done."""
    late: list[float] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        due = time.perf_counter() + _TICK_S
        await asyncio.sleep(_TICK_S)
        late.append(max(0.0, time.perf_counter() - due))
    await task
    return late


async def _feed(pool: RedactorPool, texts: Iterator[str]) -> None:
    async def one_after_the_other() -> None:
        for text in texts:
            await pool.find(text)

    await asyncio.gather(*(one_after_the_other() for _ in range(_BATCH)))


def part(values: Sequence[float], percent: int) -> float:
    """Give the value below which so many per cent lie."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def main() -> None:
    """Run with one thread for small matrices, as the workers do."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        command = [sys.executable, "-m", "bench.redaction", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=False).returncode)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args()
    sys.stdout.write(asyncio.run(stalls(4 * options.messages)) + "\n")
    if options.without_peers:
        sys.stdout.write(measure(options.messages, options.rounds, None) + "\n")
        return
    if not _PEERS_PYTHON.exists():
        sys.exit("the peers are not installed: make bench installs them; --without-peers does without")
    with Peers() as peers:
        sys.stdout.write(measure(options.messages, options.rounds, peers) + "\n")


if __name__ == "__main__":
    main()
