"""Passwords: Argon2id under a pepper, and what is too easy to guess; off the event loop. Never logs or keeps one.

What is stored reads `v1:$argon2id$...`: the number of the pepper, then the encoded hash of
`base64(HMAC-SHA-256(pepper, password))`. Without the pepper, which is in no store, a stolen table of hashes can't even
be guessed at. A hash without a number is from before there were peppers.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from server.accounts.strength import weakness
from server.kernel.errors import InvalidInput, Unavailable

_T = TypeVar("_T")

_THREADS = 2
_MOST_WAITING = 32
"""Some five seconds of work for two threads. Who comes later is told to come again instead of waiting longer."""


class Passwords:
    """Hashes and verifies with Argon2id, RFC 9106's second recommended option (64 MiB, 3 passes, 4 lanes).

    Two threads at most: each verification needs 64 MiB, so the number at once is bounded however many sign in.
    Strength is looked at by one thread of its own, since it is Python all through and would only hinder itself.

    Args:
        peppers: number -> 32 bytes. The highest is used for new hashes; the others for those made with them, which are
            made anew at the next sign-in. Once none is left, a pepper can be dropped.
        company: name of the company that runs this server, which is no good password here.
        parameters: of Argon2id.
    """

    def __init__(
        self, peppers: Mapping[int, bytes], *, company: str = "", parameters: Parameters = RFC_9106_LOW_MEMORY
    ) -> None:
        self._peppers = dict(peppers)
        self._current = max(self._peppers)
        self._company = company
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="argon2")
        self._judge = ThreadPoolExecutor(max_workers=1, thread_name_prefix="strength")
        self._waiting = 0
        self._decoy = self._hash("decoy")

    def __repr__(self) -> str:
        return "<Passwords>"

    async def require_strong(self, password: str, *, own: Sequence[str]) -> None:
        """Insist that a new password is hard to guess.

        Args:
            password: as typed.
            own: what others know of the person: name, address.

        Raises:
            InvalidInput: `fields["password"]` says why not.
            Unavailable: too many are waiting already.
        """
        reason = await self._run(self._judge, weakness, password, (*own, self._company))
        if reason is not None:
            raise InvalidInput(fields={"password": reason})

    async def hash(self, password: str) -> str:
        """Give what is stored of a password.

        Raises:
            Unavailable: too many are waiting already.
        """
        return await self._run(self._pool, self._hash, password)

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Say whether the password fits. Without a hash the same work is done and the answer is no.

        The decoy keeps the time alike for addresses that exist and those that don't.

        Raises:
            Unavailable: too many are waiting already.
        """
        return await self._run(self._pool, self._verify, encoded or self._decoy, password) and encoded is not None

    def needs_rehash(self, encoded: str) -> bool:
        """Say whether a hash was made with weaker parameters, or another pepper, than today's."""
        number, encoded = _parts(encoded)
        return number != self._current or self._hasher.check_needs_rehash(encoded)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._judge.shutdown(wait=False, cancel_futures=True)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[..., _T], *arguments: object) -> _T:
        if self._waiting >= _MOST_WAITING:
            raise Unavailable
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return f"v{self._current}:{self._hasher.hash(self._peppered(password, self._current))}"

    def _verify(self, encoded: str, password: str) -> bool:
        number, encoded = _parts(encoded)
        try:
            return self._hasher.verify(encoded, self._peppered(password, number))
        except (VerificationError, InvalidHashError):
            return False

    def _peppered(self, password: str, number: int) -> bytes:
        typed = password.encode("utf-8", "surrogatepass")
        if not number:
            return typed
        # A pepper that is gone fits nothing; the work is done all the same.
        pepper = self._peppers.get(number, b"")
        return base64.b64encode(hmac.new(pepper, typed, hashlib.sha256).digest()) if pepper else b""


def _parts(encoded: str) -> tuple[int, str]:
    """Split what is stored into the pepper's number (0 for none) and Argon2's own form."""
    number, colon, rest = encoded.partition(":")
    if colon and number.startswith("v") and number[1:].isdecimal():
        return int(number[1:]), rest
    return 0, encoded
