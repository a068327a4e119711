"""Changing what was sent, rating, hours and keeping a visitor's conversations, over HTTP."""

from urllib.parse import quote

from tests.harness.people import Person, World


async def _talk(world: World) -> tuple[Person, Person, str]:
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Rani")
    talk = await customer.conversation()
    await agent.take(talk)
    return customer, agent, talk


async def test_edit_react_and_delete(world: World) -> None:
    """As the schema says it; who comes back reads the same."""
    customer, agent, talk = await _talk(world)
    sent = (await customer.send(talk, "kiriman belum sampai")).data["message"]
    place = f"/conversations/{talk}/messages/{sent['seq']}"
    edited = await customer.call("PATCH", place, {"text": "kiriman **sudah** sampai", "revision": 0})
    assert edited.status == 200
    message = edited.data["message"]
    assert message["html"] == "<p>kiriman <strong>sudah</strong> sampai</p>\n"
    assert (message["revision"], message["edited_at"] is not None, message["deleted_at"]) == (1, True, None)
    outdated = await customer.call("PATCH", place, {"text": "lain", "revision": 0})
    assert (outdated.status, outdated.reasons) == (409, {"revision": "outdated"})
    assert (await agent.call("PATCH", place, {"text": "lain", "revision": 1})).status == 403
    thumb = f"{place}/reactions/{quote('👍')}"
    assert (await agent.call("PUT", thumb)).data["message"]["reactions"] == {"👍": [agent.id]}
    assert (await customer.call("PUT", thumb)).data["message"]["reactions"] == {"👍": [agent.id, customer.id]}
    assert (await agent.call("DELETE", thumb)).data["message"]["reactions"] == {"👍": [customer.id]}
    word = await agent.call("PUT", f"{place}/reactions/baik")
    assert (word.status, word.reasons) == (400, {"emoji": "not_allowed"})
    assert (await customer.messages(talk))[0]["reactions"] == {"👍": [customer.id]}
    gone = (await agent.call("DELETE", place)).data["message"]
    assert (gone["text"], gone["html"], gone["reactions"], gone["seq"]) == ("", None, {}, sent["seq"])
    assert gone["deleted_at"] is not None
    assert await customer.messages(talk) == [gone]


async def test_an_answer_names_what_it_answers(world: World) -> None:
    """If that is there."""
    customer, agent, talk = await _talk(world)
    await customer.send(talk, "ada stok?")
    path = f"/conversations/{talk}/messages"
    body = {"client_message_id": "jawab", "text": "ada kak", "reply_to": 1}
    assert (await agent.post(path, body)).data["message"]["reply_to"] == 1
    wrong = await agent.post(path, {"client_message_id": "salah", "text": "ada kak", "reply_to": 9})
    assert (wrong.status, wrong.reasons) == (400, {"reply_to": "not_allowed"})
    unknown = await agent.post(path, {"client_message_id": "berkas", "text": "", "attachment_ids": ["tidakada"]})
    assert (unknown.status, unknown.reasons) == (400, {"attachment_ids": "unknown_file"})
    empty = await agent.post(path, {"client_message_id": "kosong", "text": ""})
    assert (empty.status, empty.reasons) == (400, {"text": "required"})


async def test_a_rating_once_it_is_done(world: World) -> None:
    """By its customer; staff who take part see it."""
    customer, agent, talk = await _talk(world)
    await customer.send(talk, "halo")
    path = f"/conversations/{talk}/rating"
    assert (await customer.post(path, {"score": 5})).status == 409
    await agent.post(f"/conversations/{talk}/close", {})
    assert (await agent.post(path, {"score": 1})).status == 403
    assert (await customer.post(path, {"score": 6})).status == 400
    rated = await customer.post(path, {"score": 4, "text": "hubungi 0812-9071-3648"})
    assert rated.status == 200
    assert rated.data["conversation"]["rating"]["text"] == "hubungi ⟦PHONE:1⟧"
    seen = (await agent.get(f"/conversations/{talk}")).data["conversation"]["rating"]
    assert (seen["score"], seen["text"]) == (4, "hubungi ⟦PHONE:1⟧")


async def test_hours_are_public_and_set_by_administrators(world: World) -> None:
    """What is set holds at once."""
    shown = await world.http.get("/api/v1/support/hours")
    assert shown.status == 200
    assert set(shown.data) == {"open", "opens_at", "expected_answer_minutes"}
    admin = await world.person("admin")
    setting = (await admin.get("/support/hours/setting")).data
    always = {**setting["hours"], "country": "", "days": {}}
    always["week"] = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    assert (await admin.call("PUT", "/support/hours/setting", {"hours": always})).status == 200
    assert (await world.http.get("/api/v1/support/hours")).data["open"] is True
    never = {**always, "week": {}}
    refused = await admin.call("PUT", "/support/hours/setting", {"hours": never})
    assert (refused.status, refused.reasons) == (400, {"hours": "malformed"})
    assert (await admin.call("PUT", "/support/hours/setting", setting)).status == 200


async def test_a_visitor_with_an_account_keeps_the_conversation(world: World) -> None:
    """With all that was said; the visitor's token is worth nothing any more."""
    visitor, customer, agent = (
        await world.person("visitor"),
        await world.person("customer"),
        await world.person("agent"),
    )
    talk = await visitor.conversation("Struk terpotong")
    await visitor.send(talk, "halo kak", "satu")
    await agent.take(talk)
    await agent.send(talk, "ada yang bisa dibantu?")
    await agent.messages(talk)
    path = "/me/conversations/adoption"
    assert (await customer.post(path, {"token": "bukan-apa-apa"})).reasons == {"token": "not_allowed"}
    adopted = await customer.post(path, {"token": visitor.token})
    assert adopted.data == {"adopted": 1}
    assert (await visitor.get(f"/conversations/{talk}")).status == 401
    assert (await customer.post(path, {"token": visitor.token})).reasons == {"token": "not_allowed"}
    messages = await customer.messages(talk)
    assert [message["text"] for message in messages] == ["halo kak", "ada yang bisa dibantu?"]
    assert messages[0]["author"]["id"] == customer.id  # type: ignore[index]  # a message is a mapping of anything
    again = await customer.send(talk, "halo kak", "satu")
    assert (again.status, again.data["message"]["seq"]) == (200, 1)
    assert (await customer.send(talk, "masih saya")).data["message"]["seq"] == 3
    looked = (await customer.get("/me/access-log")).data["items"]
    assert {item["object"]["id"] for item in looked} == {talk}, (
        "who looked when it was the visitor's, the account is told"
    )


async def test_without_an_address_there_is_no_transcript(world: World) -> None:
    """And it is for the customer only."""
    customer, agent, talk = await _talk(world)
    await customer.send(talk, "halo")
    refused = await customer.post(f"/conversations/{talk}/transcript", {})
    assert (refused.status, refused.reasons) == (409, {"address": "not_verified"})
    assert (await agent.post(f"/conversations/{talk}/transcript", {})).status == 403
