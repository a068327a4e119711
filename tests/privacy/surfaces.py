"""Sends canaries through everything that takes what a person, or a program, may say.

The endpoints come from the server's own API document and the events from the sources, so that a new one is covered
without a change here. One thing is left out on purpose: `client_message_id` is a program's own opaque id, which the
contract gives back to everybody in the conversation; forms of it that are no id are sent, and refused.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from tests.harness.http import Answer, Http
from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S
from tests.harness.socket import Cut, Refused, Socket
from tests.privacy.canaries import ALL_AT_ONCE, CANARIES, CONTROL

_EVENT = re.compile(r'ClientEvent\(\s*"([a-z:_]+)"')
_HEADERS = (
    {"Authorization": ALL_AT_ONCE},
    {"Authorization": "Bearer " + ALL_AT_ONCE.replace(" ", "-")},
    {"Cookie": ALL_AT_ONCE, "Origin": ALL_AT_ONCE},
    dict.fromkeys(
        (
            "Accept",
            "Accept-Language",
            "Content-Language",
            "Forwarded",
            "From",
            "Idempotency-Key",
            "If-None-Match",
            "Range",
            "Referer",
            "User-Agent",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Request-ID",
            "X-Wagiyem-Kusnandarini",
        ),
        ALL_AT_ONCE,
    ),
)
_FORM = "application/x-www-form-urlencoded"
_SAFE = "".join(canary.as_id for canary in CANARIES)


class Recorder(Http):
    """Keeps every answer."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        super().__init__(session, url)
        self.answers: list[bytes] = []

    async def call(self, method: str, path: str, body: object = None, **options: Any) -> Answer:
        """Send and keep the answer."""
        answer = await super().call(method, path, body, **options)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.answers.append(head.encode() + b"\n\n" + answer.body)
        return answer


def client_events(source_root: Path) -> list[str]:
    """The names of all events that the server declares."""
    files = sorted((source_root / "server").glob("*/socket.py"))
    return [name for file in files for name in _EVENT.findall(file.read_text())]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of everything in the API document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


async def endpoints(http: Recorder, document: dict[str, Any], tokens: list[str], conversation_id: str) -> int:
    """Fill every endpoint's every part with all canaries at once; give how many endpoints there were.

    Afterwards the sessions may be ended: signing out is an endpoint too.
    """
    done = 0
    schemas = document["components"]["schemas"]
    for method, path, operation in operations(document):
        ends = "sessions/current" in path or (method, path) == ("DELETE", "/api/v1/me")
        token = tokens[-1] if ends else tokens[0]
        real = path.replace("{id}", conversation_id)
        for target in {real, path.replace("{id}", quote(ALL_AT_ONCE, safe="")), path.replace("{id}", _SAFE[:60])}:
            for body in _bodies(operation, schemas):
                await http.call(method, target, raw=body, token=token)
            await http.call(
                method, target, raw=ALL_AT_ONCE.encode(), token=token, headers={"Content-Type": "text/plain"}
            )
        await http.call(method, real, {}, token=token, params={ALL_AT_ONCE: "1", "q": ALL_AT_ONCE, "lang": ALL_AT_ONCE})
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                for value in (ALL_AT_ONCE, *(canary.value for canary in CANARIES)):
                    await http.call(method, real, token=token, params={parameter["name"]: value})
        for headers in _HEADERS:
            await http.call(method, real, {}, headers=headers)
        await http.call(method, real, {}, headers={"Cookie": f"amanah_session={_SAFE}; amanah_locale={_SAFE}"})
        done += 1
    return done


def _bodies(operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[bytes]:
    if "requestBody" not in operation:
        return
    content = operation["requestBody"]["content"].get("application/json")
    if content is None:
        # A file: what is in one that is taken is the affair of `test_attachments`, `test_files` and `file_surfaces`.
        yield ALL_AT_ONCE.encode() * 5
        return
    name = content["schema"]["$ref"].rpartition("/")[2]
    fields = list(schemas[name].get("properties", {}))
    yield orjson.dumps(dict.fromkeys(fields, ALL_AT_ONCE * 5))
    yield orjson.dumps({field: {ALL_AT_ONCE: [ALL_AT_ONCE]} for field in fields})
    yield orjson.dumps({ALL_AT_ONCE: ALL_AT_ONCE, **{canary.as_id: canary.value for canary in CANARIES}})
    yield orjson.dumps(ALL_AT_ONCE)
    yield orjson.dumps([ALL_AT_ONCE])
    yield b'{"text": "' + ALL_AT_ONCE.encode()
    yield b"\xff\xfe" + ALL_AT_ONCE.encode()
    yield b'{"text": "' + ALL_AT_ONCE.encode() * 80 + b'"}'


async def pages(http: Recorder) -> None:
    """Paths, queries and headers outside the API."""
    text = quote(ALL_AT_ONCE, safe="")
    shown = ("/", "/widget", "/desk", "/akun", "/account", "/forum", "/masuk", "/daftar", "/keluar", "/forum/feed.atom")
    for path in (*shown, "/widget.js", "/healthz", "/readyz", "/metrics", "/api/openapi.json"):
        await http.call("GET", f"{path}?q={text}&lang={text}", headers={"User-Agent": ALL_AT_ONCE})
        await http.call("POST", path, ALL_AT_ONCE)
    for path in ("/verifikasi", "/verify", "/atur-ulang", "/reset-password"):
        await http.call("GET", f"{path}?token={text}")
        for step in ("ask", "verify", "reset", text):
            form = f"step={step}&token={text}&email={text}&password={text}".encode()
            await http.call("POST", path, raw=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
    for path in (f"/forum/{text}", f"/forum/k/{text}", f"/forum/tag/{text}", f"/forum/t/{text}", f"/forum/u/{text}"):
        await http.call("GET", path, headers={"Accept": "text/html", "Referer": ALL_AT_ONCE})
    for path in ("/berhenti-berlangganan", "/unsubscribe", "/pemberitahuan", "/pemberitahuan/atur", "/forum/profil"):
        await http.call("GET", f"{path}?t={text}&sebelum={text}&selesai={text}")
        form = f"page={text}&handle={text}&bio={text}&mail.forum_reply={text}".encode()
        await http.call("POST", f"{path}?t={text}", raw=form, headers={"Content-Type": _FORM})
    for path in (f"/laporan/{text}", f"/laporan/{_SAFE[:60]}", f"/status/{text}", "/status", "/wawasan"):
        await http.call("GET", f"{path}?dari={text}&sampai={text}&sebelum={text}")
        form = f"act={text}&report={text}&month={text}&service={text}&title={text}&phase={text}&text={text}".encode()
        await http.call("POST", path, raw=form, headers={"Content-Type": _FORM})
    for path in (f"/forum/u/{text}", f"/forum/u/{text}/avatar.svg", f"/forum/u/{_SAFE[:60]}", f"/pemberitahuan/{text}"):
        await http.call("GET", path)
    for path in ("/janji", "/promises", "/petugas", "/petugas/pembukaan", "/petugas/pemrosesan.md", "/petugas/dampak"):
        await http.call("GET", f"{path}?q={text}", headers={"Accept": "text/html", "User-Agent": ALL_AT_ONCE})
        form = f"id={text}&verdict={text}&note={text}".encode()
        await http.call("POST", path, raw=form, headers={"Content-Type": _FORM})
    for path in (f"/{text}", f"/desk/{text}", f"/assets/{text}", f"/assets/{_SAFE}", f"/api/v1/{text}", f"/api/{text}"):
        await http.call("GET", path, headers={"Referer": ALL_AT_ONCE})
        await http.call("DELETE", path)


async def texts(person: Person, http: Recorder) -> tuple[dict[str, list[str]], str]:
    """Send each canary alone through the ways that keep a text, and through the preview.

    Returns:
        label -> the texts that came back, and the conversation they are in.
    """
    answers: dict[str, list[str]] = {}
    conversation_id = await person.conversation(f"{CONTROL} pertama")
    for canary in CANARIES:
        label = canary.label.value
        sentence = canary.sentence
        opened = await http.post("/api/v1/conversations", {"subject": sentence}, token=person.token)
        shown = await http.post("/api/v1/redactions/preview", {"text": sentence}, token=person.token)
        answers[label] = [opened.data["conversation"]["subject"], shown.data["text"]]
        body = {"client_message_id": f"c-{label}", "text": f"{CONTROL}: {sentence}"}
        sent = await http.post(f"/api/v1/conversations/{conversation_id}/messages", body, token=person.token)
        answers[label].append(sent.data["message"]["text"])
        for wrong in (canary.value + " !", sentence):
            body = {"client_message_id": wrong, "text": sentence}
            refused = await http.post(f"/api/v1/conversations/{conversation_id}/messages", body, token=person.token)
            assert refused.code == "invalid_input"
    return answers, conversation_id


async def accounts(http: Http, recorder: Recorder) -> None:
    """Registration and sign-in. `http` is not recorded: it answers a person with their own address and name."""
    for canary in CANARIES:
        email = f"{canary.as_id.strip('-').lower()}@contoh.example"
        body = {"email": email, "password": f"{canary.value} {canary.value}"}
        # A name is what the field is for, and a bare password has nothing that tells it from a name.
        names = {"PERSON": [], "SECRET": [canary.sentence]}.get(canary.label.value, [canary.value, canary.sentence])
        for name in names:
            answer = await recorder.post("/api/v1/accounts", {**body, "display_name": name})
            assert answer.reasons == {"display_name": "identifier_in_name"}, canary.label
        body["display_name"] = "Bagian Gudang"
        registered = await http.post("/api/v1/accounts", body)
        assert registered.status == 201, (canary.label, registered.reasons)
        again = await recorder.post("/api/v1/accounts", body)
        assert again.code == "conflict"
        wrong = {"email": email, "password": canary.sentence, "totp": canary.value[:10]}
        assert (await recorder.post("/api/v1/sessions", wrong)).code == "not_authenticated"
    credentials = {"email": body["email"], "password": body["password"]}
    signed_in = await http.call("POST", "/api/v1/sessions", credentials, headers={"User-Agent": ALL_AT_ONCE})
    assert signed_in.status == 201


async def events(socket: Socket, names: list[str], conversation_id: str) -> None:
    """Every event with every kind of wrong and right argument, and names that are none."""
    for canary in CANARIES:
        command = {
            "conversation_id": conversation_id,
            "client_message_id": f"s-{canary.label.value}",
            "text": f"{CONTROL}: {canary.sentence}",
        }
        message = (await socket.call("chat:send", command))["message"]
        assert canary.label.value in {item["label"] for item in message["redactions"]}
        assert (await socket.refusal(canary.sentence, command))["code"] == "invalid_input"
        for name in names:
            if name.startswith("forum:"):
                assert (await socket.refusal(name, {"topic_id": canary.as_id}))["code"] == "not_found"
                continue
            assert await socket.refusal(name, {"conversation_id": canary.as_id, canary.as_id: canary.value})
            only_the_id = {"conversation_id": canary.as_id}
            extra: dict[str, dict[str, object]] = {
                "chat:delivered": {"seq": 1},
                "chat:read": {"seq": 1},
                "chat:typing": {"typing": True},
                "chat:send": {**command, **only_the_id},
            }
            assert (await socket.refusal(name, {**extra.get(name, {}), **only_the_id}))["code"] == "not_found"
    for name in [*names, "connect", "disconnect", "message", ALL_AT_ONCE]:
        for arguments in (
            (ALL_AT_ONCE,),
            ([ALL_AT_ONCE],),
            ({ALL_AT_ONCE: ALL_AT_ONCE},),
            ({"conversation_id": ALL_AT_ONCE, "text": ALL_AT_ONCE, "seq": ALL_AT_ONCE, "typing": ALL_AT_ONCE},),
            ({"conversation_id": conversation_id, "client_message_id": ALL_AT_ONCE, "text": ALL_AT_ONCE},),
            (ALL_AT_ONCE, ALL_AT_ONCE),
            (),
        ):
            assert (await socket.refusal(name, *arguments))["code"] == "invalid_input"


async def packets(world: World, token: str, conversation_id: str) -> list[str]:
    """What is no proper packet at all, each on a connection of its own; give all that the server said to it."""
    text = ALL_AT_ONCE.replace('"', "")
    said: list[str] = []
    for packet in (
        f'42["chat:send",{{"text":"{text}',
        f'42{text}["chat:send"]',
        f'42/{text},1["chat:send",{{}}]',
        f'40/{text},{{"token":"{text}"}}',
        f'451-1["chat:send",{{"_placeholder":true,"num":0,"text":"{text}"}}]',
        f'431["{text}"]',
        f"9{text}",
        f"4{text}",
        f"b{text}",
        text,
        f'421["chat:send",{{"conversation_id":"{conversation_id}","text":"{text * 80}"}}]',
    ):
        socket = await world.socket({"token": token})
        with suppress(Cut):
            await socket.raw(packet)
            with suppress(Cut, TimeoutError):
                await asyncio.wait_for(asyncio.shield(await socket.post("chat:join", {})), PATIENCE_S)
        said += socket.packets
        await socket.close()
    for auth in ({"token": text}, {"token": [text]}, text, {text: text}, [text]):
        with suppress(Refused, Cut):
            await world.socket(auth, query="&" + quote(text), headers={"User-Agent": text, "Referer": text})
    return said


async def polling(http: Recorder) -> None:
    """Socket.IO's other transport, which takes bodies."""
    address = "/socket.io/?EIO=4&transport=polling"
    await http.call("GET", f"/socket.io/?EIO=4&transport={quote(ALL_AT_ONCE)}&sid={quote(ALL_AT_ONCE)}")
    await http.call("POST", f"{address}&sid={quote(ALL_AT_ONCE)}", raw=ALL_AT_ONCE.encode())
    for body in (f'42["chat:send",{{"text":"{ALL_AT_ONCE}', ALL_AT_ONCE, f'40{{"token":"{ALL_AT_ONCE}"}}'):
        opened = await http.call("GET", address)
        sid = orjson.loads(opened.body[1:])["sid"]
        await http.call("POST", f"{address}&sid={sid}", raw=body.encode(), headers={"Content-Type": "text/plain"})


async def broken_http(port: int) -> list[bytes]:
    """Bytes that are no HTTP; give what the server answered."""
    text = ALL_AT_ONCE.encode()
    name = b"WAGIYEMKUSNANDARINI"
    answers = []
    for request in (
        text + b"\r\n\r\n",
        name + b" / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET " + text + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /" + text.replace(b" ", b"_") + b" HTTP/9." + name + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + text + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + text + b": x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + text + b"\x00\x01\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + text * 20 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + text + b"\r\n\r\n",
        b"POST /api/v1/visitors HTTP/1.1\r\nHost: a\r\nContent-Length: " + text + b"\r\n\r\n",
        b"POST /api/v1/visitors HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + text + b"\r\n",
        b"POST /api/v1/visitors HTTP/1.1\r\nHost: a\r\nContent-Type: " + text + b"\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /api/v1/visitors HTTP/1.1\r\nHost: a\r\nContent-Type: application/json; charset="
        + name
        + b"\r\nContent-Encoding: "
        + name
        + b"\r\nContent-Length: 2\r\n\r\n{}",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        with suppress(OSError):
            await writer.drain()
            writer.write_eof()
            answers.append(await asyncio.wait_for(reader.read(), PATIENCE_S))
        writer.close()
    return answers
