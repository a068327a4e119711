"""Waiting for news in tasks that are cancelled to end them. Must not know whose news it is."""

import asyncio
from contextlib import suppress


async def news_within(news: asyncio.Event, seconds: float | None) -> None:
    """Wait until there is news, or for so long; a cancellation always comes through.

    Not `asyncio.wait_for`: until Python 3.12 it swallows a cancellation that comes together with what it waits for,
    and then whoever waits for the task's end waits for good.

    Args:
        news: is set when there is some.
        seconds: at most; None for as long as it takes.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()
