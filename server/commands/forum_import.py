"""`amanah forum-import`: the topics of another forum, through the gate. A server may run on the same store."""

import argparse
import hmac
import sys
from base64 import b32hexencode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import sha256
from pathlib import Path

import uvloop

from nlp.pool import RedactorPool
from server.accounts.service import AccountService
from server.composition.identity import Ground, open_identity
from server.composition.keys import key_source
from server.composition.opening import Gatekeeper, audit_of, now, open_database, prepare
from server.config import Settings
from server.forum.dumps import NoDump, read_dump
from server.forum.importing import Importer, Report
from server.forum.post_store import MongoPostStore
from server.forum.store import MongoTopicStore
from server.forum.writing import TopicWriter
from server.intake import Intake
from server.limits import Unlimited
from server.search.frequencies import Frequencies
from server.search.indexing import Indexer
from server.search.store import MongoSearchStore
from server.search.titles import Titles
from server.storage.errors import StorageError
from server.vault.masters import Masters

_BEGINNING = (0x019B_0000_0000).to_bytes(6, "big")
"""The first bytes of made ids: a moment at the end of 2025, before every account that somebody entered."""

_WIDTH = 30


def add_import_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    importing = commands.add_parser("forum-import", help="take in topics from a dump of Discourse or NodeBB")
    importing.add_argument("file", metavar="FILE", type=Path, help="a JSON object, or JSON Lines in a .jsonl")
    importing.add_argument("--source", required=True, help="a name for where it comes from; the same for every run")
    importing.add_argument("--category", metavar="SLUG", help="put everything here instead of in categories as there")
    importing.add_argument("--data-dir", type=Path)
    importing.set_defaults(command=_import)


class Absent:
    """Accounts that nobody can enter, one for each author; which one, only this installation's key tells."""

    def __init__(self, accounts: AccountService, key: bytes, source: str) -> None:
        self._accounts = accounts
        self._key = key
        self._source = source
        self._made: set[str] = set()

    async def account_of(self, source_id: str) -> str:
        """See `forum.importing.Authors`."""
        digest = hmac.digest(self._key, f"{self._source}\0{source_id}".encode(), sha256)
        account_id = b32hexencode(_BEGINNING + digest[:9]).decode().lower()
        if account_id not in self._made:
            await self._accounts.create_absent(account_id)
            self._made.add(account_id)
        return account_id


@asynccontextmanager
async def open_importer(settings: Settings, source: str) -> AsyncIterator[Importer]:
    """Build what imports, and close it."""
    masters = Masters(key_source(settings))
    async with AsyncExitStack() as stack:
        pool = RedactorPool(workers=settings.worker_count, deadline_s=settings.redactor_deadline_ms / 1000)
        stack.push_async_callback(pool.close)
        _, database = await stack.enter_async_context(open_database(settings, attach=True, begin=True))
        keys = await prepare(database, masters, settings)
        await pool.start()
        audit = audit_of(database, keys.ring, settings).trail
        stack.push_async_callback(audit.close)
        gate = Gatekeeper(pool)
        ground = Ground(settings, database, keys.ring, keys.vault, gate, audit, Unlimited(), Unlimited(), now)
        identity = await stack.enter_async_context(open_identity(ground, None))
        topics, posts, found = MongoTopicStore(database), MongoPostStore(database), MongoSearchStore(database)
        yield Importer(
            source,
            Intake(gate, keys.ring.derive("placeholders")),
            topics,
            posts,
            TopicWriter(topics, posts),
            Indexer(found, Frequencies(found), Titles()),
            Absent(identity.accounts, keys.ring.derive("forum-import"), source),
            audit,
            now,
        )


class Bar:
    """How far it is, on standard error: a bar on a terminal, a line for every tenth elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = max(1, total)
        self._tenth = -1

    def show(self, done: int) -> None:
        """Show it."""
        if sys.stderr.isatty():
            filled = _WIDTH * done // self._total
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{self._total} posts")
        elif (tenth := 10 * done // self._total) > self._tenth:
            self._tenth = tenth
            sys.stderr.write(f"{done}/{self._total} posts\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if sys.stderr.isatty():
            sys.stderr.write("\n")


def _import(settings: Settings, options: argparse.Namespace) -> int:
    async def run() -> Report:
        bar = Bar(dump.posts)
        async with open_importer(settings, options.source) as importer:
            try:
                return await importer.run(dump, options.category, bar.show)
            finally:
                bar.end()

    try:
        dump = read_dump(options.file)
    except NoDump as error:
        raise StorageError(str(error)) from None
    report = uvloop.run(run())
    for bad in report.bad:
        print(f"{bad.place}: {bad.reason}", file=sys.stderr)
    print(
        f"imported {report.posts} posts in {report.topics} new topics; {report.before} posts were here before; "
        f"{dump.left_out} records were not public; {len(report.bad)} could not be taken in"
    )
    return 1 if report.bad else 0
