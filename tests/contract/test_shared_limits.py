"""Limits and delays in a real Redis: shared by processes and restarts, without identity, and what if it is away."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.config import Settings, SettingsError
from server.kernel.errors import RateLimited, Unavailable
from server.keyring import BlindIndex, Keyring
from server.limits import DELAYS, LIMITS, GrowingDelays, Growth
from server.shared_limits import GUARDS, Counts, SharedDelays, SharedLimiter, open_limits
from tests.harness.process import PATIENCE_S
from tests.harness.redis import RedisServer

_INDEX = BlindIndex(bytes(range(32)))
_NETWORK = "198.51.100.7"
_ACCOUNT = "acc0123456789"
_LIMITS = {**LIMITS, "message": "3/hour", "sign_in_network": "2/hour"}
_DELAYS = {"sign_in_account": Growth(free=1, first_s=10_000, longest_s=100_000, forgotten_s=1_000_000)}


class Time:
    """Seconds that go forward when told."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    await server.end()


@asynccontextmanager
async def _process(server: RedisServer, clock: Time | None = None) -> AsyncIterator[tuple[SharedLimiter, SharedDelays]]:
    """What one server process counts with."""
    counts = Counts(server.url, _INDEX, clock or Time(), patience_s=PATIENCE_S)
    try:
        yield SharedLimiter(counts, _LIMITS), SharedDelays(counts, _DELAYS)
    finally:
        await counts.close()


async def test_processes_and_restarts_share_a_window(redis: RedisServer) -> None:
    """What one has counted, another one refuses, and one that was started later."""
    async with _process(redis) as (first, _), _process(redis) as (second, _):
        await first.spend("message", _ACCOUNT)
        await second.spend("message", _ACCOUNT)
        assert not await first.is_used_up("message", _ACCOUNT)
        await first.spend("message", _ACCOUNT)
        assert await second.is_used_up("message", _ACCOUNT)
        with pytest.raises(RateLimited) as refused:
            await second.spend("message", _ACCOUNT)
        assert 0 < refused.value.retry_after <= 3600
        await second.spend("message", "acc-of-another")
        await second.spend("preview", _ACCOUNT)
    async with _process(redis) as (restarted, _):
        with pytest.raises(RateLimited):
            await restarted.spend("message", _ACCOUNT)


async def test_processes_share_delays(redis: RedisServer) -> None:
    """They grow by everybody's failures, and forgiving holds everywhere."""
    async with _process(redis) as (_, first), _process(redis) as (_, second):
        assert await first.waiting("sign_in_account", _ACCOUNT) == 0
        await first.failed("sign_in_account", _ACCOUNT)
        assert await second.waiting("sign_in_account", _ACCOUNT) == 0
        await second.failed("sign_in_account", _ACCOUNT)
        assert 0 < await first.waiting("sign_in_account", _ACCOUNT) <= 10_000
        await first.failed("sign_in_account", _ACCOUNT)
        assert 10_000 < await second.waiting("sign_in_account", _ACCOUNT) <= 20_000
        await second.forgive("sign_in_account", _ACCOUNT)
        assert await first.waiting("sign_in_account", _ACCOUNT) == 0


async def test_failures_are_forgotten_by_redis_itself(redis: RedisServer) -> None:
    """Every key has an end."""
    async with _process(redis) as (limiter, delays):
        await limiter.spend("message", _ACCOUNT)
        await delays.failed("sign_in_account", _ACCOUNT)
    counts = Counts(redis.url, _INDEX, patience_s=PATIENCE_S)
    keys = await counts.redis.keys("*")
    assert len(keys) == 2
    assert all([await counts.redis.pttl(key) > 0 for key in keys])
    await counts.close()


async def test_redis_learns_nobody(redis: RedisServer) -> None:
    """Neither names nor values hold an account, a network or an address, nor a digest of one without the key."""
    async with _process(redis) as (limiter, delays):
        await limiter.spend("message", _ACCOUNT)
        await limiter.spend("sign_in_network", _NETWORK)
        await delays.failed("sign_in_account", f"{_NETWORK} {_ACCOUNT}")
    counts = Counts(redis.url, _INDEX, patience_s=PATIENCE_S)
    names = [key.decode() for key in await counts.redis.keys("*")]
    kept = names + [repr(await counts.redis.dump(key)) for key in names]
    await counts.close()
    assert len(names) == 3
    assert not [text for text in kept if _ACCOUNT in text or _NETWORK in text]
    other = BlindIndex(bytes(32)).of(f"message {_ACCOUNT}")
    assert not [name for name in names if other in name]


async def test_without_redis_secrets_are_guarded_and_people_go_on(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """What lets guess is refused; the rest is counted in memory; and it comes back by itself."""
    clock = Time()
    caplog.set_level(logging.INFO, "amanah.limits")
    async with _process(redis, clock) as (limiter, delays):
        await limiter.spend("message", _ACCOUNT)
        await redis.end()
        for guard in sorted(GUARDS):
            with pytest.raises(Unavailable):
                await limiter.spend(guard, _ACCOUNT)
        for _ in range(3):
            await limiter.spend("message", _ACCOUNT)
        with pytest.raises(RateLimited):
            await limiter.spend("message", _ACCOUNT)
        assert await limiter.is_used_up("message", _ACCOUNT)
        for _ in range(2):
            await delays.failed("sign_in_account", _ACCOUNT)
        assert await delays.waiting("sign_in_account", _ACCOUNT) > 0
        await delays.forgive("sign_in_account", _ACCOUNT)
        assert await delays.waiting("sign_in_account", _ACCOUNT) == 0
        await redis.start()
        with pytest.raises(Unavailable):
            await limiter.spend("sign_in_network", _NETWORK)
        clock.at += 3
        await limiter.spend("sign_in_network", _NETWORK)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2, told
    assert _ACCOUNT not in "".join(told)


async def test_the_setting_decides(redis: RedisServer, tmp_path: Path) -> None:
    """Redis where an address is set, and no start without one there; memory otherwise."""
    ring = Keyring(bytes(range(32)))
    shared = Settings.from_environment({"AMANAH_REDIS_URL": redis.url})
    async with open_limits(shared, ring) as (limiter, delays):
        assert isinstance(limiter, SharedLimiter)
        assert isinstance(delays, SharedDelays)
    async with open_limits(Settings.from_environment({}), ring) as (_, delays):
        assert isinstance(delays, GrowingDelays)
    gone = Settings.from_environment({"AMANAH_REDIS_URL": f"unix://{tmp_path}/nothing?password=rahasia"})
    with pytest.raises(SettingsError) as refused:
        async with open_limits(gone, ring):
            raise AssertionError("it opened")
    assert "rahasia" not in str(refused.value)
    assert "rahasia" not in repr(gone)


def test_guards_are_limits() -> None:
    """A name that is no limit would guard nothing."""
    assert set(LIMITS) > GUARDS
    assert {"second_factor", "confirm", "sign_in_account"} < GUARDS
    assert set(DELAYS) <= GUARDS
