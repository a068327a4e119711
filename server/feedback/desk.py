"""Use cases of what staff keep beside items: areas, canned answers, saved views. Knows neither HTTP nor MongoDB."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.admission import Admission
from server.feedback.model import Area, can_handle
from server.feedback.records import Canned, SavedView
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock
from server.kernel.text import Hidden, Numbering, RawText
from server.kernel.wire import MAX_TEXT

MAX_NAME: Final = 60
MOST_VIEWS: Final = 30
MOST_CANNED: Final = 200
MOST_AREAS: Final = 60
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{1,31}")

DEFAULT_AREAS: Final = (
    Area("app", {"id": "Aplikasi & tampilan", "en": "App and looks"}, 0),
    Area("checkout", {"id": "Kasir", "en": "Checkout"}, 1),
    Area("stock", {"id": "Stok", "en": "Stock"}, 2),
    Area("payment", {"id": "Pembayaran", "en": "Payment"}, 3),
    Area("reports", {"id": "Laporan", "en": "Reports"}, 4),
    Area("clinic", {"id": "Klinik & rekam medis", "en": "Clinic and records"}, 5),
    Area("integration", {"id": "Integrasi", "en": "Integrations"}, 6),
    Area("account", {"id": "Akun & hak akses", "en": "Accounts and access"}, 7),
    Area("reliability", {"id": "Kecepatan & gangguan", "en": "Speed and outages"}, 8),
    Area("service", {"id": "Layanan bantuan", "en": "Support"}, 9),
    Area("pricing", {"id": "Harga & langganan", "en": "Prices and plans"}, 10),
    Area("other", {"id": "Lainnya", "en": "Other"}, 11),
)
"""What there is until an administrator says otherwise: the areas that the triage model which ships can tell apart."""


class DeskStore(Protocol):
    """Where it is kept."""

    async def areas(self) -> list[Area]: ...
    async def put_area(self, area: Area) -> None: ...
    async def lay_areas(self, areas: list[Area]) -> None: ...
    async def canned(self) -> list[Canned]: ...
    async def put_canned(self, canned: Canned) -> None: ...
    async def remove_canned(self, canned_id: str) -> bool: ...
    async def views(self, account_id: str) -> list[SavedView]: ...
    async def insert_view(self, view: SavedView) -> None: ...
    async def remove_view(self, account_id: str, view_id: str) -> bool: ...


class Desk:
    """What staff keep."""

    def __init__(self, store: DeskStore, admission: Admission, audit: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._admission = admission
        self._audit = audit
        self._clock = clock

    async def start(self) -> None:
        """Lay out the usual areas where there are none.

        Raises:
            Unavailable: the store does not answer.
        """
        if not await self._store.areas():
            await self._store.lay_areas(list(DEFAULT_AREAS))

    # --- areas -----------------------------------------------------------------------------------------------------

    async def areas(self, *, archived: bool = False) -> list[Area]:
        """Give the product areas, in order."""
        found = [area for area in await self._store.areas() if archived or not area.archived]
        return sorted(found, key=lambda area: (area.position, area.key))

    async def put_area(
        self,
        actor: Actor,
        key: str,
        names: Mapping[str, RawText],
        *,
        position: int | None = None,
        archived: bool | None = None,
    ) -> Area:
        """Make a product area, or change one; what is None stays.

        Raises:
            NotPermitted: the actor is no administrator.
            InvalidInput: the key is malformed, a name is missing, or too many there are.
        """
        if actor.role is not Role.ADMIN:
            raise NotPermitted
        if not _KEY.fullmatch(key):
            raise InvalidInput(fields={"key": "malformed"})
        known = {area.key: area for area in await self._store.areas()}
        if key not in known and len(known) >= MOST_AREAS:
            raise InvalidInput(fields={"key": "too_many"})
        made = known.get(key) or Area(key, {}, len(known))
        name = dict(made.name)
        for locale, raw in names.items():
            name[locale] = await self._plain(actor, raw, f"area/{key}", f"name_{locale}")
        if set(name) != {"id", "en"}:
            raise InvalidInput(fields={f"name_{min({'id', 'en'} - set(name))}": "required"})
        made = replace(
            made,
            name=name,
            position=made.position if position is None else position,
            archived=made.archived if archived is None else archived,
        )
        async with self._audit.promises.around([self._entry("feedback:area:set", actor, key)]):
            await self._store.put_area(made)
        return made

    # --- canned answers --------------------------------------------------------------------------------------------

    async def canned(self, actor: Actor) -> list[Canned]:
        """Give the ready answers, by title.

        Raises:
            NotPermitted: the actor does not handle feedback.
        """
        self._require(actor)
        return sorted(await self._store.canned(), key=lambda canned: (canned.title.value.lower(), canned.id))

    async def put_canned(self, actor: Actor, title: RawText, text: RawText, canned_id: str | None = None) -> Canned:
        """Keep a ready answer, or change one.

        Raises:
            NotPermitted: the actor does not handle feedback.
            NotFound: there is no such answer.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: there are too many.
        """
        self._require(actor)
        known = await self._store.canned()
        if canned_id is not None and canned_id not in {canned.id for canned in known}:
            raise NotFound
        if canned_id is None and len(known) >= MOST_CANNED:
            raise Conflict
        identity = canned_id or new_id()
        numbering = Numbering()
        heading = await self._admission.words(actor, title, scope=identity, field="title")
        body = await self._admission.words(actor, text, scope=identity, field="text", max_length=MAX_TEXT)
        canned = Canned(
            identity, heading.fill(numbering).text, body.fill(numbering).text, actor.account_id, self._clock()
        )
        async with self._audit.promises.around([self._entry("feedback:canned:set", actor, identity)]):
            await self._store.put_canned(canned)
        return canned

    async def remove_canned(self, actor: Actor, canned_id: str) -> None:
        """Remove a ready answer.

        Raises:
            NotPermitted: the actor does not handle feedback.
            NotFound: there is none.
        """
        self._require(actor)
        if not await self._store.remove_canned(canned_id):
            raise NotFound
        await self._audit.append([self._entry("feedback:canned:removed", actor, canned_id)])

    # --- saved views -----------------------------------------------------------------------------------------------

    async def views(self, actor: Actor) -> list[SavedView]:
        """Give the lists that somebody of staff keeps, by name.

        Raises:
            NotPermitted: the actor does not handle feedback.
        """
        self._require(actor)
        return sorted(await self._store.views(actor.account_id), key=lambda view: (view.name.value.lower(), view.id))

    async def keep_view(self, actor: Actor, name: RawText, query: Mapping[str, str]) -> SavedView:
        """Keep a list.

        Raises:
            NotPermitted: the actor does not handle feedback.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: there are too many.
        """
        self._require(actor)
        if len(await self._store.views(actor.account_id)) >= MOST_VIEWS:
            raise Conflict
        identity = new_id()
        words = await self._admission.words(actor, name, scope=identity, field="name", max_length=MAX_NAME)
        view = SavedView(identity, actor.account_id, words.fill(Numbering()).text, self._clock(), dict(query))
        await self._store.insert_view(view)
        return view

    async def drop_view(self, actor: Actor, view_id: str) -> None:
        """Keep a list no longer.

        Raises:
            NotFound: it is none of the actor's.
        """
        self._require(actor)
        if not await self._store.remove_view(actor.account_id, view_id):
            raise NotFound

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _plain(self, actor: Actor, raw: RawText, scope: str, field: str) -> str:
        template = await self._admission.words(actor, raw, scope=scope, field=field, max_length=MAX_NAME)
        if any(isinstance(part, Hidden) for part in template.parts):
            raise InvalidInput(fields={field: "identifier"})
        return " ".join("".join(map(str, template.parts)).split())

    def _entry(self, action: str, actor: Actor, key: str) -> AuditEntry:
        return AuditEntry(action, actor.account_id, (key,), self._clock())

    @staticmethod
    def _require(actor: Actor) -> None:
        if not can_handle(actor):
            raise NotPermitted
