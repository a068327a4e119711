"""The redactor's speed: all of it beside bare `nlp.pipe` of the same pipeline, in one run, on one thread.

    python -m bench.redaction [--messages 1024] [--rounds 5]

Rounds alternate, so that a slow moment of the machine hits both. CPU time, not wall time.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from bench.chat import TEXTS
from nlp.redactor import Redactor
from nlp.workerlink import ONE_THREAD

_BATCH = 32


def cpu_seconds(work: Callable[[], object]) -> float:
    """Give the CPU seconds of this process for some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def batches(texts: Sequence[str]) -> list[Sequence[str]]:
    """Cut texts into batches of 32."""
    return [texts[first : first + _BATCH] for first in range(0, len(texts), _BATCH)]


def measure(messages: int, rounds: int) -> str:
    """Measure and give the figures as lines."""
    load = cpu_seconds(Redactor.load)
    redactor = Redactor.load()
    # A number in each text keeps caches of whole texts, if there are any, from answering.
    texts = [f"{TEXTS[index % len(TEXTS)]} {index}" for index in range(messages)]
    groups = batches(texts)
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(rounds + 1):
        whole.append(cpu_seconds(lambda: [redactor.find(group) for group in groups]) / messages)
        bare.append(
            cpu_seconds(lambda: [list(redactor.pipeline.pipe(group, batch_size=_BATCH)) for group in groups]) / messages
        )
    ratio = statistics.median(b / w for w, b in zip(whole[1:], bare[1:], strict=True))
    single = sorted(cpu_seconds(lambda text=text: redactor.find([text])) for text in texts[:400])
    middle = statistics.median(whole[1:])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return "\n".join(
        (
            f"batches of {_BATCH}: {1 / middle:.0f} messages/s a core, {middle * 1000:.2f} CPU ms a message",
            f"bare nlp.pipe:  {1 / statistics.median(bare[1:]):.0f} messages/s a core; the whole is {ratio:.2f} of it",
            f"one by one: p50 {_part(single, 50):.2f}, p95 {_part(single, 95):.2f}, p99 {_part(single, 99):.2f} CPU ms",
            f"load {load:.1f} CPU s, peak memory {memory:.0f} MiB",
        )
    )


def _part(values: Sequence[float], percent: int) -> float:
    return values[min(len(values) - 1, len(values) * percent // 100)] * 1000


def main() -> None:
    """Run with one thread for small matrices, as the workers do."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        command = [sys.executable, "-m", "bench.redaction", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=False).returncode)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sys.stdout.write(measure(options.messages, options.rounds) + "\n")


if __name__ == "__main__":
    main()
