"""Use case of knowing: what is kept of a person, what for, how long, who saw it. Counts and kinds, no content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.kernel.actor import Actor
from server.kernel.holdings import Held, Holdings
from server.kernel.ports import Limiter
from server.kernel.restraint import Use
from server.kernel.retention import RetentionRule
from server.rights.restraints import StandingRestraints


@dataclass(frozen=True, slots=True)
class Kept:
    """What one capability keeps of a person.

    Attributes:
        name: of the capability.
        held: kinds of which there is something.
    """

    name: str
    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a person.

    Attributes:
        kept: capability by capability; only those that keep something.
        restraints: what the person has stopped, and since when.
        rules: how long things stay, by the name that `Held.rule` gives.
    """

    kept: Sequence[Kept]
    restraints: Mapping[Use, datetime]
    rules: Mapping[str, RetentionRule]


class Knowing:
    """Tells people what is kept of them.

    Args:
        holdings: what every capability keeps.
        restraints: what people have stopped.
        limiter: rate limits.
    """

    def __init__(self, holdings: Sequence[Holdings], restraints: StandingRestraints, limiter: Limiter) -> None:
        self._holdings = holdings
        self._restraints = restraints
        self._limiter = limiter
        self._rules: Mapping[str, RetentionRule] = {}

    def learn(self, rules: Sequence[RetentionRule]) -> None:
        """Take the rules of retention in, once they are built."""
        self._rules = {rule.name: rule for rule in rules}

    async def about(self, actor: Actor) -> Known:
        """Say what is kept of the actor.

        Raises:
            RateLimited: more often than anybody reads it.
            Unavailable: the store does not answer.
        """
        await self._limiter.spend("rights", actor.account_id)
        kept: list[Kept] = []
        for holding in self._holdings:
            held = [one for one in await holding.held(actor.account_id) if one.count]
            if held:
                kept.append(Kept(holding.name, held))
        return Known(kept, self._restraints.of(actor.account_id), self._rules)
