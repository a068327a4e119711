"""People with training, sealed forms and evidence, for tests of promises on a running server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.training.model import Pass
from server.training.modules import read_modules
from server.training.store import MongoPassStore
from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.harness.process import eventually


async def told(world: World, fact: str, part: str = "") -> Mapping[str, Any]:
    """Give a piece of evidence as anybody is told it; nothing but nulls before it was gathered."""
    promises = (await world.http.get("/api/v1/privacy/promises")).data["promises"]
    found = [one for promise in promises for one in promise["evidence"] if (one["name"], one["part"]) == (fact, part)]
    return dict(found[0]) if found else {"number": None, "at": None, "yes": None}


async def until_told(world: World, fact: str, least: int, part: str = "") -> int:
    """Ask until a figure is at least so high; the server gathers all the time."""
    seen: list[int] = []

    async def is_told() -> bool:
        number = (await told(world, fact, part))["number"]
        seen.append(number if number is not None else -1)
        return seen[-1] >= least

    await eventually(is_told, f"{fact} is told")
    return seen[-1]


async def trained(world: World, role: str = "agent", name: str = "Petugas") -> Person:
    """Make somebody of staff who holds every pass that they need."""
    person = await world.person(role, name)
    store = MongoPassStore(world.database)
    for module in read_modules():
        if person.role in module.roles:
            await store.put(Pass(person.id, module.key, module.version, 1, 100, datetime.now(UTC)))
    return person


@dataclass(frozen=True, slots=True)
class Sealed:
    """A customer, the agent who has their conversation, and a form in it that is filled in."""

    customer: Person
    agent: Person
    talk: str
    path: str

    async def reveal(self, person: Person, field: str, purpose: str) -> Answer:
        """Have a field shown."""
        body = {"field": field, "purpose": purpose, "reason": "Kurir menanyakan"}
        return await person.post(f"{self.path}/reveal", body)


async def sealed_form(world: World, template: str, values: Mapping[str, str]) -> Sealed:
    """Send a form into a new conversation and fill it in."""
    customer, agent = await world.person("customer", "Toko Contoh"), await trained(world)
    talk = await customer.conversation("perihal kiriman")
    await agent.take(talk)
    sent = await agent.post(f"/conversations/{talk}/forms", {"template": template, "note": None})
    assert sent.status == 201, sent.envelope
    path = f"/forms/{sent.data['form']['id']}"
    rows = [{"field": key, "value": value} for key, value in values.items()]
    filled = await customer.call("PUT", f"{path}/values", {"values": rows, "consent": 1})
    assert filled.status == 200, filled.envelope
    return Sealed(customer, agent, talk, path)
