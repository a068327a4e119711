"""Who may connect, and what a client can't do by speaking the protocol wrongly."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import socketio

from tests.harness.people import World
from tests.harness.process import PATIENCE_S, eventually
from tests.harness.socket import Cut, Refused


async def test_a_token_or_a_cookie_lets_in(world: World) -> None:
    """The cookie only from our own pages."""
    person = await world.person("customer")
    cookie = {"Cookie": f"amanah_session={person.token}"}
    for auth, headers in (
        ({"token": person.token}, {}),
        (None, cookie),
        (None, {**cookie, "Origin": world.server.url}),
    ):
        socket = await world.socket(auth, headers=headers)
        talk = await person.conversation()
        assert (await socket.call("chat:join", {"conversation_id": talk}))["online"] == [person.id]
    with pytest.raises(Exception, match="400"):
        await world.socket(None, headers={**cookie, "Origin": "https://evil.example"})


async def test_nobody_else_gets_in(world: World) -> None:
    """Garbage, nothing, and what is over: one reason."""
    expired = await world.person("customer", hours=-1)
    gone = await world.person("customer")
    await world.http.call("DELETE", "/api/v1/sessions/current", token=gone.token)
    auths: tuple[object, ...] = (
        {"token": "x"},
        {"token": 5},
        {"token": ""},
        {},
        [],
        "x",
        None,
        *({"token": p.token} for p in (expired, gone)),
    )
    for auth in auths:
        with pytest.raises(Refused, match="not_authenticated"):
            await world.socket(auth)


async def test_signing_out_ends_live_connections_at_once(world: World) -> None:
    """All of that session and none of another."""
    person, other = await world.person("customer"), await world.person("customer")
    sockets = [await person.socket() for _ in range(3)]
    staying = await other.socket()
    talk = await person.conversation()
    await sockets[0].call("chat:join", {"conversation_id": talk})
    await world.http.call("DELETE", "/api/v1/sessions/current", token=person.token)
    for socket in sockets:
        await eventually(socket.ended.is_set, "the connection ends")
        with pytest.raises(Cut):
            await socket.ack("chat:send", {"conversation_id": talk, "client_message_id": "1", "text": "masih?"})
    assert (await staying.refusal("chat:join", {"conversation_id": talk}))["code"] == "not_found"


async def test_a_session_that_runs_out_ends_live_connections(world: World) -> None:
    """Also of somebody who only listens; a use within the last minutes does not matter, only the end."""
    # A slow machine may take longer to connect than the first session lasts.
    for seconds in (3, 30):
        person, began = await world.person("agent", hours=seconds / 3600), datetime.now(UTC)
        try:
            listening, talking = await person.socket(), await person.socket()
        except Refused:
            assert datetime.now(UTC) > began + timedelta(seconds=seconds - 1)
            continue
        break

    async def is_refused() -> bool:
        try:
            envelope = await talking.ack("chat:join", {"conversation_id": "zzz"})
        except Cut:
            return True
        return bool(envelope["error"]["code"] == "not_authenticated")

    await eventually(is_refused, "events are refused")
    await eventually(listening.ended.is_set, "the listening connection ends")
    await eventually(talking.ended.is_set, "the talking connection ends")


async def test_unknown_events_are_answered(world: World) -> None:
    """Also those that mean something to the library, and methods of our own classes."""
    person = await world.person("customer")
    socket = await person.socket()
    forged = (
        "connect",
        "disconnect",
        "connect_error",
        "message",
        "ping",
        "chat:nothing",
        "",
        "__init__",
        "on_event",
        "_on_connect",
        "chat:message",
        "presence",
        "*",
    )
    faked: list[tuple[object, ...]] = [(), ({},), ("sid", {"HTTP_COOKIE": "x"}), (person.id, {}, {"token": "x"})]
    for name in forged:
        for arguments in faked:
            error = await socket.refusal(name, *arguments)
            assert (error["code"], list(error["fields"])) == ("invalid_input", ["event"]), name
    talk = await person.conversation()
    assert (await socket.call("chat:join", {"conversation_id": talk}))["online"] == [person.id]


async def test_identity_is_never_taken_from_a_payload(world: World) -> None:
    """Whoever claims to be somebody is told that there is no such field."""
    person, agent = await world.person("customer"), await world.person("agent")
    socket = await person.socket()
    talk = await person.conversation()
    claims: tuple[dict[str, object], ...] = (
        {"account_id": agent.id},
        {"actor": {"role": "admin"}},
        {"author_id": agent.id},
        {"token": agent.token},
    )
    for extra in claims:
        command = {"conversation_id": talk, "client_message_id": "1", "text": "halo", **extra}
        error = await socket.refusal("chat:send", command)
        assert error["fields"]["unknown"]["reason"] == "unknown_field"
    assert await person.messages(talk) == []


async def test_wrong_arguments_are_told(world: World) -> None:
    """Every event, every kind of wrong; the connection goes on."""
    person = await world.person("customer")
    socket = await person.socket()
    talk = await person.conversation()
    good: dict[str, dict[str, object]] = {
        "chat:join": {"conversation_id": talk},
        "chat:send": {"conversation_id": talk, "client_message_id": "1", "text": "halo"},
        "chat:read": {"conversation_id": talk, "seq": 0},
        "chat:typing": {"conversation_id": talk, "typing": True},
    }
    for name, command in good.items():
        wrong: list[tuple[object, ...]] = [(), (None,), ("x",), ([],), ([command],), (command, command), (5,)]
        wrong += [({**command, "conversation_id": value},) for value in (None, 5, "", "a b", "x" * 65, {"$ne": ""})]
        wrong += [({key: value for key, value in command.items() if key != left_out},) for left_out in command]
        for arguments in wrong:
            error = await socket.refusal(name, *arguments)
            assert error["code"] == "invalid_input", (name, arguments)
            assert error["fields"]
        assert await socket.call(name, command) is not None
    for seq in (-1, "x", 1.5, None, 2**60):
        assert (await socket.refusal("chat:read", {"conversation_id": talk, "seq": seq}))["code"] == "invalid_input"


async def test_errors_speak_the_client_s_language(world: World) -> None:
    """As it said when it connected."""
    person = await world.person("customer")
    socket = await world.socket({"token": person.token}, headers={"Accept-Language": "en"})
    assert (await socket.refusal("chat:join", {"conversation_id": "zzz"}))["message"] == "Not found."
    indonesian = await person.socket()
    assert (await indonesian.refusal("chat:join", {"conversation_id": "zzz"}))["message"] == "Tidak ditemukan."


@pytest.mark.parametrize(
    "packet",
    [
        '42["chat:send",{"text":"x',
        "42",
        "42[]",
        "42[5,{}]",
        "42{}",
        '42/admin,["chat:join",{}]',
        "43",
        '431["x"]',
        "45",
        '451-["chat:send",{"_placeholder":true,"num":0}]',
        "49",
        "4",
        "",
        "9",
        "b!!",
        "x",
        "2probe",
        "5",
        "6",
        "\x00",
        '42["chat:send",' + "[" * 5_000,
        "42" + "9" * 5_000 + '["chat:join",{}]',
    ],
)
async def test_broken_packets_hurt_nobody_else(world: World, packet: str) -> None:
    """Whoever sends one may lose the connection; the next client is served, and nothing was stored."""
    person = await world.person("customer")
    talk = await person.conversation()
    socket, witness = await person.socket(), await person.socket()
    await socket.raw(packet)
    assert (await witness.call("chat:join", {"conversation_id": talk}))["messages"] == []
    sent = await witness.call("chat:send", {"conversation_id": talk, "client_message_id": "1", "text": "halo"})
    assert sent["message"]["seq"] == 1


async def test_other_namespaces_are_closed(world: World) -> None:
    """There is one, and it is not where administrators are found."""
    person = await world.person("admin")
    socket, witness = await person.socket(), await person.socket()
    await socket.raw('40/admin,{"token":"' + person.token + '"}')
    # The server may end the connection over the first of these, so the second need not arrive.
    with suppress(Cut):
        await socket.raw('42/admin,7["chat:join",{"conversation_id":"x"}]')
        await socket.ack("chat:join", {"conversation_id": "x"})
    assert (await witness.refusal("chat:join", {"conversation_id": "x"}))["code"] == "not_found"
    assert not [packet for packet in socket.packets if packet.startswith(("40/admin", "42/admin", "43/admin"))]


async def test_packets_over_64_kib_are_refused(world: World) -> None:
    """A text of 4,000 code points fits in any encoding; more than that nobody needs."""
    person = await world.person("customer")
    talk = await person.conversation()
    socket = await person.socket()
    command = {"conversation_id": talk, "client_message_id": "1", "text": "😀" * 4_000}
    assert (await socket.call("chat:send", command))["message"]["seq"] == 1
    await socket.raw('42["chat:send",{"text":"' + "x" * 70_000 + '"}]')
    await eventually(socket.ended.is_set, "the connection ends")
    assert len(await person.messages(talk)) == 1


async def test_the_usual_client_gets_along(world: World) -> None:
    """python-socketio's own client, by polling first and by websocket."""
    person = await world.person("customer")
    talk = await person.conversation()
    for number, transports in enumerate((["websocket"], ["polling", "websocket"]), start=1):
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(
            world.server.url, auth={"token": person.token}, transports=transports, wait_timeout=PATIENCE_S
        )
        command = {"conversation_id": talk, "client_message_id": str(number), "text": "halo"}
        envelope = await client.call("chat:send", command)
        assert envelope["data"]["message"]["seq"] == number
        await client.disconnect()
