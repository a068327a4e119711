"""Watched words and public figures on the real store."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from moderation.watched import Watch
from server.kernel.actor import Role
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.text import RawText
from server.storage.mongo import Database
from tests.harness.reviewing import ReviewParts, reviewing


@pytest.fixture
async def parts(database: Database) -> AsyncIterator[ReviewParts]:
    """Moderation on an empty store."""
    async with reviewing(database) as running:
        yield running


async def test_watched_words_are_kept_folded(parts: ReviewParts) -> None:
    """Set, found in disguise, read anew by another process, removed."""
    moderator = parts.town.account(Role.MODERATOR)
    await parts.words.set(moderator, RawText(" JUDI "), Watch.HOLD)
    await parts.words.set(moderator, RawText("judi"), Watch.BLOCK)
    assert [(entry.word, entry.action) for entry in parts.words.entries] == [("judi", Watch.BLOCK)]
    assert parts.words.list.sightings("ayo j u d 1")
    with pytest.raises(InvalidInput):
        await parts.words.set(moderator, RawText("!"), Watch.FLAG)
    await parts.words.remove(moderator, RawText("Judi"))
    with pytest.raises(NotFound):
        await parts.words.remove(moderator, RawText("judi"))
    assert parts.words.list.sightings("judi") == []


async def test_figures_show_no_small_group(parts: ReviewParts) -> None:
    """Four are fewer than five; five are five. A year is shown, not more."""
    for count, what in ((4, "decision_hide"), (5, "flag_scam")):
        for _ in range(count):
            await parts.figures.count(what, parts.clock.now)
    await parts.figures.count("held", parts.clock.now - timedelta(days=400))
    found = {(one.month, one.what): one.count for one in await parts.figures.read()}
    assert found == {("2046-11", "decision_hide"): None, ("2046-11", "flag_scam"): 5}
