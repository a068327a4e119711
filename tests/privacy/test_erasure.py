"""Somebody is put through every capability of the real server, and erased: afterwards there is no trace of them in the
database, in a log, in anything that is answered, in a backup that was made before and is restored, and their account id
leads nowhere. Killed half-way it goes on; two who work at it at once do it once.
"""

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.composition.opening import COLLECTIONS
from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, eventually
from tests.privacy.erased_person import HANDLE, Traces, everywhere, needles

_SETTINGS = {"AMANAH_LIMITS": "off", "AMANAH_LOG_LEVEL": "DEBUG", "AMANAH_ERASURE_DAYS": "0"}
_KNOWS_IDS = ("audit_blocks", "audit_promises", "person_keys")
"""What may hold the opaque id of somebody who is gone: the trail, and the word that there was a key."""


@pytest.fixture
async def world(tmp_path: Path, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    """A server of its own."""
    server = ServerProcess(tmp_path, _SETTINGS)
    await server.start()
    try:
        async with World(server, browserless) as world:
            yield world
    finally:
        await server.stop()


async def _asked(person: Person) -> str:
    answer = await person.call("DELETE", "/me")
    assert answer.status == 202, (answer.code, answer.reasons)
    return str(answer.data["secret"])


async def _proof(world: World, secret: str) -> Answer:
    return await world.http.post("/api/v1/privacy/erasure-proofs", {"secret": secret})


async def _done(world: World, secret: str) -> dict[str, object]:
    async def is_done() -> bool:
        return (await _proof(world, secret)).data["state"] == "done"

    await eventually(is_done, "the erasure is done")
    return dict((await _proof(world, secret)).data)


async def _left(world: World, traces: Traces) -> dict[str, list[str]]:
    """Where each word of the person, and their id, is still to be found: in which collections."""
    found: dict[str, list[str]] = {}
    wanted = (
        needles(traces)
        | {"id": traces.person.id.encode()}
        | {where: file.encode() for where, file in traces.files.items()}
    )
    for spec in COLLECTIONS:
        content = await _content(world, spec.name)
        for where, needle in wanted.items():
            opaque = where == "id" or where in traces.files
            if needle.lower() in content and not (opaque and spec.name in _KNOWS_IDS):
                found.setdefault(where, []).append(spec.name)
    return found


async def _content(world: World, name: str) -> bytes:
    pieces = [repr(document).encode() async for document in world.database[name].find({})]
    return b"\n".join(pieces).lower()


def _files(folder: Path) -> bytes:
    """The content of all files of a data directory, in lower case."""
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).lower()


async def _answers(world: World, traces: Traces) -> bytes:
    """What others are told afterwards, also from memory: pages, lists, searches, the conversation, the proof."""
    agent, moderator, other = traces.tokens
    topic = f"/api/v1/forum/topics/{traces.topic}"
    wanted = [
        (f"/api/v1/conversations/{traces.conversation}", agent),
        (f"/api/v1/conversations/{traces.conversation}/messages", agent),
        ("/api/v1/desk/cases", agent),
        (topic, other),
        (f"{topic}/posts", other),
        (f"{topic}/posts", moderator),
        ("/api/v1/forum/topics", other),
        ("/api/v1/review/items", moderator),
        ("/forum", ""),
    ]
    answers = [(await world.http.get(path, token=token)).body for path, token in wanted]
    for word in needles(traces).values():
        found = await world.http.get("/api/v1/search", token=other, q=word.decode())
        answers.append(found.body.replace(word, b""))
        assert not found.data.get("items")
    return b"\n".join(answers).lower()


async def test_nothing_is_left_of_somebody_who_is_erased(world: World) -> None:
    traces = await everywhere(world)
    before = await _left(world, traces)
    # The search is not blind.
    assert {"message", "post", "topic_title", "draft", "staff_note", "handle", "id"} <= before.keys()
    assert {"photo_name", "pdf_name", "feedback_pdf_name", *traces.files} <= before.keys()
    preview = (await traces.person.get("/me/erasure")).data
    assert preview["state"] == "none"
    kinds = {fate["kind"] for fate in preview["preview"]}
    assert {"messages", "forum_posts", "files", "forms", "profile", "keys", "trail"} <= kinds
    older = world.server.data_dir.parent / "older.backup"
    assert (await world.server.command("backup", str(older))).status == 0

    secret = await _asked(traces.person)
    assert (await traces.person.get("/me")).status == 401
    proof = await _done(world, secret)
    assert await _left(world, traces) == {}

    assert proof["fates"]
    assert proof["done_at"]
    statement, signature = str(proof["statement"]), base64.b64decode(str(proof["signature"]))
    Ed25519PublicKey.from_public_bytes(base64.b64decode(str(proof["public_key"]))).verify(signature, statement.encode())
    assert traces.person.id not in statement

    told = await _answers(world, traces)
    wanted = needles(traces) | {"id": traces.person.id.encode()}
    assert [where for where, needle in wanted.items() if needle.lower() in told] == []
    assert (await world.http.get(f"/forum/u/{HANDLE}")).status == 404
    for address in traces.shown:
        assert [(await world.http.get(address, token=token)).status for token in ("", *traces.tokens)] == [404] * 4
    taken = await world.person("customer", "Peniru")
    refused = await taken.call("PATCH", "/me/profile", {"handle": HANDLE})
    assert refused.code == "conflict"
    log = world.server.log_file.read_bytes().lower()
    assert [where for where, needle in wanted.items() if needle.lower() in log] == []

    checked = await world.server.command("audit", "verify", "--content")
    assert checked.status == 0, checked.output
    newer = world.server.data_dir.parent / "newer.backup"
    assert (await world.server.command("backup", str(newer))).status == 0
    await _restored(world, traces, older, newer)


async def _restored(world: World, traces: Traces, older: Path, newer: Path) -> None:
    """A fresh data directory has no byte of them; one from before the erasure is rid of them before it answers."""
    for name, archive in (("baru", newer), ("lama", older)):
        folder = world.server.data_dir.parent / name
        folder.mkdir()
        elsewhere = ServerProcess(folder, _SETTINGS)
        elsewhere.data_dir.mkdir(mode=0o700)
        for kept in ("master.key", "erased.ids"):
            shutil.copy2(world.server.data_dir / kept, elsewhere.data_dir / kept)
        restored = await elsewhere.command("restore", str(archive))
        assert restored.status == 0, restored.errors
        if archive is newer:
            content = _files(elsewhere.data_dir)
            # The search is not blind: what somebody else wrote is there.
            assert b"milik tetangga" in content
            assert [where for where, needle in needles(traces).items() if needle.lower() in content] == []
            continue
        await elsewhere.start()
        try:
            async with World(elsewhere, world.session) as brought_back:
                assert await _left(brought_back, traces) == {}
        finally:
            await elsewhere.stop()
        await _moved(elsewhere, traces)


async def _moved(server: ServerProcess, traces: Traces) -> None:
    """What was erased again can be moved without a byte of it: the store's own log stays behind."""
    archive, folder = server.data_dir.parent / "bersih.backup", server.data_dir.parent / "bersih"
    folder.mkdir()
    assert (await server.command("backup", str(archive))).status == 0
    clean = ServerProcess(folder, _SETTINGS)
    clean.data_dir.mkdir(mode=0o700)
    for kept in ("master.key", "erased.ids"):
        shutil.copy2(server.data_dir / kept, clean.data_dir / kept)
    restored = await clean.command("restore", str(archive))
    assert restored.status == 0, restored.errors
    content = _files(clean.data_dir)
    assert b"milik tetangga" in content
    assert [where for where, needle in needles(traces).items() if needle.lower() in content] == []


async def test_an_erasure_that_is_killed_goes_on(world: World) -> None:
    traces = await everywhere(world)
    secret = await _asked(traces.person)
    for steps in (3, 20):

        async def is_so_far(steps: int = steps) -> bool:
            found = await world.database["erasures"].find_one({"_id": traces.person.id})
            return found is None or len(found["done"]) >= steps

        await eventually(is_so_far, "the erasure has come so far")
        await world.server.kill()
        await world.server.start()
    await _done(world, secret)
    assert await _left(world, traces) == {}


async def test_asked_twice_at_once_it_is_done_once(world: World) -> None:
    person = await world.person("customer", "Enggang Ruyung")
    await person.send(await person.conversation(), "Pintu hijau")
    answers = await asyncio.gather(*(person.call("DELETE", "/me") for _ in range(3)))
    asked = [answer for answer in answers if answer.status == 202]
    assert len(asked) == 1
    assert {answer.status for answer in answers} <= {202, 401, 409}
    await _done(world, str(asked[0].data["secret"]))
    officer = await world.person("privacy_officer", "Penjaga")
    items = (await officer.get("/privacy/erasures")).data["items"]
    assert [item["state"] for item in items] == ["done"]
    staff = await world.person("agent", "Petugas")
    assert (await staff.call("DELETE", "/me")).code == "not_permitted"
    assert (await _proof(world, "tidak-ada-yang-begini")).status == 404


async def test_it_can_be_taken_back_and_waits_for_its_time(tmp_path: Path, browserless: aiohttp.ClientSession) -> None:
    server = ServerProcess(tmp_path, {**_SETTINGS, "AMANAH_ERASURE_DAYS": "7"})
    await server.start()
    try:
        async with World(server, browserless) as world:
            person = await world.person("customer", "Enggang Ruyung")
            secret = await _asked(person)
            assert (await person.get("/me")).status == 401
            assert (await _proof(world, secret)).data["state"] == "waiting"
            again = await world.again(person)
            assert (await again.get("/me/erasure")).data["state"] == "waiting"
            assert (await again.call("DELETE", "/me")).code == "conflict"
            assert (await again.call("DELETE", "/me/erasure")).status == 200
            assert (await again.get("/me/erasure")).data["state"] == "none"
            assert (await _proof(world, secret)).status == 404
            stale = await world.again(person, ago_s=3 * 3600)
            assert (await stale.call("DELETE", "/me")).code == "fresh_sign_in_required"
            visitor = await world.person("visitor")
            await _done(world, await _asked(visitor))
            await _held(world)
    finally:
        await server.stop()


async def _held(world: World) -> None:
    """A hold on one conversation keeps its customer waiting, and says so; then the erasure goes on by itself."""
    visitor, officer = await world.person("visitor"), await world.person("privacy_officer", "Penjaga")
    talk = await visitor.conversation("Pintu hijau")
    later = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"kind": "conversation", "object": talk, "reason": "Ada perkara", "review_at": later}
    held = await officer.post("/privacy/retention/holds", body)
    assert held.status == 201, (held.code, held.reasons)
    secret = await _asked(visitor)
    assert (await _proof(world, secret)).data["state"] == "held"
    assert {item["state"] for item in (await officer.get("/privacy/erasures")).data["items"]} >= {"held"}
    lifted = await officer.post(f"/privacy/retention/holds/{held.data['hold']['id']}/lift")
    assert lifted.status == 200, (lifted.code, lifted.reasons)
    await _done(world, secret)
