"""What the forms of feedback can do beside sending a text: images, reports, whom it is given to, topics, merging."""

import re
import secrets
from collections.abc import Mapping

from tests.harness.browsing import Tab, faults_of
from tests.harness.images import png
from tests.harness.people import Person, World
from tests.harness.process import eventually

_NEW = "/saran/baru"
_IMAGE = re.compile(r"/lampiran/[a-p]{32}-k\.webp")


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.session, world.server.url, person.token if person else None)


def _fields(title: str, kind: str, **more: str) -> Mapping[str, str]:
    client_id = secrets.token_hex(16)
    return {"kind": kind, "title": title, "text": "Begini adanya.", "client_id": client_id, "seen": "1", **more}


async def _given(person: Person, title: str, kind: str = "suggestion", **more: object) -> dict[str, object]:
    answer = await person.post("/feedback", {"kind": kind, "title": title, "text": "Begini adanya.", **more})
    assert answer.status == 201, answer.envelope
    return dict(answer.data["feedback"])


async def test_a_complaint_carries_an_image_for_staff_alone(world: World) -> None:
    """Also a newcomer's, and with each form: first only attached, then with the text; nobody else sees it."""
    customer, other, agent = [await world.person(role) for role in ("customer", "customer", "agent")]
    tab = _tab(world, customer)
    form = await tab.open(_NEW)
    assert 'enctype="multipart/form-data"' in form
    assert 'type="file"' in form
    fields = _fields("Kardus penyok", "complaint", image_confirmed="1", image_alt="Kardus penyok")
    attached = await tab.upload(_NEW, {**fields, "attach": "1"}, "image", png(80, 60))
    assert attached.status == 200
    assert faults_of(attached.body.decode()) == []
    assert "![Kardus penyok](/lampiran/" in attached.body.decode()
    sent = await tab.upload(_NEW, fields, "image", png(80, 60))
    assert sent.status == 303
    address = sent.headers["Location"].split("?")[0]
    page = await tab.open(address)
    shown = _IMAGE.search(page)
    assert shown is not None

    async def staff_see_it() -> bool:
        return (await _tab(world, agent).get(shown[0])).status == 200

    await eventually(staff_see_it, "the image is there for staff")
    for stranger in (_tab(world), _tab(world, other)):
        assert (await stranger.get(shown[0])).status == 404
    base = "/".join(address.split("/")[:3])
    with_comment = {"text": "Sisi lainnya.", "image_confirmed": "1", "client_id": secrets.token_hex(16)}
    assert (await tab.upload(f"{base}/komentar", with_comment, "image", png(81, 60))).status == 303
    assert len(set(_IMAGE.findall(await tab.open(address)))) == 2
    unseen = await tab.upload(f"{base}/komentar", {"text": "Tetap ada."}, "image", png(82, 60))
    assert unseen.status == 400
    assert "Tetap ada." in unseen.body.decode()
    assert faults_of(unseen.body.decode()) == []


async def test_an_image_says_whose_it_is(world: World) -> None:
    """So none goes with what nobody is to know the sender of; nor, by a newcomer, before everybody."""
    tab = _tab(world, await world.person("customer"))
    said = {"anonymous": "tanpa akun", "public": "untuk umum"}
    for how, words in said.items():
        more = {"anonymous": "1"} if how == "anonymous" else {"visibility": "public"}
        fields = _fields("Kardus penyok", "criticism", image_confirmed="1", **more)
        refused = await tab.upload(_NEW, fields, "image", png(70, 60))
        assert refused.status == 400, how
        assert words in refused.body.decode(), how
        assert "Begini adanya." in refused.body.decode()
    assert 'name="image"' not in await _tab(world).open(_NEW)


async def test_a_comment_is_reported(world: World) -> None:
    """By somebody else, once; the moderators get it."""
    customer, agent, moderator = [await world.person(role) for role in ("customer", "agent", "moderator")]
    item = await _given(customer, "Bangku di teras")
    comment = await customer.post(f"/feedback/{item['id']}/comments", {"text": "Bangku yang lebih panjang."})
    assert comment.status == 201
    tab = _tab(world, agent)
    address = f"/saran/{item['number']}/k/1/lapor"
    assert address in await tab.open(str(item["path"]))
    assert address not in await _tab(world, customer).open(str(item["path"]))
    await tab.open(address)
    told = await tab.submit(address, {"reason": "off_topic", "note": ""})
    assert told.status == 200
    assert 'role="status"' in told.body.decode()
    waiting = await moderator.get("/review/items?limit=100")
    assert f"{item['id']}.1" in {one["target_id"] for one in waiting.data["items"]}
    assert (await tab.submit(f"/saran/{item['number']}/k/77/lapor", {"reason": "off_topic"})).status == 404


async def test_staff_choose_who_handles_it(world: World) -> None:
    """From their colleagues' names, one or many at once; the inbox shows and filters by them."""
    customer = await world.person("customer")
    agent, colleague = await world.person("agent", "Rini Teladan"), await world.person("agent", "Budi Teladan")
    item = await _given(customer, "Timbangan tidak pas", "complaint")
    tab, path = _tab(world, agent), f"/triase/{item['number']}"
    form = await tab.open(path)
    assert f'<option value="{colleague.id}">Budi Teladan</option>' in form
    await tab.fill(path, {"act": "assign", "assignee": colleague.id})
    assert f'<option value="{colleague.id}" selected>Budi Teladan</option>' in await tab.open(path)
    mine = await _tab(world, colleague).open("/triase?daftar=mine")
    assert "Timbangan tidak pas" in mine
    assert "Budi Teladan" in mine
    chosen = {"act": f"agent:{agent.id}", "number": str(item["number"]), "back": "/triase"}
    await tab.fill("/triase", chosen)
    assert "Timbangan tidak pas" in await tab.open(f"/triase?daftar=open&petugas={agent.id}")
    assert "Timbangan tidak pas" not in await tab.open(f"/triase?daftar=open&petugas={colleague.id}")
    await tab.fill(path, {"act": "assign", "assignee": ""})
    shown = await agent.get(f"/feedback/{item['id']}")
    assert shown.data["feedback"]["handling"]["assignee_id"] is None
    refused = await tab.submit(path, {"act": "assign", "assignee": customer.id})
    assert refused.status == 400


async def test_a_topic_is_typed_in_words(world: World) -> None:
    """Through the gate: several words, but nobody's name or number."""
    customer, agent = await world.person("customer"), await world.person("agent")
    item = await _given(customer, "Laci kasir macet", "complaint")

    async def is_proposed() -> bool:
        answer = await agent.get(f"/feedback/{item['id']}")
        return bool(answer.data["feedback"]["handling"]["guesses"])

    await eventually(is_proposed, "a proposal")
    url = f"/feedback/{item['id']}/triage"
    hidden = await agent.post(url, {"chosen": [{"task": "topic", "words": "laci 0812-9071-3648"}]})
    assert (hidden.status, hidden.error["fields"]["topic"]["reason"]) == (400, "identifier")
    elsewhere = await agent.post(url, {"chosen": [{"task": "kind", "words": "laci"}]})
    assert elsewhere.status == 400
    path = f"/triase/{item['number']}"
    tab = _tab(world, agent)
    page = await tab.open(path)
    assert 'name="topic"' in page
    refused = await tab.submit(path, {"act": "correct", "topic": "hubungi 0812-9071-3648"})
    assert refused.status == 400
    assert "data pribadi" in refused.body.decode()
    await tab.fill(path, {"act": "correct", "topic": "Laci kasir  macet", "kind": "complaint"})
    shown = await agent.get(f"/feedback/{item['id']}")
    assert shown.data["feedback"]["handling"]["triaged"] is True


async def test_merging_says_why_it_can_not_be(world: World) -> None:
    """What is private is merged only with what the same person sent."""
    customer, other, agent = [await world.person(role) for role in ("customer", "customer", "agent")]
    first, second, third = [
        await _given(customer, f"Struk {kind}", "complaint") for kind in ("pudar", "kabur", "tipis")
    ]
    theirs, public = await _given(other, "Struk kabur", "complaint"), await _given(customer, "Struk lebih tebal")
    unknown = await _given(customer, "Struk putih", "complaint", anonymous=True)
    tab = _tab(world, agent)

    async def refused(source: Mapping[str, object], target: Mapping[str, object], words: str) -> None:
        answer = await tab.submit(f"/triase/{source['number']}", {"act": "merge", "into": str(target["number"])})
        assert answer.status == 409, words
        assert words in answer.body.decode()
        assert faults_of(answer.body.decode()) == []

    await refused(first, theirs, "Pengirimnya berbeda")
    await refused(first, unknown, "Pengirimnya tidak dikenal")
    await refused(public, first, "Gabungkan sebaliknya")
    await refused(first, first, "dirinya sendiri")
    await tab.fill(f"/triase/{first['number']}", {"act": "merge", "into": str(second["number"])})
    await refused(third, first, "sudah digabungkan")
    shown = await customer.get(f"/feedback/{first['id']}")
    assert shown.data["feedback"]["merged_into"] == second["number"]
