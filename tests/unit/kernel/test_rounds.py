"""Work that is remembered by name: all of it is done, some at a time, and again after the store was away."""

import asyncio
from collections.abc import Sequence

from server.kernel.errors import Unavailable
from server.kernel.rounds import Rounds


async def test_all_is_done_some_at_a_time_and_once() -> None:
    done: list[list[str]] = []

    async def work(names: Sequence[str]) -> None:
        done.append(list(names))

    rounds = Rounds(work, 2)
    rounds.remember(["a", "b", "c", "a"])
    rounds.start(name="uji")
    await rounds.settle()
    assert done == [["a", "b"], ["c"]]
    rounds.remember(["d"])
    await rounds.close()
    assert done[-1] == ["d"], "what waits is done before it ends"


async def test_what_failed_for_want_of_the_store_is_left_when_its_owner_closes() -> None:
    """It stands elsewhere, and is done at the next start."""
    asked = asyncio.Event()

    async def work(_: Sequence[str]) -> None:
        asked.set()
        raise Unavailable

    rounds = Rounds(work, 2)
    rounds.remember(["a"])
    rounds.start(name="uji")
    await asked.wait()
    await rounds.close()
    await rounds.settle()


async def test_other_work_is_asked_for_without_names() -> None:
    left = [3]
    seen: list[Sequence[str]] = []

    async def work(names: Sequence[str]) -> None:
        seen.append(names)
        left[0] -= 1

    rounds = Rounds(work, 2, lambda: left[0] > 0)
    rounds.start(name="uji")
    rounds.remember()
    await rounds.settle()
    assert (left, [list(names) for names in seen]) == ([0], [[], [], []])
    await rounds.close()
