"""The staff desk over HTTP: cases in step with conversations, views and counts, notes, ready answers, macros."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.harness.people import Person, World
from tests.harness.process import eventually


async def _view(person: Person, view: str, **query: object) -> list[dict[str, Any]]:
    """All pages of a view."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, object] = {}
    while True:
        page = (await person.get("/desk/cases", view=view, **query, **cursor)).data
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def _ids(person: Person, view: str, **query: object) -> list[str]:
    return [item["conversation"]["id"] for item in await _view(person, view, **query)]


async def _case(person: Person, conversation_id: str) -> dict[str, Any]:
    case: dict[str, Any] = (await person.get(f"/desk/cases/{conversation_id}")).data["item"]["case"]
    return case


async def _label(world: World, key: str, name: str, **more: object) -> None:
    admin = await world.person("admin")
    answer = await admin.call("PATCH", "/desk/settings", {"labels": [{"key": key, "name": name, **more}]})
    assert answer.status == 200, answer.body


async def test_a_case_follows_its_conversation(world: World) -> None:
    """In the queue, then mine, answered, closed, and open again when its customer writes."""
    customer, agent, colleague = (
        await world.person("customer"),
        await world.person("agent"),
        await world.person("agent"),
    )
    talk = await customer.conversation("perihal jendela")
    await customer.send(talk, "jendela saya macet")

    async def counted() -> bool:
        return talk in await _ids(agent, "queue") and talk not in await _ids(agent, "mine")

    await eventually(counted, "it waits in the queue")
    item = (await agent.get(f"/desk/cases/{talk}")).data["item"]
    assert item["conversation"]["access"] == "row"
    assert {promise["aim"]: promise["timing"] for promise in item["case"]["promises"]} == {
        "first_response": "on_time",
        "resolution": "on_time",
    }
    assert item["case"]["notes"] is None
    await agent.take(talk)
    assert talk in await _ids(agent, "mine")
    assert talk in await _ids(agent, "mine_waiting")
    assert talk in await _ids(colleague, "colleagues")
    await agent.send(talk, "sudah kami catat")

    async def answered() -> bool:
        return (await _case(agent, talk))["first_response_at"] is not None

    await eventually(answered, "the first answer is noted")

    async def done_waiting() -> bool:
        return talk not in await _ids(agent, "mine_waiting")

    await eventually(done_waiting, "nobody waits any more")
    await agent.post(f"/conversations/{talk}/close")
    assert talk not in await _ids(agent, "mine")
    assert talk in await _ids(agent, "closed")
    timing = {promise["aim"]: promise["timing"] for promise in (await _case(agent, talk))["promises"]}
    assert timing == {"first_response": "kept", "resolution": "kept"}
    await customer.send(talk, "masih macet")

    async def again() -> bool:
        return talk in await _ids(agent, "mine_waiting")

    await eventually(again, "it is open again")
    assert (await _case(agent, talk))["closed_at"] is None


async def test_counts_are_what_views_show(world: World) -> None:
    """Of every built-in view, and of a saved one; closed ones are not in memory and counted all the same."""
    customer, agent = await world.person("customer"), await world.person("agent")
    mine, left, done = [await customer.conversation() for _ in range(3)]
    for talk in (mine, done):
        await agent.take(talk)
    await agent.post(f"/conversations/{done}/close")
    filters = {"assignee": "me", "sort": "newest"}
    kept = await agent.post("/desk/views", {"name": "milik saya", "filter": filters})
    assert kept.status == 201
    views = {view["id"]: view for view in (await agent.get("/desk/views")).data["items"]}
    assert list(views)[:8] == [
        "all",
        "mine",
        "mine_waiting",
        "queue",
        "participating",
        "colleagues",
        "snoozed",
        "closed",
    ]
    assert views["mine"]["count"] == 1
    saved = kept.data["view"]["id"]
    assert (views[saved]["name"], views[saved]["count"]) == ("milik saya", 1)
    assert await _ids(agent, saved) == [mine]
    assert left in await _ids(agent, "queue")
    other = await world.person("agent")
    assert (await other.get("/desk/cases", view=saved)).code == "not_found"
    assert (await other.call("PATCH", f"/desk/views/{saved}", {"name": "milik Rini"})).code == "not_found"
    renamed = await agent.call("PATCH", f"/desk/views/{saved}", {"name": "hubungi 081390476612", "shared": True})
    assert (renamed.data["view"]["name"], renamed.data["view"]["shared"]) == ("hubungi ⟦PHONE:1⟧", True)
    assert renamed.data["view"]["filter"] == kept.data["view"]["filter"]
    assert saved in [view["id"] for view in (await other.get("/desk/views")).data["items"]]
    assert (await agent.call("PATCH", f"/desk/views/{saved}", {"shared": False})).data["view"][
        "name"
    ] == "hubungi ⟦PHONE:1⟧"
    assert saved not in [view["id"] for view in (await other.get("/desk/views")).data["items"]]
    assert (await other.call("DELETE", f"/desk/views/{saved}")).code == "not_found"
    assert (await agent.call("DELETE", f"/desk/views/{saved}")).status == 200
    assert (await agent.get("/desk/cases", view=saved)).code == "not_found"


async def test_labels_priority_and_snooze(world: World) -> None:
    """For who has it; a colleague's case is nobody else's to put in order. A customer's message wakes it."""
    await _label(world, "rusak", "Barang rusak")
    customer, agent, colleague = (
        await world.person("customer"),
        await world.person("agent"),
        await world.person("agent"),
    )
    talk = await customer.conversation()
    await customer.send(talk, "kipas saya rusak")
    await agent.take(talk)
    path = f"/desk/cases/{talk}"
    changed = await agent.call("PATCH", path, {"labels": ["rusak"], "priority": "urgent"})
    case = changed.data["item"]["case"]
    assert (case["labels"], case["priority"]) == (["rusak"], "urgent")
    assert (await colleague.call("PATCH", path, {"priority": "low"})).code == "not_found"
    assert (await customer.call("PATCH", path, {"priority": "low"})).code == "not_permitted"
    assert (await agent.call("PATCH", path, {"labels": ["entah"]})).reasons == {"label": "not_allowed"}
    assert await _ids(agent, "mine", label="rusak") == [talk]
    assert await _ids(agent, "mine", priority="low") == []
    until = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    assert (await agent.call("PATCH", path, {"snoozed_until": until})).status == 200
    assert talk not in await _ids(agent, "mine")
    assert await _ids(agent, "snoozed") == [talk]
    assert {promise["timing"] for promise in (await _case(agent, talk))["promises"]} == {"paused"}
    await customer.send(talk, "halo, bagaimana kipas saya")

    async def awake() -> bool:
        return await _ids(agent, "mine") == [talk]

    await eventually(awake, "it wakes when its customer writes")
    past = (datetime.now(UTC) - timedelta(minutes=3)).isoformat()
    assert (await agent.call("PATCH", path, {"snoozed_until": past})).reasons == {"snoozed_until": "out_of_range"}


async def test_it_wakes_by_itself(world: World) -> None:
    """When its time has come."""
    customer, agent = await world.person("customer"), await world.person("agent")
    talk = await customer.conversation()
    await agent.take(talk)
    # However slow this machine is: what comes after its own time is refused, and nothing else.
    for seconds in (2, 20):
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        snoozed = await agent.call("PATCH", f"/desk/cases/{talk}", {"snoozed_until": until.isoformat()})
        if snoozed.status == 200:
            break
        assert datetime.now(UTC) > until
    assert snoozed.status == 200

    async def awake() -> bool:
        return talk in await _ids(agent, "mine")

    await eventually(awake, "it is shown again")


async def test_many_at_once(world: World) -> None:
    """Each by itself: what may not be done is told, what may is done."""
    await _label(world, "lama", "Sudah lama")
    customer, agent, colleague = (
        await world.person("customer"),
        await world.person("agent"),
        await world.person("agent"),
    )
    own, free, theirs = [await customer.conversation() for _ in range(3)]
    await agent.take(own)
    await colleague.take(theirs)
    ids = [own, free, theirs, "tidakada"]
    labelled = (await agent.post("/desk/cases/bulk", {"ids": ids, "action": "label", "label": "lama"})).data
    assert labelled["done"] == [own, free]
    assert labelled["failed"] == [{"id": theirs, "code": "not_found"}, {"id": "tidakada", "code": "not_found"}]
    missing = await agent.post("/desk/cases/bulk", {"ids": ids, "action": "label"})
    assert missing.reasons == {"label": "required"}
    taken = (await agent.post("/desk/cases/bulk", {"ids": [free], "action": "assign", "agent_id": "me"})).data
    assert taken["done"] == [free]
    closed = (await agent.post("/desk/cases/bulk", {"ids": [own, free], "action": "close"})).data
    assert closed["done"] == [own, free]
    assert set(await _ids(agent, "closed", label="lama")) >= {own, free}


async def test_notes_are_the_staff_s(world: World) -> None:
    """With the conversation's own placeholders; for those alone who may read it now."""
    customer, agent, colleague = (
        await world.person("customer"),
        await world.person("agent"),
        await world.person("agent"),
    )
    talk = await customer.conversation()
    await customer.send(talk, "nomor saya 0812-9071-3648")
    await agent.take(talk)
    path = f"/desk/cases/{talk}/notes"
    note = await agent.post(path, {"text": "sudah ditelepon ke 0812-9071-3648, lain kali 0813-5552-7781"})
    assert note.status == 201
    assert note.data["note"]["text"] == "sudah ditelepon ke ⟦PHONE:1⟧, lain kali ⟦PHONE:2⟧"
    assert (note.data["note"]["number"], note.data["note"]["after_seq"]) == (1, 1)
    # The next message goes on with these numbers.
    await customer.send(talk, "atau 0813-5552-7781 atau 0819-4440-1213")
    assert (await customer.messages(talk))[-1]["text"] == "atau ⟦PHONE:2⟧ atau ⟦PHONE:3⟧"
    assert [item["text"] for item in (await agent.get(path)).data["items"]] == [note.data["note"]["text"]]
    assert (await _case(agent, talk))["notes"] == 1
    for stranger, code in ((colleague, "not_found"), (customer, "not_permitted")):
        assert (await stranger.get(path)).code == code
        assert (await stranger.post(path, {"text": "halo"})).code == code
    assert (await _case(colleague, talk))["notes"] is None
    handed = await agent.post(f"/desk/cases/{talk}/transfer", {"agent_id": colleague.id, "note": "tolong dilanjutkan"})
    assert handed.data["item"]["conversation"]["assignee"]["id"] == colleague.id
    assert (await agent.get(path)).code == "not_found"
    assert [item["number"] for item in (await colleague.get(path)).data["items"]] == [1, 2]


async def test_ready_answers_and_macros(world: World) -> None:
    """Kept redacted, found by shortcut, filled in; a macro says and does, once."""
    await _label(world, "tagihan", "Tagihan")
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent")
    talk = await customer.conversation("perihal tagihan")
    await agent.take(talk)
    typed = {"shortcut": "salam", "title": "Salam", "text": "Halo, soal {{subject}}: hubungi 0812-9071-3648 ya"}
    canned = (await agent.post("/desk/canned", typed)).data["canned"]
    assert canned["text"] == "Halo, soal {{subject}}: hubungi ⟦PHONE:1⟧ ya"
    assert (await agent.post("/desk/canned", typed)).reasons == {"shortcut": "taken"}
    filled = await agent.post(f"/desk/canned/{canned['id']}/fill", {"conversation_id": talk})
    assert filled.data["text"] == "Halo, soal perihal tagihan: hubungi ⟦PHONE:1⟧ ya"
    changed = await agent.call("PATCH", f"/desk/canned/{canned['id']}", {"text": "Terima kasih sudah menunggu"})
    assert changed.data["canned"]["shortcut"] == "salam"
    steps = [
        {"kind": "answer", "canned_id": canned["id"]},
        {"kind": "label", "label": "tagihan"},
        {"kind": "priority", "priority": "low"},
    ]
    assert (await agent.post("/desk/macros", {"title": "x", "steps": [{"kind": "label"}]})).reasons == {
        "steps": "malformed"
    }
    macro = (await agent.post("/desk/macros", {"title": "Tagihan biasa", "steps": steps})).data["macro"]
    for _ in range(2):
        run = await agent.post(f"/desk/cases/{talk}/macros/{macro['id']}", {"client_id": "sekali"})
        assert run.data == {"done": 3, "failed": None}
    assert [message["text"] for message in await customer.messages(talk)] == ["Terima kasih sudah menunggu"]
    case = await _case(agent, talk)
    assert (case["labels"], case["priority"]) == (["tagihan"], "low")
    assert (await agent.call("DELETE", f"/desk/macros/{macro['id']}")).status == 200
    assert (await agent.call("DELETE", f"/desk/canned/{canned['id']}")).status == 200


async def test_agents_say_whether_they_take_any(world: World) -> None:
    """And administrators what they know and how much they take."""
    agent, admin = await world.person("agent"), await world.person("admin")
    assert (await agent.call("PUT", "/desk/me", {"status": "busy"})).data["me"]["status"] == "busy"
    assert (await admin.call("PUT", "/desk/me", {"status": "busy"})).code == "not_permitted"
    changed = await admin.call("PATCH", f"/desk/agents/{agent.id}", {"skills": ["tagihan"], "capacity": 3})
    assert changed.data["agent"] | {"online": False} == changed.data["agent"]
    assert (changed.data["agent"]["skills"], changed.data["agent"]["capacity"]) == (["tagihan"], 3)
    assert (await agent.call("PATCH", f"/desk/agents/{agent.id}", {"capacity": 99})).code == "not_permitted"
    assert (await agent.get("/desk/me")).data["me"]["capacity"] == 3


async def test_search_finds_what_one_may_read_now(world: World) -> None:
    """By stems of both languages, in messages, subjects and notes; what was handed on or corrected is gone."""
    await _label(world, "cari", "Pencarian")
    customer, agent, colleague = (
        await world.person("customer"),
        await world.person("agent"),
        await world.person("agent"),
    )
    talk = await customer.conversation("perihal kelambu")
    await customer.send(talk, "kelambunya tersangkut di jemuran, nomor saya 0812-9071-3648")
    await customer.send(talk, "the curtains were washed twice")
    await agent.take(talk)
    await agent.post(f"/desk/cases/{talk}/notes", {"text": "pelanggan minta penggantian gorden"})

    async def places(person: Person, words: str, **query: object) -> list[tuple[str, int | None]]:
        page = (await person.get("/desk/search", q=words, **query)).data
        own = [hit for hit in page["items"] if hit["item"]["conversation"]["id"] == talk]
        return [(hit["kind"], hit["seq"]) for hit in own]

    async def indexed() -> bool:
        return (
            await places(agent, "kelambu tersangkut") == [("message", 1)]
            and await places(agent, "washing curtain") == [("message", 2)]
            and await places(agent, "gorden mengganti") == [("note", None)]
        )

    await eventually(indexed, "everything is found")
    assert await places(colleague, "kelambu") == []
    assert (await customer.get("/desk/search", q="kelambu")).code == "not_permitted"
    assert await places(agent, "kelambu", status="closed") == []
    assert await places(agent, "kelambu", label="cari") == []
    await agent.call("PATCH", f"/desk/cases/{talk}", {"labels": ["cari"]})
    assert await places(agent, "tersangkut", label="cari") == [("message", 1)]
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert await places(agent, "tersangkut", **{"from": later}) == []
    # What identifies somebody is not looked for.
    assert await places(agent, "tersangkut 0812-9071-3648") == [("message", 1)]
    assert (await agent.get("/desk/search", q="0812-9071-3648")).reasons == {"q": "required"}
    await customer.call("PATCH", f"/conversations/{talk}/messages/2", {"text": "sudah beres", "revision": 0})

    async def forgotten() -> bool:
        return await places(agent, "curtain") == []

    await eventually(forgotten, "what was taken out is not found any more")
    handed = await agent.post(f"/desk/cases/{talk}/transfer", {"agent_id": colleague.id})
    assert handed.status == 200
    assert await places(agent, "tersangkut") == []

    async def found_by_the_next() -> bool:
        return await places(colleague, "tersangkut") == [("message", 1)]

    await eventually(found_by_the_next, "who has it now finds it")


async def test_two_conversations_go_on_as_one(world: World) -> None:
    """Everything stands at the end of the other, nothing twice, no placeholder for two values; the first is closed."""
    customer, agent = await world.person("customer"), await world.person("agent")
    first, second, foreign = await customer.conversation(), await customer.conversation(), ""
    await customer.send(first, "nomor saya 0812-9071-3648")
    await customer.send(second, "nomor toko 0813-5552-7781, kapan dikirim")
    foreign = await (await world.person("customer")).conversation()
    for talk in (first, second, foreign):
        await agent.take(talk)
    await agent.send(first, "baik, dicatat")
    path = f"/desk/cases/{first}/merge"
    untaken = await customer.conversation()
    await customer.send(untaken, "ini belum diambil siapa pun")
    assert [item["conversation"]["id"] for item in (await agent.get(path)).data["items"]] == [second]
    await agent.take(untaken)
    assert [item["conversation"]["id"] for item in (await agent.get(path)).data["items"]] == [untaken, second]
    assert (await (await world.person("agent")).get(path)).code == "not_found"
    assert (await agent.post(path, {"into": foreign})).reasons == {"into": "not_allowed"}
    assert (await agent.post(path, {"into": first})).reasons == {"into": "not_allowed"}
    merged = await agent.post(path, {"into": second})
    assert merged.data["item"]["conversation"]["id"] == second
    assert merged.data["item"]["conversation"]["waiting_since"] is not None
    texts = ["nomor toko ⟦PHONE:1⟧, kapan dikirim", "nomor saya ⟦PHONE:2⟧", "baik, dicatat"]
    assert [item["text"] for item in await customer.messages(second)] == texts
    authors = [
        item["author"]["role"] for item in (await customer.get(f"/conversations/{second}/messages")).data["items"]
    ]
    assert authors == ["customer", "customer", "agent"]
    assert (await _case(agent, first))["merged_into"] == second
    assert first in await _ids(agent, "closed")
    # Who writes into the old one is heard, and merging again brings only what is new.
    await customer.send(first, "halo, masih di sini")
    assert (await agent.post(path, {"into": second})).status == 200
    assert [item["text"] for item in await customer.messages(second)] == [*texts, "halo, masih di sini"]
    assert [item["seq"] for item in await customer.messages(second)] == [1, 2, 3, 4]


async def test_a_conversation_of_its_own(world: World) -> None:
    """Begins with a message, for the same customer and agent; the same again gives the same."""
    customer, agent, colleague = [await world.person(role) for role in ("customer", "agent", "agent")]
    talk = await customer.conversation("perihal kursi")
    for text in ("kursi saya patah", "oh ya, lampu juga mati", "lampunya di dapur"):
        await customer.send(talk, text)
    path, body = f"/desk/cases/{talk}/split", {"from_seq": 2, "subject": "perihal lampu"}
    assert (await colleague.post(path, body)).code == "not_found"
    await agent.take(talk)
    assert (await agent.post(path, {"from_seq": 9})).reasons == {"from_seq": "out_of_range"}
    made = await agent.post(path, body)
    assert made.status == 201
    item = made.data["item"]
    new = item["conversation"]["id"]
    assert (item["case"]["split_from"], item["conversation"]["subject"]) == (talk, "perihal lampu")
    assert item["conversation"]["assignee"]["id"] == agent.id
    assert [message["text"] for message in await customer.messages(new)] == [
        "oh ya, lampu juga mati",
        "lampunya di dapur",
    ]
    assert (await agent.post(path, body)).data["item"]["conversation"]["id"] == new
    assert len(await customer.messages(new)) == 2
    assert len(await customer.messages(talk)) == 3


async def test_feedback_with_the_customer_s_say(world: World) -> None:
    """Given once, when they agree, as a private item of theirs; declined is declined."""
    customer, agent, stranger = [await world.person(role) for role in ("customer", "agent", "customer")]
    talk = await customer.conversation()
    await customer.send(talk, "bungkusnya susah dibuka")
    await agent.take(talk)
    asked = await agent.post(
        f"/desk/cases/{talk}/feedback",
        {"kind": "suggestion", "title": "Bungkus lebih mudah dibuka", "text": "Bungkus kursi susah dibuka."},
    )
    assert (asked.status, asked.data["ask"]["state"]) == (201, "asked")
    assert (await _case(agent, talk))["feedback_asked"] is True
    path = f"/conversations/{talk}/feedback-ask"
    assert (await customer.get(path)).data["ask"]["title"] == "Bungkus lebih mudah dibuka"
    yes = {"ask_id": asked.data["ask"]["id"], "agree": True}
    assert (await stranger.post(path, yes)).code == "not_found"
    assert (await agent.post(path, yes)).code == "not_permitted"
    answered = (await customer.post(path, yes)).data["ask"]
    assert answered["state"] == "agreed"
    assert (await customer.post(path, yes)).data["ask"] == answered
    assert (await customer.post(path, {**yes, "agree": False})).code == "conflict"
    case = await _case(agent, talk)
    assert (case["feedback_asked"], case["feedback_id"]) == (False, answered["feedback_id"])
    item = (await customer.get(f"/feedback/{answered['feedback_id']}")).data["feedback"]
    assert (item["title"], item["visibility"]) == ("Bungkus lebih mudah dibuka", "private")


async def test_figures_are_counted(world: World) -> None:
    """Opened, answered, closed and rated, by day and by agent; agents see their own, administrators all; a file."""
    admin, agent, other = [await world.person(role) for role in ("admin", "agent", "agent")]
    before = (await admin.get("/desk/figures")).data["total"]
    customer = await world.person("customer")
    talk = await customer.conversation()
    await customer.send(talk, "kapan buka")
    await agent.take(talk)
    await agent.send(talk, "besok pagi")
    await agent.post(f"/conversations/{talk}/close")
    await customer.post(f"/conversations/{talk}/rating", {"score": 4})

    async def counted() -> bool:
        found = (await admin.get("/desk/figures")).data
        mine = [item for item in found["agents"] if item["agent"]["id"] == agent.id]
        return (
            found["total"]["closed"] >= before["closed"] + 1
            and found["total"]["opened"] >= before["opened"] + 1
            and found["total"]["messages"] >= before["messages"] + 1
            and len(mine) == 1
            and (mine[0]["answers"], mine[0]["closed"], mine[0]["satisfaction"]["scores"]["4"]) == (1, 1, 1)
            and mine[0]["first_response"]["count"] == 1
        )

    await eventually(counted, "everything is counted")
    assert [item["agent"]["id"] for item in (await other.get("/desk/figures")).data["agents"]] == [other.id]
    assert (await admin.get("/desk/figures", **{"from": "2026-02-01", "to": "2026-01-01"})).reasons == {
        "from": "out_of_range"
    }
    file = await admin.get("/desk/figures.csv", **{"from": "2026-01-01", "to": "2026-01-03"})
    assert [line.split(b",")[0] for line in file.body.splitlines()] == [
        b"day",
        b"2026-01-01",
        b"2026-01-02",
        b"2026-01-03",
    ]
