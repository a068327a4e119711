"""Messages over HTTP: what is taken, what is refused, reading in windows, numbers that stay."""

import asyncio
import re
from typing import Any

import pytest

from tests.harness.people import World


async def test_a_message_is_what_the_contract_says(world: World) -> None:
    """With its author, its place, and what was hidden."""
    customer = await world.person("customer", "Toko Contoh")
    talk = await customer.conversation()
    sent = await customer.send(talk, "WA saya 0812-9071-3648, atau 0812 9071 3649.\r\nTerima kasih", "pesan-1")
    assert sent.status == 201
    message = sent.data["message"]
    assert set(message) == {
        "id",
        "conversation_id",
        "seq",
        "client_message_id",
        "author",
        "kind",
        "text",
        "html",
        "redactions",
        "reply_to",
        "attachments",
        "reactions",
        "form",
        "created_at",
        "edited_at",
        "deleted_at",
        "revision",
        "version",
    }
    assert message["revision"] == 0
    assert message["text"] == "WA saya ⟦PHONE:1⟧, atau ⟦PHONE:2⟧.\nTerima kasih"
    assert message["redactions"] == [
        {"placeholder": "⟦PHONE:1⟧", "label": "PHONE"},
        {"placeholder": "⟦PHONE:2⟧", "label": "PHONE"},
    ]
    assert (message["seq"], message["client_message_id"], message["conversation_id"]) == (1, "pesan-1", talk)
    assert message["author"] == {"id": customer.id, "display_name": "Toko Contoh", "role": "customer"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", message["created_at"])
    assert await customer.messages(talk) == [message]


async def test_the_same_id_again_gives_the_first_message(world: World) -> None:
    """With 200, whatever the text is now; another sender's same id is another message."""
    customer, agent = await world.person("customer"), await world.person("agent")
    talk, other = await customer.conversation(), await customer.conversation()
    await agent.take(talk)
    first = await customer.send(talk, "satu", "id-1")
    again = await customer.send(talk, "dua", "id-1")
    assert (first.status, again.status) == (201, 200)
    assert again.data == first.data
    assert (await agent.send(talk, "tiga", "id-1")).data["message"]["seq"] == 2
    assert (await customer.send(other, "empat", "id-1")).data["message"]["seq"] == 1
    assert [item["text"] for item in await customer.messages(talk)] == ["satu", "tiga"]


async def test_the_same_id_many_times_at_once(world: World) -> None:
    """One message; everybody hears of it."""
    customer = await world.person("customer")
    talk = await customer.conversation()
    answers = await asyncio.gather(*(customer.send(talk, f"teks {number}", "sama") for number in range(20)))
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.body for answer in answers}) == 1
    assert len(await customer.messages(talk)) == 1


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        ({"client_message_id": "1", "text": ""}, {"text": "required"}),
        ({"client_message_id": "1", "text": " \n\t "}, {"text": "required"}),
        ({"client_message_id": "1", "text": "\u200b\u2060\u200e"}, {"text": "required"}),
        ({"client_message_id": "1", "text": "x" * 4_001}, {"text": "too_long"}),
        ({"client_message_id": "1", "text": "😀" * 4_001}, {"text": "too_long"}),
        ({"client_message_id": "1", "text": "http://a.example " * 11}, {"text": "too_many_links"}),
        ({"client_message_id": "1", "text": None}, {"text": "not_text"}),
        ({"client_message_id": "1"}, {"text": "required"}),
        ({"text": "halo"}, {"client_message_id": "required"}),
        ({"client_message_id": "", "text": "halo"}, {"client_message_id": "malformed"}),
        ({"client_message_id": "a b", "text": "halo"}, {"client_message_id": "malformed"}),
        ({"client_message_id": "x" * 65, "text": "halo"}, {"client_message_id": "malformed"}),
        ({"client_message_id": "1", "text": "halo", "seq": 5}, {"unknown": "unknown_field"}),
        ({"client_message_id": "1", "text": "halo", "author": {"role": "admin"}}, {"unknown": "unknown_field"}),
        ({}, {"client_message_id": "required", "text": "required"}),
    ],
)
async def test_what_is_refused_is_not_stored(world: World, body: dict[str, Any], reasons: dict[str, str]) -> None:
    """And the id stays free for a better attempt."""
    customer = await world.person("customer")
    talk = await customer.conversation()
    answer = await customer.post(f"/conversations/{talk}/messages", body)
    assert (answer.status, answer.reasons) == (400, reasons)
    assert await customer.messages(talk) == []
    assert (await customer.send(talk, "halo", "1")).data["message"]["seq"] == 1


async def test_four_thousand_of_any_character(world: World) -> None:
    """Code points count, not bytes or UTF-16 units."""
    customer = await world.person("customer")
    talk = await customer.conversation()
    for text in ("😀" * 4_000, "a " * 2_000, "ꦲ" * 4_000):
        assert (await customer.send(talk, text)).data["message"]["text"] == text


async def test_typed_placeholders_are_escaped(world: World) -> None:
    """Nobody can make a text look as if something had been hidden."""
    customer = await world.person("customer")
    talk = await customer.conversation("⟦NIK:1⟧ saya")
    sent = (await customer.send(talk, "⟦PHONE:1⟧ ⟧⟦ 0812-9071-3648")).data["message"]
    assert sent["text"] == "⟪PHONE:1⟫ ⟫⟪ ⟦PHONE:1⟧"
    assert sent["redactions"] == [{"placeholder": "⟦PHONE:1⟧", "label": "PHONE"}]
    conversation = (await customer.get(f"/conversations/{talk}")).data["conversation"]
    assert (conversation["subject"], conversation["subject_redactions"]) == ("⟪NIK:1⟫ saya", [])
    shown = (await customer.post("/redactions/preview", {"text": "⟦PHONE:1⟧"})).data
    assert shown == {"text": "⟪PHONE:1⟫", "spans": []}


async def test_the_same_value_has_the_same_number(world: World) -> None:
    """In one conversation, also in its subject, whoever writes it and however; not in another one."""
    customer, agent = await world.person("customer"), await world.person("agent")
    talk = await customer.conversation("nomor 0812-9071-3648")
    await agent.take(talk)
    texts = [
        (await person.send(talk, text)).data["message"]["text"]
        for person, text in (
            (customer, "telepon 0812 9071 3655"),
            (agent, "maksudnya 62 812-9071-3648?"),
            (customer, "bukan, 0812.9071.3655"),
        )
    ]
    assert texts == ["telepon ⟦PHONE:2⟧", "maksudnya ⟦PHONE:1⟧?", "bukan, ⟦PHONE:2⟧"]
    elsewhere = await customer.conversation()
    assert (await customer.send(elsewhere, "telepon 0812 9071 3655")).data["message"]["text"] == "telepon ⟦PHONE:1⟧"


async def test_reading_in_windows(world: World) -> None:
    """After a `seq`, before one, or the last ones; always ascending, at most what was asked for."""
    customer = await world.person("customer")
    talk = await customer.conversation()
    for number in range(1, 131):
        assert (await customer.send(talk, f"pesan {number}")).status == 201

    async def seqs(**query: object) -> list[int]:
        answer = (await customer.get(f"/conversations/{talk}/messages", **query)).data
        assert answer["last_seq"] == 130
        assert all(item["text"] == f"pesan {item['seq']}" for item in answer["items"])
        return [item["seq"] for item in answer["items"]]

    assert await seqs() == list(range(81, 131))
    assert await seqs(limit=1) == [130]
    assert await seqs(limit=100) == list(range(31, 131))
    assert await seqs(before_seq=131, limit=3) == [128, 129, 130]
    assert await seqs(before_seq=81) == list(range(31, 81))
    assert await seqs(before_seq=21, limit=100) == list(range(1, 21))
    assert await seqs(before_seq=1) == []
    assert await seqs(after_seq=0) == list(range(1, 51))
    assert await seqs(after_seq=0, limit=100) == list(range(1, 101))
    assert await seqs(after_seq=100, limit=100) == list(range(101, 131))
    assert await seqs(after_seq=128) == [129, 130]
    assert await seqs(after_seq=130) == []
    assert await seqs(after_seq=9_999) == []


async def test_a_preview_shows_and_keeps_nothing(world: World) -> None:
    """Offsets are code points of what was typed, also after characters outside the basic plane."""
    customer = await world.person("customer")
    typed = "😀 hubungi 0812-9071-3648 ya"
    shown = (await customer.post("/redactions/preview", {"text": typed})).data
    assert shown["text"] == "😀 hubungi ⟦PHONE:1⟧ ya"
    assert [(typed[span["start"] : span["end"]], span["label"]) for span in shown["spans"]] == [
        ("0812-9071-3648", "PHONE")
    ]
    assert (await customer.post("/redactions/preview", {"text": ""})).data == {"text": "", "spans": []}
    too_long = await customer.post("/redactions/preview", {"text": "x" * 4_001})
    assert too_long.reasons == {"text": "too_long"}
    assert (await customer.get("/conversations")).data["items"] == []
