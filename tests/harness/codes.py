"""Codes of an authenticator app, shown as somebody does who reads them off a clock that goes on meanwhile."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from server.factors.model import code_of, step_of

_Answer = TypeVar("_Answer")


def present_step() -> int:
    """The step that it is now."""
    return step_of(datetime.now(UTC))


async def show_former(
    secret: bytes, show: Callable[[str], Awaitable[_Answer]], is_taken: Callable[[_Answer], bool]
) -> _Answer:
    """Show the code of the step before this one, which leaves this one's for what comes next.

    Where the step ended while the code was on its way, the code was two steps old: then the next one is shown.

    Args:
        secret: the app's.
        show: sends a code.
        is_taken: tells of an answer whether the code was.
    """
    while True:
        step = present_step()
        answer = await show(code_of(secret, step - 1))
        if is_taken(answer) or present_step() == step:
            return answer
