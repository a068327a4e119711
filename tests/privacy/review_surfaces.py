"""Sends canaries through everything that is said around texts: reports, decisions, appeals, rulings; and of oneself."""

import re

from server.review.words import MAX_TYPED
from tests.harness.http import Http
from tests.harness.people import Person, World
from tests.harness.slugs import another
from tests.privacy.canaries import CANARIES, CONTROL, Canary

_ITEMS = "/api/v1/review/items"


async def texts(world: World, http: Http) -> dict[str, list[str]]:
    """Send each canary alone, as a note of each step of a case, and as what somebody says of themselves.

    Returns:
        label -> the texts that came back.
    """
    manager = await world.person("moderator", "Penjaga")
    body = {"name": CONTROL, "description": CONTROL, "slug": another("tinjau")}
    category = (await http.post("/api/v1/forum/categories", body, token=manager.token)).data["category"]["id"]
    moderators = [manager, *[await world.person("moderator", "Penjaga") for _ in range(2)]]
    author = await world.person("customer", "Toko Contoh")
    found: dict[str, list[str]] = {}
    for canary in CANARIES:
        found[canary.label.value] = [
            *await _case(http, canary, category, author, moderators),
            await _profile(http, canary, author),
        ]
        await _word(http, canary, manager)
    return found


async def _case(http: Http, canary: Canary, category: str, author: Person, moderators: list[Person]) -> list[str]:
    """A post is reported, decided about with a warning, appealed; the decision is upheld. All say the canary."""
    reporter, judge, second = (one.token for one in moderators)
    said = f"{CONTROL}: {canary.sentence}"
    new = {"category_id": category, "title": CONTROL, "text": f"{CONTROL}, tolong dibantu."}
    post = (await http.post("/api/v1/forum/topics", new, token=author.token)).data["post"]["id"]
    flag = {"target_type": "post", "target_id": post, "reason": "personal_data", "note": said}
    assert (await http.post("/api/v1/flags", flag, token=reporter)).status == 201
    waiting = (await http.get(_ITEMS, token=judge, limit=50)).data["items"]
    item = next(item for item in waiting if item["target_id"] == post)
    path = f"{_ITEMS}/{item['id']}"
    opened = (await http.get(path, token=judge)).data
    decision = {"decision": "warn", "category": "personal_data", "note": said}
    decided = (await http.post(f"{path}/decision", decision, token=judge)).data["item"]
    appealed = (await http.post(f"{path}/appeal", {"text": said}, token=author.token)).data["item"]
    ruled = (await http.post(f"{path}/ruling", {"ruling": "uphold", "note": said}, token=second)).data["item"]
    own = (await http.get("/api/v1/me/review/items", token=author.token)).data["items"]
    assert item["id"] in {one["id"] for one in own}
    return [
        opened["reports"][0]["note"]["text"],
        decided["note"]["text"],
        appealed["appeal"]["text"],
        ruled["ruling_note"]["text"],
    ]


async def _profile(http: Http, canary: Canary, author: Person) -> str:
    """What somebody says of themselves; a handle is no place for an identifier."""
    path = "/api/v1/me/profile"
    # Whoever asks for money in a profile is refused; having an account is none of that.
    said = re.sub("transfer ke", "simpan di", canary.sentence, flags=re.IGNORECASE)
    changed = await http.call("PATCH", path, {"bio": f"{CONTROL}: {said}"}, token=author.token)
    refused = await http.call("PATCH", path, {"handle": canary.value[:40]}, token=author.token)
    # A bare password has nothing that tells it from a word, but no handle has its signs.
    assert refused.code == "invalid_input", canary.label
    return str(changed.data["profile"]["person"]["bio"]["text"])


async def _word(http: Http, canary: Canary, manager: Person) -> None:
    """Nobody's identifier is a word to watch for, where anything tells it from a word."""
    body = {"word": canary.sentence[:MAX_TYPED], "action": "flag"}
    assert (await http.call("PUT", "/api/v1/review/words", body, token=manager.token)).code == "invalid_input"
