"""Legal holds, rule by rule, on the real store: what is held stays, what is not goes, and no rule is passed over."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from bson import Int64

from server.attachments.service import Attachments
from server.attachments.store import MongoAttachmentStore
from server.attachments.workshop import Workshop
from server.audit.parts import AuditParts
from server.audit.store import MongoAuditStore
from server.composition.opening import COLLECTIONS
from server.composition.retaining import Hands, sweepers_of
from server.config import Settings
from server.feedback.model import Kind
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.erased import NOBODY
from server.kernel.retention import RetentionRule, Sweeper
from server.keyring import Keyring
from server.limits import SlidingLimiter, Unlimited
from server.people.model import Standing
from server.privacy.access_log import AccessLog
from server.privacy.store import MongoLookStore
from server.sealed.reveal_store import MongoRevealStore
from server.sealed.revealing import Revealing
from server.sealed.service import Sealed
from server.sealed.store import MongoSealedStore
from server.storage.mongo import Database
from server.storage.schema import apply
from server.visits.model import hour_of
from server.visits.service import VisitLog
from server.visits.store import MongoVisitStore
from tests.harness.database import sample
from tests.harness.keys import RING, vault_on
from tests.harness.listening import KEY, House, Nothing, Process, house_in, person
from tests.harness.trail_house import KEYS

_LONG: Final = timedelta(days=3_000)
_HELD, _FREE = "ditahan", "bebas"

Arrange = Callable[["_Place", str, int], Awaitable[None]]
"""Puts one thing of somebody into the store that has outlived a rule; the number is another for each."""


def _who(rule: str, fate: str) -> str:
    """Give the id of somebody of whom a rule has something."""
    return f"{rule.replace(':', '-')}-{fate}"


class _Nobody:
    """Knows no circle and no lesson, and gives everybody a newcomer's standing."""

    async def belongs(self, _actor: Actor, _circle: str) -> bool:
        return False

    async def require(self, _actor: Actor) -> None:
        return None

    async def standing(self, _actor: Actor) -> Standing:
        return Standing()


class _Place:
    """Every rule with what carries it out, on one store."""

    def __init__(self, house: House, process: Process, folder: Path) -> None:
        self.database, self.process, self.now = house.database, process, process.now
        self.old = self.now - _LONG
        database, nobody, vault = house.database, _Nobody(), vault_on(house.database, folder)

        def clock() -> Any:
            return self.now

        log = AccessLog(MongoLookStore(database), house.audit, Unlimited(), clock)
        revealing = Revealing(
            MongoRevealStore(database), Intake(Nothing(), KEY), log, nobody, house.audit, Unlimited(), clock
        )
        sealed = MongoSealedStore(database, vault, RING.index("sealed"))
        hands = Hands(
            VisitLog(MongoVisitStore(database, vault), clock, KEY, full_for=timedelta(days=30)),
            Attachments(
                MongoAttachmentStore(database),
                Workshop(),
                nobody,
                Keyring(bytes(32)),
                house.audit,
                SlidingLimiter(),
                clock,
            ),
            _Unsent(),
            Sealed(sealed, nobody, revealing, house.audit, clock),
            AuditParts.build(MongoAuditStore(database), KEYS.__getitem__, folder, days=30).retention,
            self._visitors,
            self._end,
            process.removal,
        )
        self.sweepers = sweepers_of(Settings(), database, hands)

    async def _visitors(self, account_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(account_id for account_id in account_ids if account_id.startswith("conversation-visitor"))

    async def _end(self, conversation_id: str) -> None:
        await self.database["conversations"].update_one({"_id": conversation_id}, {"$set": {"customer_id": NOBODY}})

    @property
    def tasks(self) -> Mapping[str, tuple[Sweeper, RetentionRule]]:
        """Rules that a time ends, by name."""
        found = [(sweeper, rule) for sweeper in self.sweepers for rule in sweeper.rules]
        return {rule.name: (sweeper, rule) for sweeper, rule in found if rule.keep is not None}

    async def put(self, collection: str, which: int, /, **fields: Any) -> None:
        """Put a document as its validator wants it."""
        [spec] = [spec for spec in COLLECTIONS if spec.name == collection]
        assert spec.validator is not None
        document = sample(spec.validator["$jsonSchema"], f"contoh{which}")
        optional = set(document) - set(spec.validator["$jsonSchema"]["required"])
        kept = {name: value for name, value in document.items() if name not in optional}
        await self.database[collection].insert_one({**kept, **fields})

    async def sweep(self, held: Callable[[Any], frozenset[str]]) -> None:
        """Carry every rule out to its end."""
        for sweeper, rule in self.tasks.values():
            while await sweeper.sweep(rule, self.now, held):
                pass

    async def is_there(self, rule: RetentionRule, who: str) -> bool:
        """Whether what was put of somebody is still what it was."""
        for name in rule.collections:
            async for document in self.database[name].find({}):
                if who in str(document) and _WITHOUT.get(rule.name, "_id") in document:
                    return True
        return False


class _Unsent:
    """Files are not told apart by holds: what waits was never sent."""

    async def sweep(self) -> int:
        return 0


def _row(collection: str, **fields: Any) -> Arrange:
    """Arrange one document; `who` stands for whom it is of, `old` for when."""

    async def arrange(place: _Place, who: str, number: int) -> None:
        values = {"who": who, "old": place.old}
        filled = {name: values.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
        await place.put(collection, number, **filled)

    return arrange


def _talk(status: str) -> Arrange:
    async def arrange(place: _Place, who: str, number: int) -> None:
        await place.put(
            "conversations",
            number,
            _id=f"c{number}",
            number=number,
            subject=None,
            customer_id=who,
            status=status,
            created_at=place.old,
            last_message_at=place.old,
        )
        await place.database["counters"].update_one(
            {"_id": "conversations"}, {"$max": {"value": Int64(number)}}, upsert=True
        )

    return arrange


def _item(kind: Kind, state: str, sight: str = "shown") -> Arrange:
    async def arrange(place: _Place, who: str, number: int) -> None:
        item = await place.process.give(person(who), kind=kind)
        fields = {"state": state, "sight": sight, "created_at": place.old, "changed_at": place.old}
        await place.database["feedback_items"].update_one({"_id": item.id}, {"$set": fields})

    return arrange


def _visit(days: int, **more: Any) -> Arrange:
    async def arrange(place: _Place, who: str, number: int) -> None:
        at = place.now - timedelta(days=days)
        await place.put("visits", number, account_id=who, at=at, hour=Int64(hour_of(at)), **more)

    return arrange


async def _answer(place: _Place, who: str, number: int) -> None:
    await place.put("surveys", number, _id=f"s{number}", ends_at=place.old, made_at=place.old)
    await place.put("survey_replies", number, _id=f"s{number}:{who}", survey_id=f"s{number}", account_id=who)


async def _incident(place: _Place, who: str, number: int) -> None:
    await place.put("incidents", number, _id=f"i{number}", number=Int64(number), ended_at=place.old)
    await place.put("incident_told", number, _id=f"i{number}:{who}", incident_id=f"i{number}", account_id=who)


async def _value(place: _Place, who: str, number: int) -> None:
    slot = {"type": "name", "purposes": ["delivery"], "keep_until": place.old, "sealed": b"x" * 16}
    fields = {"kind": "form", "revision": Int64(1), "slots": {"name": slot}, "grants": []}
    await place.put("sealed_records", number, person_id=who, due_at=place.old, **fields)


async def _contact(place: _Place, who: str, number: int) -> None:
    fields = {"use": "forum_contact", "state": "signed", "until": place.old, "contact": b"x" * 16}
    await place.put("permissions", number, person_id=who, **fields)


_WITHOUT: Final = {"visit:full": "address", "publication:contact": "contact"}
"""Rules that take one field out of what stays, and which."""

_ARRANGED: Final[Mapping[str, Arrange]] = {
    "conversation:visitor": _talk("open"),
    "conversation:closed": _talk("closed"),
    "conversation:open": _talk("open"),
    "sealed:value": _value,
    "sealed:reveal": _row("sealed_reveals", person_id="who", at="old"),
    "publication:contact": _contact,
    "review:done": _row("review_items", author_id="who", created_at="old", phase="done"),
    "review:report": _row("review_reports", reporter_id="who", at="old"),
    "image:loose": _row(
        "attachments", owner_id="who", loose_since="old", full_size=[1, 1], small_size=[1, 1], texts=[]
    ),
    "feedback:withdrawn": _item(Kind.SUGGESTION, "received", "withdrawn"),
    "feedback:complaint": _item(Kind.COMPLAINT, "closed"),
    "feedback:private": _item(Kind.CRITICISM, "answered"),
    "feedback:sender": _item(Kind.SUGGESTION, "resolved"),
    "survey:answer": _answer,
    "notice": _row("notices", account_id="who", at="old"),
    "visit:full": _visit(40, address=b"x" * 16),
    "visit:rest": _visit(400),
    "access:look": _row("looks", person_id="who", at="old"),
    "access:glass": _row("break_glass", person_id="who", opened_at="old"),
    "rights:request": _row("rights_requests", person_id="who", ended_at="old"),
    "retention:hold": _row("legal_holds", object_id="who", lifted_at="old"),
    "incident:ended": _incident,
}


@pytest.fixture
async def place(database: Database, tmp_path: Path) -> AsyncIterator[_Place]:
    """All collections, with nothing in them."""
    await apply(database, COLLECTIONS)
    async with house_in(database) as house:
        yield _Place(house, house.process(), tmp_path)


async def test_every_rule_keeps_what_is_held_and_removes_it_when_it_is_not(place: _Place) -> None:
    """A rule that obeys holds and is arranged nowhere here fails this; one that obeys none says why."""
    tasks = place.tasks
    assert {name for name, (_, rule) in tasks.items() if rule.held_by} == set(_ARRANGED)
    for place_in_line, (name, arrange) in enumerate(_ARRANGED.items()):
        for offset, who in enumerate((_HELD, _FREE)):
            await arrange(place, _who(name, who), 2 * place_in_line + offset + 1)

    def spared(ids: Any) -> frozenset[str]:
        return frozenset(one for one in ids if one.endswith(_HELD))

    for name in _ARRANGED:
        sweeper, rule = tasks[name]
        go, held = await sweeper.due(rule, place.now, spared)
        assert (go > 0, held > 0) == (True, True), name
    await place.sweep(spared)
    for name in _ARRANGED:
        sweeper, rule = tasks[name]
        assert await place.is_there(rule, _who(name, _HELD)), name
        assert not await place.is_there(rule, _who(name, _FREE)), name
        go, held = await sweeper.due(rule, place.now, spared)
        assert (go, held > 0) == (0, True), name
    # When it is lifted, what it kept goes, though the rules came past it before.
    await place.sweep(lambda _: frozenset())
    for name in _ARRANGED:
        sweeper, rule = tasks[name]
        assert not await place.is_there(rule, _who(name, _HELD)), name
        assert await sweeper.due(rule, place.now, lambda _: frozenset()) == (0, 0), name


def test_a_rule_says_whose_hold_it_obeys_or_why_it_obeys_none() -> None:
    with pytest.raises(ValueError, match="must obey holds"):
        RetentionRule("baru", ("notices",), "messages", timedelta(days=1), "made")
    with pytest.raises(ValueError, match="must obey holds"):
        RetentionRule("baru", ("notices",), "messages", timedelta(1), "made", held_by=("account_id",), unheld="nobody")
    RetentionRule("baru", ("notices",), "messages", None, "person")
