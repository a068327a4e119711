"""The base of everything that happened. Concrete events live beside the capability that causes them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and is durable. Named in the past tense; carries redacted text only."""
