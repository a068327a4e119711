"""Fills `feedback.ports.Triage` by the redactor's workers. For `parts` only; must not see a raw text."""

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from nlp.triage_proposal import TriageProposal, TriageUnavailable
from server.config import SettingsError
from server.feedback.desk_store import MongoDeskStore
from server.feedback.model import Item
from server.feedback.ports import Triage, TriageAway
from server.feedback.proposals import TASKS, Guess, Proposal
from server.feedback.store import MongoItemStore
from server.feedback.writing import ItemWriter
from server.kernel.restraint import Restraints, Use
from server.kernel.text import RedactedText
from server.storage.mongo import Database

logger = logging.getLogger(__name__)

SHIPPED: Final = Path(__file__).resolve().parents[2] / "nlp" / "model" / "triage"
"""The model that ships. Written out, for importing `nlp.triage` would load spaCy into the server."""

OFF: Final = "off"
_CUT: Final = "…"


class _Proposing(Protocol):
    """The pool, as far as triage goes."""

    async def propose(self, text: str, areas: Collection[str] | None = None) -> TriageProposal: ...


class SentItems(Protocol):
    """Items by who sent them."""

    async def sent_by(self, author_id: str) -> list[Item]: ...


class TakingBack:
    """Takes back what a machine proposed about the items of somebody who stops that.

    Args:
        items: theirs.
        writer: writes into them.
        restraints: what people have stopped.
    """

    def __init__(self, items: SentItems, writer: ItemWriter, restraints: Restraints) -> None:
        self._items = items
        self._writer = writer
        self._restraints = restraints

    async def __call__(self, person_id: str) -> None:
        """Look at somebody who has stopped something, or allowed it again.

        Raises:
            Unavailable: the store does not answer; it is done when they say it again.
        """
        if not self._restraints.stands(person_id, Use.TRIAGE):
            return
        for item in await self._items.sent_by(person_id):
            if item.proposal is not None:
                await self._writer.change(item.id, lambda found, _: replace(found, proposal=None), draws=False)


class PooledTriage:
    """Asks the pool.

    Args:
        pool: of workers.
        areas: gives the keys of the product areas that there are.
    """

    def __init__(self, pool: _Proposing, areas: Callable[[], Awaitable[Collection[str]]]) -> None:
        self._pool = pool
        self._areas = areas

    async def propose(self, item_id: str, title: RedactedText, text: RedactedText) -> Proposal | None:
        """See `feedback.ports.Triage`.

        Raises:
            Unavailable: the store does not say which areas there are.
            TriageAway: the pool gave no answer.
        """
        areas = await self._areas()
        try:
            found = await self._pool.propose(whole(title, text), areas)
        except TriageUnavailable as error:
            logger.warning("no proposal for %s: %s", item_id, type(error).__name__)
            raise TriageAway from None
        guesses = {task: getattr(found, task) for task in TASKS}
        return Proposal({task: Guess(one.value, one.confidence, one.words) for task, one in guesses.items()})


class Items(Protocol):
    """Where items are kept."""

    async def find_item(self, item_id: str) -> Item | None: ...


class RestrainedTriage:
    """Fills `feedback.ports.Triage`: nothing is proposed about what somebody gave who does not want it.

    Args:
        triage: proposes for the others.
        items: know whose an item is.
        restraints: what people have stopped.
    """

    def __init__(self, triage: Triage, items: Items, restraints: Restraints) -> None:
        self._triage = triage
        self._items = items
        self._restraints = restraints

    async def propose(self, item_id: str, title: RedactedText, text: RedactedText) -> Proposal | None:
        """See `feedback.ports.Triage`.

        Raises:
            Unavailable: it is not known whose the item is: nothing is proposed then.
            TriageAway: the pool gave no answer.
        """
        item = await self._items.find_item(item_id)
        if item is None or (item.author_id is not None and self._restraints.stands(item.author_id, Use.TRIAGE)):
            return None
        return await self._triage.propose(item_id, title, text)


def whole(title: RedactedText, text: RedactedText) -> str:
    """Give title and text as one; a title that is but the beginning of the text is left out."""
    begins = text.value.startswith(title.value.removesuffix(_CUT).rstrip())
    return text.value if begins else f"{title.value}\n{text.value}"


def pooled_triage(pool: _Proposing, database: Database, restraints: Restraints) -> RestrainedTriage:
    """Build triage that proposes the areas which there are at the moment, and nothing to who does not want it."""
    desk = MongoDeskStore(database)

    async def areas() -> Collection[str]:
        return {area.key for area in await desk.areas() if not area.archived}

    return RestrainedTriage(PooledTriage(pool, areas), MongoItemStore(database), restraints)


def model_folder(setting: str) -> Path | None:
    """Give the folder of the model that a setting names: empty for the one that ships, `off` for none.

    Raises:
        SettingsError: there is no model there.
    """
    if setting == OFF:
        return None
    folder = Path(setting) if setting else SHIPPED
    if not (folder / "meta.json").is_file():
        raise SettingsError("AMANAH_TRIAGE_MODEL names a folder without a model")
    return folder
