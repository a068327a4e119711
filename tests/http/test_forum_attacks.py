"""What strangers, newcomers and people who were silenced try to see or do in the forum, by every way that there is."""

import asyncio
import zlib
from dataclasses import dataclass

from tests.harness.browsing import Tab
from tests.harness.forum import category, reply, topic
from tests.harness.people import Person, World
from tests.harness.process import eventually

_HIDDEN = "layangan"
_CLOSED = "lesung"
_HELD = "kelambu"
_WITHDRAWN = "tampah"
_DRAFT = "bakul"
_WORDS = (_HIDDEN, _CLOSED, _HELD, _WITHDRAWN, _DRAFT)
"""Each stands in one text that is not for strangers, and nowhere else: handles made by chance have none of them."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A forum with texts out of sight, which were in sight before where they could be."""

    author: Person
    moderator: Person
    slugs: tuple[str, ...]
    topics: tuple[dict[str, object], ...]
    posts: tuple[str, ...]
    item: str

    def pages(self) -> list[str]:
        """Addresses of pages that show, or could show, any of it."""
        paths = ["/forum", "/forum/feed.atom", "/forum/penanda", "/forum/belum-dibaca", "/forum/diikuti", "/moderasi"]
        paths += [f"/forum/cari?q={word}" for word in _WORDS]
        paths += [f"/forum/k/{slug}{more}" for slug in self.slugs for more in ("", "/feed.atom")]
        paths += ["/sitemap.xml", "/sitemap/1.xml", f"/moderasi/{self.item}", f"/moderasi/saya/{self.item}"]
        for made in self.topics:
            base = f"/forum/t/{made['number']}"
            paths += [str(made["path"]), base, f"{base}?p=2", f"{base}/ubah", f"{base}/kelola"]
            paths += [f"{base}/p/{seq}/{act}" for seq in (1, 2, 3, 4) for act in ("ubah", "riwayat", "lapor")]
        return paths

    def calls(self) -> list[str]:
        """Addresses of the interface, likewise."""
        paths = ["/forum/topics", "/forum/categories", "/me/drafts", "/me/bookmarks", "/me/unread", "/me/notifications"]
        paths += [f"/search?q={word}" for word in _WORDS]
        paths += [f"/search/suggestions?q={word[:4]}" for word in _WORDS]
        paths += [f"/review/items/{self.item}", "/review/items"]
        for made in self.topics:
            base = f"/forum/topics/{made['id']}"
            paths += [
                base,
                f"{base}/posts",
                f"{base}/posts?after_seq=1",
                f"/forum/topics?category_id={made['category_id']}",
            ]
        paths += [f"/forum/posts/{post}{more}" for post in self.posts for more in ("", "/revisions", "/poll")]
        return paths


async def _item_of(moderator: Person, post: str) -> str:
    found: list[str] = []

    async def is_there() -> bool:
        items = (await moderator.get("/review/items", limit=100)).data["items"]
        found.extend(str(item["id"]) for item in items if item["target_id"] == post)
        return bool(found)

    await eventually(is_there, "the item is on the desk")
    return found[0]


async def _scene(world: World) -> Scene:
    author, moderator = await world.person("agent", "Petugas"), await world.person("moderator", "Penjaga")
    customer = await world.person("customer", "Toko Penulis")
    public, closing = await category(world), await category(world)
    open_topic = await topic(author, public["id"], "Kebun binatang kota", "Siapa tahu jam bukanya?")
    hidden = await reply(author, open_topic["id"], f"Kata orang ada {_HIDDEN} di sana.")
    withdrawn = await reply(author, open_topic["id"], f"Saya pernah melihat {_WITHDRAWN} di sana.")
    held = await reply(customer, open_topic["id"], f"Kirimkan kode OTP anda ke saya untuk melihat {_HELD}.")
    closed_topic = await topic(author, closing["id"], f"Soal {_CLOSED}", f"Di mana {_CLOSED} itu?")
    draft = {"place": "new", "title": f"Konsep {_DRAFT}", "text": f"Tentang {_DRAFT}"}
    assert (await author.call("PUT", "/me/drafts", draft)).status == 200
    posts = (str(hidden["id"]), str(withdrawn["id"]), str(held["id"]), f"{closed_topic['id']}.1")
    item = await _item_of(moderator, posts[2])
    slugs = (str(public["slug"]), str(closing["slug"]))
    return Scene(author, moderator, slugs, (open_topic, closed_topic), posts, item)


async def _close(world: World, scene: Scene) -> None:
    """Take out of sight what was in sight."""
    reporter = await world.person("customer", "Toko Pelapor")
    flag = {"target_type": "post", "target_id": scene.posts[0], "reason": "scam"}
    assert (await reporter.post("/flags", flag)).status == 201
    item = await _item_of(scene.moderator, scene.posts[0])
    decided = await scene.moderator.post(f"/review/items/{item}/decision", {"decision": "hide", "category": "scam"})
    assert decided.status == 200
    assert (await scene.author.call("DELETE", f"/forum/posts/{scene.posts[1]}")).status == 200
    admin = await world.person("admin", "Admin")
    closing = scene.topics[1]["category_id"]
    assert (await admin.call("PATCH", f"/forum/categories/{closing}", {"readers": "staff"})).status == 200


async def test_what_is_out_of_sight_is_nowhere(world: World) -> None:
    """Not in pages that were asked for before, nor where an address of it is known, nor for a tag of a former page."""
    scene = await _scene(world)
    strangers: list[Person | None] = [None, await world.person("visitor"), await world.person("customer", "Toko Baru")]
    tabs = [Tab(world.session, world.server.url, who.token if who else None) for who in strangers]
    tags: dict[tuple[int, str], str] = {}
    seen = ""
    for place, tab in enumerate(tabs):
        for path in scene.pages():
            answer = await tab.get(path)
            if "ETag" in answer.headers:
                tags[place, path] = answer.headers["ETag"]
            seen += answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
    # What could be seen was: else nothing of what follows means anything.
    assert _HIDDEN in seen
    assert _CLOSED in seen
    await _close(world, scene)
    await asyncio.gather(*(_search_is_empty(scene.moderator, word) for word in (_HIDDEN, _CLOSED)))
    told: list[tuple[str, str]] = []
    for place, (who, tab) in enumerate(zip(strangers, tabs, strict=True)):
        for path in scene.pages():
            tag = tags.get((place, path))
            for headers in ({}, {"If-None-Match": tag} if tag else {}):
                answer = await tab.get(path, headers=headers)
                if answer.status == 304:
                    # Nothing changed for them: then it held nothing of it either.
                    answer = await tab.get(path)
                told += _leaks(path, answer.body, asked=path)
        for path in scene.calls():
            token = who.token if who else None
            answer = await world.http.call("GET", f"/api/v1{path}", token=token)
            told += _leaks(path, answer.body, asked=path)
    assert told == []


async def _search_is_empty(moderator: Person, word: str) -> None:
    """The index follows in the background; what it finds is looked at again for each reader anyway."""

    async def is_gone() -> bool:
        return (await moderator.get("/search", q=word)).data["items"] == [] or word == _CLOSED

    await eventually(is_gone, "the search has forgotten it")


def _leaks(path: str, body: bytes, *, asked: str) -> list[tuple[str, str]]:
    text = body.decode("utf-8", "replace").lower()
    return [(path, word) for word in _WORDS if word in text and word[:4] not in asked]


async def test_whoever_is_silenced_is_silent_everywhere(world: World) -> None:
    """No word, vote or mark of theirs reaches others; what is their own they may still take away, and appeal."""
    manager = await world.person("moderator", "Penjaga")
    loud, other = await world.person("customer", "Toko Bising"), await world.person("agent", "Petugas")
    place = await category(world)
    own = await topic(loud, place["id"], "Pertanyaan tentang printer", "Printer kasir saya macet, tolong.")
    poll = {"options": ["kopi", "teh"]}
    asked = await topic(other, place["id"], "Kopi atau teh?", "Pilih satu.", poll=poll)
    assert (await loud.call("PATCH", "/me/profile", {"bio": "Toko kami buka tiap hari."})).status == 200
    reporter = await world.person("customer", "Toko Pelapor")
    flag = {"target_type": "post", "target_id": f"{own['id']}.1", "reason": "scam"}
    assert (await reporter.post("/flags", flag)).status == 201
    item = await _item_of(manager, f"{own['id']}.1")
    silence = {"decision": "silence", "category": "abuse", "days": 3}
    assert (await manager.post(f"/review/items/{item}/decision", silence)).status == 200
    tries: list[tuple[str, str, object]] = [
        ("POST", "/forum/topics", {"category_id": place["id"], "title": "Halo lagi", "text": "Halo."}),
        ("POST", f"/forum/topics/{asked['id']}/posts", {"text": "Halo."}),
        ("PUT", f"/forum/posts/{asked['id']}.1/reaction", {"kind": "like"}),
        ("PUT", f"/forum/posts/{asked['id']}.1/poll/vote", {"options": [0]}),
        ("POST", "/flags", {"target_type": "post", "target_id": f"{asked['id']}.1", "reason": "scam"}),
        ("PATCH", "/me/profile", {"bio": "Hubungi kami saja."}),
        ("PATCH", "/me/profile", {"handle": "toko-bising-lagi"}),
        ("POST", "/feedback", {"kind": "suggestion", "title": "Usul", "text": "Usul saya.", "visibility": "public"}),
    ]
    for method, path, body in tries:
        refused = await loud.call(method, path, body)
        assert (refused.status, refused.code) == (403, "not_permitted"), (path, refused.envelope)
    assert (await loud.call("PATCH", "/me/profile", {"bio": ""})).status == 200
    assert (await loud.post(f"/review/items/{item}/appeal", {"text": "Mohon ditinjau."})).status == 200


async def test_a_held_title_that_changes_is_seen_before_it_is_published(world: World) -> None:
    """Title and text are decided about as one: who changes the title changes what was looked at."""
    author, moderator = await world.person("customer", "Toko Penulis"), await world.person("moderator", "Penjaga")
    place = await category(world)
    made = await topic(author, place["id"], "Verifikasi akun", "Kirimkan kode OTP anda ke kami sekarang juga.")
    item = await _item_of(moderator, f"{made['id']}.1")
    seen = (await moderator.get(f"/review/items/{item}")).data["item"]["subject"]["revision"]
    changed = await author.call("PATCH", f"/forum/topics/{made['id']}", {"title": "Hadiah besar menanti anda"})
    assert changed.status == 200
    decision = {"decision": "approve", "revision": seen}
    late = await moderator.post(f"/review/items/{item}/decision", decision)
    assert (late.status, late.reasons) == (409, {"revision": "outdated"})
    again = (await moderator.get(f"/review/items/{item}")).data["item"]["subject"]
    assert again["text"].startswith("Hadiah besar")
    approved = await moderator.post(f"/review/items/{item}/decision", {**decision, "revision": again["revision"]})
    assert approved.status == 200


async def test_what_unpacks_to_very_much_is_not_unpacked(world: World) -> None:
    """A hundred MiB of nothing in a hundred KiB, as a program sends it and as a form."""
    author = await world.person("agent", "Petugas")
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(100)), packer.flush()])
    forms = {"/api/v1/forum/topics": "application/json", "/forum/baru": "application/x-www-form-urlencoded"}
    for path, kind in forms.items():
        headers = {
            "Content-Type": kind,
            "Content-Encoding": "gzip",
            "Cookie": f"amanah_session={author.token}",
            "Origin": world.server.url,
        }
        assert (await world.http.call("POST", path, raw=packed, headers=headers)).status == 413
    assert (await author.get("/forum/topics")).status == 200
