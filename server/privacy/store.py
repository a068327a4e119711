"""The consent ledger, the access log and the break-glass records in MongoDB.

Choices are inserted and never changed; of a look only the count changes; of a break-glass its end and its review.
"""

from collections.abc import Sequence
from datetime import datetime

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from nlp.labels import Label
from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.errors import Conflict
from server.kernel.text import RedactedText, Redaction
from server.privacy.access_log import Look
from server.privacy.glass import BreakGlass, Finding, Review
from server.privacy.model import Choice, Chooser
from server.storage.counters import allot, last
from server.storage.mongo import Database, Document, translate_errors
from server.storage.months import month_of, newest
from server.storage.schema import CollectionSpec, Index, schema_validator

_MARK = "choices_changed"
_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_PURPOSE = {"enum": [purpose.value for purpose in Purpose]}
_ROLE = {"enum": [role.value for role in Role]}

PRIVACY_COLLECTIONS = (
    CollectionSpec(
        name="choices",
        indexes=(
            Index("person_number_unique", (("account_id", 1), ("number", 1)), unique=True),
            Index("purpose", (("purpose", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": {"bsonType": "objectId"},
                "account_id": {"bsonType": "string"},
                "number": {"bsonType": ["int", "long"]},
                "purpose": {"bsonType": "string"},
                "granted": {"bsonType": "bool"},
                "version": {"bsonType": ["int", "long"]},
                "at": {"bsonType": "date"},
                "text": _TEXT,
                "locale": _TEXT,
                "by": {"enum": [chooser.value for chooser in Chooser]},
                "prev": _TEXT,
            },
            # Choices of earlier versions have none of these.
            optional=("text", "locale", "by", "prev"),
        ),
    ),
    CollectionSpec(
        name="guardianships",
        indexes=(Index("token_unique", (("token", 1),), unique=True),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "ward": {"enum": ["minor", "guarded"]},
                "since": _DATE,
                "month": {"bsonType": "binData"},
                "address": {"bsonType": "binData"},
                "token": _TEXT,
                "locale": {"enum": ["id", "en"]},
                "asked": {"bsonType": "bool"},
                "answered_at": _DATE,
            },
            optional=("month", "answered_at"),
        ),
    ),
    CollectionSpec(
        name="looks",
        # The second for retention.
        indexes=(Index("person_month", (("person_id", 1), ("month", 1))), Index("at", (("at", 1),))),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "person_id": _TEXT,
                "month": _NUMBER,
                "actor_id": _TEXT,
                "role": _ROLE,
                "action": _TEXT,
                "object_id": _TEXT,
                "purpose": _PURPOSE,
                "at": _DATE,
                "last_at": _DATE,
                "count": _NUMBER,
            }
        ),
    ),
    CollectionSpec(
        name="break_glass",
        indexes=(
            Index("month", (("month", 1),)),
            Index("review_month", (("reviewed", 1), ("month", 1))),
            Index("state", (("state", 1),)),
            # For retention.
            Index("opened", (("opened_at", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "month": _NUMBER,
                "state": {"enum": ["open", "ended"]},
                "reviewed": {"bsonType": "bool"},
                "conversation_id": _TEXT,
                "person_id": _TEXT,
                "actor_id": _TEXT,
                "role": _ROLE,
                "purpose": _PURPOSE,
                "reason": _TEXT,
                "redactions": {"bsonType": "array"},
                "minutes": _NUMBER,
                "opened_at": _DATE,
                "ends_at": _DATE,
                "ended_at": _DATE,
                "review": {"bsonType": "object"},
            },
            optional=("ended_at", "review"),
        ),
    ),
)


class MongoChoiceStore:
    """Keeps choices: inserts and reads them, and never changes one. `forget` is for a person who goes."""

    def __init__(self, database: Database) -> None:
        self._choices = database["choices"]
        self._guardianships = database["guardianships"]
        self._counters = database["counters"]

    @translate_errors()
    async def choices(self, account_id: str) -> list[Choice]:
        """Read all choices of a person."""
        return [_choice(document) async for document in self._choices.find({"account_id": account_id})]

    @translate_errors()
    async def of_purpose(self, purpose: str) -> list[Choice]:
        """Read all choices about a purpose; in no order."""
        return [_choice(document) async for document in self._choices.find({"purpose": purpose})]

    @translate_errors()
    async def guarded(self, account_id: str) -> datetime | None:
        """Say since when a guardian has to agree too; None for somebody who agrees alone."""
        document = await self._guardianships.find_one({"_id": account_id}, {"since": 1})
        return document["since"] if document else None

    @translate_errors()
    async def all_guarded(self) -> dict[str, datetime]:
        """Read all who can't agree alone, with since when this guardian is named. Few."""
        return {one["_id"]: one["since"] async for one in self._guardianships.find({}, {"since": 1})}

    @translate_errors()
    async def mark(self) -> None:
        """Say to other processes that something is different."""
        await allot(self._counters, _MARK)

    @translate_errors()
    async def marked(self) -> int:
        """Give how often something became different."""
        return await last(self._counters, _MARK)

    @translate_errors()
    async def forget(self, account_id: str) -> int:
        """Delete all choices and the guardianship of a person who goes; give how many. For erasure alone."""
        await self._guardianships.delete_one({"_id": account_id})
        gone = await self._choices.delete_many({"account_id": account_id})
        return gone.deleted_count

    async def insert(self, choice: Choice) -> None:
        """Add a choice.

        Raises:
            Conflict: another choice got this number first.
        """
        try:
            async with translate_errors():
                await self._choices.insert_one(
                    {
                        "account_id": choice.account_id,
                        "number": choice.number,
                        "purpose": choice.purpose,
                        "granted": choice.granted,
                        "version": choice.version,
                        "at": choice.at,
                        "text": choice.text,
                        "locale": choice.locale,
                        "by": choice.by.value,
                        "prev": choice.prev,
                    }
                )
        except DuplicateKeyError:
            raise Conflict from None


class MongoLookStore:
    """Keeps the access log."""

    def __init__(self, database: Database) -> None:
        self._looks = database["looks"]

    @translate_errors()
    async def insert(self, looks: Sequence[Look]) -> None:
        """Insert looks, with one command."""
        await self._looks.insert_many(
            [
                {
                    "_id": look.id,
                    "person_id": look.person_id,
                    "month": month_of(look.id),
                    "actor_id": look.actor_id,
                    "role": look.role.value,
                    "action": look.action,
                    "object_id": look.object_id,
                    "purpose": look.purpose.value,
                    "at": look.at,
                    "last_at": look.last_at,
                    "count": look.count,
                }
                for look in looks
            ]
        )

    @translate_errors()
    async def save_counts(self, looks: Sequence[Look]) -> None:
        """Write how often and when last, with one command."""
        updates = [UpdateOne({"_id": k.id}, {"$set": {"count": k.count, "last_at": k.last_at}}) for k in looks]
        await self._looks.bulk_write(updates, ordered=False)

    @translate_errors()
    async def hand_over(self, person_id: str, to_person_id: str) -> None:
        """Let all looks at a person's things be at another account's."""
        await self._looks.update_many({"person_id": person_id}, {"$set": {"person_id": to_person_id}})

    @translate_errors()
    async def newest(self, person_id: str, before_id: str | None, limit: int) -> list[Look]:
        """Read a person's, newest first."""
        found = await newest(self._looks, {"person_id": person_id}, before_id, limit)
        return [
            Look(
                id=document["_id"],
                person_id=document["person_id"],
                actor_id=document["actor_id"],
                role=Role(document["role"]),
                action=document["action"],
                object_id=document["object_id"],
                purpose=Purpose(document["purpose"]),
                at=document["at"],
                last_at=document["last_at"],
                count=int(document["count"]),
            )
            for document in found
        ]


class MongoGlassStore:
    """Keeps the break-glass records."""

    def __init__(self, database: Database) -> None:
        self._items = database["break_glass"]

    @translate_errors()
    async def insert(self, item: BreakGlass) -> None:
        """Insert one that is open."""
        await self._items.insert_one(
            {
                "_id": item.id,
                "month": month_of(item.id),
                "state": "open",
                "reviewed": False,
                "conversation_id": item.conversation_id,
                "person_id": item.person_id,
                "actor_id": item.actor_id,
                "role": item.role.value,
                "purpose": item.purpose.value,
                "reason": item.reason.value,
                "redactions": _pairs(item.redactions),
                "minutes": item.minutes,
                "opened_at": item.opened_at,
                "ends_at": item.ends_at,
            }
        )

    @translate_errors()
    async def find(self, item_id: str) -> BreakGlass | None:
        """Find by id."""
        document = await self._items.find_one({"_id": item_id})
        return _glass(document) if document else None

    @translate_errors()
    async def detach(self, person_id: str, nobody: str) -> int:
        """Take a person who is erased, and the words about them, out of records; give of how many."""
        bare = {"$set": {"person_id": nobody, "reason": "", "redactions": []}}
        return int((await self._items.update_many({"person_id": person_id}, bare)).matched_count)

    @translate_errors()
    async def open_ones(self) -> list[BreakGlass]:
        """Read those that have not been ended."""
        return [_glass(document) async for document in self._items.find({"state": "open"})]

    @translate_errors()
    async def end(self, item_id: str, at: datetime) -> bool:
        """Write that it ended; say whether it had not before."""
        result = await self._items.update_one(
            {"_id": item_id, "state": "open"}, {"$set": {"state": "ended", "ended_at": at}}
        )
        return result.matched_count == 1

    @translate_errors()
    async def review(self, item_id: str, review: Review) -> bool:
        """Write the review; say whether there was none before."""
        word: Document = {
            "reviewer_id": review.reviewer_id,
            "finding": review.finding.value,
            "note": review.note.value if review.note else None,
            "redactions": _pairs(review.note_redactions),
            "at": review.at,
        }
        result = await self._items.update_one(
            {"_id": item_id, "reviewed": False}, {"$set": {"reviewed": True, "review": word}}
        )
        return result.matched_count == 1

    @translate_errors()
    async def newest(self, before_id: str | None, limit: int, *, unreviewed: bool) -> list[BreakGlass]:
        """Read all, or those that nobody has reviewed, newest first."""
        whose: Document = {"reviewed": False} if unreviewed else {}
        return [_glass(document) for document in await newest(self._items, whose, before_id, limit)]

    @translate_errors()
    async def counts(self, first_month: int) -> tuple[int, int]:
        """Count those opened since a month (`storage.months`), and how many of them were reviewed."""
        found = self._items.find({"month": {"$gte": first_month}}, {"reviewed": 1})
        reviewed = [bool(document["reviewed"]) async for document in found]
        return len(reviewed), sum(reviewed)


def _choice(document: Document) -> Choice:
    return Choice(
        account_id=document["account_id"],
        number=int(document["number"]),
        purpose=document["purpose"],
        granted=bool(document["granted"]),
        version=int(document["version"]),
        at=document["at"],
        text=document.get("text", ""),
        locale=document.get("locale", ""),
        by=Chooser(document.get("by", Chooser.PERSON.value)),
        prev=document.get("prev", ""),
    )


def _pairs(redactions: Sequence[Redaction]) -> list[list[str]]:
    return [[item.placeholder, item.label.value] for item in redactions]


def _redactions(pairs: Sequence[Sequence[str]]) -> tuple[Redaction, ...]:
    return tuple(Redaction(placeholder, Label(label)) for placeholder, label in pairs)


def _glass(document: Document) -> BreakGlass:
    word = document.get("review")
    review = None
    if word is not None:
        note = RedactedText(word["note"]) if word["note"] is not None else None
        review = Review(
            word["reviewer_id"], Finding(word["finding"]), note, _redactions(word["redactions"]), word["at"]
        )
    return BreakGlass(
        id=document["_id"],
        conversation_id=document["conversation_id"],
        person_id=document["person_id"],
        actor_id=document["actor_id"],
        role=Role(document["role"]),
        purpose=Purpose(document["purpose"]),
        reason=RedactedText(document["reason"]),
        redactions=_redactions(document["redactions"]),
        minutes=int(document["minutes"]),
        opened_at=document["opened_at"],
        ends_at=document["ends_at"],
        ended_at=document.get("ended_at"),
        review=review,
    )
