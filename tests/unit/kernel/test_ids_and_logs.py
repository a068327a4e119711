"""Ids that sort by time, and the log that withholds what is not ours."""

import logging
import subprocess
import sys

from server.kernel.ids import new_id
from server.logs import OURS, Withholding


def test_ids_are_distinct_and_url_safe() -> None:
    """24 characters of base32hex."""
    ids = [new_id() for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    assert all(len(item) == 24 and set(item) <= set("0123456789abcdefghijklmnopqrstuv") for item in ids)
    assert [item[:8] for item in ids] == sorted(item[:8] for item in ids)


def _record(name: str, *, error: bool = False) -> logging.LogRecord:
    info = None
    if error:
        try:
            int("0812-9071")
        except ValueError:
            info = sys.exc_info()
    return logging.LogRecord(name, logging.ERROR, __file__, 7, "got %s", ("0812-9071",), info)


def test_libraries_say_where_and_not_what() -> None:
    """Their texts quote requests and queries."""
    line = Withholding().format(_record("aiohttp.server", error=True))
    assert "0812" not in line
    assert "aiohttp.server (text withheld) test_ids_and_logs.py:7 ValueError in test_ids_and_logs.py:" in line


def test_our_own_words_are_kept_and_no_traceback() -> None:
    """An exception is its type and place."""
    line = Withholding().format(_record("amanah.http", error=True))
    assert "amanah.http got 0812-9071 ValueError in " in line
    assert "invalid literal" not in line
    assert "\n" not in line
    assert all("(text withheld)" not in Withholding().format(_record(name)) for name in OURS)


def test_warnings_lose_their_words() -> None:
    """Those of libraries quote what they warn of; without `configure` they would go to standard error as they are."""
    program = (
        "import warnings; from server.logs import configure; configure('DEBUG');"
        "warnings.warn('nomor 0812-9071', stacklevel=1)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "py.warnings (text withheld)" in done.stderr
    assert "0812" not in done.stderr + done.stdout
