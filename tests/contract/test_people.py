"""People on the real store: counting that is written together, levels that follow, what outlives a process."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest

from moderation.trust import Deed, Demand, Power, TrustRules
from nlp.spans import Span
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.keyring import BlindIndex
from server.limits import Unlimited
from server.people.handles import skeleton
from server.people.model import PeopleRules, PersonaChanged
from server.people.service import People
from server.people.store import PEOPLE_COLLECTIONS, MongoPeopleStore
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.database import TO_COME

_KEY = bytes(32)
_TRUST = TrustRules(
    levels=(Demand(visited=1, read=3), Demand(visited=2, read=6, most_flagged=0), Demand(read=900), Demand(read=999)),
    grace_days=0,
)


class _Clock:
    def __init__(self) -> None:
        self.now = TO_COME

    def __call__(self) -> datetime:
        return self.now


class _Town:
    """Accounts that there are, the events that were heard, and a finder for texts that hold nothing."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self.events: list[Event] = []

    def account(self, role: Role = Role.CUSTOMER) -> Actor:
        account_id = new_id()
        self.roles[account_id] = role
        return Actor(account_id, role, "s", "Uji")

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        return {key: Actor(key, self.roles[key], "", "Uji") for key in account_ids if key in self.roles}

    async def publish(self, events: Sequence[Event]) -> None:
        self.events += events

    async def require_name(self, display_name: str) -> str:
        return display_name

    async def rename(self, actor: Actor, display_name: str) -> str:
        return f"{display_name} {actor.account_id}"

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        assert text or known_names
        return []


class _Parts:
    def __init__(self, database: Database) -> None:
        self.town, self.clock, self.database = _Town(), _Clock(), database
        self.audit = AuditTrail(MongoAuditStore(database), _KEY)
        self.people = self.fresh()

    def fresh(self) -> People:
        """The part as a new process has it."""
        town, rules = self.town, PeopleRules("Toko", trust=_TRUST)
        store, intake = MongoPeopleStore(self.database, BlindIndex(bytes(32))), Intake(town, _KEY)
        return People(store, town, town, intake, town, town, self.audit, Unlimited(), self.clock, rules)


@pytest.fixture
async def parts(database: Database) -> AsyncIterator[_Parts]:
    """The parts on an empty store."""
    await apply(database, (*AUDIT_COLLECTIONS, *PEOPLE_COLLECTIONS))
    parts = _Parts(database)
    yield parts
    await parts.audit.close()


async def test_a_level_is_earned_by_what_was_counted(parts: _Parts) -> None:
    """And is kept by a later process; the trail has it, without saying more than numbers."""
    actor = parts.town.account()
    people = parts.people
    assert (await people.standing(actor)).level == 0
    people.count(actor.account_id, Deed.READ, 3)
    await people.settle()
    standing = await people.standing(actor)
    assert (standing.level, standing.may(Power.LINKS), standing.may(Power.WIKI)) == (1, True, False)
    assert standing.mentions_a_day == _TRUST.mentions_a_day[1]
    assert PersonaChanged(actor.account_id) in parts.town.events
    assert (await parts.fresh().standing(actor)).level == 1


async def test_a_day_counts_once(parts: _Parts) -> None:
    """In one process, and in the next on the same day."""
    actor = parts.town.account()
    for _ in range(3):
        for people in (parts.people, parts.fresh()):
            people.seen(actor.account_id)
            people.seen(actor.account_id)
            await people.settle()
    profile, _ = await parts.fresh().profile(actor)
    assert profile.totals == {Deed.VISITED: 1}
    parts.clock.now += timedelta(days=1)
    parts.people.seen(actor.account_id)
    await parts.people.settle()
    profile, _ = await parts.fresh().profile(actor)
    assert profile.totals == {Deed.VISITED: 2}


async def test_a_level_is_lost_by_what_was_upheld_and_by_a_silence(parts: _Parts) -> None:
    """At once; and it comes back when its time is over."""
    actor, people = parts.town.account(), parts.people
    for _ in range(2):
        people.seen(actor.account_id)
        people.count(actor.account_id, Deed.READ, 3)
        await people.settle()
        parts.clock.now += timedelta(days=1)
    assert (await people.standing(actor)).level == 2
    people.count(actor.account_id, Deed.FLAGGED)
    await people.settle()
    assert (await people.standing(actor)).level == 1
    until = parts.clock.now + timedelta(days=2)
    await people.silence(actor.account_id, until)
    standing = await people.standing(actor)
    assert (standing.level, standing.silenced_until) == (0, until)
    assert not standing.may_write(parts.clock.now)
    parts.clock.now = until
    standing = await parts.fresh().standing(actor)
    assert (standing.level, standing.silenced_until) == (1, None)
    parts.clock.now += timedelta(days=150)
    assert (await parts.fresh().standing(actor)).level == 2


async def test_who_is_kept_out_is_shown_so(parts: _Parts) -> None:
    """Until it is over."""
    actor = parts.town.account()
    await parts.people.suspend(actor.account_id, parts.clock.now + timedelta(hours=1))
    assert (await parts.people.personas([actor.account_id]))[actor.account_id].suspended
    await parts.people.suspend(actor.account_id, None)
    assert not (await parts.fresh().personas([actor.account_id]))[actor.account_id].suspended


async def test_many_are_shown_at_once(parts: _Parts) -> None:
    """Everybody gets a handle; who does not exist is absent, also among those who are mentioned."""
    accounts = [parts.town.account().account_id for _ in range(120)]
    personas = await parts.people.personas([*accounts, *accounts, new_id()])
    assert set(personas) == set(accounts)
    handles = {persona.handle: key for key, persona in personas.items()}
    assert len({skeleton(handle) for handle in handles}) == 120
    assert await parts.fresh().accounts_of([*map(str.upper, handles), "tidak-ada-1234"]) == handles


async def test_a_handle_that_was_given_up_is_free_again_one_day(parts: _Parts) -> None:
    """And until then it can be taken back by whose it was, once the pause is over."""
    first, second, people = parts.town.account(), parts.town.account(), parts.people
    await people.change(first, handle="kopi-hangat")
    parts.clock.now += timedelta(days=31)
    await people.change(first, handle="teh-hangat")
    parts.clock.now += timedelta(days=31)
    await people.change(first, handle="kopi-hangat")
    assert await parts.fresh().find("kopi-hangat") == first.account_id
    parts.clock.now += timedelta(days=366)
    await people.change(second, handle="teh-hangat")
    assert await parts.fresh().find("teh-hangat") == second.account_id
    assert await parts.fresh().find("kopi-hangat") == first.account_id


async def test_another_way_to_write_the_same_handle(parts: _Parts) -> None:
    """One's own look-alike is one entry, which stays one's own."""
    actor, people = parts.town.account(), parts.people
    await people.change(actor, handle="kopi-hangat")
    parts.clock.now += timedelta(days=31)
    await people.change(actor, handle="kopihangat")
    stored = await parts.database["handles"].find_one({"_id": skeleton("kopihangat")})
    assert stored == {"_id": skeleton("kopihangat"), "handle": "kopihangat", "account_id": actor.account_id}
    assert await parts.fresh().find("kopi-hangat") is None


async def test_what_could_not_be_written_waits(parts: _Parts) -> None:
    """Counting goes on where it was when the store is back."""
    actor, people = parts.town.account(), parts.people
    people.count(actor.account_id, Deed.READ, 2)
    people.seen(actor.account_id)
    await parts.database.command({"collMod": "people", "validator": {"nothing": 1}})
    with pytest.raises(Exception, match="refused"):
        await people.settle()
    await parts.database.command({"collMod": "people", "validator": {}})
    people.count(actor.account_id, Deed.READ, 2)
    await people.settle()
    profile, _ = await parts.fresh().profile(actor)
    assert profile.totals == {Deed.READ: 4, Deed.VISITED: 1}
