"""Posts are kept in memory for all readers alike: nobody is shown what is not for them, nor what is no more."""

import pytest

from tests.harness.browsing import Tab
from tests.harness.forum import Forum, category, reply, small_forum, topic
from tests.harness.people import Person, World
from tests.harness.process import eventually


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.session, world.server.url, person.token if person else None)


async def _readers(world: World) -> list[Tab]:
    """Somebody who is not signed in, and two members."""
    return [_tab(world), *[_tab(world, await world.person("customer", name)) for name in ("Toko Satu", "Toko Dua")]]


async def _hide(world: World, moderator: Person, post_id: str) -> None:
    """Take a post out of sight the way moderators do it."""
    reporter = await world.person("customer", "Toko Pelapor")
    answer = await reporter.post("/flags", {"target_type": "post", "target_id": post_id, "reason": "scam"})
    assert answer.status == 201, answer.envelope
    found: list[str] = []

    async def is_there() -> bool:
        items = (await moderator.get("/review/items", limit=100)).data["items"]
        found.extend(str(item["id"]) for item in items if item["target_id"] == post_id)
        return bool(found)

    await eventually(is_there, "the item is on the desk")
    path = f"/review/items/{found[0]}"
    assert (await moderator.post(f"{path}/claim")).status == 200
    decided = await moderator.post(f"{path}/decision", {"decision": "hide", "category": "scam"})
    assert decided.status == 200, decided.envelope


async def _second(forum: Forum) -> dict[str, object]:
    (_, second, *_) = (await forum.author.get(f"/forum/topics/{forum.topic['id']}/posts")).data["items"]
    return dict(second)


async def test_what_is_hidden_is_in_nobodys_next_page(world: World) -> None:
    """Every reader had the page; after the decision none has the text, and the author and moderators still do."""
    forum = await small_forum(world)
    moderator = await world.person("moderator", "Penjaga")
    readers = await _readers(world)
    said = "Pengaturan &gt; Pencetak"
    for tab in (*readers, _tab(world, moderator), _tab(world, forum.helper)):
        assert said in await tab.open(forum.path)
    await _hide(world, moderator, str((await _second(forum))["id"]))
    for tab in readers:
        assert said not in await tab.open(forum.path)
    for person in (moderator, forum.helper):
        assert said in await _tab(world, person).open(forum.path)
    # Also after those who may see it have had it made for them.
    for tab in readers:
        assert said not in await tab.open(forum.path)


async def test_what_is_changed_or_taken_back_is_so_for_everybody(world: World) -> None:
    """An edit, a reaction, a withdrawal."""
    forum = await small_forum(world)
    readers = await _readers(world)
    for tab in readers:
        await tab.open(forum.path)
    path = f"/forum/posts/{(await _second(forum))['id']}"
    assert (await forum.helper.call("PATCH", path, {"text": "Ganti **kertasnya** saja."})).status == 200
    for tab in readers:
        page = await tab.open(forum.path)
        assert "Ganti <strong>kertasnya</strong> saja." in page
        assert "58 mm" not in page
    liked = await forum.author.call("PUT", f"{path}/reaction", {"kind": "helpful"})
    assert liked.status == 200
    for tab in readers:
        assert "Membantu" in (await tab.open(forum.path)).partition('id="p2"')[2].partition("</article>")[0]
    assert (await forum.helper.call("DELETE", path)).status == 200
    for tab in readers:
        assert "kertasnya" not in await tab.open(forum.path)


async def test_each_reader_sees_their_own_marks_and_rights(world: World) -> None:
    """A page that was made for one is not another's: buttons of authors, bookmarks, reactions, follows."""
    forum = await small_forum(world)
    one, other = _tab(world, forum.author), _tab(world, await world.person("customer", "Toko Lain"))
    base = f"/forum/t/{forum.topic['number']}"
    for tab in (one, other, one, other):
        page = await tab.open(forum.path)
        assert (f'action="{base}/p/1/tarik"' in page) == (tab is one)
        assert page.count("post-own") == (2 if tab is one else 0)
    assert "Berhenti mengikuti" not in await other.open(forum.path)
    for on, kept in (("1", 1), ("", 0)):
        await other.fill(f"{base}/p/2/penanda", {"on": on})
        await other.fill(f"{base}/ikuti", {"on": on})
        page = await other.open(forum.path)
        assert page.count('name="on" value=""') == 2 * kept
        assert 'name="on" value=""' not in (await one.open(forum.path)).partition('class="row topic-tools"')[0]
    await other.fill(f"{base}/p/2/reaksi", {"give": "like"})
    assert 'name="take" value="like"' in await other.open(forum.path)
    assert 'name="take" value="like"' not in await one.open(forum.path)


async def test_a_category_that_is_closed_is_closed_for_members_too(world: World) -> None:
    """Though its pages are in memory."""
    forum = await small_forum(world)
    member = _tab(world, await world.person("customer", "Toko Contoh"))
    assert (await member.get(forum.path)).status == 200
    moderator = await world.person("moderator", "Penjaga")
    closed = {"readers": "staff", "writers": "staff"}
    assert (await moderator.call("PATCH", f"/forum/categories/{forum.category['id']}", closed)).status == 200
    assert (await member.get(forum.path)).status == 404
    assert (await member.get(f"/forum/t/{forum.topic['number']}/kabar?setelah=0")).status == 404
    assert (await _tab(world, forum.helper).get(forum.path)).status == 200


async def test_a_session_that_ended_reads_like_a_stranger(world: World) -> None:
    """At the next request, whatever is in memory."""
    place = await category(world, "Ruang anggota", readers="members")
    member = await world.person("customer", "Toko Contoh")
    made = await topic(member, place["id"], "Hanya untuk anggota", "Isi untuk anggota saja.")
    tab = _tab(world, member)
    assert "Isi untuk anggota saja." in await tab.open(str(made["path"]))
    assert (await member.call("DELETE", "/sessions/current")).status == 200
    assert (await tab.get(str(made["path"]))).status == 404


@pytest.mark.parametrize("count", [3])
async def test_bookmarks_of_many_topics(world: World, count: int) -> None:
    """Newest first, with their topics; what is no longer to be seen says so and shows nothing."""
    reader = await world.person("agent", "Toko Contoh")
    forums = [await small_forum(world) for _ in range(count)]
    ids = [str((await _second(forum))["id"]) for forum in forums]
    for post_id in ids:
        assert (await reader.call("PUT", f"/forum/posts/{post_id}/bookmark")).status == 200
    closed = {"readers": "staff", "writers": "staff"}
    moderator = await world.person("moderator", "Penjaga")
    member = await world.person("customer", "Toko Lain")
    for post_id in ids:
        assert (await member.call("PUT", f"/forum/posts/{post_id}/bookmark")).status == 200
    path = f"/forum/categories/{forums[0].category['id']}"
    assert (await moderator.call("PATCH", path, closed)).status == 200
    await reply(forums[1].author, forums[1].topic["id"], "Satu lagi.")
    items = (await reader.get("/me/bookmarks")).data["items"]
    assert [item["post_id"] for item in items] == ids[::-1]
    assert [item["topic"]["id"] for item in items] == [forum.topic["id"] for forum in forums[::-1]]
    assert all(item["post"]["bookmarked"] for item in items)
    items = (await member.get("/me/bookmarks")).data["items"]
    assert [item["post"] is None for item in items] == [False] * (count - 1) + [True]
    assert [item["topic"] is None for item in items] == [False] * (count - 1) + [True]
    page = await _tab(world, member).open("/forum/penanda")
    assert [forum.path in page for forum in forums] == [False, True, True]
