"""Use case of taking along: all that is kept of a person, as a ZIP that is made while it is sent.

For each piece of a capability's a JSON file and a page to read, or the file itself; then an index, and a manifest with
the SHA-256 of each and a signature. What is in it is the capabilities' affair: each gives what the person gave and did.
Nothing is written to a disk. Whoever breaks off gets half a ZIP, which does not open.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import orjson

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.disclosure import AccessLog, Purpose
from server.kernel.holdings import Holdings, Piece
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.wire import rfc3339
from server.rights.archive import Archive, safe_path
from server.rights.readable import Words, link, page, shown
from server.rights.signing import ExportSigner

FORMAT: Final = "amanah-export/1"
MEDIA_TYPE: Final = "application/zip"
_JSON: Final = ".json"


class Texts(Protocol):
    """The catalogues."""

    def text(self, locale: str, key: str, **values: str | int) -> str: ...


class Exports:
    """Exports.

    Args:
        holdings: what every capability keeps.
        signer: signs the list of files.
        texts: the catalogues.
        log: the access log; the person finds each export there.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
        company: name of the company that runs this server.
    """

    def __init__(
        self,
        holdings: Sequence[Holdings],
        signer: ExportSigner,
        texts: Texts,
        log: AccessLog,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        company: str,
    ) -> None:
        self._holdings = holdings
        self.signer = signer
        self._texts = texts
        self._log = log
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._company = company

    def name(self) -> str:
        """Give the name of the file: it says nothing of whose it is."""
        return f"amanah-{self._clock():%Y-%m-%d}.zip"

    async def export(self, actor: Actor, locale: str) -> AsyncIterator[bytes]:
        """Give all that is kept of the actor, as the pieces of a ZIP.

        Raises:
            RateLimited: too often, before the first piece.
            Unavailable: the store does not answer; also between pieces.
        """
        await self._limiter.spend("rights_export", actor.account_id)
        export_id, at = new_id(), self._clock()
        await self._log.record(
            actor, person_id=actor.account_id, action="data:exported", object_id=export_id, purpose=Purpose.LEGAL
        )
        await self._audit.append([AuditEntry("rights:export:made", actor.account_id, (export_id,), at)])
        return self._pieces(actor, locale, at)

    async def _pieces(self, actor: Actor, locale: str, at: datetime) -> AsyncIterator[bytes]:
        archive, words = Archive(at), self._words(locale)
        listed: list[tuple[str, str, str]] = []
        for holding in self._holdings:
            async for piece in holding.pieces(actor.account_id):
                path = safe_path(piece.path, archive.paths)
                async for chunk in self._add(archive, path, piece, locale, words):
                    yield chunk
                readable = path.removesuffix(_JSON) + ".html" if _is_data(piece) else path
                listed.append((holding.name, piece.about, readable))
        for chunk in archive.add("index.html", self._index(locale, at, listed, words)):
            yield chunk
        manifest = orjson.dumps(
            {
                "format": FORMAT,
                "company": self._company,
                "account_id": actor.account_id,
                "made_at": rfc3339(at),
                "files": [
                    {"path": entry.path, "bytes": entry.length, "sha256": entry.sha256} for entry in archive.entries
                ],
            },
            option=orjson.OPT_INDENT_2,
        )
        ending = (
            ("manifest.json", manifest),
            ("manifest.sig", self.signer.sign(manifest)),
            ("public-key.pem", self.signer.public_pem.encode()),
        )
        for path, content in ending:
            for chunk in archive.add(path, content):
                yield chunk
        yield archive.close()

    async def _add(self, archive: Archive, path: str, piece: Piece, locale: str, words: Words) -> AsyncIterator[bytes]:
        content = piece.content
        if isinstance(content, Mapping | Sequence):
            for chunk in archive.add(path, orjson.dumps(content, option=orjson.OPT_INDENT_2)):
                yield chunk
            title = words(piece.about) or path
            up = "../" * path.count("/")
            body = f"<p>{link(up + 'index.html', words('export.index'))}</p>\n<h1>{_escaped(title)}</h1>\n"
            readable = page(locale, title, body + shown(content, words))
            for chunk in archive.add(path.removesuffix(_JSON) + ".html", readable):
                yield chunk
            return
        async for chunk in archive.stream(path, content):
            yield chunk

    def _index(self, locale: str, at: datetime, listed: Sequence[tuple[str, str, str]], words: Words) -> bytes:
        title = self._texts.text(locale, "export.title", company=self._company)
        parts = [
            f"<h1>{_escaped(title)}</h1>\n<p>{_escaped(self._texts.text(locale, 'export.lead', at=rfc3339(at)))}</p>\n"
        ]
        for name in dict.fromkeys(holding for holding, _, _ in listed):
            rows = "".join(
                f"<li>{link(path, words(about) or path)}</li>\n" for holding, about, path in listed if holding == name
            )
            parts.append(f"<h2>{_escaped(words(f'holding.{name}') or name)}</h2>\n<ul>\n{rows}</ul>\n")
        if not listed:
            parts.append(f"<p>{_escaped(words('export.nothing'))}</p>\n")
        parts.append(f"<h2>{_escaped(words('export.check'))}</h2>\n<p>{_escaped(words('export.check.how'))}</p>\n")
        parts.append(
            "<p><code>openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json"
            " -sigfile manifest.sig</code></p>\n"
        )
        return page(locale, title, "".join(parts))

    def _words(self, locale: str) -> Words:
        def words(key: str) -> str:
            try:
                return self._texts.text(locale, key)
            except KeyError:
                return ""

        return words


def _is_data(piece: Piece) -> bool:
    content: Any = piece.content
    return isinstance(content, Mapping | Sequence)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
