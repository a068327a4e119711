"""What reaches the log: our own words, and of everybody else's only where they were said.

Libraries quote what they work on: a request line, a cookie, a query with its values, the text of an exception. None of
that may be kept, whatever the level, so a foreign record is reduced to its place and the type of its exception.

Our own lines hold ids, counts and types; the sources are tested for that. `IdentifierFilter` is the last line of
defence: a line that looks as if it held an identifier loses its words, and is counted.
"""

import logging
import re
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import TracebackType
from typing import Final

OURS = frozenset({"amanah", "moderation", "nlp", "server"})
"""The first parts of our loggers' names. What they log is ids, counts and types."""

_ALONE: Final = r"(?<![0-9A-Za-z_]){}(?![0-9A-Za-z_])"
_LOOKS: Final = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "phone": re.compile(_ALONE.format(r"(?:\+?62|0)[\s.()-]{0,2}[1-9](?:[\s.()-]{0,2}[0-9]){7,11}")),
    "number": re.compile(_ALONE.format(r"[0-9]{4}(?:[ .-]?[0-9]{4}){2,3}(?:[ .-]?[0-9]{1,3})?")),
    "tax": re.compile(_ALONE.format(r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9]-[0-9]{3}\.[0-9]{3}")),
    "place": re.compile(_ALONE.format(r"-?[0-9]{1,2}\.[0-9]{4,},\s?-?[0-9]{1,3}\.[0-9]{4,}")),
    "secret": re.compile(r"(?i)\b(?:password|kata sandi|bearer|pin|otp)\b\s*[:=]\s*\S"),
}
"""What identifiers look like, told quickly and without a model; numbers of twelve to nineteen digits stand for many.
Ids and digests have letters beside their digits and are not taken for numbers."""

_ADDRESS: Final = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])")
_INSIDE: Final = [
    ip_network(network) for network in ("0.0.0.0/32", "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]


def looks_like(text: str) -> str:
    """Say what kind of identifier a text looks as if it held; empty for none."""
    if not any(map(str.isdigit, text)) and "@" not in text and "=" not in text and ":" not in text:
        return ""
    for kind, pattern in _LOOKS.items():
        if pattern.search(text):
            return kind
    return "address" if any(_is_public(found[0]) for found in _ADDRESS.finditer(text)) else ""


def _is_public(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return not any(found in network for network in _INSIDE)


class IdentifierFilter(logging.Filter):
    """Takes the words out of our own lines that look as if they held an identifier, and counts them by kind."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record through, without its words where they look wrong. Never fails: no log may end a server."""
        if not _is_ours(record):
            return True
        try:
            kind = looks_like(record.getMessage())
        except Exception:
            kind = "unreadable"
        if kind:
            self.dropped[kind] += 1
            record.msg = f"(line dropped: {kind}) {Path(record.pathname).name}:{record.lineno}"
            record.args = ()
        return True


class Withholding(logging.Formatter):
    """One line a record, without a traceback's text and without the words of libraries."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        own = _is_ours(record)
        message = record.getMessage() if own else f"(text withheld) {Path(record.pathname).name}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
            message += f" {record.exc_info[0].__name__}{place}"
        return f"{self.formatTime(record)} {record.levelname} {record.name} {message}"


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


def crash_report(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Say where a program ended and by what kind of exception; neither its text nor a value is in it."""
    frames = [f"  {Path(one.filename).name}:{one.lineno} {one.name}" for one in traceback.extract_tb(trace)]
    return "\n".join([f"ended by {kind.__name__} (its text is withheld), called from the outside in:", *frames])


def dropped() -> Mapping[str, int]:
    """Give how many lines lost their words since the start, by what they looked like."""
    counts: Counter[str] = Counter()
    for handler in logging.getLogger().handlers:
        for one in handler.filters:
            if isinstance(one, IdentifierFilter):
                counts.update(one.dropped)
    return counts


def configure(level: str) -> None:
    """Log to standard error, and report crashes there without what was worked on.

    Args:
        level: of our own loggers. Those of libraries begin at WARNING: below it they describe what they handle.
    """
    handler = logging.StreamHandler()
    handler.addFilter(IdentifierFilter())
    handler.setFormatter(Withholding())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # Warnings quote too: aiohttp's, of a broken header, what a file is called. As records they lose their words.
    logging.captureWarnings(True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    sys.excepthook = _report
    threading.excepthook = lambda args: _report(args.exc_type, args.exc_value, args.exc_traceback)


def _report(kind: type[BaseException], _: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(crash_report(kind, trace) + "\n")
