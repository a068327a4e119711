"""Argon2id with the parameters of RFC 9106, off the event loop."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from server.accounts.passwords import Passwords
from server.kernel.errors import Unavailable


@pytest.fixture(scope="module")
async def passwords() -> AsyncIterator[Passwords]:
    """One hasher for the module."""
    passwords = Passwords()
    yield passwords
    passwords.close()


async def test_a_password_fits_its_own_hash_only(passwords: Passwords) -> None:
    """And the hash says how it was made, and not from what."""
    encoded = await passwords.hash("kuda laut biru")
    assert encoded.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert extract_parameters(encoded) == RFC_9106_LOW_MEMORY
    assert "kuda" not in encoded
    assert await passwords.verify(encoded, "kuda laut biru")
    assert not await passwords.verify(encoded, "kuda laut Biru")
    assert not passwords.needs_rehash(encoded)


async def test_nothing_fits_where_there_is_no_hash(passwords: Passwords) -> None:
    """Not even the decoy's own password; a broken hash is a no, not an error."""
    assert not await passwords.verify(None, "decoy")
    assert not await passwords.verify("no hash at all", "kuda laut biru")


def test_weaker_hashes_are_made_anew(passwords: Passwords) -> None:
    """At the next sign-in."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("kuda laut biru")
    assert passwords.needs_rehash(weak)


async def test_a_crowd_is_turned_away_instead_of_waiting_for_ever() -> None:
    """Each verification costs 64 MiB and a core for a while: the queue is bounded."""
    passwords = Passwords()
    outcomes = await asyncio.gather(
        *(passwords.verify(None, "kuda laut biru") for _ in range(60)), return_exceptions=True
    )
    passwords.close()
    assert any(outcome is False for outcome in outcomes)
    assert {type(outcome) for outcome in outcomes if outcome is not False} == {Unavailable}
