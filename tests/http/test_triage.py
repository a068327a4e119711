"""From a complaint to its proposal, what staff correct, and what of that may be taken for training."""

import json
from pathlib import Path
from typing import Any

from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, eventually

_TITLE = "Stok jadi minus"
_TEXT = "Barang di gudang jadi minus sejak kemarin, hubungi 0812-9071-3648."
_TASKS = {"kind", "area", "topic", "sentiment", "urgency"}


async def _proposed(agent: Person, item_id: str) -> dict[str, Any]:
    """Wait for the guesses by task, which are made after the item was taken in."""
    found: dict[str, Any] = {}

    async def is_there() -> bool:
        answer = await agent.get(f"/feedback/{item_id}")
        found.update({guess["task"]: guess for guess in answer.data["feedback"]["handling"]["guesses"]})
        return bool(found)

    await eventually(is_there, "a proposal")
    return found


async def _give(sender: Person) -> str:
    body = {"kind": "complaint", "title": _TITLE, "text": _TEXT}
    given = await sender.post("/feedback", body)
    assert given.status == 201, given.envelope
    return str(given.data["feedback"]["id"])


async def test_a_complaint_gets_a_proposal_that_teaches_once_corrected(
    world: World, running: ServerProcess, tmp_path: Path
) -> None:
    agent = await world.person("agent", "Petugas")
    agreed, silent = await world.person("customer", "Pembeli Contoh"), await world.person("customer", "Warga Contoh")
    choice = {"purpose": "research", "granted": True}
    assert (await agreed.call("PUT", "/me/consents", choice)).status == 200
    items = [await _give(person) for person in (agreed, silent)]
    for item_id in items:
        guesses = await _proposed(agent, item_id)
        assert set(guesses) == _TASKS
        assert guesses["kind"]["value"] == "complaint"
        assert guesses["area"]["value"] == "stock"
        assert 0.5 < guesses["kind"]["confidence"] <= 1
        assert all(word in f"{_TITLE}\n{_TEXT}" for guess in guesses.values() for word in guess["words"])
        corrected = await agent.post(f"/feedback/{item_id}/triage", {"chosen": [{"task": "area", "value": "app"}]})
        assert corrected.status == 200, corrected.envelope
    file = tmp_path / "corrections.jsonl"
    written = await running.command("triage-corrections", str(file))
    assert written.status == 0, written.errors
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert written.output == f"{len(rows)} texts with labels\n"
    ours = [row for row in rows if row["text"].endswith("hubungi ⟦PHONE:1⟧.") and row["area"] == "app"]
    assert len(ours) == 1, "who did not agree teaches nothing"
    assert ours[0]["kind"] == "complaint", "what staff let stand teaches too"
    assert file.stat().st_mode & 0o077 == 0
    again = await running.command("triage-corrections", str(file))
    assert (again.status, "File exists" in again.errors) == (1, True)
