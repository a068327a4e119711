"""What tells operators how the server does, on a running server: for whom it is, and that nobody stands in it."""

import os
import re
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.harness.browsing import Tab, faults_of
from tests.harness.people import Person, World
from tests.harness.process import ServerProcess, eventually
from tests.harness.redis import RedisServer
from tests.privacy.canaries import CANARIES, CONTROL, Canary, traces_in

_PAGE = "/petugas/pemantauan"
_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_FEW = [canary for canary in CANARIES if canary.value.isascii()]


@pytest.fixture(scope="module")
async def monitored(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server that writes its traces into a file."""
    settings = {"AMANAH_LIMITS": "off", "AMANAH_TRACES": "file", "AMANAH_REPORT_GROUP": "5"}
    server = ServerProcess(tmp_path_factory.mktemp("monitored"), settings)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def place(monitored: ServerProcess, browserless: aiohttp.ClientSession) -> AsyncIterator[World]:
    async with World(monitored, browserless) as world:
        yield world


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


def _spans(server: ServerProcess) -> list[dict[str, Any]]:
    """What was written so far."""
    file = server.data_dir / "traces.jsonl"
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [orjson.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for line in lines]


async def _knock(world: World, canary: Canary) -> None:
    """Put an identifier wherever a request has room for one."""
    value = canary.value.replace("\n", " ")
    headers = {
        "User-Agent": f"Peramban {value} {CONTROL}",
        "Referer": f"https://contoh.com/{value}?q={value}",
        "Cookie": f"amanah_locale={value}",
        "X-Request-ID": value,
        "traceparent": f"00-{_TRACE}-00f067aa0ba902b7-01",
        "tracestate": f"toko={value}",
        "X-Forwarded-For": value,
        "Accept": "text/html",
    }
    for path in ("/forum", f"/forum/{value}", f"/{value}/saran", "/cari", "/api/v1/me"):
        url = world.http.url + path
        async with world.http.session.get(url, params={"q": value, value: "1"}, headers=headers) as answer:
            await answer.read()
            assert answer.status < 500


async def test_identifiers_in_requests_leave_no_trace(place: World, monitored: ServerProcess) -> None:
    """In paths, queries and headers: neither in traces, metrics, counts, reports and the log, nor on the page."""
    for canary in _FEW:
        await _knock(place, canary)
    officer = await place.person("privacy_officer")
    shown = await _tab(place, officer).open(_PAGE)

    def is_written() -> bool:
        return len([span for span in _spans(monitored) if str(span["name"]).startswith("GET")]) >= 5 * len(_FEW)

    await eventually(is_written, "the traces are written")
    metrics = await place.http.get("/metrics")
    stored = [
        repr(one).encode() for name in ("page_days", "fault_reports") async for one in place.database[name].find({})
    ]
    traces = (monitored.data_dir / "traces.jsonl").read_bytes()
    assert b"GET /forum" in traces
    for told in (traces, metrics.body, b"".join(stored), shown.encode(), monitored.log().encode()):
        assert traces_in(told, _FEW) == {}
        assert CONTROL.encode() not in told
    assert _TRACE.encode() not in traces


async def test_requests_are_traced_by_their_routes(place: World, monitored: ServerProcess) -> None:
    """Template, method, status; a socket's events by their names."""
    customer = await place.person("customer")
    await customer.conversation("Struk tidak tercetak")
    assert (await place.http.get("/api/v1/conversations/tidakada", token=customer.token)).status == 404

    def found() -> dict[str, Any] | None:
        wanted = "GET /api/v1/conversations/{id}"
        return next((span for span in _spans(monitored) if span["name"] == wanted), None)

    await eventually(lambda: found() is not None, "the span is written")
    span = found()
    assert span is not None
    attributes = {item["key"]: next(iter(item["value"].values())) for item in span["attributes"]}
    assert attributes == {
        "http.request.method": "GET",
        "http.response.status_code": "404",
        "http.route": "/api/v1/conversations/{id}",
    }
    assert re.fullmatch(r"[0-9a-f]{32}", span["traceId"])
    assert int(span["endTimeUnixNano"]) >= int(span["startTimeUnixNano"])


async def test_the_page_is_for_administrators_and_officers(place: World) -> None:
    """Others are refused; what is told counts no few."""
    assert (await _tab(place).get(_PAGE)).status == 303
    for role in ("customer", "agent", "moderator"):
        assert (await _tab(place, await place.person(role)).get(_PAGE)).status == 403, role
    for role in ("admin", "privacy_officer"):
        tab = _tab(place, await place.person(role))
        answer = await tab.get(_PAGE)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert faults_of(answer.body.decode()) == []
    visitor = _tab(place)
    for _ in range(5):
        assert (await visitor.get("/janji")).status == 200
    assert (await visitor.get("/kebijakan")).status == 200
    page = await tab.open(_PAGE)
    assert "<code>/janji</code>" in page
    assert "<code>/kebijakan</code>" not in page


async def test_reports_of_faults_are_printed(place: World, monitored: ServerProcess) -> None:
    """By the command line, as lines of JSON; none says more than type and place."""
    now = datetime.now(UTC)
    await place.database["fault_reports"].insert_one(
        {
            "_id": "contoh",
            "type": "KeyError",
            "place": "server/chat/store.py:42 find",
            "work": "/api/v1/me",
            "count": 3,
            "first_at": now,
            "last_at": now,
        }
    )
    printed = await monitored.command("faults")
    lines = [orjson.loads(line) for line in printed.output.splitlines()]
    told = next(line for line in lines if line["type"] == "KeyError")
    assert set(told) == {"fingerprint", "type", "place", "work", "count", "first_at", "last_at"}
    assert (told["place"], told["count"]) == ("server/chat/store.py:42 find", 3)


async def _figure(world: World, name: str) -> float | None:
    lines = (await world.http.get("/metrics")).body.decode().splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), None)


async def test_what_is_away_can_be_alarmed_on(tmp_path: Path, browserless: aiohttp.ClientSession) -> None:
    """A mail server that takes nothing, Redis that does not answer, a store that died: each has its figure."""
    redis = RedisServer(tmp_path)
    await redis.start()
    mail = {"AMANAH_SMTP_URL": "smtp://127.0.0.1:9?tls=off", "AMANAH_MAIL_FROM": "bantuan@toko.example"}
    server = ServerProcess(
        tmp_path, {**mail, "AMANAH_PUBLIC_URL": "https://bantuan.example", "AMANAH_REDIS_URL": redis.url}
    )
    await server.start()
    try:
        async with World(server, browserless) as world:
            waiting = 'amanah_mail{what="waiting"}'
            names = (waiting, "amanah_limits_away", "amanah_store_restarts_total")
            assert [await _figure(world, name) for name in names] == [0, 0, 0]
            person = {"password": "kuda laut biru tua", "display_name": "Toko Contoh", "locale": "id"}
            made = await world.http.post("/api/v1/accounts", {"email": "toko@contoh.example", **person})
            assert made.status == 201, made.body

            async def postponed() -> bool:
                return (await _figure(world, 'amanah_mail{what="postponed"}') or 0) >= 1

            await eventually(postponed, "the letter was tried")
            assert await _figure(world, waiting) == 1
            await redis.end()
            assert (await world.http.post("/api/v1/visitors", {})).status == 201
            assert await _figure(world, "amanah_limits_away") == 1
            await redis.start()

            async def back() -> bool:
                await world.http.post("/api/v1/visitors", {})
                return await _figure(world, "amanah_limits_away") == 0

            await eventually(back, "counts are back")
            os.kill(server.engine_pids[0], signal.SIGKILL)

            async def restarted() -> bool:
                return await _figure(world, "amanah_store_restarts_total") == 1

            await eventually(restarted, "the store was started again")
    finally:
        await server.stop()
        await redis.end()
