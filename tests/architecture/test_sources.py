"""Reads the sources themselves: who may reveal, construct, import and log what."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_LOG_METHODS = {"debug", "info", "warning", "error", "critical", "log", "exception"}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("server", "nlp", "moderation"):
        for path in sorted((_ROOT / package).rglob("*.py")):
            yield path.relative_to(_ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


_MODULES = dict(_modules())
_SERVING = {name: tree for name, tree in _MODULES.items() if not name.startswith("nlp/project/")}


def _places(found: Callable[[ast.AST], bool], trees: dict[str, ast.Module] | None = None) -> list[str]:
    """Where a node is found, as `file:line`."""
    return [
        f"{name}:{getattr(node, 'lineno', 0)}"
        for name, tree in (trees or _MODULES).items()
        for node in ast.walk(tree)
        if found(node)
    ]


def _files(places: list[str]) -> set[str]:
    return {place.rpartition(":")[0] for place in places}


def _is_store(file: str) -> bool:
    return file.startswith("server/storage/") or (file.startswith("server/") and file.endswith("store.py"))


def _imports(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {node.module.partition(".")[0]}
    return set()


def _is_call_of(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    return (isinstance(function, ast.Name) and function.id == name) or (
        isinstance(function, ast.Attribute) and function.attr == name
    )


def test_the_sources_are_there() -> None:
    """What follows would hold of nothing too."""
    assert {"server/intake.py", "server/kernel/text.py", "nlp/redactor.py", "moderation/verdicts.py"} <= set(_MODULES)


def test_only_the_gate_reveals_raw_text() -> None:
    """`RawText.reveal` is called in one file; nobody reaches past it to the slot either."""
    revealing = _places(lambda node: isinstance(node, ast.Attribute) and node.attr == "reveal")
    assert _files(revealing) == {"server/intake.py"}


def test_only_the_sealed_store_discloses_private_values() -> None:
    """What people type into sealed forms is opened where it is brought into one form and sealed, and nowhere else."""
    disclosing = _files(_places(lambda node: isinstance(node, ast.Attribute) and node.attr == "disclose"))
    assert disclosing == {"server/sealed/fields.py", "server/sealed/store.py"}


def test_only_the_template_and_the_stores_make_redacted_text() -> None:
    """What is constructed as `RedactedText` was redacted, now or before it was stored."""
    making = _files(_places(lambda node: _is_call_of(node, "RedactedText")))
    assert "server/kernel/text.py" in making
    assert [file for file in making if file != "server/kernel/text.py" and not _is_store(file)] == []


def test_only_stores_touch_the_driver() -> None:
    """Motor and PyMongo are imported in `storage/`, `*/store.py` and `*/*_store.py` only."""
    using = _files(_places(lambda node: bool(_imports(node) & {"motor", "pymongo", "bson", "gridfs"})))
    assert using
    assert [file for file in using if not _is_store(file)] == []


def test_the_embedded_engine_is_never_imported() -> None:
    """It is GPL-2.0: a program beside us, never a part of us."""
    importing = _places(lambda node: any(name.startswith("secantus") for name in _imports(node)))
    assert importing == []
    dynamic = _places(lambda node: _is_open_import(node), _SERVING)
    assert dynamic == []


def _is_open_import(node: ast.AST) -> bool:
    """Whether something is taken up at run time that is not named right there, or is the engine."""
    if not (_is_call_of(node, "import_module") or _is_call_of(node, "__import__")):
        return False
    named = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return not isinstance(named, ast.Constant) or str(named.value).startswith("secantus")


@pytest.mark.parametrize(
    ("line", "open_to_all"),
    [("import_module(name)", True), ("import_module('secantusdb')", True), ("import_module('json')", False)],
)
def test_the_import_rule_sees_a_breach(line: str, open_to_all: bool) -> None:
    """The rule above is not blind."""
    assert _is_open_import(ast.parse(line, mode="eval").body) is open_to_all


def _log_calls() -> Iterator[tuple[str, ast.Call, set[str]]]:
    """Each call of a logger: where, the call, and the names of exceptions caught around it."""
    for name, tree in _SERVING.items():
        caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOG_METHODS:
                target = node.func.value
                owner = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
                if "log" in owner.lower():
                    yield f"{name}:{node.lineno}", node, caught


def test_log_calls_are_found() -> None:
    """The next test looks at something."""
    assert len(list(_log_calls())) >= 10


def _fault(call: ast.Call, caught: set[str]) -> str | None:
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr == "exception":
        return "logs a traceback"
    if {keyword.arg for keyword in call.keywords} & {"exc_info", "stack_info", "extra"}:
        return "hands on more than a line"
    message = call.args[1] if call.func.attr == "log" else call.args[0]
    if not (isinstance(message, ast.Constant) and isinstance(message.value, str)):
        return "builds its message"
    for argument in call.args:
        if isinstance(argument, ast.JoinedStr):
            return "passes an f-string"
        # `type(error).__name__` names the exception inside another call; the exception itself says what was typed.
        if isinstance(argument, ast.Name) and argument.id in caught | {"exc", "error", "exception"}:
            return "passes an exception"
        if any(_is_call_of(argument, name) for name in ("str", "repr", "format", "reveal")):
            return "passes a text of unknown content"
        if isinstance(argument, ast.Attribute) and argument.attr in {"args", "text", "value", "message", "details"}:
            return "passes content"
    return None


def test_no_log_line_can_hold_what_was_typed() -> None:
    """Constant messages; ids, counts and types as arguments; never an exception or its traceback."""
    faults = [f"{place} {fault}" for place, call, caught in _log_calls() if (fault := _fault(call, caught))]
    assert faults == []


@pytest.mark.parametrize(
    "line",
    [
        'logger.exception("x")',
        'logger.error("x", exc_info=True)',
        'logger.error(f"x {y}")',
        'logger.error("x %s", error)',
        'logger.error("x %s", str(error))',
        'logger.error("x %s", f"{y}")',
        'logger.info("x %s", message.text)',
        'logger.info("x %s" % y)',
    ],
)
def test_the_log_rule_sees_a_breach(line: str) -> None:
    """The rule above is not blind."""
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert _fault(call, {"error"}) is not None


def test_errors_carry_no_values() -> None:
    """`raise X(f"...")` quotes values. Allowed where the value is an operator's own: settings, files, the engine."""
    allowed = (
        "server/commands/upkeep.py",
        # Numbers of blocks, checkpoints and holds.
        "server/audit/verification.py",
        "server/config.py",
        "server/keyring.py",
        # The operator's own files of the privacy policy: which one, and which of its fields.
        "server/policy/versions.py",
        # The shipped texts of the purposes: which of them doesn't fit its digest.
        "server/privacy/purposes.py",
        # The operator's own setting of how long things stay.
        "server/composition/retaining.py",
        "server/retention/model.py",
        "server/storage/",
        "server/vault/masters.py",
        "server/vault/rotation.py",
        # The operator's own address to listen on.
        "server/web/binding.py",
        "server/web/pages.py",
        "nlp/",
    )
    quoting = _places(
        lambda node: (
            isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and any(isinstance(argument, ast.JoinedStr) for argument in node.exc.args)
        ),
        _SERVING,
    )
    assert [place for place in quoting if not place.startswith(allowed)] == []


def test_functions_import_nothing() -> None:
    """Dependencies stand at the top of a file, where a reader and the linter see them."""
    inner = [
        f"{name}:{node.lineno}"
        for name, tree in _MODULES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_every_module_says_its_job() -> None:
    """A module without a docstring leaves its reader guessing."""
    assert [name for name, tree in _MODULES.items() if tree.body and not ast.get_docstring(tree)] == []
