"""Sends canaries through every way in which the staff desk keeps a text, or looks for one."""

from itertools import count

from tests.harness.http import Http
from tests.harness.people import Person, World
from tests.privacy.canaries import CANARIES, CONTROL

_DESK = "/api/v1/desk"
_NUMBERS = count(1)
"""A key made by chance might look like an identifier."""


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone: note, ready answer, macro, view, label, search, question to a customer, subject.

    Returns:
        label -> the texts that came back.
    """
    agent, customer, admin = [await world.person(role) for role in ("agent", "customer", "admin")]
    talk = await customer.conversation(CONTROL)
    await customer.send(talk, CONTROL)
    await agent.take(talk)
    answers: dict[str, list[str]] = {}
    for canary in CANARIES:
        answers[canary.label.value] = [
            *await _beside(http, agent, customer, talk, canary.sentence),
            *await _office(http, agent, admin, canary.sentence),
        ]
    return answers


async def _beside(http: Http, agent: Person, customer: Person, talk: str, sentence: str) -> list[str]:
    """What is written beside a conversation."""
    token, case, text = agent.token, f"{_DESK}/cases/{talk}", f"{CONTROL}: {sentence}"
    note = (await http.post(f"{case}/notes", {"text": text}, token=token)).data["note"]
    handed = await http.post(f"{case}/transfer", {"agent_id": agent.id, "note": text}, token=token)
    assert handed.status == 200
    notes = (await http.get(f"{case}/notes", token=token)).data["items"]
    new = {"kind": "suggestion", "title": sentence, "text": text}
    asked = (await http.post(f"{case}/feedback", new, token=token)).data["ask"]
    # What was looked for is not given back, for of a bare value the gate can't tell that it is one.
    assert (await http.get(f"{_DESK}/search", q=f"{CONTROL} {sentence}", token=token)).status == 200
    # A conversation of its own for each, since a split is made once.
    other = await customer.conversation(CONTROL)
    for _ in range(2):
        await customer.send(other, CONTROL)
    await agent.take(other)
    body = {"from_seq": 2, "subject": sentence}
    made = (await http.post(f"{_DESK}/cases/{other}/split", body, token=token)).data["item"]["conversation"]
    return [note["text"], notes[-1]["text"], asked["title"], asked["text"], made["subject"]]


async def _office(http: Http, agent: Person, admin: Person, sentence: str) -> list[str]:
    """What the desk keeps for itself."""
    token, key = agent.token, f"uji-{next(_NUMBERS)}"
    typed = {"shortcut": key, "title": sentence, "text": f"{CONTROL}: {sentence}"}
    canned = (await http.post(f"{_DESK}/canned", typed, token=token)).data["canned"]
    steps = [{"kind": "close"}]
    macro = (await http.post(f"{_DESK}/macros", {"title": sentence, "steps": steps}, token=token)).data["macro"]
    view = (await http.post(f"{_DESK}/views", {"name": sentence, "filter": {}}, token=token)).data["view"]
    path = f"{_DESK}/views/{view['id']}"
    renamed = (await http.call("PATCH", path, {"name": sentence}, token=token)).data["view"]
    assert (await http.call("DELETE", path, token=token)).status == 200
    change = {"labels": [{"key": key, "name": sentence}]}
    named = (await http.call("PATCH", f"{_DESK}/settings", change, token=admin.token)).data["settings"]
    [label] = [item for item in named["labels"] if item["key"] == key]
    return [canned["title"], canned["text"], macro["title"], view["name"], renamed["name"], label["name"]]
