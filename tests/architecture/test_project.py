"""Holds together what is written down twice: import contracts, catalogues, generated types, tracked files."""

import re
import subprocess
import sys
from ast import AST, AnnAssign, Call, Constant, Dict, Name, expr, parse, walk
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from server.web import wire
from server.web.catalogue import LOCALES, Catalogues
from server.web.errors import STATUS

_ROOT = Path(__file__).resolve().parents[2]
_TEMPLATE_KEY = re.compile(r'\bt\(((?:"[^"]*"|[a-z_]+)(?:\s*~\s*(?:"[^"]*"|[a-z_]+))*)')
_ELSEWHERE = (
    # Machines' and registries' addresses, in pieces so that this file does not hold them.
    re.compile(rb"(?<![\w.])/(?:wor" rb"k|tm" rb"p|hom" rb"e|roo" rb"t|Use" rb"rs)/\w"),
    re.compile(rb"(?:pyp" rb"i\.org|pythonhost" rb"ed\.org|npmj" rb"s\.(?:org|com)|yarnp" rb"kg\.com)"),
)


def test_import_contracts_hold(tmp_path: Path) -> None:
    """The layers of docs/architecture.md, as import-linter reads them from pyproject.toml."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--cache-dir", str(tmp_path)]
    finished = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
    assert "0 broken" in finished.stdout


def test_generated_types_are_up_to_date() -> None:
    """The client is compiled against the schemas that the server checks with."""
    generated = (_ROOT / "static/src/shared/wire.gen.ts").read_text("utf-8")
    assert generated == wire.typescript(), "run `python -m server.web.wire > static/src/shared/wire.gen.ts`"


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    """The server's texts."""
    return Catalogues.load()


def test_languages_have_the_same_keys(catalogues: Catalogues) -> None:
    """Indonesian and English are equals."""
    first, *others = LOCALES
    for other in others:
        assert catalogues.keys(other) ^ catalogues.keys(first) == frozenset()


def test_no_text_is_empty(catalogues: Catalogues) -> None:
    """An empty text shows nothing where something is to be said."""
    pairs = [(locale, key) for locale in LOCALES for key in catalogues.keys(locale)]
    assert [pair for pair in pairs if not all(form.strip() for form in catalogues.forms(*pair))] == []


def test_languages_have_the_same_gaps(catalogues: Catalogues) -> None:
    """`{company}` stands in both or in neither."""
    for key in catalogues.keys(LOCALES[0]):
        gaps = {
            tuple(sorted(name for _, name, _, _ in Formatter().parse(form) if name))
            for code in LOCALES
            for form in catalogues.forms(code, key)
        }
        assert len(gaps) == 1, key


_COUNTS = re.compile(r"\{(\w+)\} (?:[a-z]+ )?([a-z]+s|people|replies|were|are)\b")
"""A gap before a word that is plural, or before one word and that."""
_NEVER_ONE = {
    "company": "a name",
    "country": "a name",
    "k": "a group that is told has five people at least",
    "least": "a password has eight characters at least",
    "seq": "a place in a topic",
    "smallest": "a figure that is told is of five at least",
}
_ADDED_ONE = re.compile(r"_(?:one|other)$")
"""What the browser says has its forms under keys of their own; `Intl.PluralRules` chooses."""


def test_what_counts_has_the_plural_forms_of_its_language(catalogues: Catalogues) -> None:
    """English says `1 post` and `2 posts`, Indonesian `tulisan` always, by the rule that gettext finds in each head."""
    counting = {key for key in catalogues.keys("en") if len(catalogues.forms("en", key)) > 1}
    assert counting
    for key in counting:
        one, other = catalogues.forms("en", key)
        assert one != other, key
        assert len(catalogues.forms("id", key)) == 1, key
        for n in (0, 1, 2, 11):
            gaps: dict[str, str | int] = dict.fromkeys(_gaps(other) | {"n"}, n)
            assert catalogues.text("en", key, **gaps) == (one if n == 1 else other).format(**gaps)
        with pytest.raises(TypeError):
            catalogues.text("en", key, **(gaps | {"n": "2"}))
        with pytest.raises(KeyError):
            catalogues.text("en", key)
    singular = {
        key: text
        for key, text in catalogues.plain("en").items()
        if not _ADDED_ONE.search(key) and any(name not in _NEVER_ONE for name, _ in _COUNTS.findall(text))
    }
    assert singular == {}, "give them a msgid_plural, or words that fit one as well as many"


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _template_keys() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Keys in templates; a part that is computed stands for anything."""
    for path in sorted((_ROOT / "server/web/templates").rglob("*.html")):
        for expression in _TEMPLATE_KEY.findall(path.read_text("utf-8")):
            parts = [part.strip() for part in expression.split("~")]
            pattern = "".join(re.escape(part[1:-1]) if part[0] == '"' else r"[a-z0-9_]+" for part in parts)
            yield f"{path.name}: {expression}", re.compile(pattern)


def _reasons() -> Iterator[tuple[str, str]]:
    """Reason codes in the sources: values of `fields={...}`, refusing verdicts, and pydantic's in our words."""
    for package in ("server", "moderation"):
        for path in sorted((_ROOT / package).rglob("*.py")):
            for node in walk(parse(path.read_text("utf-8"))):
                if isinstance(node, Call):
                    found = [value for item in node.keywords if item.arg == "fields" for value in _values(item.value)]
                    if isinstance(node.func, Name) and node.func.id == "Verdict":
                        found += node.args[1:]
                elif isinstance(node, AnnAssign) and isinstance(node.target, Name) and node.target.id == "_REASONS":
                    found = _values(node.value)
                else:
                    continue
                yield from ((path.name, str(value.value)) for value in found if isinstance(value, Constant))


def _values(node: AST | None) -> list[expr]:
    """The values of the dictionaries in an expression."""
    return [value for item in walk(node or AST()) if isinstance(item, Dict) for value in item.values]


def test_every_key_in_templates_exists(catalogues: Catalogues) -> None:
    """A missing key raises while somebody waits for a page."""
    keys = catalogues.keys(LOCALES[0])
    wanted = list(_template_keys())
    assert len(wanted) >= 15
    assert [where for where, pattern in wanted if not any(pattern.fullmatch(key) for key in keys)] == []


def test_every_error_and_reason_has_a_text(catalogues: Catalogues) -> None:
    """What a client is told is told in words."""
    keys = catalogues.keys(LOCALES[0])
    assert [code for code in STATUS if f"error.{code}" not in keys] == []
    reasons = list(_reasons())
    assert len(reasons) >= 15
    assert [f"{where}: {reason}" for where, reason in reasons if f"reason.{reason}" not in keys] == []


def _tracked() -> list[Path]:
    """The files of the project, as git knows them; in an unpacked archive all that are no build's."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=_ROOT, capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        return [path for name in listing.stdout.split("\0") if name and (path := _ROOT / name).is_file()]
    left_out = {".git", ".venv", "node_modules", "dist", "data", "__pycache__"}
    return [path for path in _ROOT.rglob("*") if path.is_file() and not left_out & set(path.parts)]


def test_no_file_names_a_machine_or_a_registry() -> None:
    """The project runs anywhere: no path of a machine, no address of a package registry."""
    found = [
        f"{path.relative_to(_ROOT)}: {match.group().decode()}"
        for path in _tracked()
        for pattern in _ELSEWHERE
        if b"\0" not in (data := path.read_bytes())[:1024] and (match := pattern.search(data))
    ]
    assert found == []
