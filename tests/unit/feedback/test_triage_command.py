"""What of staff's corrections is written for training, and of whom."""

from collections.abc import Sequence
from datetime import UTC, datetime

from server.commands.triage import taught
from server.feedback.model import Item, Kind, Sight, Visibility
from server.feedback.proposals import Guess, Proposal
from server.feedback.records import Correction
from server.kernel.errors import ConsentRequired
from server.kernel.text import RedactedText
from server.markup.html import SafeHtml

_AT = datetime(2026, 3, 2, tzinfo=UTC)
_GUESSES = {"kind": "complaint", "area": "stock", "topic": "stok", "sentiment": None, "urgency": "high"}


def _item(item_id: str, author_id: str | None = "agreed", *, sight: Sight = Sight.SHOWN, triaged: bool = True) -> Item:
    return Item(
        id=item_id,
        number=1,
        kind=Kind.COMPLAINT,
        title=RedactedText("Stok"),
        text=RedactedText(f"hilang {item_id}"),
        hidden=(),
        redactions=(),
        html=SafeHtml(""),
        visibility=Visibility.PRIVATE,
        sight=sight,
        author_id=author_id,
        created_at=_AT,
        changed_at=_AT,
        change=1,
        proposal=Proposal({task: Guess(value, 0.5) for task, value in _GUESSES.items()}),
        triaged=triaged,
    )


class Kept:
    """Items, corrections of their areas, and who agreed."""

    def __init__(self, *items: Item, chosen: str | None = "app") -> None:
        self._items = {item.id: item for item in items}
        self._chosen = chosen

    async def corrections(self) -> list[Correction]:
        return [Correction(item_id, "area", "stock", self._chosen, "staff", _AT) for item_id in self._items]

    async def find_items(self, item_ids: Sequence[str]) -> dict[str, Item]:
        return {item_id: self._items[item_id] for item_id in item_ids}

    async def require(self, account_id: str, purpose: str) -> None:
        if (account_id, purpose) != ("agreed", "research"):
            raise ConsentRequired

    async def written(self) -> list[dict[str, str]]:
        return [row async for row in taught(self, self, self)]


async def test_what_was_corrected_and_what_was_let_stand_teach() -> None:
    rows = await Kept(_item("a")).written()
    assert rows == [{"text": "Stok\nhilang a", "kind": "complaint", "area": "app", "urgency": "high"}]


async def test_what_nobody_judged_does_not() -> None:
    assert await Kept(_item("a", triaged=False)).written() == [{"text": "Stok\nhilang a", "area": "app"}]
    rows = await Kept(_item("a"), chosen=None).written()
    assert rows == [{"text": "Stok\nhilang a", "kind": "complaint", "urgency": "high"}]


async def test_only_of_those_who_agreed_and_let_it_stand() -> None:
    others = (_item("a", None), _item("b", "silent"), _item("c", sight=Sight.WITHDRAWN))
    rows = await Kept(*others, _item("d")).written()
    assert [row["text"] for row in rows] == ["Stok\nhilang d"]
