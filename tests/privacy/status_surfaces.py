"""Sends canaries through every way in which the status page, product news and surveys keep a text."""

from tests.harness.http import Http
from tests.harness.people import World
from tests.privacy.canaries import CANARIES, CONTROL


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone: as the title of a disruption, what is told of it and how it goes on; as news; in surveys.

    A service's name is short: of the canaries only their mere value fits, and is hidden or refused.

    Returns:
        label -> the texts that came back.
    """
    staff, customer = await world.person("agent", "Petugas"), await world.person("customer", "Pembeli")
    for purpose in ("research", "marketing"):
        agreed = {"purpose": purpose, "granted": True}
        assert (await http.call("PUT", "/api/v1/me/consents", agreed, token=customer.token)).status == 200
    made = await http.post("/api/v1/status/services", {"name": CONTROL}, token=staff.token)
    services = [made.data["service"]["id"]]
    answers: dict[str, list[str]] = {}
    for canary in CANARIES:
        new = {"title": canary.sentence, "text": f"{CONTROL}: {canary.sentence}", "services": services}
        event = (await http.post("/api/v1/status/events", {**new, "impact": "minor"}, token=staff.token)).data["event"]
        step = {"phase": "resolved", "text": canary.sentence}
        path = f"/api/v1/status/events/{event['id']}/updates"
        ended = (await http.post(path, step, token=staff.token)).data["event"]
        told = {"title": canary.sentence, "text": f"{CONTROL}: {canary.sentence}"}
        news = (await http.post("/api/v1/news", told, token=staff.token)).data["news"]
        asked = {"title": canary.sentence, "question": canary.sentence, "scale": "text", "days": 7}
        survey = (await http.post("/api/v1/surveys", asked, token=staff.token)).data["survey"]
        await _answer(http, staff.token, customer.token, survey["id"], canary.sentence)
        answers[canary.label.value] = [
            event["title"],
            *(one["text"] for one in ended["updates"]),
            news["title"],
            news["text"],
            survey["title"],
            survey["question"],
            await _replied(world, survey["id"]),
        ]
    pages = ("/status", "/status/feed.atom", f"/status/{event['number']}", "/api/v1/status", "/kabar", news["path"])
    for path in (*pages, "/api/v1/news"):
        assert (await http.get(path)).status == 200
    return answers


async def _answer(http: Http, staff: str, customer: str, survey_id: str, said: str) -> None:
    """Have a survey answered by somebody who agreed, in their own words."""
    assert (await http.post(f"/api/v1/surveys/{survey_id}/send", {}, token=staff)).status == 200
    replied = await http.post(f"/api/v1/surveys/{survey_id}/reply", {"comment": said}, token=customer)
    assert replied.status == 201, replied.envelope


async def _replied(world: World, survey_id: str) -> str:
    """Give what was kept of the one answer to a survey."""
    reply = await world.database["survey_replies"].find_one({"survey_id": survey_id})
    assert reply is not None
    return str(reply["comment"])
