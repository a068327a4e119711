"""Answers that take the same time whatever was found, for questions that must not tell who has an account."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

STEP_S = 0.25
"""Some hundred times of what the work differs by; a person does not notice it beside a password's hash."""


@asynccontextmanager
async def unhurried(step_s: float = STEP_S) -> AsyncIterator[None]:
    """Let what is done inside take a whole number of steps, also when it fails.

    Work that is not the same for known and unknown addresses differs by a few milliseconds, so all of it ends with the
    first step; a store so slow that it needs more gives away little, as its own moods hide the difference.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        spent = clock() - began
        await asyncio.sleep(math.ceil(spent / step_s) * step_s - spent)
