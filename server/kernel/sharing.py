"""How the accounts behind one network share its allowance. Pure but for the limiter that is passed in."""

from server.kernel.ports import Limiter

_OF_NETWORK = "_network"


async def spend_of_network(limiter: Limiter, limit: str, *, network: str, account_id: str) -> None:
    """Count one use of a network's limit, unless the account has used up its own and is refused anyway.

    Otherwise one account that is told to wait, and goes on, would use up what the whole office behind its address has.

    Args:
        limiter: counts.
        limit: the network's limit; its name is that of the account's limit and `_network`.
        network: of the caller.
        account_id: the caller; empty where nobody is signed in.

    Raises:
        RateLimited: the network's allowance is used up.
    """
    own = limit.removesuffix(_OF_NETWORK)
    if account_id and await limiter.is_used_up(own, account_id):
        return
    await limiter.spend(limit, network)
