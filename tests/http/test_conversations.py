"""Conversations over HTTP: beginning, listing, passing on, closing."""

import asyncio
from itertools import pairwise
from typing import Any

from tests.harness.people import Person, World
from tests.harness.process import eventually


async def _listed(person: Person, **query: object) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, object] = {}
    while True:
        page = (await person.get("/conversations", **query, **cursor)).data
        assert set(page) == {"items", "next_cursor"}
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def test_a_customer_begins_one(world: World) -> None:
    """It is open, nobody has it, and its subject is redacted."""
    customer = await world.person("customer", "Toko Contoh")
    made = await customer.post("/conversations", {"subject": "Telepon saya 0812-9071-3648 rusak"})
    assert made.status == 201
    conversation = made.data["conversation"]
    assert conversation["subject"] == "Telepon saya ⟦PHONE:1⟧ rusak"
    assert conversation["subject_redactions"] == [{"placeholder": "⟦PHONE:1⟧", "label": "PHONE"}]
    assert (conversation["status"], conversation["assignee"], conversation["last_seq"]) == ("open", None, 0)
    assert conversation["customer"] == {"id": customer.id, "display_name": "Toko Contoh", "role": "customer"}
    read = await customer.get(f"/conversations/{conversation['id']}")
    assert read.data["conversation"] == conversation


async def test_subjects_have_bounds(world: World) -> None:
    """120 code points, visible, or none at all."""
    customer = await world.person("customer")
    assert (await customer.post("/conversations", {"subject": None})).data["conversation"]["subject"] is None
    assert (await customer.post("/conversations", {"subject": "😀" * 120})).status == 201
    for subject, reason in (("x" * 121, "too_long"), ("", "required"), ("\u200b \n", "required"), (5, "not_text")):
        answer = await customer.post("/conversations", {"subject": subject})
        assert (answer.status, answer.reasons) == (400, {"subject": reason})


async def test_staff_answer_and_don_t_begin(world: World) -> None:
    """Whatever their role."""
    for role in ("agent", "moderator", "privacy_officer", "admin"):
        person = await world.person(role)
        assert (await person.post("/conversations")).code == "not_permitted"


async def test_lists_are_paged_newest_first(world: World) -> None:
    """Everything once, in order, whatever the page's size; strangers' are not among them."""
    customer, stranger = await world.person("customer"), await world.person("customer")
    made = [await customer.conversation(f"perihal {number}") for number in range(7)]
    await stranger.conversation("lain")
    for limit in (1, 2, 3, 7, 50):
        assert [item["id"] for item in await _listed(customer, limit=limit)] == made[::-1]
    first = (await customer.get("/conversations", limit=3)).data
    await customer.conversation("baru")
    second = (await customer.get("/conversations", limit=3, cursor=first["next_cursor"])).data
    assert [item["id"] for item in second["items"]] == made[::-1][3:6]


async def test_cursors_that_are_none(world: World) -> None:
    """A made-up cursor is refused, whatever it decodes to."""
    agent = await world.person("agent")
    for cursor in ("x", "bjp4", "é", "bjotMQ", "bjo5OTk5OTk5OTk5OTk5OTk5OTk5", "a" * 64, ""):
        answer = await agent.get("/conversations", cursor=cursor)
        assert answer.reasons == {"cursor": "malformed"}, cursor
    assert (await agent.get("/conversations", cursor="a" * 65)).reasons == {"cursor": "too_long"}


async def test_an_agent_s_list_is_filtered(world: World) -> None:
    """By status and by who has it: an id, `me`, or `none`."""
    customer = await world.person("customer")
    agent, colleague = await world.person("agent"), await world.person("agent")
    waiting, mine, theirs, done = [await customer.conversation() for _ in range(4)]
    await agent.post(f"/conversations/{mine}/assign", {"agent_id": "me"})
    await colleague.post(f"/conversations/{theirs}/assign", {"agent_id": colleague.id})
    await agent.take(done)
    await agent.post(f"/conversations/{done}/close")
    await agent.post(f"/conversations/{done}/release")
    ours = {waiting, mine, theirs, done}

    async def ids(person: Person = agent, **query: object) -> set[str]:
        return {item["id"] for item in await _listed(person, **query)} & ours

    assert await ids() == ours
    assert await ids(status="open") == {waiting, mine, theirs}
    assert await ids(status="closed") == {done}
    assert await ids(assignee="me") == {mine}
    assert await ids(assignee=colleague.id) == {theirs}
    assert await ids(assignee="none") == {waiting, done}
    assert await ids(assignee="none", status="open") == {waiting}
    assert await ids(await world.person("admin")) == ours
    assert await ids(await world.person("moderator")) == set()
    assert await ids(customer, assignee=colleague.id) == {theirs}


async def test_others_conversations_look_like_none(world: World) -> None:
    """To whoever may not know of one it answers like an id that does not exist."""
    customer = await world.person("customer")
    theirs = await customer.conversation("rahasia")
    for role in ("visitor", "customer", "moderator", "privacy_officer"):
        stranger = await world.person(role)
        for suffix in ("", "/messages"):
            real = await stranger.get(f"/conversations/{theirs}{suffix}")
            none = await stranger.get(f"/conversations/zzz{suffix}")
            assert (real.status, real.code, real.error["message"]) == (none.status, none.code, none.error["message"])
            assert real.code == "not_found"
        real, none = [await stranger.send(place, "halo") for place in (theirs, "zzz")]
        assert (real.status, real.error["message"]) == (404, none.error["message"])


async def test_what_colleagues_and_administrators_may(world: World) -> None:
    """They see its row and nothing more; an administrator may pass it on, or back to the queue."""
    customer, agent = await world.person("customer"), await world.person("agent")
    colleague, admin = await world.person("agent"), await world.person("admin")
    talk = await customer.conversation()
    assert (await agent.get(f"/conversations/{talk}/messages")).code == "not_found"
    await agent.take(talk)
    for person in (colleague, admin):
        row = (await person.get(f"/conversations/{talk}")).data["conversation"]
        assert (row["access"], row["customer"], row["assignee"]["id"]) == ("row", None, agent.id)
        assert (await person.get(f"/conversations/{talk}/messages")).code == "not_found"
        assert (await person.send(talk, "halo")).code == "not_found"
    assert (await colleague.post(f"/conversations/{talk}/close")).code == "not_found"
    assert (await admin.post(f"/conversations/{talk}/close")).code == "not_permitted"
    assert (await colleague.post(f"/conversations/{talk}/assign", {"agent_id": "me"})).code == "not_found"
    given = await admin.post(f"/conversations/{talk}/assign", {"agent_id": colleague.id})
    assert given.data["conversation"]["assignee"]["id"] == colleague.id
    assert (await colleague.get(f"/conversations/{talk}/messages")).status == 200
    assert (await agent.get(f"/conversations/{talk}/messages")).code == "not_found"
    assert (await customer.post(f"/conversations/{talk}/close")).code == "not_permitted"
    released = await admin.post(f"/conversations/{talk}/release")
    assert released.data["conversation"]["assignee"] is None
    assert (await colleague.get(f"/conversations/{talk}/messages")).code == "not_found"


async def test_bringing_in_and_letting_go(world: World) -> None:
    """Who was brought in takes part until let go, or until they leave; they hand nothing on."""
    customer, agent = await world.person("customer"), await world.person("agent")
    colleague, other = await world.person("agent", "Yosef"), await world.person("agent")
    talk = await customer.conversation()
    await agent.take(talk)
    for receiver in (customer.id, "zzz"):
        answer = await agent.post(f"/conversations/{talk}/participants", {"agent_id": receiver})
        assert answer.reasons == {"agent_id": "unknown_agent"}
    for _ in range(2):
        brought = await agent.post(f"/conversations/{talk}/participants", {"agent_id": colleague.id})
        assert [item["display_name"] for item in brought.data["conversation"]["participants"]] == ["Yosef"]
    assert (await colleague.send(talk, "Saya bantu")).status == 201
    assert (await colleague.get(f"/conversations/{talk}/messages")).status == 200
    for path, body in (("assign", {"agent_id": "me"}), ("close", {}), ("participants", {"agent_id": other.id})):
        assert (await colleague.post(f"/conversations/{talk}/{path}", body)).code == "not_permitted"
    assert (await colleague.call("DELETE", f"/conversations/{talk}/participants/{agent.id}")).code == "not_permitted"
    left = await colleague.call("DELETE", f"/conversations/{talk}/participants/me")
    assert left.data["conversation"]["access"] == "row"
    assert (await colleague.get(f"/conversations/{talk}/messages")).code == "not_found"
    await agent.post(f"/conversations/{talk}/participants", {"agent_id": colleague.id})
    gone = await agent.call("DELETE", f"/conversations/{talk}/participants/{colleague.id}")
    assert gone.data["conversation"]["participants"] == []
    await agent.post(f"/conversations/{talk}/participants", {"agent_id": colleague.id})
    await agent.post(f"/conversations/{talk}/release")
    for person in (agent, colleague):
        assert (await person.get(f"/conversations/{talk}/messages")).code == "not_found"


async def test_only_agents_are_given_conversations(world: World) -> None:
    """Nobody who can't answer, and nobody who does not exist."""
    customer, agent, admin = await world.person("customer"), await world.person("agent"), await world.person("admin")
    talk = await customer.conversation()
    for receiver in (customer.id, admin.id, "zzz"):
        answer = await agent.post(f"/conversations/{talk}/assign", {"agent_id": receiver})
        assert (answer.status, answer.reasons) == (400, {"agent_id": "unknown_agent"})
    assert (await admin.post(f"/conversations/{talk}/assign", {"agent_id": "me"})).reasons


async def test_two_who_take_it_at_once(world: World) -> None:
    """One has it; the other hears that it is taken."""
    customer = await world.person("customer")
    agents = [await world.person("agent") for _ in range(5)]
    for _ in range(5):
        talk = await customer.conversation()
        answers = await asyncio.gather(
            *(agent.post(f"/conversations/{talk}/assign", {"agent_id": "me"}) for agent in agents)
        )
        won = [agent.id for agent, answer in zip(agents, answers, strict=True) if answer.status == 200]
        assert len(won) == 1
        # Who comes when it is taken already is not told that it is there.
        assert {answer.status for answer in answers} <= {200, 403, 404, 409}
        state = (await customer.get(f"/conversations/{talk}")).data["conversation"]
        assert state["assignee"]["id"] == won[0]


async def test_closing_and_opening_again(world: World) -> None:
    """By staff; and by the customer's next message, not by staff's."""
    customer, agent = await world.person("customer"), await world.person("agent")
    talk = await customer.conversation()

    async def status() -> str:
        return str((await customer.get(f"/conversations/{talk}")).data["conversation"]["status"])

    await agent.post(f"/conversations/{talk}/assign", {"agent_id": "me"})
    for _ in range(2):
        assert (await agent.post(f"/conversations/{talk}/close")).data["conversation"]["status"] == "closed"
    assert (await agent.send(talk, "Terima kasih, sampai jumpa")).status == 201
    assert await status() == "closed"
    assert (await customer.send(talk, "Ternyata belum selesai")).status == 201
    assert await status() == "open"
    assert await status() == "open"
    assert (await agent.post(f"/conversations/{talk}/close")).status == 200
    assert (await agent.post(f"/conversations/{talk}/reopen")).data["conversation"]["status"] == "open"
    assert (await agent.get("/conversations", status="closed", assignee="me")).data["items"] == []


async def test_waiting_and_unread(world: World) -> None:
    """The customer waits from the first unanswered message to the answer; one's own messages are read."""
    customer, agent = await world.person("customer"), await world.person("agent")
    talk = await customer.conversation()
    await agent.take(talk)

    async def seen(person: Person) -> dict[str, Any]:
        return dict((await person.get(f"/conversations/{talk}")).data["conversation"])

    assert (await seen(agent))["waiting_since"] is None
    first = (await customer.send(talk, "halo")).data["message"]
    await customer.send(talk, "ada orang?")
    assert (await seen(agent))["waiting_since"] == first["created_at"]
    assert ((await seen(agent))["unread"], (await seen(customer))["unread"]) == (2, 0)
    await agent.send(talk, "Halo, ada yang bisa dibantu?")
    state = await seen(customer)
    assert (state["waiting_since"], state["unread"], state["last_seq"]) == (None, 1, 3)
    assert state["read_marks"] == {customer.id: 2, agent.id: 3}


async def test_numbers_rise(world: World) -> None:
    """Lists of staff are in the order of beginning, across customers."""
    agent = await world.person("agent")
    made = [await (await world.person("visitor")).conversation() for _ in range(4)]
    listed = [item["id"] for item in await _listed(agent) if item["id"] in made]
    assert listed == made[::-1]
    times = [item["created_at"] for item in await _listed(agent)]
    assert all(later >= earlier for later, earlier in pairwise(times))


async def test_a_conversation_is_about_something_else_now(world: World) -> None:
    """Its customer says so, or staff who take part: through the gate, told to all, found by the new words only."""
    customer, agent, stranger = [await world.person(role) for role in ("customer", "agent", "customer")]
    talk = await customer.conversation("perihal ketumbar")
    await customer.send(talk, "selamat pagi, nomor saya 0812-9071-3648")
    path = f"/conversations/{talk}/subject"
    assert (await agent.call("PUT", path, {"subject": "perihal lada"})).status in {403, 404}
    assert (await stranger.call("PUT", path, {"subject": "perihal lada"})).code == "not_found"
    await agent.take(talk)
    watching = await customer.socket()
    renamed = await agent.call("PUT", path, {"subject": "perihal lada, nomor 0812-9071-3648"})
    assert renamed.status == 200, renamed.envelope
    # The same value has the same number in the subject as in the messages.
    assert renamed.data["conversation"]["subject"] == "perihal lada, nomor ⟦PHONE:1⟧"
    await watching.until(lambda: any("perihal lada" in packet for packet in watching.packets), "news of the subject")
    assert (await customer.call("PUT", path, {"subject": "perihal kayu manis"})).status == 200
    read = (await agent.get(f"/conversations/{talk}")).data["conversation"]
    assert (read["subject"], read["subject_redactions"]) == ("perihal kayu manis", [])
    for subject, reason in (("x" * 121, "too_long"), ("", "required")):
        assert (await customer.call("PUT", path, {"subject": subject})).reasons == {"subject": reason}

    async def found(words: str) -> bool:
        page = (await agent.get("/desk/search", q=words)).data
        return talk in {hit["item"]["conversation"]["id"] for hit in page["items"]}

    async def indexed() -> bool:
        return await found("manis") and not await found("ketumbar")

    await eventually(indexed, "it is found by what it is about now")
