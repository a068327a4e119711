"""The catalogue of controls is in step: complete, written out, and each test and setting that it names exists."""

from pathlib import Path

from server.config import Settings
from server.promises.controls import ALL, page, read_controls

_ARTICLES = tuple(range(5, 57))
"""Articles of Law No. 27 of 2022 on rights, processing, duties, officers and transfers: chapters IV to VII."""


def test_every_control_of_the_annex_is_here() -> None:
    assert [control.id for control in read_controls().annex] == list(ALL)
    assert len(ALL) == 93


def test_every_article_is_here() -> None:
    assert [control.id for control in read_controls().law] == [str(number) for number in _ARTICLES]


def test_every_test_that_is_named_exists(source_root: Path) -> None:
    catalogue = read_controls()
    named = {test for control in (*catalogue.annex, *catalogue.law) for test in control.tests}
    assert len(named) > 50
    missing = []
    for test in sorted(named):
        file, _, name = test.partition("::")
        path = source_root / "tests" / file
        if not path.is_file() or f"def {name}(" not in path.read_text("utf-8"):
            missing.append(test)
    assert missing == []


def test_every_setting_that_is_named_exists() -> None:
    known = {name for name, _, _, _ in Settings().described()}
    catalogue = read_controls()
    named = {setting for control in (*catalogue.annex, *catalogue.law) for setting in control.settings}
    assert named - known == set()


def test_nothing_is_both_proven_and_open() -> None:
    catalogue = read_controls()
    assert [one.id for one in (*catalogue.annex, *catalogue.law) if one.proof and one.open] == []


def test_the_page_is_up_to_date(source_root: Path) -> None:
    written = (source_root / "docs" / "controls.md").read_text("utf-8")
    assert written == page(read_controls()), "run `python -m server.promises.controls > docs/controls.md`"
