"""Erasures as privacy officers see them, on a running server: what waits for what, what failed, run again, proofs."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.kernel.holdings import Fate, Why
from server.rights.erasure_model import Proof
from server.rights.erasure_store import MongoErasureStore
from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World

_OFFICE = "/petugas/penghapusan"


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


async def _asked(world: World) -> tuple[Person, str]:
    """Somebody who asks for their erasure, and its number."""
    person = await world.person("customer", "Toko Contoh")
    answer = await person.call("DELETE", "/me")
    assert answer.status == 202
    return person, str(answer.data["reference"])


async def _failed(world: World, person: Person) -> None:
    """Write down that it failed, as the job does; it is tried again in an hour."""
    store, now = MongoErasureStore(world.database), datetime.now(UTC)
    await store.fail(person.id, "chat", now, now + timedelta(hours=1))


async def test_the_pages_are_for_privacy_officers_alone(world: World) -> None:
    _, reference = await _asked(world)
    paths = (_OFFICE, f"{_OFFICE}/{reference}", f"{_OFFICE}/{reference}/bukti.txt")
    for path in paths:
        assert (await _tab(world).get(path)).status == 303, path
        for role in ("customer", "agent", "moderator", "admin"):
            assert (await _tab(world, await world.person(role)).get(path)).status == 403, (path, role)
    officer = await world.person("privacy_officer", "Wahyu")
    assert (await _tab(world, officer).get(paths[2])).status == 404
    assert (await _tab(world, officer).get(f"{_OFFICE}/{'0' * 24}")).status == 404


@pytest.mark.parametrize("language", ["id", "en"])
async def test_what_waits_is_shown_with_its_reason_and_no_name(world: World, language: str) -> None:
    waiting, one = await _asked(world)
    held, other = await _asked(world)
    officer = await world.person("privacy_officer", "Wahyu")
    review = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    hold = {"kind": "person", "object": held.id, "reason": "Sengketa pesanan", "review_at": review}
    assert (await officer.post("/privacy/retention/holds", hold)).status == 201
    tab = _tab(world, officer)
    page = await tab.open(_OFFICE, language=language)
    assert faults_of(page) == []
    assert one in page
    assert other in page
    for person in (waiting, held):
        assert person.id not in page
    of_one, of_other = [await tab.open(f"{_OFFICE}/{each}", language=language) for each in (one, other)]
    assert faults_of(of_one) == faults_of(of_other) == []
    assert 'href="/petugas/retensi#hold"' in of_other
    assert 'href="/petugas/retensi#hold"' not in of_one
    # What would go and stay, by kinds; the account is among it.
    assert {"id": "Jejak audit", "en": "audit trail"}[language] in of_one
    assert 'href="/petugas/penghapusan"' in await tab.open("/petugas", language=language)
    told = {each["reference"]: each["state"] for each in (await officer.get("/privacy/erasures")).data["items"]}
    assert (told[one], told[other]) == ("waiting", "held")


async def test_of_two_officers_one_lets_a_failed_erasure_go_on(world: World) -> None:
    person, reference = await _asked(world)
    await _failed(world, person)
    officer, second = [await world.person("privacy_officer", name) for name in ("Wahyu", "Tari")]
    path = f"{_OFFICE}/{reference}"
    tabs = [_tab(world, each) for each in (officer, second)]
    for tab in tabs:
        page = await tab.open(path)
        assert faults_of(page) == []
        assert re.search(r'id="step">[^<]+<', page)
    assert "badge-held" in await tabs[0].open("/petugas")
    form = {"act": "run", "tries": "1"}
    answers = [await tab.submit(path, form) for tab in tabs]
    assert [answer.status for answer in answers] == [303, 409]
    again = await second.post(f"/privacy/erasures/{reference}/run", {"tries": 1})
    assert again.reasons == {"erasure": "goes_on"}
    assert (await officer.get(f"/privacy/erasures/{reference}")).data["failed"]["hurried"] is True
    assert (await tabs[0].submit(path, {"act": "lain"})).status == 400


async def test_the_proof_is_a_file_that_anybody_can_check(world: World) -> None:
    now = datetime.now(UTC)
    fates = (Fate("account", 1), Fate("trail", 0, 1, Why.TRAIL))
    person = await world.person("customer", "Toko Contoh")
    reference = person.id[::-1]
    await MongoErasureStore(world.database).finish(person.id, Proof(reference, "0" * 64, now, now, fates))
    officer = await world.person("privacy_officer", "Wahyu")
    tab = _tab(world, officer)
    assert f"{_OFFICE}/{reference}/bukti.txt" in await tab.open(_OFFICE)
    assert faults_of(await tab.open(f"{_OFFICE}/{reference}")) == []
    answer = await tab.get(f"{_OFFICE}/{reference}/bukti.txt")
    assert answer.headers["Cache-Control"] == "no-store"
    text, _, rest = answer.body.decode().partition("-----\n")
    assert f"reference: {reference}" in text
    said = dict(line.split(": ", 1) for line in rest.splitlines())
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(said["public key"]))
    key.verify(base64.b64decode(said["signature"]), text.encode())
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(said["signature"]), text.replace("1 erased", "2 erased").encode())
    told = (await officer.get(f"/privacy/erasures/{reference}")).data["erasure"]
    assert told["statement"] == text
