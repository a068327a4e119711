"""Sends canaries through every way in which the status page keeps a text."""

from tests.harness.http import Http
from tests.harness.people import World
from tests.privacy.canaries import CANARIES, CONTROL


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone, as the title of a disruption, what is told of it, and how it goes on.

    A service's name is short: of the canaries only their mere value fits, and is hidden or refused.

    Returns:
        label -> the texts that came back.
    """
    staff = await world.person("agent", "Petugas")
    made = await http.post("/api/v1/status/services", {"name": CONTROL}, token=staff.token)
    services = [made.data["service"]["id"]]
    answers: dict[str, list[str]] = {}
    for canary in CANARIES:
        new = {"title": canary.sentence, "text": f"{CONTROL}: {canary.sentence}", "services": services}
        event = (await http.post("/api/v1/status/events", {**new, "impact": "minor"}, token=staff.token)).data["event"]
        step = {"phase": "resolved", "text": canary.sentence}
        path = f"/api/v1/status/events/{event['id']}/updates"
        ended = (await http.post(path, step, token=staff.token)).data["event"]
        answers[canary.label.value] = [event["title"], *(one["text"] for one in ended["updates"])]
    for path in ("/status", "/status/feed.atom", f"/status/{event['number']}", "/api/v1/status"):
        assert (await http.get(path)).status == 200
    return answers
