"""Profiles and handles in MongoDB.

`handles` holds each handle under the form in which look-alikes are the same, so that of two who take it at once one
gets it. One that was given up has a date from which on others may have it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from moderation.trust import Deed
from nlp.labels import Label
from server.kernel.erased import NOBODY
from server.kernel.text import RedactedText, Redaction
from server.keyring import BlindIndex
from server.people.counting import Counted
from server.people.handles import skeleton
from server.people.model import Bio, Profile
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_WHOLE = {"bsonType": ["int", "long"]}
_IDS_AT_ONCE = 50

PEOPLE_COLLECTIONS = (
    CollectionSpec(
        name="people",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "handle": _TEXT,
                "handle_changed_at": _DATE,
                "bio": {"bsonType": "object", "properties": {"text": _TEXT, "redactions": {"bsonType": "array"}}},
                "totals": {"bsonType": "object"},
                "periods": {"bsonType": "object"},
                "level": _WHOLE,
                "level_since": _DATE,
                "visited_on": _WHOLE,
                "silenced_until": _DATE,
                "suspended_until": _DATE,
            },
            optional=("handle_changed_at", "bio", "silenced_until", "suspended_until"),
        ),
    ),
    CollectionSpec(
        name="handles",
        indexes=(
            Index("until", (("until", 1),), partial={"until": {"$exists": True}}, expire_after_seconds=0),
            Index("account", (("account_id", 1),)),
        ),
        validator=schema_validator(
            {"_id": _TEXT, "handle": _TEXT, "account_id": _TEXT, "until": _DATE}, optional=("until",)
        ),
    ),
)


class MongoPeopleStore:
    """Keeps profiles and handles.

    Args:
        database: where.
        index: makes the digests under which handles of those who were erased are nobody's for ever.
    """

    def __init__(self, database: Database, index: BlindIndex) -> None:
        self._people = database["people"]
        self._handles = database["handles"]
        self._index = index

    @translate_errors()
    async def find(self, account_ids: Sequence[str]) -> list[Profile]:
        """Find profiles; those that don't exist are absent."""
        found: list[Profile] = []
        for first in range(0, len(account_ids), _IDS_AT_ONCE):
            ids = list(account_ids[first : first + _IDS_AT_ONCE])
            found += [_profile(document) async for document in self._people.find({"_id": {"$in": ids}})]
        return found

    @translate_errors()
    async def holder(self, handle: str) -> str | None:
        """Give the account that has, or had, a handle that looks like this one."""
        document = await self._handles.find_one({"_id": skeleton(handle)})
        return document["account_id"] if document else None

    async def claim(self, handle: str, account_id: str, now: datetime) -> bool:
        """Take a handle for an account; False when it, or one that looks like it, is somebody else's."""
        form = skeleton(handle)
        async with translate_errors():
            if await self._handles.find_one({"_id": self._index.of(form)}) is not None:
                return False
        document = {"_id": form, "handle": handle, "account_id": account_id}
        try:
            async with translate_errors():
                await self._handles.insert_one(document)
            return True
        except DuplicateKeyError:
            pass
        mine_or_free = {"_id": form, "$or": [{"account_id": account_id}, {"until": {"$lte": now}}]}
        async with translate_errors():
            taken = await self._handles.replace_one(mine_or_free, document)
        return bool(taken.matched_count)

    @translate_errors()
    async def give_up(self, handle: str, account_id: str, until: datetime | None) -> None:
        """Let go of a handle: at once, or so that nobody else may have it before a date."""
        mine = {"_id": skeleton(handle), "account_id": account_id}
        if until is None:
            await self._handles.delete_one(mine)
        else:
            await self._handles.update_one(mine, {"$set": {"until": until}})

    @translate_errors()
    async def handles_of(self, account_id: str) -> list[str]:
        """Give the handles that an account has, and those that it gave up and nobody else has."""
        return [document["handle"] async for document in self._handles.find({"account_id": account_id})]

    async def bury(self, account_id: str) -> int:
        """Put keyed digests in the place of an account's handles, and remove its profile; give how many handles.

        Nobody may ever take one of them, or one that looks like it, and nobody sees what they were.
        """
        async with translate_errors():
            found = await self._handles.find({"account_id": account_id}).to_list(None)
            for document in found:
                digest = self._index.of(document["_id"])
                buried = {"_id": digest, "handle": "", "account_id": NOBODY}
                await self._handles.replace_one({"_id": digest}, buried, upsert=True)
                await self._handles.delete_one({"_id": document["_id"], "account_id": account_id})
            await self._people.delete_one({"_id": account_id})
        return len(found)

    async def insert(self, profile: Profile) -> bool:
        """Insert a profile; False when the account has one."""
        try:
            async with translate_errors():
                await self._people.insert_one(
                    {
                        "_id": profile.account_id,
                        "handle": profile.handle,
                        "totals": {},
                        "periods": {},
                        "level": profile.level,
                        "level_since": profile.level_since,
                        "visited_on": 0,
                    }
                )
            return True
        except DuplicateKeyError:
            return False

    @translate_errors()
    async def set_handle(self, account_id: str, handle: str, at: datetime) -> None:
        """Write a chosen handle."""
        await self._people.update_one({"_id": account_id}, {"$set": {"handle": handle, "handle_changed_at": at}})

    @translate_errors()
    async def set_bio(self, account_id: str, bio: Bio | None) -> None:
        """Write or remove what somebody says of themselves."""
        if bio is None:
            await self._people.update_one({"_id": account_id}, {"$unset": {"bio": ""}})
            return
        redactions = [[item.placeholder, item.label.value] for item in bio.redactions]
        written = {"text": bio.text.value, "redactions": redactions}
        await self._people.update_one({"_id": account_id}, {"$set": {"bio": written}})

    @translate_errors()
    async def set_level(self, account_id: str, level: int, at: datetime) -> None:
        """Write a trust level."""
        await self._people.update_one({"_id": account_id}, {"$set": {"level": level, "level_since": at}})

    @translate_errors()
    async def set_until(self, account_id: str, field: str, until: datetime | None) -> None:
        """Write until when somebody is silenced or kept out (`silenced_until`, `suspended_until`)."""
        change: Document = {"$unset": {field: ""}} if until is None else {"$set": {field: until}}
        await self._people.update_one({"_id": account_id}, change)

    @translate_errors()
    async def add(self, counted: Sequence[Counted], period: int, oldest: int) -> None:
        """Add deeds, many people's in one command; a day counts once, and periods before the oldest are dropped."""
        writes: list[UpdateOne] = []
        for item in counted:
            if item.day:
                one = {f"totals.{Deed.VISITED.value}": 1, f"periods.{period}.{Deed.VISITED.value}": 1}
                stale = {f"periods.{number}": "" for number in range(oldest - 3, oldest)}
                writes.append(
                    UpdateOne(
                        {"_id": item.account_id, "visited_on": {"$lt": item.day}},
                        {"$set": {"visited_on": item.day}, "$inc": one, "$unset": stale},
                    )
                )
            if item.deeds:
                added: dict[str, int] = {}
                for deed, count in item.deeds.items():
                    added[f"totals.{deed.value}"] = count
                    added[f"periods.{period}.{deed.value}"] = count
                writes.append(UpdateOne({"_id": item.account_id}, {"$inc": added}))
        if writes:
            await self._people.bulk_write(writes, ordered=False)


def _deeds(counts: Mapping[str, Any]) -> dict[Deed, int]:
    return {Deed(name): int(count) for name, count in counts.items() if name in set(Deed)}


def _profile(document: Document) -> Profile:
    bio = document.get("bio")
    return Profile(
        account_id=document["_id"],
        handle=document["handle"],
        level_since=document["level_since"],
        handle_changed_at=document.get("handle_changed_at"),
        bio=_bio(bio) if bio else None,
        totals=_deeds(document["totals"]),
        periods={int(number): _deeds(counts) for number, counts in document["periods"].items() if number.isdigit()},
        level=int(document["level"]),
        visited_on=int(document["visited_on"]),
        silenced_until=document.get("silenced_until"),
        suspended_until=document.get("suspended_until"),
    )


def _bio(stored: Document) -> Bio:
    redactions = tuple(Redaction(placeholder, Label(label)) for placeholder, label in stored["redactions"])
    return Bio(RedactedText(stored["text"]), redactions)
