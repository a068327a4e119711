"""What is promised for feedback, together with the hours in which it is worked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from server.feedback.policy import Policy
from server.kernel.worktime import Hours


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised, and when it is worked.

    Attributes:
        policy: what.
        hours: when.
    """

    policy: Policy
    hours: Hours

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "Terms":
        """Read `{"policy": {...}, "hours": {...}}`; what is left out is as usual.

        Raises:
            ValueError: a name is not known, or a value can't be used.
        """
        if set(value) - {"policy", "hours"}:
            raise ValueError("there are `policy` and `hours`")
        policy, hours = value.get("policy", {}), value.get("hours", {})
        if not isinstance(policy, Mapping) or not isinstance(hours, Mapping):
            raise ValueError("`policy` and `hours` are objects")  # noqa: TRY004 (whoever reads settings expects it)
        return cls(Policy.parse(policy), Hours.parse(hours))

    @classmethod
    def of_setting(cls, text: str) -> "Terms":
        """Read the setting: JSON, or empty for what is usual.

        Raises:
            ValueError: it can't be used.
        """
        if not text.strip():
            return cls.parse({})
        value = orjson.loads(text)
        if not isinstance(value, Mapping):
            raise ValueError("an object with `policy` and `hours` is expected")  # noqa: TRY004 (likewise)
        return cls.parse(value)

    def document(self) -> dict[str, Any]:
        """Give it as plain values, which `parse` reads."""
        return {"policy": self.policy.document(), "hours": self.hours.document()}
