"""The forum's pages without JavaScript: read, write, react, keep; what search engines and caches are told."""

import re
from xml.etree import ElementTree

import orjson

from tests.harness.browsing import Tab, faults_of
from tests.harness.forum import category, reply, small_forum, topic
from tests.harness.people import World
from tests.harness.process import eventually

_ATOM = {"a": "http://www.w3.org/2005/Atom"}
_MAP = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def _tab(world: World, token: str | None = None) -> Tab:
    return Tab(world.session, world.server.url, token)


async def test_everybody_may_read(world: World) -> None:
    """Lists, categories, tags and topics, in both languages."""
    forum = await small_forum(world)
    tab = _tab(world)
    index = await tab.open("/forum")
    assert forum.path in index
    assert f"/forum/k/{forum.category['slug']}" in index
    assert forum.path in await tab.open(f"/forum/k/{forum.category['slug']}")
    assert forum.path in await tab.open("/forum/tag/struk")
    page = await tab.open(forum.path)
    assert "<strong>struk kasir terpotong</strong>" in page
    assert page.count('<article class="post') == 3
    assert "Masuk untuk membalas" in page
    english = await tab.open(f"{forum.path}?lang=en")
    assert "Sign in to reply" in english
    assert '<html lang="en">' in english
    assert (await tab.get("/forum/k/tidak-ada")).status == 404
    assert (await tab.get("/forum/tag/tidak-ada")).status == 404
    assert (await tab.get("/forum/t/999999")).status == 404


async def test_a_category_that_is_closed_is_closed_at_once(world: World) -> None:
    """Also where its pages were kept for readers who are not signed in."""
    forum = await small_forum(world)
    tab = _tab(world)
    paths = (forum.path, f"/forum/k/{forum.category['slug']}", f"/forum/t/{forum.topic['number']}/feed.atom")
    for path in paths:
        assert (await tab.get(path)).status == 200
    moderator = await world.person("moderator", "Penjaga")
    closed = {"readers": "staff", "writers": "staff"}
    assert (await moderator.call("PATCH", f"/forum/categories/{forum.category['id']}", closed)).status == 200
    assert [(await tab.get(path)).status for path in paths] == [404] * 3
    assert forum.path not in await tab.open("/forum")


async def test_a_topic_has_one_address(world: World) -> None:
    """Anything else leads there; search engines are told of it, and of whom only the handle."""
    forum = await small_forum(world)
    tab = _tab(world)
    for wrong in (f"/forum/t/{forum.topic['number']}", f"/forum/t/{forum.topic['number']}/lain?p=1"):
        answer = await tab.get(wrong)
        assert answer.status == 301
        assert answer.headers["Location"].startswith(forum.path)
    html = (await tab.get(forum.path)).body.decode()
    assert f'<link rel="canonical" href="{world.server.url}{forum.path}">' in html
    linked = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert linked is not None
    data = orjson.loads(linked[1])
    assert data["@type"] == "DiscussionForumPosting"
    assert data["url"] == world.server.url + forum.path
    assert len(data["comment"]) == 2
    assert "Toko Contoh" not in html
    assert "Klinik Contoh" not in html


async def test_pages_are_kept_until_something_changes(world: World) -> None:
    """The same entity tag as long as nothing happens; never of who is signed in."""
    forum = await small_forum(world)
    tab = _tab(world)
    first = await tab.get(forum.path)
    assert (first.headers["Cache-Control"], first.headers["Vary"]) == (
        "no-cache",
        "Accept-Language, Accept-Encoding, Cookie",
    )
    again = await tab.get(forum.path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    await reply(forum.helper, forum.topic["id"], "Satu lagi dari saya.")
    fresh = await tab.get(forum.path, headers={"If-None-Match": first.headers["ETag"]})
    assert fresh.status == 200
    assert "Satu lagi dari saya." in fresh.body.decode()
    assert "Satu lagi" not in (await tab.get("/forum/t/1")).body.decode()
    own = await _tab(world, forum.author.token).get(forum.path)
    assert own.headers["Cache-Control"] == "private, no-cache"
    assert "Tulis balasan" in own.body.decode()
    assert "Tulis balasan" not in (await tab.get(forum.path)).body.decode()


async def test_nobody_is_shown_an_address_that_somebody_else_called_us(world: World) -> None:
    """Canonical links name the host of the request; a page that is kept for one host is none for another."""
    forum = await small_forum(world)
    tab = _tab(world)
    elsewhere = await tab.get(forum.path, headers={"Host": "elsewhere.example"})
    assert "http://elsewhere.example/forum/" in elsewhere.body.decode()
    assert "elsewhere.example" not in await tab.open(forum.path)


async def test_write_and_answer(world: World) -> None:
    """A topic, an answer with a quote; identifiers are hidden on the page."""
    forum = await small_forum(world)
    tab = _tab(world, forum.author.token)
    form = await tab.open(f"/forum/baru?k={forum.category['slug']}")
    assert re.search(rf'<option value="{forum.category["id"]}" selected>', form)
    page = await tab.fill(
        "/forum/baru",
        {
            "category": str(forum.category["id"]),
            "title": "Laci kasir tidak terbuka",
            "text": "Hubungi saya di 0812-5550-1234 ya.",
            "tags": "laci, Kasir",
            "client_id": "a" * 32,
        },
    )
    assert "0812-5550-1234" not in page
    assert re.search(r'<span class="hidden-value" data-label="PHONE">nomor telepon 1</span>', page)
    number = tab.path.split("/")[3]
    helper = _tab(world, forum.helper.token)
    quoted = await helper.open(f"{tab.path}?kutip=1#balas")
    assert "&gt; @" in quoted
    answered = await helper.fill(f"/forum/t/{number}/balas", {"text": "Coba kunci yang lain.", "reply_to": "1"})
    assert "Coba kunci yang lain." in answered


async def test_a_refused_text_is_not_lost(world: World) -> None:
    """It stands in the form again, escaped, with the reason; also for whom the session ended meanwhile."""
    forum = await small_forum(world)
    text = "</textarea><script>alert(1)</script>" + "x" * 4_000
    tab = _tab(world, forum.author.token)
    refused = await tab.submit(f"/forum/t/{forum.topic['number']}/balas", {"text": text})
    html = refused.body.decode()
    assert refused.status == 400
    assert faults_of(html) == []
    assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in html
    assert "Terlalu panjang." in html
    stranger = _tab(world)
    kept = await stranger.submit(f"/forum/t/{forum.topic['number']}/balas", {"text": "Tulisan yang panjang sekali."})
    assert kept.status == 401
    assert faults_of(kept.body.decode()) == []
    assert "Tulisan yang panjang sekali." in kept.body.decode()
    lost = await stranger.submit("/forum/baru", {"title": "Judul saya", "text": "Isi saya."})
    assert "Isi saya." in lost.body.decode()
    assert 'value="Judul saya"' in lost.body.decode()


async def test_react_keep_and_follow(world: World) -> None:
    """Buttons without JavaScript."""
    forum = await small_forum(world)
    base = f"/forum/t/{forum.topic['number']}"
    tab = _tab(world, forum.helper.token)
    page = await tab.fill(f"{base}/p/1/reaksi", {"give": "like"})
    assert re.search(r'name="take" value="like" type="submit" aria-pressed="true"', page)
    page = await tab.fill(f"{base}/p/1/reaksi", {"take": "like"})
    assert 'aria-pressed="true"' not in page.partition('class="row topic-tools"')[0]
    assert (await tab.submit(f"{base}/p/1/reaksi", {"give": "nothing"})).status == 400
    assert (await _tab(world).submit(f"{base}/p/1/reaksi", {"give": "like"})).headers["Location"].startswith("/masuk")
    await tab.fill(f"{base}/p/2/penanda", {"on": "1"})
    assert forum.path + "#p2" in await tab.open("/forum/penanda")
    await tab.fill(f"{base}/p/2/penanda", {"on": ""})
    assert forum.path not in await tab.open("/forum/penanda")
    assert "Berhenti mengikuti" in await tab.fill(f"{base}/ikuti", {"on": "1"})


async def test_what_is_not_for_everybody(world: World) -> None:
    """A category for members is nowhere to be seen for others, and is not kept for them."""
    place = await category(world, "Ruang anggota", readers="members")
    member = await world.person("customer", "Toko Contoh")
    made = await topic(member, place["id"], "Hanya untuk anggota", "Isi untuk anggota saja.")
    path = str(made["path"])
    page = await _tab(world, member.token).get(path)
    assert page.status == 200
    assert '<meta name="robots" content="noindex">' in page.body.decode()
    stranger = _tab(world)
    assert (await stranger.get(path)).status == 404
    assert (await stranger.get(f"/forum/t/{made['number']}/kabar?setelah=0")).status == 404
    assert "Ruang anggota" not in await stranger.open("/forum")
    assert "Ruang anggota" in await _tab(world, member.token).open("/forum")


async def test_long_topics_have_pages(world: World) -> None:
    """Twenty posts on each; the news are what came after a place."""
    forum = await small_forum(world, answers=23)
    tab = _tab(world)
    first, second = await tab.open(forum.path), await tab.open(f"{forum.path}?p=2")
    assert first.count('<article class="post') == 20
    assert second.count('<article class="post') == 4
    assert f'<link rel="next" href="{forum.path}?p=2">' in first
    assert (await tab.get(f"{forum.path}?p=3")).status == 404
    news = await tab.get(f"/forum/t/{forum.topic['number']}/kabar?setelah=22")
    assert news.headers["X-Last-Seq"] == "24"
    assert news.body.decode().count("<article") == 2
    reader = _tab(world, (await world.person("customer", "Warung Contoh")).token)
    await reader.open(forum.path)
    unread = await reader.get(f"{forum.path}?baru=1")
    assert unread.headers["Location"] == f"{forum.path}?p=2#p21"


async def test_programs_read_the_forum(world: World) -> None:
    """Feeds, sitemap and robots.txt: public things, well formed, by handle."""
    forum = await small_forum(world)
    hidden = await category(world, "Ruang anggota", readers="members")
    secret = await topic(forum.author, hidden["id"], "Hanya untuk anggota", "Isi untuk anggota saja.")
    tab = _tab(world, forum.author.token)
    slug, number = forum.category["slug"], forum.topic["number"]
    for path in ("/forum/feed.atom", f"/forum/k/{slug}/feed.atom", f"/forum/t/{number}/feed.atom"):
        answer = await tab.get(path)
        assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
        feed = ElementTree.fromstring(answer.body)
        titles = [entry.findtext("a:title", "", _ATOM) for entry in feed.findall("a:entry", _ATOM)]
        assert "Struk kasir terpotong di bagian bawah" in titles
        assert "Hanya untuk anggota" not in titles
        contents = [entry.findtext("a:content", "", _ATOM) for entry in feed.findall("a:entry", _ATOM)]
        assert any("<strong>struk kasir terpotong</strong>" in content for content in contents)
    assert (await tab.get(f"/forum/k/{hidden['slug']}/feed.atom")).status == 404
    assert (await tab.get(f"/forum/t/{secret['number']}/feed.atom")).status == 404
    index = ElementTree.fromstring((await tab.get("/sitemap.xml")).body)
    assert index.findtext("m:sitemap/m:loc", "", _MAP) == world.server.url + "/sitemap-1.xml"
    part = ElementTree.fromstring((await tab.get("/sitemap-1.xml")).body)
    places = [item.text for item in part.findall("m:url/m:loc", _MAP)]
    assert world.server.url + forum.path in places
    assert world.server.url + str(secret["path"]) not in places
    assert (await tab.get("/sitemap-2.xml")).status == 404
    robots = (await tab.get("/robots.txt")).body.decode()
    assert "Disallow: /desk" in robots
    assert f"Sitemap: {world.server.url}/sitemap.xml" in robots


async def test_search(world: World) -> None:
    """What is found is marked; the question stands in the field of whoever asked, and is kept by nobody."""
    forum = await small_forum(world)
    tab = _tab(world)

    async def is_found() -> bool:
        return forum.path in (await tab.get("/forum/cari?q=struk+terpotong")).body.decode()

    await eventually(is_found, "the topic is found")
    html = await tab.open("/forum/cari?q=struk+terpotong")
    assert (await tab.get("/forum/cari?q=struk+terpotong")).headers["Cache-Control"] == "no-store"
    assert "<mark>" in html
    odd = await tab.get("/forum/cari?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert faults_of(odd.body.decode()) == []
    assert "<script>alert" not in odd.body.decode()
    assert (await tab.get("/forum/cari?q=" + "x" * 121)).status == 400
    await tab.open("/forum/cari")


async def test_what_is_unread(world: World) -> None:
    """Topics that somebody began to read and that went on since."""
    forum = await small_forum(world)
    reader = _tab(world, (await world.person("customer", "Warung Contoh")).token)
    await reader.open(forum.path)
    assert forum.path not in await reader.open("/forum/belum-dibaca")
    await reader.open("/forum")
    await reply(forum.helper, forum.topic["id"], "Satu lagi dari saya.")
    assert forum.path in await reader.open("/forum/belum-dibaca")
