"""No use of what people gave without a purpose or a recorded legal basis (promise A3): sources against registry.

What is looked for: questions to the consent ledger, letters, notices that need consent, and parts that keep something.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.notify.model import LETTERS as QUEUED
from server.notify.model import PURPOSES as ASKED
from server.privacy.model import PURPOSES, Basis
from server.privacy.uses import LETTERS, USES
from server.web.catalogue import LOCALES, Catalogues

_SERVER = Path(__file__).resolve().parents[2] / "server"
_QUESTIONS = {"require", "stands", "agreed"}
_LEDGERS = {"consents", "_consents", "_agreements", "ledger", "_ledger"}
_NO_USE = {
    "storage": "keeps what others give it",
    "vault": "keys of people, of no content",
    "retention": "removes; uses nothing",
    "promises": "counts for the promises page",
    "hours": "opening hours",
}
"""Packages with a store that use nothing of people, and why."""


def _name(path: Path) -> str:
    return ".".join(path.relative_to(_SERVER.parent).with_suffix("").parts)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(_SERVER.rglob("*.py")):
        yield _name(path), ast.parse(path.read_text("utf-8"))


_MODULES = dict(_modules())


def _own(module: ast.Module) -> dict[str, str]:
    """Names that a module gives to texts."""
    found: dict[str, str] = {}
    for node in module.body:
        if isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Constant):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                found[target.id] = node.value.value
    return found


def _constants(module: ast.Module) -> dict[str, str]:
    """The same with what it takes over from where it is given."""
    found = _own(module)
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module in _MODULES:
            given = _own(_MODULES[node.module])
            found |= {alias.asname or alias.name: given[alias.name] for alias in node.names if alias.name in given}
    return found


def _receiver(call: ast.Call) -> str:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return ""
    value = function.value
    return value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""


def _questions(tree: ast.Module) -> Iterator[tuple[int, str | None]]:
    """Lines in which the ledger is asked, and for which purpose; None where that can't be told."""
    constants = _constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in _QUESTIONS or _receiver(node) not in _LEDGERS or not node.args:
            continue
        last = node.args[-1]
        if isinstance(last, ast.Constant):
            yield node.lineno, str(last.value)
        else:
            yield node.lineno, constants.get(last.id) if isinstance(last, ast.Name) else None


def test_whoever_asks_the_ledger_names_a_purpose_that_is_recorded_for_them() -> None:
    """A purpose that is computed, unknown, or not recorded for this place is a defect."""
    asked = [
        (name, line, purpose)
        for name, tree in _MODULES.items()
        if not name.startswith("server.privacy.")
        for line, purpose in _questions(tree)
    ]
    assert {purpose for _, _, purpose in asked} == set(PURPOSES), "each purpose is asked for somewhere"
    wrong = [
        (name, line)
        for name, line, purpose in asked
        if purpose is None or purpose not in USES or name not in USES[purpose].where
    ]
    assert wrong == []


def test_a_use_without_a_purpose_is_found() -> None:
    source = (
        'PURPOSE = "profiling"\n'
        "async def go(self, who, what):\n"
        "    await self._consents.require(who, PURPOSE)\n"
        "    await self._consents.stands(who, what)\n"
    )
    assert [purpose for _, purpose in _questions(ast.parse(source))] == ["profiling", None]


def test_every_recorded_place_is_there_and_asks_where_consent_is_needed() -> None:
    """What rests on consent is refused in the very place that uses it."""
    assert [place for use in USES.values() for place in use.where if place not in _MODULES] == []
    for use in USES.values():
        if use.basis is Basis.CONSENT:
            assert use.purpose in PURPOSES
            for place in use.where:
                assert [purpose for _, purpose in _questions(_MODULES[place])], place
        elif use.purpose is None:
            assert use.basis in {Basis.REQUEST, Basis.DUTY, Basis.LEGITIMATE}


def test_every_part_that_keeps_something_of_people_says_what_for() -> None:
    """A package with a store is in the registry, or says why it uses nothing."""
    keeping = {path.parent.name for path in _SERVER.glob("*/*store.py")}
    using = {place.split(".")[1] for use in USES.values() for place in use.where}
    assert keeping - using - set(_NO_USE) == set()
    assert set(_NO_USE) & using == set()


def test_every_letter_has_a_use() -> None:
    """And those that need consent are asked for when they go out, for the same purpose."""
    assert set(LETTERS) == set(QUEUED)
    assert {letter: use for letter, use in LETTERS.items() if USES[use].basis is Basis.CONSENT} == dict(ASKED)


@pytest.mark.parametrize("kind", ["SURVEY", "PRODUCT_NEWS"])
def test_notices_that_need_consent_are_told_in_one_place(kind: str) -> None:
    """Whoever tells them asks for consent, or is told by who did."""
    telling = {
        name
        for name, tree in _MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "tell"
        and any(isinstance(arg, ast.Attribute) and arg.attr == kind for arg in node.args)
    }
    assert telling == {"server.composition.surveying" if kind == "SURVEY" else "server.composition.announcing"}


def test_people_are_told_of_every_use() -> None:
    """The consent page lists them in words."""
    catalogues = Catalogues.load()
    for locale in LOCALES:
        keys = catalogues.keys(locale)
        assert [name for name in USES if f"use.{name}" not in keys] == []
        assert [basis for basis in Basis if f"basis.{basis.value}" not in keys] == []
