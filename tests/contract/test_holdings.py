"""Every collection is claimed by exactly one capability, or there is a reason why nobody is in it."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.composition.opening import COLLECTIONS
from server.composition.parts import Parts, open_parts
from server.config import Settings
from server.web.catalogue import LOCALES, Catalogues

_NOBODYS = {
    "backup_checks": "when a backup was read, and how many documents are in it",
    "counters": "numbers that were allotted",
    "desk_canned": "ready answers of staff",
    "desk_figures": "counts",
    "desk_leases": "which server works",
    "desk_macros": "what staff set up for all",
    "desk_settings": "what administrators set",
    "erasure_proofs": "the proof: no account stands in it",
    "erasures": "the erasure itself, which removes its own document last",
    "erasures_repeated": "a count",
    "evidence_months": "counts",
    "fault_reports": "types and places in our code",
    "form_templates": "what administrators set",
    "forum_categories": "what moderators set",
    "keystore": "keys of the installation",
    "page_days": "counts",
    "person_keys": "the vault's; destroyed last of all, by the erasure itself",
    "review_figures": "counts",
    "review_lessons": "counts of keyed digests of words",
    "review_words": "what moderators set",
    "support_hours": "what administrators set, and how long answers took",
}


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """The real composition, on a store of its own."""
    async with open_parts(Settings(data_dir=tmp_path / "data", redactor_workers=1)) as parts:
        yield parts


async def test_every_collection_is_claimed_once_or_excused(parts: Parts) -> None:
    holdings = parts.righting.holdings
    claimed = Counter(name for one in holdings for name in getattr(one, "collections", ()))
    there = {spec.name for spec in COLLECTIONS}
    assert [name for name, count in claimed.items() if count > 1] == []
    assert set(claimed) - there == set()
    assert set(claimed) & set(_NOBODYS) == set()
    assert there - set(claimed) == set(_NOBODYS)
    names = [one.name for one in holdings]
    assert len(set(names)) == len(names)
    # What finds things by a person comes before what finds the person.
    assert names.index("chat") < names.index("desk") < names.index("files") < names.index("chat_shells")
    assert names.index("forum") < names.index("people") < names.index("accounts")
    assert names[-1] == "accounts"


async def test_of_somebody_who_was_never_here_there_is_nothing(parts: Parts) -> None:
    """And erasing them changes nothing: every step is one that may be repeated."""
    for one in parts.righting.holdings:
        assert [held for held in await one.held("0" * 24) if held.count] == [], one.name
        assert [fate for fate in await one.preview("0" * 24) if fate.gone] == [], one.name
        assert [piece async for piece in one.pieces("0" * 24)] == [], one.name
        await one.erase("0" * 24)


def test_every_fate_has_words() -> None:
    catalogues = Catalogues.load()
    for locale in LOCALES:
        keys = catalogues.keys(locale)
        assert {"held.messages", "held.forum_posts", "stays.others", "stays.safety", "erasure.title"} <= set(keys)
