"""The desk on the real store: two processes at once, and what one that was killed left behind."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from server.desk.model import Assigning, Note, Priority
from server.desk.settings import Change
from server.desk.watch import Watch
from server.kernel.actor import Actor, Role
from server.kernel.text import Numbering, template_of
from server.storage.mongo import Database
from tests.harness.desking import START, Office, Process, Time, prepare, running

AGENT = Actor("ani", Role.AGENT, "", "Petugas ani")
ADMIN = Actor("kepala", Role.ADMIN, "", "Kepala")


@pytest.fixture
async def shop(database: Database) -> Database:
    """A database with the desk's collections."""
    await prepare(database)
    return database


async def test_what_two_processes_change_is_all_kept(shop: Database) -> None:
    """Each finds the other's state and applies its own step to it."""
    time, office = Time(), Office(["ani"])
    async with running(shop, time, office) as one:
        talk = await one.begin("halo")
        await one.cases.flush()
        async with running(shop, time, office) as two:
            steps, at = one.steps, time()
            await asyncio.gather(
                one.cases.change(
                    await one.conversation(talk), lambda case: steps.labelled(case, frozenset(case.labels) | {"rusak"})
                ),
                two.cases.change(
                    await two.conversation(talk), lambda case: steps.labelled(case, frozenset(case.labels) | {"lama"})
                ),
                two.cases.change(await two.conversation(talk), lambda case: steps.prioritised(case, Priority.HIGH, at)),
            )
        case = (await one.store.find([talk]))[talk]
        assert (case.labels, case.priority) == (("lama", "rusak"), Priority.HIGH)


async def test_a_note_s_number_is_one_s_own(shop: Database) -> None:
    """Who comes second is told."""
    process = Process(shop, Time(), Office([]))
    text = template_of(("catatan",)).fill(Numbering()).text
    note = Note("talk", 1, 0, "ani", text, (), START)
    taken = await asyncio.gather(*(process.store.add_note(replace(note, author_id=str(who))) for who in range(4)))
    assert sorted(taken) == [False, False, False, True]
    assert len(await process.store.notes("talk", range(1, 3))) == 1


async def test_a_kill_loses_nothing(shop: Database) -> None:
    """Messages and closings that were stored and never heard of are made up for; snoozed cases wake."""
    time, office = Time(), Office(["ani"])
    killed = Process(shop, time, office)
    await killed.cases.start()
    answered, closed, snoozed, quiet = [await killed.begin("halo") for _ in range(4)]
    await killed.cases.flush()
    later = time() + timedelta(days=2)
    await killed.cases.change(
        await killed.conversation(snoozed), lambda case: killed.steps.snoozed(case, later, 1, time())
    )
    await killed.cases.close()
    # From here on nothing is heard: the process is as good as dead.
    unheard = Process(shop, time, office)
    time.pass_by(timedelta(minutes=5))
    await unheard.say(answered, "baik", AGENT, told=False)
    await unheard.say(snoozed, "masih ada orang", told=False)
    await unheard.custody.assign(ADMIN, closed, "ani")
    await unheard.custody.close(AGENT, closed)
    new = await unheard.begin()
    time.pass_by(timedelta(minutes=5))
    async with running(shop, time, office) as again:
        board = again.cases.board
        row = board.get(answered)
        assert row is not None
        assert row.case.first_response_at == START + timedelta(minutes=5)
        assert board.get(closed) is None
        stored = (await again.store.find([closed]))[closed]
        assert (stored.is_open, stored.closed_at) == (False, time())
        row = board.get(snoozed)
        assert row is not None
        assert not row.is_snoozed
        assert {row.case.id for row in board} == {answered, snoozed, quiet, new}
        assert board.closed == 1
        assert {case.id for case in await again.store.open_ones()} == {answered, snoozed, quiet, new}


async def test_counts_are_the_same_after_a_restart(shop: Database) -> None:
    """Whatever happened before."""
    time, office = Time(), Office(["ani", "budi"])
    async with running(shop, time, office) as one:
        talks = [await one.begin("halo") for _ in range(6)]
        for talk in talks[:4]:
            await one.custody.assign(ADMIN, talk, "ani")
        await one.custody.bring_in(AGENT, talks[0], "budi")
        await one.custody.close(AGENT, talks[3])
        await one.say(talks[1], "sudah", AGENT)
        until = time() + timedelta(hours=1)
        await one.cases.change(await one.conversation(talks[2]), lambda case: one.steps.snoozed(case, until, 1, time()))
        people = [AGENT, Actor("budi", Role.AGENT, "", ""), ADMIN]
        before = [one.cases.board.counts(person) for person in people]
    assert before[0] == {
        "all": 4,
        "mine": 2,
        "mine_waiting": 1,
        "queue": 2,
        "participating": 0,
        "colleagues": 0,
        "snoozed": 1,
        "closed": 1,
    }
    assert (before[1]["participating"], before[1]["colleagues"]) == (1, 1)
    async with running(shop, time, office) as again:
        assert [again.cases.board.counts(person) for person in people] == before


@pytest.mark.parametrize("way", [Assigning.ROUND_ROBIN, Assigning.LEAST_LOAD])
async def test_two_processes_hand_out(shop: Database, way: Assigning) -> None:
    """Nobody gets more than they can take, nothing is given twice, and nothing that somebody has is taken."""
    time, office = Time(), Office(["ani", "budi", "citra"])
    async with running(shop, time, office) as one:
        await one.available()
        await one.settings.change(ADMIN, Change(assigning=way))
        for name in office.names:
            await one.office_store.put_desk(name, {"capacity": 2})
        talks = [await one.begin("halo") for _ in range(8)]
        await one.custody.assign(ADMIN, talks[7], "citra")
        async with running(shop, time, office) as two:
            await two.settings.refresh()
            for _ in range(3):
                await asyncio.gather(one.agents.hand_out(), two.agents.hand_out())
                time.pass_by(timedelta(minutes=1))
        held = [(await one.chat.load(talk)) for talk in talks]
        assignees = [snapshot.conversation.assignee_id for snapshot in held if snapshot is not None]
        assert assignees[7] == "citra"
        assert sorted(name for name in assignees if name) == ["ani", "ani", "budi", "budi", "citra", "citra"]
        assert len(office.given_to) == len({talk for _, talk in office.given_to}) == 5


async def test_who_knows_what_is_needed_gets_it(shop: Database) -> None:
    """By the skills that labels ask for; what nobody can take waits."""
    time, office = Time(), Office(["ani", "budi"])
    async with running(shop, time, office) as one:
        await one.available()
        await one.office_store.put_desk("budi", {"skills": ["tagihan"]})
        await one.settings.change(ADMIN, Change(assigning=Assigning.LEAST_LOAD))
        labels = {"labels": {"tagihan": _label("tagihan", "tagihan"), "hukum": _label("hukum", "hukum")}}
        await shop["desk_settings"].update_one({"_id": "desk"}, {"$set": {**labels, "revision": 2}})
        await one.settings.refresh()
        bill, law = await one.begin("tagihan saya"), await one.begin("gugatan saya")
        for talk, label in ((bill, "tagihan"), (law, "hukum")):
            key = frozenset({label})
            await one.cases.change(await one.conversation(talk), lambda case, key=key: one.steps.labelled(case, key))
        assert await one.agents.hand_out() == 1
        assert (await one.conversation(bill)).assignee_id == "budi"
        assert (await one.conversation(law)).assignee_id is None


def _label(key: str, skill: str) -> dict[str, object]:
    return {"name": key, "colour": 0, "skill": skill, "archived": False}


class Bell:
    """Remembers who was told of what."""

    def __init__(self) -> None:
        self.told: list[tuple[tuple[str, ...], bool]] = []

    async def due(self, account_ids: Sequence[str], case_id: str, *, late: bool) -> None:
        """Remember."""
        self.told.append((tuple(account_ids), late))


async def test_a_promise_is_told_of_once(shop: Database) -> None:
    """Near to who has it, missed to them too, later to administrators; by one of two processes, and not when kept."""
    time, office, bell = Time(), Office(["ani", "budi"]), Bell()

    async def everybody() -> Sequence[str]:
        return office.names

    async def admins() -> Sequence[str]:
        return ["kepala"]

    def watch(process: Process) -> Watch:
        return Watch(
            process.cases,
            process.settings,
            process.agents,
            process.office_store,
            bell,
            everybody,
            admins,
            process.audit,
            time,
        )

    async with running(shop, time, office) as one:
        talk, answered = await one.begin("halo"), await one.begin("halo")
        await one.custody.assign(ADMIN, talk, "ani")
        await one.say(answered, "baik", AGENT)
        await one.cases.flush()
        async with running(shop, time, office) as two:
            watches = [watch(one), watch(two)]
            for minutes in (50, 15, 40):
                time.pass_by(timedelta(minutes=minutes))
                for each in watches:
                    await each.round()
                    # The lease of the other is over.
                    time.pass_by(timedelta(seconds=30))
    assert bell.told == [(("ani",), False), (("ani",), True), (("kepala",), True)]
