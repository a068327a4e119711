"""Surveys, who was asked, and what they answered, in MongoDB."""

from collections.abc import Collection, Sequence

from pymongo.errors import BulkWriteError, DuplicateKeyError

from server.kernel.text import RedactedText
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator
from server.surveys.model import Reply, Scale, Survey

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_AT_ONCE = 500
_NAMED = 50

SURVEY_COLLECTIONS = (
    CollectionSpec(
        name="surveys",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "title": _TEXT,
                "question": _TEXT,
                "scale": {"enum": [scale.value for scale in Scale]},
                "made_by": _TEXT,
                "made_at": _DATE,
                "ends_at": _DATE,
                "invited": _NUMBER,
            }
        ),
    ),
    CollectionSpec(
        name="survey_invitations",
        indexes=(Index("survey", (("survey_id", 1),)), Index("account", (("account_id", 1),))),
        validator=schema_validator({"_id": _TEXT, "survey_id": _TEXT, "account_id": _TEXT}),
    ),
    CollectionSpec(
        name="survey_replies",
        indexes=(Index("survey", (("survey_id", 1),)), Index("account", (("account_id", 1),))),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "survey_id": _TEXT,
                "account_id": _TEXT,
                "score": {"bsonType": ["int", "long", "null"]},
                "comment": {"bsonType": ["string", "null"]},
            }
        ),
    ),
)


class MongoSurveyStore:
    """Keeps them."""

    def __init__(self, database: Database) -> None:
        self._surveys = database["surveys"]
        self._invitations = database["survey_invitations"]
        self._replies = database["survey_replies"]

    @translate_errors()
    async def insert(self, survey: Survey) -> None:
        """Insert a survey."""
        await self._surveys.insert_one(
            {
                "_id": survey.id,
                "title": survey.title.value,
                "question": survey.question.value,
                "scale": survey.scale.value,
                "made_by": survey.made_by,
                "made_at": survey.made_at,
                "ends_at": survey.ends_at,
                "invited": survey.invited,
            }
        )

    @translate_errors()
    async def find(self, survey_id: str) -> Survey | None:
        """Find one."""
        document = await self._surveys.find_one({"_id": survey_id})
        return _survey(document) if document else None

    @translate_errors()
    async def all(self) -> list[Survey]:
        """Read all, the newest first."""
        found = [_survey(document) async for document in self._surveys.find({})]
        return sorted(found, key=lambda survey: survey.made_at, reverse=True)

    @translate_errors()
    async def invite(self, survey_id: str, account_ids: Sequence[str]) -> list[str]:
        """Write down who is asked; give those who were not asked before."""
        fresh: list[str] = []
        for start in range(0, len(account_ids), _AT_ONCE):
            part = list(account_ids[start : start + _AT_ONCE])
            documents = [
                {"_id": f"{survey_id}:{account}", "survey_id": survey_id, "account_id": account} for account in part
            ]
            try:
                await self._invitations.insert_many(documents, ordered=False)
                fresh += part
            except BulkWriteError as error:
                # Some were asked before; the driver says which.
                known = {int(item["index"]) for item in error.details["writeErrors"]}
                fresh += [account for place, account in enumerate(part) if place not in known]
        if fresh:
            await self._surveys.update_one({"_id": survey_id}, {"$inc": {"invited": len(fresh)}})
        return fresh

    @translate_errors()
    async def is_invited(self, survey_id: str, account_id: str) -> bool:
        """Whether somebody was asked."""
        return await self._invitations.find_one({"_id": f"{survey_id}:{account_id}"}) is not None

    @translate_errors()
    async def asked_of(self, account_id: str) -> list[str]:
        """Read which surveys somebody was asked to answer; in no order."""
        return [document["survey_id"] async for document in self._invitations.find({"account_id": account_id})]

    @translate_errors()
    async def hanging(self, survey_id: str) -> dict[str, int]:
        """Count the answers and invitations of a survey, by whose they are."""
        found: dict[str, int] = {}
        for held in (self._invitations, self._replies):
            async for document in held.find({"survey_id": survey_id}, {"account_id": 1}):
                found[document["account_id"]] = found.get(document["account_id"], 0) + 1
        return found

    @translate_errors()
    async def clear(self, survey_id: str, kept: Collection[str] = ()) -> int:
        """Remove the answers and invitations of a survey; give how many there were.

        Args:
            survey_id: which.
            kept: accounts whose own stay.
        """
        gone = 0
        for held in (self._replies, self._invitations):
            found = [one async for one in held.find({"survey_id": survey_id}, {"account_id": 1})]
            ids = [one["_id"] for one in found if one["account_id"] not in kept]
            for first in range(0, len(ids), _NAMED):
                gone += int((await held.delete_many({"_id": {"$in": ids[first : first + _NAMED]}})).deleted_count)
        return gone

    @translate_errors()
    async def forget(self, account_id: str) -> None:
        """Remove what somebody was asked and answered."""
        await self._invitations.delete_many({"account_id": account_id})
        await self._replies.delete_many({"account_id": account_id})

    @translate_errors()
    async def reply(self, reply: Reply) -> bool:
        """Keep an answer; False where the person has answered."""
        try:
            await self._replies.insert_one(
                {
                    "_id": f"{reply.survey_id}:{reply.account_id}",
                    "survey_id": reply.survey_id,
                    "account_id": reply.account_id,
                    "score": reply.score,
                    "comment": reply.comment.value if reply.comment else None,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def has_replied(self, survey_id: str, account_id: str) -> bool:
        """Whether somebody has answered."""
        return await self._replies.find_one({"_id": f"{survey_id}:{account_id}"}, {"_id": 1}) is not None

    @translate_errors()
    async def replies(self, survey_id: str) -> list[Reply]:
        """Read all answers; in no order."""
        return [
            Reply(
                document["survey_id"],
                document["account_id"],
                None if document["score"] is None else int(document["score"]),
                RedactedText(document["comment"]) if document["comment"] is not None else None,
            )
            async for document in self._replies.find({"survey_id": survey_id})
        ]


def _survey(document: Document) -> Survey:
    return Survey(
        id=document["_id"],
        title=RedactedText(document["title"]),
        question=RedactedText(document["question"]),
        scale=Scale(document["scale"]),
        made_by=document["made_by"],
        made_at=document["made_at"],
        ends_at=document["ends_at"],
        invited=int(document["invited"]),
    )
