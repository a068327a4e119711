"""Argon2id off the event loop. Never logs, never keeps a password."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from server.kernel.errors import Unavailable

_T = TypeVar("_T")

_THREADS = 2
_MOST_WAITING = 32
"""Some five seconds of work for two threads. Who comes later is told to come again instead of waiting longer."""


class Passwords:
    """Hashes and verifies with Argon2id, RFC 9106's second recommended option (64 MiB, 3 passes, 4 lanes).

    Two threads at most: each verification needs 64 MiB, so the number at once is bounded however many sign in.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._decoy = self._hasher.hash("decoy")

    async def hash(self, password: str) -> str:
        """Give the encoded hash (PHC string) of a password.

        Raises:
            Unavailable: too many are waiting already.
        """
        return await self._run(self._hasher.hash, password)

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Say whether the password fits. Without a hash the same work is done and the answer is no.

        The decoy keeps the time alike for addresses that exist and those that don't.

        Raises:
            Unavailable: too many are waiting already.
        """
        return await self._run(self._verify, encoded or self._decoy, password) and encoded is not None

    def needs_rehash(self, encoded: str) -> bool:
        """Say whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[..., _T], *arguments: str) -> _T:
        if self._waiting >= _MOST_WAITING:
            raise Unavailable
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        finally:
            self._waiting -= 1

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
