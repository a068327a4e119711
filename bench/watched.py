"""`amanah`, and beside it a timer that tells how long the event loop kept it waiting. For `bench.crowd` only.

For each line that comes in, a line goes out: JSON with the number of ticks since the line before, and the quantiles of
two lists in milliseconds, `late` by the clock, and `busy`, the processor time of the loop's own thread between two
ticks: other work on the machine makes a tick late, but busy is only the loop itself.
"""

import asyncio
import functools
import json
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from server import app

P = ParamSpec("P")
Run = Callable[P, Coroutine[Any, Any, None]]

_TICK_S = 0.001


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    shares = {"p50": 0.5, "p99": 0.99, "p999": 0.999, "max": 1.0}
    return {name: round(ordered[int((len(ordered) - 1) * share)] * 1000, 2) for name, share in shares.items()}


async def _tick(late: list[float], busy: list[float]) -> None:
    while True:
        due, used = time.perf_counter() + _TICK_S, time.thread_time()
        await asyncio.sleep(_TICK_S)
        late.append(time.perf_counter() - due)
        busy.append(time.thread_time() - used)


def watched(serve: Run[P]) -> Run[P]:
    """Give the same with the timer beside it."""

    @functools.wraps(serve)
    async def around(*args: P.args, **kwargs: P.kwargs) -> None:
        late: list[float] = []
        busy: list[float] = []

        def told() -> None:
            if sys.stdin.readline():
                print(json.dumps({"ticks": len(late), "late": _quantiles(late), "busy": _quantiles(busy)}), flush=True)
                late.clear()
                busy.clear()

        asyncio.get_running_loop().add_reader(sys.stdin, told)
        ticking = asyncio.create_task(_tick(late, busy))
        try:
            await serve(*args, **kwargs)
        finally:
            ticking.cancel()

    return around


if __name__ == "__main__":
    app.serve = watched(app.serve)
    # Only now, for it takes what serves by name.
    from server.__main__ import main

    sys.exit(main())
