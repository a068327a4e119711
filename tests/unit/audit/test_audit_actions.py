"""Every action that the server appends is declared with its meaning, and the documentation shows the same table."""

import ast
import re
from pathlib import Path

import pytest

from server.audit.actions import ACTIONS, require_declared

_ROOT = Path(__file__).resolve().parents[3]
_ACTION = re.compile(r"[a-z_]+:[a-z_]+:[a-z_]+")
_PIECE = re.compile(r"^[a-z_]+:[a-z_]+:")
_DECLARED_IN = "actions.py"


def _sources() -> list[tuple[str, ast.Module]]:
    paths = [path for path in sorted((_ROOT / "server").rglob("*.py")) if path.name != _DECLARED_IN]
    return [(path.relative_to(_ROOT).as_posix(), ast.parse(path.read_text("utf-8"))) for path in paths]


def test_every_action_in_the_sources_is_declared() -> None:
    used = {
        node.value
        for _, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ACTION.fullmatch(node.value)
    }
    assert len(used) >= 10
    assert used - set(ACTIONS) == set()


def test_no_action_is_put_together_from_pieces() -> None:
    """What is put together can't be looked up."""
    pieced = [
        f"{name}:{node.lineno}"
        for name, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and _PIECE.match(str(node.values[0].value))
    ]
    assert pieced == []


def test_meanings_are_one_line_in_order() -> None:
    assert list(ACTIONS) == sorted(ACTIONS)
    for action, meaning in ACTIONS.items():
        assert _ACTION.fullmatch(action)
        assert meaning.endswith(".")
        assert "\n" not in meaning
        assert "|" not in meaning


def test_documentation_shows_the_table() -> None:
    """`docs/audit.md` for whoever reads an export."""
    rows = "".join(f"| `{action}` | {meaning} |\n" for action, meaning in ACTIONS.items())
    table = "| action | what happened |\n|---|---|\n" + rows
    assert table in (_ROOT / "docs" / "audit.md").read_text("utf-8"), "put this into docs/audit.md:\n" + table


def test_what_is_not_declared_is_refused() -> None:
    require_declared("chat:message:posted")
    with pytest.raises(ValueError, match="not declared"):
        require_declared("chat:message:whispered")
