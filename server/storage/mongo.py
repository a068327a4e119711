"""The Motor client with the options durability needs, and the driver's errors in words of the domain.

Must not know any collection. Nothing that leaves here holds a piece of a document: the driver's exceptions do.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from server.kernel.errors import Unavailable
from server.storage.errors import StoreAway, StoreRefused

Document: TypeAlias = dict[str, Any]
Client: TypeAlias = "AsyncIOMotorClient[Document]"
Database: TypeAlias = "AsyncIOMotorDatabase[Document]"
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"

DUPLICATE_KEY = 11000
# Codes after which the same command may succeed: lock time-out, failed write concern, shutdown and change of primary,
# write conflict, time limits (mongo/src/mongo/base/error_codes.yml; the categories RetriableError and ShutdownError),
# and a full disk (14031). INTERNAL is all that the embedded engine says after a write failed; it is then started anew.
INTERNAL = 1
_PASSING = frozenset(
    {
        INTERNAL,
        6,
        7,
        24,
        50,
        64,
        89,
        91,
        100,
        112,
        134,
        189,
        202,
        246,
        262,
        317,
        358,
        9001,
        10107,
        11600,
        11602,
        13435,
        13436,
        14031,
    }
)
# The words of both engines; what stands after "dup key" is content and stays out of the match.
_INDEX_NAME = re.compile(r"E11000 duplicate key error collection: \S+ index: (\S+) ")


def open_client(url: str, *, embedded: bool, socket_timeout_s: float | None = 15.0) -> Client:
    """Make a client; it connects at first use.

    Args:
        url: MongoDB URL; options in it yield to the ones set here.
        embedded: whether the embedded engine answers there. Retryable writes are off for it: they make each of its
            writes slower than the one before. Every write here is safe to repeat, so nothing depends on them.
        socket_timeout_s: seconds until an unanswered command is given up. None for work that may take long, like
            building an index over much data.

    Returns:
        A client whose writes are acknowledged only when a majority has them in its journal.

    Raises:
        StoreAway: the address can't be read.
    """
    try:
        return AsyncIOMotorClient(
            url,
            appname="amanah",
            retryWrites=not embedded,
            w="majority",
            journal=True,
            serverSelectionTimeoutMS=3_000,
            connectTimeoutMS=3_000,
            waitQueueTimeoutMS=5_000,
            socketTimeoutMS=None if socket_timeout_s is None else int(socket_timeout_s * 1_000),
            maxPoolSize=32,
            tz_aware=True,
            uuidRepresentation="standard",
        )
    except (ConfigurationError, ValueError):
        # `from None`: the driver's words hold the address, with the password.
        raise StoreAway(
            "AMANAH_MONGO_URL can't be read, or names no host that is known; special characters in a password are "
            "percent-encoded"
        ) from None


async def ping(client: Client) -> None:
    """Ask for a sign of life, with the credentials of the client.

    Raises:
        Unavailable: none came.
        StoreRefused: the store does not accept the credentials.
    """
    async with translate_errors():
        await client.admin.command("ping")


async def has_failed(client: Client) -> bool:
    """Whether an engine that runs has failed within: it takes connections, answers pings, and refuses all work.

    So does the embedded one for ever after a write to its disk has failed.
    """
    try:
        await client.admin["system.users"].find_one({}, {"_id": 1})
    except OperationFailure as error:
        return error.code == INTERNAL
    except PyMongoError:
        return False
    return False


async def look(database: Database) -> None:
    """Read something, as people's requests do: a ping is answered also by a store that can't read its files.

    Raises:
        Unavailable: nothing could be read.
        StoreRefused: the store does not accept the credentials.
    """
    async with translate_errors():
        await database["schema_migrations"].find_one({}, {"_id": 1})


@asynccontextmanager
async def translate_errors() -> AsyncIterator[None]:
    """Around the use of a collection; also usable as a decorator of an async function: `@translate_errors()`.

    A violated unique index passes unchanged, as `DuplicateKeyError` or `BulkWriteError`: the caller expects it, and
    must catch it, for it holds the document.

    Raises:
        Unavailable: the store can't be reached or can't work now; repeating may help.
        StoreRefused: anything else that the driver raises.
    """
    try:
        yield
    except PyMongoError as error:
        if _is_duplicate(error):
            raise
        # `from None`: details of the driver's errors hold documents.
        if _is_passing(error):
            raise Unavailable from None
        raise StoreRefused(_code(error)) from None


def duplicate_index_name(error: PyMongoError) -> tuple[int, str] | None:
    """Which document of a write violated which unique index.

    Args:
        error: a `DuplicateKeyError`, or the `BulkWriteError` of an `insert_many` (with `ordered=True` everything before
            the position is stored and nothing from it on).

    Returns:
        Position of the first offending document in the write and the name of the index (`_id_` for the primary key), or
        None when the error is about something else.
    """
    if not _is_duplicate(error):
        return None
    for item in _write_errors(error):
        found = _INDEX_NAME.search(str(item.get("errmsg", "")))
        if item.get("code") == DUPLICATE_KEY and found:
            return int(item.get("index", 0)), found.group(1)
    return None


def _write_errors(error: PyMongoError) -> list[Mapping[str, Any]]:
    if not isinstance(error, OperationFailure) or error.details is None:
        return []
    if isinstance(error, BulkWriteError):
        return list(error.details.get("writeErrors", []))
    return [error.details]


def _is_duplicate(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        codes = {item.get("code") for item in _write_errors(error)}
        return codes == {DUPLICATE_KEY} and not error.details.get("writeConcernErrors")
    return isinstance(error, DuplicateKeyError)


def _is_passing(error: PyMongoError) -> bool:
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WTimeoutError) or error.timeout:
        return True
    if error.has_error_label("RetryableWriteError") or error.has_error_label("TransientTransactionError"):
        return True
    if isinstance(error, BulkWriteError):
        codes = {item.get("code") for item in _write_errors(error)} - {DUPLICATE_KEY}
        return codes <= _PASSING if codes else bool(error.details.get("writeConcernErrors"))
    return isinstance(error, OperationFailure) and error.code in _PASSING


def _code(error: PyMongoError) -> int | None:
    if isinstance(error, BulkWriteError):
        return next((int(item["code"]) for item in _write_errors(error) if "code" in item), None)
    return error.code if isinstance(error, OperationFailure) else None
