"""Sends canaries through every way in which the forum keeps a text."""

import secrets
from base64 import b32decode

from nlp.labels import Label
from server.kernel.publishing import CONTACT_LABELS
from tests.harness.codes import show_former
from tests.harness.http import Answer, Http
from tests.harness.people import World
from tests.harness.slugs import another
from tests.privacy.canaries import CANARIES, CONTROL

_PASSWORD = "lumbung jagung manis 77"


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone, as title, post, answer, edit, option of a poll, draft and name of a category.

    Returns:
        label -> the texts that came back.
    """
    manager, writer = await world.person("moderator", "Penjaga"), await world.person("agent", "Petugas")
    body = {"name": CONTROL, "description": CONTROL, "slug": another("uji")}
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


async def contacts(world: World, http: Http) -> int:
    """Publish canaries as contacts of one's own, signed, in posts, and withdraw one of them; give how many were shown.

    Their owner and readers are shown them, so these answers are not among those that are searched; everything else is.
    """
    manager = await world.person("moderator", "Penjaga")
    body = {"name": CONTROL, "slug": another("uji"), "contact_allowed": True}
    category = (await http.post("/api/v1/forum/categories", body, token=manager.token)).data["category"]
    token, recovery = await _signer(http)
    asked: list[str] = []
    shown = 0
    for canary in (one for one in CANARIES if one.label in CONTACT_LABELS):
        wish = {"category_id": category["id"], "contact": canary.value, "days": 30}
        made = await http.post("/api/v1/me/permissions", wish, token=token)
        asked.append(made.data["permission"]["id"])
        signature = {"name": "Pemilik Toko", "password": _PASSWORD, "totp": recovery.pop()}
        signed = await http.post(f"/api/v1/me/permissions/{asked[-1]}/sign", signature, token=token)
        assert signed.status == 200, signed.envelope
        new = {"category_id": category["id"], "title": CONTROL, "text": f"{CONTROL}: {canary.sentence}"}
        post = (await http.post("/api/v1/forum/topics", new, token=token)).data["post"]
        shown += len(post["contacts"])
        change = {"text": f"{CONTROL} lagi: {canary.sentence}"}
        await http.call("PATCH", f"/api/v1/forum/posts/{post['id']}", change, token=token)
    await http.post(f"/api/v1/me/permissions/{asked[-1]}/end", {}, token=token)
    return shown


async def _signer(http: Http) -> tuple[str, list[str]]:
    """Register somebody with a second factor; give their session and codes to sign with."""
    email = f"toko-{secrets.token_hex(6)}@contoh.example"
    await http.post("/api/v1/accounts", {"email": email, "password": _PASSWORD, "display_name": CONTROL})
    token = str((await http.post("/api/v1/sessions", {"email": email, "password": _PASSWORD})).data["token"])
    begun = (await http.post("/api/v1/me/factors/totp", {}, token=token)).data

    async def show(code: str) -> Answer:
        return await http.post("/api/v1/me/factors/totp/confirm", {"code": code}, token=token)

    done = await show_former(b32decode(begun["secret"]), show, lambda answer: answer.status < 300)
    return token, list(done.data["recovery_codes"])
