"""Growing delays and who is let through in spite of them."""

from contextlib import suppress

import pytest

from server.accounts.attempts import Attempts
from server.kernel.caller import Caller
from server.kernel.errors import RateLimited
from server.limits import DELAYS, LIMITS, GrowingDelays, Growth, SlidingLimiter, Unlimited

_KEY = "203.0.113.9 0f"


class _Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_delays_grow_and_are_forgotten() -> None:
    """Nothing at first, then twice as long each time, up to a limit, and never for ever."""
    seconds = _Seconds()
    delays = GrowingDelays({"x": Growth(free=3, first_s=1, longest_s=20, forgotten_s=100)}, seconds)
    waits = []
    for _ in range(10):
        await delays.failed("x", _KEY)
        waits.append(await delays.waiting("x", _KEY))
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 20, 20]
    assert await delays.waiting("x", "another") == 0
    seconds.now += 19.5
    assert await delays.waiting("x", _KEY) == 1
    seconds.now += 1
    assert await delays.waiting("x", _KEY) == 0
    seconds.now += 100
    await delays.failed("x", _KEY)
    assert await delays.waiting("x", _KEY) == 0


async def test_a_success_forgives() -> None:
    """Of the one who had it."""
    delays = GrowingDelays({"x": Growth(free=0, first_s=10, longest_s=10, forgotten_s=100)})
    await delays.failed("x", _KEY)
    assert await delays.waiting("x", _KEY) == 10
    await delays.forgive("x", _KEY)
    assert await delays.waiting("x", _KEY) == 0


async def test_memory_is_bounded() -> None:
    """Whoever invents keys pushes out the oldest only."""
    delays = GrowingDelays({"x": Growth(free=0, first_s=10, longest_s=10, forgotten_s=100)})
    for number in range(50_100):
        await delays.failed("x", str(number))
    assert await delays.waiting("x", "0") == 0
    assert await delays.waiting("x", "50099") == 10


def test_no_delay_locks_anybody_out() -> None:
    """The longest is a quarter of an hour, and everything is forgotten some time later."""
    assert all(growth.longest_s <= 900 for growth in DELAYS.values())
    assert all(growth.longest_s < growth.forgotten_s for growth in DELAYS.values())


async def test_nothing_is_counted_when_limits_are_off() -> None:
    """For load tests."""
    unlimited = Unlimited()
    for _ in range(1000):
        await unlimited.spend("sign_in_network", _KEY)
        await unlimited.failed("sign_in_network", _KEY)
    assert await unlimited.waiting("sign_in_network", _KEY) == 0
    await unlimited.forgive("sign_in_network", _KEY)


class _Knows:
    """An account and where it is used from."""

    def __init__(self, *, device: str = "", network: str = "") -> None:
        self.device = device
        self.network = network

    async def is_familiar(self, account_id: str, caller: Caller) -> bool:
        return account_id == "a1" and (
            caller.device == self.device if caller.device else caller.network == self.network
        )


async def _fail(attempts: Attempts, caller: Caller, times: int, address: str = "ratna@contoh.example") -> list[int]:
    """Try wrong passwords; give how long each had to wait, 0 where it was simply wrong."""
    waits = []
    for _ in range(times):
        try:
            await attempts.failed(await attempts.admit(address, caller))
        except RateLimited as limited:
            waits.append(limited.retry_after)
        else:
            waits.append(0)
    return waits


async def _enters(attempts: Attempts, caller: Caller, account_id: str = "a1") -> bool:
    """Try the right password."""
    try:
        await attempts.passed(await attempts.admit("ratna@contoh.example", caller), account_id)
    except RateLimited:
        return False
    return True


def _attempts(knows: _Knows) -> Attempts:
    return Attempts(SlidingLimiter(), GrowingDelays(), knows)


_HERE, _ELSEWHERE = "203.0.113.9", "198.51.100.7"


async def test_failures_hold_up_the_network_they_come_from() -> None:
    """Not the address they are about."""
    attempts = _attempts(_Knows(network=_ELSEWHERE))
    waits = await _fail(attempts, Caller(_HERE), 12)
    assert waits[:6] == [0] * 6
    assert all(waits[6:])
    assert not await _enters(attempts, Caller(_HERE))
    assert await _enters(attempts, Caller(_ELSEWHERE))
    assert await _enters(attempts, Caller("192.0.2.1"))


async def test_a_known_device_passes_while_others_fail_beside_it() -> None:
    """Behind the same address; however many fail there, also with cookies of other accounts."""
    attempts = _attempts(_Knows(device="mine"))
    await _fail(attempts, Caller(_HERE), 40)
    await _fail(attempts, Caller(_HERE, device="theirs"), 40)
    assert not await _enters(attempts, Caller(_HERE))
    assert not await _enters(attempts, Caller(_HERE, device="theirs"))
    assert await _enters(attempts, Caller(_HERE, device="mine"))


async def test_a_device_does_not_pay_for_endless_hashes() -> None:
    """Each admitted attempt costs a password hash; with a cookie of one's own, and other addresses each time, too."""
    attempts = _attempts(_Knows(device="mine"))
    await _fail(attempts, Caller(_HERE), 40)
    admitted = 0
    for number in range(100):
        with suppress(RateLimited):
            await attempts.admit(f"korban{number}@contoh.example", Caller(_HERE, device="theirs"))
            admitted += 1
    # What the network may do anyway, and as much to spare.
    assert admitted <= 60
    assert await _enters(attempts, Caller(_HERE, device="mine"))


async def test_a_known_network_passes_while_it_is_held_up() -> None:
    """For who has no cookie; as long as not everything to spare is used up, and that is bounded too."""
    attempts = _attempts(_Knows(network=_HERE))
    for number in range(40):
        await _fail(attempts, Caller(_HERE), 1, address=f"lain-{number}@contoh.example")
    assert await _enters(attempts, Caller(_HERE))
    assert not await _enters(attempts, Caller(_HERE), account_id="a2")


async def test_guessing_from_a_known_network_is_slow_too() -> None:
    """A neighbour behind the same address gets a few guesses more, not more and more."""
    attempts = _attempts(_Knows(network=_HERE))
    admitted = 0
    for _ in range(200):
        try:
            await attempts.failed(await attempts.admit("ratna@contoh.example", Caller(_HERE)))
        except RateLimited:
            continue
        admitted += 1
    assert admitted <= 10


async def test_a_held_up_caller_is_told_the_same_for_right_and_wrong() -> None:
    """Else who is held up could go on guessing."""
    attempts = _attempts(_Knows(network=_ELSEWHERE))
    await _fail(attempts, Caller(_HERE), 7)
    attempt = await attempts.admit("ratna@contoh.example", Caller(_HERE))
    with pytest.raises(RateLimited) as right:
        await attempts.passed(attempt, "a1")
    with pytest.raises(RateLimited) as wrong:
        await attempts.failed(attempt)
    assert right.value.retry_after == wrong.value.retry_after


async def test_many_networks_together_are_limited_by_address() -> None:
    """And the owner's own device is not."""
    attempts = _attempts(_Knows(device="mine"))
    for number in range(110):
        await _fail(attempts, Caller(f"10.0.{number}.1"), 1)
    assert not await _enters(attempts, Caller("10.1.0.1"))
    assert await _enters(attempts, Caller("10.1.0.2", device="mine"))


@pytest.mark.parametrize("limit", LIMITS)
async def test_every_limit_ends(limit: str) -> None:
    """And says for how long."""
    limiter = SlidingLimiter()
    amount, window = limiter._items[limit].amount, limiter._items[limit].get_expiry()
    for _ in range(amount):
        await limiter.spend(limit, _KEY)
    with pytest.raises(RateLimited) as limited:
        await limiter.spend(limit, _KEY)
    assert 1 <= limited.value.retry_after <= window
