"""What the access tests call things by: in paths, and in the payloads of events."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from server.kernel.text import Numbering, RedactedText, template_of
from tests.harness.people import Person

NOBODYS = "0" * 24


@dataclass(frozen=True, slots=True)
class Thing:
    """What an operation is called with.

    Attributes:
        path: variables of the path.
        payload: fields of an event that name it.
    """

    path: Mapping[str, str]
    payload: Mapping[str, str]


def text_of(words: str) -> RedactedText:
    """A text that passed the gate."""
    return template_of((words,)).fill(Numbering()).text


class Names(dict[str, str]):
    """What a path may call a thing: whatever is not said otherwise is its id."""

    def __init__(self, thing_id: str, **others: str) -> None:
        super().__init__(others)
        self._thing_id = thing_id

    def __missing__(self, name: str) -> str:
        return self._thing_id


def named(thing_id: str, *, account_id: str = NOBODYS, seq: str = "1") -> Thing:
    """Name a thing under every name that a path or an event has for it."""
    return Thing(Names(thing_id, account_id=account_id, seq=seq), {"conversation_id": thing_id})


Maker = Callable[[Person], Awaitable[Thing]]
"""Makes a thing for its owner."""
