"""Lines that delay, that lose one direction, that sleep: with files and edits, in one tab and in two.

What a client does about it is what the contract asks of it: a message that was not acknowledged is sent again under
the same id, on a new connection; who was away joins with what they have. The line holds traffic for as long as the
test wants, so nothing here waits for time to pass.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.harness.held_line import HeldLine
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, eventually
from tests.harness.socket import Cut, Socket
from tests.realtime.test_changed_messages import Mirror


@pytest.fixture
async def line(running: ServerProcess) -> AsyncIterator[HeldLine]:
    """The bad line to the server."""
    line = HeldLine(running.port)
    await line.start()
    yield line
    await line.stop()


async def _pair(world: World) -> tuple[Person, Person, str]:
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Rani")
    talk = await customer.conversation()
    await agent.take(talk)
    return customer, agent, talk


async def _phone(person: Person, talk: str, line: HeldLine) -> Socket:
    """A device behind the bad line, in the conversation."""
    socket = await Socket.connect(person.world.session, line.url, {"token": person.token})
    await socket.call("chat:join", {"conversation_id": talk})
    return socket


async def _file(person: Person, talk: str) -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("file", b"stok gudang\nkabel 3\n", filename="stok.txt", content_type="text/plain")
    url = f"{person.world.server.url}/api/v1/conversations/{talk}/attachments"
    headers = {"Authorization": f"Bearer {person.token}"}
    async with person.world.session.post(url, data=form, headers=headers) as response:
        assert response.status == 201
        return dict((await response.json())["data"]["attachment"])


async def test_what_never_arrived_is_sent_again(world: World, line: HeldLine) -> None:
    """The way there is lost: nothing is stored. On the next line it is, with its file, once."""
    customer, agent, talk = await _pair(world)
    desk = await agent.socket()
    await desk.call("chat:join", {"conversation_id": talk})
    phone = await _phone(customer, talk, line)
    file = await _file(customer, talk)
    command = {
        "conversation_id": talk,
        "client_message_id": "berkas",
        "text": "stoknya",
        "attachment_ids": [file["id"]],
    }
    line.hold(line.up)
    lost = await phone.post("chat:send", command)
    await eventually(lambda: line.up.held > 0, "it is on its way")
    # The way back is open: the phone still hears what others say.
    await agent.send(talk, "ada yang bisa dibantu?")
    await phone.until(lambda: phone.messages(talk), "the other direction works")
    assert len(await agent.messages(talk)) == 1
    await line.lose()
    with pytest.raises(Cut):
        await lost
    again = await _phone(customer, talk, line)
    sent = (await again.call("chat:send", command))["message"]
    assert (sent["seq"], sent["attachments"]) == (2, [file])
    await desk.until(lambda: len(desk.messages(talk)) == 2, "the desk sees both")
    assert [message["client_message_id"] for message in desk.messages(talk)][1:] == ["berkas"]
    await again.close()
    await phone.close()


async def test_what_was_never_acknowledged_is_there_once(world: World, line: HeldLine) -> None:
    """The way back is lost: it is stored and told to others, and sent again it is the same, files and all."""
    customer, agent, talk = await _pair(world)
    desk = await agent.socket()
    await desk.call("chat:join", {"conversation_id": talk})
    phone = await _phone(customer, talk, line)
    file = await _file(customer, talk)
    command = {"conversation_id": talk, "client_message_id": "berkas", "text": "", "attachment_ids": [file["id"]]}
    line.hold(line.down)
    unheard = await phone.post("chat:send", command)
    await desk.until(lambda: desk.messages(talk), "the desk has it")
    await eventually(lambda: line.down.held > 0, "the answer is on its way")
    assert not unheard.done()
    await line.lose()
    with pytest.raises(Cut):
        await unheard
    again = await _phone(customer, talk, line)
    sent = (await again.call("chat:send", command))["message"]
    assert [sent] == desk.messages(talk) == await customer.messages(talk)
    await again.close()
    await phone.close()


async def test_an_edit_whose_answer_was_lost(world: World, line: HeldLine) -> None:
    """It is made once. Who makes it again is told that the text is another, and reads that it is their own."""
    customer, agent, talk = await _pair(world)
    watching = Mirror(agent, talk)
    await watching.come()
    await customer.send(talk, "pesanan nomor tujuh")
    url = f"{line.url}/api/v1/conversations/{talk}/messages/1"
    body, headers = {"text": "pesanan nomor delapan", "revision": 0}, {"Authorization": f"Bearer {customer.token}"}
    async with aiohttp.ClientSession() as browser:
        warm = await browser.get(f"{line.url}/healthz")
        await warm.read()
        line.hold(line.down)

        async def edited() -> bool:
            return (await customer.messages(talk))[0]["revision"] == 1

        async def ask() -> int:
            async with browser.patch(url, json=body, headers=headers) as response:
                return response.status

        asked = asyncio.create_task(ask())
        await eventually(edited, "the edit is stored")
        await line.lose()
        with pytest.raises(aiohttp.ClientError):
            await asked
        async with browser.patch(url, json=body, headers=headers) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (409, "conflict")
    [message] = await customer.messages(talk)
    assert (message["text"], message["revision"]) == ("pesanan nomor delapan", 1)
    await watching.until_shows([message])


@pytest.mark.parametrize("wakes", ["on the same line", "on a new one"])
async def test_a_device_that_slept(world: World, line: HeldLine, wakes: str) -> None:
    """Nothing came through while others wrote more than a page, edited, deleted and sent a file; then it has it all."""
    customer, agent, talk = await _pair(world)
    await customer.send(talk, "halo kak")
    phone = Mirror(customer, talk, line.url)
    await phone.come()
    line.hold(line.up, line.down)
    for number in range(110):
        assert (await agent.send(talk, f"kabar {number}")).status == 201
    file = await _file(agent, talk)
    with_file = {"client_message_id": "berkas", "text": "", "attachment_ids": [file["id"]]}
    assert (await agent.post(f"/conversations/{talk}/messages", with_file)).status == 201
    path = f"/conversations/{talk}/messages"
    assert (await agent.call("PATCH", f"{path}/5", {"text": "kabar lain", "revision": 0})).status == 200
    assert (await agent.call("DELETE", f"{path}/6")).status == 200
    if wakes == "on the same line":
        line.release()
    else:
        await line.lose()
        await phone.go(deaf=True)
        await phone.come()
    stored = [message for after in (0, 100) for message in await customer.messages(talk, after_seq=after, limit=100)]
    assert len(stored) == 112
    await phone.catch_up(stored)
    await phone.go(deaf=False)


async def test_two_tabs_one_of_which_is_late(world: World, line: HeldLine) -> None:
    """Both send what waits under the same id at the same time: it is one message, and both show the same."""
    customer, agent, talk = await _pair(world)
    late, prompt = Mirror(customer, talk, line.url), Mirror(customer, talk)
    await late.come()
    await prompt.come()
    slow, quick = await _phone(customer, talk, line), await customer.socket()
    command = {"conversation_id": talk, "client_message_id": "satu", "text": "satu kali saja"}
    line.hold(line.up)
    held = await slow.post("chat:send", command)
    await eventually(lambda: line.up.held > 0, "the late tab's is on its way")
    first = (await quick.call("chat:send", command))["message"]
    assert (
        await customer.call("PATCH", f"/conversations/{talk}/messages/1", {"text": "dua", "revision": 0})
    ).status == 200
    await agent.send(talk, "baik")
    line.release()
    try:
        envelope = await held
    except Cut:
        # The server gave the line up as dead before it was released.
        slow = await _phone(customer, talk, line)
        envelope = await slow.ack("chat:send", command)
    assert envelope["data"]["message"]["id"] == first["id"]
    stored = await customer.messages(talk)
    assert [message["text"] for message in stored] == ["dua", "baik"]
    await late.catch_up(stored)
    await prompt.until_shows(stored)
    await late.go(deaf=False)
    await slow.close()


async def test_a_delay_changes_no_order(world: World, line: HeldLine) -> None:
    """What was sent one after the other, is; however long it was under way."""
    customer, _, talk = await _pair(world)
    phone = await _phone(customer, talk, line)
    line.hold(line.up)
    sent = [
        await phone.post(
            "chat:send", {"conversation_id": talk, "client_message_id": f"p-{number}", "text": f"pesan {number}"}
        )
        for number in range(8)
    ]
    await eventually(lambda: line.up.held > 0, "they are on their way")
    line.hold(line.down)
    line.up.open.set()

    async def stored() -> bool:
        return len(await customer.messages(talk)) == 8

    await eventually(stored, "all are stored")
    assert not any(answer.done() for answer in sent)
    line.release()
    envelopes = [await answer for answer in sent]
    assert [envelope["data"]["message"]["seq"] for envelope in envelopes] == list(range(1, 9))
    assert [message["text"] for message in await customer.messages(talk)] == [f"pesan {number}" for number in range(8)]
    await phone.close()
