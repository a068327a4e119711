"""Votes that look like one person's: found where they are many and alike, never where people merely agree."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from moderation.vote_rings import USUAL, Ballot, Reason, find_ring

_AT = datetime(2026, 11, 2, tzinfo=UTC)
_YOUNG, _OLD = timedelta(hours=1), timedelta(days=400)


def _ballot(
    account: int, *, item: str = "a", network: str = "n", level: int = 0, age: timedelta = _YOUNG, minute: float = 0
) -> Ballot:
    return Ballot(f"akun-{account}", item, network, level, age, _AT + timedelta(minutes=minute))


_ballots = st.lists(
    st.builds(
        _ballot,
        st.integers(0, 12),
        item=st.sampled_from(["a", "b", "c", "d"]),
        network=st.sampled_from(["n", "m", "o"]),
        level=st.integers(0, 4),
        age=st.sampled_from([_YOUNG, _OLD]),
        minute=st.floats(0, 5_000),
    ),
    max_size=60,
    unique_by=lambda ballot: (ballot.account, ballot.item),
)


@given(_ballots)
def test_findings_are_of_voters_whom_nobody_trusts(ballots: list[Ballot]) -> None:
    """Only who voted for the thing, never the trusted, never all of them; in any order the same."""
    found = find_ring("a", ballots)
    assert find_ring("a", ballots[::-1]) == found
    if found is None:
        return
    here = {ballot.account: ballot for ballot in ballots if ballot.item == "a"}
    assert set(found.accounts) < set(here)
    assert all(here[account].level < USUAL.trusted for account in found.accounts)
    assert found.reasons


@given(_ballots)
def test_people_of_many_networks_who_agree_once_are_counted(ballots: list[Ballot]) -> None:
    """Each from a network of their own, for one thing only: however young, however quick."""
    apart = [
        Ballot(one.account, "a", f"jaringan-{one.account}", one.level, one.age, one.at)
        for one in {ballot.account: ballot for ballot in ballots}.values()
    ]
    assert find_ring("a", apart) is None


@given(st.integers(1, 20), st.integers(0, 20))
def test_young_accounts_of_one_network(young: int, old: int) -> None:
    """Beyond a few, all but the first are weighed out; older ones from the same office stay."""
    ballots = [_ballot(place, minute=place) for place in range(young)]
    ballots += [_ballot(100 + place, age=_OLD, minute=place) for place in range(old)]
    found = find_ring("a", ballots)
    if young <= USUAL.of_network:
        assert found is None
    else:
        assert found is not None
        assert set(found.accounts) == {f"akun-{place}" for place in range(1, young)}
        assert found.reasons == (Reason.NETWORK,)


def test_accounts_that_go_together_from_thing_to_thing() -> None:
    """From many networks, old enough, but for the same three things in the same minutes."""
    ballots = [
        _ballot(place, item=item, network=f"jaringan-{place}", age=_OLD, minute=start + place)
        for start, item in ((0, "a"), (60, "b"), (120, "c"))
        for place in range(4)
    ]
    found = find_ring("a", ballots)
    assert found is not None
    assert found.accounts == ("akun-1", "akun-2", "akun-3")
    assert found.reasons == (Reason.TOGETHER,)
    assert find_ring("a", [ballot for ballot in ballots if ballot.item != "c"]) is None
    trusted = [Ballot(one.account, one.item, one.network, 2, one.age, one.at) for one in ballots]
    assert find_ring("a", trusted) is None
