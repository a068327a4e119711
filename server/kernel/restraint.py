"""What somebody said must not be done with what is kept of them: an objection, or a restriction of all use.

Sources: UU No. 27/2022, articles 10 and 11 (objection to automated decisions; restriction); GDPR, articles 18, 21, 22.
Nothing here knows where it is kept.
"""

from enum import StrEnum
from typing import Final, Protocol

from server.kernel.errors import NotPermitted

RESTRAINED: Final = "restrained"
"""Reason for which a use is refused."""


class Use(StrEnum):
    """A use that somebody may stop. People read these (`restraint.<value>` in the catalogues)."""

    TRIAGE = "triage"
    """A machine proposes what becomes of their feedback."""
    INSIGHT = "insight"
    """Their texts are counted in what people talk about."""
    ALL = "all"
    """Everything but keeping it and answering them: it contains the others."""


class Restrained(NotPermitted):
    """The person does not want this use."""

    def __init__(self) -> None:
        super().__init__(fields={"person": RESTRAINED})


class Restraints(Protocol):
    """Knows what people have stopped. Answers from memory."""

    def stands(self, person_id: str, use: Use) -> bool:
        """Whether the use is stopped for a person, by itself or with all others."""
        ...

    def require(self, person_id: str, use: Use) -> None:
        """Insist that it is not.

        Raises:
            Restrained: it is.
        """
        ...


class Unrestrained:
    """Fills `Restraints` where nobody can stop anything: a part that runs by itself, for a command or a measurement."""

    def stands(self, _person_id: str, _use: Use) -> bool:
        """See `Restraints`."""
        return False

    def require(self, _person_id: str, _use: Use) -> None:
        """See `Restraints`."""
