"""`amanah redact`: JSON Lines in, redacted JSON Lines out, in the same order. No server, no store, no log of any text.

Answers as soon as it has lines, and takes all that have arrived in one batch.
"""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO, TextIO

import orjson

from nlp.redactor import Redactor, with_placeholders

_CHUNK = 1 << 16
_BATCH = 32


def run(descriptor: int, output: BinaryIO, errors: TextIO) -> int:
    """Filter until the end of input.

    Args:
        descriptor: of the input; each line `{"id", "text"}`.
        output: gets `{"id", "text", "spans": [{"start", "end", "label"}]}`, offsets in code points of the input.
        errors: gets a line for each bad line, with its number and never its content.

    Returns:
        The exit status: 1 if there was a bad line.
    """
    redactor = Redactor.load()
    failed = False
    for numbered in _batches(descriptor):
        good: list[tuple[object, str]] = []
        for number, line in numbered:
            record = _record(line)
            if record is None:
                errors.write(f"line {number}: expected a JSON object with an `id` and a string `text`\n")
                failed = True
            else:
                good.append(record)
        found = redactor.find([text for _, text in good])
        for (identifier, text), spans in zip(good, found, strict=True):
            shown = [{"start": span.start, "end": span.end, "label": span.label.value} for span in spans]
            output.write(
                orjson.dumps({"id": identifier, "text": with_placeholders(text, spans), "spans": shown}) + b"\n"
            )
        output.flush()
    return 1 if failed else 0


def _batches(descriptor: int) -> Iterator[list[tuple[int, bytes]]]:
    """Lines with their numbers, as many at once as have arrived, 32 at most."""
    rest = b""
    number = 0
    while True:
        chunk = os.read(descriptor, _CHUNK)
        *lines, rest = (rest + chunk).split(b"\n")
        if not chunk and rest:
            lines, rest = [rest], b""
        numbered = list(enumerate(lines, start=number + 1))
        number += len(lines)
        wanted = [(place, line) for place, line in numbered if line.strip()]
        for first in range(0, len(wanted), _BATCH):
            yield wanted[first : first + _BATCH]
        if not chunk:
            return


def _record(line: bytes) -> tuple[object, str] | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or "id" not in record or not isinstance(record.get("text"), str):
        return None
    return record["id"], record["text"]


if __name__ == "__main__":
    sys.exit(run(sys.stdin.fileno(), sys.stdout.buffer, sys.stderr))
