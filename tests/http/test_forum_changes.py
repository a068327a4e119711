"""What is done to posts and topics that are there, as forms: edit, withdraw, accept, vote, curate."""

import re

from tests.harness.browsing import Tab
from tests.harness.forum import category, small_forum
from tests.harness.people import World


def _tab(world: World, token: str | None = None) -> Tab:
    return Tab(world.session, world.server.url, token)


async def test_edit_and_compare(world: World) -> None:
    """The new text stands, the history says what changed; only for whom it is."""
    forum = await small_forum(world)
    base = f"/forum/t/{forum.topic['number']}/p/2"
    tab = _tab(world, forum.helper.token)
    assert "58 mm" in await tab.open(f"{base}/ubah")
    page = await tab.fill(f"{base}/ubah", {"text": "Coba pilih kertas `80 mm`."})
    assert "80 mm" in page
    history = await tab.open(f"{base}/riwayat")
    assert re.search(r"<del>[^<]*58", history)
    assert re.search(r"<ins>[^<]*80", history)
    empty = await tab.submit(f"{base}/ubah", {"text": " "})
    assert (empty.status, "Wajib diisi." in empty.body.decode()) == (400, True)
    stranger = _tab(world, (await world.person("customer", "Warung Contoh")).token)
    assert (await stranger.get(f"{base}/ubah")).status == 403
    assert (await stranger.submit(f"{base}/ubah", {"text": "Lain."})).status == 403


async def test_accept_and_withdraw(world: World) -> None:
    """The answer is marked where it stands and under the question; what was withdrawn leaves a trace."""
    forum = await small_forum(world)
    number = forum.topic["number"]
    tab = _tab(world, forum.author.token)
    page = await tab.fill(f"/forum/t/{number}/terima", {"seq": "2"})
    assert "Terjawab di tulisan #2" in page
    assert 'class="post post-accepted' in page
    page = await tab.fill(f"/forum/t/{number}/terima", {"seq": ""})
    assert "post-accepted" not in page
    await tab.fill(f"/forum/t/{number}/p/3/tarik", {})
    others = await _tab(world).open(forum.path)
    assert "Sudah saya coba" not in others
    assert "ditarik kembali" in others


async def test_title_and_tags(world: World) -> None:
    """The address follows the title; the old one leads there."""
    forum = await small_forum(world)
    number = forum.topic["number"]
    tab = _tab(world, forum.author.token)
    await tab.open(f"/forum/t/{number}/ubah")
    page = await tab.fill(f"/forum/t/{number}/ubah", {"title": "Struk dipotong dua", "tags": "struk"})
    assert "Struk dipotong dua" in page
    assert tab.path.endswith("/struk-dipotong-dua")
    assert (await _tab(world).get(forum.path)).headers["Location"].endswith("/struk-dipotong-dua")


async def test_polls(world: World) -> None:
    """Asked with a topic, voted in a form, ended by who asked."""
    forum = await small_forum(world)
    tab = _tab(world, forum.author.token)
    form = {
        "category": str(forum.category["id"]),
        "title": "Kertas mana yang dipakai?",
        "text": "Mohon dipilih satu saja.",
        "poll_options": "58 mm\r\n80 mm",
    }
    page = await tab.fill("/forum/baru", form)
    assert page.count('type="radio" name="choice"') == 2
    number = tab.path.split("/")[3]
    voter = _tab(world, forum.helper.token)
    page = await voter.fill(f"/forum/t/{number}/p/1/jajak", {"choice": "1"})
    assert re.search(r'value="1" checked', page)
    assert "1 orang memilih" in page
    page = await tab.fill(f"/forum/t/{number}/p/1/jajak", {"close": "1"})
    assert "Ditutup" in page
    refused = await tab.submit("/forum/baru", {**form, "poll_options": "satu saja"})
    assert refused.status == 400
    assert "satu saja" in refused.body.decode()


async def test_moderators_manage_topics(world: World) -> None:
    """Pin, lock, move, split and merge; nobody else sees the page."""
    forum = await small_forum(world)
    elsewhere = await category(world, "Ruang lain")
    address = f"/forum/t/{forum.topic['number']}/kelola"
    assert (await _tab(world, forum.author.token).get(address)).status == 403
    tab = _tab(world, (await world.person("moderator", "Moderator")).token)
    await tab.open(address)
    assert "Disematkan" in await tab.fill(address, {"act": "pinned", "on": "1"})
    await tab.fill(address, {"act": "locked", "on": "1"})
    customer = _tab(world, (await world.person("customer", "Warung Contoh")).token)
    assert "tidak menerima balasan lagi" in await customer.open(forum.path)
    await tab.fill(address, {"act": "locked", "on": ""})
    assert f"/forum/k/{elsewhere['slug']}" in await tab.fill(address, {"act": "move", "category": str(elsewhere["id"])})
    assert (await tab.submit(address, {"act": "split", "title": "Cabang baru"})).status == 400
    split = await tab.fill(address, {"act": "split", "seq": "3", "title": "Cabang baru"})
    assert "Cabang baru" in split
    assert "Sudah saya coba" in split
    merged = await tab.fill(address, {"act": "merge", "into": tab.path.split("/")[3]})
    assert "Coba buka" in merged
    assert (await _tab(world).get(forum.path)).status == 301
