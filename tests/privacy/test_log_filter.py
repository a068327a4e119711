"""The last line of defence of the log: a line that looks as if it held an identifier loses its words and is counted;
crash reports say where and not what; an answer to a failure says nothing. What our own lines say goes through.
"""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nlp.labels import Label
from server.kernel.ids import new_id
from server.logs import IdentifierFilter, Withholding, crash_report, looks_like
from server.web.catalogue import Catalogues
from server.web.errors import problem_of
from tests.privacy.canaries import CANARIES, Canary, traces_in

_FORMLESS = {
    Label.PERSON,
    Label.ADDRESS,
    Label.DOB,
    Label.PLATE,
    Label.USERNAME,
    Label.PASSPORT,
    Label.MEDICAL_RECORD,
    Label.BANK_ACCOUNT,
    Label.SECRET,
}
"""What no quick pattern tells from a word, a short number or a date. No line of ours has a place for such a text: the
sources are tested for that (`tests/architecture`), and all of them are among the canaries that leave no trace."""

_CAUGHT = [canary for canary in CANARIES if canary.label not in _FORMLESS]


def _line(name: str, message: str, *values: object) -> tuple[str, IdentifierFilter]:
    record = logging.LogRecord(name, logging.ERROR, __file__, 7, message, values, None)
    last = IdentifierFilter()
    assert last.filter(record)
    return Withholding().format(record), last


@pytest.mark.parametrize("canary", _CAUGHT, ids=[canary.label.value for canary in _CAUGHT])
def test_what_looks_like_an_identifier_is_dropped_and_counted(canary: Canary) -> None:
    """Whether it stands in the message or among its values, and whatever the logger says around it."""
    for message, values in ((canary.sentence, ()), ("request %s failed", (canary.sentence,))):
        line, last = _line("amanah.http", message, *values)
        assert traces_in(line.encode(), [canary]) == {}
        assert "(line dropped: " in line
        assert "test_log_filter.py:7" in line
        assert sum(last.dropped.values()) == 1


def test_secrets_that_are_named_are_dropped() -> None:
    for text in ("password=lemari", "kata sandi: lemari", "Bearer: lemari", "otp = 1234"):
        assert looks_like(text) == "secret"


def test_a_line_that_can_not_be_read_is_dropped() -> None:
    """A value whose text raises must neither end the server nor be shown by another way."""
    line, last = _line("amanah.http", "%d texts", "0812-9071-3648")
    assert "0812" not in line
    assert last.dropped == {"unreadable": 1}


def test_what_we_say_ourselves_goes_through(source_root: Path) -> None:
    """Every message in the sources, ids, addresses of this machine, times and counts."""
    said = [
        match[1]
        for file in sorted((source_root / "server").rglob("*.py"))
        for match in re.finditer(r'logger\.\w+\(\s*"([^"]+)"', file.read_text("utf-8"))
    ]
    assert len(said) > 50
    said += [f"request {new_id()} failed: Unavailable" for _ in range(200)]
    said += ["listening on http://127.0.0.1:8080", "2026-11-23 06:14:12,479 done", "200000 entries in 1200 blocks"]
    assert [line for line in said if looks_like(line)] == []


def test_a_crash_report_says_where_and_not_what() -> None:
    """Neither the exception's text nor a value of a frame; with `configure` nothing else is written."""
    try:
        int("0812-9071-3648")
    except ValueError as error:
        report = crash_report(type(error), error.__traceback__)
    assert "ValueError" in report
    assert "test_log_filter.py:" in report
    assert "0812" not in report
    program = "from server.logs import configure; configure('DEBUG'); int('0812-9071-3648')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ended by ValueError" in done.stderr
    assert "0812" not in done.stderr + done.stdout


def test_a_failure_answers_nothing_of_what_failed() -> None:
    """The answer of a 500 has the code, its words and nothing of the exception."""
    try:
        int("0812-9071-3648")
    except ValueError as error:
        problem = problem_of(error, request_id="a1", locale="id", catalogues=Catalogues.load())
    assert problem.status == 500
    assert "0812" not in repr(problem)
