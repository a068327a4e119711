"""Sites, links between their people and accounts, and used tokens, in MongoDB. Keys are sealed; of a person at a site a
keyed digest is known, no more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from pymongo.errors import DuplicateKeyError

from server.identify.model import KeyKind, Site, SiteKey
from server.kernel.errors import Conflict
from server.keyring import Sealer
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}

IDENTIFY_COLLECTIONS = (
    CollectionSpec(
        name="embedding_sites",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "label": _TEXT,
                "enabled": {"bsonType": "bool"},
                "keys": {"bsonType": "binData"},
                "made_at": _DATE,
                "made_by": _TEXT,
                "revision": {"bsonType": ["int", "long"]},
            }
        ),
    ),
    CollectionSpec(
        name="site_links",
        indexes=(Index("account", (("account_id", 1),)), Index("site", (("site_id", 1),))),
        validator=schema_validator({"_id": _TEXT, "site_id": _TEXT, "account_id": _TEXT, "created_at": _DATE}),
    ),
    CollectionSpec(
        name="site_tokens",
        indexes=(Index("expiry", (("expires_at", 1),), expire_after_seconds=0),),
        validator=schema_validator({"_id": _TEXT, "expires_at": _DATE}),
    ),
)


class MongoSiteStore:
    """Keeps sites, links and used tokens.

    Args:
        database: where.
        sealer: encrypts the keys of sites, bound to the site. They are the company's, not a person's.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._sites = database["embedding_sites"]
        self._links = database["site_links"]
        self._tokens = database["site_tokens"]
        self._sealer = sealer

    @translate_errors()
    async def insert(self, site: Site) -> None:
        """Write a new site."""
        await self._sites.insert_one(self._document(site))

    @translate_errors()
    async def change(self, site: Site) -> bool:
        """Write a site in place of the revision before it; False where that is not what there is."""
        where = {"_id": site.id, "revision": site.revision - 1}
        return (await self._sites.replace_one(where, self._document(site))).matched_count == 1

    def _document(self, site: Site) -> Document:
        keys = [[key.kid, key.kind.value, key.value, key.made_at.isoformat()] for key in site.keys]
        return {
            "_id": site.id,
            "label": site.label,
            "enabled": site.enabled,
            "keys": self._sealer.seal(orjson.dumps(keys).decode(), _place(site.id)),
            "made_at": site.made_at,
            "made_by": site.made_by,
            "revision": site.revision,
        }

    @translate_errors()
    async def all(self) -> list[Site]:
        """Read all sites, in the order of their making; there are few."""
        return sorted([self._site(document) async for document in self._sites.find({})], key=lambda site: site.id)

    @translate_errors()
    async def find(self, site_id: str) -> Site | None:
        """Read a site."""
        document = await self._sites.find_one({"_id": site_id})
        return self._site(document) if document else None

    @translate_errors()
    async def delete(self, site_id: str) -> None:
        """Delete a site and its links; the accounts are people's, and stay."""
        await self._sites.delete_one({"_id": site_id})
        await self._links.delete_many({"site_id": site_id})

    async def use(self, digest: str, until: datetime) -> bool:
        """Use a token up; False where it was used before."""
        try:
            async with translate_errors():
                await self._tokens.insert_one({"_id": digest, "expires_at": until})
        except DuplicateKeyError:
            return False
        return True

    @translate_errors()
    async def find_link(self, digest: str) -> str | None:
        """Find the account of somebody of a site."""
        document = await self._links.find_one({"_id": digest})
        return str(document["account_id"]) if document else None

    async def insert_link(self, digest: str, site_id: str, account_id: str, at: datetime) -> None:
        """Link somebody of a site to an account.

        Raises:
            Conflict: they are linked already.
        """
        document: Document = {"_id": digest, "site_id": site_id, "account_id": account_id, "created_at": at}
        try:
            async with translate_errors():
                await self._links.insert_one(document)
        except DuplicateKeyError:
            raise Conflict from None

    def _site(self, document: Mapping[str, Any]) -> Site:
        keys = orjson.loads(self._sealer.open(document["keys"], _place(document["_id"])))
        return Site(
            id=document["_id"],
            label=document["label"],
            enabled=document["enabled"],
            keys=tuple(SiteKey(kid, KeyKind(kind), value, datetime.fromisoformat(at)) for kid, kind, value, at in keys),
            made_at=document["made_at"],
            made_by=document["made_by"],
            revision=int(document["revision"]),
        )


def _place(site_id: str) -> str:
    return f"embedding_sites/{site_id}"
