"""Waiting for news."""

import asyncio

import pytest

from server.kernel.waiting import news_within


@pytest.mark.parametrize("turns", range(5))
async def test_a_cancellation_that_comes_with_news_is_not_swallowed(turns: int) -> None:
    """Whichever of the two is seen first: whoever closes waits for the task's end."""
    news = asyncio.Event()
    rounds = 0

    async def work() -> None:
        nonlocal rounds
        while rounds < 2:
            news.clear()
            await news_within(news, 3_600)
            rounds += 1

    task = asyncio.create_task(work())
    for _ in range(3):
        await asyncio.sleep(0)
    news.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    ended = task.cancelled()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ended
