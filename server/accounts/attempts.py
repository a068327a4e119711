"""How often somebody may try to sign in, and who is let through all the same.

A stranger's wrong passwords count for the stranger's network. They can't keep the owner out: from a device or network
that the account knows, a correct password passes while others are held up. Whoever is held up gets the same answer for
a right and a wrong password, an existing and an unknown address, after the same work.
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from server.kernel.caller import Caller
from server.kernel.errors import RateLimited
from server.kernel.ports import Delays, Limiter


class Familiar(Protocol):
    """Knows from where an account is used."""

    async def is_familiar(self, account_id: str, caller: Caller) -> bool:
        """Say whether the account was signed in from this device, or without one from this network."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    Attributes:
        caller: who tries.
        whose: digest of the address that was typed.
        held_s: for how many seconds this network is held up; 0 when it is not.
    """

    caller: Caller
    whose: str
    held_s: int

    @property
    def pair(self) -> str:
        """Network and address together."""
        return f"{self.caller.network} {self.whose}"


class Attempts:
    """Admits attempts to sign in.

    Args:
        limiter: sliding windows.
        delays: growing delays after failures.
        familiar: from where accounts are used.
    """

    def __init__(self, limiter: Limiter, delays: Delays, familiar: Familiar) -> None:
        self._limiter = limiter
        self._delays = delays
        self._familiar = familiar

    async def admit(self, address: str, caller: Caller) -> Attempt:
        """Count an attempt before any work is done for it.

        Who is held up has a few attempts to spare, in case the account knows where they come from. With a device
        cookie they are that device's own, so that nobody else on the network can use them up; for all addresses
        together they are few too, for each costs a password hash.

        Raises:
            RateLimited: nothing is left.
        """
        whose = hashlib.sha256(address.encode()).hexdigest()
        pair = f"{caller.network} {whose}"
        held_s = max(
            await self._delays.waiting("sign_in_network", caller.network),
            await self._delays.waiting("sign_in_account", pair),
        )
        try:
            if not held_s:
                await self._limiter.spend("sign_in_network", caller.network)
                await self._limiter.spend("sign_in_account", pair)
                await self._limiter.spend("sign_in_address", whose)
        except RateLimited as limited:
            held_s = limited.retry_after
        if held_s:
            try:
                spare = caller.device or caller.network
                await self._limiter.spend("sign_in_spare", f"{spare} {whose}")
                await self._limiter.spend("sign_in_spare_network", spare)
            except RateLimited:
                raise RateLimited(retry_after=held_s) from None
        return Attempt(caller, whose, held_s)

    async def failed(self, attempt: Attempt) -> None:
        """Count a failure.

        Raises:
            RateLimited: the caller was held up; they are told that, not that they were wrong.
        """
        if attempt.held_s:
            raise RateLimited(retry_after=attempt.held_s)
        await self._delays.failed("sign_in_network", attempt.caller.network)
        await self._delays.failed("sign_in_account", attempt.pair)

    async def passed(self, attempt: Attempt, account_id: str) -> None:
        """Let a correct password through.

        Raises:
            RateLimited: the caller is held up and comes from where this account was never used.
        """
        if attempt.held_s and not await self._familiar.is_familiar(account_id, attempt.caller):
            raise RateLimited(retry_after=attempt.held_s)
        await self._delays.forgive("sign_in_account", attempt.pair)
