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
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "name":
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant):
                    yield f"holding.{inner.value.value}"
        named = isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "name"
        if named and isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            yield f"holding.{node.value.value}"
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called in _NAMED and (name := _literal(node, 0)):
            yield f"holding.{name}"
        for keyword in node.keywords:
            if keyword.arg == "rule" and called == "Owned" and isinstance(keyword.value, ast.Constant):
                yield f"retention.rule.{keyword.value.value}"
        if called == "Held" and (rule := _literal(node, 3)):
            yield f"retention.rule.{rule}"
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
