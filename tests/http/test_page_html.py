"""The HTML of all pages, by a validator that knows the specification (html-validate), beside the strict parser."""

import asyncio
from pathlib import Path

import orjson

from tests.harness.browsing import Tab
from tests.harness.forum import small_forum
from tests.harness.identity_provider import node
from tests.harness.people import Person, World

_STATIC = Path(__file__).parents[2] / "static"
_OUTSIDE = (
    "/", "/masuk", "/daftar", "/forum", "/forum/tag/struk", "/forum/cari?q=struk", "/forum/cari", "/saran",
    "/saran/baru?jenis=suggestion", "/saran/peta", "/saran/perubahan", "/saran/kode", "/cari?q=struk",
    "/kabar", "/status",
)  # fmt: skip  # names, read across
_MEMBERS = (
    "/forum", "/forum/baru", "/forum/penanda", "/forum/diikuti", "/forum/belum-dibaca", "/forum/profil",
    "/pemberitahuan", "/pemberitahuan/atur", "/forum/cari?q=struk", "/keluar",
)  # fmt: skip  # names, read across
_MODERATORS = ("/moderasi", "/moderasi/kata", "/moderasi/statistik", "/moderasi/suara")
_ADMINS = ("/webhook", "/triase/janji", "/triase/atur", "/kabar", "/survei", "/masuk/pastikan")
_AGENTS = ("/triase", "/triase/janji", "/wawasan", "/status", "/kabar", "/survei")


async def _read(world: World, person: Person | None, paths: list[str]) -> list[dict[str, str]]:
    tab = Tab(world.session, world.server.url, person.token if person else None)
    pages = []
    for path in paths:
        for language in ("id", "en"):
            answer = await tab.get(path, language=language)
            assert answer.status == (404 if path.endswith("tidak-ada") else 200), (path, answer.status)
            role = person.role.value if person else "nobody"
            pages.append({"name": f"{role} {language} {path}", "html": answer.body.decode()})
    return pages


async def _faults(pages: list[dict[str, str]]) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        node(), "scripts/validate.mjs", cwd=_STATIC, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(b"\n".join(orjson.dumps(page) for page in pages))
    assert process.returncode == 0
    return out.decode().splitlines()


async def test_every_page_is_valid(world: World) -> None:
    """For everybody, members, authors, moderators and staff, in both languages."""
    forum = await small_forum(world, answers=3)
    await forum.author.call("PUT", f"/forum/posts/{forum.topic['id']}.2/bookmark")
    await forum.author.call("PUT", "/me/follows", {"subject": "tag", "id": "struk"})
    await forum.helper.call("PATCH", f"/forum/posts/{forum.topic['id']}.2", {"text": "Coba *kertas* lain, `58 mm`."})
    poll = {"options": ["Senin", "Selasa"], "multiple": False}
    body = {"category_id": forum.category["id"], "title": "Kapan perawatan kasir", "text": "Pilih hari.", "poll": poll}
    asked = str((await forum.author.post("/forum/topics", body)).data["topic"]["path"])
    topic, base = forum.path, f"/forum/t/{forum.topic['number']}"
    place = f"/forum/k/{forum.category['slug']}"
    moderator = await world.person("moderator", "Penjaga")
    flagged = f"{base}/p/2/lapor"
    pages = await _read(world, None, [*_OUTSIDE, place, topic, asked, "/forum/t/tidak-ada"])
    writing = [f"{base}/ubah", f"{base}/p/1/ubah", f"{base}/p/2/riwayat", flagged, f"{topic}?kutip=2"]
    pages += await _read(world, forum.author, [*_MEMBERS, place, topic, asked, "/forum/tag/struk", *writing])
    pages += await _read(world, moderator, [*_MODERATORS, topic, asked, f"{base}/kelola"])
    pages += await _read(world, await world.person("admin", "Pengurus"), [*_ADMINS])
    pages += await _read(world, await world.person("agent", "Petugas"), [*_AGENTS])
    assert len(pages) > 60
    assert await _faults(pages) == []


async def test_the_validator_finds_faults(world: World) -> None:
    """Otherwise the test above would be worth nothing."""
    page = Tab(world.session, world.server.url)
    html = await page.open("/forum")
    broken = html.replace("<main", '<main id="twice"><p><div></div></p><p id="twice"></p><img src="x"', 1)
    assert len(await _faults([{"name": "broken", "html": broken}])) >= 3
