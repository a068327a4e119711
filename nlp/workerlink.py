"""The server's end of one worker process: starts it, writes to it, hears its end. Must not know about queues."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from nlp.errors import RedactorUnavailable
from nlp.frames import FrameBuffer, FrameError

# Loading a pipeline takes 1-3 s on an idle machine.
_READY_SECONDS: Final = 120.0
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
# One core each: the libraries below would otherwise start as many threads as there are cores, in every worker.
ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"
)

AnswerHandler = Callable[[int, Sequence[Sequence[Sequence[Any]] | None]], None]


@dataclass(frozen=True, slots=True)
class Models:
    """What a worker loads.

    Attributes:
        redactor: folder of the pipeline; None for the one that ships.
        triage: folder of the triage model; None for none.
    """

    redactor: Path | None = None
    triage: Path | None = None


class WorkerLink(asyncio.Protocol):
    """One worker process and the socket to it."""

    def __init__(self, on_answer: AnswerHandler) -> None:
        self._on_answer = on_answer
        self._frames = FrameBuffer()
        self._transport: asyncio.WriteTransport | None = None
        self._process: asyncio.subprocess.Process | None = None
        loop = asyncio.get_running_loop()
        self._greeting: asyncio.Future[str | None] = loop.create_future()
        self._lost: asyncio.Future[None] = loop.create_future()

    @classmethod
    async def open(cls, models: Models, limit_s: float, on_answer: AnswerHandler) -> "WorkerLink":
        """Start a worker and wait until it is ready.

        Args:
            limit_s: seconds of processor time that it may spend on one batch.
            models: what it loads.
            on_answer: called with the number of a batch and its answers. A `FrameError` from it ends the worker.

        Raises:
            RedactorUnavailable: it ended, or did not get ready.
        """
        link = cls(on_answer)
        try:
            await link._start(models, limit_s)
            reason = await asyncio.wait_for(link._greeting, _READY_SECONDS)
        except TimeoutError:
            await link.close()
            raise RedactorUnavailable("the worker did not get ready") from None
        except BaseException:
            await link.close()
            raise
        if reason is not None:
            await link.close()
            raise RedactorUnavailable(reason)
        return link

    @property
    def pid(self) -> int:
        """Process id, 0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def usable(self) -> bool:
        """Whether something written now can still be answered."""
        return self._transport is not None and not self._transport.is_closing() and not self._lost.done()

    def write(self, frame: bytes) -> None:
        """Send a frame."""
        if self._transport is not None:
            self._transport.write(frame)

    def kill(self) -> None:
        """End the worker at once; `ended` tells when it has."""
        if self._transport is not None:
            self._transport.abort()
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def ended(self) -> int:
        """Wait for the end of the worker.

        Returns:
            Its exit status; negative for a signal.
        """
        await asyncio.shield(self._lost)
        # A worker that closed its socket has nothing left to do, even if it still runs.
        self.kill()
        return await self._process.wait() if self._process else 0

    async def close(self) -> None:
        """End the worker and wait until it is gone."""
        self.kill()
        if self._process is not None:
            await self._process.wait()

    async def _start(self, models: Models, limit_s: float) -> None:
        ours, theirs = socket.socketpair()
        try:
            arguments = [str(theirs.fileno()), str(os.getpid()), str(limit_s)]
            arguments += [str(path) if path is not None else "" for path in (models.redactor, models.triage)]
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "nlp.worker",
                *arguments,
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                # Whatever a library may print there could hold a text.
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
            )
            await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=ours)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport. A cast, for uvloop's are no subclasses of asyncio's."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Pass whole frames on."""
        try:
            for number, content in self._frames.feed(data):
                if self._greeting.done():
                    self._on_answer(number, content)
                else:
                    self._greeting.set_result(content)
        except (FrameError, TypeError, ValueError):
            # Out of step: nothing it says from here on can be trusted.
            self.kill()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell those who wait."""
        if not self._greeting.done():
            self._greeting.set_result("the worker ended before it was ready")
        if not self._lost.done():
            self._lost.set_result(None)


def _environment() -> dict[str, str]:
    """What the worker may see: enough to find the code, none of our settings or secrets."""
    root = str(Path(__file__).resolve().parent.parent)
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        **ONE_THREAD,
        "PYTHONPATH": root,
        "PYTHONUTF8": "1",
    }
