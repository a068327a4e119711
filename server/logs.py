"""What reaches the log: our own words, and of everybody else's only where they were said.

Libraries quote what they work on: a request line, a cookie, a query with its values, the text of an exception. None of
that may be kept, whatever the level, so a foreign record is reduced to its place and the type of its exception.
"""

import logging
import traceback
from pathlib import Path

OURS = frozenset({"amanah", "moderation", "nlp", "server"})
"""The first parts of our loggers' names. What they log is ids, counts and types."""


class Withholding(logging.Formatter):
    """One line a record, without a traceback's text and without the words of libraries."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        own = record.name.partition(".")[0] in OURS
        message = record.getMessage() if own else f"(text withheld) {Path(record.pathname).name}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
            message += f" {record.exc_info[0].__name__}{place}"
        return f"{self.formatTime(record)} {record.levelname} {record.name} {message}"


def configure(level: str) -> None:
    """Log to standard error.

    Args:
        level: of our own loggers. Those of libraries begin at WARNING: below it they describe what they handle.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(Withholding())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # Warnings quote too: aiohttp's, of a broken header, what a file is called. As records they lose their words.
    logging.captureWarnings(True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
