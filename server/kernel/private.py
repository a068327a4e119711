"""A value that somebody types into a sealed form: what is meant to identify them, and must be nowhere but sealed.

It does not pass the gate, for the gate would take it out. From the moment a request is parsed until it is sealed it is
a `PrivateValue`, which can't be printed, compared or written down by accident. Only `server.sealed` discloses one
(`tests/architecture` reads the sources to make sure).
"""

from typing import Annotated, Any, Final, NoReturn

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

MAX_VALUE: Final = 500
"""Code points. The longest is a note for a courier."""


class PrivateValue:
    """What was typed into a field. `repr` does not even show how long it is."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def disclose(self) -> str:
        """Give what was typed. For the sealed store only."""
        return self._value

    def __repr__(self) -> str:
        return "<PrivateValue>"

    def __str__(self) -> NoReturn:
        raise TypeError("PrivateValue does not become a str; it is sealed")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("PrivateValue does not become a str; it is sealed")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("PrivateValue is never copied or serialised")


def _build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(PrivateValue, core_schema.str_schema(max_length=MAX_VALUE))


TypedValue = Annotated[PrivateValue, GetPydanticSchema(_build)]
"""A value of a sealed field: 0 to 500 code points. A `PrivateValue` from the moment it is parsed."""
