"""Argon2id with the parameters of RFC 9106 under a pepper, off the event loop; and what is too easy to guess."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.low_level import Type
from argon2.profiles import RFC_9106_LOW_MEMORY

from server.accounts.passwords import Passwords
from server.kernel.errors import InvalidInput, Unavailable

_FIRST, _SECOND = b"1" * 32, b"2" * 32
_WEAK = Parameters(type=Type.ID, version=19, salt_len=16, hash_len=16, time_cost=1, memory_cost=8, parallelism=1)
_TYPED = "kuda laut biru"


@pytest.fixture(scope="module")
async def passwords() -> AsyncIterator[Passwords]:
    """One hasher for the module."""
    passwords = Passwords({1: _FIRST}, company="Toko Sumber Rejeki")
    yield passwords
    passwords.close()


async def test_a_password_fits_its_own_hash_only(passwords: Passwords) -> None:
    """And the hash says how it was made, and not from what."""
    encoded = await passwords.hash(_TYPED)
    assert encoded.startswith("v1:$argon2id$v=19$m=65536,t=3,p=4$")
    assert extract_parameters(encoded.removeprefix("v1:")) == RFC_9106_LOW_MEMORY
    assert "kuda" not in encoded
    assert await passwords.verify(encoded, _TYPED)
    assert not await passwords.verify(encoded, "kuda laut Biru")
    assert not passwords.needs_rehash(encoded)


async def test_nothing_fits_where_there_is_no_hash(passwords: Passwords) -> None:
    """Not even the decoy's own password; a broken hash is a no, not an error."""
    assert not await passwords.verify(None, "decoy")
    for encoded in ("no hash at all", "v1:", "v1:no hash", "v999999999999:$argon2id$", "vx:$argon2id$", ""):
        assert not await passwords.verify(encoded, _TYPED)


async def test_without_the_pepper_a_hash_is_worth_nothing(passwords: Passwords) -> None:
    """Who has the table of hashes but not the key can't even try passwords on it."""
    encoded = await passwords.hash(_TYPED)
    stranger = Passwords({1: _SECOND}, parameters=_WEAK)
    assert not await stranger.verify(encoded, _TYPED)
    assert not await stranger.verify(encoded.removeprefix("v1:"), _TYPED)
    stranger.close()


async def test_a_pepper_is_renewed_by_and_by() -> None:
    """Hashes under the older one fit as long as it is known, and are to be made anew."""
    before = Passwords({1: _FIRST}, parameters=_WEAK)
    encoded = await before.hash(_TYPED)
    both = Passwords({1: _FIRST, 2: _SECOND}, parameters=_WEAK)
    assert await both.verify(encoded, _TYPED)
    assert both.needs_rehash(encoded)
    renewed = await both.hash(_TYPED)
    assert renewed.startswith("v2:")
    assert not both.needs_rehash(renewed)
    after = Passwords({2: _SECOND}, parameters=_WEAK)
    assert await after.verify(renewed, _TYPED)
    assert not await after.verify(encoded, _TYPED)
    for hasher in (before, both, after):
        hasher.close()


async def test_weaker_hashes_are_made_anew(passwords: Passwords) -> None:
    """Those with lower parameters, and those from before there was a pepper, which still fit."""
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(_TYPED)
    assert await passwords.verify(old, _TYPED)
    assert passwords.needs_rehash(old)
    weak = Passwords({1: _FIRST}, parameters=_WEAK)
    encoded = await weak.hash(_TYPED)
    assert await passwords.verify(encoded, _TYPED)
    assert passwords.needs_rehash(encoded)
    weak.close()


async def test_texts_that_are_no_unicode_do_no_harm(passwords: Passwords) -> None:
    """Half a surrogate pair comes through JSON."""
    encoded = await passwords.hash("\ud83d kuda laut")
    assert await passwords.verify(encoded, "\ud83d kuda laut")
    assert not await passwords.verify(encoded, "\ud83e kuda laut")


async def test_a_crowd_is_turned_away_instead_of_waiting_for_ever() -> None:
    """Each verification costs 64 MiB and a core for a while: the queue is bounded."""
    passwords = Passwords({1: _FIRST})
    outcomes = await asyncio.gather(*(passwords.verify(None, _TYPED) for _ in range(60)), return_exceptions=True)
    passwords.close()
    assert any(outcome is False for outcome in outcomes)
    assert {type(outcome) for outcome in outcomes if outcome is not False} == {Unavailable}


async def test_a_new_password_is_looked_at(passwords: Passwords) -> None:
    """By what is known of the person and of the company."""
    await passwords.require_strong(_TYPED, own=("ratna@contoh.example", "Ratna"))
    for typed, reason in (("TokoSumberRejeki1", "too_easy"), ("bismillah2026", "too_common")):
        with pytest.raises(InvalidInput) as refused:
            await passwords.require_strong(typed, own=("ratna@contoh.example", "Ratna"))
        assert dict(refused.value.fields) == {"password": reason}


def test_nothing_is_printed() -> None:
    """It stands in tracebacks."""
    passwords = Passwords({1: _FIRST}, parameters=_WEAK)
    passwords.close()
    assert "1111" not in repr(passwords)
