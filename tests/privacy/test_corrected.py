"""What somebody hid in a stored message is nowhere any more: not in a document, a log line, a metric, or in anything
that anybody is told from then on. The real server at its most talkative.

Left out are the store's own log of changes and files, which keep what was overwritten for a while: `docs/privacy.md`
says for how long, and what to do about it.
"""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from nlp.labels import Label
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess
from tests.privacy.canaries import Canary, squeezed, traces_in
from tests.privacy.surfaces import Recorder
from tests.privacy.test_canaries import dump

_SAID = "barang dititip ke qindoravel kemarin"
_VALUE = Canary(Label.PERSON, "qindoravel", _SAID, (b"qindoravel",))
_WORD = "dititip"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    settings = {"AMANAH_LIMITS": "off", "AMANAH_LOG_LEVEL": "DEBUG"}
    server = ServerProcess(tmp_path_factory.mktemp("corrected"), settings)
    await server.start()
    async with World(server, browserless) as running:
        yield running
    await server.stop()


async def _hide(person: Person, http: Recorder, talk: str) -> None:
    message = (await person.messages(talk, after_seq=0))[0]
    start = str(message["text"]).index(_VALUE.value)
    body = {
        "kind": "should_have_been_hidden",
        "revision": message["revision"],
        "start": start,
        "end": start + len(_VALUE.value),
        "label": "PERSON",
    }
    path = f"/api/v1/conversations/{talk}/messages/1/corrections"
    assert (await http.post(path, body, token=person.token)).status == 200


async def test_nothing_is_left_of_what_was_hidden(world: World) -> None:
    """Searched for wherever anything is kept or told; the search itself is seen to find it before."""
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Petugas")
    talk = await customer.conversation(f"perihal {_VALUE.value}")
    await agent.post(f"/conversations/{talk}/assign", {"agent_id": "me"})
    listening = await agent.socket()
    for text in (_SAID, f"siapa {_VALUE.value.upper()}?"):
        assert _VALUE.value in (await customer.send(talk, text)).data["message"]["text"].lower()
    before, _ = await dump(world)
    assert traces_in(before, [_VALUE])

    http = Recorder(world.session, world.server.url)
    # The last progress is told a while after its message: what is told from then on may not name the value.
    progress = (talk, 2)
    await listening.until(
        lambda: any(
            (news["conversation"]["id"], news["conversation"]["last_seq"]) == progress
            for news in listening.heard("chat:updated")
        ),
        "all progress",
    )
    told_before = len(listening.packets)
    await _hide(customer, http, talk)
    await listening.call("chat:join", {"conversation_id": talk})
    for text in (_SAID, f"({_VALUE.value})"):
        body = {"client_message_id": f"later-{len(text)}", "text": text}
        path = f"/api/v1/conversations/{talk}/messages"
        assert (await http.post(path, body, token=customer.token)).status == 201
    await http.call("GET", f"/api/v1/conversations/{talk}", token=agent.token)
    await http.call("GET", f"/api/v1/conversations/{talk}/messages?after_seq=0", token=agent.token)
    await http.call("GET", "/api/v1/conversations", token=agent.token)
    await listening.until(lambda: len(listening.messages(talk)) == 2, "what came later")

    after, collections = await dump(world, without="local")
    assert {"amanah.redaction_signals", "amanah.unfinished_hidings", "amanah.messages"} <= set(collections)
    told = "\n".join(listening.packets[told_before:]).encode()
    answers = b"\n".join(http.answers)
    metrics = (await world.http.get("/metrics")).body
    log = world.server.log_file.read_bytes()
    for place, content in (("store", after), ("told", told), ("answers", answers)):
        assert _WORD.encode() in squeezed(content), place
    kept = {"store": after, "told": told, "answers": answers, "metrics": metrics, "log": log}
    assert [place for place, content in kept.items() if traces_in(content, [_VALUE])] == []
