"""One implementation seals, opens and reveals what identifies people: reads the sources and the published API."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, Final, cast

import pytest

from server.sealed.personal import PERSONAL, Audience
from server.web.endpoint import Endpoint

_ROOT = Path(__file__).resolve().parents[2]
_SERVER = {
    path.relative_to(_ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted((_ROOT / "server").rglob("*.py"))
}
_USES: Final = frozenset({"seal", "open", "open_text", "open_many"})
_ALLOWED: Final = frozenset(
    {
        # Fills the port.
        "server/vault/service.py",
        # The one implementation above it.
        "server/sealed/personal.py",
        # The first migration, which moves what older versions sealed in another way.
        "server/accounts/resealing.py",
    }
)


def _uses_sealer(tree: ast.Module) -> list[str]:
    """Which methods of a `PersonSealer` a module calls, where it names that type at all."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if "PersonSealer" not in names:
        return []
    return [
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _USES
        and _last_name(node.func.value).lstrip("_") in {"sealer", "vault"}
    ]


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_only_the_sealed_store_seals_and_opens_for_people() -> None:
    """Accounts, visits, factors, files, permissions, guardians, devices and forms: all through declared values."""
    using = {name for name, tree in _SERVER.items() if _uses_sealer(tree)}
    assert using <= _ALLOWED, using - _ALLOWED
    assert "server/sealed/personal.py" in using


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(self, sealer: PersonSealer): self._sealer.open('a', 'b', b'')", ["open"]),
        ("def f(sealer: PersonSealer): return sealer.seal('a', 'b', 'c')", ["seal"]),
        ("def f(sealer: PersonSealer): return sealer.make_key('a')", []),
        ("def f(sealer: Sealer): return sealer.open(b'', 'b')", []),
    ],
)
def test_the_rule_sees_a_breach(source: str, found: list[str]) -> None:
    """It is not blind, and lets keys be made and others' sealers be."""
    assert _uses_sealer(ast.parse(source)) == found


def _users_of(name: str) -> set[str]:
    return {
        file
        for file, tree in _SERVER.items()
        if file != "server/sealed/personal.py"
        and any(isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names} for node in tree.body)
        and any(isinstance(node, ast.ImportFrom) and node.module == "server.sealed.personal" for node in tree.body)
    }


def test_what_staff_may_see_is_opened_beside_the_one_way_of_revealing() -> None:
    """Files open in `files`, fields in `sealed`; what shows one of them to staff writes it down there."""
    shown = {kind.name for kind in PERSONAL.values() if kind.audience is Audience.REVEALED}
    assert shown == {"files/key", "sealed/form"}
    assert {file.rpartition("/")[0] for file in _users_of("FILE_KEY")} == {"server/files"}
    writing = {
        name
        for name, tree in _SERVER.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "write_down" and _last_name(node.value) == "_revealing"
    }
    assert writing == {"server/files/showing.py", "server/sealed/service.py"}


def test_every_declared_value_is_bound_to_a_place_of_its_own() -> None:
    """What is sealed as one opens as no other."""
    names = sorted(PERSONAL)
    assert all(not other.startswith(f"{name}/") for name in names for other in names if other != name)
    assert all(kind.place("x") == f"{name}/x" and kind.place("") == name for name, kind in PERSONAL.items())


_IDENTIFYING: Final = frozenset({"email", "phone", "address", "user_agent", "full_name", "birth_month", "guardian"})
"""Names of properties that hold what identifies somebody, should an answer have them."""


_OWN: Final = frozenset(
    {
        "POST /api/v1/visitors",
        "POST /api/v1/accounts",
        "POST /api/v1/sessions",
        "POST /api/v1/sessions/passkey",
        "POST /api/v1/identifications",
        "GET /api/v1/me",
        "GET /api/v1/me/visits",
    }
)
"""What tells whoever asks something of themselves."""


def _properties(schema: Any, named: dict[str, Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """All properties that an answer can have, however deep."""
    if isinstance(schema, list):
        return set().union(*(_properties(item, named, seen) for item in schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema.get("properties", {}))
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        found |= _properties(named[name], named, seen | {name})
    return found.union(*(_properties(value, named, seen) for key, value in schema.items() if key != "$defs"))


def _declared() -> Iterator[Endpoint]:
    """What the capabilities declare; the services are not asked for that."""
    for path in sorted(path for path in _ROOT.glob("server/*/*.py") if re.search(r"(?:^|_)api$", path.stem)):
        module = import_module(f"server.{path.parent.name}.{path.stem}")
        for declare in (value for name, value in vars(module).items() if re.fullmatch(r"(?:[a-z]+_)?endpoints", name)):
            yield from declare(*(cast(Any, None) for _ in signature(declare).parameters))


def test_no_answer_tells_somebody_else_what_reaches_a_person() -> None:
    """Addresses, numbers and programs are in answers about oneself alone; fields of forms come through a reveal."""
    telling = set()
    for endpoint in _declared():
        schema = endpoint.data.model_json_schema()
        if _properties(schema, schema.get("$defs", {})) & _IDENTIFYING:
            telling.add(f"{endpoint.method} {endpoint.path}")
    assert telling == _OWN
