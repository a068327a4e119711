"""One worker process of the pool: loads the redactor, then answers requests from one socket until it closes.

Run as `python -m nlp.worker DESCRIPTOR PARENT_PID LIMIT_SECONDS MODEL_PATH TRIAGE_PATH`; an empty MODEL_PATH is the
model that ships, an empty TRIAGE_PATH is no triage. A triage model that can't be loaded leaves its questions without an
answer and redaction as it is. Must not log, keep or write any text anywhere, and must not outlive the server.
"""

import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from nlp.errors import RedactorUnavailable
from nlp.frames import FrameBuffer, FrameError, encode_answer, encode_greeting
from nlp.redactor import Redactor
from nlp.spans import Span
from nlp.triage import Triage
from nlp.triage_proposal import TriageProposal, TriageUnavailable

_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_CHUNK: Final = 262_144
# Invented. Every kind of work is done once, so that the first real text does not pay for tables built on demand.
_WARM_UP: Final = (
    "Halo, saya Rangga Pramudita dari Klinik Contoh, nomor saya 0812-0000-0000.",
    "surel contoh@example.com, plat B 1234 XYZ, lahir 1 Januari 1990",
    "Printer struk tidak keluar sejak tadi pagi, mohon dibantu ya kak.",
    "My card is 4111 1111 1111 1111 and the OTP was 000000.",
)


class Overrun(Exception):
    """A batch used more of the processor than it may."""


def serve(redactor: Redactor, triage: Triage | None, connection: socket.socket, limit_s: float) -> None:
    """Answer requests in order until the other side closes.

    Args:
        redactor: loaded.
        triage: loaded, or None where there is none.
        connection: to the pool.
        limit_s: seconds of processor time for one batch.

    Raises:
        FrameError: the other side is out of step.
    """
    frames = FrameBuffer()
    while data := connection.recv(_CHUNK):
        for batch, items in frames.feed(data):
            connection.sendall(encode_answer(batch, answers(redactor, triage, items, limit_s)))


def answers(
    redactor: Redactor, triage: Triage | None, items: Sequence[Sequence[Any]], limit_s: float
) -> Sequence[list[Span] | TriageProposal | None]:
    """Work on a batch: texts to redact, or one to triage, which always comes alone."""
    if len(items) == 1 and items[0][1] is None:
        return [propose(triage, items[0][0], items[0][2], limit_s)]
    return find(redactor, [(text, names) for text, names in items], limit_s)


def propose(triage: Triage | None, text: str, areas: Sequence[str] | None, limit_s: float) -> TriageProposal | None:
    """Triage a text.

    Returns:
        What it may be, or None when there is no model, or it failed.
    """
    if triage is None:
        return None
    try:
        with time_limit(limit_s):
            return triage.propose(text, areas)
    except Exception:
        # Whatever it is, its message may hold the text: it must not travel.
        return None


def load_triage(path: str) -> Triage | None:
    """Load the triage model and use it once; None where there is none, or none that works."""
    if not path:
        return None
    try:
        triage = Triage.load(Path(path))
    except TriageUnavailable:
        return None
    for text in _WARM_UP:
        triage.propose(text)
    return triage


def find(redactor: Redactor, items: Sequence[tuple[str, Sequence[str]]], limit_s: float) -> Sequence[list[Span] | None]:
    """Work on a batch; when it fails or takes too long, on each text by itself, so that one text spoils no other.

    Returns:
        For each text its spans, or None when the redactor failed on it.
    """
    try:
        with time_limit(limit_s):
            return redactor.find([text for text, _ in items], [names for _, names in items])
    except Exception:
        # Whatever it is, its message may hold the text: it must not travel.
        if len(items) == 1:
            return [None]
    return [answer for item in items for answer in find(redactor, [item], limit_s / 2)]


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt Python code and regular expressions that run away; what can't be interrupted, the pool kills.

    Processor time, so that a busy machine is not taken for a text that hangs.

    Raises:
        Overrun: the time is used up.
    """
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _overrun(_signal: int, _frame: FrameType | None) -> None:
    raise Overrun


def main(arguments: Sequence[str]) -> int:
    """Run until the socket closes.

    Returns:
        The exit status: 0 after an orderly end, 1 when the redactor can't be loaded, 2 when the other side is out of
        step.
    """
    descriptor, parent, limit_s = int(arguments[0]), int(arguments[1]), float(arguments[2])
    model_path = Path(arguments[3]) if arguments[3] else None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGVTALRM, _overrun)
    # A core dump would hold raw text.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        return 0
    with socket.socket(fileno=descriptor) as connection:
        try:
            redactor = Redactor.load(model_path)
        except RedactorUnavailable as error:
            connection.sendall(encode_greeting(str(error)))
            return 1
        for size in (1, len(_WARM_UP)):
            redactor.find(_WARM_UP[:size])
        triage = load_triage(arguments[4])
        # What is loaded stays: the collector need not walk it again.
        gc.collect()
        gc.freeze()
        connection.sendall(encode_greeting(None))
        try:
            serve(redactor, triage, connection, limit_s)
        except FrameError:
            return 2
        except (BrokenPipeError, ConnectionResetError):
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
