"""Votes that look like one person's under several accounts: many young or little trusted accounts from one network, or
the same accounts voting for the same things in a burst. Pure: votes in, findings with their reasons out.

Errs on the side of counting a vote: a family or an office behind one address has few new accounts at once, and a
campaign of real people comes from many networks. What is found is weighed out, not removed, and a moderator rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Final


class Reason(StrEnum):
    """Why votes look like one person's."""

    NETWORK = "same_network"
    """Young accounts from one network."""
    TOGETHER = "vote_together"
    """The same accounts for the same things within moments."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote, with what tells its voter apart.

    Attributes:
        account: opaque id.
        item: for what.
        network: digest of the network that it came from.
        level: the voter's trust, 0 to 4.
        age: of the account when it voted.
        at: when.
    """

    account: str
    item: str
    network: str
    level: int
    age: timedelta
    at: datetime


@dataclass(frozen=True, slots=True)
class RingRules:
    """When votes are too much alike.

    Attributes:
        young: age below which an account has done nothing that would speak for it.
        trusted: level from which an account is never weighed out.
        of_network: accounts that may vote for one thing from one network.
        within: how far apart these votes may lie.
        together: accounts that must vote alike to be a ring.
        things: how many things they must have voted for together.
        burst: how far apart the votes for each of these may lie.
    """

    young: timedelta = timedelta(days=3)
    trusted: int = 2
    of_network: int = 3
    within: timedelta = timedelta(hours=24)
    together: int = 3
    things: int = 3
    burst: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """Accounts whose votes for a thing are taken for one person's.

    Attributes:
        accounts: sorted; the one that voted first is not among them, for one vote is anybody's right.
        reasons: sorted.
    """

    accounts: tuple[str, ...]
    reasons: tuple[Reason, ...]


USUAL: Final = RingRules()


def find_ring(item: str, ballots: Sequence[Ballot], rules: RingRules = USUAL) -> Finding | None:
    """Look for votes for a thing that are one person's.

    Args:
        item: the thing.
        ballots: votes for it, and votes of the same voters for other things.
        rules: when votes are too much alike.

    Returns:
        All accounts that are to be weighed out, or None.
    """
    doubtful = [ballot for ballot in ballots if ballot.level < rules.trusted]
    here = sorted(
        (ballot for ballot in doubtful if ballot.item == item), key=lambda ballot: (ballot.at, ballot.account)
    )
    out: dict[str, set[Reason]] = {}
    for group in _of_networks(here, rules):
        for ballot in group[1:]:
            out.setdefault(ballot.account, set()).add(Reason.NETWORK)
    for group in _together(item, here, doubtful, rules):
        for ballot in group[1:]:
            out.setdefault(ballot.account, set()).add(Reason.TOGETHER)
    if not out:
        return None
    return Finding(tuple(sorted(out)), tuple(sorted({reason for reasons in out.values() for reason in reasons})))


def _of_networks(here: Sequence[Ballot], rules: RingRules) -> list[list[Ballot]]:
    """Groups of young accounts of one network that voted close to each other, each in the order of time."""
    networks: dict[str, list[Ballot]] = {}
    for ballot in here:
        if ballot.age < rules.young:
            networks.setdefault(ballot.network, []).append(ballot)
    return [
        group
        for ballots in networks.values()
        for group in _bursts(ballots, rules.within)
        if len({ballot.account for ballot in group}) > rules.of_network
    ]


def _together(item: str, here: Sequence[Ballot], ballots: Sequence[Ballot], rules: RingRules) -> list[list[Ballot]]:
    """Groups of accounts that voted for this and other things in the same moments, in the order of time here."""
    groups = [group for group in _bursts(here, rules.burst) if len(group) >= rules.together]
    if not groups:
        return []
    moments: dict[str, dict[str, datetime]] = {}
    for ballot in ballots:
        moments.setdefault(ballot.account, {})[ballot.item] = ballot.at
    found: list[list[Ballot]] = []
    for group in groups:
        alike = _linked([ballot.account for ballot in group], moments, rules)
        found += [
            [ballot for ballot in group if ballot.account in accounts]
            for accounts in alike
            if len(accounts) >= rules.together
        ]
    return found


def _linked(accounts: Sequence[str], moments: Mapping[str, Mapping[str, datetime]], rules: RingRules) -> list[set[str]]:
    """Sets of accounts that are joined by pairs which voted alike often enough."""
    sets: list[set[str]] = [{account} for account in dict.fromkeys(accounts)]
    for one, other in combinations(dict.fromkeys(accounts), 2):
        if _alike(moments[one], moments[other], rules) < rules.things:
            continue
        first = next(group for group in sets if one in group)
        second = next(group for group in sets if other in group)
        if first is not second:
            first |= second
            sets.remove(second)
    return sets


def _alike(one: Mapping[str, datetime], other: Mapping[str, datetime], rules: RingRules) -> int:
    return sum(abs(at - other[item]) <= rules.burst for item, at in one.items() if item in other)


def _bursts(ballots: Sequence[Ballot], within: timedelta) -> list[list[Ballot]]:
    """Cut votes, in the order of time, where more time than that lies between two of them."""
    groups: list[list[Ballot]] = []
    for ballot in ballots:
        if groups and ballot.at - groups[-1][-1].at <= within:
            groups[-1].append(ballot)
        else:
            groups.append([ballot])
    return groups
