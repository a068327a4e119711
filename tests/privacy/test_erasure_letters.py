"""What somebody gets by mail of their erasure: that it begins, or was taken back, when, and where to go; nothing else.
What still waits for a mail server goes with the person.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from server.accounts.model import Account
from server.accounts.store import MongoAccountStore
from server.composition.keys import ring_of
from server.kernel.actor import Role
from server.kernel.ids import new_id
from tests.harness.mail import MailSink
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, eventually

_WORDS = ("sasando", "kolintang", "slenthem")
_NAME = "Enggang Ruyung"


@dataclass
class _Place:
    world: World
    sink: MailSink


@asynccontextmanager
async def _place(folder: Path, session: aiohttp.ClientSession, days: int, *, mails: bool) -> AsyncIterator[_Place]:
    """A server that mails; where it does not, nobody takes its letters."""
    sink = MailSink()
    await sink.start()
    if not mails:
        await sink.stop()
    settings = {
        "AMANAH_LIMITS": "off",
        "AMANAH_LOG_LEVEL": "DEBUG",
        "AMANAH_ERASURE_DAYS": str(days),
        "AMANAH_SMTP_URL": sink.url,
        "AMANAH_MAIL_FROM": "bantuan@toko.example",
        "AMANAH_PUBLIC_URL": "https://bantuan.example",
    }
    server = ServerProcess(folder, settings)
    await server.start()
    try:
        async with World(server, session) as world:
            yield _Place(world, sink)
    finally:
        await server.stop()
        await sink.stop()


async def _somebody(world: World) -> tuple[Person, str]:
    """Somebody with an address, who has said something in the chat and as feedback."""
    ring, address = await ring_of(world.database, world.masters), f"kolibri-{secrets.token_hex(4)}@contoh.example"
    account = Account(new_id(), Role.CUSTOMER, _NAME, address, "id", datetime.now(UTC))
    await MongoAccountStore(world.database, world.vault, ring.index("accounts")).insert_account(account, None)
    person = await world.again(Person(account.id, "", _NAME, account.role, world))
    talk = await person.conversation(f"Soal {_WORDS[0]}")
    assert (await person.send(talk, f"Saya mau tanya soal {_WORDS[1]}")).status == 201
    given = {"kind": "complaint", "title": f"Soal {_WORDS[2]}", "text": f"Kurang {_WORDS[2]} di laporan."}
    assert (await person.post("/feedback", given)).status == 201
    return person, address


async def _queue(world: World) -> bytes:
    return b"\n".join([repr(letter).encode() async for letter in world.database["mail_queue"].find({})])


async def test_letters_say_when_and_where_and_nothing_else(tmp_path: Path, browserless: aiohttp.ClientSession) -> None:
    async with _place(tmp_path, browserless, 7, mails=True) as place:
        person, address = await _somebody(place.world)
        asked = await person.call("DELETE", "/me")
        assert asked.status == 202
        begun = await place.sink.letter(address)
        assert begun.link == "https://bantuan.example/privasi/hapus"
        due = datetime.fromisoformat(asked.data["due_at"])
        assert f"{due:%Y-%m-%d %H:%M} UTC" in begun.text
        again = await place.world.again(person)
        assert (await again.call("DELETE", "/me/erasure")).status == 200
        back = await place.sink.letter(address, 2)
        assert "dibatalkan" in back.text
        secret = str(asked.data["secret"])
        for letter in (begun, back):
            told = letter.raw.decode() + letter.text + letter.html + str(letter.message["subject"])
            for word in (*_WORDS, "Enggang", "Ruyung", person.id, secret, asked.data["reference"]):
                assert word not in told
        await eventually(lambda: _is_empty(place.world), "the queue is empty")
        log = place.world.server.log_file.read_bytes()
        assert address.encode() not in log


async def test_a_letter_that_waits_goes_with_the_person(tmp_path: Path, browserless: aiohttp.ClientSession) -> None:
    """No mail server answers: what is in the queue leads to nobody while it waits, and is gone afterwards."""
    async with _place(tmp_path, browserless, 7, mails=False) as place:
        person, address = await _somebody(place.world)
        secret = str((await person.call("DELETE", "/me")).data["secret"])
        waiting = await _queue(place.world)
        assert person.id.encode() in waiting
        for trace in (address, "kolibri", "Ruyung", secret, *_WORDS):
            assert trace.encode() not in waiting
        # Its time has come: the job looks by itself.
        then = datetime.now(UTC).replace(year=2020)
        changed = await place.world.database["erasures"].update_one({"_id": person.id}, {"$set": {"due_at": then}})
        assert changed.modified_count == 1
        await place.world.server.stop()
        await place.world.server.start()

        async def is_done() -> bool:
            proof = await place.world.http.post("/api/v1/privacy/erasure-proofs", {"secret": secret})
            return proof.data["state"] == "done"

        await eventually(is_done, "the erasure is done")
        assert person.id.encode() not in await _queue(place.world)


async def _is_empty(world: World) -> bool:
    return not await _queue(world)
