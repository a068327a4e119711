"""Where master keys come from (a file, the environment, a command), and which are known now.

Several may be known at once: the first wraps, all unwrap. A running process reads them again when the file has changed
or a key id turns up that it does not know. Must not log or quote anything that it reads.
"""

import asyncio
import logging
import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from server.keyring import KeyringError, MasterKey, parse_master_keys, random_key
from server.private_files import create_private, replace_private

logger = logging.getLogger(__name__)

_COMMAND_SECONDS: Final = 10.0
_MOST_OUTPUT: Final = 8192
_PAUSE_SECONDS: Final = 5.0
_OTHERS_MAY_READ: Final = 0o077


class KeySource(Protocol):
    """Where master keys come from."""

    @property
    def name(self) -> str:
        """What it is called towards the operator."""
        ...

    def read(self) -> tuple[MasterKey, ...]:
        """Give all keys, the current one first.

        Raises:
            KeyringError: there is none to be had.
        """
        ...

    def stamp(self) -> object:
        """Something that differs when the keys may have changed; cheap to ask."""
        ...


class KeyFile:
    """Keys in a file, one a line.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        # What is replaced must be the file itself, not a link to it.
        self._path = path.resolve()

    @property
    def name(self) -> str:
        """The path."""
        return str(self._path)

    def make(self) -> None:
        """Make the file, with a fresh key, where there is none. At a start only: a file that is gone later was lost.

        Raises:
            OSError: it can't be written.
        """
        if not self._path.exists():
            create_private(self._path, _content([MasterKey(random_key())]))

    def read(self) -> tuple[MasterKey, ...]:
        """See `KeySource`. Refuses a file that other users can read."""
        if not self._path.exists():
            raise KeyringError(f"there is no master key at {self._path}: put the one there that the data was made with")
        if self._path.stat().st_mode & _OTHERS_MAY_READ:
            raise KeyringError(f"{self._path} can be read by other users: chmod 600 it")
        return parse_master_keys(self._path.read_text("ascii", "replace"), str(self._path))

    def stamp(self) -> object:
        """See `KeySource`."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def put_first(self) -> MasterKey:
        """Make a key and put it before the others. Nobody else may write the file meanwhile.

        Raises:
            OSError: the file can't be written; what was in it is in it.
        """
        key = MasterKey(random_key())
        replace_private(self._path, _content([key, *self.read()]))
        return key

    def remove(self, key_id: str) -> None:
        """Take a key out. Nobody else may write the file meanwhile.

        Raises:
            KeyringError: it is the current one.
            OSError: the file can't be written; what was in it is in it.
        """
        current, *older = self.read()
        if current.id == key_id:
            raise KeyringError("the current master key can't be forgotten")
        replace_private(self._path, _content([current, *(key for key in older if key.id != key_id)]))


def _content(keys: Sequence[MasterKey]) -> bytes:
    return "".join(key.line() + "\n" for key in keys).encode("ascii")


class KeyText:
    """Keys in an environment variable. They can't change while the process runs.

    Args:
        text: of the variable.
        name: of the variable.
    """

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name

    def __repr__(self) -> str:
        return f"<KeyText {self._name}>"

    @property
    def name(self) -> str:
        """The variable."""
        return self._name

    def read(self) -> tuple[MasterKey, ...]:
        """See `KeySource`."""
        return parse_master_keys(self._text, self._name)

    def stamp(self) -> object:
        """Always the same."""
        return None


class KeyCommand:
    """Keys that a command prints: the way to a key-management service.

    The command runs without a shell. What it prints on standard error is thrown away: it may quote what it decrypts.

    Args:
        command: words as a shell would split them.
        name: of the setting.
        patience_s: seconds until it is ended.
    """

    def __init__(self, command: str, name: str, *, patience_s: float = _COMMAND_SECONDS) -> None:
        self._name = name
        self._patience_s = patience_s
        try:
            self._words = shlex.split(command)
        except ValueError:
            self._words = []
        if not self._words:
            raise KeyringError(f"{name} is not a command")

    def __repr__(self) -> str:
        return f"<KeyCommand {self._name}>"

    @property
    def name(self) -> str:
        """The setting."""
        return self._name

    def read(self) -> tuple[MasterKey, ...]:
        """See `KeySource`. Waits for the command."""
        try:
            process = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise KeyringError(f"the command of {self._name} can't be started: {error.strerror}") from None
        with process:
            try:
                output = self._output(process, time.monotonic() + self._patience_s)
            finally:
                _end(process)
        if process.returncode != 0:
            raise KeyringError(f"the command of {self._name} ended with status {process.returncode}")
        return parse_master_keys(output.decode("ascii", "replace"), f"the output of {self._name}")

    def _output(self, process: "subprocess.Popen[bytes]", until: float) -> bytes:
        """All that it prints, then wait for its end."""
        assert process.stdout is not None  # noqa: S101 (it is a pipe, as asked for)
        output = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while selector.select(max(0.0, until - time.monotonic())):
                piece = os.read(process.stdout.fileno(), _MOST_OUTPUT)
                output += piece
                if len(output) > _MOST_OUTPUT:
                    raise KeyringError(f"the command of {self._name} prints more than keys")
                if not piece:
                    break
            else:
                raise KeyringError(f"the command of {self._name} did not end within {self._patience_s:g} s")
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise KeyringError(f"the command of {self._name} did not end within {self._patience_s:g} s") from None
        return output

    def stamp(self) -> object:
        """Always the same: only an unknown key id makes it worth asking the service again."""
        return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the command, and what it started, if they still run. It is not reaped yet, so its number is still its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


class Masters:
    """The master keys known now.

    Args:
        source: where they come from; read at once.

    Raises:
        KeyringError: there is none to be had.
    """

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._stamp = source.stamp()
        self._keys = source.read()
        self._asked_at = time.monotonic()
        self._asking = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Masters {len(self._keys)}>"

    @property
    def source(self) -> KeySource:
        """Where they come from."""
        return self._source

    @property
    def known(self) -> tuple[MasterKey, ...]:
        """As read last, the current one first."""
        return self._keys

    async def current(self) -> MasterKey:
        """Give the key that wraps, from the file as it is now."""
        if self._source.stamp() != self._stamp:
            await self._read_again()
        return self._keys[0]

    async def get(self, key_id: str) -> MasterKey:
        """Give a key, reading all anew when it is not known.

        Raises:
            KeyringError: it is not to be had.
        """
        found = self._find(key_id)
        if found is None:
            async with self._asking:
                found = self._find(key_id)
                # A command is not run for each of many records with an id that nobody has.
                waited = time.monotonic() - self._asked_at >= _PAUSE_SECONDS
                if found is None and (waited or self._source.stamp() != self._stamp):
                    await self._read_again()
                    found = self._find(key_id)
        if found is None:
            raise KeyringError(f"the data needs master key {key_id}, which {self._source.name} does not hold")
        return found

    def _find(self, key_id: str) -> MasterKey | None:
        return next((key for key in self._keys if key.id == key_id), None)

    async def _read_again(self) -> None:
        stamp = self._source.stamp()
        try:
            self._keys = await asyncio.to_thread(self._source.read)
        except (KeyringError, OSError) as error:
            # What is known goes on working; at the next start it has to be mended.
            logger.error("the master keys can't be read again: %s", type(error).__name__)
        self._stamp = stamp
        self._asked_at = time.monotonic()
