"""Holds what hooks are sent back where it identifies somebody who has not permitted it (promise T1).

Texts of public items are redacted; here they are looked at a second time when they are sent, as everything that leaves
is. Ids and states are told in any case.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from server.kernel.errors import RedactionUnavailable
from server.kernel.publishing import PublicationGate, PublicUse
from server.kernel.text import Numbering, template_of
from server.webhooks.delivering import Contents
from server.webhooks.model import EventType

_NO_TEXT: Final = frozenset({"url"})
WITHHELD: Final = "withheld"

Concerned = Callable[[str], Awaitable[Collection[str]]]
"""Subject of an event -> the accounts that it is from."""


class GuardedContents:
    """Fills `delivering.Contents`.

    Args:
        contents: knows the texts.
        gate: everything passes it.
        concerned: whose texts they are.
    """

    def __init__(self, contents: Contents, gate: PublicationGate, concerned: Concerned) -> None:
        self._contents = contents
        self._gate = gate
        self._concerned = concerned

    async def of(self, event: EventType, subject: str) -> Mapping[str, Any] | None:
        """See `delivering.Contents`. What may not go out is left out, and named under `withheld`."""
        content = await self._contents.of(event, subject)
        if content is None:
            return None
        people = await self._concerned(subject)
        fit: dict[str, Any] = {}
        withheld: list[str] = []
        for name, value in content.items():
            if name in _NO_TEXT or not isinstance(value, str) or await self._may_go(value, people, subject):
                fit[name] = value
            else:
                withheld.append(name)
        return {**fit, WITHHELD: withheld} if withheld else fit

    async def _may_go(self, value: str, people: Collection[str], subject: str) -> bool:
        # What comes from a store is redacted already, so it has no hole to fill.
        text = template_of((value,)).fill(Numbering()).text
        try:
            verdict = await self._gate.examine(PublicUse.WEBHOOK, text, people, object_id=subject.partition(".")[0])
        except RedactionUnavailable:
            return False
        return verdict.allowed
