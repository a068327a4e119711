"""What people have not read, how they want to be told, and which digests are due, in MongoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import UpdateOne

from server.notices.model import DIGESTS, Choice, Desk, Kind, Pace
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_WHOLE = {"bsonType": ["int", "long"]}
_DATE = {"bsonType": "date"}
_IDS_AT_ONCE = 50

DESK_COLLECTIONS = (
    CollectionSpec(
        name="notice_desks",
        indexes=tuple(
            Index(name, ((name, 1),), partial={name: {"$exists": True}})
            for name in (f"{pace.value}_{what}" for pace in DIGESTS for what in ("due", "sending"))
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "unread": _WHOLE,
                "read_up_to": _TEXT,
                "choices": {"bsonType": "object"},
                **{f"{pace.value}_pending": _WHOLE for pace in DIGESTS},
                **{f"{pace.value}_due": _DATE for pace in DIGESTS},
                **{f"{pace.value}_sending": _TEXT for pace in DIGESTS},
            },
            optional=(
                "unread",
                "read_up_to",
                "choices",
                *(f"{pace.value}_{what}" for pace in DIGESTS for what in ("pending", "due", "sending")),
            ),
        ),
    ),
)


class MongoDeskStore:
    """Keeps desks."""

    def __init__(self, database: Database) -> None:
        self._desks = database["notice_desks"]

    @translate_errors()
    async def desks(self, account_ids: Sequence[str]) -> dict[str, Desk]:
        """Give desks by account; who has none gets an empty one."""
        found = {account_id: Desk(account_id) for account_id in account_ids}
        ids = list(found)
        for first in range(0, len(ids), _IDS_AT_ONCE):
            window = self._desks.find({"_id": {"$in": ids[first : first + _IDS_AT_ONCE]}})
            found |= {document["_id"]: _desk(document) async for document in window}
        return found

    @translate_errors()
    async def add(self, unread: Mapping[str, int], waiting: Mapping[str, tuple[Pace, datetime]]) -> None:
        """Count notices that were not read, and those that wait for a digest, of many accounts in one command.

        Args:
            unread: account -> how many more; may be negative.
            waiting: account -> for which digest one more waits, and when that is due if none is due yet.
        """
        writes: list[UpdateOne] = []
        for account_id in dict.fromkeys([*unread, *waiting]):
            added = {"unread": unread.get(account_id, 0)}
            if account_id in waiting:
                pace, due = waiting[account_id]
                added[f"{pace.value}_pending"] = 1
                writes.append(UpdateOne({"_id": account_id}, {"$inc": added}, upsert=True))
                field = f"{pace.value}_due"
                writes.append(UpdateOne({"_id": account_id, field: {"$exists": False}}, {"$set": {field: due}}))
            else:
                writes.append(UpdateOne({"_id": account_id}, {"$inc": added}, upsert=True))
        if writes:
            await self._desks.bulk_write(writes, ordered=True)

    @translate_errors()
    async def read_all(self, account_id: str, up_to: str) -> None:
        """Count all up to a notice as read; no digest waits any more."""
        waiting = {f"{pace.value}_{what}": "" for pace in DIGESTS for what in ("pending", "due")}
        change = {"$set": {"unread": 0, "read_up_to": up_to}, "$unset": waiting}
        await self._desks.update_one({"_id": account_id}, change, upsert=True)

    @translate_errors()
    async def choose(self, account_id: str, choices: Mapping[Kind, Choice]) -> None:
        """Write how somebody wants to be told of some kinds."""
        chosen = {
            f"choices.{kind.value}": [choice.in_app, choice.mail.value, choice.push] for kind, choice in choices.items()
        }
        if chosen:
            await self._desks.update_one({"_id": account_id}, {"$set": chosen}, upsert=True)

    # --- digests ---------------------------------------------------------------------------------------------------

    @translate_errors()
    async def due(self, pace: Pace, now: datetime) -> list[Desk]:
        """Find desks whose digest is due."""
        found = self._desks.find({f"{pace.value}_due": {"$lte": now}})
        return [_desk(document) async for document in found]

    @translate_errors()
    async def unfinished(self, pace: Pace) -> list[Desk]:
        """Find desks whose digest was being put into the mail queue when a process ended."""
        found = self._desks.find({f"{pace.value}_sending": {"$exists": True}})
        return [_desk(document) async for document in found]

    @translate_errors()
    async def claim(self, account_id: str, pace: Pace, due: datetime, letter: str) -> bool:
        """Take on a digest: it is due no more. False when somebody else was quicker, or it was stopped."""
        change: Document = {
            "$unset": {f"{pace.value}_due": "", f"{pace.value}_pending": ""},
        }
        if letter:
            change["$set"] = {f"{pace.value}_sending": letter}
        done = await self._desks.update_one({"_id": account_id, f"{pace.value}_due": due}, change)
        return bool(done.matched_count)

    @translate_errors()
    async def finish(self, account_id: str, pace: Pace) -> None:
        """A digest is in the mail queue."""
        await self._desks.update_one({"_id": account_id}, {"$unset": {f"{pace.value}_sending": ""}})


def _desk(document: Document) -> Desk:
    choices = {
        Kind(kind): Choice(in_app, Pace(mail), push)
        for kind, (in_app, mail, push) in document.get("choices", {}).items()
        if kind in set(Kind)
    }

    def by_pace(what: str) -> dict[Pace, object]:
        return {pace: document[f"{pace.value}_{what}"] for pace in DIGESTS if f"{pace.value}_{what}" in document}

    return Desk(
        account_id=document["_id"],
        unread=max(0, int(document.get("unread", 0))),
        read_up_to=document.get("read_up_to", ""),
        choices=choices,
        pending={pace: int(str(count)) for pace, count in by_pace("pending").items()},
        due={pace: due for pace, due in by_pace("due").items() if isinstance(due, datetime)},
        sending={pace: str(letter) for pace, letter in by_pace("sending").items()},
    )
