"""Limits, dead workers, kill -9: what clients are told, and that nothing raw, nothing twice, nothing lost is kept."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any

from server.composition.parts import MOST_CONNECTIONS
from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S, ServerProcess, eventually

_NUMBERS = ("0812-9071-3648", "0812-9071-3655", "0813-4471-9021")


async def _accepted(person: Person, talk: str, text: str, client_id: str) -> dict[str, Any]:
    """Send as a client does: again under the same id until it is taken, through whatever is down for the moment."""
    answers: list[Answer] = []

    async def taken() -> bool:
        answer = await person.send(talk, text, client_id)
        if answer.status >= 400:
            assert answer.code in {"redaction_unavailable", "unavailable"}
            return False
        answers.append(answer)
        return True

    await eventually(taken, "the message is taken")
    return dict(answers[0].data["message"])


async def test_a_thousand_messages_a_minute(strict: World) -> None:
    """The first ones are taken, the rest refused with the time to wait; others are not held up."""
    customer, other = await strict.person("customer"), await strict.person("customer")
    talk, elsewhere = await customer.conversation(), await other.conversation()
    socket = await customer.socket()
    acks = [
        await socket.post("chat:send", {"conversation_id": talk, "client_message_id": str(number), "text": "halo"})
        for number in range(1_000)
    ]
    envelopes = await asyncio.wait_for(asyncio.gather(*acks), PATIENCE_S)
    taken = [envelope["data"]["message"]["seq"] for envelope in envelopes if envelope["ok"]]
    refused = [envelope["error"] for envelope in envelopes if not envelope["ok"]]
    assert taken == list(range(1, len(taken) + 1))
    # A window may end while they arrive.
    assert 60 <= len(taken) <= 120
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert all(1 <= error["retry_after"] <= 120 for error in refused)
    over_http = await customer.send(talk, "halo", "over-http")
    assert (over_http.status, over_http.code) == (429, "rate_limited")
    assert int(over_http.headers["Retry-After"]) == over_http.error["retry_after"] >= 1
    assert (await customer.send(talk, "halo", "0")).data["message"]["seq"] == 1
    assert (await other.send(elsewhere, "halo")).status == 201
    assert (await customer.get(f"/conversations/{talk}/messages")).data["last_seq"] == len(taken)


async def test_limits_of_what_strangers_may_do(strict: World) -> None:
    """Guessing a password and making visitors, by address and network."""
    credentials = {"email": "tebak@contoh.example", "password": "kuda laut biru"}
    answers = [await strict.http.post("/api/v1/sessions", credentials) for _ in range(11)]
    codes = [answer.code for answer in answers]
    # Five failures cost nothing, then each makes the next one wait.
    assert codes[:6] == ["not_authenticated"] * 6
    assert set(codes) == {"not_authenticated", "rate_limited"}
    assert int(next(answer for answer in answers if answer.code == "rate_limited").headers["Retry-After"]) >= 1
    made = [await strict.http.post("/api/v1/visitors", {}) for _ in range(31)]
    assert {answer.status for answer in made[:30]} == {201}
    assert made[30].code == "rate_limited"
    assert int(made[30].headers["Retry-After"]) >= 1


async def test_without_a_redactor_nothing_is_taken(strict: World, limited: ServerProcess) -> None:
    """Workers are killed as they come: every text is refused, none is kept; and then it mends itself."""
    customer = await strict.person("customer")
    talk = await customer.conversation("sebelum")
    down = True

    async def keep_killing() -> None:
        while down:
            for pid in limited.worker_pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            # Slower than the pool notices, faster than a worker loads.
            await asyncio.sleep(0.05)

    killing = asyncio.create_task(keep_killing())
    typed = f"nomor saya {_NUMBERS[0]}"
    refusals = await asyncio.gather(
        customer.send(talk, typed, "sama"),
        customer.post("/conversations", {"subject": typed}),
        customer.post("/redactions/preview", {"text": typed}),
    )
    for refusal in refusals:
        assert (refusal.status, refusal.code) == (503, "redaction_unavailable")
        assert int(refusal.headers["Retry-After"]) >= 1
    assert (await strict.http.get("/readyz")).status == 503
    assert await customer.messages(talk) == []
    assert len((await customer.get("/conversations")).data["items"]) == 1
    down = False
    await killing
    message = await _accepted(customer, talk, typed, "sama")
    assert (message["seq"], message["text"]) == (1, "nomor saya ⟦PHONE:1⟧")
    assert (await strict.http.get("/readyz")).data["redactor"] == "ready"


async def test_a_worker_killed_in_the_middle(strict: World, limited: ServerProcess) -> None:
    """Everything that was on its way is answered, and what was taken is redacted."""
    customer = await strict.person("customer")
    talk = await customer.conversation()
    socket = await customer.socket()
    acks = []
    for number in range(40):
        command = {"conversation_id": talk, "client_message_id": str(number), "text": f"nomor {_NUMBERS[0]}"}
        acks.append(await socket.post("chat:send", command))
        if number == 20:
            for pid in limited.worker_pids:
                os.kill(pid, signal.SIGKILL)
    envelopes = await asyncio.wait_for(asyncio.gather(*acks), PATIENCE_S)
    assert {envelope["error"]["code"] for envelope in envelopes if not envelope["ok"]} <= {"redaction_unavailable"}
    taken = [envelope["data"]["message"] for envelope in envelopes if envelope["ok"]]
    kept = await customer.messages(talk, limit=100)
    assert kept == taken
    assert {message["text"] for message in kept} <= {"nomor ⟦PHONE:1⟧"}
    await _accepted(customer, talk, "selesai", "last")


async def test_a_conversation_goes_on_after_kill_9(strict: World, limited: ServerProcess) -> None:
    """Sessions, messages, ids, numbers of placeholders, who has it: all as before."""
    customer, agent = await strict.person("customer"), await strict.person("agent", "Rani")
    talk = await customer.conversation(f"telepon {_NUMBERS[0]}")
    await agent.post(f"/conversations/{talk}/assign", {"agent_id": "me"})
    before = [await _accepted(customer, talk, f"nomor {number}", number) for number in _NUMBERS]
    assert [message["text"] for message in before] == [f"nomor ⟦PHONE:{n}⟧" for n in (1, 2, 3)]
    await limited.kill()
    await limited.start()
    assert await customer.messages(talk) == before
    again = await _accepted(customer, talk, "lain sama sekali", _NUMBERS[1])
    assert again == before[1]
    texts = [
        (await _accepted(person, talk, text, text[:2]))["text"]
        for person, text in (
            (customer, f"ba {_NUMBERS[2]}"),
            (agent, f"bi {_NUMBERS[0]}"),
            (customer, f"bu {_NUMBERS[1]} dan 0815-6671-2299"),
        )
    ]
    assert texts == ["ba ⟦PHONE:3⟧", "bi ⟦PHONE:1⟧", "bu ⟦PHONE:2⟧ dan ⟦PHONE:4⟧"]
    conversation = (await agent.get(f"/conversations/{talk}")).data["conversation"]
    assert (conversation["assignee"]["id"], conversation["last_seq"]) == (agent.id, 6)
    assert conversation["subject"] == "telepon ⟦PHONE:1⟧"
    verified = await limited.command("audit", "verify")
    assert (verified.status, verified.errors) == (0, "")


async def test_an_account_has_so_many_connections(strict: World) -> None:
    """The oldest ends for the newest; others' are left alone."""
    visitor, other = await strict.person(), await strict.person()
    bystander = await other.socket()
    sockets = [await visitor.socket() for _ in range(MOST_CONNECTIONS)]
    assert not sockets[0].ended.is_set()
    newest = await visitor.socket()
    await asyncio.wait_for(sockets[0].ended.wait(), PATIENCE_S)
    for socket in (sockets[1], newest, bystander):
        assert (await socket.refusal("chat:join", {"conversation_id": "none"}))["code"] == "not_found"
    assert not [socket for socket in sockets[1:] if socket.ended.is_set()]
