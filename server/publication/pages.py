"""Permissions and testimonials as pages, complete without JavaScript: signing, revoking, asking, looking, showing."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from server.factors.forms import FIELD as PASSKEY
from server.factors.forms import shown_credential
from server.forum.showing import Showing
from server.kernel.access import Access, can_call
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.kernel.ports import Clock
from server.publication.contacts import OwnContacts
from server.publication.model import LIFETIMES, MAX_NAME, SELF_ASKED
from server.publication.permissions import Permissions
from server.publication.testimonials import Testimonials
from server.web.catalogue import LOCALES
from server.web.site.forms import local_path
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

OWN: Final = "/privasi/izin"
OFFICE: Final = "/petugas/izin"
SHOWN: Final = "/kata-mereka"
_ID: Final = "{id:[A-Za-z0-9_.-]{1,64}}"
_NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}


class PermissionPages:
    """The pages.

    Args:
        site: the frame.
        permissions: written permissions.
        testimonials: what is published by them.
        contacts: knows where contacts are shown.
        clock: the time.
    """

    def __init__(
        self, site: Site, permissions: Permissions, testimonials: Testimonials, contacts: OwnContacts, clock: Clock
    ) -> None:
        self._site = site
        self._permissions = permissions
        self._testimonials = testimonials
        self._contacts = contacts
        self._clock = clock
        self._showing = {locale: Showing(naming(site, locale)) for locale in LOCALES}

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(OWN, shown(self._own))
        app.router.add_get(f"{OWN}/{_ID}", shown(self._document, query=("kembali",)))
        app.router.add_post(f"{OWN}/{_ID}", posted(self._act))
        app.router.add_get(OFFICE, shown(self._office))
        app.router.add_post(OFFICE, posted(self._ask))
        app.router.add_get(f"{OFFICE}/{_ID}", shown(self._look))
        app.router.add_post(f"{OFFICE}/{_ID}", posted(self._decide))
        app.router.add_get(SHOWN, shown(self._shown))

    # --- the person ------------------------------------------------------------------------------------------------

    async def _own(self, visit: Visit) -> Page:
        own = await self._permissions.own(visit.require())
        return self._page(visit, "own", {"permissions": own})

    async def _document(self, visit: Visit) -> Page:
        return await self._document_page(visit, None)

    async def _document_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require()
        signed = await self._permissions.document(actor, visit.part["id"])
        places = {one.id: one.name for one in await self._contacts.places(actor)}
        context = {
            "signed": signed,
            "one": signed.permission,
            "longest": MAX_NAME,
            "is_contact": signed.permission.use in SELF_ASKED,
            "place": places.get(signed.permission.object_id),
            "back": _back(visit),
            "refusal": refusal,
        }
        return self._page(visit, "document", context)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form, permission_id = visit.require(), visit.form, visit.part["id"]
        try:
            if form.word("act") == "end":
                await self._permissions.end(actor, permission_id)
            else:
                await self._permissions.sign(
                    actor,
                    visit.caller,
                    permission_id,
                    name=form.secret("name"),
                    password=form.secret("password"),
                    code=form.secret("code").strip(),
                    locale=visit.locale,
                    named=form.is_on("named"),
                    credential=shown_credential(form.secret(PASSKEY)),
                )
        except NotFound:
            raise
        except DomainError as error:
            return await self._document_page(visit, self._site.refusal(visit, error))
        back = _back(visit)
        return self._site.to(f"{OWN}/{permission_id}{'?' + urlencode({'kembali': back}) if back else ''}")

    # --- staff -----------------------------------------------------------------------------------------------------

    async def _office(self, visit: Visit) -> Page:
        return await self._office_page(visit, None)

    async def _office_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.STAFF)
        context = {
            "permissions": await self._permissions.newest(),
            "asks": can_call(Access.DESK, actor.role),
            "lifetimes": LIFETIMES,
            "refusal": refusal,
        }
        return self._page(visit, "office", context)

    async def _ask(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require_access(Access.DESK), visit.form
        try:
            asked = await self._testimonials.ask(actor, form.number("number") or 0, form.number("days") or 0)
        except NotFound:
            error = InvalidInput(fields={"item": "no_impression"})
            return await self._office_page(visit, self._site.refusal(visit, error))
        except DomainError as error:
            return await self._office_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{OFFICE}/{asked.id}")

    async def _look(self, visit: Visit) -> Page:
        return await self._look_page(visit, None)

    async def _look_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.STAFF)
        permission, verdict, published, name = await self._testimonials.look(visit.part["id"])
        context = {
            "one": permission,
            "verdict": verdict,
            "published": published,
            "name": name,
            "second": actor.account_id not in {permission.asked_by, permission.person_id},
            "refusal": refusal,
        }
        return self._page(visit, "look", context)

    async def _decide(self, visit: Visit) -> Page | web.StreamResponse:
        actor, permission_id = visit.require_access(Access.STAFF), visit.part["id"]
        try:
            if visit.form.word("act") == "withdraw":
                await self._testimonials.take_down(actor, permission_id)
            else:
                await self._testimonials.publish(actor, permission_id)
        except NotFound:
            raise
        except DomainError as error:
            return await self._look_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{OFFICE}/{permission_id}")

    # --- everybody -------------------------------------------------------------------------------------------------

    async def _shown(self, visit: Visit) -> Page:
        context = {"shown": await self._testimonials.shown(), "show": self._showing[visit.locale]}
        # Kept by nobody: who revokes a permission is gone with the next look.
        return Page("publication/testimonials.html", context, canonical=SHOWN, headers=_NO_STORE)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _page(self, visit: Visit, name: str, context: Mapping[str, Any]) -> Page:
        refusal = context.get("refusal")
        whole = {"show": self._showing[visit.locale], "now": self._clock(), "own": OWN, "office": OFFICE, **context}
        return Page(f"publication/{name}.html", whole, refusal.status if refusal else 200, headers=_NO_STORE)


def _back(visit: Visit) -> str:
    """Where the person was, who came to sign something; empty where they came for nothing else."""
    return local_path(visit.form.secret("kembali") or visit.request.query.get("kembali", ""), "")


def naming(site: Site, locale: str) -> Callable[[str], str]:
    """Give the names of what is hidden, in a language."""
    return lambda label: site.text(locale, f"hidden.{label}")
