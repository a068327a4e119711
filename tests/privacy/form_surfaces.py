"""Sends canaries through sealed forms: through all that is a text there, and as values, which are sealed."""

from tests.harness.http import Http
from tests.harness.people import World
from tests.privacy.canaries import CANARIES, CONTROL

_PURPOSE = "delivery"


async def texts(world: World, http: Http, unheard: Http) -> dict[str, list[str]]:
    """Send each canary alone, as a note, a reason, a template's text, and as the value of a field.

    Args:
        world: the running server.
        http: its answers are looked through.
        unheard: its are not: whoever opens a field is shown its value.

    Returns:
        label -> the texts that came back.
    """
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Petugas")
    admin = await world.person("admin", "Pengurus")
    talk = await customer.conversation(f"{CONTROL} formulir")
    await agent.take(talk)
    answers: dict[str, list[str]] = {}
    for canary in CANARIES:
        words = {"id": canary.sentence, "en": CONTROL}
        field = {"type": "text", "label": {"id": "Catatan", "en": "Note"}, "keep_days": 3}
        template = {"purpose": _PURPOSE, "title": {"id": CONTROL, "en": CONTROL}, "about": words, "consent": words}
        made = await http.post("/api/v1/forms/templates", {**template, "fields": [field]}, token=admin.token)
        kept = made.data["template"]
        new = {"template": kept["id"], "note": canary.sentence}
        form = (await http.post(f"/api/v1/conversations/{talk}/forms", new, token=agent.token)).data["form"]
        path = f"/api/v1/forms/{form['id']}"
        values = {"values": [{"field": "text", "value": f"{CONTROL}: {canary.sentence}"}], "consent": 1}
        assert (await http.call("PUT", f"{path}/values", values, token=customer.token)).status == 200
        look = {"field": "text", "purpose": _PURPOSE, "reason": canary.sentence}
        shown = await unheard.post(f"{path}/reveal", look, token=agent.token)
        assert canary.value in shown.data["value"]
        wrong = {"values": [{"field": canary.as_id.lower()[:20], "value": canary.value}], "consent": 1}
        assert (await http.call("PUT", f"{path}/values", wrong, token=customer.token)).code == "invalid_input"
        seen = (await http.get(path, token=customer.token)).data["form"]
        place = {"latitude": canary.value, "longitude": canary.value, "consent": 1}
        assert (await http.post(f"{path}/location", place, token=customer.token)).code == "invalid_input"
        answers[canary.label.value] = [
            kept["about"]["id"],
            kept["consent"]["id"],
            seen["note"],
            seen["looks"][0]["reason"],
        ]
    return answers
