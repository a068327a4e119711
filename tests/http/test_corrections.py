"""Corrections of the redaction through the real server, over HTTP and to everybody who listens."""

import asyncio
from typing import Any

import orjson
import pytest

from tests.harness.people import Person, World
from tests.harness.socket import Socket

_WORD = "jendela"


async def _talk(world: World) -> tuple[Person, Person, str]:
    """A customer and the agent who has their conversation."""
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Rani Dukungan")
    talk = await customer.conversation("perihal jendela")
    taken = await agent.post(f"/conversations/{talk}/assign", {"agent_id": "me"})
    assert taken.status == 200
    return customer, agent, talk


def _piece(message: Any, piece: str, label: str = "PERSON") -> dict[str, object]:
    start = message["text"].index(piece)
    return {
        "kind": "should_have_been_hidden",
        "revision": message["revision"],
        "start": start,
        "end": start + len(piece),
        "label": label,
    }


async def _messages(person: Person, talk: str) -> list[Any]:
    return list(await person.messages(talk, after_seq=0, limit=100))


async def _joined(person: Person, talk: str) -> tuple[Socket, Any]:
    socket = await person.socket()
    return socket, await socket.call("chat:join", {"conversation_id": talk})


async def test_what_is_hidden_is_hidden_for_everybody(world: World) -> None:
    """In the answer, for those who listen, for those who come back, in other messages, and in those to come."""
    customer, agent, talk = await _talk(world)
    sent = (await customer.send(talk, "🙏 kirim ke jendela ya", "satu")).data["message"]
    await agent.send(talk, "JENDELA yang mana?")
    listening, before = await _joined(customer, talk)
    answer = await agent.post(f"/conversations/{talk}/messages/1/corrections", _piece(sent, _WORD))
    assert answer.status == 200
    assert answer.data["message"]["text"] == "🙏 kirim ke ⟦PERSON:1⟧ ya"
    assert answer.data["message"]["redactions"] == [{"placeholder": "⟦PERSON:1⟧", "label": "PERSON"}]
    assert answer.data["message"] == {
        **sent,
        "text": "🙏 kirim ke ⟦PERSON:1⟧ ya",
        "redactions": answer.data["message"]["redactions"],
        "revision": 1,
        "version": 1,
    }
    assert (answer.data["elsewhere"], answer.data["done"]) == (1, True)
    await listening.until(lambda: len(listening.heard("chat:corrected")) == 2, "both corrections")
    told = {news["message"]["seq"]: news for news in listening.heard("chat:corrected")}
    assert told[1]["message"] == answer.data["message"]
    assert told[2]["message"]["text"] == "⟦PERSON:1⟧ yang mana?"
    assert told[2]["message"]["author"]["id"] == agent.id
    assert sorted(news["corrections"] for news in told.values()) == [1, 2]
    assert before["corrections"] == 0
    back = await listening.call("chat:join", {"conversation_id": talk})
    assert back["corrections"] == 2
    assert [item["text"] for item in back["messages"]] == ["🙏 kirim ke ⟦PERSON:1⟧ ya", "⟦PERSON:1⟧ yang mana?"]
    assert [item["text"] for item in await _messages(agent, talk)] == [item["text"] for item in back["messages"]]
    # The first sending again gives what is stored now.
    assert (await customer.send(talk, "apa saja", "satu")).data["message"] == answer.data["message"]
    later = await customer.send(talk, "ya, Jendela itu")
    assert later.data["message"]["text"] == "ya, ⟦PERSON:1⟧ itu"
    assert (await agent.get(f"/conversations/{talk}")).data["conversation"]["subject"] == "perihal ⟦PERSON:1⟧"


async def test_messages_on_their_way_are_hidden_too(world: World) -> None:
    """Whether they were redacted before or are stored after."""
    customer, _, talk = await _talk(world)
    first = (await customer.send(talk, "halo jendela")).data["message"]
    socket, _ = await _joined(customer, talk)
    sending = [
        asyncio.create_task(
            socket.call("chat:send", {"conversation_id": talk, "client_message_id": f"m{number}", "text": "x jendela"})
        )
        for number in range(60)
    ]
    await asyncio.gather(*sending[:5])
    answer = await customer.post(f"/conversations/{talk}/messages/1/corrections", _piece(first, _WORD))
    assert answer.status == 200
    await asyncio.gather(*sending)
    messages = await _messages(customer, talk)
    assert len(messages) == 61
    assert [item["seq"] for item in messages if "⟦PERSON:1⟧" not in item["text"]] == []


async def test_who_is_late_reads_again(world: World) -> None:
    """409 while the offsets are about an older text; nothing is hidden by them."""
    customer, agent, talk = await _talk(world)
    sent = (await customer.send(talk, "halo jendela dan kelapa")).data["message"]
    path = f"/conversations/{talk}/messages/1/corrections"
    assert (await agent.post(path, _piece(sent, _WORD))).status == 200
    late = await customer.post(path, _piece(sent, "kelapa"))
    assert (late.status, late.code, late.reasons) == (409, "conflict", {"revision": "outdated"})
    [now] = await _messages(customer, talk)
    assert now["text"] == "halo ⟦PERSON:1⟧ dan kelapa"
    assert (await customer.post(path, _piece(now, "kelapa"))).data["message"]["revision"] == 2


async def test_who_may_correct(world: World) -> None:
    """The writer and staff who may read; a customer not what others wrote, and nobody what they may not know of."""
    customer, agent, talk = await _talk(world)
    own = (await customer.send(talk, "halo jendela")).data["message"]
    other = (await agent.send(talk, "halo kelapa")).data["message"]
    path = f"/conversations/{talk}/messages"
    for role in ("customer", "agent", "moderator", "privacy_officer", "admin"):
        somebody = await world.person(role)
        assert (await somebody.post(f"{path}/1/corrections", _piece(own, _WORD))).code == "not_found", role
    refused = await customer.post(f"{path}/2/corrections", _piece(other, "kelapa"))
    assert (refused.status, refused.code) == (403, "not_permitted")
    for seq in ("0", "3", "x", "-1", "99999999999999999999", "²"):
        missing = await agent.post(f"{path}/{seq}/corrections", _piece(own, _WORD))
        assert missing.code == "not_found", seq
    assert (await agent.post(f"{path}/2/corrections", _piece(other, "kelapa"))).status == 200


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        ({}, {"kind": "required"}),
        ({"kind": "should_have_been_hidden"}, {"start": "required"}),
        ({"kind": "should_have_been_hidden", "start": 0, "end": 4}, {"label": "required"}),
        ({"kind": "should_have_been_hidden", "start": 0, "end": 4, "label": "NAME"}, {"label": "not_allowed"}),
        ({"kind": "should_have_been_hidden", "start": 4, "end": 4, "label": "PERSON"}, {"end": "out_of_range"}),
        ({"kind": "should_have_been_hidden", "start": 0, "end": 999, "label": "PERSON"}, {"end": "out_of_range"}),
        ({"kind": "should_have_been_hidden", "start": -1, "end": 4, "label": "PERSON"}, {"start": "out_of_range"}),
        ({"kind": "should_have_been_hidden", "start": 0, "end": 5, "label": "PERSON"}, {"start": "not_allowed"}),
        ({"kind": "hidden_wrongly"}, {"placeholder": "required"}),
        ({"kind": "hidden_wrongly", "placeholder": "⟦PHONE:2⟧"}, {"placeholder": "not_allowed"}),
        ({"kind": "hidden_wrongly", "placeholder": "0812-9071-3648"}, {"placeholder": "malformed"}),
        ({"kind": "hidden_wrongly", "placeholder": "⟦PHONE:1⟧", "code": "Toko"}, {"code": "not_allowed"}),
        ({"kind": "hidden_wrongly", "placeholder": "⟦PHONE:1⟧", "text": "Toko"}, {"unknown": "unknown_field"}),
    ],
)
async def test_what_does_not_fit_is_refused(world: World, body: dict[str, object], reasons: dict[str, str]) -> None:
    customer, _, talk = await _talk(world)
    await customer.send(talk, "WA 0812-9071-3648 ya")
    answer = await customer.post(f"/conversations/{talk}/messages/1/corrections", body)
    assert (answer.status, answer.reasons) == (400, reasons)
    assert [item["revision"] for item in await _messages(customer, talk)] == [0]


async def test_officers_see_what_was_counted(world: World) -> None:
    """And nobody else; the same person about the same thing counts once."""
    customer, agent, talk = await _talk(world)
    await customer.send(talk, "nomor hp 0812-9071-3648 ya, dan jendela")
    officer = await world.person("privacy_officer")
    path = "/privacy/redaction-signals"

    async def counted() -> dict[tuple[str, str, str], int]:
        items = (await officer.get(path)).data["items"]
        found: dict[tuple[str, str, str], int] = {}
        for item in items:
            key = (item["kind"], item["who"], item["code"] or item["shape"])
            found[key] = found.get(key, 0) + item["count"]
        return found

    before = await counted()
    wrongly = {"kind": "hidden_wrongly", "placeholder": "⟦PHONE:1⟧", "code": "product"}
    for person in (customer, customer, agent):
        answer = await person.post(f"/conversations/{talk}/messages/1/corrections", wrongly)
        assert answer.status == 200
        assert answer.data["message"]["text"] == "nomor hp ⟦PHONE:1⟧ ya, dan jendela"
    [message] = await _messages(customer, talk)
    await agent.post(f"/conversations/{talk}/messages/1/corrections", _piece(message, _WORD))
    after = await counted()
    fresh = {key: count - before.get(key, 0) for key, count in after.items() if count != before.get(key, 0)}
    assert fresh == {
        ("hidden_wrongly", "writer", "product"): 1,
        ("hidden_wrongly", "staff", "product"): 1,
        ("should_have_been_hidden", "staff", "lower"): 1,
    }
    for role in ("visitor", "customer", "agent", "moderator", "admin"):
        assert (await (await world.person(role)).get(path)).code == "not_permitted", role
    today = (await officer.get(path)).data["items"][-1]["day"]
    assert (await officer.get(path, **{"from": today, "to": today})).data["items"]
    assert (await officer.get(path, **{"from": "2020-01-01", "to": "2020-12-31"})).data["items"] == []
    assert (await officer.get(path, **{"from": today, "to": "2020-12-31"})).reasons == {"from": "out_of_range"}
    assert (await officer.get(path, **{"from": "kemarin"})).code == "invalid_input"
    printed = await world.server.command("redaction-signals", "--from", today)
    told = (await officer.get(path, **{"from": today})).data["items"]
    assert [orjson.loads(line) for line in printed.output.splitlines()] == told
    assert (await world.server.command("redaction-signals", "--to", "2020-12-31")).output == ""


async def test_the_trail_says_that_it_happened(world: World) -> None:
    """With ids and counts."""
    customer, agent, talk = await _talk(world)
    sent = (await customer.send(talk, "halo jendela")).data["message"]
    await agent.post(f"/conversations/{talk}/messages/1/corrections", _piece(sent, _WORD))
    lines = [line async for block in world.database["audit_blocks"].find({}) for line in block["entries"]]
    [line] = [line for line in lines if "chat:message:corrected" in line and talk in line]
    assert sent["id"] in line
    assert agent.id in line
    assert _WORD not in line
    # What is stored now is what the trail tells of.
    checked = await world.server.command("audit", "verify", "--content")
    assert checked.status == 0, checked.errors
