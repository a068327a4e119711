"""Every operation and every event that the server registers, as every role, about everything: one's own, somebody
else's, and what does not exist.

What is asked comes from the running server's own API document, and so does what must be answered; `docs/access.md` is
the same written out. A new operation is covered without a change here, unless it needs a body that can't be guessed
from its schema (`_BODIES`) or names a kind of thing that nobody can make yet (`tests/security/things.py`).
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from server.kernel.access import Access, Rule, Verdict, Whose, verdict
from server.kernel.actor import Role
from server.web.access_page import declared, page
from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.security.things import Thing, Things, people

_VARIABLE = re.compile(r"{([a-z_]+)}")
_AT_ONCE = 16
_LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()
_BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/conversations/{id}/assign": {"agent_id": "AGENT"},
    "POST /api/v1/conversations/{id}/attachments/links": {"ids": ["tidakada"]},
    "POST /api/v1/conversations/{id}/messages/{seq}/corrections": {
        "kind": "should_have_been_hidden",
        "start": 0,
        "end": 4,
        "label": "PERSON",
    },
    "POST /api/v1/conversations/{id}/participants": {"agent_id": "AGENT"},
    "POST /api/v1/conversations/{id}/break-glass": {"reason": "Pengujian akses", "purpose": "security", "minutes": 5},
    "POST /api/v1/privacy/break-glass/{id}/review": {"verdict": "ok"},
    "POST /api/v1/privacy/retention/holds/{id}/review": {"review_at": _LATER},
    "PUT /api/v1/privacy/incidents/{id}/texts": {"revision": 1, "field": "lessons", "text": "kunci diganti"},
    "POST /api/v1/privacy/incidents/{id}/tasks": {"revision": 1, "text": "ganti kunci", "due_at": _LATER},
    "PATCH /api/v1/staff/{id}": {"role": "agent"},
    "POST /api/v1/conversations/{id}/messages": {"client_message_id": "9", "text": "halo"},
    "PATCH /api/v1/conversations/{id}/messages/{seq}": {"text": "halo lagi", "revision": 0},
    "PUT /api/v1/conversations/{id}/subject": {"subject": "perihal lain"},
    "PATCH /api/v1/desk/views/{id}": {"name": "urusan kasir"},
    "POST /api/v1/desk/cases/{id}/transfer": {"agent_id": "AGENT"},
    "POST /api/v1/desk/cases/{id}/merge": {"into": "TALK"},
    "POST /api/v1/desk/canned/{id}/fill": {"conversation_id": "TALK"},
    "POST /api/v1/forum/topics/{id}/posts": {"text": "halo"},
    "POST /api/v1/forum/topics/{id}/split": {"seqs": [2], "title": "Uji"},
    "POST /api/v1/forum/topics/{id}/merge": {"into_id": "TOPIC"},
    "PUT /api/v1/forum/topics/{id}/accepted": {"seq": 2},
    "PUT /api/v1/forum/posts/{id}/reaction": {"kind": "like"},
    "PUT /api/v1/forum/posts/{id}/poll/vote": {"options": [0]},
    "PATCH /api/v1/forum/posts/{id}": {"text": "halo lagi"},
    "POST /api/v1/feedback/{id}/comments": {"text": "halo"},
    "PATCH /api/v1/feedback/{id}": {"priority": "high"},
    "POST /api/v1/feedback/{id}/attachments/links": {"ids": ["tidakada"]},
    "PUT /api/v1/feedback/{id}/follow": {"following": True},
    "POST /api/v1/feedback/rings/{id}/ruling": {"counted": True},
    "PUT /api/v1/feedback/canned/{id}": {"title": "Uji", "text": "Kami catat."},
    "POST /api/v1/forms/{id}/reveal": {"field": "phone", "purpose": "delivery", "reason": "Kurir bertanya"},
    "POST /api/v1/forms/{id}/document": {"reason": "Menempel label"},
    "POST /api/v1/conversations/{id}/forms": {"template": "delivery"},
    "chat:send": {"client_message_id": "9", "text": "halo"},
    "chat:typing": {"typing": True},
    "chat:read": {"seq": 0},
    "chat:delivered": {"seq": 0},
}
"""Requests that do what they are for; others are guessed. `AGENT` is somebody who can be given conversations, `TOPIC`
another topic, `TALK` another conversation of the caller's.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation over HTTP, or one event."""

    name: str
    access: Access
    rule: Rule | None
    method: str = ""
    path: str = ""
    body: Any = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller was told, without what differs with every request."""

    status: int
    code: str
    body: bytes

    @classmethod
    def of(cls, envelope: Any, status: int = 0) -> "Heard":
        """Read an envelope."""
        error = envelope.get("error")
        if error is None:
            return cls(status, "ok", b"")
        told = {key: value for key, value in error.items() if key != "request_id"}
        return cls(status, error["code"], orjson.dumps(told, option=orjson.OPT_SORT_KEYS))


@pytest.fixture(scope="module")
async def document(running: Any, browserless: Any) -> dict[str, Any]:
    """What the running server says of itself."""
    async with World(running, browserless) as world:
        return dict((await world.http.get("/api/openapi.json")).envelope)


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = f"{method.upper()} {path}"
            body = _BODIES.get(name, _guessed(operation, document["components"]["schemas"]))
            yield Operation(name, *declared(operation["x-access"]), method.upper(), path, body)


def _events(document: dict[str, Any]) -> Iterator[Operation]:
    for event in document["x-events"]:
        yield Operation(event["name"], *declared(event), body=_BODIES.get(event["name"], {}))


def _guessed(operation: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """The smallest body that fits the schema."""
    if "requestBody" not in operation:
        return None
    content = operation["requestBody"]["content"]
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"]
    return _value(schema, schemas)


def _value(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _value(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], schemas)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        return {name: _value(schema["properties"][name], schemas) for name in schema.get("required", [])}
    return {
        "string": "a" * max(1, schema.get("minLength", 1)),
        "integer": schema.get("minimum", 1),
        "number": schema.get("minimum", 1),
        "boolean": True,
    }.get(str(kind), [])


def _rooted(path: str, thing: Thing | None) -> str:
    return _VARIABLE.sub(lambda found: thing.path[found[1]] if thing else found[0], path)


class Asking:
    """Asks the running server."""

    def __init__(self, world: World, things: Things, agent: Person) -> None:
        self._world = world
        self._things = things
        self._agent = agent
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def ask(self, operation: Operation, person: Person, thing: Thing | None) -> Heard:
        """Call an operation as somebody about a thing."""
        async with self._turn:
            body = operation.body
            if isinstance(body, dict):
                body = {key: self._agent.id if value == "AGENT" else value for key, value in body.items()}
                if "TOPIC" in body.values():
                    topic_id = await self._things.spare_topic()
                    body = {key: topic_id if value == "TOPIC" else value for key, value in body.items()}
                if "TALK" in body.values():
                    talk = (await self._things.own("conversation", person)).path["id"]
                    body = {key: talk if value == "TALK" else value for key, value in body.items()}
            if not operation.method:
                socket = await person.socket()
                envelope = await socket.ack(operation.name, {**(thing.payload if thing else {}), **body})
                await socket.close()
                return Heard.of(envelope)
            path = operation.path
            if "{macro}" in path:
                path = path.replace("{macro}", await self._things.spare_macro())
            answer: Answer = await self._world.http.call(
                operation.method, _rooted(path, thing), body, token=person.token
            )
            if answer.status < 300 and not answer.headers["Content-Type"].startswith("application/json"):
                # A file.
                return Heard(answer.status, "ok", b"")
            return Heard.of(answer.envelope, answer.status)

    async def about_all(self, operation: Operation, person: Person) -> list[str]:
        """Ask about a thing of each kind; give what was answered otherwise than the table says."""
        if operation.rule is None:
            heard = await self.ask(operation, person, None)
            return _faults(operation, person, Whose.OWN, heard)
        kind = operation.rule.kind
        nothing = await self.ask(operation, person, self._things.nobodys(kind))
        faults = _faults(operation, person, Whose.NOBODYS, nothing)
        others = await self.ask(operation, person, await self._things.others(kind, person))
        faults += _faults(operation, person, Whose.OTHERS, others)
        if (
            verdict(operation.access, operation.rule, person.role, Whose.OTHERS)
            is verdict(operation.access, operation.rule, person.role, Whose.NOBODYS)
            and others != nothing
        ):
            faults.append(f"{operation.name} as {person.role}: others' and none's differ, {others.code} {nothing.code}")
        own = await self.ask(operation, person, await self._things.own(kind, person))
        if _has_own(kind, person.role):
            faults += _faults(operation, person, Whose.OWN, own)
        return faults


def _has_own(kind: str, role: Role) -> bool:
    """Moderators, privacy officers and administrators have no conversations, nor forms in them, of their own."""
    return kind not in {"conversation", "form"} or role in {Role.VISITOR, Role.CUSTOMER, Role.AGENT}


def _faults(operation: Operation, person: Person, whose: Whose, heard: Heard) -> list[str]:
    wanted = verdict(operation.access, operation.rule, person.role, whose)
    codes = {"not_permitted", "not_found", "not_authenticated"}
    if operation.access is Access.PUBLIC:
        # What is wrong with credentials in a body is not a refusal of access.
        codes -= {"not_authenticated"}
    if operation.rule is None:
        # Nor is it that there is nothing to show yet.
        codes -= {"not_found"}
    told = heard.code if heard.code in codes else Verdict.ALLOWED.value
    fits = told == wanted.value
    if wanted is Verdict.ALLOWED and operation.name in _BODIES:
        # The request is a good one, so it has to be done, not merely not to be refused.
        fits = heard.code == "ok"
    return [] if fits else [f"{operation.name} as {person.role} about {whose.value}: {heard.code}, not {wanted.value}"]


def test_every_variable_has_a_rule(document: dict[str, Any]) -> None:
    """Whoever adds an operation about a thing says who may do it with whose."""
    operations = [*_operations(document), *_events(document)]
    assert len(operations) >= 20
    assert [item.name for item in operations if _VARIABLE.search(item.path) and item.rule is None] == []


def test_the_page_is_up_to_date(document: dict[str, Any], source_root: Path) -> None:
    """`docs/access.md` says what the server declares; its head says how to write it anew."""
    assert (source_root / "docs/access.md").read_text("utf-8") == page(document)


async def test_everybody_is_told_what_the_table_says(world: World, document: dict[str, Any]) -> None:
    """All operations and events, all roles, all things; a person of their own for each, for some end with it."""
    operations = [*_operations(document), *_events(document)]
    crowd = await people(world, len(operations) + 1)
    bystanders = {role: crowd[role].pop() for role in Role}
    things = Things(world, bystanders)
    assert {item.rule.kind for item in operations if item.rule} <= things.kinds
    asking = Asking(world, things, bystanders[Role.AGENT])
    found = await asyncio.gather(
        *(asking.about_all(item, crowd[role][place]) for place, item in enumerate(operations) for role in Role)
    )
    faults = [fault for faults in found for fault in faults]
    assert not faults, "\n".join(faults)


async def test_without_a_session_only_what_is_public(world: World, document: dict[str, Any]) -> None:
    """Everything else answers alike, whatever it is about."""
    for operation in _operations(document):
        answer = await world.http.call(operation.method, _VARIABLE.sub("0" * 24, operation.path), operation.body)
        if operation.access is not Access.PUBLIC:
            assert answer.code == "not_authenticated", operation.name


async def test_the_queue_shows_rows_and_nothing_opens_before_it_is_taken(world: World) -> None:
    """An agent about a conversation that nobody has: it can be listed and taken, and nothing else."""
    agent, customer = await world.person("agent"), await world.person("customer", "Toko Contoh")
    talk = await customer.conversation("Struk terpotong")
    await customer.send(talk, "halo")
    row = (await agent.get(f"/conversations/{talk}")).data["conversation"]
    assert row["access"] == "row"
    assert (row["subject"], row["customer"], row["last_seq"], row["read_marks"]) == ("Struk terpotong", None, 0, {})
    assert row["waiting_since"] is not None
    none = "0" * 24
    for real, missing in (
        (await agent.get(f"/conversations/{talk}/messages"), await agent.get(f"/conversations/{none}/messages")),
        (await agent.send(talk, "halo"), await agent.send(none, "halo")),
        (await agent.post(f"/conversations/{talk}/close"), await agent.post(f"/conversations/{none}/close")),
    ):
        assert Heard.of(real.envelope, real.status) == Heard.of(missing.envelope, missing.status)
        assert real.code == "not_found"
    taken = await agent.post(f"/conversations/{talk}/assign", {"agent_id": "me"})
    assert taken.data["conversation"]["access"] == "full"
    assert taken.data["conversation"]["customer"]["display_name"] == "Toko Contoh"
    assert [item["text"] for item in await agent.messages(talk)] == ["halo"]
