"""One case in memory: as it is stored, and the steps that were taken since. Pure."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from server.chat.model import Conversation
from server.desk.model import Case, Row
from server.kernel.errors import DomainError

logger = logging.getLogger("amanah.desk")

Make = Callable[[Case], Case]
"""Gives the case after a step; may raise a domain error, and then nothing happens."""


@dataclass(slots=True)
class Entry:
    """One case in memory: as stored, and what was done to it since."""

    conversation: Conversation
    base: Case
    case: Case
    was_open: bool
    """As which it is counted."""
    makes: list[Make] = field(default_factory=list)

    def apply(self, make: Make) -> bool:
        """Take a step; say whether it changed anything."""
        after = make(self.case)
        if after == self.case:
            return False
        self.case = after
        self.makes.append(make)
        return True

    def rebase(self, base: Case, makes: Sequence[Make]) -> None:
        """Begin again from what is stored, with the steps that are not in it."""
        self.base, self.case, self.makes = base, base, []
        for make in makes:
            try:
                self.apply(make)
            except DomainError:
                logger.warning("a step of the desk does not fit any more")

    @property
    def row(self) -> Row:
        """As lists have it."""
        return Row(self.conversation, self.case)


def is_news(before: Case, after: Case) -> bool:
    """Say whether readers see anything new in a case."""
    return before.revision == 0 or _shown(before) != _shown(after)


def _shown(case: Case) -> Case:
    """A case without what nobody is shown."""
    return replace(case, revision=0, holder_id=None, is_open=True, snoozed_seq=0)
