"""Support's hours and what it learns from answers, on the real store."""

from datetime import UTC, datetime, timedelta

import pytest

from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.hours.model import ANSWERS_KEPT, FEWEST_ANSWERS
from server.hours.service import SupportHours
from server.hours.store import HOURS_COLLECTIONS, MongoHoursStore
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput
from server.kernel.worktime import Hours
from server.storage.mongo import Database
from server.storage.schema import apply

_ADMIN = Actor("admin", Role.ADMIN, "", "Pengelola")
_AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday, noon in Jakarta."""


async def _hours(database: Database) -> SupportHours:
    await apply(database, (*AUDIT_COLLECTIONS, *HOURS_COLLECTIONS))
    audit = AuditTrail(MongoAuditStore(database), bytes(range(32)))
    hours = SupportHours(MongoHoursStore(database), Hours(), audit, lambda: _AT)
    await hours.start()
    return hours


async def test_what_is_learnt_lasts(database: Database) -> None:
    """Each conversation once, the last ones only, also after a restart."""
    hours = await _hours(database)
    for number in range(FEWEST_ANSWERS - 1):
        await hours.answered(f"talk{number}", _AT, _AT + timedelta(minutes=4))
    for _ in range(3):
        await hours.answered("talk0", _AT, _AT + timedelta(minutes=90))
    assert hours.expected_minutes() is None
    await hours.answered("last", _AT, _AT + timedelta(minutes=4))
    assert hours.expected_minutes() == 4
    assert (await _hours(database)).expected_minutes() == 4
    store = MongoHoursStore(database)
    for number in range(ANSWERS_KEPT):
        await store.add_answer(f"later{number}", 600)
    again = await _hours(database)
    assert again.expected_minutes() == 10
    assert len(await store.answers()) == ANSWERS_KEPT


async def test_hours_are_set_and_hold(database: Database) -> None:
    """And the trail tells of it."""
    hours = await _hours(database)
    assert hours.standing().is_open
    closed = {**Hours().document(), "days": {"2026-03-02": []}}
    await hours.change(_ADMIN, closed)
    assert not hours.standing().is_open
    again = await _hours(database)
    assert again.standing().opens_at == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    await again.change(_ADMIN, {**closed, "zone": "Asia/Makassar"})
    assert again.standing().opens_at == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    with pytest.raises(Conflict):
        await hours.change(_ADMIN, closed)
    assert hours.hours.zone == "Asia/Makassar", "who was late has what holds now"


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Asia/Nowhere"},
        {"week": {}},
        {"week": {"mon": ["17:00-08:00"]}},
        {"days": {"kemarin": []}},
        {"country": "QQ"},
    ],
)
async def test_hours_that_can_not_be_used_are_refused(database: Database, wrong: dict[str, object]) -> None:
    hours = await _hours(database)
    with pytest.raises(InvalidInput):
        await hours.change(_ADMIN, {**Hours().document(), **wrong})
    assert hours.hours == Hours()
