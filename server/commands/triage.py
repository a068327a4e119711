"""`amanah triage-corrections`: what staff corrected, for training a triage model of one's own.

Writes redacted texts with their labels as JSON Lines, which `python -m nlp.project.triage.build --corrections` reads.
Only of senders whose consent to `research` stands at this moment; nobody can be asked about what came anonymously, so
that is left out, as is what was withdrawn. A server may run on the same store meanwhile.
"""

import argparse
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
import uvloop

from server.audit.model import AuditEntry
from server.composition.keys import key_source, ring_of
from server.composition.opening import audit_of, now, open_database
from server.composition.triaging import whole
from server.config import Settings
from server.feedback.desk_store import MongoDeskStore
from server.feedback.model import Item, Sight
from server.feedback.records import Correction
from server.feedback.store import MongoItemStore
from server.kernel.errors import ConsentRequired
from server.privacy.service import ConsentLedger
from server.privacy.store import MongoChoiceStore
from server.storage.restore import require_whole
from server.vault.masters import Masters

TAUGHT: Final = ("kind", "area", "sentiment", "urgency")
"""Tasks that a model learns; topics are found, not learned."""

_PURPOSE: Final = "research"
_ACTOR: Final = "command_line"
_PRIVATE_FILE: Final = 0o600


class _Corrections(Protocol):
    async def corrections(self) -> list[Correction]: ...


class _Items(Protocol):
    async def find_items(self, item_ids: Sequence[str]) -> dict[str, Item]: ...


class _Consents(Protocol):
    async def require(self, account_id: str, purpose: str) -> None: ...


def add_triage_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    triage = commands.add_parser("triage-corrections", help="write what staff corrected of triage, for training")
    triage.add_argument("file", metavar="FILE", type=Path, help="a new file")
    triage.add_argument("--data-dir", type=Path)
    triage.set_defaults(command=_write)


async def taught(corrections: _Corrections, items: _Items, consents: _Consents) -> AsyncIterator[dict[str, Any]]:
    """Give texts with what they are: as corrected, and as accepted where staff looked and let stand."""
    chosen: dict[str, dict[str, str | None]] = {}
    for correction in await corrections.corrections():
        chosen.setdefault(correction.item_id, {})[correction.task] = correction.chosen
    found = await items.find_items(sorted(chosen))
    for item_id in sorted(found):
        item = found[item_id]
        if item.author_id is None or item.sight is Sight.WITHDRAWN:
            continue
        try:
            await consents.require(item.author_id, _PURPOSE)
        except ConsentRequired:
            continue
        yield {"text": whole(item.title, item.text), **labels_of(item, chosen[item_id])}


def labels_of(item: Item, chosen: dict[str, str | None]) -> dict[str, str]:
    """Give the labels of an item by task; a task that nobody judged is missing."""
    accepted = item.proposal.guesses if item.proposal and item.triaged else {}
    labels = {task: chosen[task] if task in chosen else accepted[task].value for task in {*chosen, *accepted}}
    return {task: value for task in TAUGHT if (value := labels.get(task)) is not None}


def _write(settings: Settings, options: argparse.Namespace) -> int:
    async def run() -> int:
        masters = Masters(key_source(settings, make=False))
        async with open_database(settings, attach=True) as (_, database):
            await require_whole(database)
            trail = audit_of(database, await ring_of(database, masters), settings).trail
            try:
                consents = ConsentLedger(MongoChoiceStore(database), trail, now)
                rows = taught(MongoDeskStore(database), MongoItemStore(database), consents)
                lines = [orjson.dumps(row) + b"\n" async for row in rows]
                entry = AuditEntry("feedback:corrections:exported", _ACTOR, (), now(), {"texts": len(lines)})
                await trail.append([entry])
            finally:
                await trail.close()
        descriptor = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(lines)
        return len(lines)

    print(f"{uvloop.run(run())} texts with labels")
    return 0
