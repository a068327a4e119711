"""Sends canaries through every way in which the forum keeps a text."""

import secrets

from nlp.labels import Label
from tests.harness.http import Http
from tests.harness.people import World
from tests.privacy.canaries import CANARIES, CONTROL


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone, as title, post, answer, edit, option of a poll, draft and name of a category.

    Returns:
        label -> the texts that came back.
    """
    manager, writer = await world.person("moderator", "Penjaga"), await world.person("agent", "Petugas")
    body = {"name": CONTROL, "description": CONTROL, "slug": f"uji-{secrets.token_hex(4)}"}
    category = (await http.post("/api/v1/forum/categories", body, token=manager.token)).data["category"]
    answers: dict[str, list[str]] = {}
    for canary in CANARIES:
        sentence, token = canary.sentence, writer.token
        text = f"{CONTROL}: {sentence}"
        poll = {"options": [sentence, f"{CONTROL} dua"]}
        new = {"category_id": category["id"], "title": sentence, "text": text, "poll": poll}
        begun = (await http.post("/api/v1/forum/topics", new, token=token)).data
        path = f"/api/v1/forum/topics/{begun['topic']['id']}"
        answered = (await http.post(f"{path}/posts", {"text": text}, token=token)).data["post"]
        post = f"/api/v1/forum/posts/{answered['id']}"
        edited = (await http.call("PATCH", post, {"text": f"{text} lagi"}, token=token)).data["post"]
        draft = {"place": "new", "title": sentence, "text": text}
        kept = (await http.call("PUT", "/api/v1/me/drafts", draft, token=token)).data["draft"]
        change = {"name": CONTROL, "description": sentence}
        named = await http.call("PATCH", f"/api/v1/forum/categories/{category['id']}", change, token=manager.token)
        answers[canary.label.value] = [
            begun["topic"]["title"],
            begun["post"]["text"],
            begun["post"]["poll"]["options"][0]["text"],
            answered["text"],
            edited["text"],
            kept["title"],
            kept["text"],
            named.data["category"]["description"],
        ]
        # A bare password has nothing that tells it from a word.
        tag = sentence if canary.label is Label.SECRET else canary.value
        tagged = await http.post("/api/v1/forum/topics", {**new, "tags": [tag[:40]]}, token=token)
        assert tagged.code == "invalid_input", canary.label
        assert (await http.get(f"{post}/revisions", token=token)).status == 200
        assert (await http.get(f"{path}/posts")).status == 200
    return answers
