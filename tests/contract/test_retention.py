"""Retention on the real store: what goes, what a hold keeps, what a kill leaves, and one server at a time."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nlp.pool import RedactorPool
from server.announcements.store import ANNOUNCEMENT_COLLECTIONS
from server.chat.retention import OldConversations
from server.chat.retention import retention as chat_retention
from server.chat.store import CHAT_COLLECTIONS, MongoChatStore
from server.composition.opening import Gatekeeper
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.erased import NOBODY
from server.kernel.errors import Conflict, InvalidInput, NotPermitted
from server.kernel.ids import new_id
from server.kernel.retention import Sweeper, Times
from server.kernel.text import RawText
from server.notices.retention import retention as notice_retention
from server.notices.store import NOTICE_COLLECTIONS
from server.privacy.retention import retention as privacy_retention
from server.privacy.store import PRIVACY_COLLECTIONS
from server.retention.holds import LegalHolds, Named
from server.retention.model import HoldKind
from server.retention.runs import RetentionRuns
from server.retention.store import RETENTION_COLLECTIONS, MongoRetentionStore
from server.storage.mongo import Database
from server.storage.schema import apply
from server.storage.stock import MongoStock
from server.surveys.retention import retention as survey_retention
from server.surveys.store import SURVEY_COLLECTIONS, MongoSurveyStore
from tests.harness.database import conversation
from tests.harness.telling import HandClock
from tests.harness.trail_house import House

_OFFICER = Actor("petugas", Role.PRIVACY_OFFICER, "s", "Petugas")
_OTHER = Actor("rekan", Role.PRIVACY_OFFICER, "t", "Rekan")
_REASON = "Perkara di pengadilan negeri"
_SPECS = (
    *RETENTION_COLLECTIONS,
    *NOTICE_COLLECTIONS,
    *PRIVACY_COLLECTIONS,
    *CHAT_COLLECTIONS,
    *SURVEY_COLLECTIONS,
    *ANNOUNCEMENT_COLLECTIONS,
)


def notice(number: int, at: datetime) -> dict[str, Any]:
    return {
        "_id": f"n{number}",
        "account_id": f"a{number % 7}",
        "month": 24_322,
        "kind": "case_due",
        "object_type": "case",
        "object_id": "c1",
        "at": at,
    }


def look(number: int, person_id: str, at: datetime) -> dict[str, Any]:
    return {
        "_id": f"l{number}",
        "person_id": person_id,
        "month": 24_000,
        "actor_id": "g1",
        "role": "agent",
        "action": "conversation:read",
        "object_id": f"c{number}",
        "purpose": "support",
        "at": at,
        "last_at": at,
        "count": 1,
    }


class _Parts:
    """Holds and runs on a store, as the server builds them."""

    def __init__(self, database: Database, house: House, pool: RedactorPool, clock: HandClock) -> None:
        self.store, self.house, self.clock = MongoRetentionStore(database), house, clock
        self._pool = pool
        self.holds = self.another()

    def another(self) -> LegalHolds:
        """Holds as another server has them."""
        gate = Intake(Gatekeeper(self._pool), bytes(32))
        return LegalHolds(self.store, gate, _there, self.house.parts.trail, self.clock)

    def runs(self, *sweepers: Sweeper) -> RetentionRuns:
        """A server's."""
        trail = self.house.parts.trail
        return RetentionRuns(sweepers, self.store, self.holds.held, self.holds.refresh, trail, self.clock)

    async def actions(self) -> list[str]:
        """What stands in the trail."""
        blocks = await self.house.parts.store.blocks(1, self.house.parts.trail.length)
        return [line.split('"')[1] for block in blocks if block is not None for line in block.lines]


async def _there(kind: HoldKind, named: str) -> Named | None:
    if named == "tidak-ada":
        return None
    if kind is HoldKind.PERSON:
        return Named(named, kin=frozenset({"dulu-tamu"} if named == "kini-akun" else ()))
    return Named(named, f"whose-{named}")


@pytest.fixture
async def parts(database: Database, house: House, pool: RedactorPool) -> _Parts:
    await apply(database, _SPECS)
    return _Parts(database, house, pool, HandClock())


async def test_what_outlived_its_rule_goes_and_a_hold_keeps_the_rest(database: Database, parts: _Parts) -> None:
    now = parts.clock()
    old = [look(n, "a1" if n % 2 else "a2", now - timedelta(days=1826 + n)) for n in range(10)]
    await database["looks"].insert_many([*old, look(99, "a1", now - timedelta(days=1824))])
    await database["notices"].insert_many([notice(n, now - timedelta(days=401)) for n in range(1_200)])
    await parts.holds.set(_OFFICER, HoldKind.PERSON, "a1", RawText(_REASON), now + timedelta(days=30))
    theirs = await database["notices"].count_documents({"account_id": "a1"})
    stock = MongoStock(database)
    runs = parts.runs(privacy_retention(stock, Times()), notice_retention(stock, Times()))

    tried = await runs.dry_run("petugas")
    assert {line.rule: (line.overdue, line.held) for line in tried.lines if line.overdue or line.held} == {
        "access:look": (5, 5),
        "notice": (1_200 - theirs, theirs),
    }
    assert 0 < theirs < await database["notices"].count_documents({}) == 1_200

    done = await runs.run("petugas")
    assert (done.gone, done.overdue, done.held, done.proven) == (1_205 - theirs, 0, 5 + theirs, True)
    assert {item["person_id"] async for item in database["looks"].find({})} == {"a1"}
    assert {item["account_id"] async for item in database["notices"].find({})} == {"a1"}
    assert (await runs.last()) == done
    assert [run.dry for run in await runs.latest(5)] == [False, True]

    hold = (await parts.holds.all(_OFFICER))[0]
    heard: list[bool] = []
    parts.holds.on_fewer(lambda: heard.append(parts.holds.stands("a1")))
    await parts.holds.lift(_OTHER, hold.id)
    assert heard == [False], "who waits for the end of a hold hears of it"
    assert (await runs.run("petugas")).gone == 5 + theirs
    assert await database["notices"].count_documents({}) == 0
    assert {item["_id"] async for item in database["looks"].find({})} == {"l99"}
    assert await parts.actions() == [
        "retention:hold:set",
        "retention:run:tried",
        "retention:run:ended",
        "retention:hold:lifted",
        "retention:run:ended",
    ]


async def test_of_two_servers_one_runs(database: Database, parts: _Parts) -> None:
    now = parts.clock()
    await database["notices"].insert_many([notice(n, now - timedelta(days=500)) for n in range(1_000)])
    one, two = (parts.runs(notice_retention(MongoStock(database), Times())) for _ in range(2))
    found = await asyncio.gather(one.run("satu"), two.run("dua"), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in found) == ["Conflict", "RunReport"]
    assert len(await one.latest(9)) == 1
    # The lease was given back, and the night is over for both.
    assert await two.round() is None


async def test_a_run_that_was_killed_is_taken_up_and_finished(
    database: Database, parts: _Parts, mongo_url: str, tmp_path: Path
) -> None:
    # The other process goes by the real time.
    now = datetime.now(UTC)
    await database["notices"].insert_many([notice(n, now - timedelta(days=500)) for n in range(1_500)])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.harness.retaining",
        mongo_url,
        database.name,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
    )

    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"half\n"
    finally:
        process.kill()
        await process.wait()
    assert await database["notices"].count_documents({}) == 500

    runs = parts.runs(notice_retention(MongoStock(database), Times()))
    killed = await parts.store.unfinished()
    assert killed is not None
    assert killed.ended_at is None
    # Its lease still stands: whoever comes too early leaves it alone.
    parts.clock.now = datetime.now(UTC)
    with pytest.raises(Conflict):
        await runs.run("system")
    parts.clock.now += timedelta(minutes=10)
    done = await runs.round()
    assert done is not None
    assert (done.id, done.resumed, done.overdue, done.proven) == (killed.id, 1, 0, True)
    assert await database["notices"].count_documents({}) == 0
    assert await parts.store.unfinished() is None


async def test_of_two_officers_who_hold_or_lift_the_same_one_does(parts: _Parts) -> None:
    until = parts.clock() + timedelta(days=90)

    async def hold(actor: Actor) -> object:
        return await parts.holds.set(actor, HoldKind.CONVERSATION, "c1", RawText(_REASON), until)

    found = await asyncio.gather(hold(_OFFICER), hold(_OTHER), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in found) == ["Conflict", "Hold"]
    assert parts.holds.stands("c1")
    # Whose it is can't be erased meanwhile, and whatever else is theirs goes by its rule.
    assert parts.holds.stands("whose-c1")
    assert parts.holds.held(["c1", "whose-c1"]) == {"c1"}
    held = (await parts.holds.all(_OFFICER))[0]
    lifted = await asyncio.gather(
        parts.holds.lift(_OFFICER, held.id), parts.holds.lift(_OTHER, held.id), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in lifted) == ["Conflict", "Hold"]
    assert not parts.holds.stands("c1")
    assert not parts.holds.stands("whose-c1")
    with pytest.raises(Conflict):
        await parts.holds.prolong(_OFFICER, held.id, until)
    # It can be held again, and the older hold stays as what was.
    await hold(_OTHER)
    assert [one.stands for one in await parts.holds.all(_OFFICER)] == [True, False]


async def test_a_hold_follows_a_visitor_to_the_account_that_they_have_now(parts: _Parts) -> None:
    """On the visitor, it is on the account too; on a conversation of theirs, the account's erasure waits for it."""
    until = parts.clock() + timedelta(days=90)
    await parts.holds.set(_OFFICER, HoldKind.PERSON, "tamu", RawText(_REASON), until)
    await parts.holds.set(_OFFICER, HoldKind.CONVERSATION, "c1", RawText(_REASON), until)
    assert not parts.holds.stands("akun")
    for _ in range(2):
        await parts.holds.hand_over("c2", "tamu", "akun")
        await parts.holds.hand_over("c1", "whose-c1", "akun-lain")
    assert parts.holds.held(["tamu", "akun", "c1", "akun-lain"]) == {"tamu", "akun", "c1"}
    assert parts.holds.stands("akun-lain")
    assert not parts.holds.stands("whose-c1")
    assert [action for action in await parts.actions() if "followed" in action] == ["retention:hold:followed"] * 2
    # Another server, and this one after its next start, know it.
    again = parts.another()
    await again.refresh()
    assert again.held(["akun"]) == {"akun"}
    for hold in await parts.holds.all(_OFFICER):
        await parts.holds.lift(_OFFICER, hold.id)
    assert not parts.holds.stands("akun")
    assert await parts.holds.hand_over("c3", "tamu", "akun") == 0


async def test_a_hold_on_an_account_is_on_the_visitors_that_it_was_and_becomes(parts: _Parts) -> None:
    """What was handed over before the hold was set, and what is handed over afterwards; in every server's memory."""
    until = parts.clock() + timedelta(days=90)
    hold = await parts.holds.set(_OFFICER, HoldKind.PERSON, "kini-akun", RawText(_REASON), until)
    assert parts.holds.held(["kini-akun", "dulu-tamu", "lain"]) == {"kini-akun", "dulu-tamu"}
    for _ in range(2):
        await parts.holds.hand_over("c9", "tamu-lagi", "kini-akun")
    await parts.holds.refresh()
    assert parts.holds.held(["kini-akun", "dulu-tamu", "tamu-lagi"]) == {"kini-akun", "dulu-tamu", "tamu-lagi"}
    [known] = await parts.holds.all(_OFFICER)
    assert (known.id, known.heirs) == (hold.id, ("dulu-tamu", "tamu-lagi"))


async def test_holds_are_for_officers_about_what_there_is_with_a_reason_and_a_review(parts: _Parts) -> None:
    until = parts.clock() + timedelta(days=90)
    for role in set(Role) - {Role.PRIVACY_OFFICER}:
        with pytest.raises(NotPermitted):
            await parts.holds.set(Actor("x", role, "s", "X"), HoldKind.PERSON, "a1", RawText(_REASON), until)
    for named, reason, at in (
        ("tidak-ada", _REASON, until),
        ("a1", "  ", until),
        ("a1", _REASON, parts.clock()),
        ("a1", _REASON, parts.clock() + timedelta(days=4_000)),
    ):
        with pytest.raises(InvalidInput):
            await parts.holds.set(_OFFICER, HoldKind.PERSON, named, RawText(reason), at)
    assert not parts.holds.stands("a1")
    hold = await parts.holds.set(
        _OFFICER, HoldKind.PERSON, "a1", RawText("Perkara Ibu Yohana Tutuarima, 0813 9012 4455"), until
    )
    assert "0813" not in hold.reason.value
    assert {item.label.value for item in hold.redactions} >= {"PHONE"}


async def test_conversations_go_by_their_own_rule(database: Database, parts: _Parts) -> None:
    now = parts.clock()

    def quiet(number: int, days: int, **fields: Any) -> dict[str, Any]:
        at = now - timedelta(days=days)
        return {**conversation(number, created_at=at, last_message_at=at), **fields}

    await database["conversations"].insert_many(
        [
            quiet(1, 1_500, customer_id=NOBODY, status="closed"),
            quiet(2, 1_400, customer_id="a2"),
            quiet(3, 1_000, customer_id="a3"),
            quiet(4, 900, customer_id="a4", status="closed"),
            quiet(5, 800, customer_id="held", status="closed"),
            quiet(6, 800, customer_id="a6", status="closed", last_message_at=now),
            quiet(7, 700, customer_id="a7", status="closed"),
            quiet(8, 200, customer_id="visitor"),
            quiet(9, 170, customer_id="visitor"),
        ]
    )
    await database["counters"].insert_one({"_id": "conversations", "value": 9})
    ended: list[str] = []

    async def visitors(account_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(account_ids) & {"visitor"}

    async def end(conversation_id: str) -> None:
        await database["conversations"].update_one({"_id": conversation_id}, {"$set": {"customer_id": NOBODY}})
        ended.append(conversation_id)

    await parts.holds.set(_OFFICER, HoldKind.PERSON, "held", RawText(_REASON), now + timedelta(days=30))
    runs = parts.runs(chat_retention(OldConversations(MongoChatStore(database), visitors, Times()), end))
    done = await runs.run("system")
    assert ended == ["c8", "c4", "c2"]
    assert (done.gone, done.overdue, done.held, done.proven) == (3, 0, 1, True)
    # What was held goes once it is not; what was skipped as shells stays so.
    await parts.holds.lift(_OFFICER, (await parts.holds.all(_OFFICER))[0].id)
    await runs.run("system")
    assert ended == ["c8", "c4", "c2", "c5"]


async def test_answers_to_a_survey_go_with_its_time(database: Database, parts: _Parts) -> None:
    now = parts.clock()
    for name, days in (("lama", 731), ("baru", 729)):
        await database["surveys"].insert_one(
            {
                "_id": name,
                "title": "Survei",
                "question": "Bagaimana?",
                "scale": "csat",
                "made_by": "g1",
                "made_at": now - timedelta(days=days + 7),
                "ends_at": now - timedelta(days=days),
                "invited": 1,
            }
        )
        await database["survey_invitations"].insert_one({"_id": f"{name}:a1", "survey_id": name, "account_id": "a1"})
        await database["survey_replies"].insert_one(
            {"_id": f"{name}:a1", "survey_id": name, "account_id": "a1", "score": 5, "comment": None}
        )
    runs = parts.runs(survey_retention(MongoSurveyStore(database), Times()))
    assert (await runs.dry_run("petugas")).overdue == 2
    assert (await runs.run("system")).gone == 2
    assert {item["survey_id"] async for item in database["survey_replies"].find({})} == {"baru"}
    assert await database["surveys"].count_documents({}) == 2


async def test_reports_of_runs_are_kept_in_order(parts: _Parts) -> None:
    runs = parts.runs()
    ids = [(await runs.dry_run(new_id())).id for _ in range(3)]
    assert [run.id for run in await runs.latest(2)] == ids[:0:-1]
    assert await runs.last() is None
