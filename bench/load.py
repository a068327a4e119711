"""Questions in a closed loop, and what they cost: time of each answer, CPU time of the server's whole process tree."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bench.processes import cpu_seconds

IN_FLIGHT = 8
WARM_UP_S = 1.0
_LOOK_S = 3.0
_IDLE = 0.04
"""Of one core: less is what a server uses that only waits."""
Ask = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Round:
    """What one round measured. Seconds throughout.

    Attributes:
        seconds: how long it took.
        cpu: CPU seconds by role of process.
        took: of each answer.
    """

    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds an answer, whole tree."""
        return sum(self.cpu.values()) / len(self.took) * 1000

    @property
    def p95_ms(self) -> float:
        """Milliseconds in which 95 of 100 answers came."""
        return statistics.quantiles(self.took, n=100)[94] * 1000


async def load(pid: int, ask: Ask, seconds: float) -> Round:
    """Ask in a closed loop for some seconds, after a short warm-up."""
    result = Round()

    async def loop(until: float, took: list[float]) -> None:
        while (began := time.perf_counter()) < until:
            await ask()
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(loop(time.perf_counter() + WARM_UP_S, []) for _ in range(IN_FLIGHT)))
    before, began = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(loop(began + seconds, result.took) for _ in range(IN_FLIGHT)))
    result.seconds = time.perf_counter() - began
    result.cpu = {role: value - before.get(role, 0.0) for role, value in cpu_seconds(pid).items()}
    return result


async def once(pid: int, asks: Sequence[Ask]) -> Round:
    """Ask each of some questions once, as many at a time as `load` does and without a warm-up: nobody asked before."""
    result = Round()
    left = iter(asks)

    async def loop() -> None:
        for ask in left:
            began = time.perf_counter()
            await ask()
            result.took.append(time.perf_counter() - began)

    before, began = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(loop() for _ in range(IN_FLIGHT)))
    result.seconds = time.perf_counter() - began
    result.cpu = {role: value - before.get(role, 0.0) for role, value in cpu_seconds(pid).items()}
    return result


async def settled(pid: int) -> float:
    """Wait until a server that has started has nothing left to do by itself; give how many CPU seconds that took."""
    began = used = sum(cpu_seconds(pid).values())
    while True:
        await asyncio.sleep(_LOOK_S)
        now = sum(cpu_seconds(pid).values())
        if now - used < _LOOK_S * _IDLE:
            return now - began
        used = now


def line(name: str, rounds: Sequence[Round]) -> str:
    """Give one row of figures, medians over rounds."""
    rate = statistics.median(item.rate for item in rounds)
    p95 = statistics.median(item.p95_ms for item in rounds)
    cpu = statistics.median(item.cpu_ms for item in rounds)
    last = rounds[-1]
    parts = " ".join(f"{role} {1000 * value / len(last.took):.2f}" for role, value in sorted(last.cpu.items()))
    return f"  {name:<32} {rate:>7.0f}/s  p95 {p95:>7.1f} ms  {cpu:>7.2f} CPU ms ({parts})"
