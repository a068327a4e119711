"""What the forum's forms can do without JavaScript beside sending a text: attach an image, schedule, open a wiki."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from tests.harness.browsing import Tab, faults_of
from tests.harness.forum import Forum, category, small_forum, topic
from tests.harness.http import Answer
from tests.harness.images import png
from tests.harness.people import Person, World
from tests.harness.process import eventually

_SEEN = {"image_confirmed": "1"}
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>/lampiran/[a-p]{32}\.webp)#\d+x\d+\)")


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.session, world.server.url, person.token if person else None)


def _reply_to(forum: Forum) -> str:
    return f"/forum/t/{forum.topic['number']}/balas"


def _typed(answer: Answer) -> str:
    html = answer.body.decode()
    assert faults_of(html) == []
    found = re.search(r'<textarea id="text".*?>\n(.*?)</textarea>', html, re.DOTALL)
    assert found is not None
    return found[1]


async def test_an_image_is_attached_and_the_text_stays(world: World) -> None:
    """First only attached, then sent with the text; nothing of the file's name is kept."""
    forum = await small_forum(world)
    tab = _tab(world, forum.author)
    assert 'enctype="multipart/form-data"' in await tab.open(forum.path)
    fields = {"text": "Lihat laci ini.", "image_alt": "Laci [kasir] terbuka", "attach": "1", **_SEEN}
    attached = await tab.upload(_reply_to(forum), fields, "image", png())
    assert attached.status == 200
    typed = _typed(attached)
    found = _IMAGE.search(typed)
    assert found is not None
    assert typed.startswith("Lihat laci ini.\n\n![Laci kasir terbuka](")
    assert "Gambar sudah ada di akhir tulisan" in attached.body.decode()
    assert b"Wati" not in attached.body
    page = await tab.fill(_reply_to(forum), {"text": typed})
    shown = found["path"].replace(".webp", "-k.webp")
    assert re.search(rf'<img [^>]*src="{shown}"[^>]*alt="Laci kasir terbuka"', page), page[page.index("Lihat laci") :][
        :400
    ]

    async def open_to_all() -> bool:
        return (await _tab(world).get(found["path"])).status == 200

    await eventually(open_to_all, "the image is there for everybody")


async def test_an_image_goes_with_the_text_at_once(world: World) -> None:
    """Who chooses a file and sends the text means both; also where a topic begins and where a post is changed."""
    forum = await small_forum(world)
    tab = _tab(world, forum.author)
    sent = await tab.upload(_reply_to(forum), {"text": "Ini gambarnya.", **_SEEN}, "image", png(90, 60))
    assert sent.status == 303
    begun = await tab.upload(
        "/forum/baru",
        {"category": str(forum.category["id"]), "title": "Laci kasir macet", "text": "Lihat:", "tags": "", **_SEEN},
        "image",
        png(91, 61),
    )
    assert begun.status == 303, _typed(begun)
    assert "<img" in (await tab.open(begun.headers["Location"])).partition('class="prose"')[2]
    changed = await tab.upload(
        f"/forum/t/{forum.topic['number']}/p/1/ubah", {"text": "Struk begini.", **_SEEN}, "image", png(92, 62)
    )
    assert changed.status == 303
    assert "<img" in (await tab.open(forum.path)).partition('class="prose"')[2].partition("</article>")[0]


@pytest.mark.parametrize(
    ("fields", "file", "said"),
    [
        ({}, png(), "Wajib diisi"),
        (_SEEN, b"bukan gambar", "Ini bukan gambar"),
        ({**_SEEN, "attach": "1"}, b"", "Wajib diisi"),
    ],
)
async def test_a_refused_image_costs_nothing_of_the_text(
    world: World, fields: dict[str, str], file: bytes, said: str
) -> None:
    """Not looked at, no image, none chosen."""
    forum = await small_forum(world, answers=0)
    refused = await _tab(world, forum.author).upload(
        _reply_to(forum), {"text": "Tulisan yang tetap ada.", **fields}, "image", file
    )
    assert refused.status == 400
    assert _typed(refused) == "Tulisan yang tetap ada."
    assert said in refused.body.decode()
    assert 'class="fold" data-images open' in refused.body.decode()


async def test_images_are_for_those_who_may(world: World) -> None:
    """Nobody else sees the field, nor gets one in; what they typed stays, also of whom the session ended."""
    forum = await small_forum(world, answers=0)
    newcomer = await world.person("customer", "Warung Contoh")
    tab = _tab(world, newcomer)
    assert 'type="file"' not in await tab.open(forum.path)
    for visitor, status in ((tab, 403), (_tab(world), 401)):
        fields = {"text": "Tulisan yang tetap ada.", **_SEEN}
        refused = await visitor.upload(_reply_to(forum), fields, "image", png())
        assert refused.status == status
        assert _typed(refused) == "Tulisan yang tetap ada."


async def test_a_topic_is_scheduled_in_the_form(world: World) -> None:
    """By staff, by the clock that they choose; until then nobody else sees it."""
    place = await category(world)
    agent = await world.person("agent", "Toko Contoh")
    tab, stranger = _tab(world, agent), _tab(world)
    form = await tab.open(f"/forum/baru?k={place['slug']}")
    assert 'name="publish_at"' in form
    at = (datetime.now(UTC) + timedelta(days=2)).replace(second=0, microsecond=0)
    clock = (at + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")
    fields = {
        "category": str(place["id"]),
        "title": "Rencana perawatan kasir",
        "text": "Akan kami umumkan.",
        "publish_at": clock,
        "zone": "e420",
        "client_id": secrets.token_hex(16),
    }
    page = await tab.fill("/forum/baru", fields)
    assert "Terjadwal" in page
    assert f'datetime="{at.strftime("%Y-%m-%dT%H:%M:%SZ")}"' in page
    assert (await stranger.get(tab.path)).status == 404
    assert tab.path not in await stranger.open(f"/forum/k/{place['slug']}")
    for wrong in ("2001-01-01T10:00", "besok", "2026-02-31T10:00"):
        refused = await tab.submit("/forum/baru", {**fields, "publish_at": wrong, "client_id": secrets.token_hex(16)})
        assert refused.status == 400
        assert 'id="publish_at-reason"' in refused.body.decode()
        assert _typed(refused) == "Akan kami umumkan."
    member = await world.person("customer", "Warung Contoh")
    assert 'name="publish_at"' not in await _tab(world, member).open("/forum/baru")
    body = {"category_id": place["id"], "title": "Nanti saja", "text": "Nanti.", "publish_at": at.isoformat()}
    assert (await member.post("/forum/topics", body)).code == "not_permitted"


async def test_a_scheduled_topic_appears_at_its_time(world: World) -> None:
    """Held back until then, then there for everybody, in the lists too."""
    place = await category(world)
    agent, stranger = await world.person("agent", "Toko Contoh"), _tab(world)
    soon = datetime.now(UTC) + timedelta(seconds=30)
    made = await topic(agent, place["id"], "Jadwal libur toko", "Kami libur hari Senin.", publish_at=soon.isoformat())
    path = str(made["path"])
    assert made["state"] == "scheduled"
    seen_early = (await stranger.get(path)).status
    # However slow this machine is: what was asked before the time was answered with nothing.
    assert seen_early == 404 or datetime.now(UTC) > soon

    async def shown() -> bool:
        return (await stranger.get(path)).status == 200

    await eventually(shown, "the topic appears", patience_s=180)
    assert datetime.now(UTC) > soon
    assert path in await stranger.open(f"/forum/k/{place['slug']}")


async def test_a_wiki_is_opened_changed_and_closed(world: World) -> None:
    """Its author opens it; whose level allows changes it; whoever is new does not; closed again, nobody else."""
    author, newcomer = await world.person("customer", "Toko Contoh"), await world.person("customer", "Warung Contoh")
    trusted = await world.person("agent", "Petugas Contoh")
    place = await category(world)
    made = await topic(author, place["id"], "Daftar merek kertas struk", "Merek yang cocok: belum ada.")
    base = f"/forum/t/{made['number']}/p/1"
    mine, other, new = _tab(world, author), _tab(world, trusted), _tab(world, newcomer)
    assert (await other.get(f"{base}/ubah")).status == 403
    assert (await other.submit(f"{base}/wiki", {"on": "1"})).status == 403
    assert "Jadikan wiki" in await mine.open(str(made["path"]))
    page = await mine.fill(f"{base}/wiki", {"on": "1"})
    assert "Tutup wiki" in page
    assert "Sunting wiki" in await other.open(str(made["path"]))
    assert "Sunting wiki" not in await new.open(str(made["path"]))
    assert (await new.submit(f"{base}/ubah", {"text": "Merek saya saja."})).status == 403
    changed = await other.fill(f"{base}/ubah", {"text": "Merek yang cocok: semua kertas 58 mm."})
    assert "semua kertas 58 mm" in changed
    # What was taken away stands between what came in its place.
    history = re.sub(r"<del>.*?</del>|<[^>]+>", "", await new.open(f"{base}/riwayat"))
    assert "semua kertas 58 mm" in history
    await mine.fill(f"{base}/wiki", {"on": ""})
    assert (await other.submit(f"{base}/ubah", {"text": "Sekali lagi."})).status == 403


async def test_places_and_tags_are_followed(world: World) -> None:
    """Buttons on their pages, and one list of everything, from which each can be left."""
    forum = await small_forum(world)
    reader = await world.person("customer", "Warung Contoh")
    tab, stranger = _tab(world, reader), _tab(world)
    place, tag = f"/forum/k/{forum.category['slug']}", "/forum/tag/struk"
    assert "belum mengikuti apa pun" in await tab.open("/forum/diikuti")
    assert f'action="{place}/ikuti"' not in await stranger.open(place)
    assert (await stranger.submit(f"{place}/ikuti", {"on": "1"})).headers["Location"].startswith("/masuk")
    for path, follow in ((place, "Ikuti kategori"), (tag, "Ikuti tag")):
        assert follow in await tab.open(path)
        assert "Berhenti mengikuti" in await tab.fill(f"{path}/ikuti", {"on": "1"})
    await tab.fill(f"/forum/t/{forum.topic['number']}/ikuti", {"on": "1"})
    page = await tab.open("/forum/diikuti")
    assert all(f'href="{path}"' in page for path in (place, tag, forum.path))
    for subject, identity in (("category", forum.category["id"]), ("tag", "struk"), ("topic", forum.topic["id"])):
        assert f'name="{subject}" value="{identity}"' in page
        page = await tab.fill("/forum/diikuti", {subject: str(identity)})
        assert f'name="{subject}"' not in page
    assert "belum mengikuti apa pun" in page
    assert (await tab.submit("/forum/diikuti", {})).status == 400


async def test_only_tags_that_there_are_can_be_followed(world: World) -> None:
    """What is kept of a tag has passed the gate with a topic: nobody's number is kept as something that is followed."""
    reader = await world.person("customer", "Warung Contoh")
    tab = _tab(world, reader)
    for word in ("081290713648", "budi-contoh", "a" * 41):
        for wish in ("1", ""):
            assert (await tab.submit(f"/forum/tag/{word}/ikuti", {"on": wish})).status == 404
        answer = await reader.call("PUT", "/me/follows", {"subject": "tag", "id": word})
        assert answer.code in {"not_found", "invalid_input"}
    kept = await world.database["forum_follows"].find({"account_id": reader.id}).to_list(None)
    assert kept == []
