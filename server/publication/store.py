"""Permissions, testimonials and help articles in MongoDB. Names come sealed; published versions are never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pymongo.errors import DuplicateKeyError

from server.kernel.publishing import PublicUse
from server.kernel.text import RedactedText
from server.publication.articles import Article, Version
from server.publication.articles import State as ArticleState
from server.publication.model import SELF_ASKED, Method, Permission, State
from server.publication.testimonials import Testimonial
from server.storage.counters import allot
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_NEWEST: Final = 100
_NAMED: Final = 50
_COUNTER: Final = "help_articles"

PUBLICATION_COLLECTIONS = (
    CollectionSpec(
        name="permissions",
        indexes=(
            Index("person", (("person_id", 1),)),
            Index("object", (("object_id", 1),)),
            Index("use", (("use", 1),)),
            # For retention: of few, and of none once its time is over.
            Index("contact_until", (("until", 1),), partial={"contact": {"$exists": True}}),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "person_id": _TEXT,
                "use": {"enum": [use.value for use in PublicUse]},
                "object_id": _TEXT,
                "text": _TEXT,
                "asked_by": _TEXT,
                "asked_at": _DATE,
                "until": _DATE,
                "state": {"enum": [state.value for state in State]},
                "locale": _TEXT,
                "named": {"bsonType": "bool"},
                "method": {"enum": [method.value for method in Method]},
                "signed_at": _DATE,
                "ended_at": _DATE,
                "name": {"bsonType": "binData"},
                "bound": _TEXT,
                "contact": {"bsonType": "binData"},
            },
            optional=("method", "signed_at", "ended_at", "name", "bound", "contact"),
        ),
    ),
    CollectionSpec(
        name="testimonials",
        validator=schema_validator({"_id": _TEXT, "by": _TEXT, "at": _DATE}),
    ),
    CollectionSpec(
        name="help_articles",
        indexes=(Index("number_unique", (("number", 1),), unique=True),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "number": _NUMBER,
                "title": _TEXT,
                "text": _TEXT,
                "state": {"enum": [state.value for state in ArticleState]},
                "version": _NUMBER,
                "source": _TEXT,
                "by": _TEXT,
                "changed_at": _DATE,
                "checked_by": _TEXT,
                "public": {"bsonType": "bool"},
            }
        ),
    ),
    CollectionSpec(
        name="help_versions",
        indexes=(Index("article", (("article_id", 1),)),),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "article_id": _TEXT,
                "number": _NUMBER,
                "version": _NUMBER,
                "title": _TEXT,
                "text": _TEXT,
                "by": _TEXT,
                "checked_by": _TEXT,
                "at": _DATE,
                "source": _TEXT,
            }
        ),
    ),
)


class MongoPermissionStore:
    """Keeps permissions, and which of them were published as testimonials."""

    def __init__(self, database: Database) -> None:
        self._permissions = database["permissions"]
        self._testimonials = database["testimonials"]

    @translate_errors()
    async def insert(self, permission: Permission, contact: bytes | None = None) -> None:
        """Insert one, with the sealed contact that it is for."""
        sealed = {} if contact is None else {"contact": contact}
        await self._permissions.insert_one({**_out(permission), **sealed})

    @translate_errors()
    async def find(self, permission_id: str) -> Permission | None:
        """Find by id."""
        document = await self._permissions.find_one({"_id": permission_id})
        return _permission(document) if document else None

    @translate_errors()
    async def of_person(self, person_id: str) -> list[Permission]:
        """Read a person's, the newest first."""
        found = [_permission(document) async for document in self._permissions.find({"person_id": person_id})]
        return sorted(found, key=lambda one: one.asked_at, reverse=True)

    @translate_errors()
    async def of_object(self, object_id: str) -> list[Permission]:
        """Read all about a thing."""
        return [_permission(document) async for document in self._permissions.find({"object_id": object_id})]

    @translate_errors()
    async def newest(self) -> list[Permission]:
        """Read those that staff asked for last. They ask for few."""
        uses = [use.value for use in PublicUse if use not in SELF_ASKED]
        found = [_permission(document) async for document in self._permissions.find({"use": {"$in": uses}})]
        return sorted(found, key=lambda one: one.asked_at, reverse=True)[:_NEWEST]

    @translate_errors()
    async def name_of(self, permission_id: str) -> bytes | None:
        """Read the sealed name."""
        document = await self._permissions.find_one({"_id": permission_id}, {"name": 1})
        return bytes(document["name"]) if document and "name" in document else None

    @translate_errors()
    async def contact_of(self, permission_id: str) -> bytes | None:
        """Read the sealed contact."""
        document = await self._permissions.find_one({"_id": permission_id}, {"contact": 1})
        return bytes(document["contact"]) if document and "contact" in document else None

    @translate_errors()
    async def contacts_of(self, people: Sequence[str]) -> list[tuple[Permission, bytes]]:
        """Read what some people asked for that has a sealed contact."""
        found: list[tuple[Permission, bytes]] = []
        for start in range(0, len(people), _NAMED):
            async for document in self._permissions.find({"person_id": {"$in": list(people[start : start + _NAMED])}}):
                if "contact" in document:
                    found.append((_permission(document), bytes(document["contact"])))
        return found

    @translate_errors()
    async def outlived_contacts(self, now: datetime) -> list[tuple[str, str]]:
        """Give the ids of permissions whose time is over and which still have their contact, with whose they are."""
        query = {"contact": {"$exists": True}, "until": {"$lt": now}}
        found = self._permissions.find(query, {"person_id": 1})
        return [(document["_id"], document["person_id"]) async for document in found]

    @translate_errors()
    async def drop_contacts(self, permission_ids: Sequence[str]) -> int:
        """Remove the sealed contacts of some permissions; give how many had one. The permissions stay."""
        gone = 0
        for start in range(0, len(permission_ids), _NAMED):
            query = {"_id": {"$in": list(permission_ids[start : start + _NAMED])}, "contact": {"$exists": True}}
            gone += int((await self._permissions.update_many(query, {"$unset": {"contact": ""}})).modified_count)
        return gone

    @translate_errors()
    async def advance(self, before: State, permission: Permission, name: bytes | None) -> bool:
        """Write what became of one; False where it is in another state than before."""
        changed = {key: value for key, value in _out(permission).items() if key != "_id"}
        if name is not None:
            changed["name"] = name
        update: Document = {"$set": changed}
        if permission.ended_at is not None:
            # What nobody may show any more is not kept either.
            update["$unset"] = {"contact": ""}
        where = {"_id": permission.id, "state": before.value}
        return bool((await self._permissions.update_one(where, update)).matched_count)

    @translate_errors()
    async def publish(self, testimonial: Testimonial) -> bool:
        """Write that one was published; False where it was before."""
        try:
            await self._testimonials.insert_one(
                {"_id": testimonial.permission_id, "by": testimonial.by, "at": testimonial.at}
            )
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def published(self) -> list[Testimonial]:
        """Read all that were published. Some dozens."""
        return [Testimonial(one["_id"], one["by"], one["at"]) async for one in self._testimonials.find({})]

    @translate_errors()
    async def take_down(self, permission_id: str) -> bool:
        """Delete; say whether there was one."""
        return bool((await self._testimonials.delete_one({"_id": permission_id})).deleted_count)

    @translate_errors()
    async def forget(self, person_id: str) -> int:
        """Delete all of a person who goes, and what was published by them; give how many."""
        own = [one["_id"] async for one in self._permissions.find({"person_id": person_id}, {"_id": 1})]
        for permission_id in own:
            await self._testimonials.delete_one({"_id": permission_id})
        return int((await self._permissions.delete_many({"person_id": person_id})).deleted_count)


class MongoArticleStore:
    """Keeps help articles."""

    def __init__(self, database: Database) -> None:
        self._articles = database["help_articles"]
        self._versions = database["help_versions"]
        self._counters = database["counters"]

    @translate_errors()
    async def next_article(self) -> int:
        """Allot the number of an article."""
        return await allot(self._counters, _COUNTER)

    @translate_errors()
    async def insert_article(self, article: Article) -> None:
        """Insert one."""
        await self._articles.insert_one(_article_out(article))

    @translate_errors()
    async def replace_article(self, before: Article, article: Article) -> bool:
        """Write one anew; False where somebody was quicker."""
        where = {"_id": before.id, "changed_at": before.changed_at, "state": before.state.value}
        changed = {key: value for key, value in _article_out(article).items() if key != "_id"}
        return bool((await self._articles.update_one(where, {"$set": changed})).matched_count)

    @translate_errors()
    async def find_article(self, number: int) -> Article | None:
        """Find by number."""
        document = await self._articles.find_one({"number": number})
        return _article(document) if document else None

    @translate_errors()
    async def articles(self) -> list[Article]:
        """Read all. Some hundreds."""
        return [_article(document) async for document in self._articles.find({})]

    @translate_errors()
    async def insert_version(self, version: Version) -> None:
        """Insert what is published. A number that a crash left behind is written over, for it was never public."""
        document = _version_out(version)
        await self._versions.replace_one({"_id": document.pop("_id")}, document, upsert=True)

    @translate_errors()
    async def versions(self, article_id: str) -> list[Version]:
        """Read all of an article."""
        return [_version(document) async for document in self._versions.find({"article_id": article_id})]

    @translate_errors()
    async def find_version(self, article_id: str, version: int) -> Version | None:
        """Find one."""
        document = await self._versions.find_one({"_id": f"{article_id}:{version}"})
        return _version(document) if document else None

    @translate_errors()
    async def public_versions(self) -> list[Version]:
        """Read what is public now."""
        public = [f"{one.id}:{one.version}" for one in await self.articles() if one.public]
        found: list[Version] = []
        for start in range(0, len(public), 50):
            wanted: Sequence[str] = public[start : start + 50]
            found += [_version(document) async for document in self._versions.find({"_id": {"$in": wanted}})]
        return found


def _out(permission: Permission) -> Document:
    document: Document = {
        "_id": permission.id,
        "person_id": permission.person_id,
        "use": permission.use.value,
        "object_id": permission.object_id,
        "text": permission.text.value,
        "asked_by": permission.asked_by,
        "asked_at": permission.asked_at,
        "until": permission.until,
        "state": permission.state.value,
        "locale": permission.locale,
        "named": permission.named,
    }
    moments = {"signed_at": permission.signed_at, "ended_at": permission.ended_at}
    document |= {name: at for name, at in moments.items() if at is not None}
    if permission.method is not None:
        document["method"] = permission.method.value
    if permission.bound:
        document["bound"] = permission.bound
    return document


def _permission(document: Document) -> Permission:
    return Permission(
        id=document["_id"],
        person_id=document["person_id"],
        use=PublicUse(document["use"]),
        object_id=document["object_id"],
        text=RedactedText(document["text"]),
        asked_by=document["asked_by"],
        asked_at=document["asked_at"],
        until=document["until"],
        state=State(document["state"]),
        locale=document["locale"],
        named=bool(document["named"]),
        method=Method(document["method"]) if "method" in document else None,
        signed_at=document.get("signed_at"),
        ended_at=document.get("ended_at"),
        bound=document.get("bound", ""),
    )


def _article_out(article: Article) -> Document:
    return {
        "_id": article.id,
        "number": article.number,
        "title": article.title.value,
        "text": article.text.value,
        "state": article.state.value,
        "version": article.version,
        "source": article.source,
        "by": article.by,
        "changed_at": article.changed_at,
        "checked_by": article.checked_by,
        "public": article.public,
    }


def _article(document: Document) -> Article:
    return Article(
        id=document["_id"],
        number=int(document["number"]),
        title=RedactedText(document["title"]),
        text=RedactedText(document["text"]),
        state=ArticleState(document["state"]),
        version=int(document["version"]),
        source=document["source"],
        by=document["by"],
        changed_at=document["changed_at"],
        checked_by=document["checked_by"],
        public=bool(document["public"]),
    )


def _version_out(version: Version) -> Document:
    return {
        "_id": f"{version.article_id}:{version.version}",
        "article_id": version.article_id,
        "number": version.number,
        "version": version.version,
        "title": version.title.value,
        "text": version.text.value,
        "by": version.by,
        "checked_by": version.checked_by,
        "at": version.at,
        "source": version.source,
    }


def _version(document: Document) -> Version:
    return Version(
        article_id=document["article_id"],
        number=int(document["number"]),
        version=int(document["version"]),
        title=RedactedText(document["title"]),
        text=RedactedText(document["text"]),
        by=document["by"],
        checked_by=document["checked_by"],
        at=document["at"],
        source=document["source"],
    )
