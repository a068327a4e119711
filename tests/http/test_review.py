"""Moderation over HTTP: from a report to an appeal, what is held, who is kept out, and the pages without JavaScript."""

import re

from tests.harness.browsing import Tab
from tests.harness.forum import category, reply, topic
from tests.harness.people import Person, World
from tests.harness.process import eventually

_ITEMS = "/review/items"


async def _discussion(world: World) -> tuple[Person, dict[str, object], dict[str, object]]:
    """A topic by somebody, with an answer by somebody else; gives who answered."""
    author, helper = await world.person("customer", "Toko Contoh"), await world.person("customer", "Klinik Contoh")
    place = await category(world)
    made = await topic(author, place["id"], "Cara mencetak ulang struk", "Bagaimana cara mencetak ulang struk kemarin?")
    answer = await reply(helper, made["id"], "Buka riwayat penjualan lalu pilih cetak ulang.")
    return helper, made, answer


async def _flag(person: Person, post_id: object, reason: str = "scam", **more: object) -> int:
    body = {"target_type": "post", "target_id": post_id, "reason": reason, **more}
    return (await person.post("/flags", body)).status


async def _waiting(moderator: Person, target_id: object) -> dict[str, object]:
    """The item about a text; a held one comes in the background."""
    found: list[dict[str, object]] = []

    async def is_there() -> bool:
        items = (await moderator.get(_ITEMS, limit=100)).data["items"]
        found.extend(item for item in items if item["target_id"] == target_id)
        return bool(found)

    await eventually(is_there, "the item is on the desk")
    return found[0]


async def _texts(reader: Person, topic_id: object) -> list[str]:
    items = (await reader.get(f"/forum/topics/{topic_id}/posts")).data["items"]
    return [str(item["text"]) for item in items if item.get("text")]


async def test_from_a_report_to_an_appeal(world: World) -> None:
    """Reported, hidden by a moderator, appealed, published again; told at each step; nobody is named to the author."""
    helper, made, answer = await _discussion(world)
    reader, moderator, other = [await world.person(role, "Uji") for role in ("customer", "moderator", "moderator")]
    assert await _flag(helper, answer["id"]) == 403
    assert await _flag(reader, answer["id"], note="telepon saya 0812-9071-3648") == 201
    assert await _flag(reader, answer["id"]) == 409
    item = await _waiting(moderator, answer["id"])
    opened = (await moderator.get(f"{_ITEMS}/{item['id']}")).data
    assert opened["reports"][0]["note"]["text"] == "telepon saya ⟦PHONE:1⟧"
    assert opened["item"]["subject"]["text"].startswith("Buka riwayat")
    path = f"{_ITEMS}/{item['id']}"
    assert (await moderator.post(f"{path}/claim")).data["item"]["state"] == "claimed"
    late = await other.post(f"{path}/decision", {"decision": "approve"})
    assert (late.status, late.envelope["error"]["fields"]["state"]["reason"]) == (409, "review_claimed")
    unseen = await moderator.post(f"{path}/decision", {"decision": "hide", "revision": 7})
    assert (unseen.status, unseen.reasons) == (409, {"revision": "outdated"})
    decision = {"decision": "hide", "category": "off_topic", "note": "Mohon di topik lain"}
    assert (await moderator.post(f"{path}/decision", decision)).data["item"]["state"] == "decided"
    assert len(await _texts(reader, made["id"])) == 1
    own = (await helper.get("/me/review/items")).data["items"]
    assert [(one["decision"], one["category"], one["may_appeal"]) for one in own] == [("hide", "off_topic", True)]
    assert moderator.id not in str(own)
    assert reader.id not in str(own)
    told = (await helper.get("/me/notifications")).data["items"]
    notice = next(notice for notice in told if notice["kind"] == "moderation_decision")
    own_page = f"/moderasi/saya/{item['id']}"
    tab = Tab(world.session, world.server.url, helper.token)
    assert (await tab.get(f"/pemberitahuan/{notice['id']}")).headers["Location"] == own_page
    assert "Mohon di topik lain" in await tab.open(own_page)
    for stranger, status in ((reader, 404), (moderator, 404)):
        other_tab = Tab(world.session, world.server.url, stranger.token)
        assert (await other_tab.get(own_page)).status == status
    # Who decides hears that something waits; who may not, does not.
    waits = [one for one in (await other.get("/me/notifications")).data["items"] if one["kind"] == "moderation_waiting"]
    assert len(waits) == 1
    assert (await reader.get("/me/notifications")).data["items"] == []
    assert (await reader.post(f"{path}/appeal", {"text": "bukan saya"})).status == 404
    assert (await helper.post(f"{path}/appeal", {"text": "Ini menjawab pertanyaannya."})).status == 200
    assert (await helper.post(f"{path}/appeal", {"text": "lagi"})).status == 409
    assert (await moderator.post(f"{path}/ruling", {"ruling": "overturn"})).status == 403
    ruled = await other.post(f"{path}/ruling", {"ruling": "overturn", "note": "Benar"})
    assert ruled.data["item"]["state"] == "overturned"
    assert len(await _texts(reader, made["id"])) == 2


async def test_what_asks_for_secrets_waits(world: World) -> None:
    """Held, seen by its author and moderators only, until it is decided."""
    _, made, _ = await _discussion(world)
    writer, reader = await world.person("customer", "Penulis"), await world.person("customer", "Pembaca")
    moderator = await world.person("moderator", "Moderator")
    body = {"text": "Tolong kirimkan kode OTP anda ke kami untuk verifikasi akun"}
    held = await writer.post(f"/forum/topics/{made['id']}/posts", body)
    post = held.data["post"]
    item = await _waiting(moderator, post["id"])
    assert (item["held"], "asks_secret" in item["reasons"]) == (True, True)
    assert body["text"] not in await _texts(reader, made["id"])
    path = f"{_ITEMS}/{item['id']}/decision"
    assert (await moderator.post(path, {"decision": "hide"})).status == 400
    assert (await moderator.post(path, {"decision": "silence", "category": "scam", "days": 2})).status == 200
    refused = await writer.post(f"/forum/topics/{made['id']}/posts", {"text": "Halo lagi"})
    assert refused.status == 403
    assert refused.envelope["error"]["fields"]["account"]["reason"] == "silenced"
    mine = (await writer.get("/me/review/items")).data
    assert mine["silenced_until"] is not None


async def test_watched_words_at_work(world: World) -> None:
    """Refused, made unreadable, or held; administrators and moderators keep the list."""
    _, made, _ = await _discussion(world)
    admin, writer = await world.person("admin", "Admin"), await world.person("customer", "Penulis")
    moderator = await world.person("moderator", "Moderator")
    for word, action in (("gacorqq", "block"), ("bodohqq", "censor"), ("borongqq", "hold")):
        assert (await admin.call("PUT", "/review/words", {"word": word, "action": action})).status == 200
    path = f"/forum/topics/{made['id']}/posts"
    refused = await writer.post(path, {"text": "main g a c o r q q yuk"})
    assert refused.envelope["error"]["fields"]["text"]["reason"] == "watched_word"
    masked = await writer.post(path, {"text": "dasar b0d0hqq ya"})
    assert masked.data["post"]["text"] == "dasar ■■■■■■■ ya"
    waits = await writer.post(path, {"text": "ayo borongqq semuanya di toko ini"})
    item = await _waiting(moderator, waits.data["post"]["id"])
    assert item["reasons"] == ["first_posts", "watched_word"]
    listed = (await moderator.get("/review/words")).data["items"]
    assert {"word": "bodohqq", "action": "censor"} in listed
    for word in ("gacorqq", "bodohqq", "borongqq"):
        assert (await admin.call("PUT", "/review/words", {"word": word, "action": "none"})).status == 200
    assert (await writer.get("/review/words")).status == 403


async def test_the_pages_without_javascript(world: World) -> None:
    """Report, list, take, decide, appeal and rule, each a form; figures for everybody."""
    helper, made, answer = await _discussion(world)
    reader, moderator, other = [await world.person(role, "Uji") for role in ("customer", "moderator", "moderator")]

    def tab(person: Person | None) -> Tab:
        return Tab(world.session, world.server.url, person.token if person else None)

    page = await tab(reader).open(f"/forum/t/{made['number']}/p/2/lapor")
    assert page.count('name="reason"') == 6
    done = await tab(reader).submit(f"/forum/t/{made['number']}/p/2/lapor", {"reason": "personal_data", "note": ""})
    assert (done.status, "sudah diterima" in done.body.decode()) == (200, True)
    again = await tab(reader).submit(f"/forum/t/{made['number']}/p/2/lapor", {"reason": "scam", "note": ""})
    assert (again.status, "sudah melaporkannya" in again.body.decode()) == (409, True)
    item = await _waiting(moderator, answer["id"])
    desk = tab(moderator)
    assert f'href="/moderasi/{item["id"]}"' in await desk.open("/moderasi")
    path = f"/moderasi/{item['id']}"
    assert "Data pribadi seseorang" in await desk.open(path)
    assert "Anda yang sedang memeriksanya" in await desk.fill(path, {"act": "claim"})
    assert "diperiksa moderator lain" in await tab(other).open(path)
    taken = await tab(other).submit(path, {"act": "decide", "decision": "approve", "category": "other", "note": ""})
    assert taken.status == 409
    await desk.fill(path, {"act": "decide", "decision": "warn", "category": "personal_data", "note": "Hati-hati ya"})
    assert f'href="/moderasi/{item["id"]}"' in await desk.open("/moderasi?daftar=done")
    mine = await tab(helper).open("/moderasi/saya")
    assert "Hati-hati ya" in mine
    assert f'action="/moderasi/saya/{item["id"]}"' in mine
    assert "Banding Anda" in await tab(helper).fill(
        f"/moderasi/saya/{item['id']}", {"text": "Itu bukan data siapa pun"}
    )
    assert "urusan Anda sendiri" in await desk.open(path)
    await tab(other).fill(path, {"act": "rule", "ruling": "overturn", "note": ""})
    assert "Dibatalkan" in await tab(helper).open("/moderasi/saya")
    assert "Statistik moderasi" in await tab(None).open("/moderasi/statistik")
    assert "Moderation statistics" in await tab(None).open("/moderasi/statistik", language="en")
    words = await desk.fill("/moderasi/kata", {"word": "contohqq", "action": "flag"})
    assert re.search(r"<b>contohqq</b>", words)
    assert "contohqq" not in await desk.fill("/moderasi/kata", {"word": "contohqq", "remove": "1"})
    for page_path in ("/moderasi", path, "/moderasi/kata"):
        assert (await tab(reader).get(page_path)).status == 403
        assert (await tab(None).get(page_path)).status == 303
