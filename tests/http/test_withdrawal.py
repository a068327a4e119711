"""Withdrawing is as easy as agreeing and holds at once, on every way in (promise A3)."""

from tests.harness.people import World

CHAT = {"purpose": "support_chat"}


async def test_who_withdraws_from_the_chat_sends_nothing_more_until_they_agree_again(world: World) -> None:
    person = await world.person()
    conversation = await person.conversation()
    assert (await person.send(conversation, "halo")).status == 201
    socket = await person.socket()
    await socket.call("chat:join", {"conversation_id": conversation})

    async def choose(granted: bool) -> None:
        answer = await world.http.call("PUT", "/api/v1/me/consents", {**CHAT, "granted": granted}, token=person.token)
        assert answer.status == 200

    await choose(False)
    refused = await person.send(conversation, "masih di sini")
    assert (refused.status, refused.code) == (403, "consent_required")
    message = {"conversation_id": conversation, "client_message_id": "again", "text": "masih di sini"}
    assert (await socket.refusal("chat:send", message))["code"] == "consent_required"
    assert (await person.post("/conversations", {})).code == "consent_required"
    assert len(await person.messages(conversation)) == 1, "their own messages stay readable, and nothing was added"

    await choose(True)
    assert (await socket.call("chat:send", message))["message"]["seq"] == 2
