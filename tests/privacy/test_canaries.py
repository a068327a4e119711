"""One invented identifier of every label goes through everything that takes anything; afterwards there is no trace of
it in the database, in a log, in a metric, in a file, or in anything that anybody was told.

It is the real `amanah serve` with its own store, at the most talkative log level.

Exceptions, all of them: a person gets their own address and name back from registering, signing in and `/api/v1/me`; a
display name is there to be seen by others, so it is looked for wherever it is kept but not in what people are told;
`client_message_id` is a program's opaque id (see `surfaces`); whoever sends bytes that are no HTTP may get them back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.harness.http import Http
from tests.harness.people import World
from tests.harness.process import ServerProcess
from tests.privacy import (
    chat_surfaces,
    desk_surfaces,
    feedback_surfaces,
    file_surfaces,
    form_surfaces,
    forum_surfaces,
    review_surfaces,
    rights_surfaces,
    status_surfaces,
    surfaces,
)
from tests.privacy.canaries import CANARIES, CONTROL, OWN_NAME, Canary, squeezed, traces_in

_LABELS = [canary.label.value for canary in CANARIES]


@dataclass
class Evidence:
    """Everything that was left behind, by place."""

    placeholders: dict[str, list[str]] = field(default_factory=dict)
    endpoints: int = 0
    tokens: list[str] = field(default_factory=list)
    database: bytes = b""
    collections: list[str] = field(default_factory=list)
    told: bytes = b""
    answers: bytes = b""
    broken: bytes = b""
    metrics: bytes = b""
    log: bytes = b""
    files: bytes = b""
    status: int | None = None


def _pieces(value: Any) -> Iterator[bytes]:
    """Every key and value of a document, however deep."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key).encode()
            yield from _pieces(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _pieces(item)
    elif isinstance(value, bytes):
        yield value
    else:
        yield str(value).encode("utf-8", "replace")


async def dump(world: World, *, without: str = "") -> tuple[bytes, list[str]]:
    """Every piece of every document of all databases but one, and the names of the collections."""
    client = world.database.client
    pieces: list[bytes] = []
    names: list[str] = []
    for database in set(await client.list_database_names()) - {without}:
        for collection in await client[database].list_collection_names():
            names.append(f"{database}.{collection}")
            async for document in client[database][collection].find({}):
                pieces += _pieces(document)
    return b"\n".join(pieces), names


async def _register_own_name(http: Http, world: World) -> str:
    body = {"email": "gudang@contoh.example", "password": "lemari besi biru", "display_name": OWN_NAME.value}
    assert (await http.post("/api/v1/accounts", body)).status == 201
    signed_in = await http.post("/api/v1/sessions", {"email": body["email"], "password": body["password"]})
    token = str(signed_in.data["token"])
    conversation = (await http.post("/api/v1/conversations", {"subject": CONTROL}, token=token)).data["conversation"]
    assert conversation["customer"]["display_name"] == OWN_NAME.value
    return token


@pytest.fixture(scope="module")
async def evidence(
    tmp_path_factory: pytest.TempPathFactory, browserless: aiohttp.ClientSession, source_root: Path
) -> Evidence:
    """Send everything everywhere, stop the server, and collect what it left."""
    server = ServerProcess(tmp_path_factory.mktemp("privacy"), {"AMANAH_LIMITS": "off", "AMANAH_LOG_LEVEL": "DEBUG"})
    await server.start()
    found = Evidence()
    try:
        async with World(server, browserless) as world:
            await _send(world, found, source_root)
            found.database, found.collections = await dump(world)
    finally:
        found.status = await server.stop()
    found.log = server.log_file.read_bytes()
    kept = [path for folder in (server.data_dir, server.temporary) for path in folder.rglob("*") if path.is_file()]
    found.files = b"\n".join(path.name.encode() + path.read_bytes() for path in kept)
    return found


async def _send(world: World, found: Evidence, source_root: Path) -> None:
    """Send everything everywhere, with an agent and the sender themselves listening."""
    server, session = world.server, world.session
    http, recorder = Http(session, server.url), surfaces.Recorder(session, server.url)
    sender, agent = await world.person("customer", "Toko Contoh"), await world.person("agent", "Petugas")
    watching = [await agent.socket(), await sender.socket()]
    found.placeholders, conversation_id = await surfaces.texts(sender, recorder)
    for label, kept in (await forum_surfaces.texts(world, recorder)).items():
        found.placeholders[label] += kept
    assert await forum_surfaces.contacts(world, http) >= 2
    for label, kept in (await review_surfaces.texts(world, recorder)).items():
        found.placeholders[label] += kept
    for label, kept in (await feedback_surfaces.texts(world, recorder)).items():
        found.placeholders[label] += kept
    for label, kept in (await form_surfaces.texts(world, recorder, http)).items():
        found.placeholders[label] += kept
    for label, kept in (await desk_surfaces.texts(world, recorder)).items():
        found.placeholders[label] += kept
    for label, kept in (await status_surfaces.texts(world, recorder)).items():
        found.placeholders[label] += kept
    for label, kept in (await rights_surfaces.texts(world, recorder)).items():
        found.placeholders[label] += kept
    for label, kept in (await chat_surfaces.texts(sender, agent, recorder)).items():
        found.placeholders[label] += kept
    for label, kept in (await file_surfaces.texts(sender, conversation_id, recorder)).items():
        found.placeholders[label] += kept
    await agent.take(conversation_id)
    for socket in watching:
        await socket.call("chat:join", {"conversation_id": conversation_id})
    await surfaces.events(watching[1], surfaces.client_events(source_root), conversation_id)
    said = await surfaces.packets(world, sender.token, conversation_id)
    await surfaces.polling(recorder)
    await surfaces.pages(recorder)
    await surfaces.accounts(http, recorder)
    found.broken = b"\n".join(await surfaces.broken_http(server.port))
    document = (await recorder.get("/api/openapi.json")).envelope
    for person in (agent, sender):
        leaving = await world.person("customer", "Pergi")
        tokens = [person.token, leaving.token]
        found.endpoints = await surfaces.endpoints(recorder, document, tokens, conversation_id)
    found.tokens = [sender.token, agent.token, await _register_own_name(http, world)]
    told = watching[0]
    await told.until(lambda: len(told.messages(conversation_id)) >= len(CANARIES), "all messages")
    said += [packet for socket in watching for packet in socket.packets]
    found.told = "\n".join(said).encode()
    found.answers = b"\n".join(recorder.answers)
    found.metrics = (await http.get("/metrics")).body


def test_everything_was_reached(evidence: Evidence) -> None:
    """Each canary was a canary where texts are kept, and the search sees what is in every place it looks at."""
    assert set(_LABELS) == set(evidence.placeholders)
    for label, texts in evidence.placeholders.items():
        assert all(f"⟦{label}:" in text for text in texts), (label, [len(text) for text in texts])
    assert evidence.endpoints >= 16
    assert {"amanah.messages", "amanah.conversations", "amanah.accounts"} <= set(evidence.collections)
    for place in ("database", "told", "answers", "files"):
        assert CONTROL.encode() in squeezed(getattr(evidence, place)), place
    assert b"amanah_http_request_seconds" in evidence.metrics
    assert evidence.status == 0


@pytest.mark.parametrize("place", ["database", "told", "answers", "metrics", "log", "files"])
def test_no_trace_is_left(evidence: Evidence, place: str) -> None:
    """Not in any collection, event, ack, answer, metric, log line or file."""
    assert traces_in(getattr(evidence, place)) == {}


@pytest.mark.parametrize("place", ["database", "metrics", "log", "files"])
def test_a_display_name_is_sealed_where_it_is_kept(evidence: Evidence, place: str) -> None:
    """Names are shown to those they talk to and are never kept in the clear."""
    assert traces_in(getattr(evidence, place), [OWN_NAME]) == {}


@pytest.mark.parametrize("place", ["database", "told", "metrics", "log", "files"])
def test_no_token_is_kept(evidence: Evidence, place: str) -> None:
    """A session's token is known to its holder alone."""
    assert [len(token) for token in evidence.tokens if token.encode() in getattr(evidence, place)] == []


@pytest.mark.parametrize("place", ["answers", "broken", "told", "log"])
def test_no_traceback_leaves(evidence: Evidence, place: str) -> None:
    """A traceback quotes values; none is shown and none is logged."""
    assert b"Traceback" not in getattr(evidence, place)


def test_the_last_line_of_defence_had_nothing_to_do(evidence: Evidence) -> None:
    """No line of ours looked as if it held an identifier: none lost its words, nothing was counted."""
    assert b"(line dropped" not in evidence.log
    assert b"amanah_log_dropped{" not in evidence.metrics


@pytest.mark.parametrize("canary", CANARIES, ids=_LABELS)
def test_the_search_finds_what_is_there(canary: Canary) -> None:
    """In another case, with other separators, and percent-encoded."""
    for form in (canary.value.upper(), canary.value.replace(" ", ""), " ".join(canary.value)):
        assert canary.label.value in traces_in(b"\0\xff" + form.encode() + b"\xfe", [canary])
    encoded = "".join(f"%{byte:02x}" for byte in canary.value.encode())
    assert traces_in(encoded.encode(), [canary])
