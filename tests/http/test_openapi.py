"""The API document is valid and complete, and the server keeps to it."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, cast

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from server.kernel.access import Access, can_call
from server.kernel.actor import Role
from server.web.endpoint import Endpoint
from tests.harness.people import Person, World

_NO_OBJECTS: tuple[object, ...] = ([], [{}], "x", 5, True)


@pytest.fixture(scope="module")
def declared(source_root: Path) -> Sequence[Endpoint]:
    """What the capabilities declare; the services are not asked for that."""
    found: list[Endpoint] = []
    for path in sorted(path for path in source_root.glob("server/*/*.py") if re.search(r"(?:^|_)api$", path.stem)):
        module = import_module(f"server.{path.parent.name}.{path.stem}")
        for declare in (value for name, value in vars(module).items() if re.fullmatch(r"(?:[a-z]+_)?endpoints", name)):
            found += declare(*(cast(Any, None) for _ in signature(declare).parameters))
    return found


@pytest.fixture
async def callers(world: World) -> Mapping[Role, Person]:
    """One person of each role."""
    return {role: await world.person(role.value) for role in Role}


def caller_for(endpoint: Endpoint, callers: Mapping[Role, Person]) -> Person:
    """Somebody whom the endpoint is for."""
    return next(person for role, person in callers.items() if can_call(endpoint.access, role))


def filled(path: str) -> str:
    """A path with something in each of its variables."""
    return re.sub(r"\{[a-z_]+\}", "1", path)


async def test_the_document_is_openapi_3_1(world: World) -> None:
    """By the specification's own schema."""
    document = (await world.http.get("/api/openapi.json")).envelope
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    identifiers = [item["operationId"] for path in document["paths"].values() for item in path.values()]
    assert len(identifiers) == len(set(identifiers))


async def test_every_declared_endpoint_is_in_it(world: World, declared: Sequence[Endpoint]) -> None:
    """None is missing, none is made up."""
    document = (await world.http.get("/api/openapi.json")).envelope
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert documented == {(endpoint.method, endpoint.path) for endpoint in declared}
    assert len(documented) >= 16


async def test_what_is_not_public_asks_who_it_is(world: World, declared: Sequence[Endpoint]) -> None:
    """Before it looks at anything else."""
    for endpoint in declared:
        answer = await world.http.call(endpoint.method, filled(endpoint.path), raw=b"not json")
        if endpoint.access is not Access.PUBLIC:
            assert answer.code == "not_authenticated", endpoint.path
        elif endpoint.body is not None:
            assert answer.code == "invalid_input", endpoint.path


async def test_staff_endpoints_are_for_staff(world: World, declared: Sequence[Endpoint]) -> None:
    """Whatever is in the body."""
    customer = await world.person("customer")
    staff_only = [endpoint for endpoint in declared if not can_call(endpoint.access, Role.CUSTOMER)]
    assert len(staff_only) >= 10
    for endpoint in staff_only:
        path = filled(endpoint.path)
        assert (await world.http.call(endpoint.method, path, {}, token=customer.token)).code == "not_permitted"


async def test_bodies_are_json_objects(
    world: World, declared: Sequence[Endpoint], callers: Mapping[Role, Person]
) -> None:
    """Malformed JSON, other types and unknown fields: a reason, no echo, nothing done."""
    for endpoint in declared:
        if endpoint.body is None:
            continue
        token = caller_for(endpoint, callers).token
        path = filled(endpoint.path)
        for raw in (b"{", b'{"a":', b"\xff", b"[1,2", b"{'a':1}", b'{"a":NaN}', b'{"a":"\\ud800"}'):
            answer = await world.http.call(endpoint.method, path, raw=raw, token=token)
            assert (answer.status, answer.reasons) == (400, {"body": "not_json"}), (path, raw)
        for body in _NO_OBJECTS:
            answer = await world.http.call(endpoint.method, path, body, token=token)
            assert (answer.status, answer.reasons) == (400, {"body": "malformed"}), (path, body)
        answer = await world.http.call(endpoint.method, path, {"zzz": 1, "yyy": 2}, token=token)
        assert answer.reasons["unknown"] == "unknown_field"
        assert "zzz" not in answer.body.decode()
        answer = await world.http.call(
            endpoint.method, path, raw=b"a=1", token=token, headers={"Content-Type": "text/plain"}
        )
        assert answer.reasons == {"body": "not_json"}


async def test_bodies_over_64_kib_are_refused(
    world: World, declared: Sequence[Endpoint], callers: Mapping[Role, Person]
) -> None:
    """With 413, in the envelope."""
    for endpoint in declared:
        if endpoint.body is not None:
            token = caller_for(endpoint, callers).token
            path = filled(endpoint.path)
            answer = await world.http.call(endpoint.method, path, raw=b" " * (64 * 1024 + 1), token=token)
            assert (answer.status, answer.reasons) == (413, {"body": "too_long"}), path


async def test_queries_are_checked(world: World, declared: Sequence[Endpoint], callers: Mapping[Role, Person]) -> None:
    """Unknown parameters are refused like unknown fields."""
    for endpoint in declared:
        if endpoint.query is not None:
            token = caller_for(endpoint, callers).token
            path = filled(endpoint.path)
            answer = await world.http.call(endpoint.method, path, token=token, params={"zzz": "1"})
            assert answer.reasons.get("unknown") == "unknown_field", path
            if "limit" in endpoint.query.model_fields:
                answer = await world.http.get(path, token=token, limit="101")
                assert answer.reasons.get("limit") == "out_of_range", path
