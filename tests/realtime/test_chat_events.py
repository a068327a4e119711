"""Chat over Socket.IO: delivery, order, idempotency, replay, presence, and who is shown out."""

import asyncio
import secrets
from itertools import count
from typing import Any

import pytest

from tests.harness.people import Person, World
from tests.harness.socket import Cut, Socket

_WAIT_S = 30.0


async def _send(socket: Socket, talk: str, text: str = "halo", client_id: str | None = None) -> dict[str, Any]:
    command = {"conversation_id": talk, "client_message_id": client_id or secrets.token_hex(8), "text": text}
    return dict((await socket.call("chat:send", command))["message"])


async def _joined(person: Person, talk: str) -> Socket:
    socket = await person.socket()
    await socket.call("chat:join", {"conversation_id": talk})
    return socket


async def _until_count(socket: Socket, talk: str, number: int) -> None:
    await socket.until(lambda: len(socket.messages(talk)) >= number, f"{number} messages")


async def _pair(world: World) -> tuple[Person, Person, str]:
    """A customer, and the agent who has their conversation."""
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Rani")
    talk = await customer.conversation()
    await agent.take(talk)
    return customer, agent, talk


async def test_a_message_reaches_everybody_in_the_room(world: World) -> None:
    """As the ack says it, redacted, the sender's other devices included; those who are not in it hear nothing."""
    customer, agent, talk = await _pair(world)
    phone, laptop, desk = await _joined(customer, talk), await _joined(customer, talk), await _joined(agent, talk)
    outside = await agent.socket()
    message = await _send(phone, talk, "WA 0812-9071-3648")
    assert message["text"] == "WA ⟦PHONE:1⟧"
    for socket in (phone, laptop, desk):
        assert await socket.until_heard("chat:message") == {"message": message}
        assert len(socket.messages(talk)) == 1
    assert await customer.messages(talk) == [message]
    await outside.call("chat:join", {"conversation_id": talk})
    assert outside.messages(talk) == []


async def test_http_and_socket_are_one(world: World) -> None:
    """What is sent over the one is heard over the other, and an id counts for both."""
    customer, agent, talk = await _pair(world)
    desk, phone = await _joined(agent, talk), await _joined(customer, talk)
    over_http = (await customer.send(talk, "satu", "sama")).data["message"]
    assert (await desk.until_heard("chat:message"))["message"] == over_http
    assert await _send(phone, talk, "dua", "sama") == over_http
    assert len(await customer.messages(talk)) == 1


async def test_one_id_over_both_at_once(world: World) -> None:
    """However they race, there is one message, heard once."""
    customer, agent, talk = await _pair(world)
    desk, phone, laptop = await _joined(agent, talk), await _joined(customer, talk), await _joined(customer, talk)
    for number in range(10):
        client_id = f"sama-{number}"
        command = {"conversation_id": talk, "client_message_id": client_id, "text": "halo"}
        *envelopes, first, second = await asyncio.gather(
            phone.ack("chat:send", command),
            laptop.ack("chat:send", command),
            phone.ack("chat:send", command),
            customer.send(talk, "halo", client_id),
            customer.send(talk, "halo", client_id),
        )
        messages = [envelope["data"]["message"] for envelope in envelopes] + [
            first.data["message"],
            second.data["message"],
        ]
        assert [message["id"] for message in messages] == [messages[0]["id"]] * 5
    assert [message["seq"] for message in await customer.messages(talk)] == list(range(1, 11))
    await desk.until(lambda: len(desk.messages(talk)) >= 10, "ten messages")
    assert [message["seq"] for message in desk.messages(talk)] == list(range(1, 11))


async def test_a_pipeline_keeps_its_order(world: World) -> None:
    """200 messages of one client that does not wait: long and short, with and without identifiers."""
    customer, agent, talk = await _pair(world)
    desk, phone = await _joined(agent, talk), await customer.socket()
    texts = [f"{number} " + ("panjang " * 300 if number % 7 == 0 else "nomor 081290713648 ") for number in range(200)]
    acks = [
        await phone.post("chat:send", {"conversation_id": talk, "client_message_id": str(number), "text": text})
        for number, text in enumerate(texts)
    ]
    envelopes = await asyncio.wait_for(asyncio.gather(*acks), 2 * _WAIT_S)
    assert [envelope["data"]["message"]["seq"] for envelope in envelopes] == list(range(1, 201))
    await desk.until(lambda: len(desk.messages(talk)) == 200, "200 messages")
    heard = desk.messages(talk)
    assert [message["seq"] for message in heard] == list(range(1, 201))
    assert [message["client_message_id"] for message in heard] == [str(number) for number in range(200)]


async def test_two_devices_keep_their_order_each(world: World) -> None:
    """Together they make one dense sequence that everybody hears alike."""
    customer, agent, talk = await _pair(world)
    desk, colleague = await _joined(agent, talk), await _joined(customer, talk)
    devices = [await customer.socket(), await customer.socket()]

    async def pour(device: Socket, name: str) -> None:
        acks = [
            await device.post(
                "chat:send",
                {"conversation_id": talk, "client_message_id": f"{name}{number}", "text": f"pesan {number}"},
            )
            for number in range(60)
        ]
        assert all(envelope["ok"] for envelope in await asyncio.wait_for(asyncio.gather(*acks), _WAIT_S))

    await asyncio.gather(*(pour(device, name) for device, name in zip(devices, "ab", strict=True)))
    for socket in (desk, colleague):
        await _until_count(socket, talk, 120)
        heard = socket.messages(talk)
        assert [message["seq"] for message in heard] == list(range(1, 121))
        for name in "ab":
            mine = [item["client_message_id"] for item in heard if item["client_message_id"].startswith(name)]
            assert mine == [f"{name}{number}" for number in range(60)]


async def test_replay_is_complete_and_in_pages(world: World) -> None:
    """From `after_seq` on, 100 at a time, `has_more` until the end; nothing twice."""
    customer, agent, talk = await _pair(world)
    phone = await customer.socket()
    acks = [
        await phone.post("chat:send", {"conversation_id": talk, "client_message_id": str(n), "text": f"pesan {n}"})
        for n in range(1, 251)
    ]
    await asyncio.wait_for(asyncio.gather(*acks), 2 * _WAIT_S)
    desk = await agent.socket()
    for start in (0, 1, 100, 149, 150, 249):
        replayed: list[int] = []
        pages = 0
        while True:
            after = replayed[-1] if replayed else start
            page = await desk.call("chat:join", {"conversation_id": talk, "after_seq": after})
            assert page["last_seq"] == 250
            assert len(page["messages"]) <= 100
            replayed += [message["seq"] for message in page["messages"]]
            pages += 1
            if not page["has_more"]:
                break
        assert replayed == list(range(start + 1, 251)), start
        assert pages == max(1, -(-(250 - start) // 100))
    for start in (250, 9_999):
        page = await desk.call("chat:join", {"conversation_id": talk, "after_seq": start})
        assert (page["messages"], page["has_more"], page["last_seq"]) == ([], False, 250)


async def test_nothing_is_missed_between_joining_and_reading(world: World) -> None:
    """Somebody who joins while others write has everything: replayed, heard, or both."""
    customer, agent, talk = await _pair(world)
    phone = await customer.socket()
    stop = asyncio.Event()
    sent = 0

    async def write() -> None:
        nonlocal sent
        for number in count(1):
            if stop.is_set():
                return
            await _send(phone, talk, f"pesan {number}", str(number))
            sent = number

    writing = asyncio.create_task(write())
    known: list[set[int]] = []
    desks = [await agent.socket() for _ in range(8)]
    for desk in desks:
        page = await desk.call("chat:join", {"conversation_id": talk, "after_seq": 0})
        known.append({message["seq"] for message in page["messages"]})
    stop.set()
    await writing
    for desk, replayed in zip(desks, known, strict=True):

        def complete(desk: Socket = desk, replayed: set[int] = replayed) -> bool:
            return replayed | {message["seq"] for message in desk.messages(talk)} >= set(range(1, sent + 1))

        await desk.until(complete, "everything that was sent")


async def test_strangers_rooms_are_closed(world: World) -> None:
    """For every event, one answer for another's conversation and for none at all."""
    customer, _, talk = await _pair(world)
    stranger = await (await world.person("customer")).socket()
    listening = await _joined(customer, talk)
    commands: dict[str, dict[str, object]] = {
        "chat:join": {},
        "chat:send": {"client_message_id": "1", "text": "halo"},
        "chat:read": {"seq": 1},
        "chat:typing": {"typing": True},
    }
    for name, command in commands.items():
        errors = [await stranger.refusal(name, {**command, "conversation_id": room}) for room in (talk, "zzz")]
        assert [(error["code"], error["message"], error["fields"]) for error in errors] == [
            ("not_found", "Tidak ditemukan.", {})
        ] * 2
    await _send(listening, talk)
    await listening.until_heard("chat:message")
    assert {event.name for event in listening.told} <= {"chat:message", "chat:updated"}
    assert stranger.told == []


async def test_who_may_no_longer_read_is_shown_out(world: World) -> None:
    """Who was brought in leaves the room at the moment they are let go, and so does who gives it away."""
    customer, agent, talk = await _pair(world)
    colleague = await world.person("agent", "Yosef")
    await agent.post(f"/conversations/{talk}/participants", {"agent_id": colleague.id})
    phone, mine, theirs = await _joined(customer, talk), await _joined(agent, talk), await _joined(colleague, talk)
    await _send(phone, talk, "sebelum")
    await theirs.until_heard("chat:message")
    await colleague.call("DELETE", f"/conversations/{talk}/participants/me")
    await theirs.until_heard("chat:left", conversation_id=talk)

    def row() -> Any:
        seen = (data["conversation"] for data in theirs.heard("chat:updated"))
        # Agents hear of the rows of others', too.
        return next((item for item in seen if item["id"] == talk and item["access"] == "row"), None)

    left = await theirs.until(row, "a row")
    assert (left["assignee"]["id"], left["customer"]) == (agent.id, None)
    await _send(phone, talk, "sesudah")
    await mine.until(lambda: len(mine.messages(talk)) == 2, "both messages")
    for name, command in (("chat:join", {}), ("chat:read", {"seq": 1}), ("chat:typing", {"typing": True})):
        error = await theirs.refusal(name, {"conversation_id": talk, **command})
        assert error["code"] == "not_found"
    assert [message["text"] for message in theirs.messages(talk)] == ["sebelum"]
    assert [message["text"] for message in mine.messages(talk)] == ["sebelum", "sesudah"]
    await agent.post(f"/conversations/{talk}/assign", {"agent_id": colleague.id})
    await mine.until_heard("chat:left", conversation_id=talk)
    await theirs.call("chat:join", {"conversation_id": talk, "after_seq": 1})
    await _send(phone, talk, "untuk Yosef")
    await theirs.until(lambda: len(theirs.messages(talk)) == 2, "the new message")
    assert len(mine.messages(talk)) == 2


async def test_the_team_sees_the_queue_move(world: World) -> None:
    """New conversations, closing, and the customer's own view of it."""
    customer, agent, talk = await _pair(world)
    desk, phone = await agent.socket(), await customer.socket()
    new = await customer.conversation("printer rusak")

    def told(socket: Socket, **values: object) -> Any:
        seen = (data["conversation"] for data in socket.heard("chat:updated"))
        return next((item for item in seen if item["id"] in (talk, new) and values.items() <= item.items()), None)

    begun = await desk.until(lambda: told(desk, id=new), "the new conversation")
    assert (begun["subject"], begun["unread"], begun["access"], begun["customer"]) == (
        "printer rusak",
        None,
        "row",
        None,
    )
    await agent.post(f"/conversations/{talk}/close")
    await desk.until(lambda: told(desk, id=talk, status="closed"), "closed")
    await phone.until(lambda: told(phone, id=talk, status="closed"), "closed, at the customer's")
    await _send(phone, talk, "belum selesai")
    await desk.until(lambda: told(desk, id=talk, status="open", last_seq=1), "open again")


async def test_read_marks_reach_the_others(world: World) -> None:
    """They only rise, never pass the end, and are kept."""
    customer, agent, talk = await _pair(world)
    phone, desk = await _joined(customer, talk), await _joined(agent, talk)
    for _ in range(3):
        await _send(phone, talk)
    for seq in (1, 2, 1, 0, 2, 99):
        assert await desk.call("chat:read", {"conversation_id": talk, "seq": seq}) == {}
    await phone.until_heard("chat:read", seq=3)
    marks = [data for data in phone.heard("chat:read") if data["account_id"] == agent.id]
    assert [mark["seq"] for mark in marks] == [1, 2, 3]
    assert set(marks[0]) == {"conversation_id", "account_id", "seq"}
    conversation = (await agent.get(f"/conversations/{talk}")).data["conversation"]
    assert (conversation["read_marks"][agent.id], conversation["unread"]) == (3, 0)


async def test_typing_is_told_and_kept_nowhere(world: World) -> None:
    """Who, where, and whether."""
    customer, agent, talk = await _pair(world)
    phone, desk = await _joined(customer, talk), await _joined(agent, talk)
    for typing in (True, False):
        assert await desk.call("chat:typing", {"conversation_id": talk, "typing": typing}) == {}
        told = await phone.until_heard("chat:typing", typing=typing)
        assert told == {"conversation_id": talk, "account_id": agent.id, "typing": typing}


async def test_presence_counts_people_not_devices(world: World) -> None:
    """The first device brings somebody online, the last one takes them away."""
    customer, agent, talk = await _pair(world)
    phone = await customer.socket()
    assert (await phone.call("chat:join", {"conversation_id": talk}))["online"] == [customer.id]
    desks = [await agent.socket(), await agent.socket()]
    for desk in desks:
        reply = await desk.call("chat:join", {"conversation_id": talk})
        assert sorted(reply["online"]) == sorted([customer.id, agent.id])
    online = await phone.until_heard("presence", online=True)
    assert online == {"conversation_id": talk, "account_id": agent.id, "online": True}
    await desks[0].close()
    # Another event after the first device has gone: had its going been told, it would have been before this one.
    await desks[1].call("chat:typing", {"conversation_id": talk, "typing": True})
    await phone.until_heard("chat:typing")
    assert [data["online"] for data in phone.heard("presence")] == [True]
    await desks[1].close()
    await phone.until_heard("presence", online=False)
    assert (await phone.call("chat:join", {"conversation_id": talk}))["online"] == [customer.id]


async def test_a_sender_who_leaves_is_still_served(world: World) -> None:
    """What the server has taken in is stored and told, though nobody waits for the ack any more."""
    customer, agent, talk = await _pair(world)
    desk, phone = await _joined(agent, talk), await customer.socket()
    pending = await phone.post("chat:send", {"conversation_id": talk, "client_message_id": "1", "text": "halo"})
    await phone.close()
    with pytest.raises(Cut):
        await pending
    again = await customer.socket()
    message = await _send(again, talk, "halo", "1")
    assert message["seq"] == 1
    assert (await desk.until_heard("chat:message"))["message"] == message
    assert len(await customer.messages(talk)) == 1
