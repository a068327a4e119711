"""Names in addresses that differ from test to test and pass the gate."""

from itertools import count

# Each process has its own store. Letters and digits of chance would now and then look like somebody's number.
_numbers = count(1)


def another(word: str) -> str:
    """Give a slug that begins with a word and that no other test of this process has."""
    return f"{word}-{next(_numbers)}"
