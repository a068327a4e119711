"""Promise T1 on a running server, way out by way out: testimonials, help articles, webhooks, copies to take along.

Whatever leads somewhere is tried with a text that identifies somebody, by people who may publish. What shared reports
keep back is said in `test_promises`; the rules of the gate in `tests/contract/test_publication.py`.
"""

import io
import re
import secrets
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from tests.harness.browsing import Tab
from tests.harness.forum import category, reply, topic
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, eventually
from tests.harness.receiver import Receiver
from tests.http.test_factors import _PASSWORD, Member, _member

_PHONE = "0813-9047-6612"
_NAME = "Wagiyem Kusnandarini"
_TRACES = re.compile(r"0813\D?9047|9047\D?6612|0813-|(?<![a-z])-6612|Kusnandarini")
"""Any half of the number with what stands beside it. Four digits alone stand by chance in the digests and signatures of
a copy, and at the end of handles."""


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    """A program that receives webhooks."""
    found = Receiver()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture(scope="module")
async def leading(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server whose webhooks may lead to loopback."""
    settings = {"AMANAH_LIMITS": "off", "AMANAH_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    server = ServerProcess(tmp_path_factory.mktemp("published"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(leading: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    async with World(leading, browserless) as world:
        yield world


def _tab(world: World, person: Person | Member | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


def _is_bare(text: str) -> bool:
    """Whether a text leads to nobody."""
    return _TRACES.search(text) is None


async def _asked(world: World, member: Member, agent: Person, text: str) -> str:
    """Somebody gives an impression, and an agent asks whether it may be shown; give the permission."""
    given = {"client_id": secrets.token_hex(12), "kind": "impression", "title": "Kesan kami", "text": text}
    item: dict[str, Any] = (await member.call("POST", "/feedback", given)).data["feedback"]
    tab = _tab(world, agent)
    await tab.fill("/petugas/izin", {"number": str(item["number"]), "days": "30"})
    return tab.path.rpartition("/")[2]


async def test_T1_a_testimonial_is_shown_by_its_writers_signature_alone(place: World) -> None:
    """Not before, not by whoever asked, not after it is revoked; and never with what was hidden in it."""
    member = await _member(place)
    agent, second = await place.person("agent", "Uji"), await place.person("moderator", "Uji")
    text = f"Kasirnya cepat sekali, kata tim kami di gudang {secrets.choice(('timur', 'barat'))}."
    permission = await _asked(place, member, agent, text)
    office = f"/petugas/izin/{permission}"
    for person in (agent, second):
        assert (await _tab(place, person).submit(office, {"act": "publish"})).status == 403
    assert text not in await _tab(place).open("/kata-mereka")
    body = {"name": _NAME, "password": _PASSWORD}
    assert (await member.call("POST", f"/me/permissions/{permission}/sign", body)).status == 200
    assert text not in await _tab(place).open("/kata-mereka"), "a person has to look at it first"
    await _tab(place, second).fill(office, {"act": "publish"})
    shown = await _tab(place).open("/kata-mereka")
    assert text in shown
    assert _is_bare(shown)
    await member.call("POST", f"/me/permissions/{permission}/end")
    assert text not in await _tab(place).open("/kata-mereka")


async def test_T1_a_testimonial_that_identifies_is_not_asked_for_nor_published(place: World) -> None:
    """Though its writer signs it: what is hidden in it stays hidden, and the gate refuses it."""
    member = await _member(place)
    agent, second = await place.person("agent", "Uji"), await place.person("moderator", "Uji")
    permission = await _asked(place, member, agent, f"Ibu {_NAME} di {_PHONE} sangat menolong kami.")
    body = {"name": "Ratna Contoh", "password": _PASSWORD}
    signed = await member.call("POST", f"/me/permissions/{permission}/sign", body)
    assert _is_bare(signed.body.decode())
    await _tab(place, second).submit(f"/petugas/izin/{permission}", {"act": "publish"})
    assert _is_bare(await _tab(place).open("/kata-mereka"))


async def test_T1_a_help_article_is_about_nobody(place: World) -> None:
    """Written from a conversation: with a name or a number in it nobody publishes it, and nobody finds it."""
    agent, second = await place.person("agent", "Uji"), await place.person("privacy_officer", "Uji")
    tab = _tab(place, agent)
    await tab.fill("/petugas/bantuan", {"title": "Retur barang", "text": f"Tulis ke {_NAME} di {_PHONE}."})
    number = tab.path.rpartition("/")[2]
    assert (await _tab(place, second).submit(tab.path, {"act": "publish"})).status == 403
    assert (await _tab(place).get(f"/bantuan/{number}")).status == 404
    assert "Retur barang" not in await _tab(place).open("/bantuan?q=retur")


async def test_T1_a_webhook_carries_no_identifier(place: World, receiver: Receiver) -> None:
    """With texts asked for, of what is public and of what is private."""
    admin, customer = await place.person("admin", "Pengurus"), await place.person("customer", "Pembeli")
    events = ["feedback.given", "conversation.opened"]
    made = await admin.post("/webhooks", {"url": receiver.url, "events": events, "content": True})
    assert made.status == 201, made.envelope
    talk = await customer.conversation(f"Pesanan {_NAME}, {_PHONE}")
    ids = {talk}
    for kind in ("suggestion", "complaint"):
        body = {"kind": kind, "title": f"Dari {_NAME}", "text": f"Hubungi {_NAME} di {_PHONE} ya."}
        ids.add((await customer.post("/feedback", body)).data["feedback"]["id"])

    def heard() -> set[str]:
        return {received.message["data"].get("id") for received in receiver.received}

    await eventually(lambda: ids <= heard(), "all has come")
    for received in receiver.received:
        assert _is_bare(received.body.decode())
        assert customer.id not in received.body.decode()


async def test_T1_a_copy_holds_ones_own_and_nobody_elses(place: World) -> None:
    """The file of one's posts and the archive of all: nothing of who answered, no number that was hidden."""
    one, other = await place.person("customer", "Toko Contoh"), await place.person("customer", "Warung Contoh")
    made = await topic(one, (await category(place))["id"], "Struk terpotong", "Bagian bawah hilang.")
    await reply(other, made["id"], f"Saya {_NAME}, kenari kuning pagi.")
    await reply(one, made["id"], f"Hubungi {_PHONE} ya.")
    posts = (await one.get("/me/forum-export")).body.decode()
    assert orjson.loads(posts)["posts"]
    archive = zipfile.ZipFile(io.BytesIO((await one.get("/me/export")).body))
    whole = posts + "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert _is_bare(whole)
    assert "kenari kuning" not in whole
    assert other.id not in whole
