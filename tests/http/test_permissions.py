"""Permission, testimonials and help articles by pages without JavaScript, from asking to revoking."""

import re
import secrets
from typing import Any

from tests.harness.browsing import Tab
from tests.harness.people import Person, World
from tests.http.test_factors import _PASSWORD, Member, _member

_SAID = "Kasirnya cepat dan mudah dipakai, terima kasih."


def _tab(world: World, person: Person | Member | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


async def _impression(member: Member, text: str = _SAID) -> dict[str, Any]:
    given = {
        "client_id": secrets.token_hex(12),
        "kind": "impression",
        "title": "Kesan kami",
        "text": text,
    }
    answer = await member.call("POST", "/feedback", given)
    assert answer.status == 201, answer.envelope
    return dict(answer.data["feedback"])


async def _asked(world: World, member: Member, agent: Person) -> str:
    item = await _impression(member)
    tab = _tab(world, agent)
    await tab.fill("/petugas/izin", {"number": str(item["number"]), "days": "30"})
    return tab.path.rpartition("/")[2]


async def test_a_testimonial_from_asking_to_revoking(world: World) -> None:
    """Signed with the second factor that is set up, looked at by a colleague, shown, revoked, gone."""
    member = await _member(world)
    await member.enrol()
    agent, second = await world.person("agent", "Uji"), await world.person("moderator", "Uji")
    permission = await _asked(world, member, agent)
    own, office = f"/privasi/izin/{permission}", f"/petugas/izin/{permission}"
    told = [one["kind"] for one in (await member.call("GET", "/me/notifications")).data["items"]]
    assert "permission_asked" in told
    tab = _tab(world, member)
    page = await tab.open(own)
    assert _SAID in page
    assert "Tanda tangani" in page
    signature = {"act": "sign", "name": "Ratna Contoh", "password": _PASSWORD}
    assert (await tab.submit(own, {**signature, "password": "lumbung padi kering 78"})).status == 400
    assert (await tab.submit(own, signature)).status == 400, "the code is missing"
    assert (await _tab(world, second).submit(office, {"act": "publish"})).status == 403
    page = await tab.fill(own, {**signature, "code": member.recovery[0]})
    assert "dengan faktor kedua" in page
    assert '"method":"second_factor"' in page.replace("&#34;", '"')
    assert _SAID not in await _tab(world).open("/kata-mereka")
    assert (await _tab(world, agent).submit(office, {"act": "publish"})).status == 403, "who asked does not look"
    await _tab(world, second).fill(office, {"act": "publish"})
    shown = await _tab(world).open("/kata-mereka")
    assert _SAID in shown
    assert "Ratna" not in shown
    await tab.fill(own, {"act": "end"})
    assert _SAID not in await _tab(world).open("/kata-mereka")
    assert (await tab.submit(own, {**signature, "code": member.recovery[1]})).status == 409


async def test_permissions_are_their_persons_alone(world: World) -> None:
    """Nobody else sees or signs one; staff alone ask; without a second factor the record says so."""
    member, other = await _member(world), await _member(world)
    agent = await world.person("agent", "Uji")
    permission = await _asked(world, member, agent)
    own = f"/privasi/izin/{permission}"
    stranger = _tab(world, other)
    assert (await stranger.get(own)).status == 404
    assert (await stranger.submit(own, {"act": "end"})).status == 404
    assert (await stranger.get("/petugas/izin")).status == 403
    assert (await _tab(world).get(own)).status == 303
    asked = await _tab(world, agent).submit("/petugas/izin", {"number": "999999", "days": "30"})
    assert asked.status == 400
    for name in ("Ratna 0812-9071-3648", "ratna@contoh.id", "<b>Ratna</b>", "https://contoh.id", "---"):
        refused = await _tab(world, member).submit(
            own, {"act": "sign", "name": name, "password": _PASSWORD, "named": "1"}
        )
        assert refused.status == 400, name
    page = await _tab(world, member).fill(
        own, {"act": "sign", "name": "Ratna Contoh", "password": _PASSWORD, "named": "1"}
    )
    assert "faktor kedua belum dipasang" in page
    # Whoever lets it be published has seen what would be shown, the name too.
    assert "Ratna Contoh" in await _tab(world, agent).open(f"/petugas/izin/{permission}")


async def test_a_help_article_is_written_looked_at_found_and_taken_down(world: World) -> None:
    """From a conversation that its writer may read; nobody else gets to see it that way."""
    customer, agent = await world.person("customer", "Toko"), await world.person("agent", "Uji")
    second, admin = await world.person("privacy_officer", "Uji"), await world.person("admin", "Uji")
    conversation = await customer.conversation()
    await customer.send(conversation, "Kertas struk saya habis, hubungi 0812-9071-3648.")
    await agent.take(conversation)
    tab = _tab(world, agent)
    page = await tab.open(f"/petugas/bantuan?percakapan={conversation}")
    assert "Kertas struk saya habis" in page
    assert "0812" not in page
    assert (await _tab(world, admin).get(f"/petugas/bantuan?percakapan={conversation}")).status in {403, 404}
    await tab.fill(
        "/petugas/bantuan",
        {
            "title": "Mengganti kertas gulungan",
            "text": "Buka **laci** bawah, lalu tarik tuasnya.",
            "source": conversation,
        },
    )
    office = tab.path
    number = office.rpartition("/")[2]
    assert (await _tab(world).get(f"/bantuan/{number}")).status == 404
    assert (await tab.submit(office, {"act": "publish"})).status == 403
    await _tab(world, second).fill(office, {"act": "publish"})
    page = await _tab(world).open(f"/bantuan/{number}")
    assert "<strong>laci</strong>" in page
    assert "gulungan" in await _tab(world).open("/bantuan?q=tuasnya")
    assert "gulungan" not in await _tab(world).open("/bantuan?q=kulkas")
    told = {"title": "Untuk siapa", "text": "Tulis ke Ratna Wulandari di 0812-9071-3648."}
    await tab.fill("/petugas/bantuan", told)
    refused = await _tab(world, second).submit(tab.path, {"act": "publish"})
    assert refused.status == 403
    assert re.search(rb"masih ada data yang disembunyikan", refused.body, re.IGNORECASE)
    await tab.fill(office, {"act": "withdraw"})
    assert (await _tab(world).get(f"/bantuan/{number}")).status == 404
    assert (await _tab(world, customer).get("/petugas/bantuan")).status == 403
