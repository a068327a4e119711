"""Sends canaries through every way in which feedback keeps a text."""

import secrets
from typing import Any

from tests.harness.http import Http
from tests.harness.people import World
from tests.privacy.canaries import CANARIES, CONTROL

_ROOT = "/api/v1/feedback"


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone, as title, text, comment, note, answer, rating, ready answer, list and with a code.

    Returns:
        label -> the texts that came back.
    """
    agent = await world.person("agent", "Petugas")
    answers: dict[str, list[str]] = {}
    for canary in CANARIES:
        sentence, token = canary.sentence, agent.token
        text = f"{CONTROL}: {sentence}"
        page = f"https://toko.contoh/{canary.value.replace(' ', '-')}?q={canary.value}"
        new = {"kind": "complaint", "title": sentence, "text": text, "page": page}
        given = (await http.post(_ROOT, {**new, "visibility": "public"}, token=token)).data["feedback"]
        path = f"{_ROOT}/{given['id']}"
        answers[canary.label.value] = [
            given["title"],
            given["text"],
            *await _written(http, path, text, token),
            *await _handled(http, path, text, token),
            *await _kept(http, sentence, text, token),
            *await _coded(http, new, text),
        ]
        assert (await http.get(path)).status == 200
    return answers


async def _written(http: Http, path: str, text: str, token: str) -> list[str]:
    comment = (await http.post(f"{path}/comments", {"text": text}, token=token)).data["comment"]
    note = (await http.post(f"{path}/comments", {"text": text, "note": True}, token=token)).data["comment"]
    assert (await http.get(f"{path}/comments", token=token)).status == 200
    similar: dict[str, Any] = (await http.post(f"{_ROOT}/similar", {"text": text}, token=token)).data
    found = await http.post(f"{_ROOT}/search", {"text": text[:120]}, token=token)
    assert "items" in similar
    assert found.status == 200
    return [comment["text"], note["text"]]


async def _handled(http: Http, path: str, text: str, token: str) -> list[str]:
    for change in ({"status": "acknowledged"}, {"response": text}, {"changelog": text}):
        changed = await http.call("PATCH", path, change, token=token)
        assert changed.status == 200, changed.code
    rated = (await http.call("PUT", f"{path}/rating", {"stars": 3, "text": text}, token=token)).data["feedback"]
    assert (await http.get(f"{_ROOT}/register", token=token, form="json")).status == 200
    return [rated["response"]["text"], rated["changelog"]["text"], rated["rating"]["text"]]


async def _kept(http: Http, sentence: str, text: str, token: str) -> list[str]:
    canned = (await http.post(f"{_ROOT}/canned", {"title": sentence, "text": text}, token=token)).data["canned"]
    name = {"name": sentence[:60], "query": {"kind": "complaint"}}
    kept = await http.post(f"{_ROOT}/saved-views", name, token=token)
    assert kept.status == 201
    return [canned["title"], canned["text"]]


async def _coded(http: Http, new: dict[str, Any], text: str) -> list[str]:
    """As somebody whom nobody knows."""
    given = (await http.post(_ROOT, {**new, "client_id": secrets.token_hex(16)})).data
    code = {"code": given["code"]}
    said = await http.post(f"{_ROOT}/follow-up/comments", {**code, "text": text})
    return [given["feedback"]["title"], given["feedback"]["text"], said.data["comments"][0]["text"]]
