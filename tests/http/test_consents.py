"""Consent over HTTP and by pages without JavaScript: choosing, receipts anybody can check, guardians, figures."""

import base64
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.privacy.purposes import read_texts
from tests.harness.browsing import Tab
from tests.harness.people import Person, World

_HOME = "/privasi/persetujuan"


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


def _state(page: str, purpose: str) -> str:
    found = re.search(rf'<section[^>]* id="{purpose}".*?<p role="status"><b>([^<]*)</b>', page, re.DOTALL)
    assert found is not None
    return found[1]


async def test_giving_and_taking_back_is_one_tap_in_one_place(world: World) -> None:
    """Off at first; two buttons of one look; a yes that holds at once, and a no that does."""
    person = await world.person()
    tab = _tab(world, person)
    page = await tab.open(_HOME)
    assert [_state(page, name) for name in ("support_chat", "research", "marketing")] == [
        "Boleh.",
        "Tidak boleh.",
        "Tidak boleh.",
    ]
    classes = re.findall(r'<button class="([^"]*)" type="submit" name="answer" value="(?:yes|no)"', page)
    assert len(classes) == 6
    assert set(classes) == {"button"}
    page = await tab.fill(_HOME, {"purpose": "research", "answer": "yes"})
    assert _state(page, "research") == "Boleh."
    assert _state(page, "marketing") == "Tidak boleh."
    consents = {one["purpose"]: one for one in (await person.get("/me/consents")).data["consents"]}
    assert consents["research"]["granted"]
    assert consents["research"]["text"] == list(read_texts().present("research").words["id"].text)
    page = await tab.fill(_HOME, {"purpose": "research", "answer": "no"})
    assert _state(page, "research") == "Tidak boleh."
    assert (await tab.submit(_HOME, {"purpose": "research", "answer": "maybe"})).status == 400
    assert (await tab.submit(_HOME, {"purpose": "profiling", "answer": "yes"})).status == 400
    assert (await tab.submit(_HOME, {"purpose": "research", "answer": "yes"}, origin="https://a.example")).status == 403
    assert (
        (await _tab(world).submit(_HOME, {"purpose": "research", "answer": "yes"}))
        .headers["Location"]
        .startswith("/masuk")
    )


async def test_a_receipt_quotes_the_text_and_is_signed(world: World) -> None:
    """Anybody checks it with the public key; nobody else is given it."""
    person, other = await world.person(), await world.person()
    await person.call("PUT", "/me/consents", {"purpose": "marketing", "granted": True})
    receipt = (await person.get("/me/consents/1/receipt")).data
    text, signed = receipt["note"].split("\n\n")
    raw = base64.b64decode(receipt["key"].split("+", 2)[2])
    signature = base64.b64decode(signed.split(" ")[2])
    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], f"{text}\n".encode())
    assert '"granted":true' in text
    assert read_texts().present("marketing").words["id"].text[0] in text
    assert receipt["text_digest"] == read_texts().present("marketing").digest
    assert (await other.get("/me/consents/1/receipt")).code == "not_found"
    assert (await person.get("/me/consents/2/receipt")).code == "not_found"
    page = await _tab(world, person).open(f"{_HOME}/1")
    assert read_texts().present("marketing").words["id"].title in page
    assert (await _tab(world, other).get(f"{_HOME}/1")).status == 404


async def test_a_minor_is_held_to_the_guardian(world: World) -> None:
    """What somebody agreed to stops at once; without mail the guardian can't be asked, and the page says so."""
    person = await world.person("customer", "Toko")
    tab = _tab(world, person)
    await tab.fill(_HOME, {"purpose": "research", "answer": "yes"})
    said = {"ward": "minor", "year": "2015", "month": "4", "guardian": "ibu@contoh.example"}
    refused = await tab.submit(f"{_HOME}/wali", {**said, "year": "1990"})
    assert refused.status == 400
    assert b"belum 18 tahun" in refused.body
    page = await tab.fill(f"{_HOME}/wali", said)
    assert _state(page, "research") == "Tidak boleh."
    assert _state(page, "support_chat") == "Boleh."
    assert "tidak mengirim surel" in page
    kept = await world.database["guardianships"].find_one({"_id": person.id})
    assert kept is not None
    assert "contoh" not in str(kept)
    assert (await person.get("/me/guardian")).data["guardianship"]["ward"] == "minor"
    assert (await _tab(world).get("/wali/abcdefghijklmnopqrstuvwxyz")).status == 404


async def test_figures_are_for_officers_and_hide_the_few(world: World) -> None:
    officer, agent = await world.person("privacy_officer", "Uji"), await world.person("agent", "Uji")
    page = await _tab(world, officer).open("/petugas/persetujuan")
    assert "kurang dari" in page or re.search(r"<td>0</td>", page)
    assert (await _tab(world, agent).get("/petugas/persetujuan")).status == 403
    assert (await _tab(world, await world.person()).get("/petugas/persetujuan")).status == 403
