"""Sends canaries through every way in which requests about data keep a text."""

from tests.harness.http import Http
from tests.harness.people import World
from tests.privacy.canaries import CANARIES, CONTROL


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone: as a request, as an officer's note beside it, and as their answer.

    Returns:
        label -> the texts that came back.
    """
    person, officer = await world.person("customer", "Pembeli"), await world.person("privacy_officer", "Petugas")
    answers: dict[str, list[str]] = {}
    for canary in CANARIES:
        asked = {"kind": "other", "text": f"{CONTROL}: {canary.sentence}"}
        made = (await http.post("/api/v1/me/requests", asked, token=person.token)).data["request"]
        path = f"/api/v1/privacy/requests/{made['id']}"
        note = {"revision": 1, "text": canary.sentence}
        noted = (await http.post(f"{path}/notes", note, token=officer.token)).data["work"]
        answer = {"revision": 2, "text": f"{CONTROL}: {canary.sentence}"}
        done = (await http.post(f"{path}/answer", answer, token=officer.token)).data["work"]["request"]
        answers[canary.label.value] = [made["text"], noted["notes"][0]["text"], done["answer"]]
    return answers
