"""Every kind, purpose and capability that a holding names has its words, in both languages; so has each file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.kernel.holdings import Why
from server.web.catalogue import LOCALES, Catalogues

_SERVER = Path(__file__).parents[3] / "server"
_FILES = sorted(_SERVER.glob("*/holdings.py"))
_KIND = {"Held": 0, "Fate": 0, "Owned": 2}
_PURPOSE = {"Held": 2, "Owned": 3}
_ABOUT = {"Piece": 2}
_NAMED = {"OwnedHoldings", "__init__"}


def _literal(call: ast.Call, place: int) -> str | None:
    found = call.args[place] if len(call.args) > place else None
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else None


def _keys(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AnnAssign):
            yield from _own_name(node)
        elif isinstance(node, ast.Call):
            yield from _said(node)


def _own_name(node: ast.FunctionDef | ast.AnnAssign) -> Iterator[str]:
    """The capability's name, as a property or as a constant."""
    if isinstance(node, ast.AnnAssign):
        values = [node.value] if getattr(node.target, "id", "") == "name" else []
    else:
        inside = ast.walk(node) if node.name == "name" else ()
        values = [inner.value for inner in inside if isinstance(inner, ast.Return)]
    for value in values:
        if isinstance(value, ast.Constant):
            yield f"holding.{value.value}"


def _said(node: ast.Call) -> Iterator[str]:
    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if called in _NAMED and (name := _literal(node, 0)):
        yield f"holding.{name}"
    rules = [one.value for one in node.keywords if one.arg == "rule" and called == "Owned"]
    for rule in [*rules, *(node.args[3:4] if called == "Held" else [])]:
        if isinstance(rule, ast.Constant):
            yield f"retention.rule.{rule.value}"
    for places, form in ((_KIND, "held.{}"), (_PURPOSE, "held_for.{}"), (_ABOUT, "{}")):
        if called in places and (word := _literal(node, places[called])):
            yield form.format(word)


def test_the_keys_are_found() -> None:
    """The next test looks at something."""
    keys = {key for file in _FILES for key in _keys(file)}
    assert {"held.requests", "held_for.security", "holding.accounts", "holding.rights", "held.account"} <= keys


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.parent.name)
def test_every_word_is_there(file: Path) -> None:
    catalogues = Catalogues.load()
    missing = {key for locale in LOCALES for key in _keys(file) if key not in catalogues.keys(locale)}
    assert missing == set()


@pytest.mark.parametrize("why", list(Why))
def test_why_something_stays_is_said(why: Why) -> None:
    catalogues = Catalogues.load()
    assert all(f"stays.{why}" in catalogues.keys(locale) for locale in LOCALES)
