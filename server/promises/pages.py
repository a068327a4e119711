"""The promises as a page that anybody may read, complete without JavaScript, with what is needed to check the trail.

All figures come from memory: the page waits for no store, and a source that fails is told of, never raised.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from aiohttp import web

from server.kernel.errors import NotFound
from server.promises.evidence import Evidence
from server.promises.model import CLAUSES, GROUPS, RECORDS, Fact
from server.promises.words import Words
from server.web.pages import ACCOUNT_PATHS
from server.web.site.frame import Site
from server.web.site.visit import Page, Visit

HOME: Final = "/janji"
CHECKPOINT: Final = "/janji/titik-periksa.txt"
VERIFIER: Final = "/janji/verify_audit.py"
SHOWN: Final = frozenset({"promises"})
_PROGRAM: Final = Path(__file__).resolve().parents[2] / "deploy" / "verify_audit.py"
"""The verifier, in a checkout and in an archive of the sources; a bare package has none and offers none."""


class PromisePages:
    """The pages.

    Args:
        site: the frame.
        evidence: what stands beside each promise.
        words: locale -> id of a clause -> what it says.
        checkpoint: gives the newest signed checkpoint of the audit trail, or None before there is one.
        key: the public key that checks it, as one line.
        least: below it figures about people are not told.
    """

    def __init__(
        self,
        site: Site,
        evidence: Evidence,
        words: Mapping[str, Mapping[str, Words]],
        checkpoint: Callable[[], str | None],
        key: str,
        least: int,
    ) -> None:
        self._site = site
        self._evidence = evidence
        self._words = words
        self._checkpoint = checkpoint
        self._key = key
        self._least = least
        self._verifier = _PROGRAM.read_bytes() if _PROGRAM.exists() else b""
        evidence.listen(lambda: site.cache.drop(SHOWN))

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(HOME, self._site.shown(self._home))
        app.router.add_get("/promises", self._led)
        app.router.add_get(CHECKPOINT, self._checkpoint_file)
        app.router.add_get(VERIFIER, self._verifier_file)

    async def _home(self, visit: Visit) -> Page:
        kept = [self._evidence.kept(clause) for clause in CLAUSES]
        context = {
            "groups": [(group.lower(), [one for one in kept if one.clause.group == group]) for group in GROUPS],
            "evidence": {one.clause.id: _by_name(one.facts) for one in kept},
            "said": self._words[visit.locale],
            "least": self._least,
            "key": self._key,
            "signed": self._checkpoint() is not None,
            "records": {name: _record(name, visit.locale) for name in RECORDS},
            "verifier": bool(self._verifier),
            "signed_in": visit.actor is not None,
            "total": len(kept),
        }
        return Page("promises/home.html", context, canonical=HOME, shows=SHOWN)

    async def _led(self, _: web.Request) -> web.Response:
        return self._site.to(HOME, status=301)

    async def _checkpoint_file(self, _: web.Request) -> web.Response:
        note = self._checkpoint()
        if note is None:
            raise NotFound
        return _file(note.encode(), "titik-periksa.txt", "text/plain")

    async def _verifier_file(self, _: web.Request) -> web.Response:
        if not self._verifier:
            raise NotFound
        return _file(self._verifier, "verify_audit.py", "text/x-python")


def _by_name(facts: Sequence[Fact]) -> list[tuple[str, list[Fact]]]:
    """Facts of one name together, in the order in which the names come."""
    return [(name, [fact for fact in facts if fact.name == name]) for name in dict.fromkeys(one.name for one in facts)]


def _record(name: str, locale: str) -> str:
    place = RECORDS[name]
    return place if place.startswith("/") else ACCOUNT_PATHS[locale] + place


def _file(content: bytes, name: str, kind: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"}
    return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)
