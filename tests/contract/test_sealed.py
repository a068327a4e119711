"""The sealed store on the real store, with the real vault, gate, trail and access log: what it keeps, shows and lets go
of. Who belongs to a circle is said by hand. All values are invented.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nlp.pool import RedactorPool
from server.chat.reach import READ
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.disclosure import Purpose
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from server.kernel.ids import new_id
from server.kernel.ports import Limiter
from server.kernel.private import PrivateValue
from server.kernel.text import RawText
from server.keyring import KeyringError
from server.limits import Unlimited
from server.privacy.access_log import AccessLog
from server.privacy.store import PRIVACY_COLLECTIONS, MongoLookStore
from server.sealed.fields import FieldType
from server.sealed.model import Grant, Record, Reveal, Slot
from server.sealed.reveal_store import MongoRevealStore
from server.sealed.revealing import Revealing
from server.sealed.service import Sealed
from server.sealed.store import SEALED_COLLECTIONS, MongoSealedStore
from server.storage.mongo import Database
from server.storage.schema import apply
from server.vault.service import Vault
from server.vault.store import VAULT_COLLECTIONS
from tests.harness.keys import RING, vault_on
from tests.harness.process import eventually
from tests.harness.telling import HandClock
from tests.harness.trail_house import House

_KEY = bytes(range(32))
_AGENT = Actor("rani", Role.AGENT, "s1", "Rani")
_COLLEAGUE = Actor("sari", Role.AGENT, "s2", "Sari")
_PERSON = "wagiyem"
_VALUES = {"name": "Wagiyem Contohsari", "phone": "+6281390476612"}
_TRACES = (b"Contohsari", b"81390476612")


class _Circles:
    """Who belongs where, said by hand."""

    def __init__(self) -> None:
        self.members: dict[str, set[str]] = {"team": {_AGENT.account_id}}

    async def belongs(self, actor: Actor, circle: str) -> bool:
        return actor.account_id in self.members.get(circle, set())


class _Passes:
    """Who has learnt how to keep data safe, said by hand."""

    def __init__(self) -> None:
        self.unlearnt: set[str] = set()

    async def require(self, actor: Actor) -> None:
        if actor.account_id in self.unlearnt:
            raise NotPermitted(fields={"training": "training_due"})


class _Store(MongoSealedStore):
    """The store; its process may end before a change or before a look is written down."""

    failing = ""

    async def change(self, before: Record, after: Record, values: Mapping[str, PrivateValue]) -> bool:
        self._may_fail("change")
        return await super().change(before, after, values)

    def _may_fail(self, step: str) -> None:
        if self.failing == step:
            raise Unavailable


class _RevealStore(MongoRevealStore):
    """The store of looks; its process may end before one is written down."""

    failing = False

    async def insert(self, reveal: Reveal) -> None:
        if self.failing:
            raise Unavailable
        await super().insert(reveal)


class _Parts:
    """What takes part."""

    def __init__(self, database: Database, vault: Vault, pool: RedactorPool, house: House) -> None:
        self.database, self.vault, self.trail = database, vault, house.parts.trail
        self.clock, self.circles, self.passes = HandClock(), _Circles(), _Passes()
        self.store = _Store(database, vault, RING.index("sealed"))
        self.log = AccessLog(MongoLookStore(database), self.trail, Unlimited(), self.clock)
        self.looks_store, self.intake = _RevealStore(database), Intake(pool, _KEY)
        self.sealed = self.service()

    def service(self, limiter: Limiter | None = None) -> Sealed:
        """The use cases."""
        revealing = Revealing(
            self.looks_store, self.intake, self.log, self.passes, self.trail, limiter or Unlimited(), self.clock
        )
        return Sealed(self.store, self.circles, revealing, self.trail, self.clock)

    def at(self, days: int) -> datetime:
        """So many days from now."""
        return self.clock() + timedelta(days=days)

    async def seal(
        self, values: Mapping[str, str] | None = None, *, days: Mapping[str, int] | None = None, grant: int = 10
    ) -> str:
        """Seal something of the person; give its id."""
        return await self.seal_again(new_id(), values, days=days, grant=grant)

    async def seal_again(
        self,
        record_id: str,
        values: Mapping[str, str] | None = None,
        *,
        days: Mapping[str, int] | None = None,
        grant: int = 10,
    ) -> str:
        """Seal other values in place of what there is."""
        kept = days or {}
        slots = {
            key: Slot(
                FieldType.NAME, frozenset({Purpose.DELIVERY}), self.at(kept.get(key, 30)), findable=key == "phone"
            )
            for key in _VALUES
        }
        grants = [Grant("team", frozenset(_VALUES), frozenset({Purpose.DELIVERY}), self.at(grant))]
        typed = {key: PrivateValue(value) for key, value in (values or _VALUES).items()}
        await self.sealed.seal(record_id, kind="form", person_id=_PERSON, slots=slots, grants=grants, values=typed)
        return record_id

    async def reveal(
        self, record_id: str, keys: Sequence[str] = ("phone",), actor: Actor = _AGENT, reason: str = "Kurir bertanya"
    ) -> Mapping[str, str]:
        """Have fields shown."""
        shown = await self.sealed.show(actor, record_id, keys, Purpose.DELIVERY, RawText(reason), person_id=_PERSON)
        return shown.values

    async def looks(self) -> list[tuple[str, str]]:
        """The person's access log: who and what."""
        person = Actor(_PERSON, Role.CUSTOMER, "s3", "")
        found = await self.log.of_person(person, before_id=None, limit=50)
        return [(look.actor_id, look.object_id) for look in found]

    async def everything(self) -> bytes:
        """All that is stored, in every collection."""
        pieces: list[bytes] = []
        for name in await self.database.list_collection_names():
            pieces += [repr(document).encode() async for document in self.database[name].find({})]
        return b"\n".join(pieces)


@pytest.fixture
async def parts(database: Database, tmp_path: Path, pool: RedactorPool, house: House) -> _Parts:
    """They, on a fresh database, with a person who has a key."""
    await apply(database, (*VAULT_COLLECTIONS, *PRIVACY_COLLECTIONS, *SEALED_COLLECTIONS))
    vault = vault_on(database, tmp_path)
    await vault.make_key(_PERSON)
    return _Parts(database, vault, pool, house)


async def test_what_is_sealed_is_shown_and_nowhere_in_the_clear(parts: _Parts) -> None:
    """With a line in the record's list, the access log and the trail; ids and counts only."""
    record_id = await parts.seal()
    assert await parts.reveal(record_id, ("name", "phone")) == _VALUES
    reveals = await parts.sealed.reveals(record_id)
    assert [(reveal.actor_id, reveal.keys, reveal.reason.value) for reveal in reveals] == [
        ("rani", ("name", "phone"), "Kurir bertanya")
    ]
    assert sorted(await parts.looks()) == [("rani", f"{record_id}.name"), ("rani", f"{record_id}.phone")]
    stored = await parts.everything()
    assert [trace for trace in _TRACES if trace in stored] == []
    assert record_id.encode() in stored
    assert b"sealed:field:revealed" in stored


async def test_only_the_circle_is_shown_anything(parts: _Parts) -> None:
    """A colleague who was not brought in learns nothing; once brought in, they may look; once gone, no more."""
    record_id = await parts.seal()
    with pytest.raises(NotFound):
        await parts.reveal(record_id, actor=_COLLEAGUE)
    with pytest.raises(NotFound):
        await parts.reveal(new_id())
    parts.circles.members["team"].add(_COLLEAGUE.account_id)
    assert (await parts.reveal(record_id, actor=_COLLEAGUE))["phone"] == _VALUES["phone"]
    parts.circles.members["team"].clear()
    with pytest.raises(NotFound):
        await parts.reveal(record_id, actor=_COLLEAGUE)


async def test_whoever_leaves_while_the_reason_is_looked_at_is_shown_nothing(parts: _Parts) -> None:
    """Asked again after the gate, which takes its time."""
    record_id = await parts.seal()

    class Leaving(Unlimited):
        async def spend(self, limit: str, key: str) -> None:
            parts.circles.members["team"].clear()

    slow = parts.service(Leaving())
    with pytest.raises(NotFound):
        await slow.show(_AGENT, record_id, ["phone"], Purpose.DELIVERY, RawText("Kurir bertanya"), person_id=_PERSON)
    assert await parts.looks() == []


async def test_a_grant_ends_and_covers_what_it_says(parts: _Parts) -> None:
    """Not after its end, not another purpose, not another field; the reason must be one."""
    record_id = await parts.seal(grant=10)
    with pytest.raises(NotPermitted):
        await parts.reveal(record_id, ("nik",))
    with pytest.raises(NotPermitted):
        await parts.sealed.show(_AGENT, record_id, ["phone"], Purpose.BILLING, RawText("Tagihan"), person_id=_PERSON)
    with pytest.raises(InvalidInput):
        await parts.reveal(record_id, reason="   ")
    parts.clock.now += timedelta(days=10)
    with pytest.raises(NotPermitted):
        await parts.reveal(record_id)
    assert await parts.looks() == []


async def test_what_is_typed_into_a_reason_passes_the_gate(parts: _Parts) -> None:
    """Somebody else's number does not stay in the list of looks."""
    record_id = await parts.seal()
    await parts.reveal(record_id, reason="ditelepon dari 0813 9047 6619")
    assert [reveal.reason.value for reveal in await parts.sealed.reveals(record_id)] == ["ditelepon dari ⟦PHONE:1⟧"]


async def test_whoever_has_not_learnt_is_shown_nothing(parts: _Parts) -> None:
    """Promise A5: nobody reveals without a current pass; strangers are told of no pass."""
    record_id = await parts.seal()
    parts.passes.unlearnt = {_AGENT.account_id, _COLLEAGUE.account_id}
    with pytest.raises(NotPermitted) as refused:
        await parts.reveal(record_id)
    assert dict(refused.value.fields) == {"training": "training_due"}
    with pytest.raises(NotFound):
        await parts.reveal(record_id, actor=_COLLEAGUE)
    assert await parts.looks() == []


async def test_two_look_at_once(parts: _Parts) -> None:
    """Each is shown it, and each stands in the list and in the log."""
    parts.circles.members["team"].add(_COLLEAGUE.account_id)
    record_id = await parts.seal()
    answers = await asyncio.gather(*(parts.reveal(record_id, actor=actor) for actor in (_AGENT, _COLLEAGUE) * 4))
    assert [answer["phone"] for answer in answers] == [_VALUES["phone"]] * 8
    assert len(await parts.sealed.reveals(record_id)) == 8
    assert {who for who, _ in await parts.looks()} == {"rani", "sari"}


async def test_nothing_is_shown_that_was_not_written_down(parts: _Parts) -> None:
    """The store goes away before the look is recorded: no value."""
    record_id = await parts.seal()
    parts.looks_store.failing = True
    with pytest.raises(Unavailable):
        await parts.reveal(record_id)
    assert await parts.looks() == []
    parts.looks_store.failing = False
    assert (await parts.reveal(record_id))["phone"] == _VALUES["phone"]


async def test_fields_go_when_their_time_is_over(parts: _Parts) -> None:
    """Each at its own time, out of the store; before the job comes round they are shown to nobody either."""
    record_id = await parts.seal(days={"name": 5, "phone": 20})
    assert await parts.sealed.sweep() == 0
    parts.clock.now += timedelta(days=5)
    with pytest.raises(NotFound):
        await parts.reveal(record_id, ("name",))
    assert await parts.sealed.own(record_id) == {"phone": _VALUES["phone"]}
    assert await parts.sealed.sweep() == 1
    stored = await parts.database["sealed_records"].find_one({"_id": record_id})
    assert stored is not None
    assert set(stored["slots"]) == {"phone"}
    parts.clock.now += timedelta(days=15)
    assert await parts.sealed.find(record_id) is None
    assert await parts.sealed.sweep() == 1
    assert await parts.database["sealed_records"].find_one({"_id": record_id}) is None
    assert await parts.sealed.sweep() == 0


async def test_a_job_that_was_killed_half_way_goes_on(parts: _Parts) -> None:
    """What it had not removed the next one removes; what it had, once."""
    several = [await parts.seal(days={"name": 1, "phone": 9}) for _ in range(5)]
    parts.clock.now += timedelta(days=2)
    parts.store.failing = "change"
    with pytest.raises(Unavailable):
        await parts.sealed.sweep()
    parts.store.failing = ""
    again = parts.service()
    counts = await asyncio.gather(again.sweep(), parts.sealed.sweep())
    assert sum(counts) == len(several)
    assert [set(await parts.sealed.own(record_id)) for record_id in several] == [{"phone"}] * 5


async def test_a_correction_keeps_the_rest_and_its_time(parts: _Parts) -> None:
    """Only what is named is another, and nothing stays longer for it."""
    record_id = await parts.seal(days={"phone": 7})
    before = await parts.sealed.find(record_id)
    await parts.seal_again(record_id, {"phone": "+6281390476613"}, days={"phone": 90})
    after = await parts.sealed.find(record_id)
    assert before is not None
    assert after is not None
    assert after.slots == before.slots
    assert await parts.sealed.own(record_id) == {**_VALUES, "phone": "+6281390476613"}
    together = [parts.seal_again(record_id, {"name": f"Nama {letter}"}) for letter in "abc"]
    outcomes = await asyncio.gather(*together, return_exceptions=True)
    assert all(outcome == record_id or isinstance(outcome, Conflict) for outcome in outcomes)
    assert (await parts.sealed.own(record_id))["name"] in {"Nama a", "Nama b", "Nama c"}


async def test_taken_back_is_gone(parts: _Parts) -> None:
    """Safe to repeat."""
    record_id = await parts.seal()
    assert await parts.sealed.erase(_PERSON, record_id) is True
    assert await parts.sealed.erase(_PERSON, record_id) is False
    with pytest.raises(NotFound):
        await parts.reveal(record_id)
    assert await parts.database["sealed_records"].count_documents({}) == 0


async def test_another_account_of_the_same_person_takes_it_over(parts: _Parts) -> None:
    """Under its own key, so that destroying the former one takes nothing from it, and destroying its own takes all."""
    record_id = await parts.seal()
    await parts.vault.make_key("wagiyem-akun")
    await asyncio.gather(*(parts.sealed.hand_over(record_id, "wagiyem-akun") for _ in range(3)))
    await parts.vault.destroy_key(_PERSON)
    assert await parts.sealed.own(record_id) == _VALUES
    assert (await parts.reveal(record_id))["phone"] == _VALUES["phone"]
    await parts.vault.destroy_key("wagiyem-akun")
    assert await parts.sealed.own(record_id) == {}


async def test_what_was_found_before_it_was_handed_over_opens_after(parts: _Parts) -> None:
    """Who found the record a moment earlier is not told that its values are broken."""
    record_id = await parts.seal()
    found = await parts.sealed.find(record_id)
    assert found is not None
    await parts.vault.make_key("wagiyem-akun")
    await parts.sealed.hand_over(record_id, "wagiyem-akun")
    assert await parts.store.open(found, sorted(found.slots)) == _VALUES


async def test_a_destroyed_key_ends_it_all(parts: _Parts) -> None:
    """Crypto-erasure: the record is there and nobody reads it any more."""
    record_id = await parts.seal()
    await parts.vault.destroy_key(_PERSON)
    with pytest.raises(NotFound):
        await parts.reveal(record_id)
    assert await parts.sealed.own(record_id) == {}
    assert await parts.looks() == []
    with pytest.raises(NotFound):
        await parts.seal()


async def test_values_do_not_open_elsewhere(parts: _Parts) -> None:
    """Whoever can write to the store moves nobody's address to where another field is shown."""
    record_id, other = await parts.seal(), await parts.seal()
    stored = await parts.database["sealed_records"].find_one({"_id": other})
    assert stored is not None
    for taken in (stored["slots"]["phone"]["sealed"], stored["slots"]["name"]["sealed"]):
        change = {"$set": {"slots.phone.sealed": taken}}
        await parts.database["sealed_records"].update_one({"_id": record_id}, change)
        with pytest.raises(KeyringError):
            await parts.reveal(record_id)


async def test_a_findable_value_is_found_unopened(parts: _Parts) -> None:
    """By a keyed digest, until it is corrected or its time is over."""
    record_id, phone = await parts.seal(days={"phone": 7}), PrivateValue(_VALUES["phone"])
    assert await parts.sealed.found_by("form", "phone", phone) == [record_id]
    assert await parts.sealed.found_by("form", "name", phone) == []
    await parts.seal_again(record_id, {"name": "Nama Lain"})
    assert await parts.sealed.found_by("form", "phone", phone) == [record_id]
    parts.clock.now += timedelta(days=7)
    assert await parts.sealed.found_by("form", "phone", phone) == []
    await parts.sealed.sweep()
    assert await parts.store.found_by("form", "phone", phone) == []


async def test_the_job_runs_by_itself(parts: _Parts) -> None:
    """From the start on, beginning with what was left over."""
    record_id = await parts.seal(days={"name": 1, "phone": 1})
    parts.clock.now += timedelta(days=40)

    async def gone() -> bool:
        return await parts.store.find(record_id) is None

    parts.sealed.start()
    try:
        await eventually(gone, "what was due is gone")
    finally:
        await parts.sealed.close()


async def test_looks_of_one_moment_are_all_written(parts: _Parts) -> None:
    """As those of a page of what was found: each once, in the person's log and in the trail."""
    talks = [f"talk{number}" for number in range(20)]
    looks = (
        parts.log.record(_AGENT, person_id=_PERSON, action=READ, object_id=talk, purpose=Purpose.SUPPORT)
        for talk in (*talks, *talks)
    )
    await asyncio.gather(*looks)
    assert sorted(await parts.looks()) == sorted((_AGENT.account_id, talk) for talk in talks)
    told = [entry.objects[0] for entry in await parts.trail.recent(60.0) if entry.action == "privacy:access:recorded"]
    assert sorted(told) == sorted(talks)
