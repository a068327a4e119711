"""Break-glass and the access log on a running server: announced, limited, logged, reviewed, over when it is over."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.ids import new_id
from server.kernel.text import Numbering, template_of
from server.privacy.glass import BreakGlass
from server.privacy.store import MongoGlassStore
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess

_ASKED = {"reason": "Menggantikan rekan yang sakit", "purpose": "cover", "minutes": 5}


async def _talk(world: World) -> tuple[Person, Person, str]:
    """A customer with a conversation that an agent has."""
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Rani")
    talk = await customer.conversation("Struk terpotong")
    await agent.take(talk)
    await customer.send(talk, "halo")
    return customer, agent, talk


async def _log(person: Person) -> list[dict[str, Any]]:
    return list((await person.get("/me/access-log")).data["items"])


async def test_every_kind_of_staff_reads_by_exception_and_only_reads(world: World) -> None:
    """For the time stated, told to the person at once; then it is as if there were nothing again."""
    customer, _, talk = await _talk(world)
    phone = await customer.socket()
    for role in ("agent", "moderator", "privacy_officer", "admin"):
        reader = await world.person(role, "Wahyu")
        assert (await reader.get(f"/conversations/{talk}/messages")).code == "not_found"
        answer = await reader.post(f"/conversations/{talk}/break-glass", _ASKED)
        assert answer.status == 201, role
        item = answer.data["break_glass"]
        assert (item["conversation_id"], item["minutes"], item["who"]["display_name"]) == (talk, 5, "Wahyu")
        assert [message["text"] for message in await reader.messages(talk)] == ["halo"]
        assert (await reader.get(f"/conversations/{talk}")).data["conversation"]["access"] == "reading"
        assert talk in {listed["id"] for listed in (await reader.get("/conversations")).data["items"]}
        assert (await reader.send(talk, "halo")).code == "not_permitted"
        hiding = {"kind": "should_have_been_hidden", "start": 0, "end": 4, "label": "PERSON"}
        assert (await reader.post(f"/conversations/{talk}/messages/1/corrections", hiding)).code == "not_permitted"
        assert (await reader.post(f"/conversations/{talk}/break-glass", _ASKED)).code == "conflict"
        assert [mine["id"] for mine in (await reader.get("/me/break-glass")).data["items"]] == [item["id"]]
        ended = await reader.post(f"/privacy/break-glass/{item['id']}/end")
        assert ended.data["break_glass"]["ended_at"] is not None
        assert (await reader.get(f"/conversations/{talk}/messages")).code == "not_found"
        assert (await reader.get("/me/break-glass")).data["items"] == []
    await phone.until(lambda: len(phone.heard("notify:new")) >= 4, "a notice of each")
    told = [event["notification"] for event in phone.heard("notify:new")]
    assert [(one["kind"], one["object"]) for one in told] == [
        ("break_glass_opened", {"type": "conversation", "id": talk})
    ] * 4
    listed = (await customer.get("/me/notifications")).data["items"]
    assert sorted(one["id"] for one in listed) == sorted(one["id"] for one in told)
    for one in listed:
        assert set(one) == {"id", "kind", "object", "at", "count", "read"}


async def test_what_is_refused(world: World) -> None:
    """No reason, no purpose, too long, one's own, none of staff: nothing is opened and nothing told."""
    customer, agent, talk = await _talk(world)
    colleague = await world.person("agent")
    for wrong, field in (
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"purpose": "support"}, "purpose"),
        ({"purpose": "ingin tahu"}, "purpose"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 61}, "minutes"),
    ):
        answer = await colleague.post(f"/conversations/{talk}/break-glass", {**_ASKED, **wrong})
        assert list(answer.reasons) == [field], wrong
    assert (await agent.post(f"/conversations/{talk}/break-glass", _ASKED)).code == "not_permitted"
    assert (await customer.post(f"/conversations/{talk}/break-glass", _ASKED)).code == "not_permitted"
    assert (await colleague.get(f"/conversations/{talk}/messages")).code == "not_found"
    assert (await customer.get("/me/notifications")).data["items"] == []


async def test_reasons_and_notes_pass_the_gate(world: World) -> None:
    """What identifies somebody is hidden in both."""
    _, _, talk = await _talk(world)
    colleague, officer = await world.person("agent"), await world.person("privacy_officer")
    asked = {**_ASKED, "reason": "Ibu Ratna Wulandari minta ditelepon di 0812-9071-3648"}
    item = (await colleague.post(f"/conversations/{talk}/break-glass", asked)).data["break_glass"]
    assert "0812" not in item["reason"]
    assert "⟦PHONE:1⟧" in item["reason"]
    judged = {"verdict": "ok", "note": "Sudah dicek ke 0813-4471-9021"}
    review = (await officer.post(f"/privacy/break-glass/{item['id']}/review", judged)).data["break_glass"]["review"]
    assert review["note"] == "Sudah dicek ke ⟦PHONE:1⟧"
    assert review["verdict"] == "ok"


async def test_live_readers_leave_the_room_when_it_ends(world: World) -> None:
    """They hear what is said while it lasts, are seen by nobody, and hear nothing afterwards."""
    customer, agent, talk = await _talk(world)
    officer = await world.person("privacy_officer")
    item = (await officer.post(f"/conversations/{talk}/break-glass", _ASKED)).data["break_glass"]
    phone, desk, reading = await customer.socket(), await agent.socket(), await officer.socket()
    for socket in (phone, desk, reading):
        await socket.call("chat:join", {"conversation_id": talk})
    joined = await phone.call("chat:join", {"conversation_id": talk})
    assert sorted(joined["online"]) == sorted([customer.id, agent.id])
    await customer.send(talk, "selama")
    await reading.until_heard("chat:message")
    for name, command in (("chat:send", {"client_message_id": "1", "text": "x"}), ("chat:read", {"seq": 1})):
        assert (await reading.refusal(name, {"conversation_id": talk, **command}))["code"] == "not_permitted"
    await officer.post(f"/privacy/break-glass/{item['id']}/end")
    await reading.until_heard("chat:left", conversation_id=talk)
    await customer.send(talk, "sesudah")
    await desk.until(lambda: len(desk.messages(talk)) == 2, "both")
    assert [message["text"] for message in reading.messages(talk)] == ["selama"]
    assert (await reading.refusal("chat:join", {"conversation_id": talk}))["code"] == "not_found"


async def test_who_joins_while_it_is_taken_away_is_not_left_in_the_room(world: World) -> None:
    """Letting go and joining at the same moment: whichever comes first, nothing said afterwards is heard."""
    customer, agent, talk = await _talk(world)
    colleague = await world.person("agent")
    for number in range(10):
        await agent.post(f"/conversations/{talk}/participants", {"agent_id": colleague.id})
        socket = await colleague.socket()
        await asyncio.gather(
            socket.ack("chat:join", {"conversation_id": talk}),
            agent.call("DELETE", f"/conversations/{talk}/participants/{colleague.id}"),
        )
        desk = await agent.socket()
        await desk.call("chat:join", {"conversation_id": talk})
        await customer.send(talk, f"sesudah {number}")
        await desk.until(lambda desk=desk: desk.messages(talk), "the message")
        assert socket.messages(talk) == []
        await socket.close()
        await desk.close()


async def _opened_before(world: World, talk: str, person: Person, reader: Person, seconds_left: float) -> str:
    """Store one that was opened a while ago, as the server would have: nobody waits for a minute here."""
    now = datetime.now(UTC)
    reason = template_of(("Pengujian",)).fill(Numbering()).text
    item = BreakGlass(
        new_id(),
        talk,
        person.id,
        reader.id,
        reader.role,
        Purpose.LEGAL,
        reason,
        (),
        1,
        now - timedelta(seconds=60),
        now + timedelta(seconds=seconds_left),
    )
    await MongoGlassStore(world.database).insert(item)
    return item.id


async def test_it_ends_by_itself_also_over_a_restart(limited: ServerProcess, strict: World) -> None:
    """One that runs out is over for reading and live; one that lasts goes on after the server was killed."""
    customer, _, talk = await _talk(strict)
    officer, reader = await strict.person("privacy_officer"), await strict.person("moderator")
    late, moved = await strict.person("moderator"), await strict.person("moderator")
    lasting = (await reader.post(f"/conversations/{talk}/break-glass", _ASKED)).data["break_glass"]
    # A busy machine may take longer to start than the first ones last.
    for seconds in (15, 50):
        over = await _opened_before(strict, talk, customer, late, -1)
        # As if a server had been killed between a change of role and what follows from it.
        stale = await _opened_before(strict, talk, customer, replace(moved, role=Role.ADMIN), 3000)
        short = await _opened_before(strict, talk, customer, officer, seconds)
        await limited.kill()
        await limited.start()
        reading = await officer.socket()
        joined = await reading.ack("chat:join", {"conversation_id": talk})
        if joined["ok"]:
            break
    assert joined["ok"]
    assert (await late.get(f"/conversations/{talk}/messages")).code == "not_found"
    assert (await reader.get(f"/conversations/{talk}/messages")).status == 200
    await reading.until_heard("chat:left", conversation_id=talk)
    assert (await officer.get(f"/conversations/{talk}/messages")).code == "not_found"
    found = (await officer.get("/privacy/break-glass")).data["items"]
    ended = {item["id"]: item["ended_at"] for item in found}
    assert ended[short] is not None
    assert ended[over] is not None
    assert ended[stale] is not None
    assert ended[lasting["id"]] is None


async def test_it_ends_when_its_holder_is_somebody_else(world: World) -> None:
    """Another role, or a closed door: over at once, written down, and not there again when they come back."""
    _, _, talk = await _talk(world)
    admin, officer = await world.person("admin"), await world.person("privacy_officer")
    for change, back in (({"role": "agent"}, {"role": "moderator"}), ({"disabled": True}, {"disabled": False})):
        reader = await world.person("moderator")
        item = (await reader.post(f"/conversations/{talk}/break-glass", _ASKED)).data["break_glass"]
        assert (await reader.get(f"/conversations/{talk}/messages")).status == 200
        assert (await admin.call("PATCH", f"/staff/{reader.id}", change)).status == 200
        found = (await officer.get("/privacy/break-glass")).data["items"]
        assert [one["ended_at"] is not None for one in found if one["id"] == item["id"]] == [True], change
        assert (await admin.call("PATCH", f"/staff/{reader.id}", back)).status == 200
        returned = await world.again(reader)
        assert (await returned.get("/me")).status == 200
        assert (await returned.get(f"/conversations/{talk}/messages")).code == "not_found"
        assert (await returned.get("/me/break-glass")).data["items"] == []


async def test_officers_review_what_others_opened(world: World) -> None:
    """Once, with a word; never their own; and they are told of each at once."""
    _, _, talk = await _talk(world)
    officer, second = await world.person("privacy_officer", "Wahyu"), await world.person("privacy_officer", "Tari")
    listening, own_ear = await second.socket(), await officer.socket()
    item = (await officer.post(f"/conversations/{talk}/break-glass", _ASKED)).data["break_glass"]
    told = await listening.until_heard("notify:new")
    assert told["notification"]["object"] == {"type": "break_glass", "id": item["id"]}
    assert own_ear.heard("notify:new") == []
    assert (await officer.post(f"/privacy/break-glass/{item['id']}/review", {"verdict": "ok"})).code == "not_permitted"
    waiting = (await second.get("/privacy/break-glass", state="unreviewed")).data["items"]
    assert item["id"] in {one["id"] for one in waiting}
    judged = await second.post(
        f"/privacy/break-glass/{item['id']}/review", {"verdict": "not_ok", "note": "Tidak perlu"}
    )
    assert judged.data["break_glass"]["review"]["reviewer"]["display_name"] == "Tari"
    again = await second.post(f"/privacy/break-glass/{item['id']}/review", {"verdict": "ok"})
    assert again.code == "conflict"
    waiting = (await second.get("/privacy/break-glass", state="unreviewed")).data["items"]
    assert item["id"] not in {one["id"] for one in waiting}


async def test_the_person_sees_who_looked(world: World) -> None:
    """Each look of a session once an hour with its count, under the names of the chat, for which purpose."""
    customer, agent, talk = await _talk(world)
    assert await _log(customer) == []
    for _ in range(3):
        await agent.messages(talk)
    desk = await agent.socket()
    await desk.call("chat:join", {"conversation_id": talk})
    await customer.messages(talk)
    (look,) = await _log(customer)
    assert look["who"] == {"id": agent.id, "display_name": "Rani", "role": "agent"}
    assert (look["action"], look["purpose"], look["count"]) == ("conversation:read", "support", 4)
    assert look["object"] == {"type": "conversation", "id": talk}
    moderator = await world.person("moderator", "Sari")
    await moderator.post(f"/conversations/{talk}/break-glass", {**_ASKED, "purpose": "complaint"})
    await moderator.messages(talk)
    newest, opened, _ = await _log(customer)
    assert (newest["action"], newest["purpose"]) == ("conversation:read", "complaint")
    assert (opened["action"], opened["who"]["display_name"]) == ("break_glass:opened", "Sari")
    assert await _log(agent) == []
    assert await _log(await world.person("customer")) == []


async def test_the_log_is_paged_newest_first(world: World) -> None:
    """Everything once, whatever the page's size; cursors that are none are refused."""
    customer, agent, talk = await _talk(world)
    talks = [talk, *[await customer.conversation() for _ in range(6)]]
    for other in talks[1:]:
        await agent.take(other)
    for one in talks:
        await agent.messages(one)
    for limit in (1, 3, 7, 50):
        seen: list[str] = []
        cursor: dict[str, object] = {}
        while True:
            page = (await customer.get("/me/access-log", limit=limit, **cursor)).data
            seen += [item["object"]["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == talks[::-1], limit
    for wrong in ("x", "bjotMQ", "", "a" * 64):
        assert (await customer.get("/me/access-log", cursor=wrong)).reasons == {"cursor": "malformed"}


async def test_roles_and_doors(world: World) -> None:
    """A change of role or a closed door ends sessions at once; somebody is always left to administer."""
    admin, agent = await world.person("admin", "Admin"), await world.person("agent", "Rani")
    listening = await agent.socket()
    changed = await admin.call("PATCH", f"/staff/{agent.id}", {"role": "moderator"})
    assert changed.data["member"] == {"id": agent.id, "display_name": "Rani", "role": "moderator", "disabled": False}
    assert (await agent.get("/me")).code == "not_authenticated"
    await listening.ended.wait()
    colleague = await world.person("agent", "Yosef")
    assert colleague.id in {item["id"] for item in (await admin.get("/agents")).data["items"]}
    await admin.call("PATCH", f"/staff/{colleague.id}", {"disabled": True})
    assert (await colleague.get("/me")).code == "not_authenticated"
    assert colleague.id not in {item["id"] for item in (await admin.get("/agents")).data["items"]}
    assert {item["id"] for item in (await admin.get("/staff")).data["items"]} >= {admin.id, agent.id, colleague.id}
    for wrong, reason in (({}, "required"), ({"role": "customer"}, "not_allowed"), ({"role": "raja"}, "not_allowed")):
        assert (await admin.call("PATCH", f"/staff/{agent.id}", wrong)).reasons == {"role": reason}
    _, holder, talk = await _talk(world)
    for asked in ("assign", "participants"):
        refused = await holder.post(f"/conversations/{talk}/{asked}", {"agent_id": colleague.id})
        assert refused.reasons == {"agent_id": "unknown_agent"}, asked
    customer = await world.person("customer")
    for missing in (customer.id, "zzz"):
        assert (await admin.call("PATCH", f"/staff/{missing}", {"role": "agent"})).code == "not_found"


async def test_the_last_administrator_stays(strict: World) -> None:
    """Neither role nor door of the last one can be taken; of two at once one stays."""
    admins = [await strict.person("admin") for _ in range(2)]
    first, second = admins
    others = [item for item in (await first.get("/staff")).data["items"] if item["role"] == "admin"]
    for item in others:
        if item["id"] not in {first.id, second.id}:
            await first.call("PATCH", f"/staff/{item['id']}", {"role": "agent"})
    answers = await asyncio.gather(*(admin.call("PATCH", f"/staff/{admin.id}", {"role": "agent"}) for admin in admins))
    assert sorted(answer.status for answer in answers) == [200, 409]
    (left,) = [admin for admin, answer in zip(admins, answers, strict=True) if answer.status == 409]
    for change in ({"disabled": True}, {"role": "moderator"}):
        answer = await left.call("PATCH", f"/staff/{left.id}", change)
        assert (answer.status, answer.code) == (409, "conflict")
