"""Edits, deletions, reactions and files through everything that a line and a server can do to them.

A mirror behaves as the contract asks of a client: of two forms of a message it keeps the one with the higher version,
it joins with the last `seq` and the number of changes that it knows, and reads all anew where it is told that this is
too long ago. However it was cut off, once it is back it shows what whoever comes for the first time is shown. What is
random comes from one seed.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from tests.harness.people import Person, World
from tests.harness.process import ServerProcess
from tests.harness.socket import Socket

_SEED = 20_261_123
_STEPS = 60
_EMOJI = ("👍", "🙏", "🎉")


class Mirror:
    """What one device shows of a conversation.

    Args:
        person: whose device.
        talk: of which conversation.
        url: of the line to the server; None for a good one.
    """

    def __init__(self, person: Person, talk: str, url: str | None = None) -> None:
        self._url = url
        self._person = person
        self._talk = talk
        self._socket: Socket | None = None
        self._taken = 0
        self.shown: dict[int, dict[str, Any]] = {}
        self.last_seq = 0
        self.changes: int | None = None
        self.anew = 0

    async def come(self) -> None:
        """Connect, and read what was missed."""
        if self._url is None:
            self._socket = await self._person.socket()
        else:
            auth = {"token": self._person.token}
            self._socket = await Socket.connect(self._person.world.session, self._url, auth)
        self._taken = 0
        while True:
            command = {"conversation_id": self._talk, "after_seq": self.last_seq, "changes": self.changes}
            answer = await self._socket.call("chat:join", command)
            if answer["changed"] is None:
                self.shown, self.last_seq, self.changes = {}, 0, None
                self.anew += 1
                continue
            for message in (*answer["messages"], *answer["changed"]):
                self._keep(message)
            self.changes = answer["changes"]
            if not answer["has_more"]:
                break

    async def go(self, *, deaf: bool) -> None:
        """Lose the line; `deaf`: what was told lately never came."""
        assert self._socket is not None
        if not deaf:
            self._listen()
        await self._socket.close()
        self._socket = None

    async def until_shows(self, wanted: list[dict[str, Any]]) -> None:
        """Wait until this is what it shows."""
        assert self._socket is not None

        await self._socket.until(lambda: self._shows(wanted), "what everybody sees")

    async def catch_up(self, wanted: list[dict[str, Any]]) -> None:
        """Wait until this is what it shows; come back first where the server gave the line up as dead."""
        socket = self._socket
        assert socket is not None
        await socket.until(lambda: self._shows(wanted) or socket.ended.is_set(), "what everybody sees")
        if not self._shows(wanted):
            await self.come()
            await self.until_shows(wanted)

    def _shows(self, wanted: list[dict[str, Any]]) -> bool:
        self._listen()
        return [self.shown[seq] for seq in sorted(self.shown)] == wanted

    def _listen(self) -> None:
        assert self._socket is not None
        for event in self._socket.told[self._taken :]:
            if event.name == "chat:message":
                self._keep(event.data["message"])
            elif event.name == "chat:changed":
                self._keep(event.data["message"])
                self.changes = max(self.changes or 0, event.data["changes"])
        self._taken = len(self._socket.told)

    def _keep(self, message: dict[str, Any]) -> None:
        known = self.shown.get(message["seq"])
        if known is None or known["version"] < message["version"]:
            self.shown[message["seq"]] = message
        while self.last_seq + 1 in self.shown:
            self.last_seq += 1


class Hand:
    """Somebody who writes, edits, deletes and reacts; again and again until it is done, as a client does."""

    def __init__(self, person: Person, talk: str, choice: random.Random) -> None:
        self._person = person
        self._path = f"/conversations/{talk}/messages"
        self._choice = choice
        self._own: list[int] = []

    async def act(self) -> None:
        """Do one thing."""
        what = self._choice.random()
        if what < 0.4 or not self._own:
            body = {"client_message_id": secrets.token_hex(8), "text": f"kabar **{self._choice.randrange(1000)}** ya"}
            sent = await self._until_done("POST", self._path, body)
            self._own.append(sent.data["message"]["seq"])
            return
        place = f"{self._path}/{self._choice.choice(self._own)}"
        if what < 0.6:
            await self._edit(place)
        elif what < 0.65:
            await self._until_done("DELETE", place, None)
        else:
            method = self._choice.choice(("PUT", "PUT", "DELETE"))
            await self._until_done(method, f"{place}/reactions/{quote(self._choice.choice(_EMOJI))}", None)

    async def _edit(self, place: str) -> None:
        """Whoever is told that there is a newer text has read it by then: it is theirs."""
        seq = int(place.rpartition("/")[2])
        [message] = await self._person.messages(self._path.split("/")[2], after_seq=seq - 1, limit=1)
        body = {"text": f"kabar lain {self._choice.randrange(1000)}", "revision": message["revision"]}
        await self._until_done("PATCH", place, body)

    async def _until_done(self, method: str, path: str, body: object) -> Any:
        for _ in range(50):
            try:
                answer = await self._person.call(method, path, body)
            except (aiohttp.ClientError, ConnectionError):
                await asyncio.sleep(0.2)  # The server is just being started again.
                continue
            if answer.status < 500:
                # Gone, or changed already by the attempt before: a client reads anew.
                assert answer.status in {200, 201, 404, 409}, answer.envelope
                return answer
            await asyncio.sleep(0.2)  # Likewise: the store may not answer yet.
        raise AssertionError(f"{method} was never done")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    """A server to be killed."""
    server = ServerProcess(tmp_path, {"AMANAH_LIMITS": "off"})
    await server.start()
    yield server
    await server.stop()


async def _pair(world: World) -> tuple[Person, Person, str]:
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Rani")
    talk = await customer.conversation()
    await agent.take(talk)
    return customer, agent, talk


async def test_everybody_sees_the_same_in_the_end(server: ServerProcess, browserless: aiohttp.ClientSession) -> None:
    """Devices come and go, one does not hear what it is told, the server is killed; then all show what is stored."""
    choice = random.Random(_SEED)
    async with World(server, browserless) as world:
        customer, agent, talk = await _pair(world)
        mirrors = [Mirror(person, talk) for person in (customer, customer, agent)]
        for mirror in mirrors:
            await mirror.come()
        hands = [Hand(person, talk, random.Random(_SEED + number)) for number, person in enumerate((customer, agent))]
        for step in range(_STEPS):
            await asyncio.gather(*(hand.act() for hand in hands))
            if step == _STEPS // 2:
                for mirror in mirrors:
                    await mirror.go(deaf=choice.random() < 0.5)
                await server.kill()
                await server.start()
                for mirror in mirrors:
                    await mirror.come()
            elif choice.random() < 0.3:
                mirror = choice.choice(mirrors)
                await mirror.go(deaf=choice.random() < 0.5)
                for _ in range(choice.randrange(4)):
                    await hands[0].act()
                await mirror.come()
        stored = await customer.messages(talk, after_seq=0, limit=100)
        assert [message["seq"] for message in stored] == list(range(1, len(stored) + 1))
        assert any(message["edited_at"] for message in stored)
        assert any(message["reactions"] for message in stored)
        for mirror in mirrors:
            await mirror.until_shows(stored)
        verified = await server.command("audit", "verify", "--content")
        assert (verified.status, verified.errors) == (0, ""), verified.output


async def test_who_slept_for_long_reads_all_anew(world: World) -> None:
    """More changed than is remembered; what it shows then is right all the same."""
    customer, agent, talk = await _pair(world)
    await customer.send(talk, "halo kak")
    await customer.send(talk, "ada?")
    mirror = Mirror(customer, talk)
    await mirror.come()
    await mirror.go(deaf=True)
    for _ in range(35):
        for method in ("PUT", "DELETE"):
            await agent.call(method, f"/conversations/{talk}/messages/1/reactions/{quote('👍')}")
    await agent.call("PUT", f"/conversations/{talk}/messages/2/reactions/{quote('🎉')}")
    await mirror.come()
    assert mirror.anew == 1
    await mirror.until_shows(await customer.messages(talk))


async def test_a_file_comes_once_however_often_it_is_sent(world: World) -> None:
    """The message with it is sent again under its id; both ways, it is one message with one file."""
    customer, agent, talk = await _pair(world)
    desk = await agent.socket()
    await desk.call("chat:join", {"conversation_id": talk})
    form = aiohttp.FormData()
    form.add_field("file", b"stok gudang\nkabel 3\n", filename="stok.txt", content_type="text/plain")
    url = f"{world.server.url}/api/v1/conversations/{talk}/attachments"
    headers = {"Authorization": f"Bearer {customer.token}"}
    async with world.session.post(url, data=form, headers=headers) as response:
        assert response.status == 201
        file = (await response.json())["data"]["attachment"]
    body = {"client_message_id": "berkas", "text": "", "attachment_ids": [file["id"]]}
    phone = await customer.socket()
    command = {"conversation_id": talk, **body}
    first, second, over_http = await asyncio.gather(
        phone.ack("chat:send", command),
        phone.ack("chat:send", command),
        customer.post(f"/conversations/{talk}/messages", body),
    )
    messages = [first["data"]["message"], second["data"]["message"], over_http.data["message"]]
    assert [message["attachments"] for message in messages] == [[file]] * 3
    assert (await desk.until_heard("chat:message"))["message"] == messages[0]
    assert await customer.messages(talk) == [messages[0]]
    other = await customer.post(f"/conversations/{talk}/messages", {**body, "client_message_id": "lain"})
    assert other.reasons == {"attachment_ids": "unknown_file"}
    gone = (await customer.call("DELETE", f"/conversations/{talk}/messages/1")).data["message"]
    assert gone["attachments"] == []
    assert (await desk.until_heard("chat:changed"))["message"] == gone


async def test_what_has_come_is_told(world: World) -> None:
    """Delivered, then read; who comes later sees both."""
    customer, agent, talk = await _pair(world)
    phone, desk = await customer.socket(), await agent.socket()
    for socket in (phone, desk):
        await socket.call("chat:join", {"conversation_id": talk})
    await agent.send(talk, "ada yang bisa dibantu?")
    await phone.until_heard("chat:message")
    mark = {"conversation_id": talk, "seq": 1}
    await phone.call("chat:delivered", mark)
    assert await desk.until_heard("chat:delivered") == {**mark, "account_id": customer.id}
    conversation = (await agent.get(f"/conversations/{talk}")).data["conversation"]
    assert conversation["delivered_marks"] == {customer.id: 1}
    await phone.call("chat:delivered", {**mark, "seq": 99})
    await phone.call("chat:read", mark)
    await desk.until_heard("chat:read", account_id=customer.id)
    assert len(desk.heard("chat:delivered")) == 1
