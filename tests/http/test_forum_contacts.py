"""A writer's own contact in the forum, by pages without JavaScript: signed, shown, kept from others, withdrawn."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.harness.browsing import Tab
from tests.harness.forum import category, reply, topic
from tests.harness.people import Person, World
from tests.harness.process import eventually
from tests.http.test_factors import _PASSWORD, Member, _member, _staff

_PHONE = "0812-9071-3648"
_SAME = "+62 812 9071 3648"
_OTHER = "0857-2214-9930"
_MAIL = "Toko.Melati@contoh.example"
_SEEN = re.compile(r"9071\D?3648")
"""The number, however it is written. Fewer digits may stand by chance in an id, or in a handle of somebody else."""

_NEW = "/privasi/izin/kontak"


def _tab(world: World, person: Person | Member | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


async def _writer(world: World) -> Member:
    """Somebody of staff with a second factor: what customers write first is held for a moderator."""
    writer = await _staff(world.server, world.http, "agent")
    assert (await writer.sign_in()).status == 201
    await writer.enrol()
    assert (await writer.sign_in(writer.code())).status == 201
    return writer


async def _sign(world: World, member: Member, place: dict[str, object], contact: str, recovery: int = 0) -> str:
    """Ask for and sign a contact; give the address of the permission."""
    tab = _tab(world, member)
    page = await tab.fill(_NEW, {"place": str(place["id"]), "contact": contact, "days": "30"})
    assert contact in page
    own = tab.path
    signature = {"act": "sign", "name": "Ratna Contoh", "password": _PASSWORD, "code": member.recovery[recovery]}
    assert "dengan faktor kedua" in await tab.fill(own, signature)
    return own


async def _topic(member: Member, place: dict[str, object], text: str) -> dict[str, Any]:
    body = {"category_id": place["id"], "title": "Mesin kasir bekas dijual", "text": text}
    answer = await member.call("POST", "/forum/topics", body)
    assert answer.status == 201, answer.envelope
    return dict(answer.data)


async def _post(member: Member, topic_id: object, text: str) -> dict[str, Any]:
    answer = await member.call("POST", f"/forum/topics/{topic_id}/posts", {"text": text})
    assert answer.status == 201, answer.envelope
    return dict(answer.data["post"])


async def _waiting(moderator: Person, target_id: object) -> dict[str, Any]:
    """The item about a post; a held one comes in the background."""
    found: list[dict[str, Any]] = []

    async def is_there() -> bool:
        items = (await moderator.get("/review/items", limit=100)).data["items"]
        found.extend(item for item in items if item["target_id"] == target_id)
        return bool(found)

    await eventually(is_there, "the item is on the desk")
    return found[0]


async def test_a_contact_is_shown_for_as_long_as_its_permission_stands(world: World) -> None:
    """To guests too, marked as its writer's; however it is written; and to nobody from the moment of withdrawal."""
    place = await category(world, contact_allowed=True)
    writer = await _writer(world)
    own = await _sign(world, writer, place, _PHONE)
    made = await _topic(writer, place, f"Hubungi {_SAME} atau {_OTHER} sore hari.")
    path, topic_id = made["topic"]["path"], made["topic"]["id"]
    assert made["post"]["text"] == "Hubungi +⟦PHONE:1⟧ atau ⟦PHONE:2⟧ sore hari."
    assert made["post"]["contacts"] == [{"placeholder": "⟦PHONE:1⟧", "label": "PHONE", "value": _PHONE}]
    guest = _tab(world)
    page = await guest.open(path)
    assert f'Hubungi <span class="contact" data-hidden="nomor telepon 1">{_PHONE}</span> atau' in page
    assert 'href="tel:081290713648"' in page
    assert "diterbitkan oleh penulisnya" in page
    assert _OTHER not in page
    answer = await guest.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    listed = (await world.http.get(f"/api/v1/forum/topics/{topic_id}/posts")).data["items"]
    assert [one["value"] for one in listed[0]["contacts"]] == [_PHONE]
    news = (await guest.get(f"/forum/t/{made['topic']['number']}/kabar?setelah=0")).body.decode()
    assert _PHONE in news
    await _tab(world, writer).fill(own, {"act": "end"})
    tagged = await guest.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert tagged.status == 200
    for shown in (tagged.body.decode(), (await guest.get(path + "?lang=en")).body.decode()):
        assert not _SEEN.search(shown)
    listed = (await world.http.get(f"/api/v1/forum/topics/{topic_id}/posts")).data["items"]
    assert listed[0]["contacts"] == []
    news = (await guest.get(f"/forum/t/{made['topic']['number']}/kabar?setelah=0")).body.decode()
    assert not _SEEN.search(news)
    document = await _tab(world, writer).open(own)
    assert not _SEEN.search(document), "what has ended is kept nowhere"
    assert not _SEEN.search(str([one async for one in world.database["permissions"].find({})]))


async def test_only_what_its_writer_signed_for_that_category_passes(world: World) -> None:
    """Not another value, another writer's post, another category, another text of the same number, nor a quote."""
    place, elsewhere = await category(world, contact_allowed=True), await category(world, contact_allowed=True)
    closed = await category(world)
    writer, second = await _writer(world), await _writer(world)
    await _sign(world, writer, place, _MAIL)
    made = await _topic(writer, place, f"Tulis ke {_MAIL.lower()} ya.")
    assert [one["value"] for one in made["post"]["contacts"]] == [_MAIL]
    topic_id = made["topic"]["id"]
    stolen = await _post(second, topic_id, f"Kata dia: {_MAIL}")
    assert (stolen["text"], stolen["contacts"]) == ("Kata dia: ⟦EMAIL:1⟧", [])
    assert (await _post(writer, topic_id, "Atau lewat admin@contoh.example"))["contacts"] == []
    for other in (elsewhere, closed):
        assert (await _topic(writer, other, f"Tulis ke {_MAIL} ya."))["post"]["contacts"] == []
    quoting = await _tab(world, second).open(f"{made['topic']['path']}?kutip=1")
    typed = re.search(r'<textarea id="text".*?</textarea>', quoting, re.DOTALL)
    assert typed is not None
    assert "&gt; Tulis ke [alamat surel 1] ya." in typed[0]
    assert _MAIL.lower() not in typed[0].lower()
    moderator = await world.person("moderator", "Penjaga")
    moved = await moderator.call("PATCH", f"/forum/topics/{topic_id}/curation", {"category_id": closed["id"]})
    assert moved.status == 200
    assert _MAIL not in await _tab(world).open(made["topic"]["path"])


async def test_a_contact_stands_nowhere_but_in_its_post(world: World) -> None:
    """Not in feeds, search, history, the list of topics, an export of posts, or what the search engines are told."""
    place = await category(world, contact_allowed=True)
    writer = await _writer(world)
    await _sign(world, writer, place, _PHONE)
    made = await _topic(writer, place, f"Jual timbangan, hubungi {_PHONE}.")
    path, number = made["topic"]["path"], made["topic"]["number"]
    edited = await writer.call("PATCH", f"/forum/posts/{made['post']['id']}", {"text": f"Jual meja, hubungi {_SAME}."})
    assert [one["value"] for one in edited.data["post"]["contacts"]] == [_PHONE]
    page = await _tab(world).open(path)
    assert page.count(_PHONE) == 2, "in the text, and in the line that says whose it is"
    reader = await _writer(world)
    for address in (
        f"/forum/t/{number}/feed.atom",
        f"/forum/k/{place['slug']}/feed.atom",
        "/forum/feed.atom",
        f"/forum/k/{place['slug']}",
        f"/forum/t/{number}/p/1/riwayat",
        "/forum/cari?q=timbangan",
        "/forum/cari?q=0812-9071-3648",
    ):
        answer = await _tab(world, reader).get(address)
        assert answer.status == 200, address
        shown = re.sub(r'value="[^"]*"', "", answer.body.decode())
        assert not _SEEN.search(shown), address
    found = (await reader.call("GET", "/search?q=meja")).data
    assert not _SEEN.search(str(found))
    revisions = (await reader.call("GET", f"/forum/posts/{made['post']['id']}/revisions")).data
    assert not _SEEN.search(str(revisions))


async def test_without_javascript_the_text_waits_while_a_contact_is_signed(world: World) -> None:
    """The form says what will be hidden; what was typed is kept as a draft, and shows the contact once it is sent."""
    place = await category(world, contact_allowed=True)
    writer, asker = await _writer(world), await world.person("agent", "Toko Lain")
    begun = await topic(asker, place["id"], "Siapa menjual timbangan?", "Kami mencari timbangan bekas.")
    tab = _tab(world, writer)
    page = await tab.open(str(begun["path"]))
    assert "Belum ada yang Anda tanda tangani" in page
    assert 'name="sign"' in page
    send = f"/forum/t/{begun['number']}/balas"
    typed = {"text": f"Kami punya, hubungi {_PHONE} ya.", "client_id": "uji-kontak"}
    answer = await tab.submit(send, {**typed, "sign": "1"})
    assert answer.status == 303
    to = urlsplit(answer.headers["Location"])
    query = {name: values[0] for name, values in parse_qs(to.query).items()}
    assert (to.path, query["kategori"]) == (_NEW, place["slug"])
    page = await tab.open(answer.headers["Location"])
    asked = {"place": str(place["id"]), "contact": _PHONE, "days": "30", "kembali": query["kembali"]}
    await tab.fill(_NEW, asked)
    signature = {"act": "sign", "name": "Ratna", "password": _PASSWORD, "code": writer.recovery[0]}
    page = await tab.fill(tab.path, {**signature, "kembali": query["kembali"]})
    assert "Kembali ke tulisan Anda" in page
    page = await tab.open(query["kembali"])
    assert "Kami punya, hubungi ⟦PHONE:1⟧ ya." in page
    assert f"<b>{_PHONE}</b>" in page
    assert 'name="from_draft"' in page
    await tab.fill(send, {**typed, "text": "Kami punya, hubungi ⟦PHONE:1⟧ ya.", "from_draft": "1"})
    assert _PHONE in await _tab(world).open(str(begun["path"]))
    assert (await writer.call("GET", "/me/drafts")).data["items"] == []


async def test_an_unsigned_contact_is_hidden_and_its_writer_is_told_how_to_show_it(world: World) -> None:
    """Signing alone shows nothing that stands there; saving the post once more does."""
    place = await category(world, contact_allowed=True)
    writer = await _writer(world)
    made = await _topic(writer, place, f"Hubungi {_PHONE}.")
    own = _tab(world, writer)
    page = await own.open(made["topic"]["path"])
    assert "Di sini ada kontak yang disembunyikan" in page
    assert "Di sini ada kontak" not in await _tab(world).open(made["topic"]["path"])
    await _sign(world, writer, place, _PHONE)
    assert _PHONE not in await _tab(world).open(made["topic"]["path"])
    edit = f"/forum/t/{made['topic']['number']}/p/1/ubah"
    assert "Hubungi ⟦PHONE:1⟧." in await own.open(edit)
    await own.fill(edit, {"text": "Hubungi ⟦PHONE:1⟧."})
    assert _PHONE in await _tab(world).open(made["topic"]["path"])


async def test_signing_takes_a_second_factor_and_one_contact(world: World) -> None:
    place, closed = await category(world, contact_allowed=True), await category(world)
    member = await _member(world)
    tab = _tab(world, member)
    asked = {"place": str(place["id"]), "contact": _PHONE, "days": "30"}
    for wrong in (
        {"contact": "hubungi saya"},
        {"contact": f"{_PHONE} atau {_OTHER}"},
        {"contact": f"Toko Melati {_PHONE}"},
        {"contact": "Jl. Kenangawangi No. 417, Sleman"},
        {"days": "3650"},
    ):
        assert (await tab.submit(_NEW, {**asked, **wrong})).status == 400, wrong
    assert (await tab.submit(_NEW, {**asked, "place": str(closed["id"])})).status == 400
    await tab.fill(_NEW, asked)
    own = tab.path
    assert (await tab.submit(_NEW, {**asked, "contact": _SAME})).status == 409, "the same, however it is written"
    signature = {"act": "sign", "name": "Ratna Contoh", "password": _PASSWORD}
    refused = await tab.submit(own, signature)
    assert refused.status == 400
    assert "perlu faktor kedua" in refused.body.decode()
    await member.enrol()
    assert "dengan faktor kedua" in await tab.fill(own, {**signature, "code": member.recovery[0]})
    stranger, officer = await world.person("customer", "Toko Lain"), await world.person("privacy_officer", "Uji")
    assert (await _tab(world, stranger).get(own)).status == 404
    permission = own.rpartition("/")[2]
    assert (await _tab(world, officer).get(f"/petugas/izin/{permission}")).status == 404
    assert permission not in (await _tab(world, officer).get("/petugas/izin")).body.decode()


async def test_what_new_people_publish_waits_for_a_moderator(world: World) -> None:
    """Who sees the contact in it before it is public, may take it out of a post, and let it in again."""
    place = await category(world, contact_allowed=True)
    member, moderator = await _member(world), await world.person("moderator", "Penjaga")
    await member.enrol()
    assert (await member.sign_in(member.code())).status == 201
    await _sign(world, member, place, _PHONE)
    made = await _topic(member, place, f"Jual laci uang, hubungi {_PHONE}.")
    assert made["post"]["state"] == "held"
    path, seq = made["topic"]["path"], made["post"]["seq"]
    assert (await _tab(world).get(path)).status == 404
    watching = _tab(world, moderator)
    assert _PHONE in await watching.open(path)
    item = await _waiting(moderator, made["post"]["id"])
    assert "contacts" in item["reasons"]
    assert (await moderator.post(f"/review/items/{item['id']}/claim")).status == 200
    approval = {"decision": "approve", "category": "other", "note": ""}
    decided = await moderator.post(f"/review/items/{item['id']}/decision", approval)
    assert decided.status == 200, decided.envelope
    assert _PHONE in await _tab(world).open(path)
    desk = await watching.open("/moderasi/kontak")
    assert _PHONE in desk
    close = f"/forum/t/{made['topic']['number']}/p/{seq}/kontak"
    assert (await _tab(world, member).submit(close, {"on": ""})).status == 403
    await watching.fill(close, {"on": "", "list": "1"})
    assert _PHONE not in await _tab(world).open(path)
    own = await _tab(world, member).open(path)
    assert "Moderator menyembunyikan kontak" in own
    edited = await member.call("PATCH", f"/forum/posts/{made['post']['id']}", {"text": f"Jual laci, {_PHONE}."})
    assert edited.data["post"]["contacts"] == [], "nor by writing it anew"
    answer = await moderator.call("PUT", f"/forum/posts/{made['post']['id']}/contacts", {"closed": False})
    assert [one["value"] for one in answer.data["post"]["contacts"]] == [_PHONE]
    lines = str([line async for block in world.database["audit_blocks"].find({}) for line in block["entries"]])
    assert "forum:contact:closed" in lines
    assert "forum:contact:opened" in lines


async def test_a_writer_is_told_when_a_moderator_hides_their_contact(world: World) -> None:
    """By a notice that leads to the post and says no more; not when it is let in again, nor of one's own doing."""
    place = await category(world, contact_allowed=True)
    writer, moderator = await _writer(world), await world.person("moderator", "Penjaga")
    await _sign(world, writer, place, _PHONE)
    made = await _topic(writer, place, f"Hubungi {_PHONE}.")
    contacts = f"/forum/posts/{made['post']['id']}/contacts"
    for closed in (True, False):
        assert (await moderator.call("PUT", contacts, {"closed": closed})).status == 200
    told = (await writer.call("GET", "/me/notifications")).data["items"]
    assert [one["kind"] for one in told].count("forum_contact_closed") == 1
    assert not _SEEN.search(str(told))
    listed = await _tab(world, writer).open("/pemberitahuan")
    assert "Moderator menyembunyikan kontak Anda" in listed
    notice = next(one for one in told if one["kind"] == "forum_contact_closed")
    assert notice["object"] == {"type": "post", "id": made["post"]["id"]}


async def test_a_post_that_is_moved_shows_its_contact_where_the_permission_reaches(world: World) -> None:
    """In a topic that it is split or merged into: in the category that was signed for, and in no other."""
    place, elsewhere = await category(world, contact_allowed=True), await category(world, contact_allowed=True)
    writer, asker = await _writer(world), await world.person("agent", "Toko Lain")
    moderator = await world.person("moderator", "Penjaga")
    await _sign(world, writer, place, _PHONE)
    begun = await topic(asker, place["id"], "Siapa menjual timbangan?", f"Bukan {_OTHER} lagi.")
    path = f"/forum/topics/{begun['id']}"
    offered = await _post(writer, begun["id"], f"Kami punya, hubungi {_PHONE}.")
    quoted = await reply(asker, begun["id"], f"Apakah {_SAME} itu masih aktif?")
    split = await moderator.post(f"{path}/split", {"seqs": [offered["seq"], quoted["seq"]], "title": "Timbangan bekas"})
    new = split.data["topic"]["id"]
    moved, question = (await world.http.get(f"/api/v1/forum/topics/{new}/posts")).data["items"]
    assert [one["value"] for one in moved["contacts"]] == [_PHONE]
    assert moved["text"] == f"Kami punya, hubungi {moved['contacts'][0]['placeholder']}."
    assert moved["contacts"][0]["placeholder"] in question["text"], "the same value keeps one number"
    assert question["contacts"] == []
    assert _PHONE in await _tab(world).open(split.data["topic"]["path"])
    assert _PHONE not in await _tab(world).open(str(begun["path"]))
    desk = await _tab(world, moderator).open("/moderasi/kontak")
    assert split.data["topic"]["path"] in desk
    assert str(begun["path"]) not in desk, "it stands there no more"
    far = await topic(asker, elsewhere["id"], "Pasar lain", "Di sini tidak ada izin.")
    merged = await moderator.post(f"/forum/topics/{new}/merge", {"into_id": far["id"]})
    assert merged.status == 200, merged.envelope
    assert _PHONE not in await _tab(world).open(str(far["path"]))
    assert not _SEEN.search(str([one async for one in world.database["forum_posts"].find({})]))


async def test_what_a_moderator_hid_stays_hidden_where_it_is_moved(world: World) -> None:
    place = await category(world, contact_allowed=True)
    writer, moderator = await _writer(world), await world.person("moderator", "Penjaga")
    await _sign(world, writer, place, _PHONE)
    begun = await topic(moderator, place["id"], "Siapa menjual timbangan?", "Kami mencari timbangan bekas.")
    offered = await _post(writer, begun["id"], f"Kami punya, hubungi {_PHONE}.")
    assert (await moderator.call("PUT", f"/forum/posts/{offered['id']}/contacts", {"closed": True})).status == 200
    split = await moderator.post(f"/forum/topics/{begun['id']}/split", {"seqs": [offered["seq"]], "title": "Timbangan"})
    path = split.data["topic"]["path"]
    assert _PHONE not in await _tab(world).open(path)
    [moved] = (await world.http.get(f"/api/v1/forum/topics/{split.data['topic']['id']}/posts")).data["items"]
    edited = await writer.call("PATCH", f"/forum/posts/{moved['id']}", {"text": f"Masih ada, {_PHONE}."})
    assert edited.data["post"]["contacts"] == [], "nor by writing it anew there"
    answer = await moderator.call("PUT", f"/forum/posts/{moved['id']}/contacts", {"closed": False})
    assert [one["value"] for one in answer.data["post"]["contacts"]] == [_PHONE]


async def test_the_setting_is_the_curators_and_counts_at_once(world: World) -> None:
    """On a page without JavaScript; turned off, what stood there is hidden, and on again it is shown."""
    place = await category(world)
    writer, admin = await _writer(world), await world.person("admin", "Admin")
    path = f"/moderasi/kategori/{place['slug']}"
    assert (await _tab(world, writer).get(path)).status == 403
    tab = _tab(world, admin)
    page = await tab.open(path)
    assert "Penulis boleh menampilkan kontaknya sendiri" in page
    fields = {
        "name": str(place["name"]),
        "description": str(place["description"]),
        "readers": "everybody",
        "writers": "members",
        "position": "3",
    }
    assert "boleh kontak" in await tab.fill(path, {**fields, "contact_allowed": "1"})
    assert (await tab.submit(path, {**fields, "readers": "siapa-saja"})).status == 400
    await _sign(world, writer, place, _PHONE)
    made = await _topic(writer, place, f"Hubungi {_PHONE}.")
    assert _PHONE in await _tab(world).open(made["topic"]["path"])
    await tab.fill(path, fields)
    assert _PHONE not in await _tab(world).open(made["topic"]["path"])
    await tab.fill(path, {**fields, "contact_allowed": "1"})
    assert _PHONE in await _tab(world).open(made["topic"]["path"])


async def test_in_words_of_others_a_contact_is_hidden(world: World) -> None:
    """A wiki post that somebody else changed is no publication of its author's any more."""
    place = await category(world, contact_allowed=True)
    writer, moderator = await _writer(world), await world.person("moderator", "Penjaga")
    await _sign(world, writer, place, _PHONE)
    made = await _topic(writer, place, f"Hubungi {_PHONE}.")
    post = f"/forum/posts/{made['post']['id']}"
    changed = await moderator.call("PATCH", post, {"text": "Kirim uang muka ke ⟦PHONE:1⟧ hari ini juga."})
    assert changed.status == 200, changed.envelope
    assert changed.data["post"]["contacts"] == []
    assert _PHONE not in await _tab(world).open(made["topic"]["path"])
    again = await writer.call("PATCH", post, {"text": "Hubungi ⟦PHONE:1⟧."})
    assert [one["value"] for one in again.data["post"]["contacts"]] == [_PHONE]
    assert (await reply(moderator, made["topic"]["id"], f"Itu {_PHONE}?"))["contacts"] == []
