"""Attacks on whatever the server registers: what is tried comes from its own API document, so a new operation is
attacked without a change here.

Sessions, second factors, links and limits have attacks of their own, in `test_sign_in`, `tests/http/test_devices`,
`test_factors` and `test_mailed_links`; here is what holds for every operation.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast
from urllib.parse import quote, urlsplit

import orjson
import pytest

from server.factors.model import Ceremony
from server.factors.passkeys import Passkeys, RelyingParty
from server.kernel.access import Access, can_call
from server.kernel.actor import Role
from server.kernel.errors import NotAuthenticated
from tests.harness.people import Person, World
from tests.harness.process import PATIENCE_S

_VARIABLE = re.compile(r"{[a-z_]+}")
_NONE = "0" * 24
_EVIL = "jahat.example"
_OPERATORS: tuple[Any, ...] = (
    {"$gt": ""},
    {"$ne": None},
    {"$regex": ".*"},
    {"$where": "sleep(1000) || true"},
    [{"$gt": ""}],
)
"""What MongoDB would take for a question that everything answers."""

_TYPED = ('{"$gt":""}', "$where", "a[$ne]=1", "';return true;//", "{$ne:1}", "\x00")
_FOREIGN = (None, "null", f"https://{_EVIL}", "{own}.jahat.example", "{own}:1", "https:{host}")
_NOT_ASKED_FOR: dict[str, Any] = {
    "role": "admin",
    "account_id": _NONE,
    "author_id": _NONE,
    "customer_id": _NONE,
    "assignee_id": _NONE,
    "person_id": _NONE,
    "session_id": _NONE,
    "actor_id": _NONE,
    "fresh_at": "2099-01-01T00:00:00Z",
    "expires_at": "2099-01-01T00:00:00Z",
    "ends_at": "2099-01-01T00:00:00Z",
    "is_verified": True,
    "is_disabled": False,
    "factor": "given",
    "seq": 1,
    "_id": _NONE,
    "__proto__": {"role": "admin"},
    "$set": {"role": "admin"},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, from the document.

    Attributes:
        method: HTTP method.
        path: with variables.
        access: whom it is for.
        body: a body that fits its schema, or None where it takes none.
        fields: the names that its body knows.
        query: the names of its query parameters.
    """

    method: str
    path: str
    access: Access
    body: Any
    fields: frozenset[str]
    query: tuple[str, ...]

    @property
    def name(self) -> str:
        """For whoever reads a failure."""
        return f"{self.method} {self.path}"

    @property
    def somebody(self) -> Role:
        """A role that may call it."""
        return next(role for role in reversed(Role) if can_call(self.access, role))

    def rooted(self, value: str = _NONE) -> str:
        """The path with a value for every variable."""
        return _VARIABLE.sub(quote(value, safe=""), self.path)


@pytest.fixture
async def operations(world: World) -> list[Operation]:
    """All that the running server registers."""
    document = (await world.http.get("/api/openapi.json")).envelope
    schemas = document["components"]["schemas"]
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            body = _fitting(schema, schemas) if schema else None
            fields = frozenset(_resolved(schema, schemas).get("properties", {})) if schema else frozenset()
            query = tuple(part["name"] for part in operation.get("parameters", ()) if part["in"] == "query")
            access = Access(operation["x-access"]["access"])
            found.append(Operation(method.upper(), path, access, body, fields, query))
    assert len(found) >= 40
    return found


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _fitting(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A value of a schema, with all fields, so that each of them can be attacked."""
    schema = _resolved(schema, schemas)
    if "anyOf" in schema:
        return _fitting(schema["anyOf"][0], schemas)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object":
        return {name: _fitting(field, schemas) for name, field in schema.get("properties", {}).items()}
    plain = {"string": "a" * max(8, schema.get("minLength", 1)), "integer": schema.get("minimum", 1), "boolean": True}
    return plain.get(str(schema.get("type")), [])


def _places(value: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to every field of a body, of nested ones too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*before, name)
            yield from _places(inner, (*before, name))


def _with(value: Any, place: tuple[str, ...], put: Any) -> Any:
    if not place:
        return put
    return {**value, place[0]: _with(value[place[0]], place[1:], put)}


async def _people(world: World, operations: list[Operation]) -> list[Person]:
    """Somebody for each operation who may call it: some end with it."""
    return list(await asyncio.gather(*(world.person(operation.somebody.value) for operation in operations)))


async def test_operators_in_bodies_are_refused(world: World, operations: list[Operation]) -> None:
    """In every field of every body: a wrong type, like any other."""
    tried = 0
    for operation, person in zip(operations, await _people(world, operations), strict=True):
        for place in _places(operation.body):
            for operator in _OPERATORS:
                body = _with(operation.body, place, operator)
                answer = await world.http.call(operation.method, operation.rooted(), body, token=person.token)
                assert 400 <= answer.status < 500, (operation.name, place)
                assert answer.code in {"invalid_input", "not_found", "fresh_sign_in_required"}, (operation.name, place)
                assert b"$" not in answer.body
                tried += 1
    assert tried > 100


async def test_operators_in_addresses_find_nothing(world: World, operations: list[Operation]) -> None:
    """As an id, as a parameter's value, as a parameter's name: what any wrong value gets, and never more."""
    for operation, person in zip(operations, await _people(world, operations), strict=True):
        if _VARIABLE.search(operation.path):
            wrong = await world.http.call(operation.method, operation.rooted(), operation.body, token=person.token)
            assert wrong.status >= 400, operation.name
            for typed in _TYPED:
                path = operation.rooted(typed)
                answer = await world.http.call(operation.method, path, operation.body, token=person.token)
                # An id with braces is no id to the router either.
                fits = {(wrong.status, wrong.code), (404, "not_found")}
                assert (answer.status, answer.code) in fits, (operation.name, typed)
        for name in operation.query:
            for key, value in ((name, '{"$gt":""}'), (f"{name}[$ne]", "1"), (f"{name}[$gt]", ""), ("$where", "1")):
                answer = await world.http.call(
                    operation.method, operation.rooted(), token=person.token, params={key: value}
                )
                finds_nothing = answer.status == 200 and not any(answer.data.values())
                assert answer.status in {400, 404} or finds_nothing, (operation.name, key)


async def test_nobody_sets_what_is_not_theirs_to_set(world: World, operations: list[Operation]) -> None:
    """Whatever a body carries beside its fields, however well it is named: all of it is refused."""
    for operation, person in zip(operations, await _people(world, operations), strict=True):
        if operation.body is None:
            continue
        for name, value in _NOT_ASKED_FOR.items():
            if name in operation.fields:
                continue
            body = {**operation.body, name: value}
            answer = await world.http.call(operation.method, operation.rooted(), body, token=person.token)
            assert answer.status == 400, (operation.name, name)
            assert answer.reasons.get("unknown") == "unknown_field", (operation.name, name)


async def test_other_sites_change_nothing(world: World, operations: list[Operation]) -> None:
    """With the cookie alone, no request that changes something passes without our own origin."""
    own = world.http.url
    changing = [item for item in operations if item.method != "GET"]
    for operation, person in zip(changing, await _people(world, changing), strict=True):
        cookie = {"Cookie": f"amanah_session={person.token}"}
        for origin in _FOREIGN:
            said = origin and origin.format(own=own, host=own.partition(":")[2])
            headers = {**cookie, **({"Origin": said} if said else {}), "Referer": f"{own}/desk"}
            path = operation.rooted()
            answer = await world.http.call(operation.method, path, operation.body, headers=headers)
            if operation.access is not Access.PUBLIC:
                assert (answer.status, answer.code) == (403, "not_permitted"), (operation.name, origin)
        if operation.access is not Access.PUBLIC:
            answer = await world.http.call(
                operation.method, operation.rooted(), operation.body, headers={**cookie, "Origin": own}
            )
            assert answer.status < 300 or answer.code != "not_permitted", operation.name


async def test_forms_of_other_sites_sign_nobody_in(world: World, operations: list[Operation]) -> None:
    """What is public takes no body that a browser sends to another site without asking that site first."""
    for operation in operations:
        if operation.access is Access.PUBLIC and operation.body:
            for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
                answer = await world.http.call(
                    operation.method,
                    operation.rooted(),
                    raw=orjson.dumps(operation.body),
                    headers={"Content-Type": kind, "Origin": f"https://{_EVIL}"},
                )
                assert (answer.status, answer.reasons) == (400, {"body": "not_json"}), (operation.name, kind)


@pytest.mark.parametrize(
    "name", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Original-URL", "Forwarded"]
)
async def test_nothing_is_made_of_headers(world: World, name: str) -> None:
    """No page, redirect or cookie is made of what a request says about where it was sent."""
    values = {"X-Forwarded-Proto": "https", "Forwarded": f"host={_EVIL};proto=https", "X-Original-URL": "/desk"}
    headers = {name: values.get(name, _EVIL)}
    paths = ("/", "/widget", "/desk", "/akun", "/verify?token=x", "/reset-password", "/api/v1/me", "/sign-in/provider")
    for path in paths:
        plain, answer = await world.http.call("GET", path), await world.http.call("GET", path, headers=headers)
        assert answer.status == plain.status, path
        assert _EVIL.encode() not in answer.body
        assert _EVIL not in str(answer.headers)
        assert set(answer.headers) == set(plain.headers), path
    visitor = await world.http.call("POST", "/api/v1/visitors", {}, headers=headers)
    assert visitor.status == 201
    assert _EVIL.encode() not in visitor.body


async def test_addresses_put_no_lines_into_answers(world: World) -> None:
    """An encoded end of line in a path or a query stays what it is."""
    for path in ("/?lang=id%0d%0aX-Jahat:%201", "/verify?token=%0d%0aX-Jahat:%201", "/desk/%0d%0aX-Jahat:%201"):
        answer = await world.http.call("GET", path)
        assert answer.status in {200, 404}
        assert "X-Jahat" not in answer.headers
    forwarded = {"X-Forwarded-For": "203.0.113.77"}
    person = await world.person("customer")
    assert (await world.http.call("GET", "/api/v1/me", token=person.token, headers=forwarded)).status == 200
    other = {"X-Forwarded-For": "198.51.100.78", "User-Agent": "Mozilla/5.0 lain"}
    assert (await world.http.call("GET", "/api/v1/me", token=person.token, headers=other)).status == 200
    visits = (await person.get("/me/visits")).data["items"]
    assert "Mozilla/5.0 lain" in {visit["user_agent"] for visit in visits}
    assert {visit["address"] for visit in visits} == {"127.0.0.1"}


async def test_forms_have_bounds(world: World) -> None:
    """Of the pages behind mailed links: size, and encodings that Python decodes in quadratic time."""
    kind = "application/x-www-form-urlencoded"
    for path in ("/verify", "/reset-password"):
        large = await world.http.call(
            "POST", path, raw=b"step=ask&email=" + b"a" * 70_000, headers={"Content-Type": kind}
        )
        assert large.status == 413
        read = await world.http.call("POST", path, raw=b"step=ask&email=x", headers={"Content-Type": kind})
        for charset in ("punycode", "idna", "utf-7", "latin-1", "utf-16", "hex", "zlib", "jahat"):
            form = {"Content-Type": f"{kind}; charset={charset}"}
            answer = await world.http.call("POST", path, raw=b"step=ask&email=x", headers=form)
            # Not read at all: what is wrong with the address in it is not said.
            assert answer.status == 400, charset
            assert answer.body != read.body, charset
    deep = b'{"email":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    assert (await world.http.call("POST", "/api/v1/sessions", raw=deep)).status == 400


async def test_a_passkey_of_nothing_but_brackets_is_refused() -> None:
    """It is read before anybody is known, and Python's JSON raises something of its own on it."""
    passkeys = Passkeys(
        *cast(Any, (None, RelyingParty("contoh.example", "https://contoh.example", "Contoh"), None, None, None))
    )
    said = quote("W1tb" * 4_000)
    credential = {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": said}}
    with pytest.raises(NotAuthenticated):
        await passkeys.holder(Ceremony.SIGN_IN, "a browser", credential)


async def test_who_has_another_role_is_told_no_more(world: World) -> None:
    """The record of a conversation still names them; of its customer they hear nothing any more."""
    customer, agent = await world.person("customer", "Toko Contoh"), await world.person("agent")
    admin, colleague = await world.person("admin"), await world.person("agent")
    talk = await customer.conversation("Struk terpotong")
    await colleague.take(talk)
    assert (await colleague.post(f"/conversations/{talk}/participants", {"agent_id": agent.id})).status == 200
    assert (await admin.call("PATCH", f"/staff/{agent.id}", {"role": "moderator"})).status == 200
    await world.database["sessions"].insert_one(await _session(world, agent))
    socket = await agent.socket()
    assert (await colleague.post(f"/conversations/{talk}/close")).status == 200
    glass = {"reason": "Pengujian akses", "purpose": "security", "minutes": 5}
    assert (await agent.post(f"/conversations/{talk}/break-glass", glass)).status == 201
    await socket.until_heard("chat:updated")
    assert {told["conversation"]["access"] for told in socket.heard("chat:updated")} == {"reading"}


async def _session(world: World, person: Person) -> dict[str, Any]:
    """A session of the same token as before, as one who signs in again gets."""
    other = await world.person(person.role.value)
    document = await world.database["sessions"].find_one_and_delete({"account_id": other.id})
    assert document is not None
    return {**document, "account_id": person.id, "token_hash": sha256(person.token.encode()).hexdigest()}


async def test_slow_clients_are_ended_and_hold_nobody_up(world: World) -> None:
    """Half a head, half a body and half an upgrade: others are served meanwhile, and the server ends all three."""
    person = await world.person("customer")
    address = urlsplit(world.server.url)
    base = "/socket.io/?EIO=4&transport=polling"
    async with world.session.get(world.server.url + base) as opening:
        sid = orjson.loads((await opening.text())[1:])["sid"]
    joining = "40" + orjson.dumps({"token": person.token}).decode()
    async with world.session.post(f"{world.server.url}{base}&sid={sid}", data=joining) as answer:
        assert answer.status == 200
    host = f"Host: {address.netloc}\r\n"
    upgrade = f"GET /socket.io/?EIO=4&transport=websocket&sid={sid} HTTP/1.1\r\n{host}Connection: Upgrade\r\n"
    upgrade += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    typed = "Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
    halves = [
        "GET /api/v1/me HTT",
        f"POST /api/v1/visitors HTTP/1.1\r\n{host}{typed}",
        f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\n{host}{typed}",
        f"POST /verify HTTP/1.1\r\n{host}{typed.replace('json', 'x-www-form-urlencoded')}",
        upgrade,
    ]
    connections = []
    for half in [half for half in halves for _ in range(20)]:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(half.encode())
        await writer.drain()
        connections.append((reader, writer))
    assert (await person.get("/me")).status == 200
    assert (await world.socket({"token": person.token})).ended.is_set() is False
    try:
        await asyncio.wait_for(asyncio.gather(*(reader.read() for reader, _ in connections)), PATIENCE_S * 2)
    finally:
        for _, writer in connections:
            writer.close()
